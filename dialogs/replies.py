"""A person's reply, and how words become a typed answer or a refusal."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, TypeAlias

from dialogs.languages import chain
from dialogs.model import Choice, Step, Value
from dialogs.near import nearest


@dataclass(frozen=True, slots=True)
class Typed:
    """Words. `prompt` is the number they answer by the messenger's order; None means the newest."""

    text: str
    prompt: int | None = None


@dataclass(frozen=True, slots=True)
class Pressed:
    """A button: start, later, why, choose, done, skip, back, stop, resume or change.

    `path` and `prompt` are those of the message that carried it (empty and 0 on an offer); `choice` is the
    name that `choose` picks.
    """

    action: str
    path: str = ""
    prompt: int = 0
    choice: str | None = None


@dataclass(frozen=True, slots=True)
class Sent:
    """Something that is no words and that no question takes: a sticker, a contact. `kind` names it."""

    kind: str
    prompt: int | None = None


Reply: TypeAlias = Typed | Pressed | Sent

ACTIONS: Final = ("start", "later", "why", "choose", "done", "skip", "back", "stop", "resume", "change")
"""Everything a button may ask for."""

REFUSALS: Final[Mapping[str, frozenset[str]]] = {
    "not_a_number": frozenset({"example"}),
    "not_a_choice": frozenset({"max", "near"}),
    "out_of_range": frozenset({"min", "max"}),
    "too_long": frozenset({"max"}),
    "required": frozenset({"message"}),
    "constraint": frozenset({"message"}),
    "empty": frozenset(),
    "not_text": frozenset({"kind"}),
}
"""Every refusal with the names of its facts.

`max` of not_a_choice is how many there are; `near` is the label that was probably meant, or ''. `message` is
the author's own sentence, in the person's language, or ''.
"""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a reply does not fit: a code of `REFUSALS` with its facts."""

    code: str
    facts: Mapping[str, str] = field(default_factory=dict)


_INTEGER: Final = re.compile(r"[+-]?\d{1,15}", re.ASCII)
_EXAMPLE: Final = "30"
_DIGITS: Final = re.compile(r"(\d{1,3})\s*[·.):-]*", re.ASCII)
_NUMBERED: Final = re.compile(r"\d{1,3}\s*[·.):-]+\s*(?=\S)", re.ASCII)
_SILENT: Final = "'`\u00b4\u2018\u2019\u02bc\ua78c"
"""The ways to write an apostrophe or a glottal stop."""
_SEPARATORS: Final = (
    re.compile(r"[,;\n]+"),
    re.compile(r"\s+(?:y|e|and|&|\+)\s+", re.IGNORECASE),
    re.compile(r"\s+"),
)
_LONGEST_CHOOSING: Final = 500
"""Characters within which someone may be naming choices; beyond it she is telling something."""


def read_words(step: Step, choices: Sequence[Choice], text: str, language: str, longest: int) -> Value | Refusal:
    """Turn words into an answer to a question, or say why they do not fit.

    `choices` are those on offer; `longest` is the characters an answer may have. A text comes back without
    the blanks around it, a select_multiple as names in the order of the choices.
    """
    words = text.strip()
    if not words:
        return Refusal("empty")
    if len(words) > longest:
        return Refusal("too_long", {"max": str(longest)})
    if step.type == "text":
        return words
    if step.type == "integer":
        return int(words) if _INTEGER.fullmatch(words) else Refusal("not_a_number", {"example": _EXAMPLE})
    if step.type == "range":
        return _in_range(step, choices, words, language)
    found = _several(choices, words, language) if step.type == "select_multiple" else ()
    if found:
        return tuple(choice.name for choice in choices if choice.name in found)
    if step.type == "select_one" and (one := _one(choices, words, language)):
        return one
    labels = [label for choice in choices if (label := _label(choice, language))]
    return Refusal("not_a_choice", {"max": str(len(choices)), "near": nearest(words, labels)})


def numbers(step: Step) -> range:
    """Give the numbers of a range, both ends included."""
    bounds = step.parameters
    return range(bounds["start"], bounds["end"] + 1, bounds.get("step", 1))


def _in_range(step: Step, choices: Sequence[Choice], words: str, language: str) -> Value | Refusal:
    allowed = numbers(step)
    digits = _DIGITS.fullmatch(words)
    number = digits[1] if digits else words
    if _INTEGER.fullmatch(number):
        if int(number) in allowed:
            return int(number)
        return Refusal("out_of_range", {"min": str(allowed[0]), "max": str(allowed[-1])})
    name = _by_label(choices, words, language)
    return int(name) if name else Refusal("not_a_number", {"example": str(allowed[len(allowed) // 2])})


def _label(choice: Choice, language: str) -> str:
    return next((choice.label[tag] for tag in chain(language) if choice.label.get(tag)), "")


def _one(choices: Sequence[Choice], words: str, language: str) -> str | None:
    """Find the choice that words name: by its place, its label in any language, or its name."""
    digits = _DIGITS.fullmatch(words)
    if digits and 1 <= int(digits[1]) <= len(choices):
        return choices[int(digits[1]) - 1].name
    return _by_label(choices, words, language)


def _by_label(choices: Sequence[Choice], words: str, language: str) -> str | None:
    if len(words) > _LONGEST_CHOOSING:
        return None
    for spelled in dict.fromkeys((words, _NUMBERED.sub("", words, count=1))):
        wanted = folded(spelled)
        exact = [choice.name for choice in choices if spelled in choice.label.values()]
        if len(exact) == 1:
            return exact[0]
        if not wanted:
            continue
        hers = [each.name for each in choices if _folded_label(_label(each, language)) == wanted]
        if len(hers) == 1:
            return hers[0]
        any_language = {
            each.name
            for each in choices
            if _folded_label(each.name) == wanted
            or any(_folded_label(label) == wanted for label in each.label.values())
        }
        if len(any_language) == 1:
            return any_language.pop()
    return None


def _several(choices: Sequence[Choice], words: str, language: str) -> frozenset[str]:
    """Find the choices that words list: `1 3`, `1,3`, `1 y 3`, labels alike; empty if any part names none."""
    if len(words) > _LONGEST_CHOOSING:
        return frozenset()
    one = _one(choices, words, language)
    if one:
        return frozenset({one})
    for separator in _SEPARATORS:
        parts = [part.strip() for part in separator.split(words) if part.strip()]
        if len(parts) > 1 or (parts and parts[0] != words):
            found = [_several(choices, part, language) for part in parts]
            if all(found):
                return frozenset().union(*found)
    return frozenset()


def folded(words: str) -> str:
    """Strip what people leave out on a telephone: accents, capitals, punctuation, pictures, apostrophes."""
    bare = "".join(
        letter
        for letter in unicodedata.normalize("NFKD", words)
        if not unicodedata.combining(letter) and letter not in _SILENT
    ).casefold()
    return " ".join("".join(letter if letter.isalnum() else " " for letter in bare).split())


@lru_cache(maxsize=4096)
def _folded_label(label: str) -> str:
    """Fold an author's words, which come back every turn; a person's own words are never kept here."""
    return folded(label)
