"""Splitting an expression into tokens, and the faults an expression can have."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

TokenKind: TypeAlias = Literal["number", "string", "reference", "name", "operator", "dot", "end"]

LONGEST: Final = 4000
"""Maximum number of characters in one expression; more are a fault."""

_TOKEN: Final = re.compile(
    r"""
    (?P<number>\d+(?:\.\d*)?|\.\d+)
    |(?P<string>'[^']*'|"[^"]*"|[\u2018\u2019][^\u2018\u2019]*[\u2018\u2019]|[\u201c\u201d][^\u201c\u201d]*[\u201c\u201d])
    |\$\{\s*(?P<reference>[A-Za-z_][\w.-]*)\s*\}
    |(?P<name>[A-Za-z][\w-]*)
    |(?P<operator><=|>=|!=|[=<>+*,()-])
    |(?P<dot>\.(?![.\d]))
    """,
    re.VERBOSE | re.ASCII,
)
_BLANK: Final = re.compile(r"\s*")

FAULTS: Final[Mapping[str, frozenset[str]]] = {
    "empty": frozenset(),
    "too_long": frozenset({"max"}),
    "too_deep": frozenset({"max"}),
    "unknown_character": frozenset({"found"}),
    "unclosed_string": frozenset(),
    "unexpected": frozenset({"found"}),
    "unexpected_end": frozenset(),
    "missing_parenthesis": frozenset(),
    "unknown_function": frozenset({"found", "near"}),
    "wrong_argument_count": frozenset({"found", "expected"}),
    "bad_pattern": frozenset({"found"}),
    "pattern_not_literal": frozenset(),
}
"""Every fault of an expression with the names of its facts. `near` is what was probably meant, or ''."""


@dataclass(frozen=True, slots=True)
class SyntaxIssue:
    """One fault of an expression. `position` is the character it is about, counted from 1."""

    code: str
    position: int
    facts: Mapping[str, str] = field(default_factory=dict)


class ExpressionError(ValueError):
    """An expression that cannot be compiled.

    `faults` are all that were found, `references` the names it reads as far as it was understood.
    """

    def __init__(self, *faults: SyntaxIssue, references: Iterable[str] = ()) -> None:
        super().__init__(", ".join(f"{fault.code} at {fault.position}" for fault in faults))
        self.faults = faults
        self.references = frozenset(references)


@dataclass(frozen=True, slots=True)
class Token:
    """One token. `text` is its meaning: a string without its quotes, a reference without its braces."""

    kind: TokenKind
    text: str
    position: int


def tokens(source: str) -> Iterator[Token]:
    """Split an expression into tokens; the last is of kind `end`.

    Curly quotes count as quotes: spreadsheets insert them unasked.

    Raises:
        ExpressionError: it is too long, a character fits nowhere, or a string has no end.
    """
    if len(source) > LONGEST:
        raise ExpressionError(SyntaxIssue("too_long", LONGEST, {"max": str(LONGEST)}))
    place = _after_blank(source, 0)
    while place < len(source):
        match = _TOKEN.match(source, place)
        if not match or not match.lastgroup:
            raise ExpressionError(_misfit(source, place))
        text = match[match.lastgroup]
        kind: TokenKind = match.lastgroup  # type: ignore[assignment]  # the groups are named by kinds
        yield Token(kind, text[1:-1] if kind == "string" else text, place + 1)
        place = _after_blank(source, match.end())
    yield Token("end", "", place + 1)


def _after_blank(source: str, place: int) -> int:
    match = _BLANK.match(source, place)
    return match.end() if match else place


def _misfit(source: str, place: int) -> SyntaxIssue:
    if source[place] in "'\"\u2018\u2019\u201c\u201d":
        return SyntaxIssue("unclosed_string", place + 1)
    found = source[place:].partition("}")[0] + "}" if source[place] == "$" else source[place]
    return SyntaxIssue("unknown_character", place + 1, {"found": found[:40]})
