"""When what comes back reaches each person, and what was made ahead and has not begun: it moves with zone and hour."""

from datetime import date, datetime, timedelta
from uuid import UUID

from bot.services import own_time
from bot.services.organisation import OrganisationFacts, local_zone
from bot.services.rhythms import moment_of, wall_time
from storage.cohorts import Cohort
from storage.people import Person
from storage.schedules import Schedule
from storage.unit import Unit


def not_begun(unit: Unit, schedule: Schedule) -> UUID | None:
    """Return the occurrence that was made ahead and of which nothing has begun yet, or None."""
    for broadcast_id in unit.schedules.occurrences(schedule.id, 1):
        broadcast = unit.broadcasts.get(broadcast_id)
        progress = unit.following.progress(broadcast_id)
        waits = progress.queued > 0 and progress.queued + progress.skipped + progress.unreachable == progress.people
        if broadcast is not None and broadcast.cancelled_at is None and broadcast.closed_at is None and waits:
            return broadcast_id
    return None


def planned(
    unit: Unit, organisation: OrganisationFacts, schedule: Schedule, person: Person, occurs_on: str
) -> tuple[datetime, datetime]:
    """Return when an occurrence comes to a person, and until when it may be answered.

    It comes on its day, at the schedule's hour, in the person's zone; or at the moment within its window that the
    person chose.
    """
    wall, zone = wall_time(schedule.rule), organisation.zone(unit, person)
    at = moment_of(f"{occurs_on[:10]}T{wall:%H:%M}", zone)
    until = at + timedelta(minutes=schedule.window_minutes)
    chosen = own_time.chosen_moment(person, schedule.id)
    if chosen is None:
        return at, until
    day = date.fromisoformat(occurs_on[:10]) + timedelta(days=chosen.days)
    own = moment_of(f"{day.isoformat()}T{chosen.at}", zone)
    return (own if at <= own < until else at), until


def ask_now(unit: Unit, organisation: OrganisationFacts, person: Person, schedule_id: UUID) -> None:
    """Let come what waited until a person had said how they want a schedule, where its moment has passed."""
    schedule = unit.schedules.get(schedule_id)
    for each in unit.schedules.planned_for(person.id) if schedule is not None else ():
        if schedule is None or each.schedule_id != schedule_id or each.due_at <= unit.now:
            continue
        at, until = planned(unit, organisation, schedule, person, each.occurs_on)
        if at <= unit.now < until:
            unit.broadcasts.defer(each.delivery_id, at)


def replan(unit: Unit, organisation: OrganisationFacts, person: Person) -> None:
    """Move what a person is to be asked to the wall time of the zone they are in now."""
    for each in unit.schedules.planned_for(person.id):
        schedule = unit.schedules.get(each.schedule_id)
        if schedule is not None:
            _replan(unit, organisation, schedule, person, each.delivery_id, each.occurs_on, each.due_at)


def _replan(
    unit: Unit,
    organisation: OrganisationFacts,
    schedule: Schedule,
    person: Person,
    delivery_id: UUID,
    occurs_on: str,
    due_at: datetime,
) -> None:
    at, until = planned(unit, organisation, schedule, person, occurs_on)
    if at > unit.now and at != due_at:
        unit.schedules.move(delivery_id, at, until)


def replan_all(unit: Unit, organisation: OrganisationFacts, changed: Schedule) -> None:
    """Move what was made ahead and has not begun to a schedule's new hour of its own day."""
    for each in unit.schedules.planned(changed.id):
        person = unit.people.get(each.person_id)
        if person is not None:
            _replan(unit, organisation, changed, person, each.delivery_id, each.occurs_on, each.due_at)
    _put(unit, changed, organisation.zone(unit, cohort=unit.cohorts.get(changed.cohort_id)))


def _put(unit: Unit, schedule: Schedule, zone: str) -> None:
    """Let what was made ahead and has not begun be due at its schedule's hour, where that is still to come."""
    made, on = not_begun(unit, schedule), unit.schedules.last_made(schedule.id)
    if made is None or on is None:
        return
    at = moment_of(f"{on[:10]}T{wall_time(schedule.rule):%H:%M}", zone)
    if at > unit.now:
        unit.schedules.put(made, at)


def rezone(unit: Unit, cohort: Cohort, before: str) -> None:
    """Move what was made and has not begun to the hour of a cohort's new zone, earlier or later; `before`: the old one.

    Who has a zone of their own, or was put off, stays where they are.
    """
    after = local_zone(unit, cohort=cohort)
    if after == before:
        return
    for schedule in unit.schedules.list([cohort.id]):
        window = timedelta(minutes=schedule.window_minutes)
        for each in unit.schedules.planned(schedule.id):
            person, at = unit.people.get(each.person_id), moment_of(each.occurs_on, after)
            put_off = each.due_at != moment_of(each.occurs_on, before)
            if person is not None and not person.zone and not put_off and at + window > unit.now:
                unit.schedules.move(each.delivery_id, at, at + window)
        _put(unit, schedule, after)
    unit.people.look_again(cohort.id)
