"""The wizards of signs: one in the group's words, another wording, what the group said together, what the team sees."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar, cast
from uuid import UUID

from bot.conversation.actions import Action, Begin, Next, Then, handles
from bot.conversation.screen import Screen
from bot.rendering import targets
from bot.rendering.speech import rows
from bot.services import exposing, promises, signs
from bot.services.permissions import FACILITATORS, may_reach
from bot.services.refusals import AlreadyDone, NotAllowed, NotFound
from bot.services.signs import VALUES, SignError
from bot.team.answers.signs import SIGN, SIGNS
from bot.team.kit.arguments import OfId, PageOf
from bot.team.kit.feature import CompletedWizard, Feature
from bot.team.kit.sign_arguments import OneSign
from dialogs import languages
from dialogs.model import Choice, Value
from dialogs.run import Answer
from storage.cohorts import Cohort
from storage.people import Person
from storage.signs import Kind, Sign
from storage.unit import Unit

NEW, REWORD, GROUP, TEAM = "sign_new", "sign_reword", "sign_group", "sign_team"
WRITTEN = ("words", "against", "reasons")
"""What is written of a sign in words."""
STANDS = "sign_stands"
"""The list of how a sign can stand, which two wizards name."""

SIGN_NEW = Action(targets.SIGN_NEW, FACILITATORS, (OfId,))


class SignWords(Feature):
    """What is written down of signs."""

    wizards: ClassVar = {NEW: SIGN_NEW, REWORD: SIGN, GROUP: SIGN, TEAM: SIGN}

    @handles(SIGN_NEW)
    def new(self, screen: Screen, argument: OfId) -> Next:
        """Begin to write down a sign of a group."""
        cohort = screen.unit.cohorts.get(argument.id)
        if cohort is None or not may_reach(screen.unit, screen.person, cohort.id):
            raise NotAllowed(SIGN_NEW.name)
        if not signs.is_on(cohort):
            return Then(SIGNS, PageOf(cohort.id), screen)
        return Begin(NEW, {"cohort": cohort.id.hex})

    def facts(self, unit: Unit, person: Person, given: Mapping[str, Answer]) -> dict[str, str]:
        """Return the sign's words, and what of words just typed could expose somebody or promises something."""
        sign, cohort = self._sign(unit, person), self._cohort(unit, person)
        facts = {"sign_now": sign.words if sign is not None else "", "sign_marked": ""}
        written = "\n".join(given[path].label for path in WRITTEN if path in given and given[path].label)
        if cohort is not None and written and "confirm" not in given:
            facts["sign_marked"] = self._marked(unit, person, cohort, written)
        return facts

    def typed(self, unit: Unit, person: Person, given: Mapping[str, Answer], path: str, words: str) -> dict[str, str]:
        """Return what of words just typed, and of those before, could expose somebody."""
        cohort = self._cohort(unit, person) if path in WRITTEN else None
        if cohort is None:
            return {}
        said = {each: given[each].label for each in WRITTEN if each in given} | {path: words}
        return {"sign_marked": self._marked(unit, person, cohort, "\n".join(filter(None, said.values())))}

    def _marked(self, unit: Unit, person: Person, cohort: Cohort, words: str) -> str:
        """Return in a sentence what words of a sign, or on one, could expose; '' where they do not."""
        speech = self._turns.speech(unit, person)
        language = languages.base(speech.language)
        found = exposing.in_texts(exposing.of_group(unit, cohort), {language: words})
        if not found:
            return ""
        return speech.words("sign.marked", words=promises.quoted(speech.texts, speech.language, found))

    def choices(
        self, unit: Unit, person: Person, language: str, name: str, answers: Mapping[str, Value | None]
    ) -> Sequence[Choice]:
        """Return how the sign can stand."""
        if name != STANDS:
            return super().choices(unit, person, language, name, answers)
        sign = self._sign(unit, person)
        values = VALUES[sign.kind if sign is not None else "better"]
        return [Choice(each, {language: self._turns.texts.say(f"sign.value.{each}", language)}) for each in values]

    def finish(self, screen: Screen, done: CompletedWizard) -> Next:
        """Write down what was answered, and show the sign."""
        act: Callable[[Screen, Mapping[str, Any]], Sign | None] = {
            NEW: self._new,
            REWORD: self._reworded,
            GROUP: self._group,
            TEAM: self._team,
        }[done.wizard]
        if done.values.get("keep") == "again":
            return Begin(done.wizard, self.task(screen.person))
        sign, cohort = self._sign(screen.unit, screen.person), self._cohort(screen.unit, screen.person)
        try:
            made = act(screen, done.values)
        except SignError as error:
            back = [screen.button("button.sign", SIGN, OneSign("o", sign.id))] if sign is not None else []
            screen.show(screen.words(error.code, **error.facts), rows(*back, screen.menu()))
            return None
        except (AlreadyDone, NotFound):
            made = sign
        if made is not None:
            lead = self._done(screen, done, cohort) if made != sign or done.wizard in {GROUP, TEAM} else ""
            return Then(SIGN, OneSign("o", made.id), replace(screen, lead=lead))
        return Then(SIGNS, PageOf(cohort.id), screen) if cohort is not None else None

    def _done(self, screen: Screen, done: CompletedWizard, cohort: Cohort | None) -> str:
        """Return that it was written down; of another wording also what of it could expose somebody."""
        told = screen.words(f"sign.done.{done.wizard}")
        if done.wizard != REWORD or cohort is None:
            return told
        marked = self._marked(screen.unit, screen.person, cohort, str(done.values.get("words") or ""))
        return "\n".join(filter(None, (told, marked)))

    def _new(self, screen: Screen, values: Mapping[str, Any]) -> Sign | None:
        cohort = self._cohort(screen.unit, screen.person)
        if cohort is None or values.get("confirm") != "yes":
            return None
        kind, words = cast("Kind", str(values.get("kind"))), str(values.get("words") or "")
        return signs.add(screen.unit, screen.person, cohort, kind, words, str(values.get("again") or ""))

    def _reworded(self, screen: Screen, values: Mapping[str, Any]) -> Sign | None:
        sign = self._of_task(screen)
        if values.get("confirm") != "yes":
            return sign
        return signs.reword(screen.unit, screen.person, sign.id, str(values.get("words") or ""))

    def _group(self, screen: Screen, values: Mapping[str, Any]) -> Sign:
        sign = self._of_task(screen)
        value, words, against = (str(values.get(name) or "") for name in ("value", "words", "against"))
        present = int(values.get("present") or 0)
        signs.said_by_group(screen.unit, screen.person, sign.id, value, words, against, present)
        return sign

    def _team(self, screen: Screen, values: Mapping[str, Any]) -> Sign:
        sign, unit = self._of_task(screen), screen.unit
        value, reasons = str(values.get("value") or ""), str(values.get("reasons") or "")
        signs.judged_by_team(
            unit, screen.person, sign.id, value, reasons, lambda version: self._turns.dialog(unit, version)
        )
        return sign

    def _of_task(self, screen: Screen) -> Sign:
        """Return the sign that the wizard is about; raises NotFound."""
        sign = self._sign(screen.unit, screen.person)
        if sign is None:
            raise NotFound
        return sign

    def _sign(self, unit: Unit, person: Person) -> Sign | None:
        kept = self.task(person).get("sign")
        return unit.signs.get(UUID(str(kept))) if kept else None

    def _cohort(self, unit: Unit, person: Person) -> Cohort | None:
        """Return the group that the wizard is about, if the person reaches it."""
        sign, kept = self._sign(unit, person), self.task(person).get("cohort")
        cohort_id = sign.cohort_id if sign is not None else UUID(str(kept)) if kept else None
        if cohort_id is None or not may_reach(unit, person, cohort_id):
            return None
        return unit.cohorts.get(cohort_id)
