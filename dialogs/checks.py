"""What can be wrong with a dialog, beyond how its source is written: all of it at once, as issues."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from typing import Final, TypeAlias

from dialogs import types
from dialogs.context import FACTS, Limits
from dialogs.expressions import Expression, compiled
from dialogs.fuzzy_match import folded, nearest
from dialogs.issues import Issue, issue
from dialogs.languages import TAG, covers
from dialogs.model import CALCULATE, Dialog, Step, Text
from dialogs.operands import Scope
from dialogs.replies import is_dynamic
from dialogs.tokens import ExpressionError, SyntaxIssue
from dialogs.types import ChoiceSource
from dialogs.wording import LAST_SAVED, blanks

__all__ = ["Issue", "check"]

NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,63}")
"""Pattern of the name of a dialog or a step."""
CHOICE_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}", re.ASCII)

LABEL_LONG: Final = 300
LABEL_TOO_LONG: Final = 2000
BUTTON_LONG: Final = 30
BUTTON_TOO_LONG: Final = 60
MANY_CHOICES: Final = 5
MANY_RANGE_CHOICES: Final = 11

Lines: TypeAlias = Mapping[tuple[int, str], int]
"""The line of each key in the source: (number of the step from 1, 0 for the dialog; key) -> line."""

RECORDING: Final = re.compile(r"[A-Za-z0-9][\w-]{0,63}(?:\.[\w-]{1,20}){0,3}\.(?:ogg|oga|opus|mp3|m4a)", re.ASCII)
"""Pattern of the file name of a recording: a name only, no path to another folder."""

_OF_QUESTIONS: Final = (
    "hint",
    "required",
    "required_message",
    "constraint",
    "constraint_message",
    "appearance",
)


def check(dialog: Dialog, lines: Lines | None = None) -> tuple[Issue, ...]:
    """Find every issue of a dialog, in the order of its lines.

    `lines` are the lines of its keys; without it an issue has the line of its step.
    """
    found = _Checker(dialog, lines or {}).all()
    return tuple(sorted(found, key=lambda each: each.line))


def slug(name: str) -> str:
    """Suggest a well-formed name close to an ill-formed one; '' if nothing is left of it."""
    return folded(name).replace(" ", "_").lstrip("0123456789_")[:64]


class _Checker:
    def __init__(self, dialog: Dialog, lines: Lines) -> None:
        self.dialog = dialog
        self.lines = lines
        self.facts = FACTS | frozenset(dialog.facts)
        self.names = [step.name for step in dialog.steps if step.exported and step.name]

    def at(self, place: int, key: str, code: str, /, **facts: object) -> Issue:
        """Return an issue about a key of a step, or of the dialog if `place` is 0."""
        step = self.dialog.steps[place - 1] if place else None
        owner = (step.name or f"steps[{place}]") if step else ""
        line = self.lines.get((place, key)) or self.lines.get((place, key.rpartition(".")[0]))
        where = ".".join(part for part in (owner, key) if part)
        return issue(code, line or (step.line if step else 1), where, **facts)

    def all(self) -> Iterator[Issue]:
        dialog = self.dialog
        yield from self.languages()
        for key, text in (("title", dialog.title), ("why", dialog.why)):
            yield from self.words(0, key, text)
            yield from self.blanks(0, key, text, frozenset())
        yield from self.steps_at_large()
        earlier: dict[str, Step] = {}
        for place, step in enumerate(dialog.steps, start=1):
            yield from self.name(place, step)
            yield from self.texts(place, step, earlier)
            yield from self.choices(place, step)
            yield from self.useless(place, step)
            yield from self.expressions(place, step, earlier)
            if step.exported and step.name:
                earlier.setdefault(step.name, step)

    def steps_at_large(self) -> Iterator[Issue]:
        steps, most = self.dialog.steps, Limits().steps_per_turn
        if not steps:
            yield self.at(0, "steps", "no_steps")
        elif not self.dialog.questions:
            yield self.at(0, "steps", "no_questions")
        if len(steps) > most:
            yield self.at(0, "steps", "too_many_steps", count=len(steps), max=most)

    def languages(self) -> Iterator[Issue]:
        for tag in self.dialog.languages:
            if not TAG.fullmatch(tag):
                yield self.at(0, "languages", "bad_language", language=tag)

    # names

    def name(self, place: int, step: Step) -> Iterator[Issue]:
        if not step.name:
            return
        if not NAME.fullmatch(step.name):
            yield self.at(place, "name", "bad_name", name=step.name, suggestion=slug(step.name))
        if step.name in self.facts:
            yield self.at(place, "name", "reserved_name", name=step.name)
        for before, other in enumerate(self.dialog.steps[: place - 1], start=1):
            if other.name == step.name:
                first = self.lines.get((before, "name"), other.line)
                yield self.at(place, "name", "duplicate_name", name=step.name, first=first)
                break

    # words

    def texts(self, place: int, step: Step, earlier: Mapping[str, Step]) -> Iterator[Issue]:
        own = earlier.keys() | {step.name}
        if not step.label and step.shown:
            yield self.at(place, "label", "missing_label")
        for file in step.audio.values():
            if not RECORDING.fullmatch(file):
                yield self.at(place, "audio", "bad_audio", file=file)
        for key, text, known in (
            ("label", step.label, earlier.keys()),
            ("hint", step.hint, earlier.keys()),
            ("required_message", step.required_message, earlier.keys()),
            ("constraint_message", step.constraint_message, own),
        ):
            yield from self.words(place, key, text)
            yield from self.blanks(place, key, text, known)
        for number, choice in enumerate(step.choices, start=1):
            key = f"choices[{number}].label"
            if not choice.label:
                yield self.at(place, key, "missing_label")
            yield from self.words(place, key, choice.label, BUTTON_LONG, BUTTON_TOO_LONG)
            yield from self.blanks(place, key, choice.label, earlier.keys())
            for language in choice.said.keys() - {*self.dialog.languages}:
                near = nearest(language, self.dialog.languages)
                where = f"choices[{number}].said"
                yield self.at(place, where, "undeclared_language", language=language, near=near)

    def words(
        self, place: int, key: str, text: Text, long: int = LABEL_LONG, too_long: int = LABEL_TOO_LONG
    ) -> Iterator[Issue]:
        """Check a text's languages and lengths."""
        kind = "button" if long == BUTTON_LONG else "label"
        for language, words in text.items():
            if len(words) > long:
                over = len(words) > too_long
                code, limit = (f"{kind}_too_long", too_long) if over else (f"{kind}_long", long)
                yield self.at(place, key, code, language=language, length=len(words), max=limit)
            if language not in self.dialog.languages:
                near = nearest(language, self.dialog.languages)
                yield self.at(place, key, "undeclared_language", language=language, near=near)
        written = frozenset(text)
        for language in self.dialog.languages if text else ():
            if not covers(language, written):
                yield self.at(place, key, "missing_language", language=language)

    def blanks(self, place: int, key: str, text: Text, known: AbstractSet[str]) -> Iterator[Issue]:
        for name in dict.fromkeys(name for words in text.values() for name in blanks(words)):
            yield from self.reference(place, key, name, known)

    def reference(self, place: int, key: str, name: str, known: AbstractSet[str]) -> Iterator[Issue]:
        """Check a `${name}`: it must be a fact or a question that comes before.

        What was answered the last time may stand in a hint alone, where a question does without it.
        """
        if name in known or name in self.facts:
            return
        if name.startswith(LAST_SAVED) and name.removeprefix(LAST_SAVED) in self.names:
            if key != "hint":
                yield self.at(place, key, "last_saved_place", name=name)
            return
        if name in self.names:
            yield self.at(place, key, "forward_reference", name=name)
        else:
            near = nearest(name, [*known, *self.facts])
            yield self.at(place, key, "unknown_reference", name=name, near=near)

    # choices

    def choices(self, place: int, step: Step) -> Iterator[Issue]:
        source = types.of(step).choice_source
        listed = source is ChoiceSource.LIST
        if listed and not step.choices and not step.choices_from:
            yield self.at(place, "choices", "missing_choices", type=step.type)
        if step.choices and step.choices_from:
            yield self.at(place, "choices", "two_lists")
        if step.choices_from and not listed:
            yield self.at(place, "choices_from", "unwanted_choices", type=step.type)
        elif step.choices and not listed and source is not ChoiceSource.NUMBERS:
            yield self.at(place, "choices", "unwanted_choices", type=step.type)
        most = MANY_CHOICES if listed else MANY_RANGE_CHOICES
        if len(step.choices) > most:
            yield self.at(place, "choices", "many_choices", count=len(step.choices), max=most)
        yield from self.choice_names(place, step)
        yield from self.same_labels(place, step)

    def choice_names(self, place: int, step: Step) -> Iterator[Issue]:
        kind = types.of(step)
        for found in kind.check(step):
            yield self.at(place, found.key, found.code, **found.facts)
        seen: set[str] = set()
        for number, choice in enumerate(step.choices, start=1):
            key = f"choices[{number}].name"
            if not choice.name:
                continue
            if kind.choice_source is not ChoiceSource.NUMBERS and not CHOICE_NAME.fullmatch(choice.name):
                suggestion = slug(choice.name)
                yield self.at(place, key, "bad_choice_name", choice=choice.name, suggestion=suggestion)
            if choice.name in seen:
                yield self.at(place, key, "duplicate_choice", choice=choice.name)
            seen.add(choice.name)

    def same_labels(self, place: int, step: Step) -> Iterator[Issue]:
        """Report choices with the same words: they cannot be told apart, least of all when they are typed."""
        seen: set[tuple[str, str]] = set()
        for number, choice in enumerate(step.choices, start=1):
            for language, words in choice.label.items():
                if (language, words) in seen:
                    key = f"choices[{number}].label"
                    yield self.at(place, key, "same_choice_label", label=words, language=language)
                seen.add((language, words))
        yield from self.same_words(place, step)

    def same_words(self, place: int, step: Step) -> Iterator[Issue]:
        """Report further words that also stand for another choice: whoever says them would be asked again."""
        meant: dict[str, str] = {}
        for choice in step.choices:
            meant |= {folded(words): choice.name for words in choice.label.values()}
        for number, choice in enumerate(step.choices, start=1):
            for language, said in choice.said.items():
                for words in said.split(","):
                    if meant.setdefault(folded(words), choice.name) != choice.name:
                        key = f"choices[{number}].said"
                        yield self.at(place, key, "same_choice_label", label=words.strip(), language=language)

    def useless(self, place: int, step: Step) -> Iterator[Issue]:
        if not step.waits:
            for key in _OF_QUESTIONS:
                if getattr(step, key):
                    yield self.at(place, key, "useless_key", key=key, type=step.type)
        elif "multiline" in step.appearance and not types.of(step).free_text:
            yield self.at(place, "appearance", "useless_key", key="multiline", type=step.type)
        if step.constraint and not step.constraint_message and step.waits:
            yield self.at(place, "constraint", "missing_constraint_message")
        if step.type == CALCULATE:
            if not step.calculation:
                yield self.at(place, "calculation", "missing_calculation")
            if step.audio:
                yield self.at(place, "audio", "useless_key", key="audio", type=step.type)
        elif step.calculation:
            yield self.at(place, "calculation", "useless_key", key="calculation", type=step.type)
        yield from self.default(place, step)

    def default(self, place: int, step: Step) -> Iterator[Issue]:
        """Check that a default that is no expression is an answer to its question."""
        if step.default is None:
            return
        kind = types.of(step)
        if kind.parse is None:
            yield self.at(place, "default", "useless_key", key="default", type=step.type)
        elif not step.choices_from and not is_dynamic(step.default):
            # Without its parameters a default cannot be judged; that they are missing is reported already.
            sound = bool(step.parameters) or not kind.parameters
            value = kind.parse(step, kind.options(step), step.default) if sound else ""
            partial = isinstance(value, tuple) and step.choices and len(value) != len(set(step.default.split()))
            if value is None or partial:
                choices = kind.options(step) if kind.choice_source is ChoiceSource.MADE else step.choices
                near = nearest(step.default, [choice.name for choice in choices])
                yield self.at(place, "default", "bad_default", found=step.default, type=step.type, near=near)

    # expressions

    def expressions(self, place: int, step: Step, earlier: Mapping[str, Step]) -> Iterator[Issue]:
        known = {**earlier, step.name: step}
        for key, source, readable in (
            ("relevant", step.relevant, earlier),
            ("constraint", step.constraint, known),
            ("calculation", step.calculation, earlier),
            ("default", step.default if step.default and is_dynamic(step.default) else None, earlier),
        ):
            if source is None:
                continue
            expression, faults, references = _understood(source)
            for fault in faults:
                code = f"expression_{fault.code}"
                yield self.at(place, key, code, position=fault.position, **fault.facts)
            for name in sorted(references):
                yield from self.reference(place, key, name, readable.keys())
            if expression is None:
                continue
            if key != "constraint" and expression.reads_own:
                yield self.at(place, key, "no_own_value")
            if key == "relevant" and expression.constant and not expression.holds(Scope({})):
                yield self.at(place, key, "never_relevant")
            yield from self.compared(place, key, expression, known)

    def compared(self, place: int, key: str, expression: Expression, known: Mapping[str, Step]) -> Iterator[Issue]:
        """Check that an answer is compared with a value it can have."""
        own = self.dialog.steps[place - 1]
        for name, value in expression.compared:
            step = own if name == "." else known.get(name)
            if (
                step is None
                or step.choices_from
                or not step.choices
                or types.of(step).choice_source is not ChoiceSource.LIST
            ):
                continue
            names = [choice.name for choice in step.choices]
            if value not in names:
                near = nearest(value, names)
                yield self.at(place, key, "unknown_value", name=step.name, value=value, near=near)


def _understood(source: str) -> tuple[Expression | None, tuple[SyntaxIssue, ...], frozenset[str]]:
    """Compile an expression; return it or None, its faults, and what it refers to."""
    try:
        expression = compiled(source)
    except ExpressionError as error:
        return None, error.faults, error.references
    return expression, (), expression.references
