"""On which days something comes back, and at which moment of each day in somebody's zone: pure arithmetic.

A rule is made of closed fields, checked as it is made, so that no rule can be slow, endless or empty by accident. Days
are those of a wall calendar; a zone, which turns a day and an hour into a moment, is an argument.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import islice, takewhile
from typing import Final, Literal, TypeAlias

from dateutil import rrule  # type: ignore[import-untyped]  # its types are a library apart

A_DAY: Final = timedelta(days=1)
A_SECOND: Final = timedelta(seconds=1)
WEEKDAYS: Final = 7
LAST: Final = -1
"""As a day of the month, or as the place of a weekday in it: the last."""
SHORTEST_MONTH: Final = 28
LONGEST_MONTH: Final = 31
PLACES: Final = frozenset({1, 2, 3, 4, LAST})
MOST_APART: Final = {"weeks": 26, "months": 12}
MOST_TIMES: Final = 400
MOST_DAYS_AFTER: Final = 730
YEARS: Final = range(2000, 3000)
FARTHEST: Final = timedelta(days=5 * 366)
"""How long after its first day a rule goes on at most."""

Code: TypeAlias = Literal["no_such_day", "end_before_start", "never", "too_far_apart", "too_often", "too_many"]


class BadRule(ValueError):
    """A rule that nothing can follow; `code` says why."""

    def __init__(self, code: Code) -> None:
        super().__init__(code)
        self.code: Code = code


@dataclass(frozen=True, slots=True)
class Daily:
    """Every day."""


@dataclass(frozen=True, slots=True)
class Weekly:
    """Some days of the week, Monday 0; with `apart` 2, of every second week."""

    weekdays: tuple[int, ...]
    apart: int = 1

    def __post_init__(self) -> None:
        if not self.weekdays or not set(self.weekdays) <= set(range(WEEKDAYS)):
            raise BadRule("no_such_day")
        _check_apart(self.apart, "weeks")


@dataclass(frozen=True, slots=True)
class MonthlyByDay:
    """A day of the month; in a month that is too short for it, that month's last day. `LAST`: the last day of each."""

    day: int
    apart: int = 1

    def __post_init__(self) -> None:
        if self.day != LAST and not 1 <= self.day <= LONGEST_MONTH:
            raise BadRule("no_such_day")
        _check_apart(self.apart, "months")


@dataclass(frozen=True, slots=True)
class MonthlyByWeekday:
    """The first, second, third, fourth or `LAST` of a weekday in the month; Monday is 0."""

    place: int
    weekday: int
    apart: int = 1

    def __post_init__(self) -> None:
        if self.place not in PLACES or self.weekday not in range(WEEKDAYS):
            raise BadRule("no_such_day")
        _check_apart(self.apart, "months")


Pattern: TypeAlias = Daily | Weekly | MonthlyByDay | MonthlyByWeekday


def _check_apart(apart: int, unit: str) -> None:
    if apart < 1:
        raise BadRule("too_often")
    if apart > MOST_APART[unit]:
        raise BadRule("too_far_apart")


@dataclass(frozen=True, slots=True)
class Recurrence:
    """On which days something comes, from the first that fits on: so many times, until a day (that day too), or both.

    Attributes:
        pattern: which days fit; weeks and months apart are counted from the first day that fits.
        start: the first day that may fit.
        times: how many days at most; None: as many as there are.
        until: the last day that may fit; None: `FARTHEST` after the start.
    """

    pattern: Pattern
    start: date
    times: int | None = None
    until: date | None = None

    def __post_init__(self) -> None:
        if self.start.year not in YEARS:
            raise BadRule("no_such_day")
        if self.times is not None and self.times < 1:
            raise BadRule("never")
        if self.times is not None and self.times > MOST_TIMES:
            raise BadRule("too_many")
        if self.until is not None and self.until < self.start:
            raise BadRule("end_before_start")
        if next(self.days(), None) is None:
            raise BadRule("never")

    def days(self) -> Iterator[date]:
        """Yield the days, in order."""
        farthest = self.start + FARTHEST
        last = farthest if self.until is None else min(self.until, farthest)
        first = next(_rrule(self.pattern, self.start, 1), None)
        if first is None or first > last:
            return
        found = takewhile(lambda day: day <= last, _rrule(self.pattern, first, getattr(self.pattern, "apart", 1)))
        yield from found if self.times is None else islice(found, self.times)

    def after(self, day: date) -> date | None:
        """Return the first of the days after a day, or None."""
        return next((each for each in self.days() if each > day), None)


def _rrule(pattern: Pattern, start: date, apart: int) -> Iterator[date]:
    """Yield the days from a start on that fit, `apart` weeks or months apart, counted from the start's own."""
    begins = datetime.combine(start, time())
    match pattern:
        case Daily():
            found = rrule.rrule(rrule.DAILY, dtstart=begins, interval=1)
        case Weekly(weekdays):
            found = rrule.rrule(rrule.WEEKLY, dtstart=begins, interval=apart, wkst=rrule.MO, byweekday=weekdays)
        case MonthlyByDay(day) if day <= SHORTEST_MONTH:
            found = rrule.rrule(rrule.MONTHLY, dtstart=begins, interval=apart, bymonthday=day)
        case MonthlyByDay(day):
            # The last of those days that a month has: the 31st, else the 30th, else the last of February.
            days = range(SHORTEST_MONTH, day + 1)
            found = rrule.rrule(rrule.MONTHLY, dtstart=begins, interval=apart, bymonthday=days, bysetpos=LAST)
        case MonthlyByWeekday(place, weekday):
            named = rrule.weekday(weekday, place)
            found = rrule.rrule(rrule.MONTHLY, dtstart=begins, interval=apart, byweekday=named)
    return (each.date() for each in found)


@dataclass(frozen=True, slots=True)
class AfterJoining:
    """So many days after somebody joined, each in turn: `(3, 10, 30)`."""

    days: tuple[int, ...]

    def __post_init__(self) -> None:
        if not self.days or list(self.days) != sorted(set(self.days)):
            raise BadRule("never" if not self.days else "no_such_day")
        if self.days[0] < 1:
            raise BadRule("too_often")
        if self.days[-1] > MOST_DAYS_AFTER:
            raise BadRule("too_far_apart")

    def of(self, joined: date) -> tuple[date, ...]:
        """Return the days for somebody who joined on a day."""
        return tuple(joined + each * A_DAY for each in self.days)


def moment(day: date, at: time, zone: tzinfo) -> datetime:
    """Return the moment, in UTC, at which a clock in a zone shows this hour of this day.

    An hour that a clock shows twice is meant the first time; for one that it skips, the moment at which it goes on.
    """
    wall = datetime.combine(day, at, tzinfo=zone)
    found = wall.astimezone(UTC)
    if found.astimezone(zone).replace(tzinfo=None) == wall.replace(tzinfo=None):
        return found
    # The clock jumps within the hours that the two offsets lie apart: find the first second after it.
    later = wall.replace(fold=1)
    before, after = later.astimezone(UTC), found
    jumped = after.astimezone(zone).utcoffset()
    while after - before > A_SECOND:
        middle = before + (after - before) // A_SECOND // 2 * A_SECOND
        if middle.astimezone(zone).utcoffset() == jumped:
            after = middle
        else:
            before = middle
    return after
