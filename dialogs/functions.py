"""The functions an expression may call: a closed table."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from dialogs.operands import Operand, Scope, as_boolean, as_number, as_text, rounded
from dialogs.tokens import ExpressionError, SyntaxIssue

Closure: TypeAlias = Callable[[Scope], Operand]
Literals: TypeAlias = tuple[str | None, ...]
Build: TypeAlias = Callable[[tuple[Closure, ...], Literals], Closure]
"""Makes the closure of one call from those of its arguments, and their literals where they are literal."""

MANY: Final = 99


def _strict(work: Callable[..., Operand]) -> Build:
    """Build a call that evaluates all its arguments first."""

    def build(arguments: tuple[Closure, ...], literals: Literals) -> Closure:  # noqa: ARG001  the shape of a build
        if len(arguments) == 1:
            only = arguments[0]
            return lambda scope: work(only(scope))
        return lambda scope: work(*[each(scope) for each in arguments])

    return build


def _if(arguments: tuple[Closure, ...], literals: Literals) -> Closure:  # noqa: ARG001  the shape of a build
    condition, then, other = arguments
    return lambda scope: then(scope) if as_boolean(condition(scope)) else other(scope)


def _regex(arguments: tuple[Closure, ...], literals: Literals) -> Closure:
    pattern = literals[1]
    if pattern is None:
        raise ExpressionError(SyntaxIssue("pattern_not_literal", 1))
    import re2  # type: ignore[import-untyped]  # noqa: PLC0415  it has no stubs, and few dialogs need it

    options = re2.Options()
    options.log_errors = False
    try:
        matcher = re2.compile(pattern, options)
    except (re2.error, UnicodeError) as error:
        raise ExpressionError(SyntaxIssue("bad_pattern", 1, {"found": pattern})) from error
    subject = arguments[0]
    return lambda scope: matcher.fullmatch(_well_formed(as_text(subject(scope)))) is not None


def _well_formed(text: str) -> str:
    """Replace lone surrogates, which JSON can carry and RE2 cannot."""
    return text.encode("utf-8", "replace").decode()


def _today(arguments: tuple[Closure, ...], literals: Literals) -> Closure:  # noqa: ARG001  the shape of a build
    return lambda scope: moment.date().isoformat() if (moment := scope.moment()) else ""


def _now(arguments: tuple[Closure, ...], literals: Literals) -> Closure:  # noqa: ARG001  the shape of a build
    return lambda scope: moment.isoformat(timespec="seconds") if (moment := scope.moment()) else ""


def _coalesce(*values: Operand) -> Operand:
    return next((value for value in values if value != ""), "")


def _truncated(value: Operand) -> Operand:
    number = as_number(value)
    return float(math.trunc(number)) if math.isfinite(number) else number


def _round(value: Operand, places: Operand = 0.0) -> Operand:
    return rounded(as_number(value), as_number(places))


_TABLE: Final[Mapping[str, tuple[int, int, Build]]] = {
    "selected": (2, 2, _strict(lambda held, name: as_text(name).strip() in as_text(held).split())),
    "count-selected": (1, 1, _strict(lambda held: float(len(as_text(held).split())))),
    "if": (3, 3, _if),
    "not": (1, 1, _strict(lambda value: not as_boolean(value))),
    "true": (0, 0, _strict(lambda: True)),
    "false": (0, 0, _strict(lambda: False)),
    "regex": (2, 2, _regex),
    "round": (1, 2, _strict(_round)),
    "int": (1, 1, _strict(_truncated)),
    "number": (1, 1, _strict(as_number)),
    "string-length": (1, 1, _strict(lambda value: float(len(as_text(value))))),
    "coalesce": (2, MANY, _strict(_coalesce)),
    "concat": (1, MANY, _strict(lambda *values: "".join(as_text(value) for value in values))),
    "contains": (2, 2, _strict(lambda value, part: as_text(part) in as_text(value))),
    "starts-with": (2, 2, _strict(lambda value, part: as_text(value).startswith(as_text(part)))),
    "today": (0, 0, _today),
    "now": (0, 0, _now),
}

FUNCTIONS: Final[Mapping[str, Build]] = {name: build for name, (_, _, build) in _TABLE.items()}
"""Every function by name."""


def signature(name: str) -> tuple[int, int]:
    """Return the minimum and the maximum number of arguments of a function."""
    low, high, _ = _TABLE[name]
    return low, high
