"""Text, numbers and booleans, as XLSForm compares and converts them. Nothing here raises."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Final, TypeAlias

from dialogs.context import zone_of
from dialogs.value_class import value_class

Operand: TypeAlias = str | float | bool
"""A value inside an expression. What was not answered is ''."""

_NUMBER: Final = re.compile(r"\s*-?(?:\d{1,15}(?:\.\d{0,15})?|\.\d{1,15})\s*", re.ASCII)
"""Pattern of a number. Longer ones (account numbers, telephones) stay text: as doubles they could be confused."""
_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}(?:T[\d:.+-]*Z?)?", re.ASCII)


@value_class
class Scope:
    """What an expression reads: values by name, its own value as `.`, and the moment with its zone."""

    values: Mapping[str, Operand]
    own: Operand = ""
    now: datetime | None = None
    zone: str = "UTC"

    def moment(self) -> datetime | None:
        """Return the present moment in the zone (UTC if the zone is unknown), or None if there is no moment."""
        return self.now.astimezone(zone_of(self.zone)) if self.now else None


def as_boolean(value: Operand) -> bool:
    """Convert like XPath's boolean(): text is true unless empty, a number unless zero or NaN."""
    return bool(value) and value == value  # noqa: PLR0124  NaN alone differs from itself


def as_number(value: Operand) -> float:
    """Convert like XPath's number(): NaN if it is no number."""
    number = _numeric(value)
    return math.nan if number is None else number


def as_text(value: Operand) -> str:
    """Convert like XPath's string(): whole numbers without a point, never an exponent."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return str(value).replace("inf", "Infinity")
    whole = int(value)
    return str(whole) if whole == value else format(Decimal(repr(value)), "f")


def _numeric(value: Operand) -> float | None:
    if isinstance(value, str):
        return float(value) if _NUMBER.fullmatch(value) else None
    return float(value)


def _equal(left: Operand, right: Operand) -> bool:
    if isinstance(left, bool) or isinstance(right, bool):
        return as_boolean(left) == as_boolean(right)
    one, other = _numeric(left), _numeric(right)
    if one is not None and other is not None:
        return one == other
    return as_text(left) == as_text(right)


def _ordered(holds: Callable[[float, float], bool], strict: Callable[[str, str], bool]) -> Comparison:
    """Return a comparison of numbers and of dates; it is False for anything else, including the unanswered."""

    def compare(left: Operand, right: Operand) -> bool:
        one, other = _numeric(left), _numeric(right)
        if one is not None and other is not None:
            return holds(one, other)
        if isinstance(left, str) and isinstance(right, str) and _DATE.fullmatch(left):
            return _DATE.fullmatch(right) is not None and strict(left, right)
        return False

    return compare


def _divided(left: float, right: float) -> float:
    if right:
        return left / right
    return math.nan if not left or math.isnan(left) else math.copysign(math.inf, left)


def _remainder(left: float, right: float) -> float:
    if not right or math.isinf(left):
        return math.nan
    return math.fmod(left, right)


def _arithmetic(work: Callable[[float, float], float]) -> Callable[[Operand, Operand], Operand]:
    return lambda left, right: work(as_number(left), as_number(right))


Comparison: TypeAlias = Callable[[Operand, Operand], bool]

COMPARISONS: Final[Mapping[str, Comparison]] = {
    "=": _equal,
    "!=": lambda left, right: not _equal(left, right),
    "<": _ordered(lambda one, other: one < other, lambda one, other: one < other),
    "<=": _ordered(lambda one, other: one <= other, lambda one, other: one <= other),
    ">": _ordered(lambda one, other: one > other, lambda one, other: one > other),
    ">=": _ordered(lambda one, other: one >= other, lambda one, other: one >= other),
}

ARITHMETIC: Final[Mapping[str, Callable[[Operand, Operand], Operand]]] = {
    "+": _arithmetic(lambda one, other: one + other),
    "-": _arithmetic(lambda one, other: one - other),
    "*": _arithmetic(lambda one, other: one * other),
    "div": _arithmetic(_divided),
    "mod": _arithmetic(_remainder),
}


def rounded(value: float, places: float) -> float:
    """Round half up (towards the greater), exactly as the number is written; places up to 15 either way.

    What is no number of places rounds nothing.
    """
    if math.isnan(places):
        return value
    step = Decimal(1).scaleb(-int(max(-15, min(15, places))))
    whole = (Decimal(repr(value)) / step + Decimal("0.5")).to_integral_value("ROUND_FLOOR")
    return float(whole * step)
