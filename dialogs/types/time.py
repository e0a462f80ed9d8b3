"""`time`: a time of day, stored as `19:30`."""

import re
from collections.abc import Sequence
from typing import Final

from dialogs.context import Context
from dialogs.dates import clock
from dialogs.model import Choice, Measure, Step, ValueFormat
from dialogs.replies import Read, Refusal
from dialogs.types.base import QuestionType, format_writer, pattern_parser, read_moment

_SHAPE: Final = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d", re.ASCII)


def _read(step: Step, choices: Sequence[Choice], words: str, context: Context) -> Read:
    return read_moment(clock(words, context.language), "not_a_time")


TYPE: Final = QuestionType(
    name="time",
    read=_read,
    parse=pattern_parser(_SHAPE),
    refusal=lambda _choices, _near: Refusal("not_a_time"),
    refusals={"not_a_time": frozenset()},
    label=format_writer(ValueFormat.TIME),
    format=ValueFormat.TIME,
    measure=Measure.SCALE,
)
