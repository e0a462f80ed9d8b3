"""A zone of one's own: whoever lives by another hour than their cohort is written to at their own.

A broadcast's moment is the cohort's wall time: somebody with another zone gets it when their own clock says the same.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Final
from uuid import UUID

from bot.services import hours
from bot.services.members import WELCOME_AT
from bot.services.organisation import local_zone
from storage.cohorts import Cohort
from storage.people import ZONE, Person
from storage.unit import Unit

SEEN: Final = "zone_seen"
"""Preference: the zone that their browser goes by, until they were asked about it."""
ASKED: Final = "zone_asked"
"""Preference: the zone about which they were asked, so that they are not asked again."""


def change(unit: Unit, person: Person, zone: str | None) -> Person:
    """Give a person a zone of their own, or (None) their cohort's again; what is to come moves to the new hour."""
    before = local_zone(unit, person)
    person = unit.people.prefer(person, **{ZONE: zone, SEEN: None})
    after = local_zone(unit, person)
    if (at := person.preferences.get(WELCOME_AT)) and before != after:
        moved = hours.same_hour(datetime.fromisoformat(at), before, after)
        person = unit.people.prefer(person, **{WELCOME_AT: moved.isoformat()})
    for waiting in unit.broadcasts.to_come(person.id, unit.now):
        cohort = unit.cohorts.get(waiting.cohort_id)
        due_at = moment_for(unit, waiting.ordered_for, local_zone(unit, cohort=cohort), person.zone)
        unit.broadcasts.defer(waiting.delivery_id, due_at)
    return person


def noticed(unit: Unit, person: Person, zone: str) -> None:
    """Note by which zone a person's browser goes, so that they are asked about it once, where it differs in hour."""
    if person.preferences.get(ASKED) != zone and hours.differ(zone, local_zone(unit, person), unit.now):
        unit.people.prefer(person, **{SEEN: zone})


def moments(unit: Unit, cohort: Cohort, people: Iterable[UUID], at: datetime) -> dict[UUID, datetime]:
    """Return when each of some people gets what is ordered for a moment of their cohort: at the same hour of theirs."""
    there = local_zone(unit, cohort=cohort)
    own = {person.id: person.zone for person in unit.people.list(cohort.id)} if at > unit.now else {}
    return {each: moment_for(unit, at, there, own.get(each)) for each in people}


def moment_for(unit: Unit, at: datetime, there: str, own: str | None) -> datetime:
    """Return a moment of one zone at the same hour of another; now, where that hour has passed there."""
    return at if own in {None, there} or at <= unit.now else max(unit.now, hours.same_hour(at, there, str(own)))


def elsewhere(unit: Unit, cohort: Cohort, at: datetime) -> int:
    """Count a cohort's active members for whom a moment of the cohort comes at another moment, by their own zone."""
    there, active = local_zone(unit, cohort=cohort), set(unit.memberships.active(cohort.id))
    found = (each.zone for each in unit.people.list(cohort.id) if each.id in active)
    return sum(bool(zone) and hours.differ(str(zone), there, at) for zone in found)
