"""What a person answered the last time, beside a question that shows it; never on a phone that others see."""

from typing import Protocol
from uuid import UUID

from bot.services.phones import watched
from dialogs.model import Dialog
from dialogs.run import Answer
from dialogs.wording import LAST_SAVED, last_saved
from storage.people import Person
from storage.runs import RunRow
from storage.unit import Unit


class RunReader(Protocol):
    """What reads the dialogs and answers of runs."""

    def dialog(self, unit: Unit, version: str) -> Dialog:
        """Return a dialog at a version."""
        ...

    def answers(self, unit: Unit, person: Person, row: RunRow) -> dict[str, Answer]:
        """Return a run's answers."""
        ...


class LastSaved:
    """Finds the last answers that the hints of a dialog show: nothing is read for any other dialog."""

    def __init__(self) -> None:
        self._wanted: dict[str, frozenset[str]] = {}

    def of(self, turns: RunReader, unit: Unit, person: Person, dialog: Dialog, run_id: UUID | None) -> dict[str, str]:
        """Return the blanks of a dialog that show what was answered the last time, each with its answer in words."""
        wanted = self._wanted.get(dialog.version)
        if wanted is None:
            wanted = self._wanted[dialog.version] = _wanted(dialog)
        if not wanted or dialog.kind == "staff" or watched(person):
            return {}
        found: dict[str, str] = {}
        for row in unit.runs.answered(person):
            if row.damaged or row.id == run_id or turns.dialog(unit, row.dialog_hash).name != dialog.name:
                continue
            for path, answer in turns.answers(unit, person, row).items():
                if path in wanted and answer.label:
                    found.setdefault(f"{LAST_SAVED}{path}", answer.label)
            if len(found) == len(wanted):
                break
        return found


def _wanted(dialog: Dialog) -> frozenset[str]:
    """Return whose last answers the hints of a dialog show; a discreet one is never shown."""
    shown = {
        name.removeprefix(LAST_SAVED)
        for step in dialog.steps
        for words in step.hint.values()
        for name in last_saved(words)
    }
    return frozenset(step.name for step in dialog.steps if step.name in shown and not step.discreet)
