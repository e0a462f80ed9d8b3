"""Questions made without a file, in the few types that are enough for one question asked in chat."""

from __future__ import annotations

from collections.abc import Sequence

from dialogs import types
from dialogs.model import Choice, Step, Text
from dialogs.types import ChoiceSource, range, select_one, text  # noqa: A004  a type's own word, as in XLSForm


def make_open_question(name: str, label: Text, audio: Text) -> Step:
    """Return a question that is answered by writing or speaking, in any number of messages."""
    return Step(text.TYPE.name, name, label, appearance=frozenset({"multiline"}), audio=audio)


def make_scale(name: str, label: Text, audio: Text, choices: Sequence[Choice]) -> Step:
    """Return a question for a number from 1; the choices, named by the numbers, are their words."""
    parameters = {"start": 1, "end": len(choices), "step": 1}
    return Step(range.TYPE.name, name, label, choices=tuple(choices), parameters=parameters, audio=audio)


def make_choice(name: str, label: Text, audio: Text, choices: Sequence[Choice]) -> Step:
    """Return a question for one of some choices."""
    return Step(select_one.TYPE.name, name, label, choices=tuple(choices), audio=audio)


def is_scale(step: Step) -> bool:
    """Return whether a question asks for a number of a scale."""
    return types.of(step).choice_source is ChoiceSource.NUMBERS


def is_choice(step: Step) -> bool:
    """Return whether a question asks for one of the choices that it lists."""
    kind = types.of(step)
    return kind.choice_source is ChoiceSource.LIST and not kind.multiple
