"""What of a schedule comes next, which may lie ready already, and on which days it still comes."""

from datetime import date
from zoneinfo import ZoneInfo

from bot.services.organisation import OrganisationFacts
from bot.services.planning import not_begun
from bot.services.rhythms import Rhythm
from bot.services.schedules import is_way
from bot.services.ways_in import coming_of_way
from storage.schedules import Schedule
from storage.unit import Unit


def coming_next(unit: Unit, organisation: OrganisationFacts, schedule: Schedule) -> str | None:
    """Return what comes next, as local day and time: what was made ahead and has not begun, else what is made next."""
    if is_way(schedule):
        return coming_of_way(unit, organisation, schedule)
    made = not_begun(unit, schedule)
    broadcast = unit.broadcasts.get(made) if made is not None else None
    if broadcast is None:
        return schedule.next_on
    zone = ZoneInfo(organisation.zone(unit, cohort=unit.cohorts.get(schedule.cohort_id)))
    return f"{broadcast.due_at.astimezone(zone):%Y-%m-%dT%H:%M}"


def times_left(schedule: Schedule) -> int:
    """Return how many times a schedule still comes; 0 for one that goes on until somebody ends it."""
    times = Rhythm.of(schedule.rule).days.times
    return 0 if times is None else len(days_left(schedule, schedule.next_on or ""))


def days_left(schedule: Schedule, coming: str) -> list[date]:
    """Return on which days a schedule still comes, from the next one on; none for one that somebody has to end."""
    days = Rhythm.of(schedule.rule).days
    if (days.times is None and days.until is None) or not coming:
        return []
    return [day for day in days.days() if day.isoformat() >= coming[:10]]
