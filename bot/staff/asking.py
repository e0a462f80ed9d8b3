"""Ordering a check-in by buttons: the wizard is a dialog; here is what its end does."""

from collections.abc import Mapping, Sequence
from typing import ClassVar
from uuid import UUID

from bot.broadcast import OrderError, order
from bot.hers.screen import Screen
from bot.messenger import Incoming
from bot.permissions import cohorts_of, may_reach
from bot.speech import rows
from bot.staff.part import Part
from dialogs.model import Choice, Value
from dialogs.run import Answer
from storage.people import Person
from storage.runs import RunRow
from storage.unit import Unit

WIZARD = "ask"


class Asking(Part):
    """Starts the wizard, and gives the order it ends with."""

    actions: ClassVar = frozenset({"ask"})
    wizards: ClassVar = frozenset({WIZARD})

    def do(self, screen: Screen, action: str, argument: str, incoming: Incoming) -> None:  # noqa: ARG002  one action, nothing to tell apart
        """Begin the wizard, or say why there is nothing to ask yet."""
        if cohorts_of(screen.unit, screen.person):
            self.begin(screen.unit, screen.person, WIZARD)
        else:
            screen.speech.say("ask.no_cohort", rows(screen.menu()))

    def facts(self, unit: Unit, person: Person, given: Mapping[str, Answer]) -> dict[str, str]:
        """Say how many people an order would reach, and what it would send."""
        cohort, chosen = given.get("cohort"), given.get("dialog")
        reached = len(unit.memberships.active(UUID(str(cohort.value)))) if cohort and cohort.value else 0
        return {
            "people": self._turns.texts.number(reached, person.language or "es"),
            "cohort_label": cohort.label if cohort else "",
            "dialog_label": chosen.label if chosen else "",
        }

    def choices(
        self, unit: Unit, person: Person, language: str, name: str, answers: Mapping[str, Value | None]
    ) -> Sequence[Choice]:
        """List the dialogs there are, and the cohorts this person may ask."""
        if name == "dialogs":
            return [Choice(dialog.name, dialog.title) for dialog in self._turns.content.all()]
        if name == "cohorts":
            return [Choice(str(cohort.id), {language: cohort.name}) for cohort in cohorts_of(unit, person)]
        return super().choices(unit, person, language, name, answers)

    def finish(
        self,
        unit: Unit,
        person: Person,
        row: RunRow,
        wizard: str,  # noqa: ARG002  this part has one
        values: Mapping[str, Value | None],
    ) -> None:
        """Give the order, or leave it; say which, and lead on."""
        speech = self._turns.speech(unit, person)
        menu = speech.button("button.menu", "home")
        cohort_id = UUID(str(values["cohort"]))
        cohort = unit.cohorts.get(cohort_id)
        if values.get("confirm") != "send" or cohort is None or not may_reach(unit, person, cohort_id):
            speech.say("ask.cancelled", rows(speech.button("button.ask", "ask"), menu))
            return
        dialog = self._turns.content.dialog(str(values["dialog"]))
        try:
            # The run is the order's name: a confirmation that arrives twice orders once.
            done = order(unit, dialog, cohort, str(values["purpose"]), key=f"run:{row.id}", ordered_by=person.id)
        except OrderError as problem:
            speech.say(problem.code, rows(speech.button("button.ask", "ask"), menu), **problem.facts)
            return
        text = speech.texts.count("ask.sent", speech.language, done.people, cohort=cohort.name)
        speech.send(text, rows(speech.button("button.progress", "progress", done.broadcast_id.hex), menu))
