"""The XLSForm expression language of `relevant`, `constraint` and the like, compiled once to closures.

A Pratt parser over the tokens of `tokens`. What it accepts, and what each construct means, is documented in
`docs/adr/0003-own-expression-parser.md`. A compiled expression never raises.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, TypeAlias

from dialogs.functions import FUNCTIONS, Build, signature
from dialogs.fuzzy_match import nearest
from dialogs.operands import (
    ARITHMETIC,
    COMPARISONS,
    Operand,
    Scope,
    as_boolean,
    as_number,
)
from dialogs.tokens import ExpressionError, SyntaxIssue, Token, TokenKind, tokens

Closure: TypeAlias = Callable[[Scope], Operand]

NESTING: Final = 40
"""How deep parentheses and calls may nest: each level costs four Python frames to parse."""

DEEPEST: Final = 200
"""How deep operators may nest, including a long chain of `or`: each costs a Python frame to run."""

_LITERALS: Final[Mapping[TokenKind, Callable[[str], Operand]]] = {"number": as_number, "string": str}
_OR, _AND, _EQUAL, _ORDER, _SUM, _PRODUCT, _SIGN = range(1, 8)
_BINDING: Final = {
    "or": _OR,
    "and": _AND,
    "=": _EQUAL,
    "!=": _EQUAL,
    "<": _ORDER,
    "<=": _ORDER,
    ">": _ORDER,
    ">=": _ORDER,
    "+": _SUM,
    "-": _SUM,
    "*": _PRODUCT,
    "div": _PRODUCT,
    "mod": _PRODUCT,
}


@dataclass(frozen=True, slots=True)
class Expression:
    """A compiled expression.

    `references` are the names it reads; `reads_own` means that it reads `.`; `compared` has each reference that is
    compared with a literal by `=`, `!=` or selected(), with that literal. `constant` means that it reads nothing at
    all, not even the clock.
    """

    source: str
    references: frozenset[str]
    reads_own: bool
    compared: tuple[tuple[str, str], ...]
    constant: bool
    _closure: Closure = field(repr=False)

    def value(self, scope: Scope) -> Operand:
        """Return the value of the expression: text, number or boolean."""
        return self._closure(scope)

    def holds(self, scope: Scope) -> bool:
        """Return whether the expression is true: XPath's boolean() of its value."""
        return as_boolean(self._closure(scope))


@lru_cache(maxsize=4096)
def compiled(source: str) -> Expression:
    """Compile an expression, once.

    Raises:
        ExpressionError: with every fault that was found.
    """
    parser = _Parser(source)
    closure = parser.whole()
    return Expression(
        source=source,
        references=frozenset(parser.references),
        reads_own=parser.reads_own,
        compared=tuple(parser.compared),
        constant=not (parser.references or parser.reads_own or parser.reads_clock),
        _closure=closure,
    )


@dataclass(frozen=True, slots=True)
class _Node:
    """A parsed part: its closure, its depth, and its literal or reference if it is just that."""

    run: Closure
    depth: int = 1
    literal: str | None = None
    reference: str | None = None


class _Parser:
    def __init__(self, source: str) -> None:
        self.tokens = list(tokens(source))
        self.place = 0
        self.depth = 0
        self.faults: list[SyntaxIssue] = []
        self.references: set[str] = set()
        self.reads_own = False
        self.reads_clock = False
        self.compared: list[tuple[str, str]] = []

    def whole(self) -> Closure:
        if self.ended():
            raise ExpressionError(SyntaxIssue("empty", 1))
        try:
            node = self.expression(0)
            self.end()
        except ExpressionError as error:
            raise ExpressionError(*self.faults, *error.faults, references=self.references) from None
        if self.faults:
            raise ExpressionError(*self.faults, references=self.references)
        return node.run

    @property
    def now(self) -> Token:
        return self.tokens[self.place]

    def ended(self) -> bool:
        return self.now.kind == "end"

    def take(self) -> Token:
        token = self.now
        self.place += 1
        return token

    def at(self, text: str) -> bool:
        return self.now.kind == "operator" and self.now.text == text

    def unexpected(self) -> SyntaxIssue:
        if self.now.kind == "end":
            return SyntaxIssue("unexpected_end", self.now.position)
        return SyntaxIssue("unexpected", self.now.position, {"found": self.now.text})

    def expression(self, above: int) -> _Node:
        self.depth += 1
        if self.depth > NESTING:
            raise self.too_deep(self.now, NESTING)
        left = self.operand()
        while (binding := self.binding()) > above:
            operator = self.take()
            left = self.joined(operator, left, self.expression(binding))
            if left.depth > DEEPEST:
                raise self.too_deep(operator, DEEPEST)
        self.depth -= 1
        return left

    def too_deep(self, token: Token, limit: int) -> ExpressionError:
        return ExpressionError(SyntaxIssue("too_deep", token.position, {"max": str(limit)}))

    def binding(self) -> int:
        return _BINDING.get(self.now.text, 0) if self.now.kind in {"operator", "name"} else 0

    def operand(self) -> _Node:
        token = self.take()
        if (meaning := _LITERALS.get(token.kind)) is not None:
            return _literal(token.text, meaning(token.text))
        if token.kind == "reference":
            self.references.add(token.text)
            return _Node(_reader(token.text), reference=token.text)
        if token.kind == "dot":
            self.reads_own = True
            return _Node(lambda scope: scope.own, reference=".")
        if token.kind == "name" and self.at("("):
            return self.call(token)
        if token.kind == "operator" and token.text == "-":
            node = self.expression(_SIGN)
            return _Node(_negated(node.run), node.depth + 1)
        if token.kind == "operator" and token.text == "(":
            node = self.expression(0)
            self.close()
            return node
        self.place -= 1
        raise ExpressionError(self.unexpected())

    def end(self) -> None:
        if not self.ended():
            raise ExpressionError(self.unexpected())

    def close(self) -> None:
        if not self.at(")"):
            raise ExpressionError(
                SyntaxIssue("missing_parenthesis", self.now.position) if self.now.kind == "end" else self.unexpected()
            )
        self.place += 1

    def joined(self, operator: Token, left: _Node, right: _Node) -> _Node:
        depth = max(left.depth, right.depth) + 1
        word = operator.text
        if word in {"=", "!="}:
            self.note_compared(left, right)
        if word in {"=", "!="} and right.literal is not None and _is_word(right.literal):
            return _Node(_against_word(left.run, right.literal, equal=word == "="), depth)
        if word == "or":
            return _Node(_either(left.run, right.run), depth)
        if word == "and":
            return _Node(_both(left.run, right.run), depth)
        return _Node(_operated(COMPARISONS.get(word) or ARITHMETIC[word], left.run, right.run), depth)

    def note_compared(self, one: _Node, other: _Node) -> None:
        for node, against in ((one, other), (other, one)):
            if node.reference and against.literal:
                self.compared.append((node.reference, against.literal))

    def call(self, name: Token) -> _Node:
        self.place += 1
        arguments: list[_Node] = []
        if not self.at(")"):
            arguments.append(self.expression(0))
            while self.at(","):
                self.place += 1
                arguments.append(self.expression(0))
        self.close()
        build = FUNCTIONS.get(name.text)
        if build is None:
            near = nearest(name.text, FUNCTIONS)
            self.faults.append(SyntaxIssue("unknown_function", name.position, {"found": name.text, "near": near}))
            return _Node(_nothing)
        return self.built(name, build, arguments)

    def built(self, name: Token, build: Build, arguments: list[_Node]) -> _Node:
        low, high = signature(name.text)
        if not low <= len(arguments) <= high:
            expected = str(low) if low == high else f"{low}-{high}"
            facts = {"found": str(len(arguments)), "expected": expected}
            self.faults.append(SyntaxIssue("wrong_argument_count", name.position, facts))
            return _Node(_nothing)
        if name.text in {"today", "now"}:
            self.reads_clock = True
        if name.text == "selected":
            self.note_compared(*arguments)
        literals = tuple(argument.literal for argument in arguments)
        try:
            run = build(tuple(argument.run for argument in arguments), literals)
        except ExpressionError as error:
            self.faults += [SyntaxIssue(each.code, name.position, each.facts) for each in error.faults]
            return _Node(_nothing)
        return _Node(run, max((argument.depth for argument in arguments), default=0) + 1)


def _nothing(scope: Scope) -> Operand:  # noqa: ARG001  the shape of a closure
    return ""


def _literal(text: str, value: Operand) -> _Node:
    return _Node(lambda scope: value, literal=text)  # noqa: ARG005  the shape of a closure


def _reader(name: str) -> Closure:
    def run(scope: Scope) -> Operand:
        return scope.values.get(name, "")

    return run


def _negated(inner: Closure) -> Closure:
    return lambda scope: -as_number(inner(scope))


def _either(left: Closure, right: Closure) -> Closure:
    return lambda scope: as_boolean(left(scope)) or as_boolean(right(scope))


def _both(left: Closure, right: Closure) -> Closure:
    return lambda scope: as_boolean(left(scope)) and as_boolean(right(scope))


def _is_word(literal: str) -> bool:
    """Return whether a literal can equal only the same text, because it does not look like a number."""
    return math.isnan(as_number(literal))


def _against_word(left: Closure, literal: str, *, equal: bool) -> Closure:
    """Compare with a word without converting to numbers: this is most of what dialogs do."""

    def run(scope: Scope) -> Operand:
        value = left(scope)
        if isinstance(value, str):
            return (value == literal) is equal
        return COMPARISONS["=" if equal else "!="](value, literal)

    return run


def _operated(operator: Callable[[Operand, Operand], Operand], left: Closure, right: Closure) -> Closure:
    return lambda scope: operator(left(scope), right(scope))
