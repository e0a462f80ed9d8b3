"""`date`: a day, pressed or said, stored as `2026-12-06`."""

import re
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

from dialogs.context import Context
from dialogs.dates import day
from dialogs.model import Choice, Measure, Step, ValueFormat
from dialogs.replies import Read, Refusal
from dialogs.types.base import ChoiceSource, QuestionType, format_writer, pattern_parser, read_moment

_SHAPE: Final = re.compile(r"\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])", re.ASCII)
_OFFERED: Final = (-1, 0, 1)
"""The days that have buttons, counted from today."""
_DAYS_A_BUTTON_LASTS: Final = 8


def _read(step: Step, choices: Sequence[Choice], words: str, context: Context) -> Read:
    return read_moment(day(words, context.language, context.today(), ahead=context.ahead), "not_a_date")


def _is_day(written: str) -> bool:
    """Return whether a date as it is stored is a day of the calendar."""
    try:
        date.fromisoformat(written)
    except ValueError:
        return False
    return True


def _suggest(step: Step, context: Context) -> tuple[Choice, ...]:
    days = [(context.today() + timedelta(days=each)).isoformat() for each in _OFFERED]
    return tuple(Choice(each, {context.language: context.written(ValueFormat.DATE, each)}) for each in days)


def _pressable(step: Step, today: date) -> tuple[str, ...]:
    days = range(-_DAYS_A_BUTTON_LASTS, _DAYS_A_BUTTON_LASTS + 1)
    return tuple((today + timedelta(days=each)).isoformat() for each in days)


TYPE: Final = QuestionType(
    name="date",
    read=_read,
    reads_ahead=True,
    parse=pattern_parser(_SHAPE, _is_day),
    refusal=lambda _choices, _near: Refusal("not_a_date"),
    refusals={"not_a_date": frozenset()},
    choice_source=ChoiceSource.MADE,
    suggest=_suggest,
    pressable=_pressable,
    label=format_writer(ValueFormat.DATE),
    format=ValueFormat.DATE,
    measure=Measure.SCALE,
)
