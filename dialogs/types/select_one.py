"""`select_one`: one of the choices that an author lists."""

from collections.abc import Sequence
from typing import Final

from dialogs.context import Context
from dialogs.model import Choice, Step
from dialogs.replies import Read
from dialogs.types.base import ChoiceSource, QuestionType
from dialogs.types.choosing import one, or_near


def _read(step: Step, choices: Sequence[Choice], words: str, context: Context) -> Read:
    return one(choices, words, context.language) or or_near(choices, words, context.language)


def parse(step: Step, choices: Sequence[Choice], written: str) -> str | None:
    """Return the name of a choice, or None if there is none of that name."""
    return written if any(choice.name == written for choice in choices) else None


TYPE: Final = QuestionType(name="select_one", read=_read, parse=parse, choice_source=ChoiceSource.LIST)
