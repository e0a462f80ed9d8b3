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
from bot.services import planning, purposes, reminders
from bot.services.acts import Actor, actor_name, require
from bot.services.broadcasts import CLOSED
from bot.services.organisation import OrganisationFacts
from bot.services.permissions import FACILITATORS, allowed, may_reach
from bot.services.refusals import ActRefused, AlreadyDone, NotFound
from bot.services.rhythms import JOINING, Rhythm, made_at, moment_of
from bot.services.versions import save_version
from bot.services.week import askings_a_week
from dialogs.model import Dialog
from dialogs.recurrence import Daily
from storage.cohorts import Cohort
from storage.schedules import Schedule, ScheduledDialog
from storage.unit import Unit

TIMES: Final = 8
"""How often something comes unless another number is chosen."""
DAILY_WINDOW, WINDOW = timedelta(hours=20), timedelta(days=3)
LAST_ZONE: Final = timedelta(hours=12)
"""How long after its wall time, read as UTC, the last zone reaches it."""
LAST_MADE: Final = "last"
"""Why a schedule has ended by itself: all its occurrences were made."""


class ScheduleError(Problem, ActRefused):
    """Something that cannot come back as it was asked for."""


def is_way(schedule: Schedule) -> bool:
    """Return whether a schedule is a way in: so many days after somebody joined."""
    return bool(schedule.rule.get("every") == JOINING)


def window_of(rhythm: Rhythm) -> timedelta:
    """Return for how long an occurrence may be answered."""
    return DAILY_WINDOW if rhythm.way is None and isinstance(rhythm.days.pattern, Daily) else WINDOW


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
    if rhythm.way is None and not unit.memberships.active(cohort.id):
        raise ScheduleError("order.nobody", cohort=cohort.name)
    check_week(unit, organisation, rhythm)
    next_on = None if rhythm.way else rhythm.coming(organisation.zone(unit, cohort=cohort), unit.now)
    if next_on is None and rhythm.way is None:
        raise ScheduleError("repeat.never")
    schedule_id, card_id = clock.new_id(), purpose_id or clock.new_id()
    unit.purposes.keep(card_id, card, by.id if by else None)
    for dialog in dialogs:
        save_version(unit, dialog)
    turns = [
        ScheduledDialog(dialog.name, None if _by_name(unit, content, dialog) else dialog.version) for dialog in dialogs
    ]
    window = int(window_of(rhythm).total_seconds()) // 60
    unit.schedules.add(
        *(schedule_id, key, cohort.id, card_id, turns, rhythm.fields(), window, by.id if by else None),
        *(next_on, made_at(next_on) if next_on else unit.now),
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


def pause(unit: Unit, schedule_id: UUID, by: Actor) -> Schedule:
    """Let a schedule rest until somebody resumes it; raises NotAllowed, NotFound or AlreadyDone."""
    schedule = reached(unit, schedule_id, by)
    if schedule.state != "active":
        raise AlreadyDone
    return write(unit, by, "schedule.paused", replace(schedule, state="paused", reason="team"))


def resume(unit: Unit, organisation: OrganisationFacts, schedule_id: UUID, by: Actor) -> Schedule:
    """Let a paused or ended schedule go on with what is still to come; raises as `pause`, and ScheduleError."""
    schedule = reached(unit, schedule_id, by)
    if schedule.state == "active":
        raise AlreadyDone
    if is_way(schedule):
        going = replace(schedule, state="active", reason=None, made_by=by.id if by else schedule.made_by)
        return write(unit, by, "schedule.resumed", replace(going, next_at=unit.now))
    if schedule.state == "ended":
        _put_back(unit, schedule)
    next_on = _coming(unit, organisation, schedule, Rhythm.of(schedule.rule))
    if next_on is None and not last_is_open(unit, schedule):
        raise ScheduleError("repeat.over")
    if next_on is not None and schedule.next_on is not None:
        next_on = max(next_on, schedule.next_on)  # what was left out stays left out
    # Whoever takes it up again answers for it from now on.
    maker = by.id if by is not None else None if schedule.reason == "maker" else schedule.made_by
    active = replace(schedule, state="active", reason=None, made_by=maker)
    active = replace(active, next_on=next_on, next_at=made_at(next_on) if next_on else None)
    return write(unit, by, "schedule.resumed", active)


def _put_back(unit: Unit, schedule: Schedule) -> None:
    """Put back what lay ready as a schedule was ended, and may still come; what was left out stays left out."""
    on = unit.schedules.last_made(schedule.id)
    for broadcast_id in unit.schedules.occurrences(schedule.id, 1):
        if on != schedule.skipped_on:
            unit.broadcasts.uncancel(broadcast_id)


def last_is_open(unit: Unit, schedule: Schedule) -> bool:
    """Return whether the newest occurrence lies ready, or may still be answered."""
    found = [unit.broadcasts.get(each) for each in unit.schedules.occurrences(schedule.id, 1)]
    return any(each is not None and each.cancelled_at is None and each.closed_at is None for each in found)


def skip(unit: Unit, schedule_id: UUID, by: Actor) -> Schedule:
    """Leave out the next occurrence; raises as `pause`, and ScheduleError where there is no other after it."""
    schedule = reached(unit, schedule_id, by)
    if schedule.state != "active":
        raise AlreadyDone
    if schedule.next_on is None:
        raise ScheduleError("repeat.last")
    if (made := planning.not_begun(unit, schedule)) is not None:
        # It lies in the outbox of nobody yet: what was made ahead is taken back.
        unit.broadcasts.cancel(made)
        unit.following.withdraw(made)
        return write(unit, by, "schedule.skipped", replace(schedule, skipped_on=unit.schedules.last_made(schedule.id)))
    after = Rhythm.of(schedule.rule).after(date.fromisoformat(schedule.next_on[:10]))
    if after is None:
        raise ScheduleError("repeat.last")
    left_out = replace(schedule, next_on=after, next_at=made_at(after), skipped_on=schedule.next_on)
    return write(unit, by, "schedule.skipped", left_out)


def unskip(unit: Unit, organisation: OrganisationFacts, schedule_id: UUID, by: Actor) -> Schedule:
    """Take back what was left out, as far as it is still to come; raises as `pause`."""
    schedule = reached(unit, schedule_id, by)
    if (made := _left_out(unit, schedule)) is not None and unit.broadcasts.uncancel(made):
        return write(unit, by, "schedule.unskipped", replace(schedule, skipped_on=None))
    next_on = before_skipping(unit, organisation, schedule)
    if next_on is None:
        raise AlreadyDone
    back = replace(schedule, next_on=next_on, next_at=made_at(next_on), skipped_on=None)
    return write(unit, by, "schedule.unskipped", back)


def _left_out(unit: Unit, schedule: Schedule) -> UUID | None:
    """Return the occurrence that was made, left out, and may still come, or None."""
    if schedule.state != "active":
        return None
    for broadcast_id in unit.schedules.occurrences(schedule.id, 1):
        broadcast = unit.broadcasts.get(broadcast_id)
        if broadcast is not None and broadcast.cancelled_at is not None and broadcast.closed_at is None:
            return broadcast_id if unit.broadcasts.may_uncancel(broadcast_id) else None
    return None


def may_unskip(unit: Unit, organisation: OrganisationFacts, schedule: Schedule) -> bool:
    """Return whether something that was left out is still to come."""
    return _left_out(unit, schedule) is not None or before_skipping(unit, organisation, schedule) is not None


def before_skipping(unit: Unit, organisation: OrganisationFacts, schedule: Schedule) -> str | None:
    """Return the occurrence that was left out and is still to come, or None."""
    if is_way(schedule):
        return None
    next_on = _coming(unit, organisation, schedule, Rhythm.of(schedule.rule)) if schedule.state == "active" else None
    return None if next_on == schedule.next_on else next_on


def end(unit: Unit, schedule_id: UUID, by: Actor) -> Schedule:
    """End a schedule: nothing of it comes any more; what is open stays open. Raises as `pause`."""
    schedule = reached(unit, schedule_id, by)
    if schedule.state == "ended":
        raise AlreadyDone
    if (made := planning.not_begun(unit, schedule)) is not None:
        unit.broadcasts.cancel(made)
    return write(unit, by, "schedule.ended", replace(schedule, state="ended", reason="team"))


def change_rhythm(
    unit: Unit, organisation: OrganisationFacts, schedule_id: UUID, rhythm: Rhythm, by: Actor
) -> Schedule:
    """Give a schedule other days or another hour, from its next occurrence on.

    What was made ahead and has not begun moves to the new hour of its own day. Raises as `pause`, and ScheduleError.
    """
    schedule = reached(unit, schedule_id, by)
    if schedule.state != "active":
        raise AlreadyDone
    if schedule.next_on is None:
        return _move_last(unit, organisation, schedule, rhythm, by)
    check_week(unit, organisation, rhythm)
    rhythm = _after_last(unit, schedule, rhythm)
    next_on = _coming(unit, organisation, schedule, rhythm)
    if next_on is None:
        raise ScheduleError("repeat.never")
    changed = replace(
        schedule,
        rule=reminders.keep(schedule.rule, rhythm.fields(), window_of(rhythm)),
        window_minutes=int(window_of(rhythm).total_seconds()) // 60,
        next_on=next_on,
        next_at=made_at(next_on),
    )
    write(unit, by, "schedule.changed", changed)
    planning.replan_all(unit, organisation, changed)
    return changed


def _after_last(unit: Unit, schedule: Schedule, rhythm: Rhythm) -> Rhythm:
    """Let a rhythm begin after the last day that was made, so that this one is not counted twice."""
    last = unit.schedules.last_made(schedule.id)
    day = date.fromisoformat(last[:10]) if last is not None else date.min
    if rhythm.way is not None or day < rhythm.days.start or (rhythm.days.until or date.max) <= day:
        return rhythm
    return replace(rhythm, days=replace(rhythm.days, start=day + timedelta(days=1)))


def _move_last(unit: Unit, organisation: OrganisationFacts, schedule: Schedule, rhythm: Rhythm, by: Actor) -> Schedule:
    """Give the last one, which lies ready, another hour of its day; raises ScheduleError for another day."""
    if planning.not_begun(unit, schedule) is None:
        raise ScheduleError("repeat.last_begun")
    if rhythm.days.pattern != Rhythm.of(schedule.rule).days.pattern:
        raise ScheduleError("repeat.last_day")
    changed = replace(schedule, rule={**schedule.rule, "at": f"{rhythm.at:%H:%M}"})
    write(unit, by, "schedule.changed", changed)
    planning.replan_all(unit, organisation, changed)
    return changed


def remind(unit: Unit, schedule_id: UUID, after: timedelta | None, by: Actor) -> Schedule:
    """Let each occurrence be said once more, so long after it came, to whoever has not finished; None: never.

    Raises as `pause`, and ScheduleError for a moment outside the window.
    """
    schedule = reached(unit, schedule_id, by)
    if schedule.state == "ended":
        raise AlreadyDone
    if after is not None and not timedelta(0) < after < timedelta(minutes=schedule.window_minutes):
        raise ScheduleError("repeat.remind.outside", hours=schedule.window_minutes // 60)
    return write(unit, by, "schedule.changed", replace(schedule, rule=reminders.with_reminder(schedule.rule, after)))


def _coming(unit: Unit, organisation: OrganisationFacts, schedule: Schedule, rhythm: Rhythm) -> str | None:
    """Return the next occurrence that is still to come and comes after the last one that was made."""
    cohort, last = unit.cohorts.get(schedule.cohort_id), unit.schedules.last_made(schedule.id)
    found = rhythm.coming(organisation.zone(unit, cohort=cohort), unit.now)
    if found is not None and last is not None and found[:10] <= last[:10]:
        return rhythm.after(date.fromisoformat(last[:10]))
    return found


def reached(unit: Unit, schedule_id: UUID, by: Actor) -> Schedule:
    """Return a schedule of a cohort that the actor reaches; raises NotFound, or NotAllowed for any other."""
    schedule = unit.schedules.get(schedule_id)
    if schedule is None:
        raise NotFound
    require(unit, by, FACILITATORS, targets.REPEATS, schedule.cohort_id)
    return schedule


def write(unit: Unit, by: Actor, action: str, schedule: Schedule) -> Schedule:
    """Write a changed schedule, and on the trail what was done; raises NotFound for a forged row."""
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
    if cohort is None or (not is_way(schedule) and not unit.schedules.members(schedule.cohort_id)):
        return "nobody"
    if cohort.context.get(CLOSED):
        return "closed"
    return None


def next_dialog(unit: Unit, content: Content, schedule: Schedule) -> Dialog | None:
    """Return the dialog whose turn it is; None if it was retired or has mistakes by now."""
    return dialog_of(unit, content, schedule, schedule.made)


def dialog_of(unit: Unit, content: Content, schedule: Schedule, place: int) -> Dialog | None:
    """Return the dialog at a place of those in turn; None if it was retired or has mistakes by now."""
    turn = schedule.dialogs[place % len(schedule.dialogs)]
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
    """Note which occurrence comes after the present one; after the last, the schedule ends with its window."""
    assert schedule.next_on is not None
    after = Rhythm.of(schedule.rule).after(date.fromisoformat(schedule.next_on[:10]))
    unit.schedules.go_on(schedule.id, made, after, made_at(after) if after else None)
    if after is None:
        finish(unit, schedule.id)


def finish(unit: Unit, schedule_id: UUID | None) -> bool:
    """End a schedule of which nothing is to come, or to be answered, any more; return whether it ended now."""
    schedule = unit.schedules.get(schedule_id) if schedule_id is not None else None
    if schedule is None or is_way(schedule) or schedule.state != "active" or schedule.next_on is not None:
        return False
    if last_is_open(unit, schedule):
        return False
    unit.schedules.change(replace(schedule, state="ended", reason=LAST_MADE, next_at=None))
    unit.audit.add("hilo", "schedule.ended", str(schedule.id), {})
    return True


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


def look_again(unit: Unit, organisation: OrganisationFacts) -> None:
    """Put back what was passed over while a clock was ahead: what is to come, was not made, and nobody left out."""
    for schedule in unit.schedules.list():
        if is_way(schedule):
            continue
        if schedule.state != "active" and (schedule.state, schedule.reason) != ("ended", LAST_MADE):
            continue
        rhythm, cohort = Rhythm.of(schedule.rule), unit.cohorts.get(schedule.cohort_id)
        coming = rhythm.coming(organisation.zone(unit, cohort=cohort), unit.now)
        while coming is not None and coming < (schedule.next_on or "9"):
            if coming > (schedule.skipped_on or "") and not unit.schedules.was_made(schedule.id, coming):
                active = replace(schedule, state="active", reason=None, next_on=coming, next_at=made_at(coming))
                unit.schedules.change(active)
                break
            coming = rhythm.after(date.fromisoformat(coming[:10]))
