"""What a command says to do next can be copied as it stands, and what it refuses is told in words of its own."""

import pytest

from bot.cli.schedules import rhythm_of
from tests.bot.rig import TUESDAY, Rig, texts
from tests.bot.shell import Shell


def test_hints_of_practice_are_for_practice(console: Shell) -> None:
    """Copied without the option, a command would act on the real database."""
    assert 'hilo invite --practice --cohort "Sur"' in console.good("cohort", "add", "Sur", "--practice")
    assert "hilo schedule list --practice" in console.refused("schedule", "pause", "f88732cb", "--practice")
    assert "hilo invite --cohort" in console.good("cohort", "add", "Sur")


def test_people_of_practice_are_counted_in_practice(console: Shell) -> None:
    """They can be asked there, and there alone."""
    practice = console.folder / "practice"
    practice.mkdir()
    it = Rig(practice)
    it.cohort("Prueba", practice=True)
    it.join(cohort="Prueba")
    it.close()
    one, nobody = texts().count("cli.status.people", console.language, 1), console.says("cli.status.nobody")

    assert one in console("status", "--practice").out
    console.good("cohort", "list")
    assert nobody in console("status").out


def test_what_is_too_much_or_not_there_is_named(console: Shell) -> None:
    """A word that a command does not take, a kind of which nothing waits, a day that no month has."""
    told = console("orders", "list")
    assert console.says("cli.usage.extra.none", command="hilo orders", given="list") in told.err
    assert console.refused("inbox", "retry", "nonsense") == console.says("cli.inbox.none")


@pytest.mark.parametrize("hour", ["09:00", "9:00", "9:21", "20:30"])
def test_the_terminals_hours_are_those_of_a_day(hour: str) -> None:
    """Typed with a colon, an hour is one beyond doubt; without, it is asked for."""
    found = rhythm_of(f"cada martes a las {hour}", "America/Mexico_City", TUESDAY, None, None)
    assert f"{found.at:%H:%M}" == hour.zfill(5)
