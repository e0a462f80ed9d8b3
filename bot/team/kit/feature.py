"""A feature of the team's chat: handlers of the actions it declares, and the wizards it completes."""

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
    """The base of the team's features. A wizard is a dialog of kind `staff`; its task says what it is about.

    Attributes:
        wizards: the wizards for which this feature gives choices and facts and does `finish`, each with the action
            that begins it.
    """

    wizards: ClassVar[Mapping[str, Action]] = {}

    def __init__(self, turns: Turns) -> None:
        self._turns = turns

    def finish(self, screen: Screen, done: CompletedWizard) -> Next:
        """Do what a completed wizard asks for, say so, and show what comes next."""
        raise NotImplementedError(done.wizard)

    def completed(self, unit: Unit, person: Person, row: RunRow) -> None:
        """Do what follows when anybody has completed a dialog that is no wizard."""

    def facts(self, unit: Unit, person: Person, given: Mapping[str, Answer]) -> dict[str, str]:  # noqa: ARG002  for features that have some
        """Return values for the `${blanks}` of this feature's wizards that no answer fills."""
        return {}

    def typed(
        self,
        unit: Unit,  # noqa: ARG002  the signature of every feature
        person: Person,  # noqa: ARG002  the same
        given: Mapping[str, Answer],  # noqa: ARG002  the same
        path: str,  # noqa: ARG002  the same
        words: str,  # noqa: ARG002  the same
    ) -> dict[str, str]:
        """Return the values that words just typed to a question change, before they are taken for its answer."""
        return {}

    def choices(
        self,
        unit: Unit,  # noqa: ARG002  the signature of every feature's lists
        person: Person,  # noqa: ARG002  the same
        language: str,  # noqa: ARG002  the same
        name: str,
        answers: Mapping[str, Value | None],  # noqa: ARG002  the same
    ) -> Sequence[Choice]:
        """Return the choices of a list that a wizard names (`choices_from`); raises LookupError for an unknown one."""
        raise LookupError(f"no list {name}")

    def task(self, person: Person) -> dict[str, Any]:
        """Return the task of a person's open wizard."""
        return dict(person.preferences.get(TASK) or {})
