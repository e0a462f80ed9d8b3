"""One part of what the team can do in chat: handlers of the actions it declares, and the wizards it ends."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from bot.conversation.actions import Action, Next
from bot.conversation.screen import Screen
from bot.conversation.turns import Turns
from dialogs.model import Choice, Value
from dialogs.run import Answer
from storage.people import Person
from storage.runs import RunRow
from storage.unit import Unit

TASK = "task"


@dataclass(frozen=True, slots=True)
class CompletedWizard:
    """A wizard that was answered to its end: its run, its name, and what was answered."""

    row: RunRow
    wizard: str
    values: Mapping[str, Value | None]


class Feature:
    """What every part shares: a wizard is a dialog of kind `staff`, and what it is about is its task.

    Attributes:
        wizards: the staff dialogs this part feeds with lists and facts and ends, each with the action that begins it.
    """

    wizards: ClassVar[Mapping[str, Action]] = {}

    def __init__(self, turns: Turns) -> None:
        """Take what plays turns."""
        self._turns = turns

    def finish(self, screen: Screen, done: CompletedWizard) -> Next:
        """Carry out what a finished wizard asks for, say so, and lead on."""
        raise NotImplementedError(done.wizard)

    def completed(self, unit: Unit, person: Person, row: RunRow) -> None:
        """Do what is owed once anybody has finished any dialog but a wizard."""

    def facts(self, unit: Unit, person: Person, given: Mapping[str, Answer]) -> dict[str, str]:  # noqa: ARG002  for those that have some
        """Return the `${blanks}` of the part's wizards that no answer fills."""
        return {}

    def choices(
        self,
        unit: Unit,  # noqa: ARG002  the shape of every part's lists
        person: Person,  # noqa: ARG002  the same
        language: str,  # noqa: ARG002  the same
        name: str,
        answers: Mapping[str, Value | None],  # noqa: ARG002  the same
    ) -> Sequence[Choice]:
        """Return the choices of a list that a wizard names (`choices_from`); raises LookupError for an unknown one."""
        raise LookupError(f"no list {name}")

    def task(self, person: Person) -> dict[str, Any]:
        """Return what the wizard a person is in is about."""
        return dict(person.preferences.get(TASK) or {})
