"""A person's reply, and how words become a typed answer or a refusal."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Final, TypeAlias
from unicodedata import category

from dialogs import lang
from dialogs.context import Context
from dialogs.dates import Said, clock, day
from dialogs.fuzzy_match import folded, holding, is_blank, nearest
from dialogs.languages import chain
from dialogs.model import Choice, Media, Step, Value
from dialogs.numerals import Counted, count

__all__ = ["ACTIONS", "REFUSALS", "Edited", "Guess", "Pressed", "Refusal", "Reply", "Sent", "Typed", "folded"]


@dataclass(frozen=True, slots=True)
class Typed:
    """Words. `prompt` is the number they answer by the messenger's order; None means the newest.

    `order` is the message's own place in that order, by which an edit of it is known again.
    """

    text: str
    prompt: int | None = None
    order: int | None = None


@dataclass(frozen=True, slots=True)
class Pressed:
    """A button: one of `ACTIONS`.

    `path` and `prompt` are those of the message that carried it (empty and 0 on an offer); `choice` is the
    name that `choose` picks.
    """

    action: str
    path: str = ""
    prompt: int = 0
    choice: str | None = None


@dataclass(frozen=True, slots=True)
class Sent:
    """Something that is no words: a voice note, a photo, a sticker, a contact. `kind` names it.

    `media` is a voice note or photo that was kept; without it, nothing can be taken. `caption` are the words
    sent under it.
    """

    kind: str
    prompt: int | None = None
    media: Media | None = None
    caption: str = ""
    order: int | None = None


@dataclass(frozen=True, slots=True)
class Edited:
    """A message that was changed after it was sent: `order` is its place, `text` what it says now."""

    order: int
    text: str


Reply: TypeAlias = Typed | Pressed | Sent | Edited

ACTIONS: Final = (
    "start", "later", "why", "choose", "done", "skip", "back", "stop", "resume", "change",
    "accept", "other", "review", "finish",
)  # fmt: skip  # a list of words reads better in lines
"""Everything a button may ask for."""

REFUSALS: Final[Mapping[str, frozenset[str]]] = {
    "not_a_number": frozenset({"example"}),
    "not_a_date": frozenset(),
    "not_a_time": frozenset(),
    "not_a_choice": frozenset({"max", "near"}),
    "out_of_range": frozenset({"min", "max"}),
    "too_long": frozenset({"max"}),
    "required": frozenset({"message"}),
    "constraint": frozenset({"message"}),
    "empty": frozenset(),
    "not_text": frozenset({"kind"}),
    "not_photo": frozenset(),
    "not_voice": frozenset(),
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


@dataclass(frozen=True, slots=True)
class Guess:
    """What words probably mean. `name` is the value written out, or the choice's name: see `guessed`."""

    name: str


ACKNOWLEDGED: Final = "OK"
"""The one value of an acknowledge, as in XLSForm."""

_NUMBER_OF_CHOICE: Final = re.compile(r"(\d{1,3})\s*[·.):-]*", re.ASCII)
_NUMBERED: Final = re.compile(r"\d{1,3}\s*[·.):-]+\s*(?=\S)", re.ASCII)
_SEPARATORS: Final = (
    re.compile(r"[,;\n]+"),
    re.compile(rf"\s+(?:{'|'.join(sorted(lang.CONJUNCTIONS))}|&|\+)\s+", re.IGNORECASE),
    re.compile(r"\s+"),
)
_PICTURED: Final = "\ufe0f"  # asks for the coloured form of a sign
_LONGEST_CHOOSING: Final = 500
"""Characters within which someone may be naming choices; beyond it she is telling something."""

_SHAPES: Final = {
    "decimal": re.compile(r"-?\d{1,15}(?:\.\d{1,15})?", re.ASCII),
    "date": re.compile(r"\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])", re.ASCII),
    "time": re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d", re.ASCII),
}
"""How the values of some types are written."""
_COUNTING: Final = frozenset({"integer", "decimal", "range"})

Read: TypeAlias = Value | Guess | Refusal


def read_words(step: Step, choices: Sequence[Choice], text: str, context: Context) -> Read:
    """Turn words into an answer to a question, or into what they probably mean, or say why they do not fit.

    `choices` are those on offer. A text comes back without the blanks around it, a select_multiple as names in
    the order of the choices.
    """
    words = text.strip()
    longest = context.limits.text_length
    if is_blank(words):
        return Refusal("empty")
    if len(words) > longest:
        return Refusal("too_long", {"max": str(longest)})
    return _read(step, choices, words, context)


def _read(step: Step, choices: Sequence[Choice], words: str, context: Context) -> Read:
    match step.type:
        case "text":
            return words
        case "integer":
            return _counted(words, context)
        case "decimal":
            return _measured(words, context)
        case "range":
            return _in_range(step, choices, words, context)
        case "date":
            return _dated(words, context)
        case "time":
            return _timed(words, context)
        case "acknowledge":
            return _acknowledged(step, words)
        case "image":
            return Refusal("not_photo")
        case "audio":
            return Refusal("not_voice")
        case _:
            return _chosen(step, choices, words, context)


def guessed(step: Step, name: str) -> Value:
    """Turn what was guessed, as it was written out, into the answer it stands for."""
    if step.type in {"integer", "range"}:
        return int(name)
    return (name,) if step.type == "select_multiple" else name


def is_dynamic(default: str) -> bool:
    """Tell whether a default is an expression to work out, rather than the answer itself."""
    return "${" in default or default.endswith(")")


def proposed(step: Step, choices: Sequence[Choice], written: str) -> Value | None:
    """Turn a default, as it is written, into the answer it stands for; None if it is none of this question."""
    names = {choice.name for choice in choices}
    if step.type == "select_multiple":
        found = tuple(name for name in written.split() if name in names)
        return found or None
    if step.type in {"select_one", "acknowledge"}:
        return written if written in names else None
    if step.type in {"integer", "range"}:
        number = int(written) if re.fullmatch(r"-?\d{1,15}", written, re.ASCII) else None
        return None if number is None or (step.type == "range" and number not in numbers(step)) else number
    if step.type in _SHAPES:
        return written if _SHAPES[step.type].fullmatch(written) and (step.type != "date" or is_day(written)) else None
    if step.type != "text" or not written:
        return None
    return (written,) if step.multiline else written


def is_day(written: str) -> bool:
    """Tell whether a date as it is stored is a day of the calendar."""
    try:
        date.fromisoformat(written)
    except ValueError:
        return False
    return True


def agrees(step: Step, words: str) -> bool | None:
    """Tell whether words are a yes or a no to a guess; None if they are neither.

    Digits stand for yes and no, unless a number is what was asked for.
    """
    said = folded(words)
    if said in lang.YES or (said == "1" and step.type not in _COUNTING):
        return True
    return False if said in lang.NO or (said == "2" and step.type not in _COUNTING) else None


def numbers(step: Step) -> range:
    """Give the numbers of a range, both ends included."""
    bounds = step.parameters
    return range(bounds["start"], bounds["end"] + 1, bounds.get("step", 1))


def _counted(words: str, context: Context) -> Read:
    found = count(words, context.language)
    if found is None:
        return Refusal("not_a_number", {"example": "30"})
    return int(found.number) if found.sure else Guess(str(int(found.number)))


def _measured(words: str, context: Context) -> Read:
    found = count(words, context.language, whole=False)
    if found is None:
        return Refusal("not_a_number", {"example": "2.5"})
    written = digits(found.number)
    return written if found.sure else Guess(written)


def digits(number: Decimal) -> str:
    """Write a decimal as it is stored: no exponent, no noughts at its end."""
    written = format(number, "f")
    written = written.rstrip("0").rstrip(".") if "." in written else written
    return "0" if written in {"-0", ""} else written


def _dated(words: str, context: Context) -> Read:
    return _said(day(words, context.language, context.today()), "not_a_date")


def _timed(words: str, context: Context) -> Read:
    return _said(clock(words, context.language), "not_a_time")


def _said(found: Said | None, otherwise: str) -> Read:
    if found is None:
        return Refusal(otherwise)
    return found.value if found.sure else Guess(found.value)


def _acknowledged(step: Step, words: str) -> Read:
    if agrees(step, words):
        return ACKNOWLEDGED
    return Refusal("not_a_choice", {"max": "1", "near": ""})


def _in_range(step: Step, choices: Sequence[Choice], words: str, context: Context) -> Read:
    allowed = numbers(step)
    numbered = _NUMBER_OF_CHOICE.fullmatch(words)
    found = count(numbered[1] if numbered else words, context.language)
    if not found or not found.sure:
        if name := _by_label(choices, words, context.language):
            return int(name)
        if not found and (name := _slip(choices, words, context.language)):
            return Guess(name)
    return _bounded(found, allowed)


def _bounded(found: Counted | None, allowed: range) -> Read:
    if found is None:
        return Refusal("not_a_number", {"example": str(allowed[len(allowed) // 2])})
    if int(found.number) not in allowed:
        return Refusal("out_of_range", {"min": str(allowed[0]), "max": str(allowed[-1])})
    return int(found.number) if found.sure else Guess(str(int(found.number)))


def _chosen(step: Step, choices: Sequence[Choice], words: str, context: Context) -> Read:
    language = context.language
    found = _several(choices, words, language) if step.type == "select_multiple" else ()
    if found:
        return tuple(choice.name for choice in choices if choice.name in found)
    if step.type == "select_one" and (one := _one(choices, words, language)):
        return one
    if name := _slip(choices, words, language):
        return Guess(name)
    return Refusal("not_a_choice", {"max": str(len(choices)), "near": ""})


def _slip(choices: Sequence[Choice], words: str, language: str) -> str:
    """Give the name of the one choice whose label the words are probably a slip or a part of, or ''."""
    labels = [(_folded_label(_label(each, language)), each.name) for each in choices]
    said, known = folded(words), [label for label, _ in labels if label]
    near = nearest(said, known) or holding(said, known)
    found = [name for label, name in labels if near and label == near]
    return found[0] if len(found) == 1 else ""


def _label(choice: Choice, language: str) -> str:
    return next((choice.label[tag] for tag in chain(language) if choice.label.get(tag)), "")


def _one(choices: Sequence[Choice], words: str, language: str) -> str | None:
    """Find the choice that words name: by its place, its label in any language, or its name."""
    numbered = _NUMBER_OF_CHOICE.fullmatch(words)
    if numbered and 1 <= int(numbered[1]) <= len(choices):
        return choices[int(numbered[1]) - 1].name
    return _by_label(choices, words, language)


def _by_label(choices: Sequence[Choice], words: str, language: str) -> str | None:
    if len(words) > _LONGEST_CHOOSING:
        return None
    if name := _by_picture(choices, words):
        return name
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


def _by_picture(choices: Sequence[Choice], words: str) -> str | None:
    """Find the one choice whose label shows a picture, a face for example, that is all that was said."""
    picture = words.replace(_PICTURED, "")
    if not picture or not all(category(letter) == "So" for letter in picture):
        return None
    found = [each.name for each in choices if any(picture in label for label in each.label.values())]
    return found[0] if len(found) == 1 else None


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


@lru_cache(maxsize=4096)
def _folded_label(label: str) -> str:
    """Fold an author's words, which come back every turn; a person's own words are never kept here."""
    return folded(label)
