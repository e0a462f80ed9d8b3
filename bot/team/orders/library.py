"""The library: what can be sent, how it goes, copies whose words are the organisation's own."""

from collections.abc import Mapping, Sequence
from typing import ClassVar, Final

from bot.conversation.screen import LABEL, Pager, Screen
from bot.messengers.port import Button, Incoming
from bot.rendering.speech import rows
from bot.rendering.texts import shorten
from bot.services.permissions import allowed, cohorts_of
from bot.team.kit.feature import Finished, Part
from bot.team.orders import composing, drafts
from dialogs import languages, wording
from dialogs.issues import Issue
from dialogs.model import Dialog, Step
from dialogs.run import Answer
from storage.people import Person
from storage.unit import Unit

WORDS: Final = "ask_words"
SHOWN: Final = 5  # a page, so that eight rows are enough
ISSUES_SHOWN: Final = 3
UNDO: Final = 20  # characters of a version's hash on a button
LANGUAGES_SHOWN: Final = 3
UNKNOWN: Final = "…"  # stands for what a blank will be filled with


class Library(Part):
    """Lists, shows, copies, changes and retires dialogs."""

    actions: ClassVar = frozenset(
        {
            "library",
            "lib_open",
            "lib_steps",
            "lib_pick",
            "lib_step",
            "lib_words",
            "lib_copy",
            "lib_retire",
            "lib_undo",
        }
    )
    wizards: ClassVar = frozenset({WORDS})

    def do(self, screen: Screen, action: str, argument: str, incoming: Incoming) -> None:  # noqa: ARG002  a screen knows its place
        """Show a page of the library, or change what is the organisation's own."""
        if action == "library":
            self._list(screen, int(argument.partition(".")[2] or 0))
            return
        if action == "lib_undo":
            self._undo(screen, argument)
            return
        name, *rest = argument.split(".")
        dialog = drafts.named(self._turns, screen.unit, name)
        if dialog is None:
            screen.show(screen.words("lib.gone"), rows(screen.button("button.lib", "library"), screen.menu()))
        elif action == "lib_open":
            self._open(screen, dialog)
        elif action == "lib_steps":
            self._steps(screen, dialog, rest[0], int(rest[1]))
        elif action == "lib_copy":
            self._copy(screen, dialog)
        elif dialog.name not in self._turns.content.of(screen.unit).written:
            self._open(screen, dialog)
        elif action == "lib_retire":
            self._retire(screen, dialog)
        elif action == "lib_pick":
            self._pick(screen, dialog, rest[0], int(rest[1]))
        elif action == "lib_step":
            self._parts(screen, dialog, rest[0], int(rest[1]))
        else:
            task = {"dialog": dialog.name, "language": rest[0], "step": int(rest[1]), "part": rest[2]}
            self.begin(screen.unit, screen.person, WORDS, task)

    # Looking.

    def _list(self, screen: Screen, page: int) -> None:
        """List every dialog, the organisation's own first and marked."""
        found = list(self._turns.content.of(screen.unit).all())
        pager = Pager.of(len(found), SHOWN, page)
        buttons = [
            screen.labelled(self._label(screen, dialog), "lib_open", drafts.short(dialog))
            for dialog in pager.cut(found)
        ]
        turns = pager.turns(lambda code, number: screen.button(code, "library", f"p.{number}"))
        text = screen.speech.texts.count("lib.list", screen.speech.language, len(found))
        keyboard = rows(*buttons) + turns + rows(screen.menu())
        screen.show(text, keyboard)

    def _label(self, screen: Screen, dialog: Dialog) -> str:
        name = shorten(wording.choose(dialog.title, screen.speech.language), LABEL)
        return name if self._turns.content.of(screen.unit).shipped(dialog.name) else screen.words("lib.own", title=name)

    def _open(self, screen: Screen, dialog: Dialog, before: Sequence[str] = (), undo: str = "") -> None:
        """Show one dialog: what it is called, why, how long it takes, in which languages; and what can be done."""
        speech, short = screen.speech, drafts.short(dialog)
        tags = speech.texts.all_of([languages.own_name(tag) for tag in dialog.languages], speech.language)
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
        origin = screen.words(
            "lib.from.chat"
            if own
            else "lib.from.shipped"
            if self._turns.content.of(screen.unit).shipped(dialog.name)
            else "lib.from.folder"
        )
        buttons = [screen.button("button.lib_undo", "lib_undo", undo)] if undo else []
        if cohorts_of(screen.unit, screen.person):
            buttons.append(screen.button("button.lib_ask", "ask_dialog", short))
        language = languages.base(speech.language)
        buttons.append(screen.button("button.lib_steps", "lib_steps", f"{short}.{language}.0"))
        if own:
            buttons.append(screen.button("button.lib_words", "lib_pick", f"{short}.{language}.0"))
        buttons.append(screen.button("button.lib_copy", "lib_copy", short))
        if own:
            buttons.append(screen.button("button.lib_retire", "lib_retire", short))
        buttons.append(screen.button("button.lib", "library"))
        screen.show("\n\n".join((*before, heading, why, facts, origin)), rows(*buttons, screen.menu()))

    def _steps(self, screen: Screen, dialog: Dialog, language: str, page: int) -> None:
        """Show every step of a dialog in one language, page by page."""
        lines, known = [], self._known(screen.unit, language)
        number = 0
        for step in dialog.steps:
            if not step.shown:
                continue
            number += step.waits
            lines.append(_written(step, language, known, number if step.waits else None))
        short = drafts.short(dialog)
        text, turns = screen.page("\n\n".join(lines), page, "lib_steps", f"{short}.{language}")
        tags = list(dialog.languages)
        here = tags.index(language) if language in tags else -1
        # Those that come after it first, so that going on leads through all of them.
        others = [tag for tag in (*tags[here + 1 :], *tags[: max(here, 0)]) if tag != language]
        further = [
            screen.labelled(shorten(languages.own_name(tag), LABEL), "lib_steps", f"{short}.{tag}.0")
            for tag in others[:LANGUAGES_SHOWN]
        ]
        screen.show(text, turns + rows(*further, screen.button("button.back", "lib_open", short), screen.menu()))

    def _known(self, unit: Unit, language: str) -> dict[str, str]:
        """Return the blanks of a dialog that are the same for everybody."""
        organisation = self._turns.organisation
        day = organisation.next_reading(unit, language) or ""
        return {"organisation": organisation.name(unit), "reading_day": day}

    # Changing.

    def _copy(self, screen: Screen, dialog: Dialog) -> None:
        """Make a copy that is the organisation's own, under a title that says so."""
        texts = self._turns.texts
        title = {
            tag: texts.say("lib.copied", tag, title=words) if languages.base(tag) in texts.languages else words
            for tag, words in dialog.title.items()
        }
        name = composing.free_name(self._turns, screen.unit, dialog.name)
        copy = Dialog(name, dialog.kind, title, dialog.why, dialog.minutes, dialog.languages, dialog.steps)
        composing.save(screen.unit, screen.person, copy, dialog.name)
        self._open(screen, copy, [screen.words("lib.copy.made")])

    def _retire(self, screen: Screen, dialog: Dialog) -> None:
        """Offer a dialog no more; what was answered stays, and one tap brings it back."""
        screen.unit.own_dialogs.retire(dialog.name)
        screen.unit.audit.add(str(screen.person.id), "dialog.retired", dialog.name, {})
        title = wording.choose(dialog.title, screen.speech.language)
        keyboard = rows(
            screen.button("button.lib_undo", "lib_undo", dialog.version[:UNDO]),
            screen.button("button.lib", "library"),
            screen.menu(),
        )
        screen.show(screen.words("lib.retired", title=title), keyboard)

    def _undo(self, screen: Screen, version: str) -> None:
        """Make an earlier version the present one again, of a retired dialog too."""
        found = screen.unit.own_dialogs.version(version) if version.isalnum() else None
        if found is None:
            screen.show(screen.words("lib.gone"), rows(screen.button("button.lib", "library"), screen.menu()))
            return
        name, whole = found
        before = self._turns.content.of(screen.unit).written.get(name)
        screen.unit.own_dialogs.keep(name, whole, None, screen.person.id)
        screen.unit.audit.add(str(screen.person.id), "dialog.changed", name, {"version": whole})
        self._open(
            screen,
            self._turns.content.of(screen.unit).dialog(name),
            [screen.words("lib.undone")],
            before.version[:UNDO] if before else "",
        )

    def _pick(self, screen: Screen, dialog: Dialog, language: str, page: int) -> None:
        """Ask which of a dialog's texts is to change."""
        short = drafts.short(dialog)
        texts = [("t", 0, dialog.title), ("w", 0, dialog.why)]
        texts += [("l", place, step.label) for place, step in enumerate(dialog.steps) if step.shown]
        pager = Pager.of(len(texts), SHOWN, page)
        buttons, known = [], self._known(screen.unit, language)
        for part, place, text in pager.cut(texts):
            words = _shown(wording.choose(text, language), known)
            if part == "l":
                label = shorten(f"{place + 1} · {words}", LABEL + 2)
                buttons.append(screen.labelled(label, "lib_step", f"{short}.{language}.{place}"))
            else:
                code = "button.lib_title" if part == "t" else "button.lib_why"
                buttons.append(screen.button(code, "lib_words", f"{short}.{language}.0.{part}"))
        turns = pager.turns(lambda code, number: screen.button(code, "lib_pick", f"{short}.{language}.{number}"))
        last = (screen.button("button.back", "lib_open", short), *self._other(screen, dialog, language, short))
        keyboard = rows(*buttons) + turns + (last,)
        screen.show(screen.words("lib.pick", language=languages.own_name(language)), keyboard)

    def _other(self, screen: Screen, dialog: Dialog, language: str, short: str) -> list[Button]:
        """Return the button that leads to the next language the words could be in."""
        cohorts = [cohort.id for cohort in cohorts_of(screen.unit, screen.person)]
        tags = composing.spoken_in(screen.unit, screen.person, cohorts, dialog)
        if len(tags) < 2:  # noqa: PLR2004  one language has no other
            return []
        place = tags.index(language) if language in tags else -1
        other = tags[(place + 1) % len(tags)]
        return [screen.labelled(shorten(languages.own_name(other), LABEL), "lib_pick", f"{short}.{other}.0")]

    def _parts(self, screen: Screen, dialog: Dialog, language: str, place: int) -> None:
        """Show one step, and offer to change its words, its hint, each of its choices."""
        if not 0 <= place < len(dialog.steps):
            self._pick(screen, dialog, language, 0)
            return
        step, short = dialog.steps[place], drafts.short(dialog)
        at = f"{short}.{language}.{place}"
        buttons = [screen.button("button.lib_label", "lib_words", f"{at}.l")]
        if step.hint:
            buttons.append(screen.button("button.lib_hint", "lib_words", f"{at}.h"))
        for number, choice in enumerate(step.choices[:SHOWN]):
            label = shorten(f"{number + 1} · {wording.choose(choice.label, language)}", LABEL + 2)
            buttons.append(screen.labelled(label, "lib_words", f"{at}.c{number}"))
        back = screen.button("button.back", "lib_pick", f"{short}.{language}.0")
        screen.show(shorten(_written(step, language, self._known(screen.unit, language)), 900), rows(*buttons, back))

    # The wizard.

    def facts(self, unit: Unit, person: Person, given: Mapping[str, Answer]) -> dict[str, str]:  # noqa: ARG002  the task says it
        """Say what is to change, in which language, and how it is now."""
        task = self.task(person)
        dialog = self._turns.content.of(unit).written.get(str(task.get("dialog")))
        language = str(task.get("language") or languages.DEFAULT)
        words = ""
        if dialog is not None:
            now = wording.choose(composing.text_of(dialog, int(task["step"]), str(task["part"])), language)
            words = _shown(now, self._known(unit, language))
        return {
            "dialog_label": wording.choose(dialog.title, language) if dialog else "",
            "language_label": languages.own_name(language),
            "words_label": shorten(words, 300),
        }

    def finish(self, screen: Screen, done: Finished) -> None:
        """Change the words, unless something would be wrong then; either way, say so and lead on."""
        unit, person, values = screen.unit, screen.person, done.values
        task = self.task(person)
        dialog = self._turns.content.of(unit).written.get(str(task["dialog"]))
        if dialog is None or not allowed(unit, person, "lib_words"):
            screen.show(screen.words("lib.gone"), rows(screen.menu()))
            return
        part, place, language = str(task["part"]), int(task["step"]), str(task["language"])
        words, recording = composing.spoken(values.get("words"), values.get("short"))
        changed = composing.reworded(dialog, place, part, language, words, recording if part == "l" else "")
        errors, doubts = composing.issues(changed)
        if errors:
            again = screen.button("button.own_again", "lib_words", f"{drafts.short(dialog)}.{language}.{place}.{part}")
            back = screen.button("button.lib", "lib_open", drafts.short(dialog))
            text = "\n\n".join((screen.words("own.wrong"), *told_issues(screen, errors)))
            screen.show(text, rows(again, back, screen.menu()))
            return
        composing.save(unit, person, changed)
        told = [screen.words("lib.changed"), *told_issues(screen, doubts)]
        others = [tag for tag in composing.text_of(changed, place, part) if tag != language]
        if others:
            names = screen.speech.texts.all_of([languages.own_name(tag) for tag in others], screen.speech.language)
            told[0] += " " + screen.words("lib.others", languages=names)
        self._open(screen, changed, told, dialog.version[:UNDO])


def _shown(words: str, known: Mapping[str, str]) -> str:
    """Fill a text's blanks with what is known of them, as nobody is to read their names; with `…` what is not."""
    return wording.fill(words, {name: known.get(name) or UNKNOWN for name in wording.blanks(words)})


def _written(step: Step, language: str, known: Mapping[str, str], number: int | None = None) -> str:
    """Write a step out: its words, its hint, its choices."""
    words = _shown(wording.choose(step.label, language), known)
    lines = [f"{number} · {words}" if number else words]
    if step.hint:
        lines.append(_shown(wording.choose(step.hint, language), known))
    lines += [f"   {place} · {wording.choose(each.label, language)}" for place, each in enumerate(step.choices, 1)]
    return "\n".join(lines)


def told_issues(screen: Screen, found: Sequence[Issue]) -> list[str]:
    """Say what is wrong with a dialog, and the remedy, a sentence for each."""
    told = []
    for issue in found[:ISSUES_SHOWN]:
        facts = dict(issue.facts)
        if "language" in facts:
            facts["language"] = languages.own_name(facts["language"])
        near = facts.get("near")
        hint = screen.words("issue.near", near=near) if near else ""
        words = screen.words(f"issue.{issue.code}", **facts, hint=hint)
        told.append(screen.words("lib.issue", words=words[:1].upper() + words[1:].rstrip(".")))
    return told
