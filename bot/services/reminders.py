"""Reminders of what comes back: none, or one, so long after it came, to whoever has not finished wherever they stopped.

Never after "later" or "no", never on a phone that others see, and not to who switched reminders off.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from bot.services import own_time, run_notes
from bot.services.phones import watched
from storage.people import Person
from storage.runs import RunRow
from storage.schedules import Schedule
from storage.unit import Unit

REMIND: Final = "remind"
"""Field of a rule: after how many minutes an occurrence is said once more."""


def after(rule: Mapping[str, Any]) -> timedelta | None:
    """Return how long after it came an occurrence is said once more; None: it is not."""
    minutes = rule.get(REMIND)
    return timedelta(minutes=int(minutes)) if minutes else None


def with_reminder(rule: Mapping[str, Any], wait: timedelta | None) -> dict[str, Any]:
    """Return a schedule's rule with another reminder, or (None) without one."""
    found = {name: value for name, value in rule.items() if name != REMIND}
    return found if wait is None else {**found, REMIND: int(wait.total_seconds()) // 60}


def keep(before: Mapping[str, Any], rule: Mapping[str, Any], window: timedelta) -> dict[str, Any]:
    """Return a changed rule with the reminder that it had, if that lies inside the new window."""
    wait = after(before)
    return with_reminder(rule, wait if wait is not None and wait < window else None)


def plan(unit: Unit, person: Person, schedule: Schedule, run_id: UUID) -> None:
    """Note when a run that has just begun is to be said once more, where it may be."""
    wait = after(schedule.rule)
    if wait is None or watched(person) or person.preferences.get(own_time.NO_REMINDERS):
        return
    row = unit.runs.get(run_id, person)
    if row is None or own_time.comes_by_themselves(person, schedule.id):
        return
    at = unit.now + wait
    unit.runs.remember(run_id, person, {**row.state, run_notes.REMIND_AT: at.isoformat()})
    unit.runs.defer(run_id, at)


def planned(row: RunRow) -> bool:
    """Return whether a run is said once more because its schedule says so."""
    return bool(row.state.get(run_notes.REMIND_AT))


def said(row: RunRow) -> RunRow:
    """Return a run as it is once that was said."""
    return replace(row, state=run_notes.without_reminder(row.state))
