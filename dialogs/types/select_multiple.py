"""`select_multiple`: any of the choices that an author lists, in their order."""

from collections.abc import Sequence
from typing import Any, Final

from dialogs.context import Context
from dialogs.model import Choice, Step, ValueFormat
from dialogs.replies import Read
from dialogs.types.base import ChoiceSource, PartColumn, QuestionType
from dialogs.types.choosing import or_near, several


def _read(step: Step, choices: Sequence[Choice], words: str, context: Context) -> Read:
    if found := several(choices, words, context.language):
        return tuple(choice.name for choice in choices if choice.name in found)
    return or_near(choices, words, context.language)


def _parse(step: Step, choices: Sequence[Choice], written: str) -> tuple[str, ...] | None:
    names = {choice.name for choice in choices}
    return tuple(name for name in written.split() if name in names) or None


def _parts(step: Step) -> Sequence[PartColumn]:
    """Return a column for each choice."""
    return [PartColumn(choice.name, choice.label, ValueFormat.WHOLE, values="1 / 0") for choice in step.choices]


def _part(value: Any, name: str) -> int:
    return int(name in value if isinstance(value, list) else name == value)


TYPE: Final = QuestionType(
    name="select_multiple",
    read=_read,
    value=lambda name: (name,),
    parse=_parse,
    multiple=True,
    choice_source=ChoiceSource.LIST,
    format=ValueFormat.NAMES,
    parts=_parts,
    part=_part,
)
