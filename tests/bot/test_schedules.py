"""What comes back: begun at the terminal, asked at its hour in each zone, once, and never over what is still open."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot import clock
from bot.content import LIBRARY
from bot.services.members import WELCOME_AT
from tests.bot.leader import words
from tests.bot.phone import Phone
from tests.bot.rig import PURPOSE, SIERRA, Rig
from tests.bot.shell import Shell

pytestmark = pytest.mark.usefixtures("at_once")

ASKED = "¿Tienes 2 minutos?"
EVERY = "cada jueves a las 19:00"
THURSDAY = datetime(2026, 11, 27, 1, tzinfo=UTC)  # the 26th, seven in the evening in Mexico City
WEEK, HOUR = timedelta(days=7), timedelta(hours=1)


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


def begin(terminal: Shell, every: str = EVERY, *more: str, dialog: str = "check_in") -> str:
    """Begin something that comes back; returns its short id."""
    order = ("broadcast", dialog, "--to", SIERRA, "--purpose", PURPOSE, "--every", every)
    return terminal.good(*order, *more).split()[-1]


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


def reasons(hilo: Rig) -> list[Any]:
    """List how deliveries stand, in the order of their occurrences."""
    return hilo.rows(
        "SELECT b.occurs_on, d.state, d.reason FROM deliveries d JOIN broadcasts b ON b.id = d.broadcast_id"
        " WHERE b.schedule_id IS NOT NULL ORDER BY b.occurs_on, d.due_at"
    )


def test_it_comes_each_week_at_its_hour_and_ends_by_itself(hilo: Rig, terminal: Shell) -> None:
    """Not a minute before; three times, and not a fourth; a bot that is started anew in between asks nothing twice."""
    phone = joined(hilo)
    told = terminal.good(
        "broadcast", "check_in", "--to", SIERRA, "--purpose", PURPOSE, "--every", EVERY, "--times", "3"
    )
    assert "cada jueves a las 7 de la tarde" in told
    assert "26 de noviembre" in told
    for week in range(3):
        moment = THURSDAY + week * WEEK
        pass_until(hilo, moment - timedelta(minutes=1))
        assert phone.news == []
        hilo.again()
        pass_until(hilo, moment)
        assert phone.told.count(ASKED) == 1
        hilo.again()
        hilo.tick()
        answer(phone)
        phone.look()
    pass_until(hilo, THURSDAY + 5 * WEEK)

    assert [each for each in phone.news if "¿Quieres que siga?" not in each] == []
    assert [state for _, state, _ in reasons(hilo)] == ["started"] * 3
    assert terminal.says("cli.schedule.state.ended") in terminal.good("schedule", "list")
    assert len(hilo.audited("schedule.occurred")) == 3
    assert len(hilo.audited("schedule.ended")) == 1


def test_who_joins_after_an_occurrence_was_made_is_asked_by_the_next(hilo: Rig, terminal: Shell) -> None:
    """Made an hour ahead: the one who comes in meanwhile is left out of that one alone; who was there is asked."""
    there = joined(hilo)
    begin(terminal, EVERY, "--times", "2")
    pass_until(hilo, THURSDAY - HOUR)
    assert reasons(hilo) == [("2026-11-26T19:00", "due", None)]
    newcomer = joined(hilo, "Nopal")
    pass_until(hilo, THURSDAY + HOUR)
    assert there.told.count(ASKED) == 1
    assert ASKED not in newcomer.told
    answer(there)
    pass_until(hilo, THURSDAY + WEEK - timedelta(minutes=1))
    assert ASKED not in newcomer.told
    pass_until(hilo, THURSDAY + WEEK)

    assert newcomer.told.count(ASKED) == 1
    assert there.told.count(ASKED) == 1  # since they answered the first
    assert [state for _, state, _ in reasons(hilo)] == ["started"] * 3


def test_each_is_asked_at_the_hour_of_the_own_zone_and_a_move_moves_what_has_not_begun(
    hilo: Rig, terminal: Shell
) -> None:
    """Two hours later in Tijuana; whoever moves after it was made ahead is asked at the new place's hour, once."""
    here, there, moves = (joined(hilo, nickname=name) for name in ("Ceiba", "Nopal", "Mezquite"))
    with hilo.unit() as unit:
        unit.people.prefer(there.person, zone="America/Tijuana")
    begin(terminal)
    pass_until(hilo, THURSDAY - 2 * HOUR)
    assert len(reasons(hilo)) == 3
    with hilo.unit() as unit:
        unit.people.prefer(moves.person, zone="America/Cancun")  # an hour ahead
    pass_until(hilo, THURSDAY - HOUR, HOUR / 60)
    assert ASKED in moves.told
    assert here.news == there.news == []
    pass_until(hilo, THURSDAY)
    assert ASKED in here.told
    assert there.news == []
    with hilo.unit() as unit:
        unit.people.prefer(moves.person, zone="America/Tijuana")
    pass_until(hilo, THURSDAY + 2 * HOUR)

    assert ASKED in there.told
    assert moves.told.count(ASKED) == 1
    assert hilo.count("runs") == 3


def test_the_window_of_whoever_moved_east_closes_with_their_own_hour(hilo: Rig, terminal: Shell) -> None:
    """An hour before that of the others, which stays open."""
    joined(hilo, nickname="Ceiba")
    moves = joined(hilo, nickname="Mezquite")
    begin(terminal)
    pass_until(hilo, THURSDAY - 2 * HOUR)
    with hilo.unit() as unit:
        unit.people.prefer(moves.person, zone="America/Cancun")
    pass_until(hilo, THURSDAY - HOUR, HOUR / 60)
    assert ASKED in moves.told
    pass_until(hilo, THURSDAY)
    pass_until(hilo, THURSDAY + timedelta(days=3, minutes=-50))

    assert moves.run.status == "expired"
    assert hilo.rows("SELECT count(*) FROM runs WHERE status = 'offered'") == [(1,)]
    assert hilo.audited("broadcast.closed") == []


def test_what_is_open_ends_with_its_window_and_before_the_next_opens(hilo: Rig, terminal: Shell) -> None:
    """What was answered is kept; after three days nobody waits for it, and one at a time is open."""
    phone = joined(hilo)
    begin(terminal)
    pass_until(hilo, THURSDAY)
    phone.press("Sí, ahora")
    phone.say("2")
    pass_until(hilo, THURSDAY + timedelta(days=3, minutes=1))
    assert phone.run.status == "expired"
    assert phone.answers
    assert len(hilo.audited("broadcast.closed")) == 1
    pass_until(hilo, THURSDAY + WEEK)

    assert hilo.rows("SELECT count(*) FROM runs WHERE status IN ('offered', 'open', 'postponed')") == [(1,)]


def test_what_was_said_within_the_window_is_heard_before_it_ends(hilo: Rig, terminal: Shell) -> None:
    """The bot has no network from the last evening on: what she wrote by the end is an answer, and then it ends."""
    phone = joined(hilo)
    begin(terminal)
    pass_until(hilo, THURSDAY)
    hilo.notes_gaps = True
    hilo.loops()
    phone.press("Sí, ahora")
    phone.say("2")
    pass_until(hilo, THURSDAY + timedelta(days=2, hours=23))
    hilo.settle()
    phone.write("El agua volvió.")
    for _ in range(3):
        hilo.now += HOUR
        hilo.tick()
    assert phone.run.status == "open"
    hilo.settle()
    pass_until(hilo, THURSDAY + timedelta(days=3, hours=2, minutes=5), timedelta(minutes=1))

    assert phone.run.status == "expired"
    assert phone.values == {"mood": 2, "week": ("El agua volvió.",)}


def test_days_of_silence_do_not_bring_several_at_once(hilo: Rig, terminal: Shell) -> None:
    """Daily, where the house allows it: after three days without the bot one comes; the rest has its reason."""
    phone = joined(hilo)
    order = ("broadcast", "check_in", "--to", SIERRA, "--purpose", PURPOSE, "--every", "todos los días a las 19:00")
    assert "2 veces por semana" in terminal.refused(*order)
    with hilo.unit() as unit:
        unit.organisation.set({**unit.organisation.get(), "askings_a_week": 7})
    hilo.again()
    begin(terminal, "todos los días a las 19:00")
    pass_until(hilo, THURSDAY - 2 * HOUR)
    phone.look()
    before = len(reasons(hilo))
    hilo.now = THURSDAY + timedelta(days=4, minutes=30)
    hilo.tick()

    assert phone.told.count(ASKED) == 1
    later = reasons(hilo)[before - 1 :]
    assert {reason for _, state, reason in later if state == "skipped"} <= {"window", "next"}
    assert [day for day, state, _ in later if state == "started"] == ["2026-11-30T19:00"]
    assert hilo.audited("schedule.missed")


def test_nobody_is_asked_more_often_than_a_week_allows(hilo: Rig, terminal: Shell) -> None:
    """Two orders by hand came before: the schedule's is left out, and why is kept."""
    phone = joined(hilo)
    begin(terminal)
    pass_until(hilo, THURSDAY - timedelta(hours=30))
    for _ in range(2):
        hilo.ask(phone)
        pass_until(hilo, hilo.now + timedelta(hours=5))
    phone.look()
    pass_until(hilo, THURSDAY + HOUR)

    assert ASKED not in phone.told
    assert reasons(hilo)[0] == ("2026-11-26T19:00", "skipped", "week")


def test_it_is_paused_resumed_skipped_and_ended_at_the_terminal(hilo: Rig, terminal: Shell) -> None:
    """Each says from when on, is on the trail, and is refused where there is nothing to do."""
    phone = joined(hilo)
    assert terminal.good("schedule", "list").strip() == terminal.says("cli.schedule.none")
    short = begin(terminal)
    assert "2026-11-26 19:00" in terminal.good("schedule", "list")
    terminal.good("schedule", "pause", short)
    assert short in terminal.refused("schedule", "pause", short)
    pass_until(hilo, THURSDAY + HOUR)
    assert phone.news == []
    assert "3 de diciembre" in terminal.good("schedule", "resume", short)
    assert "10 de diciembre" in terminal.good("schedule", "skip", short)
    terminal.good("schedule", "pause", short)
    assert "10 de diciembre" in terminal.good("schedule", "resume", short)  # what was left out stays so
    pass_until(hilo, THURSDAY + WEEK + HOUR)
    assert phone.news == []
    pass_until(hilo, THURSDAY + 2 * WEEK - 2 * HOUR)
    terminal.good("schedule", "end", short)  # it was made ahead: that is taken back
    pass_until(hilo, THURSDAY + 4 * WEEK)
    assert phone.news == []
    assert terminal.refused("schedule", "skip", "ffffffff") == terminal.says("cli.error.schedule", id="ffffffff")

    acts = ("begun", "paused", "resumed", "skipped", "ended")
    assert [len(hilo.audited(f"schedule.{each}")) for each in acts] == [1, 2, 2, 1, 1]


def test_what_is_made_ahead_and_skipped_does_not_come(hilo: Rig, terminal: Shell) -> None:
    """An hour before it would come."""
    phone = joined(hilo)
    short = begin(terminal)
    pass_until(hilo, THURSDAY - HOUR)
    terminal.good("schedule", "skip", short)
    pass_until(hilo, THURSDAY + HOUR)
    assert phone.news == []
    pass_until(hilo, THURSDAY + WEEK)

    assert ASKED in phone.told


def test_it_rests_where_nobody_answers_for_it_any_more(hilo: Rig, terminal: Shell) -> None:
    """An empty group; the admins are told, and whoever takes it up again can."""
    admin = hilo.facilitator(role="admin", cohort=None)
    phone = joined(hilo)
    short = begin(terminal)
    sierra = hilo.cohort()
    with hilo.unit() as unit:
        unit.memberships.leave(phone.person.id, sierra)
    admin.look()
    pass_until(hilo, THURSDAY)

    assert terminal.says("notice.schedule.nobody", cohort=SIERRA) in admin.told
    assert terminal.says("cli.schedule.state.nobody") in terminal.good("schedule", "list")
    joined(hilo, nickname="Ceiba")
    assert "3 de diciembre" in terminal.good("schedule", "resume", short)


def test_once_more_why_not_and_reminders_at_the_terminal(hilo: Rig, terminal: Shell) -> None:
    """Beforehand it says what reading costs; with nothing given back it comes once more, or for a reason."""
    phone = joined(hilo)
    assert "Leerlo te va a tomar" in terminal.good(
        *("broadcast", "check_in", "--to", SIERRA, "--purpose", PURPOSE, "--every", EVERY, "--remind", "4")
    )
    [(short,)] = hilo.rows("SELECT substr(id, -8) FROM schedules")
    assert json.loads(hilo.rows("SELECT rule FROM schedules")[0][0])["remind"] == 240
    assert "24 horas" in terminal.good("schedule", "remind", short, "24")
    assert terminal.refused("schedule", "remind", short, "700") == terminal.says("repeat.remind.outside", hours=72)
    assert terminal.says("cli.schedule.reminds_not") in terminal.good("schedule", "remind", short, "0")
    assert terminal.refused("schedule", "once", short) == terminal.says("cli.error.schedule_state", id=short)
    for number in range(3):
        pass_until(hilo, THURSDAY + number * WEEK, timedelta(days=1))
        answer(phone)
    pass_until(hilo, THURSDAY + 3 * WEEK, timedelta(days=1))
    assert hilo.rows("SELECT state, reason FROM schedules") == [("paused", "untold")]
    assert "24 de diciembre" in terminal.good("schedule", "once", short)
    pass_until(hilo, THURSDAY + 5 * WEEK, timedelta(days=1))
    assert hilo.rows("SELECT state, reason FROM schedules") == [("paused", "untold")]
    assert terminal.says("repeats.why_not.words") == terminal.refused("schedule", "why", short, "no")
    assert "7 de enero" in terminal.good("schedule", "why", short, "Se cuenta en la asamblea de enero")

    assert len(hilo.audited("schedule.untold")) == 1


def test_who_was_asked_often_is_said_at_the_terminal_beforehand(hilo: Rig, terminal: Shell) -> None:
    """And that it waits; a script goes on."""
    joined(hilo)
    order = ("broadcast", "check_in", "--to", SIERRA, "--purpose", PURPOSE)
    for _ in range(2):
        assert "ya se le preguntó" not in terminal.good(*order)
        hilo.tick()
        hilo.now += timedelta(hours=5)

    assert "A una persona ya se le preguntó 2 veces esta semana" in terminal.good(*order)


def test_what_speaks_against_a_schedule_is_said_before_it_is_begun(hilo: Rig, terminal: Shell) -> None:
    """Somebody at a terminal is asked, and a no begins nothing; a script, `--yes`, and what costs little go on."""
    joined(hilo)
    order = ("broadcast", "check_in", "--to", SIERRA, "--purpose", PURPOSE)
    for _ in range(2):
        terminal.good(*order)
        hilo.tick()
        hilo.now += timedelta(hours=5)
    often = "A una persona ya se le preguntó 2 veces esta semana"
    refused = terminal(*order, "--every", EVERY, typed="no\n", somebody=True)
    assert (refused.code, refused.sentence) == (1, terminal.says("cli.nothing_done"))
    assert refused.out.index("Leerlo te va a tomar") < refused.out.index(often) < refused.out.index("¿Enviarlo así?")
    assert hilo.count("schedules") == 0
    begun = terminal.good(*order, "--every", EVERY, typed="sí\n", somebody=True)
    assert begun.index("cada jueves a las 7 de la tarde, 8 veces") < begun.index("La primera sale")
    assert begun.index("La primera sale") < begun.index("¿Enviarlo así?")
    more = terminal(*order, "--every", "cada lunes y martes a las 19:00", typed="no\n", somebody=True)
    assert terminal.says("repeat.week.already", most=2) in more.out
    assert hilo.count("schedules") == 1
    assert "¿Enviarlo así?" not in terminal.good(*order, "--every", EVERY, "--yes", typed="", somebody=True)
    way = terminal.good(*order, "--after-joining", "3", "--at", "19:00", typed="", somebody=True)
    assert "Leerlo te va a tomar" in way
    assert "Lo que ya se repite en el grupo te toma" in way

    assert hilo.count("schedules") == 3


def test_the_last_day_is_kept_when_the_hour_changes(hilo: Rig, terminal: Shell) -> None:
    """Until the tenth of December, at another hour from the phone: nothing comes after it."""
    joined(hilo)
    ana = hilo.facilitator()
    begin(terminal, EVERY, "--until", "2026-12-10")
    ana.say("/repite")
    ana.press(f"¿Cómo vas? · {SIERRA}")
    ana.press("Cambiar día u hora")
    ana.say("cada jueves a las 8 de la noche")
    assert "cada jueves a las 8 de la noche" in ana.screen()
    assert json.loads(hilo.rows("SELECT rule FROM schedules")[0][0])["until"] == "2026-12-10"
    pass_until(hilo, THURSDAY + 5 * WEEK, timedelta(days=1))

    made = [day for day, _, _ in reasons(hilo)]
    assert made == [f"2026-{day}T20:00" for day in ("11-26", "12-03", "12-10")]


def test_a_zone_that_does_not_exist_moves_nothing(hilo: Rig, terminal: Shell) -> None:
    """Neither at the terminal nor in chat: a sentence says so, and what comes back comes at the hour it had."""
    leader, ana = joined(hilo), hilo.facilitator()
    begin(terminal)
    pass_until(hilo, THURSDAY - 2 * HOUR)
    planned = hilo.rows("SELECT due_at, closes_at FROM deliveries")
    refused = terminal.refused("cohort", "add", "Narnia", "--zone", "America/Atlantis")
    assert refused == terminal.says("cli.error.zone", zone="America/Atlantis")
    ana.say("/personas")
    for code in ("button.people_group", "button.tune.zone"):
        ana.press(words(ana, code))
    ana.say("Narnia")
    hilo.tick()
    assert hilo.rows("SELECT zone FROM cohorts") == [(None,)]
    assert hilo.rows("SELECT due_at, closes_at FROM deliveries") == planned
    pass_until(hilo, THURSDAY)

    assert ASKED in leader.told


@pytest.mark.parametrize(
    ("every", "code"),
    [
        ("el 45 de cada mes a las 19:00", "repeat.bad.no_such_day"),
        ("cada 0 semanas los jueves a las 19:00", "repeat.bad.too_often"),
        ("cada 90 semanas los jueves a las 19:00", "repeat.bad.too_far_apart"),
        ("el 31 de febrero a las 19:00", "repeat.bad.no_such_day"),
        ("cada segundo", "repeat.bad.too_often"),
        ("cada jueves a las 25:00", "repeat.bad.no_such_hour"),
    ],
)
def test_what_cannot_come_back_is_refused_with_the_reason(hilo: Rig, terminal: Shell, every: str, code: str) -> None:
    """A clear sentence, and nothing is begun."""
    joined(hilo)
    order = ("broadcast", "check_in", "--to", SIERRA, "--purpose", PURPOSE, "--every")
    assert terminal.refused(*order, every) == terminal.says(code)
    assert hilo.count("schedules") == 0
    if "45" not in every:
        return
    for unclear in ("cada jueves a las 7", "cada que puedas", "cada dos semanas"):
        assert terminal.refused(*order, unclear) == terminal.says("cli.error.every", given=unclear)
    assert terminal.refused(*order, EVERY, "--until", "2026-11-01") == terminal.says("repeat.bad.end_before_start")
    days = {"first": "jueves 26 de noviembre", "until": "miércoles 25 de noviembre"}
    assert terminal.refused(*order, EVERY, "--until", "2026-11-25") == terminal.says("cli.error.until_first", **days)
    missing = terminal.says("cli.error.no_such_day", given="2026-02-31", days=28)
    assert terminal.refused(*order, EVERY, "--until", "2026-02-31") == missing
    assert terminal.refused(*order, EVERY, "--until", "mañana") == terminal.says("cli.error.date", given="mañana")
    assert terminal.refused(*order, EVERY, "--at", "19:00") == terminal.says("cli.error.every_at")
    assert hilo.count("schedules") == 0


def test_two_dialogs_take_turns(hilo: Rig, terminal: Shell) -> None:
    """One each week."""
    joined(hilo)
    begin(terminal, EVERY, "--then", "reflection_chat")
    pass_until(hilo, THURSDAY + WEEK, timedelta(days=1))

    names = hilo.rows(
        "SELECT v.name FROM broadcasts b JOIN dialog_versions v ON v.hash = b.dialog_hash ORDER BY b.occurs_on"
    )
    assert [name for (name,) in names] == ["check_in", "reflection_chat"]


def test_it_rests_where_its_dialog_is_gone_and_goes_on_once_it_is_there(hilo: Rig, terminal: Shell) -> None:
    """A file of theirs that was taken away: the admins are told, nothing is lost."""
    admin = hilo.facilitator(role="admin", cohort=None)
    phone = joined(hilo)
    hilo.own.mkdir()
    ours = hilo.own / "ours.yaml"
    ours.write_text((LIBRARY / "check_in.yaml").read_text("utf-8").replace("name: check_in", "name: ours"), "utf-8")
    hilo.again()
    short = begin(terminal, dialog="ours")
    text = ours.read_text("utf-8")
    ours.unlink()
    hilo.again()
    admin.look()
    pass_until(hilo, THURSDAY, timedelta(days=1))
    assert terminal.says("notice.schedule.dialog", cohort=SIERRA) in admin.told
    assert phone.news == []
    ours.write_text(text, "utf-8")
    hilo.again()
    terminal.good("schedule", "resume", short)
    pass_until(hilo, THURSDAY + WEEK, timedelta(days=1))

    assert ASKED in phone.told
