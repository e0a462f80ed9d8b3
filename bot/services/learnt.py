"""What the team learnt by asking: one line, written when a broadcast closes and shown when a similar one is begun.

It stays in the group's own context, sealed as that is. It names nobody of the group; a line that names one of the team
goes when that person is erased.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final
from uuid import UUID

from bot.errors import Problem
from bot.rendering import targets
from bot.services import share_backs
from bot.services.acts import Actor, actor_name, require
from bot.services.permissions import FACILITATORS
from bot.services.refusals import ActRefused, NotFound
from dialogs.model import Dialog
from storage.broadcasts import Broadcast
from storage.cohorts import Cohort
from storage.people import Person
from storage.record_names import names
from storage.unit import Unit

LEARNT: Final = "learnt"
"""Key in a cohort's context: what the team learnt, by the broadcast's id."""
ASKED: Final = "learnt_asked"
"""Key in a cohort's context: the broadcasts of which the team was asked, the latest so many, by their ids."""
ASKED_KEPT: Final = 40
LATELY: Final = timedelta(days=14)
"""So long after a broadcast closed by itself, or at the terminal, the team is asked; later nobody remembers."""
LENGTH: Final = range(3, 141)
"""How many characters such a line has."""


class LearntError(Problem, ActRefused):
    """A line that cannot be kept as it is; `words` are those that could tell who said something."""

    def __init__(self, code: str, words: Sequence[str] = ()) -> None:
        super().__init__(code)
        self.words = words


def to_ask(unit: Unit, broadcast: Broadcast) -> bool:
    """Return whether the team may still be asked what it learnt: something was answered, and nothing is written."""
    return not broadcast.shares_back and unit.readings.any_of(broadcast.id) and not of(unit, broadcast)


def unasked(unit: Unit, cohorts: Sequence[UUID]) -> Broadcast | None:
    """Return the newest broadcast of some cohorts that closed lately and of which nobody of the team was asked."""
    contexts = {cohort_id: cohort.context for cohort_id in cohorts if (cohort := unit.cohorts.get(cohort_id))}
    for each in unit.broadcasts.list(list(contexts)) if contexts else ():
        lately = each.closed_at is not None and timedelta(0) <= unit.now - each.closed_at <= LATELY
        if lately and each.id.hex not in (contexts[each.cohort_id].get(ASKED) or ()) and to_ask(unit, each):
            return each
    return None


def note_asked(unit: Unit, broadcast: Broadcast) -> None:
    """Note that the team was asked: it is asked once."""
    cohort = unit.cohorts.get(broadcast.cohort_id)
    asked = list((cohort.context.get(ASKED) if cohort is not None else None) or ())
    if cohort is not None and broadcast.id.hex not in asked:
        kept = [*asked, broadcast.id.hex][-ASKED_KEPT:]
        unit.cohorts.change(replace(cohort, context={**cohort.context, ASKED: kept}))


def of(unit: Unit, broadcast: Broadcast) -> str:
    """Return what the team learnt by a broadcast; empty where nothing is written."""
    cohort = unit.cohorts.get(broadcast.cohort_id)
    return str((cohort.context.get(LEARNT) or {}).get(broadcast.id.hex) or "") if cohort is not None else ""


def keep(unit: Unit, broadcast_id: UUID, language: str, words: str, by: Actor) -> str:
    """Write down what was learnt, in place of what was written before.

    Raises:
        NotAllowed, NotFound: it is out of reach.
        LearntError: it is no line, or could tell who said something.
    """
    broadcast, cohort = _reached(unit, broadcast_id, by)
    words = " ".join(words.split())
    if len(words) not in LENGTH:
        raise LearntError("learnt.words")
    if found := share_backs.exposes(unit, broadcast.id, language, words):
        raise LearntError("learnt.exposes", words=found)
    _change(unit, cohort, {**(cohort.context.get(LEARNT) or {}), broadcast.id.hex: words})
    unit.audit.add(actor_name(by), "lesson.written", str(broadcast.id), {})
    return words


def take_back(unit: Unit, broadcast_id: UUID, by: Actor) -> None:
    """Take such a line back; raises NotAllowed, NotFound."""
    broadcast, cohort = _reached(unit, broadcast_id, by)
    kept = dict(cohort.context.get(LEARNT) or {})
    if kept.pop(broadcast.id.hex, None) is not None:
        _change(unit, cohort, kept)
        unit.audit.add(actor_name(by), "lesson.dropped", str(broadcast.id), {})


def before(unit: Unit, cohort: Cohort, dialog: Dialog, purpose: UUID | None, dialog_of: Callable[[str], Dialog]) -> str:
    """Return what was learnt the last time that a group was asked this, or for the same purpose; empty for nothing."""
    kept = cohort.context.get(LEARNT) or {}
    for broadcast in unit.broadcasts.list([cohort.id]) if kept else ():
        words = kept.get(broadcast.id.hex)
        same = purpose is not None and broadcast.purpose_id == purpose
        if words and (same or dialog_of(broadcast.dialog_hash).name == dialog.name):
            return str(words)
    return ""


def forget(unit: Unit, person: Person) -> None:
    """Drop the lines that name somebody who is being erased."""
    for cohort in unit.cohorts.list():
        kept = cohort.context.get(LEARNT) or {}
        left = {name: words for name, words in kept.items() if not names(person.nickname, words)}
        if len(left) < len(kept):
            _change(unit, cohort, left)


def _reached(unit: Unit, broadcast_id: UUID, by: Actor) -> tuple[Broadcast, Cohort]:
    broadcast = unit.broadcasts.get(broadcast_id)
    cohort = unit.cohorts.get(broadcast.cohort_id) if broadcast is not None else None
    if broadcast is None or cohort is None or broadcast.shares_back:
        raise NotFound
    require(unit, by, FACILITATORS, targets.LEARN, cohort.id)
    return broadcast, cohort


def _change(unit: Unit, cohort: Cohort, kept: dict[str, str]) -> None:
    unit.cohorts.change(replace(cohort, context={**cohort.context, LEARNT: kept}))
