"""Ordering a check-in by buttons: the wizard is a dialog; here is what its end does."""

from collections.abc import Mapping
from uuid import UUID

from bot.broadcast import OrderError, order
from bot.content import UnknownDialog
from bot.permissions import cohorts_of, may_reach
from bot.speech import rows
from bot.turns import Turns
from dialogs.model import Value
from storage.people import Person
from storage.runs import RunRow
from storage.unit import Unit

WIZARD = "ask"


class Asking:
    """Starts the wizard, and gives the order it ends with."""

    def __init__(self, turns: Turns) -> None:
        """Take what plays turns."""
        self._turns = turns

    def start(self, unit: Unit, person: Person) -> None:
        """Begin the wizard, or say why there is nothing to ask yet."""
        speech = self._turns.speech(unit, person)
        if not cohorts_of(unit, person):
            speech.say("ask.no_cohort", rows(speech.button("button.menu", "home")))
            return
        row = unit.runs.open(person)
        if row is not None and row.started_by == "staff":
            self._turns.expire(unit, person, row)
        dialog = self._turns.content.files[WIZARD].dialog
        if dialog is None:
            raise UnknownDialog(WIZARD, [])
        self._turns.begin(unit, person, dialog, "staff", offer=False)

    def finish(self, unit: Unit, person: Person, row: RunRow, values: Mapping[str, Value | None]) -> None:
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
