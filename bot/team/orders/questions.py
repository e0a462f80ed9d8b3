"""An own question: a dialog of one question, written or recorded in chat, in one language or more."""

from collections.abc import Mapping
from dataclasses import replace
from typing import ClassVar, Final, Literal

from bot.conversation.actions import Action, Begin, Next, handles
from bot.conversation.screen import Screen
from bot.participant import waiting
from bot.product_languages import language_of
from bot.rendering import targets
from bot.rendering.arguments import Argument, Picked
from bot.rendering.speech import rows
from bot.rendering.texts import shorten
from bot.services.permissions import FACILITATORS, may_reach
from bot.services.refusals import NotAllowed
from bot.team.kit.feature import CompletedWizard, Feature
from bot.team.orders import composing, drafts, ordering
from bot.team.orders.asking import ASK, ASK_OWN, QUESTION, purpose_screen
from bot.team.orders.composing import save
from bot.team.orders.step_words import told_issues
from dialogs import languages, wording
from dialogs.model import Dialog, Value
from dialogs.run import Answer
from storage.cohorts import Cohort
from storage.people import Person
from storage.unit import Unit

OPTIONS: Final = "ask_options"
TRANSLATE: Final = "ask_translate"
LANGUAGES_SHOWN: Final = 4
WORDS_SHOWN: Final = 200  # characters of a question
OPTION_SHOWN: Final = 30


OWN_IN = Action("own_in", FACILITATORS, (Picked,))
OWN_DONE = Action("own_done", FACILITATORS)
OWN_AGAIN = Action(targets.OWN_AGAIN, FACILITATORS)


class SaidIs(Argument):
    """What typed words are: the question in other words, one more option, or neither."""

    layout: ClassVar[str] = "{step}"
    step: Literal["question", "option", "neither"]


class SameOption(Argument):
    """An option that says what another says: its place, its language, and whether (`x`) it is taken off."""

    layout: ClassVar[str] = "{place}.{language}[.{off:x}]"
    place: int
    language: str
    off: bool = False


OWN_SAME = Action("own_same", FACILITATORS, (SameOption,))
OWN_SAID = Action("own_said", FACILITATORS, (SaidIs,))


class Questions(Feature):
    """The wizards of an own question and its further languages."""

    wizards: ClassVar = {QUESTION: ASK_OWN, TRANSLATE: OWN_IN, OPTIONS: OWN_IN}

    @handles(OWN_AGAIN)
    def again(self, screen: Screen) -> Next:
        """Begin to write the draft's own question again; typed words change the one there is."""
        draft = drafts.read(screen.person)
        present = self._question(screen.unit, screen.person) if screen.said else None
        if present is not None:
            return self._changed(screen, *present)
        if draft is not None and draft.own and draft.sent is None:
            return Begin(QUESTION, said=screen.said)
        found = self._found(screen)
        return self._ready(screen, *found) if found else None

    def _changed(self, screen: Screen, cohort: Cohort, dialog: Dialog) -> Next:
        """Change the question by what was typed below it: its words, or one more option; ask where it may be both."""
        said, options = screen.said, composing.own_options(dialog)
        option = composing.added_option(said, screen.words("said.add_option")) if options else ""
        if option:
            return self._one_more(screen, cohort, dialog, option)
        if not options:
            return self._other_words(screen, dialog, said)
        screen = replace(screen, person=waiting.keep_words(screen.unit, screen.person, said))
        ways = rows(
            screen.button("button.own_question", OWN_SAID, SaidIs("question")),
            screen.button("button.own_option", OWN_SAID, SaidIs("option")),
            screen.button("button.own_neither", OWN_SAID, SaidIs("neither")),
        )
        screen.show(screen.words("own.which", words=shorten(said, WORDS_SHOWN)), ways)
        return None

    @handles(OWN_SAID)
    def said_is(self, screen: Screen, argument: SaidIs) -> Next:
        """Change the question by words that were typed before, now that it is known what they are."""
        person, said = waiting.kept_words(screen)
        screen = replace(screen, person=person)
        found = self._found(screen)
        if found is None:
            return None
        if not said or argument.step == "neither" or not composing.own_options(found[1]):
            return self._ready(screen, *found, shown=True)
        if argument.step == "option":
            return self._one_more(screen, *found, said)
        return self._other_words(screen, found[1], said)

    def _one_more(self, screen: Screen, cohort: Cohort, dialog: Dialog, option: str) -> Next:
        optioned = composing.with_option(dialog, languages.base(language_of(screen.person)), option)
        if optioned is None:
            return self._ready(replace(screen, lead=screen.words("own.option.not")), cohort, dialog, shown=True)
        return self._kept(screen, optioned, shown=True)

    def _other_words(self, screen: Screen, dialog: Dialog, said: str) -> Next:
        words, _ = composing.words_of(said)
        if len(words) > composing.LONGEST:
            return Begin(QUESTION, said=said)  # which says how long it may be
        language = languages.base(language_of(screen.person))
        return self._kept(screen, composing.reworded(dialog, 0, "l", language, words), shown=True)

    @handles(OWN_IN)
    def in_language(self, screen: Screen, argument: Picked) -> Next:
        """Begin to write the question in a further language of the cohort."""
        found = self._found(screen)
        if found is None:
            return None
        if argument.choice in found[0].languages:
            return Begin(TRANSLATE, {"language": argument.choice})
        return self._ready(screen, *found)

    @handles(OWN_DONE)
    def done(self, screen: Screen) -> Next:
        """Go on to the purpose."""
        found = self._found(screen)
        if found is None:
            return None
        if composing.same_option(found[1]):
            return self._ready(screen, *found)
        return self._onward(screen, found[0])

    def _onward(self, screen: Screen, cohort: Cohort) -> Next:
        """Go on to the purpose, or back to the last look where there is one: the words were changed from there."""
        draft = drafts.read(screen.person)
        if draft is None or not draft.card:
            return purpose_screen(self._turns, screen, cohort)
        ordering.confirm(self._turns, screen)
        return None

    @handles(OWN_SAME)
    def same(self, screen: Screen, argument: SameOption) -> Next:
        """Take one of two options that say the same off, or give it the words that were typed."""
        found = self._found(screen)
        if found is None:
            return None
        cohort, dialog = found
        if composing.same_option(dialog) != (argument.place, argument.language):
            return self._ready(screen, cohort, dialog, shown=True)
        if argument.off and len(dialog.steps[0].choices) > composing.OPTIONS_FEWEST:
            return self._kept(screen, composing.without_option(dialog, argument.place), shown=True)
        label = next(iter(composing.listed(screen.said)), "")
        if not label or len(label) > composing.OPTION_LONGEST:
            lead = screen.words("own.option.not") if screen.said else ""
            return self._ready(replace(screen, lead=lead), cohort, dialog)
        part = f"c{argument.place}"
        return self._kept(screen, composing.reworded(dialog, 0, part, argument.language, label), shown=True)

    def _ask_same(self, screen: Screen, dialog: Dialog, place: int, language: str) -> None:
        """Ask what an option is to say that says what another says: nobody could tell them apart."""
        label = dialog.steps[0].choices[place].label[language]
        shown = "\n".join((self._present(screen, dialog), *self._options(screen, dialog)))
        asked = screen.words("own.same", n=place + 1, label=shorten(label, OPTION_SHOWN))
        off = screen.button("button.own_same", OWN_SAME, SameOption(place, language, off=True), n=place + 1)
        enough = len(dialog.steps[0].choices) > composing.OPTIONS_FEWEST
        screen.show(f"{shown}\n\n{asked}", rows(*([off] if enough else []), screen.menu()))
        waiting.ask(screen, OWN_SAME, SameOption(place, language))

    def _found(self, screen: Screen) -> tuple[Cohort, Dialog] | None:
        """Return the cohort and the question of the draft; None after saying that there is none."""
        found = self._question(screen.unit, screen.person)
        if found is None:
            screen.show(screen.words("ask.no_draft"), rows(screen.button("button.ask", ASK), screen.menu()))
        return found

    def _question(self, unit: Unit, person: Person) -> tuple[Cohort, Dialog] | None:
        """Return the cohort and the question of the draft, or None."""
        draft = drafts.read(person)
        cohort = drafts.cohort_of(unit, person, draft) if draft and draft.sent is None else None
        dialog = self._turns.content.of(unit).written.get(draft.dialog) if draft else None
        return (cohort, dialog) if cohort and dialog else None

    def facts(self, unit: Unit, person: Person, given: Mapping[str, Answer]) -> dict[str, str]:  # noqa: ARG002  the task has them
        """Return the language, and the present words of the question or of its options."""
        language = str(self.task(person).get("language") or languages.base(language_of(person)))
        facts = {"language_label": self._turns.texts.language(language, language_of(person)), "words_label": ""}
        if found := self._question(unit, person):
            facts["words_label"] = wording.choose(found[1].steps[0].label, language_of(person))
            if composing.own_options(found[1]) and "optioned" in self.task(person):
                options = [wording.choose(each.label, language_of(person)) for each in found[1].steps[0].choices]
                facts["words_label"] = "\n".join(options)
        return facts

    def finish(self, screen: Screen, done: CompletedWizard) -> Next:
        """Make the question, or add a language to it."""
        unit, person = screen.unit, screen.person
        draft = drafts.read(person)
        if draft is None or draft.cohort is None or not may_reach(unit, person, draft.cohort):
            screen.show(screen.words("ask.cancelled"), rows(screen.button("button.ask", ASK), screen.menu()))
        elif done.wizard == QUESTION:
            if draft.own and draft.dialog != drafts.OWN:
                # The question was written again; the first one was sent to nobody.
                unit.own_dialogs.retire(draft.dialog)
            return self._made(screen, done.values)
        elif (found := self._found(screen)) is not None:
            return self._said_in(screen, found[1], done.wizard, done.values)
        return None

    def _made(self, screen: Screen, values: Mapping[str, Value | None]) -> Next:
        unit, person, texts = screen.unit, screen.person, self._turns.texts
        words, recording = composing.words_of(values.get("words"), values.get("short"))
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
        return self._kept(screen, dialog)

    def _said_in(self, screen: Screen, dialog: Dialog, wizard: str, values: Mapping[str, Value | None]) -> Next:
        language = str(self.task(screen.person)["language"])
        if wizard == OPTIONS:
            optioned = composing.with_options(dialog, language, composing.listed(values.get("options")))
            return self._kept(screen, optioned)
        words, recording = composing.words_of(values.get("words"), values.get("short"))
        said = composing.in_language(self._turns.texts, dialog, language, words, recording)
        after = Begin(OPTIONS, {"language": language, "optioned": True}) if composing.own_options(said) else None
        return self._kept(screen, said, after)

    def _kept(self, screen: Screen, dialog: Dialog, after: Begin | None = None, *, shown: bool = False) -> Next:
        """Check a question; store it and go on with `after`, or say what is wrong with it.

        Raises:
            NotAllowed: the person does not reach the draft's cohort any more.
        """
        unit, person = screen.unit, screen.person
        errors, doubts = composing.issues(dialog)
        if errors:
            lines = told_issues(screen, errors)
            again = screen.button("button.own_again", OWN_AGAIN)
            screen.show("\n\n".join((screen.words("own.wrong"), *lines)), rows(again, screen.menu()))
            waiting.ask(screen, OWN_AGAIN)
            return None
        before = drafts.read(person)
        save(unit, person, dialog, cohort_id=before.cohort if before else None)
        person = drafts.change(unit, person, dialog=dialog.name, version=dialog.version)
        screen = replace(screen, person=person)
        draft = drafts.read(person)
        cohort = drafts.cohort_of(unit, person, draft) if draft else None
        if cohort is None:
            raise NotAllowed(ASK.name)
        doubts_told = told_issues(screen, doubts) + composing.promised(screen, dialog)
        return after or self._ready(screen, cohort, dialog, doubts_told, shown=shown)

    def _ready(
        self, screen: Screen, cohort: Cohort, dialog: Dialog, doubts: list[str] | None = None, *, shown: bool = False
    ) -> Next:
        """Show the question with the cohort's languages it lacks; if nothing lacks and there are no doubts, go on.

        `shown`: it was on screen and was changed there, so it is shown as it is now.
        """
        if same := composing.same_option(dialog):
            self._ask_same(screen, dialog, *same)
            return None
        lacking = [tag for tag in cohort.languages if not languages.covers(tag, frozenset(dialog.languages))]
        if not lacking and not doubts and not shown:
            return self._onward(screen, cohort)
        told = ["\n".join((self._present(screen, dialog), *self._options(screen, dialog))), *(doubts or ())]
        if lacking:
            names = screen.speech.texts.all_of([screen.language(tag) for tag in lacking], screen.speech.language)
            told.append(screen.words("own.languages", languages=names))
        further = [
            screen.labelled(
                screen.words("own.in", language=shorten(screen.language(tag), 24)),
                OWN_IN,
                Picked(tag),
            )
            for tag in lacking[:LANGUAGES_SHOWN]
        ]
        done = screen.button("button.own_done", OWN_DONE)
        again = screen.button("button.own_again", OWN_AGAIN)
        screen.show("\n\n".join(told), rows(*further, done, again, screen.menu()))
        waiting.ask(screen, OWN_AGAIN)
        return None

    @staticmethod
    def _present(screen: Screen, dialog: Dialog) -> str:
        """Return the question as it is now, in the words of whoever writes it."""
        words = wording.choose(dialog.steps[0].label, screen.speech.language)
        code = "own.ready.voice" if dialog.steps[0].audio else "own.ready"
        return screen.words(code, words=shorten(words, WORDS_SHOWN))

    @staticmethod
    def _options(screen: Screen, dialog: Dialog) -> list[str]:
        """Return the author's own options, one a line."""
        if not composing.own_options(dialog):
            return []
        shown = (wording.choose(each.label, screen.speech.language) for each in dialog.steps[0].choices)
        return [f"{place} · {shorten(label, OPTION_SHOWN)}" for place, label in enumerate(shown, 1)]
