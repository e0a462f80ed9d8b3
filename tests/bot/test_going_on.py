"""Whether what comes back goes on: nothing given back, eight weeks, its end; a longer window, a skip taken back."""

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
THURSDAY = datetime(2026, 11, 27, 1, tzinfo=UTC)  # the 26th, seven in the evening in Mexico City
WEEK, HOUR = timedelta(days=7), timedelta(hours=1)


@pytest.fixture
def leader(hilo: Rig) -> Phone:
    """A leader who was welcomed before."""
    return joined(hilo, "Colibrí")


@pytest.fixture
def terminal(hilo: Rig, shell: Shell, monkeypatch: pytest.MonkeyPatch) -> Shell:
    """A terminal of the same house, whose clock shows the same time."""
    monkeypatch.setattr(clock, "now", lambda: hilo.now)
    shell.language = "es"
    return shell


def joined(hilo: Rig, nickname: str, seen_by: str = "mine") -> Phone:
    """Let a leader come in who has been welcomed before."""
    phone = hilo.join(nickname=nickname, seen_by=seen_by)
    with hilo.unit() as unit:
        unit.people.prefer(phone.person, **{WELCOME_AT: None})
    return phone


@pytest.fixture
def ana(hilo: Rig, leader: Phone) -> Phone:
    """A facilitator who let something come back every Thursday at seven."""
    del leader
    phone = hilo.facilitator()
    begin(phone)
    return phone


def begin(ana: Phone, times: str = "") -> None:
    """Prepare something to ask, and let it come back."""
    prepare(ana)
    ana.press(words(ana, "button.ask_repeat"))
    ana.say("cada jueves a las 7 de la tarde")
    if times:
        ana.press(words(ana, "button.repeat_times"))
        ana.press(times)
    ana.press(words(ana, "button.repeat_begin"))
    ana.look()


def pass_until(hilo: Rig, moment: datetime, step: timedelta = timedelta(hours=6)) -> None:
    """Let time pass with the bot awake."""
    while hilo.now < moment:
        hilo.now = min(hilo.now + step, moment)
        hilo.tick()


def answer(phone: Phone) -> None:
    """Answer the whole check-in."""
    phone.press("Sí, ahora")
    phone.say("2")
    phone.press("Saltar")
    phone.press("1 · Nada por ahora")


def three_times(hilo: Rig, leader: Phone) -> None:
    """Let it come three times, and be answered; then a week passes."""
    for week in range(3):
        pass_until(hilo, THURSDAY + week * WEEK)
        assert ASKED in leader.told, week
        answer(leader)
        leader.look()
    pass_until(hilo, THURSDAY + 3 * WEEK + HOUR)


def state(hilo: Rig) -> tuple[str, str | None]:
    """Return how the one schedule stands."""
    return hilo.rows("SELECT state, reason FROM schedules")[0]  # type: ignore[return-value]  # two columns


def test_after_three_with_nothing_given_back_it_waits_until_people_are_told(
    hilo: Rig, leader: Phone, ana: Phone
) -> None:
    """Who began it is asked; told, it goes on by itself at the next hour."""
    three_times(hilo, leader)
    assert ASKED not in leader.told
    assert state(hilo) == ("paused", "untold")
    assert "no se les ha contado qué pasó" in ana.told
    ana.press(words(ana, "button.untold.tell"))
    ana.press(words(ana, "button.told"))
    pass_until(hilo, hilo.now + 2 * HOUR, HOUR)
    assert state(hilo) == ("active", None)
    pass_until(hilo, THURSDAY + 4 * WEEK)

    assert ASKED in leader.told


def test_why_not_is_written_down_and_once_more_is_once(hilo: Rig, leader: Phone, ana: Phone) -> None:
    """Once more it comes, and waits again; a reason lets it go on, is kept, and takes it off what is owed."""
    three_times(hilo, leader)
    ana.press(words(ana, "button.untold.once"))
    assert "Sale una vez más" in ana.screen()
    pass_until(hilo, THURSDAY + 4 * WEEK)
    assert ASKED in leader.told
    answer(leader)
    leader.look()
    ana.look()
    pass_until(hilo, THURSDAY + 5 * WEEK + HOUR)
    assert ASKED not in leader.told
    ana.press(words(ana, "button.untold.why"))
    ana.say("ay")
    assert words(ana, "repeats.why_not.words") in ana.screen()
    ana.say("Todavía lo estamos platicando con el comité.")
    assert "✓ Guardado. Sale otra vez el" in ana.screen()
    pass_until(hilo, THURSDAY + 6 * WEEK)

    assert ASKED in leader.told
    ana.say("/menu")
    assert "Falta contarles" not in (ana.last.text or "")
    assert len(hilo.audited("schedule.untold")) == 1


def test_after_eight_weeks_the_team_is_asked_its_own_reasons_to_stop(hilo: Rig, leader: Phone) -> None:
    """What is in the record; it goes on, pauses or ends by a tap, and is asked again in eight weeks."""
    with hilo.unit() as unit:
        unit.organisation.set({**unit.organisation.get(), "stop_when": "Cuando ya no nos sirva para decidir."})
    hilo.again()
    ana = hilo.facilitator()
    begin(ana, words(ana, "repeat.times.open"))
    pass_until(hilo, hilo.now + timedelta(weeks=8) - HOUR, timedelta(days=1))
    del leader
    assert "ocho semanas" not in ana.told
    ana.look()
    pass_until(hilo, hilo.now + 2 * HOUR, HOUR)
    if state(hilo)[0] == "paused":  # nothing was given back meanwhile: it is not asked about what does not go out
        ana.say("/repite")
        ana.press(f"¿Cómo vas? · {SIERRA} · en pausa")
        ana.press(words(ana, "button.untold.once"))
        pass_until(hilo, hilo.now + 2 * HOUR, HOUR)

    assert "Cuando ya no nos sirva para decidir." in ana.told
    ana.press(words(ana, "button.review_goes_on"))
    assert words(ana, "repeats.goes_on") in ana.screen()
    ana.press(words(ana, "button.review_end"))
    assert "¿Terminar" in ana.screen()
    assert len(hilo.audited("schedule.reviewed")) == 1


def test_at_its_end_both_sides_are_asked(hilo: Rig, leader: Phone, terminal: Shell) -> None:
    """The team by a tap lets it come eight times more; what people wish is counted from three on, without names."""
    others = [joined(hilo, name) for name in ("Ceiba", "Nopal")]
    watched = joined(hilo, "Mezquite", seen_by="shared")
    ana = hilo.facilitator()
    order = ("broadcast", "check_in", "--to", SIERRA, "--purpose", PURPOSE, "--every", "cada jueves a las 19:00")
    terminal.good(*order, "--times", "2")
    pass_until(hilo, THURSDAY + WEEK)
    for phone in (leader, *others, watched, ana):
        phone.look()
    pass_until(hilo, THURSDAY + 2 * WEEK)

    assert state(hilo) == ("ended", "last")
    assert "Ya salió la última vez de «¿Cómo vas?»" in ana.told
    for phone in (leader, *others):
        assert "¿Quieres que siga?" in phone.told
        assert "¿Cómo vas?" in phone.told
        phone.press(words(phone, "button.rhythm_end.y"))
    assert words(watched, "rhythm_end.ask.watched") in watched.told
    assert "¿Cómo vas?" not in watched.news[-1]
    watched.press(words(watched, "button.rhythm_end.n"))
    ana.press(words(ana, "button.over_fine"))
    assert "sí: 3 y no: menos de 3" in ana.screen()
    ana.press(words(ana, "button.over_more"))
    assert "Sale 8 veces más" in ana.screen()
    assert state(hilo) == ("active", None)


def test_a_window_is_lengthened_and_set_back(hilo: Rig, leader: Phone, ana: Phone) -> None:
    """What would have ended on Sunday may be answered three days longer; beyond a month it may not."""
    pass_until(hilo, THURSDAY + HOUR)
    ana.say("/repite")
    ana.press(f"¿Cómo vas? · {SIERRA}")
    ana.press(words(ana, "button.window"))
    ana.press("3 días más")
    assert "Se puede contestar hasta" in ana.screen()
    ana.press(words(ana, "button.window_undo"))
    ana.press(words(ana, "button.return"))
    ana.press(words(ana, "button.window"))
    ana.press("3 días más")
    pass_until(hilo, THURSDAY + timedelta(days=5))
    answer(leader)
    assert leader.run.status == "completed"
    pass_until(hilo, THURSDAY + timedelta(days=6, hours=1))

    assert len(hilo.audited("broadcast.closed")) == 1
    assert [entry.detail["days"] for entry in hilo.audited("schedule.lengthened")] == [3, -3, 3]


def test_what_is_made_and_skipped_is_put_back(hilo: Rig, leader: Phone, ana: Phone) -> None:
    """Two hours before: left out, and put back with the next tap; it comes, once."""
    pass_until(hilo, THURSDAY - 2 * HOUR)
    ana.say("/repite")
    ana.press(f"¿Cómo vas? · {SIERRA}")
    ana.press("Saltar la que sigue")
    ana.press(words(ana, "button.repeats_unskip"))
    pass_until(hilo, THURSDAY)

    assert leader.told.count(ASKED) == 1
    assert hilo.rows("SELECT count(*) FROM broadcasts") == [(1,)]
