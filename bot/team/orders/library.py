"""The library: the dialogs that can be sent, their steps, and own dialogs, which can be changed."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import ClassVar, Final, Literal

from bot.conversation.actions import Action, Begin, MenuPlace, Next, handles
from bot.conversation.screen import LABEL, Pager, Screen
from bot.messengers.port import Button
from bot.participant import waiting
from bot.product_languages import language_of
from bot.rendering import targets
from bot.rendering.arguments import Argument
from bot.rendering.speech import pairs, rows
from bot.rendering.texts import shorten
from bot.services import own_dialogs
from bot.services.permissions import FACILITATORS, allowed, cohorts_of
from bot.team.kit.feature import CompletedWizard, Feature
from bot.team.orders import composing, drafts
from bot.team.orders.asking import ASK_DIALOG
from bot.team.orders.drafts import OneDialog
from bot.team.orders.library_order import Moving
from bot.team.orders.step_words import shown_words, told_issues, written_step
from dialogs import languages, wording
from dialogs.model import Dialog
from dialogs.run import Answer
from storage.people import Person
from storage.unit import Unit

WORDS: Final = "ask_words"
SHOWN: Final = 5  # on a page, so that a screen has at most eight rows
WRITTEN_SHOWN: Final = 400  # characters of a step
UNDO: Final = 20  # characters of a version's hash on a button
LANGUAGES_SHOWN: Final = 3


class LibraryPage(Argument):
    """A page of the library."""

    layout: ClassVar[str] = "[p.{page}]"
    page: int = 0


class Shelf(Argument):
    """A page of the questions that were sent once (`o`) or to nobody (`u`)."""

    layout: ClassVar[str] = "{shelf}.{page}"
    shelf: Literal["o", "u"]
    page: int = 0


class DialogIn(Argument):
    """A dialog in a language, and the number of a page or of a step."""

    layout: ClassVar[str] = "{dialog}.{language}.{number}"
    dialog: str
    language: str
    number: int


class DialogWords(Argument):
    """A text of a dialog in a language: a step's place and its part (`l`, `h`, `c0`), or `t` and `w`; see `text_of`."""

    layout: ClassVar[str] = "{dialog}.{language}.{step}.{part}"
    dialog: str
    language: str
    step: int
    part: str


class Undo(Argument):
    """An earlier version, by the beginning of its hash."""

    layout: ClassVar[str] = "{version}"
    version: str


LIBRARY = Action(
    targets.LIBRARY, FACILITATORS, (LibraryPage, Shelf), commands=("library",), offered=107, menu=MenuPlace("more", 4)
)
LIB_OPEN = Action(targets.LIB_OPEN, FACILITATORS, (OneDialog,))
LIB_STEPS = Action("lib_steps", FACILITATORS, (DialogIn,))
LIB_PICK = Action("lib_pick", FACILITATORS, (DialogIn,))
LIB_STEP = Action("lib_step", FACILITATORS, (DialogIn,))
LIB_WORDS = Action("lib_words", FACILITATORS, (DialogWords,))
LIB_COPY = Action("lib_copy", FACILITATORS, (OneDialog,))
LIB_KEEP = Action("lib_keep", FACILITATORS, (OneDialog,))
LIB_FIRST = Action("lib_first", FACILITATORS, (OneDialog,))
LIB_RETIRE = Action("lib_retire", FACILITATORS, (OneDialog,))
LIB_UNDO = Action("lib_undo", FACILITATORS, (Undo,))


class Library(Feature):
    """The screens that list, show, copy, change and retire dialogs."""

    wizards: ClassVar = {WORDS: LIB_WORDS}

    @handles(LIBRARY)
    def library(self, screen: Screen, argument: LibraryPage | Shelf) -> None:
        """Show a page of the library, or of one of its other shelves."""
        if isinstance(argument, Shelf):
            self._shelf(screen, argument)
        else:
            self._list(screen, argument.page)

    @handles(LIB_OPEN)
    def open(self, screen: Screen, argument: OneDialog) -> None:
        """Show one dialog."""
        if (dialog := self._named(screen, argument.dialog)) is not None:
            self._open(screen, dialog)

    @handles(LIB_STEPS)
    def steps(self, screen: Screen, argument: DialogIn) -> None:
        """Show a page of a dialog's steps."""
        if (dialog := self._named(screen, argument.dialog)) is not None:
            self._steps(screen, dialog, argument.language, argument.number)

    @handles(LIB_COPY)
    def copy(self, screen: Screen, argument: OneDialog) -> None:
        """Copy a dialog into an own dialog."""
        if (dialog := self._named(screen, argument.dialog)) is not None:
            self._copy(screen, dialog)

    @handles(LIB_RETIRE)
    def retire(self, screen: Screen, argument: OneDialog) -> None:
        """Retire an own dialog."""
        if (dialog := self._own(screen, argument.dialog)) is not None:
            self._retire(screen, dialog)

    @handles(LIB_KEEP)
    def keep(self, screen: Screen, argument: OneDialog) -> None:
        """Keep a question to be used again."""
        if (dialog := self._own(screen, argument.dialog)) is not None:
            own_dialogs.keep(screen.unit, screen.person, dialog.name, LIB_KEEP.name)
            self._open(screen, dialog, [screen.words("lib.kept")])

    @handles(LIB_FIRST)
    def first(self, screen: Screen, argument: OneDialog) -> None:
        """Let an own dialog stand before all others."""
        if (dialog := self._own(screen, argument.dialog)) is not None:
            own_dialogs.put_first(screen.unit, screen.person, dialog.name, LIB_FIRST.name)
            self._open(screen, dialog, [screen.words("lib.first")])

    @handles(LIB_PICK)
    def pick(self, screen: Screen, argument: DialogIn) -> None:
        """Ask which of a dialog's texts to change."""
        if (dialog := self._own(screen, argument.dialog)) is None:
            return
        if screen.said.isdecimal() and 0 < int(screen.said) <= len(dialog.steps):
            self._parts(screen, dialog, argument.language, int(screen.said) - 1)
            return
        if screen.said:  # words came before it was said what they are for
            person = waiting.keep_words(screen.unit, screen.person, screen.said)
            screen = replace(screen, person=person, lead=screen.words("lib.pick.first"))
        self._pick(screen, dialog, argument.language, argument.number)

    @handles(LIB_STEP)
    def step(self, screen: Screen, argument: DialogIn) -> None:
        """Ask which words of a step to change."""
        if (dialog := self._own(screen, argument.dialog)) is not None:
            self._parts(screen, dialog, argument.language, argument.number)

    @handles(LIB_WORDS)
    def words(self, screen: Screen, argument: DialogWords) -> Next:
        """Begin the wizard that asks for new words."""
        dialog = self._own(screen, argument.dialog)
        if dialog is None:
            return None
        task = {"language": argument.language, "step": argument.step, "part": argument.part}
        _, kept = waiting.kept_words(screen)
        return Begin(WORDS, {"dialog": dialog.name, **task}, screen.said or kept)

    def _named(self, screen: Screen, short: str) -> Dialog | None:
        """Return the dialog a button names; None after saying that it is gone."""
        dialog = drafts.dialog_named(self._turns, screen.unit, screen.person, short)
        if dialog is None:
            screen.show(screen.words("lib.gone"), rows(screen.button("button.lib", LIBRARY), screen.menu()))
        return dialog

    def _own(self, screen: Screen, short: str) -> Dialog | None:
        """Return an own dialog; None after showing one that this person may not change, as what came from a file."""
        dialog = self._named(screen, short)
        if dialog is not None and not self._mine(screen, dialog):
            self._open(screen, dialog)
            return None
        return dialog

    def _mine(self, screen: Screen, dialog: Dialog) -> bool:
        """Return whether a person may change a dialog."""
        written = self._turns.content.of(screen.unit).written
        return dialog.name in written and own_dialogs.may_change(screen.unit, screen.person, dialog.name)

    # Showing dialogs.

    def _list(self, screen: Screen, page: int) -> None:
        """Show a page of the dialogs to be used again, own ones first; those that did not come with Hilo are marked."""
        shelves = own_dialogs.shelves(screen.unit, screen.person)
        found = drafts.offered(self._turns, screen.unit, shelves)
        pager = Pager.of(len(found), SHOWN, page, joined=True)
        buttons = [
            screen.labelled(self._label(screen, dialog), LIB_OPEN, OneDialog(drafts.short(dialog)))
            for dialog in pager.cut(found)
        ]
        turns = pager.turns(lambda code, number: screen.button(code, LIBRARY, LibraryPage(number)))
        text = screen.speech.texts.count("lib.list", screen.speech.language, len(found))
        number = partial(screen.speech.texts.number, language=screen.speech.language)
        apart = []
        if shelves.once:
            apart.append(screen.button("button.lib_once", LIBRARY, Shelf("o"), n=number(len(shelves.once))))
        if shelves.unsent:
            apart.append(screen.button("button.lib_unsent", LIBRARY, Shelf("u"), n=number(len(shelves.unsent))))
        screen.show(text, rows(*buttons) + turns + pairs(apart) + rows(screen.menu()))

    def _shelf(self, screen: Screen, argument: Shelf) -> None:
        """Show a page of the questions that were sent once, or to nobody."""
        shelves = own_dialogs.shelves(screen.unit, screen.person)
        code, names = ("once", shelves.once) if argument.shelf == "o" else ("unsent", shelves.unsent)
        found = [each for each in self._turns.content.of(screen.unit).written.values() if each.name in names]
        if not found:
            self._list(screen, 0)
            return
        pager = Pager.of(len(found), SHOWN, argument.page, joined=True)
        buttons = [
            screen.labelled(
                shorten(wording.choose(dialog.title, screen.speech.language), LABEL),
                LIB_OPEN,
                OneDialog(drafts.short(dialog)),
            )
            for dialog in pager.cut(found)
        ]
        turns = pager.turns(lambda code, number: screen.button(code, LIBRARY, Shelf(argument.shelf, number)))
        back = (screen.button("button.lib", LIBRARY), screen.menu())
        screen.show(screen.words(f"lib.{code}"), (*rows(*buttons), *turns, back))

    def _label(self, screen: Screen, dialog: Dialog) -> str:
        name = shorten(wording.choose(dialog.title, screen.speech.language), LABEL)
        return name if self._turns.content.of(screen.unit).shipped(dialog.name) else screen.words("lib.own", title=name)

    def _open(self, screen: Screen, dialog: Dialog, before: Sequence[str] = (), undo: str = "") -> None:
        """Show one dialog: its title, reason, length, languages and origin, and what can be done."""
        speech, short = screen.speech, drafts.short(dialog)
        tags = speech.texts.all_of([speech.language_name(tag) for tag in dialog.languages], speech.language)
        facts = " ".join(
            (
                speech.texts.count("lib.questions", speech.language, len(dialog.questions)),
                speech.texts.count("lib.minutes", speech.language, dialog.minutes),
                screen.words("lib.languages", languages=tags),
            )
        )
        heading = screen.words("lib.title", title=wording.choose(dialog.title, speech.language))
        why = shorten(wording.choose(dialog.why, speech.language), 300)
        own = dialog.name in self._turns.content.of(screen.unit).written
        mine = self._mine(screen, dialog)
        origin = screen.words(
            "lib.from.chat"
            if own
            else "lib.from.shipped"
            if self._turns.content.of(screen.unit).shipped(dialog.name)
            else "lib.from.folder"
        )
        buttons = [screen.button("button.lib_undo", LIB_UNDO, Undo(undo))] if undo else []
        if cohorts_of(screen.unit, screen.person):
            buttons.append(screen.button("button.lib_ask", ASK_DIALOG, OneDialog(short)))
        language = languages.base(speech.language)
        ways = [screen.button("button.lib_steps", LIB_STEPS, DialogIn(short, language, 0))]
        if mine:
            ways.append(screen.button("button.lib_words", LIB_PICK, DialogIn(short, language, 0)))
            ways.append(screen.button("button.lib_rename", LIB_WORDS, DialogWords(short, language, 0, "t")))
        ways.append(screen.button("button.lib_copy", LIB_COPY, OneDialog(short)))
        if mine:
            saved = dialog.name in own_dialogs.shelves(screen.unit, screen.person).saved
            ways.append(
                screen.button("button.lib_move", targets.LIB_MOVE, Moving(short))
                if saved
                else screen.button("button.lib_keep", LIB_KEEP, OneDialog(short))
            )
            ways.append(screen.button("button.lib_retire", LIB_RETIRE, OneDialog(short)))
        last = (screen.button("button.lib", LIBRARY), screen.menu())
        text = "\n\n".join((*before, heading, why, facts, origin))
        screen.show(text, (*rows(*buttons), *pairs(ways), last))

    def _steps(self, screen: Screen, dialog: Dialog, language: str, page: int) -> None:
        """Show a page of a dialog's steps in one language."""
        lines, known = [], self._known(screen.unit, language)
        number = 0
        for step in dialog.steps:
            if not step.shown:
                continue
            number += step.waits
            lines.append(written_step(step, language, known, number if step.waits else None))
        short = drafts.short(dialog)
        text, turns = screen.page("\n\n".join(lines), page, LIB_STEPS, partial(DialogIn, short, language))
        tags = list(dialog.languages)
        here = tags.index(language) if language in tags else -1
        # The languages after this one come first, so that pressing on leads through all of them.
        others = [tag for tag in (*tags[here + 1 :], *tags[: max(here, 0)]) if tag != language]
        further = [
            screen.labelled(shorten(languages.own_name(tag), LABEL), LIB_STEPS, DialogIn(short, tag, 0))
            for tag in others[:LANGUAGES_SHOWN]
        ]
        screen.show(
            text, turns + rows(*further, screen.button("button.back", LIB_OPEN, OneDialog(short)), screen.menu())
        )

    def _known(self, unit: Unit, language: str) -> dict[str, str]:
        """Return the values of a dialog's blanks that are the same for everybody."""
        organisation = self._turns.organisation
        day = organisation.next_reading(unit, language) or ""
        return {"organisation": organisation.name(unit), "reading_day": day}

    # Changing dialogs.

    def _copy(self, screen: Screen, dialog: Dialog) -> None:
        """Store a copy as an own dialog, with a title that says it is a copy."""
        copy = composing.copy(self._turns, screen.unit, screen.person, dialog)
        self._open(screen, copy, [screen.words("lib.copy.made")])

    def _retire(self, screen: Screen, dialog: Dialog) -> None:
        """Retire a dialog; its answers stay, and one tap undoes it."""
        own_dialogs.retire(screen.unit, screen.person, dialog.name, LIB_RETIRE.name)
        title = wording.choose(dialog.title, screen.speech.language)
        keyboard = rows(
            screen.button("button.lib_undo", LIB_UNDO, Undo(dialog.version[:UNDO])),
            screen.button("button.lib", LIBRARY),
            screen.menu(),
        )
        screen.show(screen.words("lib.retired", title=title), keyboard)

    @handles(LIB_UNDO)
    def undo(self, screen: Screen, argument: Undo) -> None:
        """Make an earlier version the present one again, also of a retired dialog."""
        version = argument.version
        found = screen.unit.own_dialogs.version(version) if version.isalnum() else None
        if found is None:
            screen.show(screen.words("lib.gone"), rows(screen.button("button.lib", LIBRARY), screen.menu()))
            return
        name, whole = found
        own_dialogs.require(screen.unit, screen.person, name, LIB_UNDO.name)
        before = self._turns.content.of(screen.unit).written.get(name)
        screen.unit.own_dialogs.save(name, whole, None, screen.person.id)
        screen.unit.audit.add(str(screen.person.id), "dialog.changed", name, {"version": whole})
        self._open(
            screen,
            self._turns.content.of(screen.unit).dialog(name),
            [screen.words("lib.undone")],
            before.version[:UNDO] if before else "",
        )

    def _pick(self, screen: Screen, dialog: Dialog, language: str, page: int) -> None:
        """Ask which of a dialog's texts to change."""
        short = drafts.short(dialog)
        texts = [("t", 0, dialog.title), ("w", 0, dialog.why)]
        texts += [("l", place, step.label) for place, step in enumerate(dialog.steps) if step.shown]
        pager = Pager.of(len(texts), SHOWN, page, joined=True)
        buttons, known = [], self._known(screen.unit, language)
        for part, place, text in pager.cut(texts):
            words = shown_words(wording.choose(text, language), known)
            if part == "l":
                label = shorten(f"{place + 1} · {words}", LABEL + 2)
                buttons.append(screen.labelled(label, LIB_STEP, DialogIn(short, language, place)))
            else:
                code = "button.lib_title" if part == "t" else "button.lib_why"
                buttons.append(screen.button(code, LIB_WORDS, DialogWords(short, language, 0, part)))
        turns = pager.turns(lambda code, number: screen.button(code, LIB_PICK, DialogIn(short, language, number)))
        last = (screen.button("button.back", LIB_OPEN, OneDialog(short)), *self._other(screen, dialog, language, short))
        keyboard = rows(*buttons) + turns + (last,)
        screen.show(screen.words("lib.pick", language=screen.language(language)), keyboard)
        waiting.ask(screen, LIB_PICK, DialogIn(short, language, page))

    def _other(self, screen: Screen, dialog: Dialog, language: str, short: str) -> list[Button]:
        """Return the button to the next language that the dialog has or could have words in."""
        cohorts = [cohort.id for cohort in cohorts_of(screen.unit, screen.person)]
        tags = composing.spoken_in(screen.unit, screen.person, cohorts, dialog)
        if len(tags) < 2:  # noqa: PLR2004  one language has no other
            return []
        place = tags.index(language) if language in tags else -1
        other = tags[(place + 1) % len(tags)]
        return [screen.labelled(shorten(languages.own_name(other), LABEL), LIB_PICK, DialogIn(short, other, 0))]

    def _parts(self, screen: Screen, dialog: Dialog, language: str, place: int) -> None:
        """Show one step, with buttons to change its words, its hint and its choices."""
        if not 0 <= place < len(dialog.steps):
            self._pick(screen, dialog, language, 0)
            return
        step, short = dialog.steps[place], drafts.short(dialog)
        at = partial(DialogWords, short, language, place)
        buttons = [screen.button("button.lib_label", LIB_WORDS, at("l"))]
        if step.hint:
            buttons.append(screen.button("button.lib_hint", LIB_WORDS, at("h")))
        for number, choice in enumerate(step.choices[:SHOWN]):
            label = shorten(f"{number + 1} · {wording.choose(choice.label, language)}", LABEL + 2)
            buttons.append(screen.labelled(label, LIB_WORDS, at(f"c{number}")))
        back = screen.button("button.back", LIB_PICK, DialogIn(short, language, 0))
        text = shorten(written_step(step, language, self._known(screen.unit, language)), WRITTEN_SHOWN)
        screen.show(f"{text}\n\n{screen.words('lib.part')}", rows(*buttons, back))
        waiting.ask(screen, LIB_WORDS, at("l"))

    # The wizard.

    def facts(self, unit: Unit, person: Person, given: Mapping[str, Answer]) -> dict[str, str]:  # noqa: ARG002  the task has them
        """Return the dialog's title, the language, and the present words of the text to change."""
        task = self.task(person)
        dialog = self._turns.content.of(unit).written.get(str(task.get("dialog")))
        language = str(task.get("language") or languages.DEFAULT)
        words = ""
        if dialog is not None:
            now = wording.choose(composing.text_of(dialog, int(task["step"]), str(task["part"])), language)
            words = shown_words(now, self._known(unit, language))
        return {
            "dialog_label": wording.choose(dialog.title, language) if dialog else "",
            "language_label": self._turns.texts.language(language, language_of(person)),
            "words_label": shorten(words, 300),
        }

    def finish(self, screen: Screen, done: CompletedWizard) -> None:
        """Store the new words and show the dialog, or say what is wrong with them."""
        unit, person, values = screen.unit, screen.person, done.values
        task = self.task(person)
        dialog = self._turns.content.of(unit).written.get(str(task["dialog"]))
        if dialog is None or not allowed(unit, person, FACILITATORS) or not self._mine(screen, dialog):
            screen.show(screen.words("lib.gone"), rows(screen.menu()))
            return
        part, place, language = str(task["part"]), int(task["step"]), str(task["language"])
        words, recording = composing.words_of(values.get("words"), values.get("short"))
        changed = composing.reworded(dialog, place, part, language, words, recording if part == "l" else "")
        errors, doubts = composing.issues(changed)
        if errors:
            short = drafts.short(dialog)
            again = screen.button("button.own_again", LIB_WORDS, DialogWords(short, language, place, part))
            back = screen.button("button.lib", LIB_OPEN, OneDialog(short))
            text = "\n\n".join((screen.words("own.wrong"), *told_issues(screen, errors)))
            screen.show(text, rows(again, back, screen.menu()))
            return
        composing.save(unit, person, changed)
        told = [screen.words("lib.changed"), *told_issues(screen, doubts), *composing.promised(screen, changed)]
        others = [tag for tag in composing.text_of(changed, place, part) if tag != language]
        if others:
            names = screen.speech.texts.all_of([screen.language(tag) for tag in others], screen.speech.language)
            told[0] += " " + screen.words("lib.others", languages=names)
        self._open(screen, changed, told, dialog.version[:UNDO])
