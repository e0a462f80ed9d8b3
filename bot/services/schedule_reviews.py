"""When the team is asked whether something that comes back goes on: nothing given back, eight weeks, its end.

After three occurrences of which nothing was given back a schedule waits, until the people were told, somebody wrote
down why not, or lets it come once more.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any, Final
from uuid import UUID

from bot.messengers.port import Button
from bot.product_languages import language_of
from bot.rendering.speech import BROADCAST, NOTICE, Speech, rows
from bot.rendering.texts import catalogs
from bot.services import schedules
from bot.services.acts import Actor, actor_name
from bot.services.organisation import OrganisationFacts
from bot.services.permissions import FACILITATORS, allowed, may_reach
from bot.services.refusals import AlreadyDone
from bot.services.rhythms import Rhythm
from bot.services.schedules import LAST_MADE, TIMES, ScheduleError
from bot.services.share_backs import REASON, WHY_NOT, settled
from dialogs.recurrence import Recurrence
from storage.schedules import Schedule
from storage.unit import Unit

UNTOLD: Final = "untold"
"""Why a schedule waits: of its last occurrences nothing was given back."""
UNTOLD_MOST: Final = 3
LOOKED_AT: Final = 12
"""How many occurrences back it is looked: more were never left untold."""
EIGHT_WEEKS: Final = timedelta(weeks=8)


def untold(unit: Unit, schedule: Schedule) -> list[UUID]:
    """Return the occurrences since the last of which something was given back, or was written down why not."""
    cohort = unit.cohorts.get(schedule.cohort_id)
    context: dict[str, Any] = dict(cohort.context) if cohort is not None else {}
    found: list[UUID] = []
    for broadcast_id in unit.schedules.occurrences(schedule.id, LOOKED_AT):
        if settled(context, broadcast_id):
            break
        broadcast = unit.broadcasts.get(broadcast_id)
        if broadcast is not None and broadcast.cancelled_at is None and unit.following.progress(broadcast_id).sent:
            found.append(broadcast_id)
    return found


def waits(unit: Unit, schedule: Schedule) -> bool:
    """Return whether a schedule waits before its next occurrence, since nothing was given back."""
    if schedule.untold_until is not None and schedule.made < schedule.untold_until:
        return False
    return schedule.made >= UNTOLD_MOST and len(untold(unit, schedule)) >= UNTOLD_MOST


def go_on_told(unit: Unit, organisation: OrganisationFacts) -> None:
    """Let go on what waited and need not any more, since its people were told."""
    for schedule in unit.schedules.list():
        if schedule.state == "paused" and schedule.reason == UNTOLD and not waits(unit, schedule):
            _go_on(unit, organisation, schedule)


def _go_on(unit: Unit, organisation: OrganisationFacts, schedule: Schedule) -> None:
    try:
        schedules.resume(unit, organisation, schedule.id, None)
    except ScheduleError:  # nothing of it is left
        over = replace(schedule, state="ended", reason=LAST_MADE, next_on=None, next_at=None)
        unit.schedules.change(over)


def once_more(unit: Unit, organisation: OrganisationFacts, schedule_id: UUID, by: Actor) -> Schedule:
    """Let a schedule that waits come once more; raises as `schedules.resume`."""
    schedule = schedules.reached(unit, schedule_id, by)
    if schedule.reason != UNTOLD:
        raise AlreadyDone
    unit.schedules.change(replace(schedule, untold_until=schedule.made + 1))
    return schedules.resume(unit, organisation, schedule_id, by)


def say_why_not(unit: Unit, organisation: OrganisationFacts, schedule_id: UUID, reason: str, by: Actor) -> Schedule:
    """Write down why people are not told what came of the last occurrences, and let the schedule go on.

    Raises as `schedules.resume`, and ScheduleError for words that are no reason.
    """
    schedule = schedules.reached(unit, schedule_id, by)
    reason = " ".join(reason.split())
    if len(reason) not in REASON:
        raise ScheduleError("repeats.why_not.words")
    cohort = unit.cohorts.get(schedule.cohort_id)
    if cohort is not None:
        why = {**(cohort.context.get(WHY_NOT) or {}), **{each.hex: reason for each in untold(unit, schedule)}}
        unit.cohorts.change(replace(cohort, context={**cohort.context, WHY_NOT: why}))
    unit.audit.add(actor_name(by), "schedule.untold", str(schedule.id), {})
    if schedule.reason != UNTOLD:
        return schedule
    return schedules.resume(unit, organisation, schedule_id, by)


def excused(context: Any, broadcast_id: UUID) -> bool:
    """Return whether somebody wrote down why a cohort's people are not told what came of a broadcast."""
    return broadcast_id.hex in (context.get(WHY_NOT) or {})


# Its end, and the organisation's own reasons to stop.


def extend(unit: Unit, organisation: OrganisationFacts, schedule_id: UUID, by: Actor) -> Schedule:
    """Let a schedule that is over come so many times more, in its rhythm; raises as `schedules.resume`."""
    schedule = schedules.reached(unit, schedule_id, by)
    if schedule.state != "ended":
        raise AlreadyDone
    rhythm = Rhythm.of(schedule.rule)
    zone = organisation.zone(unit, cohort=unit.cohorts.get(schedule.cohort_id))
    endless = Rhythm(Recurrence(rhythm.days.pattern, rhythm.days.start), rhythm.at)
    coming = endless.coming(zone, unit.now)
    last = unit.schedules.last_made(schedule.id)
    if coming is not None and last is not None and coming[:10] <= last[:10]:
        coming = endless.after(datetime.fromisoformat(last).date())
    if coming is None:
        raise ScheduleError("repeat.over")
    start = datetime.fromisoformat(coming).date()
    more = Rhythm(Recurrence(rhythm.days.pattern, start, TIMES), time.fromisoformat(coming[11:]))
    kept = {name: value for name, value in schedule.rule.items() if name not in more.fields()}
    unit.schedules.change(replace(schedule, rule={**more.fields(), **kept}, skipped_on=None))
    return schedules.resume(unit, organisation, schedule_id, by)


def to_review(unit: Unit) -> list[Schedule]:
    """Return the schedules of which the team was not asked for eight weeks whether a reason to stop holds."""
    return [
        each
        for each in unit.schedules.list()
        if each.state == "active" and (each.reviewed_at or each.made_at) + EIGHT_WEEKS <= unit.now
    ]


def reviewed(unit: Unit, schedule: Schedule) -> None:
    """Note that the team is asked now."""
    unit.schedules.change(replace(schedule, reviewed_at=unit.now))
    unit.audit.add("hilo", "schedule.reviewed", str(schedule.id), {})


def is_last(unit: Unit, schedule: Schedule, broadcast_id: UUID) -> bool:
    """Return whether an occurrence is the last of a schedule that is over by itself."""
    over = schedule.state == "ended" and schedule.reason == LAST_MADE
    return over and unit.schedules.occurrences(schedule.id, 1) == [broadcast_id]


def over_at(unit: Unit, schedule: Schedule) -> datetime:
    """Return when the last window of a schedule that is over closed; far ahead where one is open."""
    last = unit.schedules.occurrences(schedule.id, 1)
    broadcast = unit.broadcasts.get(last[0]) if last else None
    closed = broadcast.closed_at if broadcast is not None else None
    return closed or datetime.max.replace(tzinfo=UTC)


def tell_team(
    unit: Unit, schedule: Schedule, words: Callable[[Speech], str], buttons: Callable[[Speech], list[Button]]
) -> None:
    """Tell whoever answers for a schedule: who began it, else the team of its cohort; quietly."""
    maker = unit.people.get(schedule.made_by) if schedule.made_by is not None else None
    answers = maker is not None and allowed(unit, maker, FACILITATORS) and may_reach(unit, maker, schedule.cohort_id)
    told = [maker] if answers else [unit.people.get(each) for each in unit.roles.team(schedule.cohort_id)]
    for person in told:
        if person is not None and person.messenger is not None and person.chat is not None:
            messenger, chat = person.messenger, person.chat
            there = Speech(unit, catalogs(), person, messenger, chat, language_of(person), BROADCAST)
            there.send(words(there), rows(*buttons(there)), quiet=True, what=NOTICE)
