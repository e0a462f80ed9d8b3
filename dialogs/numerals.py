"""Numbers as people say them: `treinta y cinco`, `about 30`, `dos y medio`. Each language brings its words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from dialogs.fuzzy_match import folded
from dialogs.lang import Vocabulary, vocabulary_of
from dialogs.lang.rules import NumberWords

LONGEST: Final = 60
"""Maximum length in characters in which a number is looked for; longer words tell something else."""


@dataclass(frozen=True, slots=True)
class SpokenNumber:
    """A number found in words. `sure` means that the words are just that number, in the person's own language."""

    number: Decimal
    sure: bool


_WHOLE: Final = re.compile(r"[+-]?\d{1,15}", re.ASCII)
_FRACTION: Final = re.compile(r"[+-]?(?:\d{1,15}[.,]\d{0,9}|[.,]\d{1,9})", re.ASCII)
_GROUPED: Final = re.compile(r"[+-]?\d{1,3}(?:([., ])\d{3})(?:\1\d{3})*", re.ASCII)
_IN_TEXT: Final = re.compile(r"(?<![\d.,])[+-]?\d{1,15}(?:[.,]\d{1,9})*(?!\d)", re.ASCII)


def count(words: str, language: str, *, whole: bool = True) -> SpokenNumber | None:
    """Find the number that words say, or None; with `whole`, fractions do not count.

    Digits alone, and number words of the person's language, are sure. A number with other words around it, grouped in
    thousands or said in another language is a guess.
    """
    text = words.strip().replace("\u2212", "-")
    if len(text) > LONGEST:
        return None
    if _WHOLE.fullmatch(text):
        return SpokenNumber(Decimal(text), sure=True)
    if _GROUPED.fullmatch(text) and (whole or "," in text or " " in text):
        return SpokenNumber(Decimal(re.sub("[., ]", "", text)), sure=False)
    if _FRACTION.fullmatch(text):
        return None if whole else SpokenNumber(Decimal(text.replace(",", ".")), sure=True)
    return _in_words(text, language, whole=whole)


def in_digits(tokens: Sequence[str], language: str) -> list[str]:
    """Replace number words among folded words by digits: `seis de mayo` -> `6 de mayo`."""
    found = list(tokens)
    for words in vocabulary_of(language).number_words:
        place = 0
        while place < len(found):
            if number := _number(words, found, place):
                found[place : number[1]] = [str(number[0])]
            place += 1
    return found


def _in_words(text: str, language: str, *, whole: bool) -> SpokenNumber | None:
    vocabulary, tokens = vocabulary_of(language), folded(text).split()
    for place, words in enumerate(vocabulary.number_words):
        exact = _spelled(words, vocabulary, tokens, whole=whole)
        if exact is not None:
            return SpokenNumber(exact, sure=place == 0)
    if len(tokens) == 1 and tokens[0] in vocabulary.numbers.zero:
        return SpokenNumber(Decimal(0), sure=False)
    if not vocabulary.numbers.not_a_number.isdisjoint(tokens):
        return None
    found = [Decimal(each) for each in _digits(text)]
    for words in vocabulary.number_words if not found else ():
        runs = list(_runs(words, tokens))
        told = [number for number, said in runs if said not in words.articles] or [number for number, _ in runs]
        if told:
            found = [Decimal(number) for number in told]
            break
    if len(found) != 1 or (whole and found[0] % 1):
        return None
    return SpokenNumber(found[0], sure=False)


def _digits(text: str) -> list[str]:
    return [
        re.sub("[., ]", "", each) if _GROUPED.fullmatch(each) else each.replace(",", ".")
        for each in _IN_TEXT.findall(text)
        if _GROUPED.fullmatch(each) or _WHOLE.fullmatch(each) or _FRACTION.fullmatch(each)
    ]


def _spelled(words: NumberWords, vocabulary: Vocabulary, tokens: Sequence[str], *, whole: bool) -> Decimal | None:
    """Read words that are a number and nothing else."""
    found = _number(words, tokens, 0)
    if found and found[1] == len(tokens):
        return Decimal(found[0])
    if whole:
        return None
    if " ".join(tokens) in vocabulary.numbers.halves:
        return Decimal("0.5")
    if not found:
        return None
    number, place = found
    if " ".join(tokens[place:]) in words.and_half:
        return number + Decimal("0.5")
    if tokens[place] in words.point and (digits := _number(words, tokens, place + 1)):
        return Decimal(f"{number}.{digits[0]}") if digits[1] == len(tokens) else None
    return None


def _runs(words: NumberWords, tokens: Sequence[str]) -> Iterator[tuple[int, str]]:
    """Yield each number among the words, with the words that say it."""
    place = 0
    while place < len(tokens):
        found = _number(words, tokens, place)
        if found:
            yield found[0], " ".join(tokens[place : found[1]])
        place = found[1] if found else place + 1


def _number(words: NumberWords, tokens: Sequence[str], place: int) -> tuple[int, int] | None:
    """Read the longest number that begins at a place; return it with the place after it."""
    found = _below_thousand(words, tokens, place)
    number, behind = found or (1, place)
    if _at(tokens, behind) == words.thousand and number:
        number, behind = number * 1000, behind + 1
        rest = _below_thousand(words, tokens, behind + (_at(tokens, behind) in words.after_hundreds))
        if rest and rest[0]:
            number, behind = number + rest[0], rest[1]
        return number, behind
    return found


def _below_thousand(words: NumberWords, tokens: Sequence[str], place: int) -> tuple[int, int] | None:
    start, number = place, 0
    if words.hundred:
        one = _at(tokens, place) == words.hundred or _at(tokens, place) in words.articles
        times = 1 if one else words.small.get(_at(tokens, place))
        at = place if _at(tokens, place) == words.hundred else place + 1
        if times and times < 10 and _at(tokens, at) == words.hundred:  # noqa: PLR2004  a digit
            number, place = 100 * times, at + 1
    elif _at(tokens, place) in words.hundreds:
        number, place = words.hundreds[tokens[place]], place + 1
    if number and _at(tokens, place) in words.after_hundreds and _tail(words, tokens, place + 1):
        place += 1
    rest = _tail(words, tokens, place)
    if rest:
        return number + rest[0], rest[1]
    return (number, place) if place > start else None


def _tail(words: NumberWords, tokens: Sequence[str], place: int) -> tuple[int, int] | None:
    """Read a number below a hundred; return it with the place after it."""
    word = _at(tokens, place)
    if word in words.small:
        return words.small[word], place + 1
    if word not in words.tens:
        return None
    number, place = words.tens[word], place + 1
    at = place + (_at(tokens, place) in words.after_tens)
    digit = words.small.get(_at(tokens, at)) if at > place or not words.after_tens else None
    return (number + digit, at + 1) if digit and digit < 10 else (number, place)  # noqa: PLR2004  a digit


def _at(tokens: Sequence[str], place: int) -> str:
    return tokens[place] if place < len(tokens) else ""
