"""The question types, by name. A new one is a module beside these, with its `TYPE` in the tuple below."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from dialogs.context import Context
from dialogs.fuzzy_match import is_blank
from dialogs.model import Choice, Step, Value
from dialogs.replies import COMMON_REFUSALS, Read, Refusal, Sent, yes_or_no
from dialogs.types import (
    acknowledge,
    audio,
    calculate,
    date,
    decimal,
    image,
    integer,
    note,
    range,  # noqa: A004  a type's own word, as in XLSForm
    select_multiple,
    select_one,
    text,
    time,
)
from dialogs.types.base import ChoiceSource, Parameter, PartColumn, QuestionType

__all__ = [
    "REFUSALS",
    "TYPES",
    "ChoiceSource",
    "Parameter",
    "PartColumn",
    "QuestionType",
    "agrees",
    "fallback",
    "get",
    "guessed",
    "multiline",
    "names",
    "of",
    "proposed",
    "read_sent",
    "read_words",
    "refusal_of_sent",
    "register",
    "unregister",
]

_SHIPPED: Final = (
    note.TYPE,
    text.TYPE,
    integer.TYPE,
    decimal.TYPE,
    select_one.TYPE,
    select_multiple.TYPE,
    range.TYPE,
    date.TYPE,
    time.TYPE,
    acknowledge.TYPE,
    image.TYPE,
    audio.TYPE,
    calculate.TYPE,
)
TYPES: Final = tuple(each.name for each in _SHIPPED)
"""The names of the types that Hilo comes with."""
REFUSALS: Final = {**COMMON_REFUSALS, **{code: facts for each in _SHIPPED for code, facts in each.refusals.items()}}
"""Every refusal that these types give, with the names of its facts."""

_registered: dict[str, QuestionType] = {}


def register(kind: QuestionType) -> None:
    """Let authors use a type.

    Raises:
        ValueError: another type has this name.
    """
    if kind.name in _registered:
        raise ValueError(f"two question types are called {kind.name}")
    _registered[kind.name] = kind


def unregister(name: str) -> None:
    """Remove a type."""
    del _registered[name]


for _kind in _SHIPPED:
    register(_kind)


def names() -> tuple[str, ...]:
    """Return the name of every type that an author may write."""
    return tuple(_registered)


def get(name: str) -> QuestionType:
    """Return a type by its name.

    Raises:
        KeyError: there is no such type.
    """
    return _registered[name]


def of(step: Step) -> QuestionType:
    """Return the type of a step."""
    return _registered[step.type]


def fallback(*, listed: bool) -> str:
    """Return the type to assume for an unknown one: with choices (`listed`), or without."""
    return select_one.TYPE.name if listed else text.TYPE.name


def multiline(step: Step) -> bool:
    """Return whether an answer is open text that may come in several pieces."""
    return "multiline" in step.appearance and of(step).free_text


def read_words(step: Step, choices: Sequence[Choice], text: str, context: Context) -> Read:
    """Read words as an answer to a question, a guess of what they mean, or a refusal.

    `choices` are those on offer. A text is returned without the blanks around it, several choices as names in their
    order.
    """
    words = text.strip()
    longest = context.limits.text_length
    if is_blank(words):
        return Refusal("empty")
    if len(words) > longest:
        return Refusal("too_long", {"max": str(longest)})
    return of(step).read(step, choices, words, context)


def read_sent(step: Step, sent: Sent, context: Context) -> Read:
    """Read what is not words: media that the question takes is returned as pieces, with its caption."""
    kind = of(step)
    if sent.media and sent.media.kind in kind.media:
        return (sent.media, caption) if (caption := sent.caption.strip()) else (sent.media,)
    if kind.read_content is not None and sent.content:
        read = kind.read_content(step, sent.content, context)
        if read is not None:
            return read
    return Refusal(kind.sent_refusal, {"kind": sent.kind} if kind.sent_refusal == "not_text" else {})


def refusal_of_sent(step: Step) -> Refusal | None:
    """Return what a question needs where no text came; None if text is all it can ask for."""
    refusal = of(step).refusal(step.choices, "")
    return None if refusal.code == "not_a_choice" and not step.choices else refusal


def guessed(step: Step, name: str) -> Value:
    """Return the answer that a guess, as it was written out, stands for."""
    return of(step).value(name)


def proposed(step: Step, choices: Sequence[Choice], written: str) -> Value | None:
    """Return the answer that a default, as it is written, stands for; None if it is no answer to this question."""
    parse = of(step).parse
    return None if parse is None else parse(step, choices, written)


def agrees(step: Step, words: str) -> bool | None:
    """Return whether words are a yes to a guess; None if they are neither yes nor no.

    Digits stand for yes and no, unless a number is what was asked for.
    """
    return yes_or_no(words, digits=not of(step).numeric)
