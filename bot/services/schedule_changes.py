"""Leaving out, putting back and moving what comes next, of a way in as of any other schedule."""

from uuid import UUID

from bot.services import schedules, ways_in
from bot.services.acts import Actor
from bot.services.organisation import OrganisationFacts
from bot.services.refusals import AlreadyDone
from bot.services.rhythms import Rhythm
from storage.schedules import Schedule
from storage.unit import Unit


def skip(unit: Unit, organisation: OrganisationFacts, schedule_id: UUID, by: Actor) -> Schedule:
    """Leave out what comes next; raises as `schedules.skip`."""
    schedule = schedules.reached(unit, schedule_id, by)
    if not schedules.is_way(schedule):
        return schedules.skip(unit, schedule_id, by)
    return ways_in.leave_out(unit, organisation, _active(schedule), by)


def unskip(unit: Unit, organisation: OrganisationFacts, schedule_id: UUID, by: Actor) -> Schedule:
    """Take back what was left out; raises as `schedules.unskip`."""
    schedule = schedules.reached(unit, schedule_id, by)
    if not schedules.is_way(schedule):
        return schedules.unskip(unit, organisation, schedule_id, by)
    return ways_in.put_back(unit, organisation, _active(schedule), by)


def may_unskip(unit: Unit, organisation: OrganisationFacts, schedule: Schedule) -> bool:
    """Return whether something that was left out is still to come."""
    if schedules.is_way(schedule):
        return ways_in.left_out(unit, organisation, schedule)
    return schedules.may_unskip(unit, organisation, schedule)


def change_rhythm(
    unit: Unit, organisation: OrganisationFacts, schedule_id: UUID, rhythm: Rhythm, by: Actor
) -> Schedule:
    """Give a schedule other days or another hour; raises as `schedules.change_rhythm`."""
    schedule = schedules.reached(unit, schedule_id, by)
    if not schedules.is_way(schedule):
        return schedules.change_rhythm(unit, organisation, schedule_id, rhythm, by)
    return ways_in.change(unit, _active(schedule), rhythm, by)


def _active(schedule: Schedule) -> Schedule:
    if schedule.state != "active":
        raise AlreadyDone
    return schedule
