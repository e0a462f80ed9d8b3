"""Choosing the language of a text along its chain, and filling its blanks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from dialogs import types
from dialogs.context import Written
from dialogs.languages import base, chain
from dialogs.model import Step, Text, Value
from dialogs.run import Answer
from dialogs.types.base import ChoiceSource

BLANK: Final = re.compile(r"\$\{\s*([^{}\s]*)\s*\}")
"""Pattern of a blank in a text: `${name}`. Whether the name is valid is for `checks` to decide."""

LAST_SAVED: Final = "last-saved#"
"""How the blank begins that shows what was answered to a question the last time: `${last-saved#mood}`."""
_UNTOLD: Final = "\0"  # is no label
_WITH_COMMA: Final = re.compile(r"(,?\s*)" + BLANK.pattern)


def choose(text: Text, language: str) -> str:
    """Return the words for a language: its own, else the nearest along its chain, else any; '' if there are none."""
    for tag in chain(language):
        words = text.get(tag)
        if words:
            return words
    return next((words for words in text.values() if words), "")


def recorded(audio: Text, words: Text, language: str) -> str:
    """Return the recording for a language; '' if there is none in the language that its words are in.

    A register is served by a recording in its parent: listeners understand it.
    """
    for tag in chain(language):
        if file := audio.get(tag):
            return file
        if words.get(tag):
            return audio.get(base(tag), "")
    return ""


def retold(step: Step, answer: Answer, language: str, written: Written) -> Answer:
    """Return an answer with its label in a language: it may have been given in another one.

    The person's own words stay unchanged, and so does a choice from a list known only at the moment of asking.
    """
    if answer.value is None or step.choices_from:
        return answer
    if (label := types.of(step).label) is not None:
        return Answer(answer.value, label(answer.value, written))
    labels = {choice.name: choose(choice.label, language) for choice in step.choices}
    picked = answer.value if isinstance(answer.value, tuple) else (str(answer.value),)
    told = [labels.get(name, "") if isinstance(name, str) else "" for name in picked]
    if not all(told) or any("${" in label for label in told):
        return answer
    return Answer(answer.value, ", ".join(told))


def told(step: Step, value: Value | None, language: str) -> str | None:
    """Return an answer's words as its question tells them in a language: those of its choices, or the answer itself.

    None where the question alone does not tell them: they have blanks, are from a list known only at the moment of
    asking, or are written out, as a date is.
    """
    if value is None:
        return ""
    kind = types.of(step)
    if kind.label is not None or step.choices_from:
        return None
    if kind.choice_source is ChoiceSource.NOTHING:
        return plain_value(value)
    labels = {choice.name: choose(choice.label, language) for choice in step.choices}
    names = [each for each in (value if isinstance(value, tuple) else (str(value),)) if isinstance(each, str)]
    words = [labels.get(name) or name for name in names]
    return None if any("${" in each for each in words) else ", ".join(words)


def labels(step: Step, value: Value | None) -> Iterator[str]:
    """Yield an answer's words in every language its question has, as far as `told` knows them."""
    for language in dict.fromkeys(tag for choice in step.choices for tag in choice.label):
        if words := told(step, value, language):
            yield words


def to_store(step: Step, answer: Answer, language: str) -> dict[str, Any]:
    """Return an answer as JSON data, without its label where its question tells it in the language it was given in."""
    data = answer.to_dict()
    if told(step, answer.value, language) == answer.label:
        del data["label"]
    return data


def from_store(step: Step, data: Mapping[str, Any], language: str, written: Written) -> Answer:
    """Rebuild an answer from the result of `to_store`, with its label in a language."""
    if "label" in data:
        return retold(step, Answer.from_dict(data), language, written)
    answer = Answer.from_dict(data)
    return Answer(answer.value, told(step, answer.value, language) or "")


def is_spare(step: Step, data: Mapping[str, Any]) -> bool:
    """Return whether a stored answer is shown with the same label once it has none."""
    if "label" not in data or types.of(step).label is not None:
        return False
    answer = Answer.from_dict(data)
    own = told(step, answer.value, "")
    if own is None:
        return False
    told_anyway = retold(step, Answer(answer.value, _UNTOLD), "", lambda _, written: written).label != _UNTOLD
    return own == answer.label or (answer.value is not None and told_anyway)


def blanks(words: str) -> tuple[str, ...]:
    """Return the names of the blanks of a text, in order."""
    return tuple(match[1] for match in BLANK.finditer(words))


def last_saved(words: str) -> tuple[str, ...]:
    """Return the blanks of a text that show what was answered the last time."""
    return tuple(name for name in blanks(words) if name.startswith(LAST_SAVED)) if LAST_SAVED in words else ()


def fill(words: str, values: Mapping[str, str]) -> str:
    """Fill the blanks of a text. A blank with no value is removed together with the comma before it.

    So `Hola, ${name}.` greets someone without a name as `Hola.` A line that shows what was answered the last time is
    left out where nothing was.
    """
    if "${" not in words:
        return words
    if LAST_SAVED in words:
        lines = words.split("\n")
        words = "\n".join(line for line in lines if all(map(values.get, last_saved(line))))

    def filled(match: re.Match[str]) -> str:
        value = values.get(match[2], "")
        return match[1] + value if value else ""

    return _WITH_COMMA.sub(filled, words).strip()


def plain_value(value: Value | None) -> str:
    """Return a value as text without any language: the number in digits, the pieces on lines of their own.

    A voice note or a photo has no words.
    """
    if value is None:
        return ""
    return "\n".join(each for each in value if isinstance(each, str)) if isinstance(value, tuple) else str(value)
