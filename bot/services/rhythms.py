"""A rhythm: on which days and at which wall time something comes back, and how rows keep it.

A rule is stored as closed fields: `every` (`day`, `week`, `month_day`, `month_weekday`), `on` (weekdays, Monday 0; a
day of the month; or a weekday's place and the weekday), `apart`, `start`, `times`, `until`, and `at`, the wall time.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final, assert_never
from zoneinfo import ZoneInfo

from dialogs.recurrence import (
    AfterJoining,
    BadRule,
    Daily,
    MonthlyByDay,
    MonthlyByWeekday,
    Pattern,
    Recurrence,
    Weekly,
    moment,
)

JOINING: Final = "joining"
"""As `every` of a rule: days after joining (`days`), each once a person."""
EPOCH: Final = date(2000, 1, 1)
EARLIEST: Final = timedelta(hours=24)
"""How long before its wall time, read as UTC, an occurrence is made: 10 hours before the first zone reaches it."""


@dataclass(frozen=True, slots=True)
class Rhythm:
    """When something comes: on which days, and at which wall time."""

    days: Recurrence
    at: time
    way: AfterJoining | None = None
    """For a way in: on which days after somebody joined; `days` then only says how many they are."""

    @classmethod
    def of(cls, rule: Mapping[str, Any]) -> "Rhythm":
        """Return the rhythm in a schedule's closed fields; raises BadRule, LookupError or ValueError for others."""
        if rule.get("every") == JOINING:
            return cls.joining(AfterJoining(tuple(rule["days"])), time.fromisoformat(rule["at"]))
        until = rule.get("until")
        days = Recurrence(
            _pattern(rule),
            date.fromisoformat(rule["start"]),
            rule.get("times"),
            date.fromisoformat(until) if until else None,
        )
        return cls(days, time.fromisoformat(rule["at"]))

    @classmethod
    def joining(cls, way: AfterJoining, at: time) -> "Rhythm":
        """Return the rhythm of a way in."""
        return cls(Recurrence(Daily(), EPOCH, len(way.days)), at, way)

    def fields(self) -> dict[str, Any]:
        """Return the rhythm as closed fields."""
        if self.way is not None:
            return {"every": JOINING, "days": [*self.way.days], "at": f"{self.at:%H:%M}"}
        days = self.days
        return {
            **_fields(days.pattern),
            "start": days.start.isoformat(),
            "times": days.times,
            "until": days.until and days.until.isoformat(),
            "at": f"{self.at:%H:%M}",
        }

    def after(self, day: date) -> str | None:
        """Return the first occurrence after a day, as local day and time; None where it is over."""
        found = self.days.after(day)
        return None if found is None else f"{found.isoformat()}T{self.at:%H:%M}"

    def coming(self, zone: str, now: datetime) -> str | None:
        """Return the first occurrence that is still to come in a zone; None where it is over."""
        local = now.astimezone(ZoneInfo(zone))
        found = self.after(local.date() - timedelta(days=1))
        return self.after(local.date()) if found is not None and moment_of(found, zone) <= now else found

    def next(self, zone: str, now: datetime, most: int) -> list[str]:
        """Return the next few occurrences in a zone."""
        found: list[str] = []
        coming = self.coming(zone, now)
        while coming is not None and len(found) < most:
            found.append(coming)
            coming = self.after(date.fromisoformat(coming[:10]))
        return found

    @property
    def weekly(self) -> float:
        """How often a week it comes; a way in comes to each person a few times in all."""
        if self.way is not None:
            return 0
        match self.days.pattern:
            case Daily():
                return 7
            case Weekly(weekdays, apart):
                return len(set(weekdays)) / apart
            case _:
                return 0.25


def _pattern(rule: Mapping[str, Any]) -> Pattern:
    on, apart = rule.get("on"), int(rule.get("apart") or 1)
    match rule["every"]:
        case "day":
            return Daily()
        case "week":
            return Weekly(tuple(on or ()), apart)
        case "month_day":
            return MonthlyByDay(int(on or 0), apart)
        case "month_weekday" if isinstance(on, list) and len(on) == 2:  # noqa: PLR2004  a place and a weekday
            return MonthlyByWeekday(on[0], on[1], apart)
        case _:
            raise BadRule("never")


def _fields(pattern: Pattern) -> dict[str, Any]:
    match pattern:
        case Daily():
            return {"every": "day"}
        case Weekly(weekdays, apart):
            return {"every": "week", "on": sorted(set(weekdays)), "apart": apart}
        case MonthlyByDay(day, apart):
            return {"every": "month_day", "on": day, "apart": apart}
        case MonthlyByWeekday(place, weekday, apart):
            return {"every": "month_weekday", "on": [place, weekday], "apart": apart}
        case _:
            assert_never(pattern)


def wall_time(rule: Mapping[str, Any]) -> time:
    """Return the wall time in a schedule's closed fields, without the days: a person's is worked out by it alone."""
    return time.fromisoformat(rule["at"])


def first_day(at: time, zone: str, now: datetime) -> date:
    """Return the first local day whose wall time is still to come in a zone: today or tomorrow."""
    today = now.astimezone(ZoneInfo(zone)).date()
    return today if moment(today, at, ZoneInfo(zone)) > now else today + timedelta(days=1)


def moment_of(occurs_on: str, zone: str) -> datetime:
    """Return when an occurrence, local day and time, comes in a zone."""
    local = datetime.fromisoformat(occurs_on)
    return moment(local.date(), local.time(), ZoneInfo(zone))


def made_at(occurs_on: str) -> datetime:
    """Return when an occurrence is made: at most 36 hours before the last zone reaches it."""
    return datetime.fromisoformat(occurs_on).replace(tzinfo=UTC) - EARLIEST
