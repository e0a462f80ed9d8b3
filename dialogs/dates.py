"""Days and hours as people say them: `6 de diciembre`, `yesterday`, `7 de la tarde`. Each language brings its words."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Final

from dialogs.fuzzy_match import folded, nearest
from dialogs.lang import Vocabulary, rules_of, vocabulary_of
from dialogs.lang.rules import ClockWords, DateWords, DayPart
from dialogs.numerals import in_digits

LONGEST: Final = 60
"""Maximum length in characters in which a day or an hour is looked for; longer words tell something else."""

_EARLIEST, _LATEST = 1900, 2100
_NEAR_DAYS: Final = 60
"""A day without a year is the one nearest to today within this many days, else the one of this year."""


@dataclass(frozen=True, slots=True)
class SpokenDate:
    """A day or hour found in words, as it is stored: `2026-12-06`, `19:30`. Unless `sure`, it has to be confirmed."""

    value: str
    sure: bool


_MOST_DAYS: Final = 1000
_MOST_WORDS: Final = 9
_LONG_MONTH: Final = 5
"""Number of letters from which a month is recognised in spite of a slip."""
_YEAR_FIRST: Final = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})", re.ASCII)
_AN_HOUR: Final = re.compile(r"(?<![\d.:/-])\d{1,2}:\d{2}(?!\d)(?:\s*[ap]\.?\s?m\b\.?)?", re.ASCII | re.IGNORECASE)
_PARTS: Final = re.compile(r"(\d{1,2})\s*[-/.]\s*(\d{1,2})(?:\s*[-/.]\s*(\d{4}|\d{2}))?", re.ASCII)


def day(words: str, language: str, today: date, *, ahead: bool = False) -> SpokenDate | None:
    """Find the day that words say, or None; an hour said with it is left out.

    `today` is the date in the person's zone. With `ahead`, a day without its year or month is the next one to come.
    """
    text = words.strip()
    if len(text) > LONGEST:
        return None
    text = _AN_HOUR.sub(" ", text).strip() or text
    if found := _YEAR_FIRST.fullmatch(text):
        return _day(int(found[1]), int(found[2]), int(found[3]))
    if found := _PARTS.fullmatch(text):
        return _in_parts(int(found[1]), int(found[2]), found[3], language, _Nearby(today, ahead=ahead))
    vocabulary = vocabulary_of(language)
    tokens = _without_hour(in_digits(folded(text).split(), language), vocabulary)
    dates = vocabulary.dates
    bare = " ".join(token for token in tokens if token not in dates.fillers)
    for said in (" ".join(tokens), bare):
        if said in dates.days:
            return SpokenDate((today + timedelta(days=dates.days[said])).isoformat(), sure=True)
    return _counted_off(tokens, vocabulary, today) or _named(tokens, dates, _Nearby(today, ahead=ahead))


@dataclass(frozen=True, slots=True)
class _Nearby:
    """The day near which others are looked for: around it, or only `ahead` of it."""

    today: date
    ahead: bool = False


def _without_hour(tokens: list[str], vocabulary: Vocabulary) -> list[str]:
    """Leave out an hour that stands with a day: `viernes a las 5 de la tarde`, `Friday at 5 pm`."""
    hours = vocabulary.clock
    goes_on = (
        hours.fillers | hours.joins | hours.units | vocabulary.moments.of | {"am", "pm", *hours.parts, *hours.minutes}
    )
    for place in range(len(tokens)):
        for phrase in vocabulary.moments.at:
            size = len(phrase.split())
            after = place + size
            if " ".join(tokens[place:after]) != phrase or not tokens[after : after + 1] or not tokens[after].isdigit():
                continue
            end = after + 1
            while end < len(tokens) and (tokens[end] in goes_on or (tokens[end].isdigit() and end == after + 1)):
                end += 1
            return tokens[:place] + tokens[end:] or tokens
    return tokens


def _day(year: int, month: int, number: int, *, sure: bool = True) -> SpokenDate | None:
    if not _EARLIEST <= year <= _LATEST:
        return None
    try:
        return SpokenDate(date(year, month, number).isoformat(), sure)
    except ValueError:
        return None


def _in_parts(one: int, other: int, year: str | None, language: str, near: _Nearby) -> SpokenDate | None:
    """Read `6/12`: the day first, unless only the other order fits; if the language has the month first, a guess."""
    month_first = rules_of(language).dates.month_first
    for number, month, sure in ((one, other, not month_first or one > 12 or one == other), (other, one, month_first)):  # noqa: PLR2004  the number of months
        if 1 <= month <= 12:  # noqa: PLR2004  the number of months
            return _in_year(_year(year, near.today), month, number, near, sure=sure)
    return None


def _year(written: str | None, today: date) -> int | None:
    if written is None or len(written) > 2:  # noqa: PLR2004  the digits of a year
        return int(written) if written else None
    latest = today.year + 10
    return latest - (latest - int(written)) % 100


def _in_year(year: int | None, month: int, number: int, near: _Nearby, *, sure: bool) -> SpokenDate | None:
    """Return the day in its year; without one, the nearest to today if that is near, else this year's."""
    today = near.today
    if year is not None:
        return _day(year, month, number, sure=sure)
    if near.ahead:
        coming = (_day(each, month, number, sure=sure) for each in range(today.year, today.year + 5))
        return next((found for found in coming if found and found.value >= today.isoformat()), None)
    for each in (today.year, today.year - 1, today.year + 1):
        found = _day(each, month, number, sure=sure)
        if found and abs((date.fromisoformat(found.value) - today).days) <= _NEAR_DAYS:
            return found
    return _day(today.year, month, number, sure=sure)


def _counted_off(tokens: Sequence[str], vocabulary: Vocabulary, today: date) -> SpokenDate | None:
    """Read `hace 3 dias`, `3 days ago`, `en 1 semana`, `in 2 weeks`."""
    dates = vocabulary.dates
    either = dates.ago | dates.ahead
    around = {tokens[0], tokens[-1]} & either if tokens else set()
    inner = [token for token in tokens if token not in either]
    if not around or len(inner) != 2 or inner[1] not in dates.units:  # noqa: PLR2004  a number and its unit
        return None
    many = 1 if inner[0] in vocabulary.numbers.articles else _whole(inner[0], dates)
    if many is None or many > _MOST_DAYS:
        return None
    days = many * dates.units[inner[1]] * (-1 if around & dates.ago else 1)
    return SpokenDate((today + timedelta(days=days)).isoformat(), sure=dates.units[inner[1]] == 1)


@cache
def _ordinal(endings: frozenset[str]) -> re.Pattern[str]:
    return re.compile(rf"(\d{{1,2}})(?:{'|'.join(sorted(endings))})", re.ASCII)


def _whole(token: str, dates: DateWords) -> int | None:
    ordinal = _ordinal(dates.ordinal_endings).fullmatch(token)
    digits = ordinal[1] if ordinal else token
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= len(str(_LATEST)) else None


def _named(tokens: Sequence[str], dates: DateWords, near: _Nearby) -> SpokenDate | None:
    """Read a day by its month, its weekday or its number alone."""
    if len(tokens) > _MOST_WORDS:
        return None
    numbers: list[int] = []
    months: list[int] = []
    weekdays: list[int] = []
    shift, sure = 0, True
    for token in tokens:
        if token in dates.months:
            months.append(dates.months[token])
        elif token in dates.weekdays:
            weekdays.append(dates.weekdays[token])
        elif token in dates.former or token in dates.coming:
            shift = -1 if token in dates.former else 1
        elif token in dates.first:
            numbers.append(1)
        elif (number := _whole(token, dates)) is not None:
            numbers.append(number)
        elif token not in dates.fillers:
            sure = False
            if month := nearest(token, (each for each in dates.months if len(each) >= _LONG_MONTH)):
                months.append(dates.months[month])
    return _put_together(numbers, months, weekdays, shift, near, sure=sure)


def _put_together(
    numbers: list[int], months: list[int], weekdays: list[int], shift: int, near: _Nearby, *, sure: bool
) -> SpokenDate | None:
    today = near.today
    years = [number for number in numbers if number >= _EARLIEST]
    days = [number for number in numbers if number < _EARLIEST]
    if any(len(each) > 1 for each in (years, days, months, weekdays)):
        return None
    year, number, month, weekday = (next(iter(each), None) for each in (years, days, months, weekdays))
    if month and number is not None:
        found = _in_year(year, month, number, near, sure=sure)
        if found and weekday and date.fromisoformat(found.value).isoweekday() != weekday:
            return SpokenDate(found.value, sure=False)
        return found
    if weekday and number is None and not month:
        ahead = (weekday - today.isoweekday() - 1) % 7 + 1
        behind = ahead - 7 or -7
        found_day = today + timedelta(days=behind if shift < 0 else ahead)
        return SpokenDate(found_day.isoformat(), sure=sure and shift != 0)
    if number is not None and not month:
        next_month = (today.replace(day=28) + timedelta(days=4)).replace(day=1)
        this = next_month if near.ahead and number < today.day else today
        return _day(this.year, this.month, number, sure=False)
    return None


# hours

_NOON, _DAY_HOURS = 12, 24
_HALF: Final = re.compile(r"(\d|\b)\s*([ap])\.?\s?m\b\.?", re.IGNORECASE)
_HALVES: Final[Mapping[str, DayPart]] = {"am": "morning", "pm": "afternoon"}
"""The halves of a day as clocks write them everywhere."""


def clock(words: str, language: str) -> SpokenDate | None:
    """Find the hour that words say, or None. Without a part of the day, an hour up to twelve is a guess."""
    text = words.strip()
    if len(text) > LONGEST:
        return None
    hours = vocabulary_of(language).clock
    if text.casefold() in hours.midnight:
        return SpokenDate("00:00", sure=True)
    if folded(text) in hours.noon:
        return SpokenDate("12:00", sure=True)
    if (found := _in_digits(hours.units).fullmatch(text)) and (found[2] or int(found[1]) > _NOON):
        # A leading zero, or an hour after noon, is how a 24-hour clock writes.
        exact = found[1].startswith("0") or int(found[1]) > _NOON
        return _clock(int(found[1]), int(found[2] or 0), None, sure=exact)
    return _spoken_clock(text, hours, language)


@cache
def _in_digits(units: frozenset[str]) -> re.Pattern[str]:
    """Return the pattern of an hour in digits: `7`, `19:30`, `7 h`."""
    named = "|".join(sorted(units, key=len, reverse=True))
    return re.compile(rf"(\d{{1,2}})\s*(?:[:.h]\s*(\d{{2}}))?\s*(?:{named})?\.?", re.ASCII | re.IGNORECASE)


def _spoken_clock(text: str, hours: ClockWords, language: str) -> SpokenDate | None:
    halved = _HALF.sub(r"\1 \2m ", text)
    tokens = in_digits(folded(re.sub(r"(\d)[:.h](\d\d)", r"\1 \2", halved)).split(), language)
    parts: set[DayPart] = set()
    rest: list[str] = []
    for token in tokens:
        if part := hours.parts.get(token) or _HALVES.get(token):
            parts.add(part)
        elif token not in hours.fillers:
            rest.append(token)
    numbers: list[int] = []
    for token in rest:
        if token in hours.minutes:
            numbers.append(hours.minutes[token])
        elif token.isascii() and token.isdigit():
            numbers.append(int(token))
        elif token not in hours.to and token not in hours.minus and token not in hours.joins:
            return None
    if len(parts) > 1:
        return None
    minus = not hours.minus.isdisjoint(rest)
    before = minus or not hours.to.isdisjoint(rest)
    minutes_first = len(numbers) > 1 and ((before and not minus) or rest[0] in hours.minutes)
    return _arranged(numbers[::-1] if minutes_first else numbers, parts, before=before)


def _arranged(numbers: list[int], parts: set[DayPart], *, before: bool) -> SpokenDate | None:
    """Combine hour and minutes: `7 y media`, `quarter to 8`, `8 menos 15`."""
    if not numbers or len(numbers) > 2:  # noqa: PLR2004  hour and minutes
        return None
    hour, minute = numbers if len(numbers) > 1 else (numbers[0], 0)
    if before and minute:
        hour, minute = hour - 1 or _NOON, 60 - minute
    return _clock(hour, minute, next(iter(parts), None), sure=bool(parts) or hour > _NOON)


def _clock(hour: int, minute: int, part: DayPart | None, *, sure: bool) -> SpokenDate | None:
    """Convert an hour of a twelve-hour clock to a 24-hour one."""
    if part is None and not sure:
        # "7:30" alone most often means a time at which people are awake.
        hour = hour + _NOON if 1 <= hour <= 6 else hour  # noqa: PLR2004  before seven
    elif part in {"afternoon", "noon", "night"} and hour < _NOON:
        early = part == "night" and hour <= 4  # noqa: PLR2004  the small hours
        sure = sure and not early
        hour = hour if early else hour + _NOON
    elif part in {"morning", "night"} and hour == _NOON:
        hour = 0
    if not 0 <= hour < _DAY_HOURS or not 0 <= minute <= 59:  # noqa: PLR2004  minutes of an hour
        return None
    return SpokenDate(f"{hour:02}:{minute:02}", sure)
