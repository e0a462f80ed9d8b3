"""One part of what the team can do in chat: the actions it answers, and the wizards whose end it carries out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from bot import content
from bot.conversation.screen import Screen
from bot.conversation.turns import Turns
from bot.messengers.port import Incoming
from dialogs.model import Choice, Value
from dialogs.run import Answer
from storage.people import Person
from storage.runs import RunRow
from storage.unit import Unit

TASK = "task"


@dataclass(frozen=True, slots=True)
class Finished:
    """A wizard that was answered to its end: its run, its name, and what was answered."""

    row: RunRow
    wizard: str
    values: Mapping[str, Value | None]


class Part:
    """What every part shares: a wizard is a dialog of kind `staff`, and what it is about is its task.

    Attributes:
        actions: names of the buttons and commands this part answers; each has its permission in
            `bot.services.permissions`.
        wizards: names of the staff dialogs this part begins, feeds with lists and facts, and carries out.
        known: every action that some part answers, this one or another.
    """

    actions: ClassVar[frozenset[str]] = frozenset()
    wizards: ClassVar[frozenset[str]] = frozenset()
    known: frozenset[str] = frozenset()

    def __init__(self, turns: Turns) -> None:
        """Take what plays turns, and say which wizards are this part's."""
        self._turns = turns
        for name in self.wizards:
            turns.wizards[name] = self

    def do(self, screen: Screen, action: str, argument: str, incoming: Incoming) -> None:
        """Answer one of the part's actions; who asks for it is allowed to."""
        raise NotImplementedError(action)

    def finish(self, screen: Screen, done: Finished) -> None:
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

    def begin(self, unit: Unit, person: Person, wizard: str, task: Mapping[str, Any] | None = None) -> None:
        """Begin a wizard about something; one that was open is left."""
        row = unit.runs.open(person)
        if row is not None and row.started_by == "staff":
            self._turns.expire(unit, person, row)
        dialog = content.wizard(wizard)
        person = unit.people.prefer(person, **{TASK: dict(task or {})})
        self._turns.begin(unit, person, dialog, "staff", offer=False)

    def task(self, person: Person) -> dict[str, Any]:
        """Return what the wizard she is in is about."""
        return dict(person.preferences.get(TASK) or {})
