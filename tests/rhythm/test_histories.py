"""Histories of what comes back that are played each time, whatever chance gives: in each of them a bug would be seen.

They are told in the steps of `tests.rhythm.test_machine`, and what must hold is what must hold there.
"""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import TypeAlias

import pytest

from dialogs.recurrence import MonthlyByDay, Pattern, Weekly
from tests.rhythm.test_machine import DAY, HOUR, WEEK, Rhythms

History: TypeAlias = Callable[[Rhythms], None]
THURSDAYS, FRIDAYS_AND_MONDAYS, LAST_DAYS = Weekly((3,)), Weekly((0, 4)), MonthlyByDay(31)
SUNDAYS = Weekly((6,))
MADRID, AUCKLAND, TIJUANA = "Europe/Madrid", "Pacific/Auckland", "America/Tijuana"
# They begin on a Tuesday at noon in Mexico City; the first schedule comes at seven in the evening, the second at nine.


def a_week_goes_by(them: Rhythms) -> None:
    """One is asked hours before the others, where she lives, and nobody answers."""
    them.moves(number=0, zone=MADRID)
    them.passes(span=timedelta(days=5, hours=4))
    them.passes(span=WEEK)


def one_opens_beside_another(them: Rhythms) -> None:
    """What came on Thursday evening is still open on Friday morning."""
    them.passes(span=5 * DAY)


def one_lives_in_the_east(them: Rhythms) -> None:
    """Where it is Thursday evening first."""
    them.moves(number=0, zone=AUCKLAND)
    them.passes(span=2 * WEEK)


def put_off_past_its_window(them: Rhythms) -> None:
    """Put off until the day after it closes, where others may answer for longer."""
    them.moves(number=0, zone=MADRID)
    them.passes(span=timedelta(days=2, hours=2))
    them.answers(number=0, how="Más tarde")
    them.passes(span=timedelta(days=2, hours=19))
    them.answers(number=0, how="Más tarde")
    them.answers(number=0, how="Mañana")
    them.passes(span=timedelta(hours=6, minutes=30))


def left_out_and_begun_again(them: Rhythms) -> None:
    """The process ends after one was left out, before its day."""
    them.changes(number=0, what="skip")
    them.sleeps(span=HOUR)
    them.passes(span=11 * DAY)


def paused_when_it_lies_ready(them: Rhythms) -> None:
    """The first came; the second was made when it is paused."""
    them.passes(span=timedelta(days=8, hours=18))
    them.changes(number=0, what="pause")
    them.passes(span=2 * DAY)


def away_in_the_evening(them: Rhythms) -> None:
    """The bot sleeps from Thursday at six until the middle of the night."""
    them.passes(span=timedelta(days=2, hours=6))
    them.sleeps(span=9 * HOUR)
    them.passes(span=DAY)


def three_in_a_week(them: Rhythms) -> None:
    """The third waits until a week after the first."""
    them.passes(span=2 * WEEK)


def three_places(them: Rhythms) -> None:
    """One window closes after another, each where its person lives."""
    them.moves(number=0, zone=AUCKLAND)
    them.moves(number=1, zone=MADRID)
    them.passes(span=8 * DAY)


def the_clocks_change(them: Rhythms) -> None:
    """It comes on the morning after a night in which the clocks were put forward."""
    them.moves(number=0, zone=TIJUANA)
    them.passes(span=6 * DAY)


HISTORIES: tuple[tuple[History, Pattern, Pattern], ...] = (
    (a_week_goes_by, THURSDAYS, LAST_DAYS),
    (one_opens_beside_another, THURSDAYS, FRIDAYS_AND_MONDAYS),
    (one_lives_in_the_east, THURSDAYS, LAST_DAYS),
    (put_off_past_its_window, THURSDAYS, LAST_DAYS),
    (left_out_and_begun_again, THURSDAYS, LAST_DAYS),
    (paused_when_it_lies_ready, THURSDAYS, LAST_DAYS),
    (away_in_the_evening, THURSDAYS, LAST_DAYS),
    (three_places, THURSDAYS, LAST_DAYS),
    (the_clocks_change, THURSDAYS, SUNDAYS),
    (three_in_a_week, FRIDAYS_AND_MONDAYS, THURSDAYS),
)


@pytest.fixture
def them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Rhythms]:
    """An installation of the machine's, whose steps are called one by one."""
    monkeypatch.setattr(Rhythms, "home", tmp_path)
    made = Rhythms()  # type: ignore[no-untyped-call]  # hypothesis has no type for it
    yield made
    made.teardown()


@pytest.mark.proof
@pytest.mark.parametrize(("history", "first", "second"), HISTORIES, ids=[each[0].__name__ for each in HISTORIES])
def test_a_history(them: Rhythms, history: History, first: Pattern, second: Pattern) -> None:
    """After each of its steps, and twice a day between them, everything holds."""
    them.begin(number=0, patterns=(first, second))
    history(them)

    assert them.world.count("deliveries") > 0
