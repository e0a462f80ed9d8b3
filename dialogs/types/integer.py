"""`integer`: a whole number, in digits or in words."""

import re
from collections.abc import Sequence
from typing import Final

from dialogs.context import Context
from dialogs.model import Choice, Measure, Step, ValueFormat
from dialogs.numerals import count
from dialogs.replies import Guess, Read, Refusal
from dialogs.types.base import QuestionType, number_refusal

_WHOLE: Final = re.compile(r"-?\d{1,15}", re.ASCII)


def _read(step: Step, choices: Sequence[Choice], words: str, context: Context) -> Read:
    found = count(words, context.language)
    if found is None:
        return Refusal("not_a_number", {"example": "30"})
    return int(found.number) if found.sure else Guess(str(int(found.number)))


def parse(step: Step, choices: Sequence[Choice], written: str) -> int | None:
    """Return digits as a number, or None if they are none."""
    return int(written) if _WHOLE.fullmatch(written) else None


TYPE: Final = QuestionType(
    name="integer",
    read=_read,
    value=int,
    parse=parse,
    refusal=number_refusal("3"),
    numeric=True,
    format=ValueFormat.WHOLE,
    measure=Measure.SCALE,
)
