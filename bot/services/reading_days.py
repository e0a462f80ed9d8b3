"""On which days the team reads, and from when to when it does not, by the organisation's record."""

from collections.abc import Collection, Mapping
from datetime import date, timedelta
from typing import Any, Final

AWAY: Final = "away"


class Away:
    """From which day on the team does not read, and the day on which they read again."""

    __slots__ = ("back", "since")

    def __init__(self, since: date, back: date) -> None:
        self.since = since
        self.back = back

    @classmethod
    def of(cls, record: Mapping[str, Any]) -> "Away | None":
        """Return what the record says, or None."""
        kept = record.get(AWAY)
        return cls(date.fromisoformat(kept["since"]), date.fromisoformat(kept["back"])) if kept else None

    def kept(self) -> dict[str, str]:
        """Return it in the record's form."""
        return {"since": self.since.isoformat(), "back": self.back.isoformat()}

    def covers(self, day: date) -> bool:
        """Return whether the team does not read on a day."""
        return self.since <= day < self.back


def next_day(record: Mapping[str, Any], today: date) -> date | None:
    """Return the day on which the team reads next, which may be today; None if no days are on record."""
    days = set(record.get("reading_days") or ())
    if not days:
        return None
    away = Away.of(record)
    first = _from(today, days)
    return _from(away.back, days) if away is not None and away.covers(first) else first


def _from(day: date, weekdays: Collection[int]) -> date:
    """Return the first day, this one or a later one, that is one of some weekdays."""
    return next(found for each in range(7) if (found := day + timedelta(days=each)).weekday() in weekdays)
