"""A way in: days after joining, one dialog after the other; and several dialogs in turn, from the phone."""

from datetime import UTC, datetime, timedelta

import pytest

from bot import clock
from bot.services.members import WELCOME_AT
from tests.bot.asking import prepare
from tests.bot.leader import words
from tests.bot.phone import Phone
from tests.bot.rig import PURPOSE, SIERRA, Rig
from tests.bot.shell import Shell

pytestmark = pytest.mark.usefixtures("at_once")

ASKED = "¿Tienes 2 minutos?"
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
SEVEN = datetime(2026, 11, 25, 1, tzinfo=UTC)  # the 24th, the day on which they join, seven in the evening


@pytest.fixture
def terminal(hilo: Rig, shell: Shell, monkeypatch: pytest.MonkeyPatch) -> Shell:
    """A terminal of the same house, whose clock shows the same time."""
    monkeypatch.setattr(clock, "now", lambda: hilo.now)
    shell.language = "es"
    return shell


def joined(hilo: Rig, nickname: str = "Colibrí") -> Phone:
    """Let a leader come in who has been welcomed before."""
    phone = hilo.join(nickname=nickname)
    with hilo.unit() as unit:
        unit.people.prefer(phone.person, **{WELCOME_AT: None})
    return phone


def pass_until(hilo: Rig, moment: datetime, step: timedelta = timedelta(hours=6)) -> None:
    """Let time pass with the bot awake."""
    while hilo.now < moment:
        hilo.now = min(hilo.now + step, moment)
        hilo.tick()


def asked(hilo: Rig) -> list[tuple[object, ...]]:
    """List on which day which dialog was sent, with how many people it went to."""
    return hilo.rows(
        "SELECT b.occurs_on, v.name, count(*) FROM broadcasts b JOIN dialog_versions v ON v.hash = b.dialog_hash"
        " JOIN deliveries d ON d.broadcast_id = b.id WHERE d.state = 'started' GROUP BY 1, 2 ORDER BY 1, 2"
    )


def test_whoever_joins_is_asked_one_dialog_after_the_other(hilo: Rig) -> None:
    """From the phone in four taps, and one for each dialog more; each at the day of their own joining, once."""
    ana = hilo.facilitator()
    first = joined(hilo)
    prepare(ana)
    ana.press(words(ana, "button.ask_repeat"))
    ana.press(words(ana, "repeat.often.joining"))
    ana.say("hoy")
    assert words(ana, "repeat.way.never") in ana.screen()
    ana.press(words(ana, "repeat.often.joining"))
    ana.press("A los 3 y 10 días")
    ana.press("A las 7 de la tarde")
    assert "a los 3 y 10 días de entrar a las 7 de la tarde" in ana.screen()
    ana.press(words(ana, "button.repeat_then"))
    ana.press("Cambio más importante" if "Cambio más importante" in ana.last.labels else ana.last.labels[1])
    ana.press("Así está bien")
    assert words(ana, "repeats.way.begun") in ana.screen()
    pass_until(hilo, SEVEN + DAY)
    second = joined(hilo, "Ceiba")
    pass_until(hilo, SEVEN + 3 * DAY - HOUR)
    assert first.news == []
    pass_until(hilo, SEVEN + 3 * DAY)
    assert ASKED in first.told
    assert ASKED not in second.told
    hilo.again()
    pass_until(hilo, SEVEN + 12 * DAY)

    found = asked(hilo)
    assert [day for day, _, _ in found] == [f"2026-{day}T19:00" for day in ("11-27", "11-28", "12-04", "12-05")]
    assert [number for _, _, number in found] == [1, 1, 1, 1]
    assert found[0][1] == found[1][1] == "check_in"
    assert found[2][1] == found[3][1] != "check_in"
    ana.say("/repite")
    ana.press(ana.last.labels[0])
    ana.press("Pausar")
    ana.press("Seguir")
    assert words(ana, "repeats.way.resumed") in ana.screen()


def test_a_way_in_is_begun_at_the_terminal(hilo: Rig, terminal: Shell) -> None:
    """Before anybody is in; who joins late in the evening is asked the next day; what cannot be is said."""
    hilo.cohort()
    order = ("broadcast", "check_in", "--to", SIERRA, "--purpose", PURPOSE)
    assert "días y la hora" in terminal.refused(*order, "--after-joining", "3")
    assert terminal.says("repeat.way.too_often") == terminal.refused(*order, "--after-joining", "0", "--at", "19:00")
    told = terminal.good(*order, "--after-joining", "1, 5", "--at", "08:00")
    assert "se le va a preguntar a quien entre a Sierra Norte, a los 1 y 5 días de entrar a las 8 de la mañana" in told
    assert told.index("a quien entre") < told.index("Leerlo te va a tomar") < told.index("hilo schedule pause")
    hilo.now = SEVEN + 4 * HOUR
    late = joined(hilo)
    pass_until(hilo, SEVEN + 13 * HOUR, HOUR)

    assert ASKED in late.told
    assert "a los 1 y 5 días" in terminal.good("schedule", "list")


def test_several_dialogs_take_turns_from_the_phone(hilo: Rig) -> None:
    """One week the one, the next week the other."""
    ana = hilo.facilitator()
    leader = joined(hilo)
    prepare(ana)
    ana.press(words(ana, "button.ask_repeat"))
    ana.say("cada jueves a las 7 de la tarde")
    ana.press(words(ana, "button.repeat_then"))
    ana.press(ana.last.labels[1])
    assert "8 veces" in ana.screen()
    ana.press("Así está bien")
    pass_until(hilo, SEVEN + 10 * DAY)

    names = [name for _, name, _ in asked(hilo)]
    assert len(names) == 2
    assert names[0] == "check_in" != names[1]
    del leader


def test_a_way_in_is_moved_left_out_and_put_back(hilo: Rig) -> None:
    """From its sheet: when it comes next; that one is left out; other days; nobody has one twice."""
    ana = hilo.facilitator()
    first = joined(hilo)
    prepare(ana)
    ana.press(words(ana, "button.ask_repeat"))
    ana.press(words(ana, "repeat.often.joining"))
    ana.press("A los 3 y 10 días")
    ana.press("A las 7 de la tarde")
    ana.press("Así está bien")
    pass_until(hilo, SEVEN + 3 * DAY - HOUR)
    sheet = f"¿Cómo vas? · {SIERRA}"
    ana.say("/repite")
    ana.press(sheet)
    assert "La que sigue: viernes 27 de noviembre" in ana.screen()
    ana.press("Saltar la que sigue")
    assert words(ana, "repeats.way.skipped") in ana.screen()
    assert "La que sigue: viernes 4 de diciembre" in ana.screen()
    ana.press("Siempre sí: no saltarla")
    assert words(ana, "repeats.way.unskipped") in ana.screen()
    ana.press("Saltar la que sigue")
    pass_until(hilo, SEVEN + 4 * DAY)
    assert first.news == []
    ana.say("/repite")
    ana.press(sheet)
    ana.press("Cambiar día u hora")
    ana.say("cada jueves a las 7 de la tarde")
    assert words(ana, "repeat.way.stays") in ana.screen()
    ana.say("3 y 6")
    ana.press("A las 10 de la mañana")
    assert words(ana, "repeats.way.moved") in ana.screen()
    assert "La que sigue: lunes 30 de noviembre" in ana.screen()
    pass_until(hilo, SEVEN + 12 * DAY)

    assert [day for day, _, _ in asked(hilo)] == ["2026-11-30T10:00"]
    assert [len(hilo.audited(f"schedule.{each}")) for each in ("skipped", "unskipped", "changed")] == [2, 1, 1]
