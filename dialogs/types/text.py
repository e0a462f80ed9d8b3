"""`text`: the person's own words, with voice notes and photos beside them."""

from collections.abc import Sequence
from typing import Final

from dialogs.context import Context
from dialogs.model import Choice, Step, Value
from dialogs.replies import Read
from dialogs.types.base import QuestionType


def read(step: Step, choices: Sequence[Choice], words: str, context: Context) -> Read:
    """Return words unchanged."""
    return words


def _parse(step: Step, choices: Sequence[Choice], written: str) -> Value | None:
    if not written:
        return None
    return (written,) if "multiline" in step.appearance else written


TYPE: Final = QuestionType(name="text", read=read, parse=_parse, free_text=True, media=frozenset({"voice", "photo"}))
