"""What is due next and late, in chat and at the terminal; what nobody could handle: listed, tried again, dropped."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from bot import clock
from bot.messengers.registry import MESSENGERS
from bot.services.due_words import DueWords
from bot.services.members import WELCOME_AT
from tests.bot.leader import words
from tests.bot.quiet import QUIET, WithPage, join_by_page, with_page
from tests.bot.rig import PURPOSE, SIERRA, Rig, texts
from tests.bot.shell import Shell

pytestmark = pytest.mark.usefixtures("at_once")

EVERY = "cada jueves a las 19:00"
THURSDAY = datetime(2026, 11, 27, 1, tzinfo=UTC)  # the 26th, seven in the evening in Mexico City


@pytest.fixture
def terminal(hilo: Rig, shell: Shell, monkeypatch: pytest.MonkeyPatch) -> Shell:
    """A terminal of the same house, whose clock shows the same time."""
    monkeypatch.setattr(clock, "now", lambda: hilo.now)
    shell.language = "es"
    return shell


@pytest.fixture
def page(hilo: Rig) -> Iterator[WithPage]:
    """Another messenger beside the one whose fetching is noted."""
    hilo.notes_gaps = True
    yield with_page(hilo)
    MESSENGERS.forget(QUIET)


def test_what_is_due_and_late_stands_in_chat_and_at_the_terminal(hilo: Rig, terminal: Shell) -> None:
    """What comes next and when; since when it is late, and that Hilo is asleep; in chat that it goes out in turn."""
    ana = hilo.facilitator()
    other = hilo.facilitator(nickname="Berta", cohort="Costa")
    leader = hilo.join()
    with hilo.unit() as unit:
        unit.people.prefer(leader.person, **{WELCOME_AT: None})
    ana.say("/proximo")
    assert ana.last.text == words(ana, "due.none")
    order = ("broadcast", "check_in", "--to", SIERRA, "--purpose", PURPOSE, "--every", EVERY)
    terminal.good(*order)
    ana.say("/proximo")
    assert "Sigue: «¿Cómo vas?» en Sierra Norte, el jueves 26 de noviembre a las 19:00." in ana.screen()
    other.say("/proximo")
    assert other.last.text == words(other, "due.none")
    hilo.now = THURSDAY - timedelta(hours=2)
    hilo.tick()
    assert "a las 19:00, a una persona." in terminal("status").out
    hilo.now = THURSDAY + timedelta(minutes=20)
    told = terminal("status").out
    assert "Va tarde: «¿Cómo vas?» en Sierra Norte, a una persona, desde el jueves 26 de noviembre a las 19:00." in told
    assert words(ana, "due.why.asleep") in told
    ana.say("/proximo")
    assert words(ana, "due.why.turns") in ana.screen()
    hilo.tick()
    ana.say("/repite")
    ana.press(words(ana, "button.due"))

    assert "Va tarde" not in (ana.last.text or "")
    assert "jueves 3 de diciembre" in ana.screen()


def test_what_does_not_go_out_because_the_messenger_is_away_says_so(hilo: Rig, terminal: Shell) -> None:
    """Messages that wait, since when, and why; and what rests by itself."""
    hilo.notes_gaps = True
    hilo.loops()
    admin = hilo.facilitator(role="admin", cohort=None)
    leader = hilo.join()
    hilo.keep()
    hilo.absent |= {"memory", "telegram"}
    hilo.order()
    hilo.advance(minutes=20)
    with hilo.reading() as unit:
        due = DueWords(unit, texts(), hilo.turns.content, hilo.turns.organisation, "es", "America/Mexico_City")
        late = [line for line in due.lines() if line.startswith("Va tarde")]
    assert len(late) == 1
    assert words(admin, "due.why.messenger") in late[0]
    hilo.absent.clear()
    hilo.tick()
    order = ("broadcast", "check_in", "--to", SIERRA, "--purpose", PURPOSE, "--every", EVERY)
    terminal.good(*order)
    sierra = hilo.cohort()
    with hilo.unit() as unit:
        unit.memberships.leave(leader.person.id, sierra)
    hilo.now = THURSDAY - timedelta(hours=2)
    hilo.tick()
    admin.say("/proximo")

    assert words(admin, "repeats.why.nobody") in admin.screen()


def test_two_things_that_are_late_say_each_its_own_reason(hilo: Rig, page: WithPage) -> None:
    """One group is on a messenger that is away, the other on the page: each line says why it waits."""
    admin = hilo.facilitator(role="admin", cohort=None)
    hilo.join()
    join_by_page(hilo, page, "Ceiba", cohort="Costa")
    hilo.keep()
    hilo.order()
    hilo.order(cohort="Costa")
    hilo.now += timedelta(minutes=20)
    with hilo.reading() as unit:
        due = DueWords(unit, texts(), hilo.turns.content, hilo.turns.organisation, "es", "America/Mexico_City")
        late = {line for line in due.lines() if line.startswith("Va tarde")}
    assert {("Costa" in line, words(admin, "due.why.turns") in line) for line in late} == {(True, True), (False, False)}
    assert {("Costa" in line, words(admin, "due.why.messenger") in line) for line in late} == {
        (True, False),
        (False, True),
    }


def test_what_nobody_could_handle_is_listed_tried_again_and_dropped(hilo: Rig, terminal: Shell) -> None:
    """By kind, with how many have their words still; tried again once the fault is mended, it is an answer."""
    leader = hilo.join()
    hilo.ask(leader)
    assert terminal.says("cli.inbox.none") in terminal.good("inbox")
    hilo.patient = True
    source = hilo.rows("SELECT hash, source FROM dialog_versions WHERE name = 'check_in'")
    _spoil(hilo, "UPDATE dialog_versions SET source = '{}' WHERE name = 'check_in'")
    hilo.again()
    leader.write("2")
    for _ in range(12):
        hilo.settle()
        hilo.advance(minutes=1)
    leader.look()
    listed = terminal.good("inbox")
    kind = str(hilo.rows("SELECT error FROM inbox WHERE state = 'poison'")[0][0])
    assert kind in listed
    assert "2026-11-24 09:" in listed
    assert terminal.refused("inbox", "retry", "Nada") == terminal.says("cli.error.inbox_kind", kind="Nada", known=kind)
    for hash_, text in source:
        _spoil(hilo, "UPDATE dialog_versions SET source = ? WHERE hash = ?", text, hash_)
    hilo.again()
    terminal.good("inbox", "retry", kind)
    hilo.settle()
    assert len(leader.answers) == 1
    assert terminal.says("cli.inbox.none") in terminal.good("inbox")
    _spoil(hilo, "UPDATE inbox SET state = 'poison', error = 'KeyError', body = x'00' WHERE seq = 1")
    assert terminal("inbox", "drop", "KeyError", typed="no\n").code == 1
    terminal.good("inbox", "drop", "KeyError", "--yes")

    assert terminal.says("cli.inbox.none") in terminal.good("inbox")
    assert [len(hilo.audited(f"inbox.{each}")) for each in ("retried", "dropped")] == [1, 1]


def test_what_was_forgotten_cannot_be_tried_again(hilo: Rig, terminal: Shell) -> None:
    """After two days its words are gone: the terminal says so, and how it goes off the list."""
    hilo.join()
    _spoil(hilo, "UPDATE inbox SET state = 'poison', error = 'forgotten', body = NULL WHERE seq = 1")

    assert terminal.refused("inbox", "retry", "forgotten") == terminal.says(
        "cli.error.inbox_forgotten", kind="forgotten"
    )
    terminal.good("inbox", "drop", "forgotten")
    assert terminal.says("cli.inbox.none") in terminal.good("inbox")


def _spoil(hilo: Rig, statement: str, *values: object) -> None:
    """Do to the database what a fault would do."""
    with hilo.unit() as unit:
        unit.connection.exec_driver_sql(statement, values)
