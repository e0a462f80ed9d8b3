"""`decimal`: a number with a fraction, stored as its digits with a point."""

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from dialogs.context import Context
from dialogs.model import Choice, Measure, Step, ValueFormat
from dialogs.numerals import count
from dialogs.replies import Guess, Read, Refusal
from dialogs.types.base import QuestionType, format_writer, number_refusal, pattern_parser

_SHAPE: Final = re.compile(r"-?\d{1,15}(?:\.\d{1,15})?", re.ASCII)
_EXAMPLE: Final = "2.5"


def _read(step: Step, choices: Sequence[Choice], words: str, context: Context) -> Read:
    found = count(words, context.language, whole=False)
    if found is None:
        return Refusal("not_a_number", {"example": _EXAMPLE})
    written = _digits(found.number)
    return written if found.sure else Guess(written)


def _digits(number: Decimal) -> str:
    """Return a decimal as it is stored: no exponent, no noughts at its end."""
    written = format(number, "f")
    written = written.rstrip("0").rstrip(".") if "." in written else written
    return "0" if written in {"-0", ""} else written


TYPE: Final = QuestionType(
    name="decimal",
    read=_read,
    parse=pattern_parser(_SHAPE),
    refusal=number_refusal(_EXAMPLE),
    numeric=True,
    label=format_writer(ValueFormat.DECIMAL),
    format=ValueFormat.DECIMAL,
    measure=Measure.SCALE,
)
