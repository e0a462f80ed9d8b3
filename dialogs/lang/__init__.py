"""The languages a person may speak here, one file each, in the order in which words are looked up.

What somebody says is understood in every one of them, their own language first: people mix languages, and they borrow
each other's phones.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any, Final, TypeVar

from dialogs.lang import en, es
from dialogs.lang.rules import (
    ClockWords,
    DangerPhrase,
    DangerTable,
    DateWords,
    ExposureTable,
    LanguageRules,
    MomentWords,
    NumberWords,
    PromiseTable,
    Register,
    RepeatWords,
    Shape,
)

__all__ = [
    "CONJUNCTIONS",
    "INTERNATIONAL",
    "NO",
    "NONE_OF_THESE",
    "RULES",
    "YES",
    "DangerPhrase",
    "DangerTable",
    "ExposureTable",
    "LanguageRules",
    "PromiseTable",
    "Register",
    "Shape",
    "Vocabulary",
    "rules_of",
    "vocabulary_of",
]

RULES: Final[tuple[LanguageRules, ...]] = (es.RULES, en.RULES)
"""Every language, the product's own first. A new one is a file beside these, added here."""

INTERNATIONAL: Final = en.RULES.tag
"""The language for a browser or program that speaks none of these."""

YES: Final = frozenset[str]().union(*(each.yes for each in RULES))
NO: Final = frozenset[str]().union(*(each.no for each in RULES))
NONE_OF_THESE: Final = frozenset[str]().union(*(each.none_of_these for each in RULES))
CONJUNCTIONS: Final = frozenset[str]().union(*(each.conjunctions for each in RULES))


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The words by which a speaker of one language is understood: those of every language, their own first.

    Numbers are read language by language, because what may follow what differs; `number_words` are their tables, the
    own first, and `numbers` is all of them merged.
    """

    number_words: tuple[NumberWords, ...]
    numbers: NumberWords
    dates: DateWords
    clock: ClockWords
    moments: MomentWords
    repeats: RepeatWords


def rules_of(tag: str) -> LanguageRules:
    """Return the rules of a language, whatever its register or place; for a language without rules, the first ones."""
    return _BY_TAG.get(tag.partition("-")[0], RULES[0])


def vocabulary_of(tag: str) -> Vocabulary:
    """Return the vocabulary by which a speaker of a language is understood."""
    return _VOCABULARIES[rules_of(tag).tag]


_Table = TypeVar("_Table")


def _merged(tables: Iterable[_Table]) -> _Table:
    """Merge tables; where they differ, the first wins."""
    first, *rest = tables
    found: dict[str, Any] = {}
    for field in fields(first):  # type: ignore[arg-type]  # every table is a dataclass
        values = [getattr(each, field.name) for each in (first, *rest)]
        if isinstance(values[0], Mapping):
            found[field.name] = {word: meaning for each in reversed(values) for word, meaning in each.items()}
        elif isinstance(values[0], frozenset):
            found[field.name] = frozenset[str]().union(*values)
        else:
            found[field.name] = values[0]
    return type(first)(**found)


def _vocabulary(own: LanguageRules) -> Vocabulary:
    ordered = (own, *(each for each in RULES if each is not own))
    return Vocabulary(
        tuple(each.numbers for each in ordered),
        _merged(each.numbers for each in ordered),
        _merged(each.dates for each in ordered),
        _merged(each.clock for each in ordered),
        _merged(each.moments for each in ordered),
        _merged(each.repeats for each in ordered),
    )


_BY_TAG: Final = {each.tag: each for each in RULES}
_VOCABULARIES: Final = {each.tag: _vocabulary(each) for each in RULES}
