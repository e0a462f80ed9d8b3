"""Orders at the command line: how they go, and stopping or closing one."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot import clock
from tests.bot.asking import say_why
from tests.bot.leader import words
from tests.bot.rig import PURPOSE, SIERRA, TUESDAY, Rig
from tests.bot.shell import Shell
from tests.bot.test_broadcast import NO_SENTENCE
from tests.bot.test_cli import inside
from tests.by_day import LANGUAGES_ALIKE


def ordered(shell: Shell) -> str:
    """Order a check-in for a day to come; returns its short id."""
    inside(shell)
    shell.good("broadcast", "check_in", "--to", SIERRA, "--purpose", PURPOSE, "--at", "2031-12-06 18:30")
    first = shell.good("orders").splitlines()[1]
    assert "2031-12-06 18:30" in first
    return first.split()[0]


def test_orders_are_listed_with_how_they_go(console: Shell) -> None:
    """The newest first: to whom, when, how many of how many, who finished, and its state."""
    ordered(console)
    heading, coming, gone = (line.rstrip() for line in console.good("orders").splitlines())

    assert heading.split()[0] == "id"
    assert coming.endswith(console.says("cli.orders.state.sending"))
    assert gone.endswith(console.says("cli.orders.state.sent"))
    assert SIERRA in coming
    assert [part for part in coming.split() if "/" in part] == ["0/1"]
    assert [part for part in gone.split() if "/" in part] == ["1/1"]


def test_without_orders_the_list_says_what_to_do(console: Shell) -> None:
    """An empty list names the next command."""
    assert console.good("orders") == console.says("cli.orders.none") + "\n"


@pytest.mark.parametrize(("option", "state"), [("--stop", "stopped"), ("--close", "closed")])
def test_an_order_is_ended_from_the_console(console: Shell, option: str, state: str) -> None:
    """Nothing of it goes out any more; done twice it is refused, and the list tells."""
    short = ordered(console)
    console.good("orders", option, short)
    assert short in console.refused("orders", option, short)

    listed = next(line for line in console.good("orders").splitlines() if line.startswith(short))
    assert listed.rstrip().endswith(console.says(f"cli.orders.state.{state}"))


@pytest.mark.parametrize("wrong", ["ffffffff", "a", "check_in"])
def test_an_unknown_order_is_refused(console: Shell, wrong: str) -> None:
    """An id that is nobody's, or too short to be sure, ends nothing and says where ids are listed."""
    ordered(console)

    assert console.refused("orders", "--stop", wrong) == console.says("cli.error.order", id=wrong)


def test_what_the_console_did_is_told_in_chat(hilo: Rig, shell: Shell) -> None:
    """A panel says that it was the console, where no person has a name to tell."""
    hilo.join()
    order = hilo.order()
    ana = hilo.facilitator()
    shell.good("orders", "--close", order.hex[-8:])
    ana.say("/avance")
    ana.press("¿Cómo vas? · Sierra Norte · 24 nov · cerrado")

    assert "Se hizo desde la consola." in ana.screen()


def at(now: datetime, zone: str) -> str:
    """Write a moment as `--at` takes it."""
    return f"{now.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}"


def test_a_moment_that_has_passed_is_refused(console: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the clock of the group's zone; the sentence says what time it is there and gives one that would do."""
    inside(console)
    console.good("cohort", "add", "Costa", "--zone", "Pacific/Kiritimati")
    monkeypatch.setattr(clock, "now", lambda: TUESDAY)
    before, order = len(console.good("orders").splitlines()), ("broadcast", "check_in", "--purpose", PURPOSE)
    for group, zone in ((SIERRA, "America/Mexico_City"), ("Costa", "Pacific/Kiritimati")):
        given, ahead = at(TUESDAY - timedelta(minutes=2), zone), at(TUESDAY + timedelta(hours=1), zone)
        told = console.refused(*order, "--to", group, "--at", given)
        assert told == console.says("cli.error.past", given=given, now=at(TUESDAY, zone), zone=zone, example=ahead)

    assert len(console.good("orders").splitlines()) == before
    console.good(*order, "--to", SIERRA, "--at", at(TUESDAY + timedelta(hours=1), "America/Mexico_City"))


@pytest.mark.parametrize("given", ["2026-11-24 09:00", "09:00", "9:00"])
def test_the_present_minute_has_not_passed(console: Shell, monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    """Whoever writes what her watch shows means now, although it takes her some seconds; not tomorrow."""
    inside(console)
    monkeypatch.setattr(clock, "now", lambda: TUESDAY + timedelta(seconds=40))
    told = console.good("broadcast", "check_in", "--to", SIERRA, "--purpose", PURPOSE, "--at", given)

    assert "2026-11-24 09:00 America/Mexico_City" in told


GOOD = ["Para saber algo", "※ 2026 ※ 2026 ※ 2026", PURPOSE, "a b " * 150]


@pytest.mark.by_day("language", "purpose", why=LANGUAGES_ALIKE)
@pytest.mark.parametrize("purpose", [*NO_SENTENCE[2:4], *NO_SENTENCE[5:], *GOOD])
@pytest.mark.parametrize("language", ["es", "en"])
def test_a_purpose_is_the_same_sentence_in_chat_and_at_the_terminal(
    hilo: Rig, shell: Shell, language: str, purpose: str
) -> None:
    """What one takes the other takes; what one refuses the other refuses, with the same example."""
    hilo.join()
    ana = hilo.facilitator(language)
    shell.language = language
    ana.say("/preguntar")
    ana.press({"es": "¿Cómo vas?", "en": "How is it going?"}[language])
    ana.say(purpose)
    order = ("broadcast", "check_in", "--to", SIERRA, "--purpose", purpose)
    if purpose in GOOD:
        assert words(ana, "button.skip") in ana.last.labels
        shell.good(*order)
        return
    assert shell.refused(*order) == shell.says("order.purpose")
    example = shell.says("order.purpose").partition(": ")[2]
    assert len(example) > len(PURPOSE)
    assert example in (ana.last.text or "")
    say_why(ana)
    assert words(ana, "button.ask_send") in ana.last.labels
