"""Numbers as people say them in Spanish and in English: `treinta y cinco`, `about 30`, `dos y medio`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from dialogs.fuzzy_match import folded
from dialogs.languages import base

LONGEST: Final = 60
"""Characters within which a number that is wrapped in words is looked for; beyond it she is telling something."""


@dataclass(frozen=True, slots=True)
class Counted:
    """A number found in words. `sure` tells that the words are just that number, said in her own language."""

    number: Decimal
    sure: bool


@dataclass(frozen=True, slots=True)
class _Tongue:
    """The number words of a language.

    `small` stand for themselves, `tens` may be followed by a digit (behind `join`), `hundreds` by either;
    `times` are the words that multiply what stands before them.
    """

    small: Mapping[str, int]
    tens: Mapping[str, int]
    hundreds: Mapping[str, int]
    join: frozenset[str]
    hundred: str
    thousand: str
    half: frozenset[str]
    point: frozenset[str]


def _counted(words: str, start: int = 0, step: int = 1) -> dict[str, int]:
    return {word: start + step * place for place, word in enumerate(words.split())}


_SPANISH: Final = _Tongue(
    small={
        **_counted(
            "cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciseis "
            "diecisiete dieciocho diecinueve veinte veintiuno veintidos veintitres veinticuatro veinticinco "
            "veintiseis veintisiete veintiocho veintinueve"
        ),
        "un": 1,
        "una": 1,
        "veintiun": 21,
        "veintiuna": 21,
    },
    tens=_counted("treinta cuarenta cincuenta sesenta setenta ochenta noventa", 30, 10),
    hundreds={
        "cien": 100,
        **_counted(
            "ciento doscientos trescientos cuatrocientos quinientos seiscientos setecientos ochocientos novecientos",
            100,
            100,
        ),
        **_counted(
            "doscientas trescientas cuatrocientas quinientas seiscientas setecientas ochocientas novecientas", 200, 100
        ),
    },
    join=frozenset({"y"}),
    hundred="",
    thousand="mil",
    half=frozenset({"y medio", "y media"}),
    point=frozenset({"punto", "coma"}),
)
_ENGLISH: Final = _Tongue(
    small=_counted(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
        "seventeen eighteen nineteen"
    ),
    tens=_counted("twenty thirty forty fifty sixty seventy eighty ninety", 20, 10),
    hundreds={},
    join=frozenset({"and"}),
    hundred="hundred",
    thousand="thousand",
    half=frozenset({"and a half"}),
    point=frozenset({"point"}),
)

_HALVES: Final = frozenset({"medio", "media", "half", "a half"})
_NONE: Final = frozenset({"ninguno", "ninguna", "ningun", "nada", "nadie", "none", "nobody", "nothing"})
_NOT: Final = frozenset({"no", "ni", "not", "nor"})
_ARTICLES: Final = frozenset({"un", "una"})
_WHOLE: Final = re.compile(r"[+-]?\d{1,15}", re.ASCII)
_FRACTION: Final = re.compile(r"[+-]?(?:\d{1,15}[.,]\d{0,9}|[.,]\d{1,9})", re.ASCII)
_GROUPED: Final = re.compile(r"[+-]?\d{1,3}(?:([., ])\d{3})(?:\1\d{3})*", re.ASCII)
_IN_TEXT: Final = re.compile(r"(?<![\d.,])[+-]?\d{1,15}(?:[.,]\d{1,9})*(?!\d)", re.ASCII)


def count(words: str, language: str, *, whole: bool = True) -> Counted | None:
    """Find the number that words say, or None; with `whole`, fractions are none.

    Digits alone, and number words of her language, are sure. What has other words around it, is grouped in
    thousands or said in the other language is a guess.
    """
    text = words.strip().replace("\u2212", "-")
    if len(text) > LONGEST:
        return None
    if _WHOLE.fullmatch(text):
        return Counted(Decimal(text), sure=True)
    if _GROUPED.fullmatch(text) and (whole or "," in text or " " in text):
        return Counted(Decimal(re.sub("[., ]", "", text)), sure=False)
    if _FRACTION.fullmatch(text):
        return None if whole else Counted(Decimal(text.replace(",", ".")), sure=True)
    return _in_words(text, language, whole=whole)


def in_digits(tokens: Sequence[str], language: str) -> list[str]:
    """Write the number words among folded words in digits: `seis de mayo` -> `6 de mayo`."""
    found = list(tokens)
    for tongue in _tongues(language):
        place = 0
        while place < len(found):
            if number := _number(tongue, found, place):
                found[place : number[1]] = [str(number[0])]
            place += 1
    return found


def _tongues(language: str) -> tuple[_Tongue, _Tongue]:
    return (_ENGLISH, _SPANISH) if base(language) == "en" else (_SPANISH, _ENGLISH)


def _in_words(text: str, language: str, *, whole: bool) -> Counted | None:
    tokens = folded(text).split()
    for place, tongue in enumerate(_tongues(language)):
        exact = _spelled(tongue, tokens, whole=whole)
        if exact is not None:
            return Counted(exact, sure=place == 0)
    if len(tokens) == 1 and tokens[0] in _NONE:
        return Counted(Decimal(0), sure=False)
    if not _NOT.isdisjoint(tokens):
        return None
    found = [Decimal(each) for each in _digits(text)]
    for tongue in _tongues(language) if not found else ():
        runs = list(_runs(tongue, tokens))
        told = [number for number, said in runs if said not in _ARTICLES] or [number for number, _ in runs]
        if told:
            found = [Decimal(number) for number in told]
            break
    if len(found) != 1 or (whole and found[0] % 1):
        return None
    return Counted(found[0], sure=False)


def _digits(text: str) -> list[str]:
    return [
        re.sub("[., ]", "", each) if _GROUPED.fullmatch(each) else each.replace(",", ".")
        for each in _IN_TEXT.findall(text)
        if _GROUPED.fullmatch(each) or _WHOLE.fullmatch(each) or _FRACTION.fullmatch(each)
    ]


def _spelled(tongue: _Tongue, tokens: Sequence[str], *, whole: bool) -> Decimal | None:
    """Read words that are a number and nothing else."""
    found = _number(tongue, tokens, 0)
    if found and found[1] == len(tokens):
        return Decimal(found[0])
    if whole:
        return None
    if " ".join(tokens) in _HALVES:
        return Decimal("0.5")
    if not found:
        return None
    number, place = found
    if " ".join(tokens[place:]) in tongue.half:
        return number + Decimal("0.5")
    if tokens[place] in tongue.point and (digits := _number(tongue, tokens, place + 1)):
        return Decimal(f"{number}.{digits[0]}") if digits[1] == len(tokens) else None
    return None


def _runs(tongue: _Tongue, tokens: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Give each number among the words, with the words that say it."""
    place = 0
    while place < len(tokens):
        found = _number(tongue, tokens, place)
        if found:
            yield found[0], " ".join(tokens[place : found[1]])
        place = found[1] if found else place + 1


def _number(tongue: _Tongue, tokens: Sequence[str], place: int) -> tuple[int, int] | None:
    """Read the longest number that begins at a place; with it, the place behind it."""
    found = _below_thousand(tongue, tokens, place)
    number, behind = found or (1, place)
    if _at(tokens, behind) == tongue.thousand and number:
        number, behind = number * 1000, behind + 1
        rest = _below_thousand(tongue, tokens, behind + (tongue is _ENGLISH and _at(tokens, behind) in tongue.join))
        if rest and rest[0]:
            number, behind = number + rest[0], rest[1]
        return number, behind
    return found


def _below_thousand(tongue: _Tongue, tokens: Sequence[str], place: int) -> tuple[int, int] | None:
    start, number = place, 0
    if tongue.hundred:
        times = 1 if _at(tokens, place) in {"a", tongue.hundred} else tongue.small.get(_at(tokens, place), 0)
        at = place if _at(tokens, place) == tongue.hundred else place + 1
        if 0 < times < 10 and _at(tokens, at) == tongue.hundred:  # noqa: PLR2004  a digit
            number, place = 100 * times, at + 1
            if _at(tokens, place) in tongue.join and _tail(tongue, tokens, place + 1):
                place += 1
    elif _at(tokens, place) in tongue.hundreds:
        number, place = tongue.hundreds[tokens[place]], place + 1
    rest = _tail(tongue, tokens, place)
    if rest:
        return number + rest[0], rest[1]
    return (number, place) if place > start else None


def _tail(tongue: _Tongue, tokens: Sequence[str], place: int) -> tuple[int, int] | None:
    """Read a number below a hundred."""
    word = _at(tokens, place)
    if word in tongue.small:
        return tongue.small[word], place + 1
    if word not in tongue.tens:
        return None
    number, place = tongue.tens[word], place + 1
    at = place + 1 if _at(tokens, place) in tongue.join and tongue is _SPANISH else place
    digit = tongue.small.get(_at(tokens, at), 0) if at > place or tongue is _ENGLISH else 0
    return (number + digit, at + 1) if 0 < digit < 10 else (number, place)  # noqa: PLR2004  a digit


def _at(tokens: Sequence[str], place: int) -> str:
    return tokens[place] if place < len(tokens) else ""
