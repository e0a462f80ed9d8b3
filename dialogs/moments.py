"""Moments to come as people say them: `el viernes a las 5`, `mañana en la tarde`, `4 de diciembre 17:30`, `in 2 hours`.

What words may mean is found exactly, by taking apart folded words into a day and an hour; whatever is not understood
whole is not understood. What may mean several moments gives all of them, the likeliest first, to be asked back.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import Final

from dialogs.dates import LONGEST, SpokenDate, clock
from dialogs.lang import Vocabulary, rules_of, vocabulary_of
from dialogs.lang.rules import DayPart
from dialogs.numerals import in_digits

MOST: Final = 4
"""The most moments that one phrase is asked back as."""
MOST_WORDS: Final = 14
FAR: Final = timedelta(days=300)
"""A day without a year that is so far away is asked back: it may have been the one just past."""
A_DAY: Final = timedelta(days=1)
A_WEEK: Final = 7
NOON: Final = 12
AHEAD: Final = "ahead"
"""What phrases behind a span are rewritten to: `3 days from now`."""
HOURS: Final[dict[DayPart, tuple[int, ...]]] = {
    "morning": (9, 8, 10),
    "noon": (12, 13),
    "afternoon": (17, 16, 18),
    "night": (19, 20, 21),
}
"""The hours offered for a part of a day, the likeliest first."""

_TOKEN: Final = re.compile(
    r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}|\d{1,2}[:.h]\d{2}(?!\d)|\d{1,2}[-/]\d{1,2}|[a-z0-9]+",
    re.ASCII,
)
_HALF: Final = re.compile(r"\b([ap])\.?\s?m\b\.?", re.ASCII)
_GLUED: Final = re.compile(r"(\d)(am|pm|hrs|hr|h|a|p)\b", re.ASCII)
_YEAR_FIRST: Final = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})", re.ASCII)
_PARTS: Final = re.compile(r"(\d{1,2})[-/.](\d{1,2})(?:[-/.](\d{2,4}))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class SpokenMoments:
    """What words may mean, in the wall time of wherever it is.

    Attributes:
        moments: the moments to come that may be meant, the likeliest first; empty where no hour was said.
        days: the days that may be meant where no hour was said.
        sure: whether it is one moment beyond doubt.
        past: whether everything that may be meant is over.
    """

    moments: tuple[datetime, ...] = ()
    days: tuple[date, ...] = ()
    sure: bool = False
    past: bool = False


@dataclass(frozen=True, slots=True)
class _Days:
    days: tuple[date, ...]
    sure: bool = True
    again: bool = False
    """Whether the same comes again after a week: a weekday."""


@dataclass(frozen=True, slots=True)
class _Times:
    times: tuple[time, ...]
    sure: bool = True


def upcoming(words: str, language: str, now: datetime) -> SpokenMoments | None:
    """Find the moments to come that words may mean, or None. `now` is the wall time where they are meant."""
    if len(words.strip()) > LONGEST:
        return None
    vocabulary = vocabulary_of(language)
    tokens = _tokens(words, language, vocabulary)
    if not 0 < len(tokens) <= MOST_WORDS:
        return None
    now = now.replace(second=0, microsecond=0, tzinfo=None)
    said = " ".join(tokens)
    if said in vocabulary.moments.now:
        return SpokenMoments((now,), sure=True)
    if (span := _span(tokens, vocabulary)) is not None:
        return SpokenMoments((now + span,), sure=True)
    found = list(_taken_apart(tokens, language, vocabulary, now))
    return _merged(found) if found else None


def said_as(words: str, language: str) -> list[str]:
    """Return words folded, with number words as digits and phrases that mean other words rewritten."""
    return _tokens(words, language, vocabulary_of(language))


def hours_of(tokens: list[str], language: str) -> tuple[tuple[time, ...], bool] | None:
    """Return the hours that words of `said_as` may mean, and whether it is one beyond doubt; None for other words."""
    found = _times(tokens, language, vocabulary_of(language))
    return None if found is None else (found.times, found.sure)


def _tokens(words: str, language: str, vocabulary: Vocabulary) -> list[str]:
    """Return folded words, with number words as digits and phrases that mean other words rewritten."""
    plain = unicodedata.normalize("NFKD", words.strip().casefold())
    plain = (
        "".join(letter for letter in plain if not unicodedata.combining(letter))
        .replace("'", " ")
        .replace("\u2019", " ")
    )
    plain = re.sub(r"(\d)t(\d)", r"\1 \2", plain)
    plain = _GLUED.sub(lambda found: f"{found[1]} {_unglued(found[2])}", _HALF.sub(r" \1m ", plain))
    said = f" {' '.join(in_digits(_TOKEN.findall(plain), language))} "
    for phrase in _longest_first(tuple(vocabulary.moments.rewrites)):
        said = said.replace(f" {phrase} ", f" {vocabulary.moments.rewrites[phrase]} ")
    return said.split()


def _unglued(unit: str) -> str:
    return f"{unit}m" if unit in {"a", "p"} else unit


@cache
def _longest_first(phrases: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted(phrases, key=len, reverse=True))


def _span(tokens: Sequence[str], vocabulary: Vocabulary) -> timedelta | None:
    """Read `en 2 horas`, `in half an hour`, `30 minutes from now`."""
    spans, ahead = vocabulary.moments.spans, vocabulary.dates.ahead | {AHEAD}
    inner = [token for token in tokens if token not in ahead]
    if len(inner) == len(tokens) or inner == [] or not any(token in spans for token in inner):
        return None
    minutes, number = 0, 0
    for token in inner:
        if token.isdigit():
            number = int(token)
        elif token in vocabulary.moments.half:
            number, minutes = (0, minutes + 30)
        elif token in spans:
            minutes += (number or not minutes) * spans[token]  # `en hora y media` is one hour and a half
            number = 0
        elif token not in vocabulary.clock.joins and token not in vocabulary.numbers.articles:
            return None
    return timedelta(minutes=minutes) if 0 < minutes <= A_WEEK * 24 * 60 and not number else None


def _taken_apart(tokens: list[str], language: str, vocabulary: Vocabulary, now: datetime) -> Iterator[SpokenMoments]:
    """Yield every way in which the words are a day, an hour, or both: the day stands together, the hour around it."""
    size = len(tokens)
    whole = _days(tokens, language, vocabulary, now.date())
    if whole is not None and whole.sure:
        yield _joined(whole, _Times(()), now)
        return
    certain: list[tuple[int, int]] = []
    for length in range(size, -1, -1):
        for start in range(size - length + 1):
            if length == 0 and start:
                continue
            inner, outer = tokens[start : start + length], tokens[:start] + tokens[start + length :]
            following = tokens[start + length] if inner and start + length < size else ""
            if inner and inner[-1].isdigit() and _of_hour(following, vocabulary):
                continue
            if any(first <= start and start + length <= last for first, last in certain):
                continue  # a part of a day that is sure with more words
            days = _days(inner, language, vocabulary, now.date()) if inner else _Days(())
            times = _times(outer, language, vocabulary) if outer else _Times(())
            if days is not None and times is not None and (days.days or times.times):
                if inner and days.sure:
                    certain.append((start, start + length))
                yield _joined(days, times, now)


def _of_hour(token: str, vocabulary: Vocabulary) -> bool:
    """Return whether the number before this word is an hour: `5 de la tarde`, `5 pm`."""
    return token in vocabulary.moments.of or token in vocabulary.clock.parts or token in {"am", "pm"}


def _merged(found: list[SpokenMoments]) -> SpokenMoments:
    """Return all that was found as one: with an hour before without, and sure only where nothing else is meant."""
    whole = [each for each in found if each.moments]
    if whole:
        moments = tuple(dict.fromkeys(moment for each in whole for moment in each.moments))
        return SpokenMoments(moments[:MOST], sure=len(moments) == 1 and all(each.sure for each in whole))
    days = tuple(dict.fromkeys(day for each in found for day in each.days))
    return SpokenMoments(days=days[:A_WEEK]) if days else SpokenMoments(past=True)


def _joined(days: _Days, times: _Times, now: datetime) -> SpokenMoments:
    today = now.date()
    if not times.times:
        coming = tuple(day for day in days.days if day >= today)
        if days.again and coming:
            coming = (*coming, coming[0] + timedelta(days=A_WEEK))
        return SpokenMoments(days=coming, past=not coming)
    if not days.days:
        # An hour alone: today where it is still to come, else tomorrow.
        either = [datetime.combine(today, each) for each in times.times]
        found = tuple(moment if moment > now else moment + A_DAY for moment in either)
        return SpokenMoments(found[:MOST], sure=times.sure and len(found) == 1)
    moments, sure = [], days.sure and times.sure
    for each in times.times:
        for day in days.days:
            moment = datetime.combine(day, each)
            if moment > now:
                moments.append(moment)
            if days.again and day == today:
                moments.append(moment + timedelta(days=A_WEEK))
            if each == time(0):  # the midnight at the end of that day is as likely meant as the one that begins it
                moments.append(moment + A_DAY)
                sure = False
    moments = [moment for moment in dict.fromkeys(moments) if moment > now]
    if days.again:
        moments.sort()
    return SpokenMoments(tuple(moments[:MOST]), sure=sure and len(moments) == 1, past=not moments)


# The hour.


def _times(tokens: list[str], language: str, vocabulary: Vocabulary) -> _Times | None:
    """Read an hour, or a part of the day; None if there is anything else among the words."""
    hours, kept = vocabulary.clock, _without_ends(tokens, vocabulary.moments.fillers)
    said = " ".join(kept)
    if not kept or not vocabulary.dates.days.keys().isdisjoint(kept) or AHEAD in kept:
        return None
    at = max((f" {said}".rfind(f" {phrase} ") for phrase in vocabulary.moments.at), default=-1)
    if any(letter.isdigit() for letter in said[: max(at, 0)]):
        return None  # in `4 a las 5` the first number is no hour
    plain = " ".join(token for token in kept if token not in hours.fillers)
    parts = {hours.parts.get(token) or {"am": "morning", "pm": "afternoon"}.get(token) for token in kept} - {None}
    rest = [token for token in kept if token not in hours.parts and token not in {"am", "pm"} | hours.fillers]
    if parts and not rest:
        part = next(iter(parts))
        if len(parts) > 1:
            return None
        times = tuple(time(hour) for hour in HOURS[part])  # type: ignore[index]  # None was taken out
        return _Times(times[:1]) if plain in hours.noon else _Times(times, sure=False)
    found = SpokenDate("00:00", sure=True) if plain in hours.midnight else clock(said, language)
    if found is None:
        return None
    hour = time.fromisoformat(found.value)
    if found.sure:
        return _Times((hour,))
    other = hour.replace(hour=(hour.hour + NOON) % 24)
    return _Times((hour, other) if not parts else (hour,), sure=False)


def _without_ends(tokens: list[str], fillers: frozenset[str]) -> list[str]:
    kept = list(tokens)
    while kept and kept[0] in fillers:
        del kept[0]
    while kept and kept[-1] in fillers:
        del kept[-1]
    return kept


# The day.


def _days(tokens: list[str], language: str, vocabulary: Vocabulary, today: date) -> _Days | None:
    """Read a day to come; None if there is anything else among the words."""
    dates, moments = vocabulary.dates, vocabulary.moments
    said = " ".join(tokens)
    if said in moments.idioms:
        return _Days((today + timedelta(days=moments.idioms[said]),))
    bare = [token for token in tokens if token not in dates.fillers | moments.fillers]
    plain = " ".join(bare)
    for each in (said, plain):
        if each in dates.days:
            return _Days((today + timedelta(days=dates.days[each]),))
    if len(bare) == 1 and (written := _written(bare[0], language, today)) is not None:
        return written
    for phrase in moments.weekend:
        if plain.endswith(phrase) or said.endswith(phrase):
            saturday = today + timedelta(days=(5 - today.weekday()) % A_WEEK)
            return _Days((saturday, saturday + A_DAY), sure=False) if _only(said, phrase, vocabulary) else None
    if any(plain == _bare(phrase, vocabulary) for phrase in moments.month_end):
        return _Days(((today.replace(day=28) + timedelta(days=4)).replace(day=1) - A_DAY,))
    ahead = vocabulary.dates.ahead
    return _counted([each for each in tokens if each in ahead or each in bare], vocabulary, today) or _named(
        tokens, bare, vocabulary, today
    )


def _bare(phrase: str, vocabulary: Vocabulary) -> str:
    fillers = vocabulary.dates.fillers | vocabulary.moments.fillers
    return " ".join(word for word in phrase.split() if word not in fillers)


def _only(said: str, phrase: str, vocabulary: Vocabulary) -> bool:
    fillers = vocabulary.dates.fillers | vocabulary.moments.fillers | vocabulary.dates.coming
    return all(word in fillers for word in said.removesuffix(phrase).split())


def _written(token: str, language: str, today: date) -> _Days | None:
    """Read a day in digits: `2026-12-04`, `4/12`, `4/12/26`."""
    if found := _YEAR_FIRST.fullmatch(token):
        day = _day(int(found[1]), int(found[2]), int(found[3]))
        return None if day is None else _Days((day,))
    if not (found := _PARTS.fullmatch(token)):
        return None
    one, other, year = int(found[1]), int(found[2]), found[3]
    orders = [(one, other), (other, one)]
    if rules_of(language).dates.month_first:
        orders.reverse()
    days = list(dict.fromkeys(day for number, month in orders if (day := _next(number, month, year, today))))
    if not days:
        return None
    if not rules_of(language).dates.month_first:
        days = days[:1]
    return _Days(tuple(days), sure=len(days) == 1 and (year is not None or days[0] - today < FAR))


def _day(year: int, month: int, number: int) -> date | None:
    try:
        return date(year, month, number)
    except ValueError:
        return None


def _next(number: int, month: int, year: str | int | None, today: date) -> date | None:
    """Return a day in its year, or, without one, the next such day from today on."""
    if year is not None:
        whole = int(year) + (2000 if int(year) < 100 else 0)  # noqa: PLR2004  the digits of a year
        return _day(whole, month, number)
    years = range(today.year, today.year + 5)  # 29 February may be years away
    return next((day for each in years if (day := _day(each, month, number)) and day >= today), None)


def _counted(bare: list[str], vocabulary: Vocabulary, today: date) -> _Days | None:
    """Read `en 3 dias`, `in 2 weeks`, `3 days ahead`; weeks stay on the same weekday."""
    dates = vocabulary.dates
    ahead = dates.ahead | {AHEAD}
    inner = [token for token in bare if token not in ahead]
    if len(inner) == len(bare) or len(inner) != 2 or inner[1] not in dates.units:  # noqa: PLR2004  a number and its unit
        return None
    many = 1 if inner[0] in vocabulary.numbers.articles else int(inner[0]) if inner[0].isdigit() else 0
    days = many * dates.units[inner[1]]
    return _Days((today + timedelta(days=days),)) if 0 < days <= 366 else None  # noqa: PLR2004  a year


class _Named:
    """What the words of a day name, gathered word by word."""

    __slots__ = ("coming", "months", "near", "numbers", "ordinal", "week", "weekdays")

    def __init__(self) -> None:
        self.numbers: list[int] = []
        self.months: list[int] = []
        self.weekdays: list[int] = []
        self.near: list[int] = []
        self.coming = self.week = self.ordinal = False

    def take(self, token: str, vocabulary: Vocabulary) -> bool:
        """Take one word; return False if it names nothing of a day."""
        dates = vocabulary.dates
        for names, found in ((dates.months, self.months), (dates.weekdays, self.weekdays), (dates.days, self.near)):
            if token in names:
                found.append(names[token])
                return True
        if token in dates.coming:
            self.coming = True
        elif dates.units.get(token) == A_WEEK:
            self.week = True
        elif (number := _number(token, vocabulary)) is not None or token in dates.first:
            self.numbers.append(number if number is not None else 1)
            self.ordinal = self.ordinal or not token.isdigit()
        else:
            return token in dates.years
        return True

    @property
    def fits(self) -> bool:
        """Whether it names one thing of each kind, and a week only as the coming one."""
        several = any(len(each) > 1 for each in (self.months, self.weekdays, self.near))
        return not several and (self.coming or not self.week)


def _named(tokens: list[str], bare: list[str], vocabulary: Vocabulary, today: date) -> _Days | None:
    """Read a day by its weekday, its number and its month; `next week` is all its days."""
    if not vocabulary.dates.former.isdisjoint(bare):
        return _Days((today - A_DAY,))
    named = _Named()
    if not all(named.take(token, vocabulary) for token in bare) or not named.fits:
        return None
    weekday = named.weekdays[0] if named.weekdays else None
    dated = bool(named.numbers or named.months)
    if named.near or named.week:
        if dated or (named.near and (named.coming or weekday is None)):
            return None
        return _agreed(named.near[0], weekday or 0, today) if named.near else _next_week(weekday, today)
    if dated:
        by_number = named.ordinal or _by_article(tokens, vocabulary)
        return None if named.coming else _dated(named, weekday, today, named=by_number)
    skips = not vocabulary.moments.skips.isdisjoint(bare)
    return _weekday(weekday, today, skips=skips) if weekday is not None else None


def _by_article(tokens: list[str], vocabulary: Vocabulary) -> bool:
    """Return whether a number at the end stands right after an article or its weekday: `el 4`, `viernes 4`."""
    before = tokens[-2] if len(tokens) > 1 and tokens[-1].isdigit() else ""
    return before in vocabulary.moments.articles or before in vocabulary.dates.weekdays


def _number(token: str, vocabulary: Vocabulary) -> int | None:
    for ending in ("", *vocabulary.dates.ordinal_endings):
        digits = token.removesuffix(ending) if ending else token
        if digits.isascii() and digits.isdigit() and len(digits) <= 4 and (not ending or digits != token):  # noqa: PLR2004  a year
            return int(digits)
    return None


def _agreed(days: int, weekday: int, today: date) -> _Days:
    """Read `hoy viernes`, `tomorrow Tuesday`: one day if they agree, else both are asked back."""
    day = today + timedelta(days=days)
    if day.isoweekday() == weekday:
        return _Days((day,))
    return _Days((day, _coming(weekday, today)), sure=False)


def _coming(weekday: int, today: date) -> date:
    return today + timedelta(days=(weekday - today.isoweekday() - 1) % A_WEEK + 1)


def _next_week(weekday: int | None, today: date) -> _Days:
    monday = today + timedelta(days=A_WEEK - today.weekday())
    if weekday is not None:
        return _Days((monday + timedelta(days=weekday - 1),))
    return _Days(tuple(monday + timedelta(days=each) for each in range(5)), sure=False)


def _weekday(weekday: int, today: date, *, skips: bool) -> _Days:
    """Return the coming weekday; today where it is that day, with the one after; `skips` may mean the one after."""
    if weekday == today.isoweekday():
        return _Days((today,), again=True) if not skips else _Days((today + timedelta(days=A_WEEK),))
    day = _coming(weekday, today)
    same_week = day.isocalendar()[:2] == today.isocalendar()[:2]
    return _Days((day, day + timedelta(days=A_WEEK)), sure=False) if skips and same_week else _Days((day,))


def _dated(found: _Named, weekday: int | None, today: date, *, named: bool) -> _Days | None:
    """Read a number with its month, or, after an article or a weekday, the next day of that number."""
    numbers, month = found.numbers, found.months[0] if found.months else None
    years = [number for number in numbers if number > 1000]  # noqa: PLR2004  no day of a month
    days = [number for number in numbers if number <= 31]  # noqa: PLR2004  the longest month
    if len(days) != 1 or len(years) > 1 or len(days) + len(years) != len(numbers) or (years and month is None):
        return None
    if month is None:
        return _numbered(days[0], weekday, today) if named else None
    day = _next(days[0], month, years[0] if years else None, today)
    if day is None:
        return None
    if weekday is not None and day.isoweekday() != weekday:
        return _Days((day, _coming(weekday, today)), sure=False)
    return _Days((day,), sure=bool(years) or day - today < FAR)


def _numbered(number: int, weekday: int | None, today: date) -> _Days | None:
    """Return the next day of this number; with another weekday than was said, that one as well."""
    months = [(today.year + (today.month - 1 + each) // 12, (today.month - 1 + each) % 12 + 1) for each in range(3)]
    day = next((found for year, month in months if (found := _day(year, month, number)) and found >= today), None)
    if day is None:
        return None
    if weekday is not None and day.isoweekday() != weekday:
        return _Days((_coming(weekday, today), day), sure=False)
    return _Days((day,))
