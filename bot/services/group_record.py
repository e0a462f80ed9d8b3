"""The record of a group: whether an admin switched it on, and that it was written out."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final
from uuid import UUID

from bot.rendering import targets
from bot.services import freezing, kept_back
from bot.services.acts import Actor, actor_name, require
from bot.services.permissions import ADMINS_OF_ALL
from dialogs.model import Dialog
from storage.broadcasts import Broadcast
from storage.cohorts import Cohort
from storage.unit import Unit

ON: Final = "record"
"""Key in a cohort's context: whether an admin switched its record on."""
OPEN: Final = timedelta(days=30)
"""What nobody closed counts as over after so long."""
WRITTEN: Final = "group_record.written"
"""Audit action: somebody wrote a group's record out."""


def is_on(cohort: Cohort) -> bool:
    """Return whether a cohort has a record."""
    return bool(cohort.context.get(ON))


def those_on(unit: Unit) -> Sequence[Cohort]:
    """List the cohorts that have a record, closed ones included."""
    return [each for each in unit.cohorts.list() if is_on(each)]


def switch(unit: Unit, by: Actor, cohort: Cohort, *, on: bool) -> Cohort:
    """Switch a cohort's record on or off; what was written out before stays where it is. Raises NotAllowed."""
    require(unit, by, ADMINS_OF_ALL, targets.GROUP_RECORD, cohort.id)
    if is_on(cohort) == on:
        return cohort
    changed = replace(cohort, context={**cohort.context, ON: on})
    unit.cohorts.change(changed)
    unit.audit.add(actor_name(by), "group_record.on" if on else "group_record.off", str(cohort.id), {})
    return changed


def begin(unit: Unit, by: Actor, cohort: Cohort) -> None:
    """Note that a cohort's record is about to be written out."""
    kept_back.recorded(unit, cohort)
    unit.audit.add(actor_name(by), WRITTEN, str(cohort.id), {})


def ended(unit: Unit, cohort: Cohort) -> list[UUID]:
    """List what a cohort was asked and is over, the newest first: what is told of it does not change any more."""
    found = [
        each
        for each in unit.broadcasts.list([cohort.id])
        if not (each.shares_back or each.cancelled_at or each.on_paper)
        and each.due_at <= unit.now
        and (each.closed_at is not None or each.due_at + OPEN <= unit.now)
    ]
    return [each.id for each in sorted(found, key=lambda each: (each.due_at, each.id), reverse=True)]


def freeze(unit: Unit, by: Actor, broadcast_id: UUID) -> None:
    """Freeze what the record may tell of how many said what to a broadcast, as whatever leaves the team is frozen."""
    broadcast = unit.broadcasts.get(broadcast_id)
    if broadcast is not None:
        unit.frozen_totals.alone()
        freezing.freeze_for_record(unit, broadcast, by.id if by else None)


def figures(unit: Unit, cohort: Cohort) -> Callable[[Broadcast, Dialog], Mapping[str, Mapping[str, int]]]:
    """Return what may be said of each broadcast of a cohort: the figures that left, as they left."""
    left: dict[UUID, dict[str, Mapping[str, int]]] = {}
    for each in unit.frozen_totals.all():
        if each.cohort_id == cohort.id and each.body:
            left.setdefault(each.broadcast_id, {})[each.body["question"]] = each.body["figures"]
    return lambda broadcast, _dialog: left.get(broadcast.id, {})
