"""How a person wants what comes back: each time, less often, at a moment of their own, by coming by themselves, or not.

Whatever somebody chooses moves only their own, and inside the window.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal, TypeAlias
from uuid import UUID

from bot.services.rhythms import Rhythm
from storage.people import Person
from storage.schedules import Schedule
from storage.unit import Unit

RHYTHM_WAYS: Final = "rhythm_ways"
"""Preference: how a person wants what comes back, by the schedule's id: see `Way`; each time where it is not named."""
RHYTHM_MOMENTS: Final = "rhythm_moments"
"""Preference: by the schedule's id, how many days after the day of an occurrence, and at which wall time."""
RHYTHMS_TOLD: Final = "rhythms_told"
"""Preference: of which schedules a person was told how often they come."""
NOT_TODAY: Final = "not_today"
"""Preference: by the schedule's id, on which day a person wanted to be asked nothing of it."""
RESTS: Final = "rests"
"""Preference: since when all that comes back rests, since its person was asked how to go on, and said nothing."""
NO_REMINDERS: Final = "no_reminders"
"""Preference: whether a person switched reminders off."""
Way: TypeAlias = Literal["", "half", "month", "own", "no"]
A_MONTH: Final = timedelta(days=28)


@dataclass(frozen=True, slots=True)
class OwnMoment:
    """A moment of one's own for what comes back: so many days after its day, at a wall time, "19:00"."""

    days: int
    at: str


def _with(person: Person, name: str, schedule_id: UUID, value: object) -> dict[str, object]:
    """Return a preference by schedule with another value for one of them; without it where that is None."""
    kept: Mapping[str, object] = person.preferences.get(name) or {}
    found = {each: kept[each] for each in kept if each != schedule_id.hex}
    if value is not None:
        found[schedule_id.hex] = value
    return {name: found or None}


def way_of(person: Person, schedule_id: UUID) -> Way:
    """Return how a person wants a schedule."""
    found: Way = (person.preferences.get(RHYTHM_WAYS) or {}).get(schedule_id.hex, "")
    return found


def choose(unit: Unit, person: Person, schedule_id: UUID, way: Way) -> Person:
    """Note how a person wants a schedule."""
    return unit.people.prefer(person, **_with(person, RHYTHM_WAYS, schedule_id, way or None))


def chosen_moment(person: Person, schedule_id: UUID) -> OwnMoment | None:
    """Return the moment that a person chose for a schedule, or None."""
    kept = (person.preferences.get(RHYTHM_MOMENTS) or {}).get(schedule_id.hex)
    return OwnMoment(int(kept[0]), str(kept[1])) if kept else None


def choose_moment(unit: Unit, person: Person, schedule_id: UUID, chosen: OwnMoment | None) -> Person:
    """Note at which moment a person wants a schedule; None: at everybody's."""
    value = [chosen.days, chosen.at] if chosen else None
    return unit.people.prefer(person, **_with(person, RHYTHM_MOMENTS, schedule_id, value))


def left_out(person: Person, schedule_id: UUID) -> str | None:
    """Return the last day on which a person wanted to be asked nothing of a schedule, or None."""
    found: str | None = (person.preferences.get(NOT_TODAY) or {}).get(schedule_id.hex)
    return found


def not_today(person: Person, schedule_id: UUID, day: date) -> bool:
    """Return whether a person wanted to be asked nothing of a schedule on a day."""
    return left_out(person, schedule_id) == day.isoformat()


def leave_out(unit: Unit, person: Person, schedule_id: UUID, day: date | None) -> Person:
    """Note that a person wants to be asked nothing of a schedule on a day; None takes it back."""
    return unit.people.prefer(person, **_with(person, NOT_TODAY, schedule_id, day.isoformat() if day else None))


def too_early(way: Way, schedule: Schedule, last_on: str | None, occurs_on: str) -> bool:
    """Return whether an occurrence comes too early after the last one that began, for who wants it less often."""
    if way not in {"half", "month"} or last_on is None:
        return False
    day, last = date.fromisoformat(occurs_on[:10]), date.fromisoformat(last_on[:10])
    if way == "month":
        return day - last < A_MONTH
    following = Rhythm.of(schedule.rule).after(last)
    return following is None or following[:10] >= occurs_on[:10]


def rests(person: Person) -> bool:
    """Return whether all that comes back rests for a person."""
    return bool(person.preferences.get(RESTS))


def is_told(person: Person, schedule_id: UUID) -> bool:
    """Return whether a person was told how often something comes back."""
    return schedule_id.hex in (person.preferences.get(RHYTHMS_TOLD) or ())


def told(unit: Unit, person: Person, schedule_id: UUID) -> bool:
    """Note that a person was told of a schedule; return False if they were before."""
    if is_told(person, schedule_id):
        return False
    before = person.preferences.get(RHYTHMS_TOLD) or []
    unit.people.prefer(person, **{RHYTHMS_TOLD: [*before, schedule_id.hex]})
    return True


def present(unit: Unit, person: Person) -> list[Schedule]:
    """List what comes back to a person, the newest first."""
    found = unit.schedules.list(unit.memberships.of(person.id))
    return [each for each in found if each.state == "active"]


def arrived(unit: Unit, person: Person) -> Person:
    """Note that a person is here: what rested goes on, and what waits for who comes by themselves begins.

    Who never chose any of it costs two looks at their preferences.
    """
    if rests(person):
        person = unit.people.prefer(person, **{RESTS: None})
    if comes_to_any(person):
        unit.schedules.wake(person.id)
    return person


def comes_by_themselves(person: Person, schedule_id: UUID | None) -> bool:
    """Return whether a person comes by themselves to a schedule."""
    return schedule_id is not None and way_of(person, schedule_id) == "own"


def never_rung(unit: Unit, person: Person, broadcast_id: UUID | None) -> bool:
    """Return whether no reminder of a broadcast reaches a person: they want none, or come to it by themselves."""
    if person.preferences.get(NO_REMINDERS):
        return True
    if broadcast_id is None or not person.preferences.get(RHYTHM_WAYS):
        return False
    schedule_id = unit.schedules.of_occurrence(broadcast_id)
    return comes_by_themselves(person, schedule_id)


def comes_to_any(person: Person) -> bool:
    """Return whether a person comes by themselves to something."""
    return "own" in (person.preferences.get(RHYTHM_WAYS) or {}).values()
