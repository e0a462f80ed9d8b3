"""What comes back gets other words: another dialog in the place of one, from what is made next on."""

from dataclasses import replace
from datetime import date
from typing import Final
from uuid import UUID

from bot.services.acts import Actor, actor_name
from bot.services.refusals import AlreadyDone, NotFound
from bot.services.rhythms import Rhythm
from bot.services.schedules import ScheduleError, is_way, reached
from bot.services.versions import save_version
from dialogs.model import Dialog
from storage.schedules import Schedule, ScheduledDialog
from storage.unit import Unit

BEFORE: Final = "before"
"""Field of a rule: what was asked in turn before the last change, so that it can be put back as it was."""


def before(schedule: Schedule, place: int) -> ScheduledDialog | None:
    """Return what was asked at a place before the last change, if something else was."""
    kept = schedule.rule.get(BEFORE) or ()
    if not 0 <= place < min(len(kept), len(schedule.dialogs)):
        return None
    found = ScheduledDialog(*kept[place])
    return None if found == schedule.dialogs[place] else found


def comes_on(schedule: Schedule, place: int) -> str | None:
    """Return when what stands at a place is made next, as local day and time; None: never again, or a way in."""
    turns = len(schedule.dialogs)
    coming, rhythm = schedule.next_on, Rhythm.of(schedule.rule)
    for _ in range((place - schedule.made) % turns):
        coming = rhythm.after(date.fromisoformat(coming[:10])) if coming is not None else None
    return coming


def choose(unit: Unit, schedule_id: UUID, place: int, dialog: Dialog, by: Actor) -> Schedule:
    """Ask another dialog at a place of those in turn, the newest version each time.

    What was made ahead stays as it is. Raises as `schedules.pause`, and ScheduleError where nothing is to be made.
    """
    save_version(unit, dialog)
    return _put(unit, schedule_id, place, ScheduledDialog(dialog.name), by)


def take_back(unit: Unit, schedule_id: UUID, place: int, by: Actor) -> Schedule:
    """Ask at a place what was asked before the last change; raises as `choose`."""
    found = before(reached(unit, schedule_id, by), place)
    if found is None:
        raise AlreadyDone
    return _put(unit, schedule_id, place, found, by)


def _put(unit: Unit, schedule_id: UUID, place: int, turn: ScheduledDialog, by: Actor) -> Schedule:
    schedule = reached(unit, schedule_id, by)
    if not 0 <= place < len(schedule.dialogs):
        raise NotFound
    if schedule.state == "ended" or schedule.dialogs[place] == turn:
        raise AlreadyDone
    coming = comes_on(schedule, place)
    if coming is None and not is_way(schedule):
        raise ScheduleError("repeats.words.last")
    turns = (*schedule.dialogs[:place], turn, *schedule.dialogs[place + 1 :])
    kept = [[each.name, each.hash] for each in schedule.dialogs]
    changed = replace(schedule, dialogs=turns, rule={**schedule.rule, BEFORE: kept})
    if not unit.schedules.change(changed):
        raise NotFound
    unit.audit.add(actor_name(by), "schedule.reworded", str(schedule.id), {"from": coming} if coming else {})
    return changed
