"""What comes back, as people say it: `cada jueves a las 7`, `cada dos semanas`, `the first Monday of each month`.

As with moments, what is not understood whole is not understood; an hour that may be in the morning or the evening gives
both, to be asked back.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import time
from typing import Final

from dialogs.dates import LONGEST
from dialogs.fuzzy_match import folded
from dialogs.lang import Vocabulary, vocabulary_of
from dialogs.moments import hours_of, said_as
from dialogs.recurrence import LAST, BadRule, Daily, MonthlyByDay, MonthlyByWeekday, Pattern, Weekly

MOST_WORDS: Final = 18
HOURS_A_DAY: Final = 24
MINUTES_AN_HOUR: Final = 60
LEAP_YEAR: Final = 2028
_CLOCK: Final = re.compile(r"(?<![0-9:])([0-9]{1,2})[:.]([0-9]{2})(?![0-9:])", re.ASCII)


@dataclass(frozen=True, slots=True)
class SpokenRhythm:
    """What words may mean.

    Attributes:
        pattern: which days; None where they only said how far apart (`cada dos semanas`).
        apart: how many weeks apart, where no day was said.
        hours: the hours that may be meant, the likeliest first; empty where none was said.
        sure: whether the hour is one beyond doubt.
    """

    pattern: Pattern | None
    apart: int = 1
    hours: tuple[time, ...] = ()
    sure: bool = False


def rhythm(words: str, language: str) -> SpokenRhythm | None:
    """Find what comes back in words, or None; raises BadRule where they name days that nothing can come on."""
    if len(words.strip()) > LONGEST:
        return None
    vocabulary = vocabulary_of(language)
    tokens = said_as(words, language)
    if not 0 < len(tokens) <= MOST_WORDS:
        return None
    for size in range(len(tokens), 0, -1):
        for start in range(len(tokens) - size + 1):
            inner, outer = tokens[start : start + size], tokens[:start] + tokens[start + size :]
            days = _days(inner, vocabulary)
            if days is None:
                continue
            if not outer:
                return days
            if (found := hours_of(outer, language)) is not None:
                return SpokenRhythm(days.pattern, days.apart, found[0], found[1])
    return None


def counts_from_joining(words: str, language: str) -> bool:
    """Return whether words count days from when somebody joined."""
    said = f" {' '.join(said_as(words, language))} "
    return any(f" {phrase} " in said for phrase in vocabulary_of(language).repeats.joining)


def why_none(words: str, language: str) -> str:
    """Return why words that say nothing that comes back cannot, as a code; '' for others.

    An hour or a day that does not exist, or more often than once a day.
    """
    if any(int(hour) >= HOURS_A_DAY or int(minute) >= MINUTES_AN_HOUR for hour, minute in _CLOCK.findall(words)):
        return "no_such_hour"
    if any(f" {phrase} " in f" {folded(words)} " for phrase in vocabulary_of(language).repeats.within_a_day):
        return "too_often"
    tokens, months = said_as(words, language), vocabulary_of(language).dates.months
    longest = [monthrange(LEAP_YEAR, months[token])[1] for token in tokens if token in months]
    numbers = [int(token) for token in tokens if token.isascii() and token.isdigit()]
    return "no_such_day" if longest and numbers and numbers[0] > longest[0] else ""


def _days(tokens: Sequence[str], vocabulary: Vocabulary) -> SpokenRhythm | None:
    """Read which days; None if there is anything else among the words, or nothing that says that it comes back."""
    every, dates = vocabulary.repeats, vocabulary.dates
    said = " ".join(tokens)
    if said in every.daily:
        return SpokenRhythm(Daily())
    for phrases, apart in ((every.weekly, 1), (every.fortnightly, 2)):
        if said in phrases:
            return SpokenRhythm(None, apart)
    if any(said == phrase for phrase in every.last_day):
        return SpokenRhythm(MonthlyByDay(LAST))
    rest = [token for token in tokens if token not in dates.fillers | dates.habits | every.fillers]
    comes_back = any(token in every.each for token in tokens)
    monthly = any(token in every.month for token in tokens)
    inner = [token for token in rest if token not in every.each]
    if monthly and comes_back:
        return _monthly([token for token in inner if token not in every.month], vocabulary)
    habit = any(
        token in every.plural_days or (token in dates.weekdays and before in every.habit)
        for before, token in zip(("", *tokens), tokens, strict=False)
    )
    return _weekly(inner, vocabulary) if comes_back or habit else None


def _monthly(tokens: Sequence[str], vocabulary: Vocabulary) -> SpokenRhythm | None:
    """Read `el primer lunes de cada mes`, `el 15 de cada mes`."""
    every = vocabulary.repeats
    places = [every.places[token] for token in tokens if token in every.places]
    weekdays = [day for token in tokens if (day := _weekday(token, vocabulary)) is not None]
    numbers = [number for token in tokens if (number := _number(token, vocabulary)) is not None]
    if len(places) + len(weekdays) + len(numbers) != len(tokens):
        return None
    if len(places) == len(weekdays) == 1 and not numbers:
        return SpokenRhythm(MonthlyByWeekday(places[0], weekdays[0]))
    if len(numbers) == len(weekdays) == 1 and not places:  # `the 2nd Tuesday`
        return SpokenRhythm(MonthlyByWeekday(numbers[0], weekdays[0]))
    if len(numbers) == 1 and not weekdays and not places:
        return SpokenRhythm(MonthlyByDay(numbers[0]))
    if places == [1] and not weekdays and not numbers:  # `el primero de cada mes`
        return SpokenRhythm(MonthlyByDay(1))
    return None


def _weekly(tokens: Sequence[str], vocabulary: Vocabulary) -> SpokenRhythm | None:
    """Read `jueves`, `lunes y jueves`, `2 semanas jueves`, `otro martes`."""
    every, apart, rest = vocabulary.repeats, 1, list(tokens)
    if any(token in every.other for token in rest):
        apart, rest = 2, [token for token in rest if token not in every.other]
    if any(token in every.week for token in rest):
        numbers = [int(token) for token in rest if token.isascii() and token.isdigit()]
        if len(numbers) > 1 or (numbers and apart > 1):
            return None
        apart = numbers[0] if numbers else apart
        rest = [token for token in rest if token not in every.week and not token.isdigit()]
    weekdays = [_weekday(token, vocabulary) for token in rest if token not in vocabulary.clock.joins | every.joins]
    if any(day is None for day in weekdays):
        return None
    if not weekdays:
        if apart < 1:
            raise BadRule("too_often")
        return SpokenRhythm(None, apart) if any(token in every.week for token in tokens) else None
    return SpokenRhythm(Weekly(tuple(sorted({day for day in weekdays if day is not None})), apart))


def _weekday(token: str, vocabulary: Vocabulary) -> int | None:
    found = vocabulary.repeats.plural_days.get(token) or vocabulary.dates.weekdays.get(token)
    return None if found is None else found - 1


def _number(token: str, vocabulary: Vocabulary) -> int | None:
    for ending in ("", *vocabulary.dates.ordinal_endings):
        digits = token.removesuffix(ending) if ending else token
        if digits.isascii() and digits.isdigit() and len(digits) <= 2 and (not ending or digits != token):  # noqa: PLR2004  a day
            return int(digits)
    return None
