"""Who comes by themselves to what comes back: nothing is sent to them, and what is open waits for them."""

from typing import Final, Literal, TypeAlias
from uuid import UUID

from storage.people import Person
from storage.schedules import Schedule
from storage.unit import Unit

RHYTHM_WAYS: Final = "rhythm_ways"
"""Preference: how a person wants what comes back, by the schedule's id: to come by themselves, or not at all."""
RHYTHMS_TOLD: Final = "rhythms_told"
"""Preference: of which schedules a person was told how often they come."""
Way: TypeAlias = Literal["", "own", "no"]


def way_of(person: Person, schedule_id: UUID) -> Way:
    """Return how a person wants a schedule: as it comes (''), coming by themselves, or not at all."""
    found: Way = (person.preferences.get(RHYTHM_WAYS) or {}).get(schedule_id.hex, "")
    return found


def choose(unit: Unit, person: Person, schedule_id: UUID, way: Way) -> Person:
    """Note how a person wants a schedule."""
    kept = person.preferences.get(RHYTHM_WAYS) or {}
    ways = {name: each for name, each in kept.items() if name != schedule_id.hex} | (
        {schedule_id.hex: way} if way else {}
    )
    return unit.people.prefer(person, **{RHYTHM_WAYS: ways or None})


def told(unit: Unit, person: Person, schedule_id: UUID) -> bool:
    """Note that a person was told of a schedule; return False if they were before."""
    before = person.preferences.get(RHYTHMS_TOLD) or []
    if schedule_id.hex in before:
        return False
    unit.people.prefer(person, **{RHYTHMS_TOLD: [*before, schedule_id.hex]})
    return True


def present(unit: Unit, person: Person) -> list[Schedule]:
    """List what comes back to a person, the newest first."""
    found = unit.schedules.list(unit.memberships.of(person.id))
    return [each for each in found if each.state == "active"]


def arrived(unit: Unit, person: Person) -> bool:
    """Let begin what waits for a person who comes by themselves, now that they are here; return whether anything did.

    Who never chose that costs one look at their preferences.
    """
    ways = person.preferences.get(RHYTHM_WAYS)
    return ways is not None and "own" in ways.values() and unit.schedules.wake(person.id) > 0


def never_rung(unit: Unit, person: Person, broadcast_id: UUID | None) -> bool:
    """Return whether a person comes by themselves to what a broadcast is of, so that no reminder reaches them."""
    if broadcast_id is None or not person.preferences.get(RHYTHM_WAYS):
        return False
    schedule_id = unit.schedules.of_occurrence(broadcast_id)
    return schedule_id is not None and way_of(person, schedule_id) == "own"


def comes_in(unit: Unit, messenger: str, chat: str) -> Person | None:
    """Return the person of a chat, if they come by themselves to something."""
    person = unit.people.at(messenger, chat)
    ways = (person.preferences.get(RHYTHM_WAYS) if person is not None else None) or {}
    return person if "own" in ways.values() else None


def opened_page(unit: Unit, messenger: str, chat: str) -> bool:
    """Do the same for whoever has opened their page; return whether anything began."""
    person = comes_in(unit, messenger, chat)
    return person is not None and arrived(unit, person)
