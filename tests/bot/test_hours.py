"""Her hours: nothing speaks first outside of them, whatever the zone and the season."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.services import hours

MEXICO = "America/Mexico_City"


def local(text: str, zone: str = MEXICO) -> datetime:
    """Read a moment of a zone's wall clock."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


@pytest.mark.parametrize(
    ("chosen", "at", "expected"),
    [
        ((), "2026-11-24T09:00", "2026-11-24T09:00"),
        ((), "2026-11-24T07:59", "2026-11-24T08:00"),
        ((), "2026-11-24T21:00", "2026-11-25T08:00"),
        (("morning",), "2026-11-24T12:00", "2026-11-25T08:00"),
        (("afternoon",), "2026-11-24T09:00", "2026-11-24T12:00"),
        (("evening",), "2026-11-24T20:59", "2026-11-24T20:59"),
        (("morning", "evening"), "2026-11-24T13:00", "2026-11-24T18:00"),
        (("weekend",), "2026-11-24T09:00", "2026-11-28T08:00"),
        (("weekend", "evening"), "2026-11-29T21:30", "2026-12-05T18:00"),
        (("weekend",), "2026-11-28T10:00", "2026-11-28T10:00"),
    ],
)
def test_the_next_of_her_hours(chosen: tuple[str, ...], at: str, expected: str) -> None:
    """Within her hours it is now, else when the next of them begins; without a choice, from eight to nine."""
    assert hours.next_moment(chosen, MEXICO, local(at)) == local(expected)


@given(
    st.sets(st.sampled_from(hours.CHOICES)),
    st.integers(1_767_225_600, 1_830_297_600).map(lambda seconds: datetime.fromtimestamp(seconds, UTC)),
    st.sampled_from((MEXICO, "America/Tijuana", "Europe/Madrid", "Asia/Tokyo", "UTC")),
)
def test_a_moment_is_always_one_of_her_hours(chosen: set[str], at: datetime, zone: str) -> None:
    """The moment is not before it was asked for, at most a week away, and within what she chose."""
    found = hours.next_moment(chosen, zone, at)
    there = found.astimezone(ZoneInfo(zone))
    parts = [hours.PARTS[part] for part in chosen if part in hours.PARTS] or list(hours.ANY)

    assert at <= found <= at + timedelta(days=8)
    assert any(begins <= there.hour < ends for begins, ends in parts)
    assert hours.WEEKEND not in chosen or there.weekday() >= hours.SATURDAY
    assert hours.next_moment(chosen, zone, found) == found


def test_tomorrow_is_the_next_day_of_her_zone() -> None:
    """Late in the evening at home it is tomorrow's seven there, not the server's."""
    late = local("2026-11-24T23:30")

    assert hours.tomorrow_at(19, MEXICO, late) == local("2026-11-25T19:00")
