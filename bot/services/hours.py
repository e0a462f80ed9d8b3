"""When a person may be written to: their chosen hours, in their zone. Pure: the moment is an argument."""

from collections.abc import Collection
from datetime import UTC, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

PARTS: Final = {"morning": (8, 12), "afternoon": (12, 18), "evening": (18, 21)}  # from, until: hours of the day
WEEKEND: Final = "weekend"
ANY: Final = ((8, 21),)
CHOICES: Final = (*PARTS, WEEKEND)
SATURDAY: Final = 5
EVENING: Final = 20  # the hour of "tonight"
WEEK: Final = 8  # days ahead: the same weekday once more


def next_moment(hours: Collection[str], zone: str, at: datetime) -> datetime:
    """Return the first moment from `at` on that lies within a person's hours, in UTC.

    Args:
        hours: of `CHOICES`; without a part of the day: from 8 to 21 o'clock; `weekend`: only Saturdays and Sundays.
        zone: the person's IANA zone.
        at: an aware moment.
    """
    where = ZoneInfo(zone)
    day = at.astimezone(where).date()
    for ahead in range(WEEK):
        date = day + timedelta(days=ahead)
        if WEEKEND in hours and date.weekday() < SATURDAY:
            continue
        for begins, ends in sorted(PARTS[part] for part in hours if part in PARTS) or ANY:
            opens = datetime.combine(date, time(begins), where).astimezone(UTC)
            closes = datetime.combine(date, time(ends), where).astimezone(UTC)
            if at < closes:
                return max(at.astimezone(UTC), opens)
    raise AssertionError("every week has a weekend")


def same_hour(at: datetime, there: str, here: str) -> datetime:
    """Return the moment at which the clock of one zone says what that of another says at a moment, in UTC."""
    return at.astimezone(ZoneInfo(there)).replace(tzinfo=ZoneInfo(here)).astimezone(UTC)


def differ(zone: str, other: str, at: datetime) -> bool:
    """Return whether the clocks of two zones differ at a moment."""
    return at.astimezone(ZoneInfo(zone)).utcoffset() != at.astimezone(ZoneInfo(other)).utcoffset()


def tonight(zone: str, now: datetime) -> datetime:
    """Return the coming evening, an hour from now at the earliest, in UTC."""
    return next_at(EVENING, zone, now + timedelta(hours=1))


def next_at(hour: int, zone: str, now: datetime) -> datetime:
    """Return the first moment after `now` at which it is this hour in a zone, in UTC."""
    where = ZoneInfo(zone)
    local = now.astimezone(where)
    today = datetime.combine(local.date(), time(hour), where).astimezone(UTC)
    return today if today > now else tomorrow_at(hour, zone, now)


def tomorrow_at(hour: int, zone: str, now: datetime) -> datetime:
    """Return this hour of the next day in a zone, in UTC."""
    where = ZoneInfo(zone)
    date = now.astimezone(where).date() + timedelta(days=1)
    return datetime.combine(date, time(hour), where).astimezone(UTC)
