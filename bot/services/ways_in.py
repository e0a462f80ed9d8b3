"""Ways in: what somebody is asked so many days after joining, each dialog once, at the hour of their own zone."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from bot import clock
from bot.content import Content
from bot.services import reminders
from bot.services.acts import Actor
from bot.services.organisation import OrganisationFacts
from bot.services.refusals import AlreadyDone
from bot.services.rhythms import Rhythm, moment_of
from bot.services.schedules import ScheduleError, dialog_of, write
from bot.services.versions import save_version
from dialogs.model import Dialog
from storage.schedules import Schedule
from storage.unit import Unit

EVERY: Final = timedelta(hours=1)
AHEAD: Final = timedelta(hours=24)
SLACK: Final = timedelta(days=4)
"""A window, and the hours between a day here and there."""


@dataclass(frozen=True, slots=True)
class StepOfWay:
    """One dialog of a way in, for one person: which, on which local day and hour, from when to when."""

    person_id: UUID
    step: int
    occurs_on: str
    at: datetime
    until: datetime


def make(unit: Unit, content: Content, organisation: OrganisationFacts, schedule: Schedule) -> int | None:
    """Make what comes within a day to whoever joined, and is not made; return how many broadcasts are new.

    None: a dialog of it was retired or has mistakes by now. Who had joined before it was begun gets what is still to
    come; what fell due while nothing ran comes while it may be answered.
    """
    shared = _shared_zone(unit, organisation, schedule)
    found: dict[tuple[str, int], list[tuple[UUID, UUID, datetime, datetime]]] = defaultdict(list)
    for each in _steps(unit, organisation, schedule):
        left_out = each.occurs_on <= (schedule.skipped_on or "")
        if left_out or each.at > unit.now + AHEAD or unit.ways_in.had_step(schedule.id, each.step, each.person_id):
            continue
        found[each.occurs_on, each.step].append((clock.new_id(), each.person_id, each.at, each.until))
    made = 0
    for (occurs_on, step), people in sorted(found.items()):
        dialog = dialog_of(unit, content, schedule, step)
        if dialog is None:
            return None
        made += _occur(unit, schedule, dialog, occurs_on, step, people, moment_of(occurs_on, shared))
    return made


def _steps(unit: Unit, organisation: OrganisationFacts, schedule: Schedule) -> Iterator[StepOfWay]:
    """Yield what comes to whoever joined, and may still be answered; begun or not."""
    rhythm = Rhythm.of(schedule.rule)
    assert rhythm.way is not None
    window = timedelta(minutes=schedule.window_minutes)
    since = unit.now - timedelta(days=rhythm.way.days[-1]) - window - SLACK
    joined = unit.ways_in.joined(schedule.cohort_id, since)
    if not joined:  # of a large group that nobody joined lately, nobody is read
        return
    shared = _shared_zone(unit, organisation, schedule)
    own = {person.id: person.zone for person in unit.people.list(schedule.cohort_id)}
    for person_id, joined_at in joined:
        zone = own.get(person_id) or shared
        for step, day in enumerate(rhythm.way.of(moment_day(joined_at, zone))):
            occurs_on = f"{day.isoformat()}T{rhythm.at:%H:%M}"
            at = moment_of(occurs_on, zone)
            if at > schedule.made_at and at + window > unit.now:
                yield StepOfWay(person_id, step, occurs_on, at, at + window)


def _shared_zone(unit: Unit, organisation: OrganisationFacts, schedule: Schedule) -> str:
    return organisation.zone(unit, cohort=unit.cohorts.get(schedule.cohort_id))


def coming_of_way(unit: Unit, organisation: OrganisationFacts, schedule: Schedule) -> str | None:
    """Return what comes next of a way in to anybody, as local day and time; None: nobody is on the way."""
    lies_ready = {(each.person_id, each.occurs_on) for each in unit.schedules.planned(schedule.id)}
    return min(
        (
            each.occurs_on
            for each in _steps(unit, organisation, schedule)
            if each.at > unit.now
            and each.occurs_on > (schedule.skipped_on or "")
            and (
                (each.person_id, each.occurs_on) in lies_ready
                or not unit.ways_in.had_step(schedule.id, each.step, each.person_id)
            )
        ),
        default=None,
    )


def leave_out(unit: Unit, organisation: OrganisationFacts, schedule: Schedule, by: Actor) -> Schedule:
    """Leave out what comes next of a way in; raises ScheduleError where nobody is on the way."""
    upcoming = coming_of_way(unit, organisation, schedule)
    if upcoming is None:
        raise ScheduleError("repeat.way.nobody")
    for broadcast_id in unit.ways_in.made(schedule.id, upcoming):
        unit.broadcasts.cancel(broadcast_id)
        unit.following.withdraw(broadcast_id)
    return write(unit, by, "schedule.skipped", replace(schedule, skipped_on=upcoming))


def put_back(unit: Unit, organisation: OrganisationFacts, schedule: Schedule, by: Actor) -> Schedule:
    """Take back what was left out of a way in, as far as it is still to come; raises AlreadyDone where nothing is."""
    if not left_out(unit, organisation, schedule):
        raise AlreadyDone
    for broadcast_id in unit.ways_in.made(schedule.id, schedule.skipped_on or ""):
        unit.broadcasts.uncancel(broadcast_id)
    return write(unit, by, "schedule.unskipped", replace(schedule, skipped_on=None, next_at=unit.now))


def left_out(unit: Unit, organisation: OrganisationFacts, schedule: Schedule) -> bool:
    """Return whether something was left out of a way in that is still to come."""
    if schedule.skipped_on is None:
        return False
    return moment_of(schedule.skipped_on, _shared_zone(unit, organisation, schedule)) > unit.now


def change(unit: Unit, schedule: Schedule, rhythm: Rhythm, by: Actor) -> Schedule:
    """Give a way in other days or another hour; what was made ahead is made anew by them.

    Who had a dialog of it does not get it again. Raises ScheduleError for what is no way in.
    """
    if rhythm.way is None:
        raise ScheduleError("repeat.way.stays")
    rule = reminders.keep(schedule.rule, rhythm.fields(), timedelta(minutes=schedule.window_minutes))
    changed = write(unit, by, "schedule.changed", replace(schedule, rule=rule, skipped_on=None, next_at=unit.now))
    unit.ways_in.unmake(schedule.id)
    return changed


def moment_day(moment: datetime, zone: str) -> date:
    """Return the day of a moment in a zone."""
    return moment.astimezone(ZoneInfo(zone)).date()


def _occur(
    unit: Unit,
    schedule: Schedule,
    dialog: Dialog,
    occurs_on: str,
    step: int,
    people: list[tuple[UUID, UUID, datetime, datetime]],
    due_at: datetime,
) -> int:
    """Make one occurrence, or add people to it; return 1 if it is new."""
    known = unit.ways_in.step_of(schedule.id, occurs_on, step)
    if known is not None:
        unit.ways_in.add_people(known, people)
        return 0
    save_version(unit, dialog)
    broadcast_id = clock.new_id()
    fresh = unit.broadcasts.order(
        *(broadcast_id, f"schedule:{schedule.id.hex}:{occurs_on}:{step}", dialog.version, schedule.cohort_id),
        purpose={},  # its card is stored
        purpose_id=schedule.purpose_id,
        ordered_by=schedule.made_by,
        due_at=due_at,
        people=[(id_, person_id, at) for id_, person_id, at, _ in people],
    )
    if fresh:
        windows = [(id_, at, until) for id_, _, at, until in people]
        unit.schedules.occurs(broadcast_id, schedule.id, occurs_on, windows, step)
        unit.audit.add("hilo", "schedule.occurred", str(broadcast_id), {"people": len(people)})
    return int(fresh)
