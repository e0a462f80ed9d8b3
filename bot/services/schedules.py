"""Acts on schedules: beginning, pausing, skipping, changing and ending what comes back; making its occurrences."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from bot import clock
from bot.content import Content, UnknownDialog
from bot.errors import Problem
from bot.rendering import targets
from bot.services import purposes
from bot.services.acts import Actor, actor_name, require
from bot.services.broadcasts import CLOSED
from bot.services.organisation import OrganisationFacts
from bot.services.permissions import FACILITATORS, allowed, may_reach
from bot.services.refusals import ActRefused, AlreadyDone, NotFound
from bot.services.rhythms import Rhythm, made_at, moment_of
from bot.services.versions import save_version
from dialogs.model import Dialog
from dialogs.recurrence import Daily
from storage.cohorts import Cohort
from storage.people import Person
from storage.schedules import Schedule, ScheduledDialog
from storage.unit import Unit

TIMES: Final = 8
"""How often something comes unless another number is chosen."""
DAILY_WINDOW, WINDOW = timedelta(hours=20), timedelta(days=3)
LAST_ZONE: Final = timedelta(hours=12)
"""How long after its wall time, read as UTC, the last zone reaches it."""
WEEK: Final = timedelta(days=7)
ASKINGS_A_WEEK: Final = 2
WEEK_LIMIT: Final = "askings_a_week"
"""In the organisation's record: how many askings reach one person in seven days."""


class ScheduleError(Problem, ActRefused):
    """Something that cannot come back as it was asked for."""


def window_of(rhythm: Rhythm) -> timedelta:
    """Return for how long an occurrence may be answered."""
    return DAILY_WINDOW if isinstance(rhythm.days.pattern, Daily) else WINDOW


def begin(
    unit: Unit,
    content: Content,
    organisation: OrganisationFacts,
    dialogs: Sequence[Dialog],
    cohort: Cohort,
    purpose: str | Mapping[str, Any],
    rhythm: Rhythm,
    *,
    key: str,
    by: Actor,
    purpose_id: UUID | None = None,
) -> Schedule:
    """Begin a schedule: some dialogs in turn, asked of a cohort, for a purpose, in a rhythm.

    Raises:
        NotAllowed: the actor may not order, or does not reach the cohort.
        ScheduleError: an empty cohort, no purpose, more often than a week allows, or nothing to come.
    """
    require(unit, by, FACILITATORS, targets.ASK_SEND, cohort.id)
    if (found := unit.schedules.keyed(key)) is not None:
        return found
    card = {"why": purpose} if isinstance(purpose, str) else dict(purpose)
    if purpose_id is None and not purposes.is_reason(" ".join(str(card.get("why") or "").split())):
        raise ScheduleError("order.purpose")
    if cohort.context.get(CLOSED):
        raise ScheduleError("order.closed", cohort=cohort.name)
    if not unit.memberships.active(cohort.id):
        raise ScheduleError("order.nobody", cohort=cohort.name)
    check_week(unit, organisation, rhythm)
    next_on = rhythm.coming(organisation.zone(unit, cohort=cohort), unit.now)
    if next_on is None:
        raise ScheduleError("repeat.never")
    schedule_id, card_id = clock.new_id(), purpose_id or clock.new_id()
    unit.broadcasts.keep_purpose(card_id, card, by.id if by else None)
    for dialog in dialogs:
        save_version(unit, dialog)
    turns = [
        ScheduledDialog(dialog.name, None if _by_name(unit, content, dialog) else dialog.version) for dialog in dialogs
    ]
    window = int(window_of(rhythm).total_seconds()) // 60
    unit.schedules.add(
        *(schedule_id, key, cohort.id, card_id, turns, rhythm.fields(), window, by.id if by else None),
        *(next_on, made_at(next_on)),
    )
    _note(unit, by, "schedule.begun", schedule_id, next_on)
    begun = unit.schedules.get(schedule_id)
    assert begun is not None
    return begun


def _by_name(unit: Unit, content: Content, dialog: Dialog) -> bool:
    """Return whether a dialog is found by its name, so that its newest version is asked each time."""
    return any(each.name == dialog.name for each in content.of(unit).all())


def check_week(unit: Unit, organisation: OrganisationFacts, rhythm: Rhythm) -> None:
    """Refuse, as a ScheduleError, what comes more often than the organisation asks anybody in a week."""
    most = askings_a_week(organisation.record(unit))
    if rhythm.weekly > most:
        raise ScheduleError("repeat.too_often", most=most)


def askings_a_week(record: Mapping[str, Any]) -> int:
    """Return how many askings reach one person in seven days, by the organisation's record."""
    return int(record.get(WEEK_LIMIT) or ASKINGS_A_WEEK)


def pause(unit: Unit, schedule_id: UUID, by: Actor) -> Schedule:
    """Let a schedule rest until somebody resumes it; raises NotAllowed, NotFound or AlreadyDone."""
    schedule = reached(unit, schedule_id, by)
    if schedule.state != "active":
        raise AlreadyDone
    return _change(unit, by, "schedule.paused", replace(schedule, state="paused", reason="team"))


def resume(unit: Unit, organisation: OrganisationFacts, schedule_id: UUID, by: Actor) -> Schedule:
    """Let a paused or ended schedule go on with what is still to come; raises as `pause`, and ScheduleError."""
    schedule = reached(unit, schedule_id, by)
    if schedule.state == "active":
        raise AlreadyDone
    next_on = _coming(unit, organisation, schedule, Rhythm.of(schedule.rule))
    if next_on is None:
        raise ScheduleError("repeat.over")
    if schedule.next_on is not None:
        next_on = max(next_on, schedule.next_on)  # what was left out stays left out
    # Whoever takes it up again answers for it from now on.
    maker = by.id if by is not None else None if schedule.reason == "maker" else schedule.made_by
    active = replace(schedule, state="active", reason=None, made_by=maker, next_on=next_on, next_at=made_at(next_on))
    return _change(unit, by, "schedule.resumed", active)


def skip(unit: Unit, schedule_id: UUID, by: Actor) -> Schedule:
    """Leave out the next occurrence; raises as `pause`, and ScheduleError where there is no other after it."""
    schedule = reached(unit, schedule_id, by)
    if schedule.state != "active" or schedule.next_on is None:
        raise AlreadyDone
    if (made := _not_begun(unit, schedule)) is not None:
        # It lies in the outbox of nobody yet: what was made ahead is taken back.
        unit.broadcasts.cancel(made)
        unit.following.withdraw(made)
        _note(unit, by, "schedule.skipped", schedule.id, schedule.next_on)
        return schedule
    after = Rhythm.of(schedule.rule).after(date.fromisoformat(schedule.next_on[:10]))
    if after is None:
        raise ScheduleError("repeat.last")
    return _change(unit, by, "schedule.skipped", replace(schedule, next_on=after, next_at=made_at(after)))


def unskip(unit: Unit, organisation: OrganisationFacts, schedule_id: UUID, by: Actor) -> Schedule:
    """Take back what was left out, as far as it is still to come; raises as `pause`."""
    schedule = reached(unit, schedule_id, by)
    next_on = before_skipping(unit, organisation, schedule)
    if next_on is None:
        raise AlreadyDone
    return _change(unit, by, "schedule.unskipped", replace(schedule, next_on=next_on, next_at=made_at(next_on)))


def before_skipping(unit: Unit, organisation: OrganisationFacts, schedule: Schedule) -> str | None:
    """Return the occurrence that was left out and is still to come, or None."""
    next_on = _coming(unit, organisation, schedule, Rhythm.of(schedule.rule)) if schedule.state == "active" else None
    return None if next_on == schedule.next_on else next_on


def times_left(schedule: Schedule) -> int:
    """Return how many times a schedule still comes; 0 for one that goes on until somebody ends it."""
    days = Rhythm.of(schedule.rule).days
    if days.times is None or schedule.next_on is None:
        return 0
    return sum(day.isoformat() >= schedule.next_on[:10] for day in days.days())


def end(unit: Unit, schedule_id: UUID, by: Actor) -> Schedule:
    """End a schedule: nothing of it comes any more; what is open stays open. Raises as `pause`."""
    schedule = reached(unit, schedule_id, by)
    if schedule.state == "ended":
        raise AlreadyDone
    if (made := _not_begun(unit, schedule)) is not None:
        unit.broadcasts.cancel(made)
    return _change(unit, by, "schedule.ended", replace(schedule, state="ended", reason="team"))


def change_rhythm(
    unit: Unit, organisation: OrganisationFacts, schedule_id: UUID, rhythm: Rhythm, by: Actor
) -> Schedule:
    """Give a schedule other days or another hour, from its next occurrence on.

    What was made ahead and has not begun moves to the new hour of its own day. Raises as `pause`, and ScheduleError.
    """
    schedule = reached(unit, schedule_id, by)
    if schedule.state != "active":
        raise AlreadyDone
    check_week(unit, organisation, rhythm)
    next_on = _coming(unit, organisation, schedule, rhythm)
    if next_on is None:
        raise ScheduleError("repeat.never")
    changed = replace(
        schedule,
        rule=rhythm.fields(),
        window_minutes=int(window_of(rhythm).total_seconds()) // 60,
        next_on=next_on,
        next_at=made_at(next_on),
    )
    _change(unit, by, "schedule.changed", changed)
    for each in unit.schedules.planned(schedule.id):
        person = unit.people.get(each.person_id)
        if person is not None:
            _replan(unit, organisation, changed, person, each.delivery_id, each.occurs_on, each.due_at)
    return changed


def _coming(unit: Unit, organisation: OrganisationFacts, schedule: Schedule, rhythm: Rhythm) -> str | None:
    """Return the next occurrence that is still to come and comes after the last one that was made."""
    cohort, last = unit.cohorts.get(schedule.cohort_id), unit.schedules.last_made(schedule.id)
    found = rhythm.coming(organisation.zone(unit, cohort=cohort), unit.now)
    if found is not None and last is not None and found[:10] <= last[:10]:
        return rhythm.after(date.fromisoformat(last[:10]))
    return found


def _not_begun(unit: Unit, schedule: Schedule) -> UUID | None:
    """Return the occurrence that was made ahead and of which nothing has begun yet, or None."""
    for broadcast_id in unit.schedules.occurrences(schedule.id, 1):
        broadcast = unit.broadcasts.get(broadcast_id)
        progress = unit.following.progress(broadcast_id)
        waits = progress.queued > 0 and progress.queued + progress.skipped + progress.unreachable == progress.people
        if broadcast is not None and broadcast.cancelled_at is None and broadcast.closed_at is None and waits:
            return broadcast_id
    return None


def reached(unit: Unit, schedule_id: UUID, by: Actor) -> Schedule:
    """Return a schedule of a cohort that the actor reaches; raises NotFound, or NotAllowed for any other."""
    schedule = unit.schedules.get(schedule_id)
    if schedule is None:
        raise NotFound
    require(unit, by, FACILITATORS, targets.REPEATS, schedule.cohort_id)
    return schedule


def _change(unit: Unit, by: Actor, action: str, schedule: Schedule) -> Schedule:
    if not unit.schedules.change(schedule):
        raise NotFound
    _note(unit, by, action, schedule.id, schedule.next_on)
    return schedule


def _note(unit: Unit, by: Actor, action: str, schedule_id: UUID, next_on: str | None) -> None:
    """Write on the trail what was done, and from which day on it holds."""
    unit.audit.add(actor_name(by), action, str(schedule_id), {"from": next_on} if next_on else {})


# What the scheduler does.


def rest(unit: Unit, schedule: Schedule, reason: str) -> None:
    """Let a schedule rest by itself, for a reason that an admin is told."""
    unit.schedules.change(replace(schedule, state="paused", reason=reason))
    unit.audit.add("hilo", "schedule.rests", str(schedule.id), {"reason": reason})


def lacks(unit: Unit, schedule: Schedule) -> str | None:
    """Return why nothing can be asked any more: its maker lost the role, or nobody is there; None if it can."""
    if schedule.made_by is not None:
        maker = unit.people.get(schedule.made_by)
        if maker is None or not allowed(unit, maker, FACILITATORS) or not may_reach(unit, maker, schedule.cohort_id):
            return "maker"
    cohort = unit.cohorts.get(schedule.cohort_id)
    if cohort is None or not unit.schedules.members(schedule.cohort_id):
        return "nobody"
    if cohort.context.get(CLOSED):
        return "closed"
    return None


def next_dialog(unit: Unit, content: Content, schedule: Schedule) -> Dialog | None:
    """Return the dialog whose turn it is; None if it was retired or has mistakes by now."""
    turn = schedule.dialogs[schedule.made % len(schedule.dialogs)]
    try:
        if turn.hash:
            return Dialog.from_dict(json.loads(unit.versions.get(turn.hash) or "null"))
        return content.of(unit).dialog(turn.name)
    except UnknownDialog:
        return None


def over(schedule: Schedule, occurs_on: str, now: datetime) -> bool:
    """Return whether the window of an occurrence is over in every zone."""
    wall = datetime.fromisoformat(occurs_on).replace(tzinfo=UTC)
    return wall + LAST_ZONE + timedelta(minutes=schedule.window_minutes) <= now


def go_on(unit: Unit, schedule: Schedule, made: int) -> None:
    """Note which occurrence comes after the present one; after the last, the schedule ends."""
    assert schedule.next_on is not None
    after = Rhythm.of(schedule.rule).after(date.fromisoformat(schedule.next_on[:10]))
    unit.schedules.go_on(schedule.id, made, after, made_at(after) if after else None)
    if after is None:
        unit.schedules.change(replace(schedule, state="ended", reason="last", next_on=None, next_at=None))
        unit.audit.add("hilo", "schedule.ended", str(schedule.id), {})


def occur(unit: Unit, organisation: OrganisationFacts, schedule: Schedule, dialog: Dialog) -> UUID | None:
    """Make the next occurrence, as a broadcast with one delivery a person; None if it was made before."""
    assert schedule.next_on is not None
    save_version(unit, dialog)
    cohort, broadcast_id = unit.cohorts.get(schedule.cohort_id), clock.new_id()
    shared = organisation.zone(unit, cohort=cohort)
    window = timedelta(minutes=schedule.window_minutes)
    moments: dict[str, datetime] = {}
    windows: list[tuple[UUID, datetime, datetime]] = []
    people: list[tuple[UUID, UUID, datetime]] = []
    own = {person.id: person.zone for person in unit.people.list(schedule.cohort_id)}
    for person_id in unit.schedules.members(schedule.cohort_id):
        zone = own.get(person_id) or shared
        at = moments.get(zone) or moments.setdefault(zone, moment_of(schedule.next_on, zone))
        people.append((clock.new_id(), person_id, at))
        windows.append((people[-1][0], at, at + window))
    fresh = unit.broadcasts.order(
        *(broadcast_id, f"schedule:{schedule.id.hex}:{schedule.next_on}", dialog.version, schedule.cohort_id),
        purpose={},  # its card is stored
        purpose_id=schedule.purpose_id,
        ordered_by=schedule.made_by,
        due_at=moment_of(schedule.next_on, shared),
        people=people,
    )
    if not fresh:
        return None
    unit.schedules.occurs(broadcast_id, schedule.id, schedule.next_on, windows)
    unit.audit.add("hilo", "schedule.occurred", str(broadcast_id), {"people": len(people)})
    return broadcast_id


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
    at = expected(unit, organisation, schedule, person, occurs_on)
    if at > unit.now and at != due_at:
        unit.schedules.move(delivery_id, at, at + timedelta(minutes=schedule.window_minutes))


def expected(
    unit: Unit, organisation: OrganisationFacts, schedule: Schedule, person: Person, occurs_on: str
) -> datetime:
    """Return when an occurrence comes to a person: on its day, at the schedule's hour, in the person's zone."""
    at = Rhythm.of(schedule.rule).at
    return moment_of(f"{occurs_on[:10]}T{at:%H:%M}", organisation.zone(unit, person))


def next_turn(unit: Unit, organisation: OrganisationFacts, person_id: UUID) -> datetime | None:
    """Return until when a person was asked often enough this week; None if they may be asked now."""
    most = askings_a_week(organisation.record(unit))
    asked = unit.schedules.asked(person_id, unit.now - WEEK)
    return asked[most - 1] + WEEK if len(asked) >= most else None
