"""One question of the team's own, written or recorded on the phone, in one language or more."""

from collections.abc import Mapping
from dataclasses import replace
from typing import ClassVar, Final

from bot.conversation.screen import Screen
from bot.messengers.port import Incoming
from bot.product_languages import language_of
from bot.rendering.speech import rows
from bot.rendering.texts import shorten
from bot.services.permissions import may_reach
from bot.services.refusals import NotAllowed
from bot.team.kit.feature import Finished, Part
from bot.team.orders import composing, drafts
from bot.team.orders.asking import QUESTION, purpose_screen
from bot.team.orders.composing import save
from bot.team.orders.library import told_issues
from dialogs import languages, wording
from dialogs.model import Dialog, Value
from dialogs.run import Answer
from storage.cohorts import Cohort
from storage.people import Person
from storage.unit import Unit

OPTIONS: Final = "ask_options"
TRANSLATE: Final = "ask_translate"
LANGUAGES_SHOWN: Final = 4


class Questions(Part):
    """The wizard of an own question, and its further languages."""

    actions: ClassVar = frozenset({"own_in", "own_done", "own_again"})
    wizards: ClassVar = frozenset({QUESTION, TRANSLATE, OPTIONS})

    def do(self, screen: Screen, action: str, argument: str, incoming: Incoming) -> None:  # noqa: ARG002  a screen knows its place
        """Ask for words in a further language, or go on to what the question is for."""
        draft, found = drafts.read(screen.person), self._question(screen.unit, screen.person)
        if action == "own_again" and draft is not None and draft.own and draft.sent is None:
            self.begin(screen.unit, screen.person, QUESTION)
            return
        if found is None:
            screen.show(screen.words("ask.no_draft"), rows(screen.button("button.ask", "ask"), screen.menu()))
            return
        cohort, dialog = found
        if action == "own_in" and argument in cohort.languages:
            self.begin(screen.unit, screen.person, TRANSLATE, {"language": argument})
        elif action == "own_done":
            purpose_screen(self, screen, cohort)
        else:
            self._ready(screen, cohort, dialog)

    def _question(self, unit: Unit, person: Person) -> tuple[Cohort, Dialog] | None:
        """Return the group and the question of the order in the making."""
        draft = drafts.read(person)
        cohort = drafts.cohort_of(unit, person, draft) if draft and draft.sent is None else None
        dialog = self._turns.content.of(unit).written.get(draft.dialog) if draft else None
        return (cohort, dialog) if cohort and dialog else None

    def facts(self, unit: Unit, person: Person, given: Mapping[str, Answer]) -> dict[str, str]:  # noqa: ARG002  the task says it
        """Say which language it is about, and what the question says now."""
        language = str(self.task(person).get("language") or languages.base(language_of(person)))
        facts = {"language_label": languages.own_name(language), "words_label": ""}
        if found := self._question(unit, person):
            facts["words_label"] = wording.choose(found[1].steps[0].label, language_of(person))
            if composing.own_options(found[1]) and "optioned" in self.task(person):
                options = [wording.choose(each.label, language_of(person)) for each in found[1].steps[0].choices]
                facts["words_label"] = "\n".join(options)
        return facts

    def finish(self, screen: Screen, done: Finished) -> None:
        """Make the question, or add a language to it."""
        unit, person = screen.unit, screen.person
        draft = drafts.read(person)
        if draft is None or draft.cohort is None or not may_reach(unit, person, draft.cohort):
            screen.show(screen.words("ask.cancelled"), rows(screen.button("button.ask", "ask"), screen.menu()))
        elif done.wizard == QUESTION:
            if draft.own and draft.dialog != drafts.OWN:
                # Said another way: the first way was sent to nobody.
                unit.own_dialogs.retire(draft.dialog)
            self._made(screen, done.values)
        elif (found := self._question(unit, person)) is not None:
            self._said_in(screen, found[1], done.wizard, done.values)
        else:
            screen.show(screen.words("ask.no_draft"), rows(screen.button("button.ask", "ask"), screen.menu()))

    def _made(self, screen: Screen, values: Mapping[str, Value | None]) -> None:
        unit, person, texts = screen.unit, screen.person, self._turns.texts
        words, recording = composing.spoken(values.get("words"), values.get("short"))
        language = languages.base(language_of(person))
        dialog = composing.question(
            texts,
            composing.free_name(self._turns, unit, words),
            str(values["form"]),
            language,
            words,
            recording,
            composing.listed(values.get("options")),
        )
        self._kept(screen, dialog)

    def _said_in(self, screen: Screen, dialog: Dialog, wizard: str, values: Mapping[str, Value | None]) -> None:
        language = str(self.task(screen.person)["language"])
        if wizard == OPTIONS:
            self._kept(screen, composing.with_options(dialog, language, composing.listed(values.get("options"))))
            return
        words, recording = composing.spoken(values.get("words"), values.get("short"))
        said = composing.in_language(self._turns.texts, dialog, language, words, recording)
        if self._kept(screen, said, quiet=composing.own_options(said)) and composing.own_options(said):
            person = screen.unit.people.known(screen.person.id)
            self.begin(screen.unit, person, OPTIONS, {"language": language, "optioned": True})

    def _kept(self, screen: Screen, dialog: Dialog, *, quiet: bool = False) -> bool:
        """Check a question and keep it; what is wrong with it is told, and then it is not kept."""
        unit, person = screen.unit, screen.person
        errors, doubts = composing.issues(dialog)
        if errors:
            lines = told_issues(screen, errors)
            again = screen.button("button.own_again", "own_again")
            screen.show("\n\n".join((screen.words("own.wrong"), *lines)), rows(again, screen.menu()))
            return False
        save(unit, person, dialog)
        person = drafts.change(unit, person, dialog=dialog.name, version=dialog.version)
        screen = replace(screen, person=person)
        draft = drafts.read(person)
        cohort = drafts.cohort_of(unit, person, draft) if draft else None
        if cohort is None:
            raise NotAllowed("ask")
        if not quiet:
            self._ready(screen, cohort, dialog, told_issues(screen, doubts))
        return True

    def _ready(self, screen: Screen, cohort: Cohort, dialog: Dialog, doubts: list[str] | None = None) -> None:
        """Show the question, and offer the group's other languages; where there are none, go on."""
        lacking = [tag for tag in cohort.languages if not languages.covers(tag, frozenset(dialog.languages))]
        if not lacking and not doubts:
            purpose_screen(self, screen, cohort)
            return
        words = wording.choose(dialog.steps[0].label, screen.speech.language)
        code = "own.ready.voice" if dialog.steps[0].audio else "own.ready"
        told = [screen.words(code, words=shorten(words, 300)), *(doubts or ())]
        if lacking:
            names = screen.speech.texts.all_of([languages.own_name(tag) for tag in lacking], screen.speech.language)
            told.append(screen.words("own.languages", languages=names))
        further = [
            screen.labelled(screen.words("own.in", language=shorten(languages.own_name(tag), 24)), "own_in", tag)
            for tag in lacking[:LANGUAGES_SHOWN]
        ]
        done = screen.button("button.own_done", "own_done")
        again = screen.button("button.own_again", "own_again")
        screen.show("\n\n".join(told), rows(*further, done, again, screen.menu()))
