"""The wizard in which a draft was left: what was answered in it is not asked again."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from bot.conversation.turns import Turns
from bot.team.orders.drafts import OWN, Draft
from storage.people import Person
from storage.runs import RunRow
from storage.unit import Unit

FIRST: Final = {"ask_question": "words", "ask_purpose": "why"}
"""The wizards a draft may be left in, with the question that each asks first."""
OPEN: Final = frozenset({"open", "postponed", "stopped"})


@dataclass(frozen=True, slots=True)
class LeftWizard:
    """A wizard in which a draft was left.

    Attributes:
        row: its run.
        name: its name.
        open: whether its run can go on where it was.
        said: what was answered first in it, written.
        task: what it was about.
    """

    row: RunRow
    name: str
    open: bool
    said: str
    task: Mapping[str, Any] = field(default_factory=dict)


def wizard_of(turns: Turns, unit: Unit, person: Person, draft: Draft) -> LeftWizard | None:
    """Return the newest wizard of a draft that was not answered to its end; None if there is none."""
    name = "ask_question" if draft.dialog == OWN else "ask_purpose"
    # A run tells the minute in which it began, and not more.
    since = None if draft.begun is None else draft.begun.replace(second=0, microsecond=0)
    newest = None
    for row in unit.runs.recent(person):
        dialog = turns.dialog(unit, row.dialog_hash)
        if dialog.kind != "staff":
            continue
        newest = newest or row
        if dialog.name != name or since is None or row.started_at < since:
            continue
        if row.status == "completed":
            return None
        given = turns.answers(unit, person, row).get(FIRST[name])
        # Another wizard that began since has put its own task in the place of this one's.
        goes_on = row.status in OPEN and row is newest
        task = {"cohort": draft.cohort.hex} if draft.cohort and name == "ask_question" else {}
        said = str(given.value) if given is not None and isinstance(given.value, str) else ""
        return LeftWizard(row, name, goes_on, said, task)
    return None
