"""Windows of what comes back: what may be answered now, and until when it may be answered longer."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from bot.services.acts import Actor, actor_name
from bot.services.refusals import AlreadyDone
from bot.services.schedules import ScheduleError, reached
from storage.schedules import Schedule
from storage.unit import Unit

LONGEST_WINDOW: Final = timedelta(days=31)


def open_occurrence(unit: Unit, schedule: Schedule) -> UUID | None:
    """Return the newest occurrence that may be answered now, or None."""
    for broadcast_id in unit.schedules.occurrences(schedule.id, 2):
        broadcast = unit.broadcasts.get(broadcast_id)
        if broadcast is None or broadcast.cancelled_at is not None or broadcast.closed_at is not None:
            continue
        if broadcast.due_at <= unit.now:
            return broadcast_id
    return None


def lengthen(unit: Unit, schedule_id: UUID, days: int, by: Actor) -> datetime:
    """Let the newest occurrence be answered some days longer, or (negative) shorter again; return until when.

    Raises as `pause`; AlreadyDone where nothing is open, ScheduleError beyond a month or into the past.
    """
    schedule = reached(unit, schedule_id, by)
    broadcast_id = open_occurrence(unit, schedule)
    if broadcast_id is None:
        raise AlreadyDone
    until = unit.schedules.window_ends(broadcast_id)
    if until is None or not timedelta(0) < until + timedelta(days=days) - unit.now <= LONGEST_WINDOW:
        raise ScheduleError("window.far")
    unit.schedules.lengthen(broadcast_id, timedelta(days=days))
    unit.audit.add(actor_name(by), "schedule.lengthened", str(broadcast_id), {"days": days})
    return until + timedelta(days=days)
