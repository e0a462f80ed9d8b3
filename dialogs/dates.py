"""Days and hours as people say them in Spanish and in English: `6 de diciembre`, `yesterday`, `7 de la tarde`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from dialogs.fuzzy_match import folded, nearest
from dialogs.languages import base
from dialogs.numerals import in_digits

LONGEST: Final = 60
"""Characters within which a day or an hour is looked for; beyond it she is telling something."""

_EARLIEST, _LATEST = 1900, 2100
_NEAR_DAYS: Final = 60
"""A day without a year is the one nearest to today within so many days, else the one of this year."""


@dataclass(frozen=True, slots=True)
class Said:
    """What words came to, as it is stored: `2026-12-06`, `19:30`. Unless `sure`, it is for her to confirm."""

    value: str
    sure: bool


def _listed(*groups: str) -> dict[str, int]:
    return {word: place for group in groups for place, word in enumerate(group.split(), start=1)}


_MONTHS: Final = {
    **_listed(
        "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
        "ene feb mar abr may jun jul ago sep oct nov dic",
        "january february march april may june july august september october november december",
        "jan feb mar apr may jun jul aug sep oct nov dec",
    ),
    "setiembre": 9,
    "sept": 9,
}
_WEEKDAYS: Final = _listed(
    "lunes martes miercoles jueves viernes sabado domingo",
    "monday tuesday wednesday thursday friday saturday sunday",
)
_DAYS_FROM_TODAY: Final = {
    "hoy": 0,
    "today": 0,
    "ayer": -1,
    "yesterday": -1,
    "manana": 1,
    "tomorrow": 1,
    "antier": -2,
    "anteayer": -2,
    "antes de ayer": -2,
    "day before yesterday": -2,
    "pasado manana": 2,
    "day after tomorrow": 2,
}
_UNITS: Final = {"dia": 1, "dias": 1, "day": 1, "days": 1, "semana": 7, "semanas": 7, "week": 7, "weeks": 7}
_FILLERS: Final = frozenset({"el", "la", "the", "on", "of", "de", "del", "dia", "al", "este", "this", "in"})
_AGO: Final = frozenset({"hace", "ago"})
_AHEAD: Final = frozenset({"en", "dentro", "de", "in"})
_MOST_DAYS: Final = 1000
_MOST_WORDS: Final = 9
_LONG_MONTHS: Final = tuple(month for month in _MONTHS if len(month) > len("abril") - 1)
_FORMER: Final = frozenset({"pasado", "pasada", "ultimo", "last"})
_COMING: Final = frozenset({"proximo", "next", "que", "viene", "entra"})
_FIRST: Final = frozenset({"primero", "first"})
_ORDINAL: Final = re.compile(r"(\d{1,2})(?:st|nd|rd|th|o|ro)", re.ASCII)
_YEAR_FIRST: Final = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})", re.ASCII)
_PARTS: Final = re.compile(r"(\d{1,2})\s*[-/.]\s*(\d{1,2})(?:\s*[-/.]\s*(\d{4}|\d{2}))?", re.ASCII)


def day(words: str, language: str, today: date) -> Said | None:
    """Find the day that words say, or None. `today` is the day where she is."""
    text = words.strip()
    if len(text) > LONGEST:
        return None
    if found := _YEAR_FIRST.fullmatch(text):
        return _day(int(found[1]), int(found[2]), int(found[3]))
    if found := _PARTS.fullmatch(text):
        return _in_parts(int(found[1]), int(found[2]), found[3], language, today)
    tokens = folded(text).split()
    bare = " ".join(token for token in tokens if token not in _FILLERS)
    for said in (" ".join(tokens), bare):
        if said in _DAYS_FROM_TODAY:
            return Said((today + timedelta(days=_DAYS_FROM_TODAY[said])).isoformat(), sure=True)
    numbered = in_digits(tokens, language)
    return _counted_off(numbered, today) or _named(numbered, today)


def _day(year: int, month: int, number: int, *, sure: bool = True) -> Said | None:
    if not _EARLIEST <= year <= _LATEST:
        return None
    try:
        return Said(date(year, month, number).isoformat(), sure)
    except ValueError:
        return None


def _in_parts(one: int, other: int, year: str | None, language: str, today: date) -> Said | None:
    """Read `6/12` and `6/12/2026`: the day first, unless only the other way makes a day."""
    english = base(language) == "en"
    for number, month, sure in ((one, other, not english or one > 12 or one == other), (other, one, english)):  # noqa: PLR2004  the number of months
        if 1 <= month <= 12:  # noqa: PLR2004  the number of months
            return _in_year(_year(year, today), month, number, today, sure=sure)
    return None


def _year(written: str | None, today: date) -> int | None:
    if written is None or len(written) > 2:  # noqa: PLR2004  the digits of a year
        return int(written) if written else None
    century = today.year // 100 * 100
    year = century + int(written)
    return year if year <= today.year + 10 else year - 100


def _in_year(year: int | None, month: int, number: int, today: date, *, sure: bool = True) -> Said | None:
    """Give the day in its year; without one, the nearest to today if that is near, else this year's."""
    if year is not None:
        return _day(year, month, number, sure=sure)
    for each in (today.year, today.year - 1, today.year + 1):
        found = _day(each, month, number, sure=sure)
        if found and abs((date.fromisoformat(found.value) - today).days) <= _NEAR_DAYS:
            return found
    return _day(today.year, month, number, sure=sure)


def _counted_off(tokens: Sequence[str], today: date) -> Said | None:
    """Read `hace 3 dias`, `3 days ago`, `en 1 semana`, `in 2 weeks`."""
    around = {tokens[0], tokens[-1]} & (_AGO | _AHEAD) if tokens else set()
    inner = [token for token in tokens if token not in _AGO | _AHEAD]
    if not around or len(inner) != 2 or inner[1] not in _UNITS:  # noqa: PLR2004  a number and its unit
        return None
    many = 1 if inner[0] == "a" else _whole(inner[0])
    if many is None or many > _MOST_DAYS:
        return None
    days = many * _UNITS[inner[1]] * (-1 if around & _AGO else 1)
    return Said((today + timedelta(days=days)).isoformat(), sure=_UNITS[inner[1]] == 1)


def _whole(token: str) -> int | None:
    ordinal = _ORDINAL.fullmatch(token)
    digits = ordinal[1] if ordinal else token
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= len(str(_LATEST)) else None


def _named(tokens: Sequence[str], today: date) -> Said | None:
    """Read a day by its month, its weekday or its number alone."""
    if len(tokens) > _MOST_WORDS:
        return None
    numbers: list[int] = []
    months: list[int] = []
    weekdays: list[int] = []
    shift, sure = 0, True
    for token in tokens:
        if token in _MONTHS:
            months.append(_MONTHS[token])
        elif token in _WEEKDAYS:
            weekdays.append(_WEEKDAYS[token])
        elif token in _FORMER or token in _COMING:
            shift = -1 if token in _FORMER else 1
        elif token in _FIRST:
            numbers.append(1)
        elif (number := _whole(token)) is not None:
            numbers.append(number)
        elif token not in _FILLERS:
            sure = False
            if month := nearest(token, _LONG_MONTHS):
                months.append(_MONTHS[month])
    return _put_together(numbers, months, weekdays, shift, today, sure=sure)


def _put_together(
    numbers: list[int], months: list[int], weekdays: list[int], shift: int, today: date, *, sure: bool
) -> Said | None:
    years = [number for number in numbers if number >= _EARLIEST]
    days = [number for number in numbers if number < _EARLIEST]
    if len(years) > 1 or len(days) > 1 or len(months) > 1 or len(weekdays) > 1:
        return None
    if months and days:
        found = _in_year(years[0] if years else None, months[0], days[0], today, sure=sure)
        if found and weekdays and date.fromisoformat(found.value).isoweekday() != weekdays[0]:
            return Said(found.value, sure=False)
        return found
    if weekdays and not days and not months:
        ahead = (weekdays[0] - today.isoweekday() - 1) % 7 + 1
        behind = ahead - 7 or -7
        found_day = today + timedelta(days=behind if shift < 0 else ahead)
        return Said(found_day.isoformat(), sure=sure and shift != 0)
    if days and not months:
        return _day(today.year, today.month, days[0], sure=False)
    return None


# hours

_NOON, _DAY_HOURS = 12, 24
_CLOCK: Final = re.compile(r"(\d{1,2})\s*(?:[:.h]\s*(\d{2}))?\s*(?:h|hrs?|horas)?\.?", re.ASCII | re.IGNORECASE)
_HALF: Final = re.compile(r"(\d|\b)\s*([ap])\.?\s?m\b\.?", re.IGNORECASE)
_PLACES: Final[Mapping[str, str]] = {
    "am": "morning",
    "pm": "afternoon",
    "manana": "morning",
    "morning": "morning",
    "madrugada": "morning",
    "mediodia": "noon",
    "noon": "noon",
    "tarde": "afternoon",
    "afternoon": "afternoon",
    "evening": "night",
    "noche": "night",
    "night": "night",
}
_OF_HOURS: Final = frozenset(
    (
        "a",
        "las",
        "la",
        "de",
        "del",
        "por",
        "en",
        "in",
        "the",
        "at",
        "o",
        "clock",
        "oclock",
        "punto",
        "hora",
        "horas",
        "hrs",
        "h",
    )
)
_MINUTES: Final = {"media": 30, "cuarto": 15, "half": 30, "quarter": 15}
_BEFORE: Final = frozenset({"para", "to", "menos"})
_JOINS: Final = frozenset({"y", "con", "and", "past"})


def clock(words: str, language: str) -> Said | None:
    """Find the hour that words say, or None. Without a part of the day, an hour up to twelve is a guess."""
    text = words.strip()
    if len(text) > LONGEST:
        return None
    if text.casefold() in {"medianoche", "midnight", "a medianoche"}:
        return Said("00:00", sure=True)
    if folded(text) in {"mediodia", "noon", "al mediodia", "at noon"}:
        return Said("12:00", sure=True)
    if (found := _CLOCK.fullmatch(text)) and (found[2] or int(found[1]) > _NOON):
        # A nought in front, or an hour past noon, is how a clock of 24 hours writes.
        exact = found[1].startswith("0") or int(found[1]) > _NOON
        return _clock(int(found[1]), int(found[2] or 0), None, sure=exact)
    return _spoken_clock(text, language)


def _spoken_clock(text: str, language: str) -> Said | None:
    halved = _HALF.sub(r"\1 \2m ", text)
    tokens = in_digits(folded(re.sub(r"(\d)[:.h](\d\d)", r"\1 \2", halved)).split(), language)
    places = {_PLACES[token] for token in tokens if token in _PLACES}
    rest = [token for token in tokens if token not in _PLACES and token not in _OF_HOURS]
    numbers: list[int] = []
    for token in rest:
        if token in _MINUTES:
            numbers.append(_MINUTES[token])
        elif token.isascii() and token.isdigit():
            numbers.append(int(token))
        elif token not in _BEFORE and token not in _JOINS:
            return None
    if len(places) > 1:
        return None
    before = not _BEFORE.isdisjoint(rest)
    minutes_first = len(numbers) > 1 and (
        (before and rest[0] != "menos" and "menos" not in rest) or rest[0] in _MINUTES
    )
    return _arranged(numbers[::-1] if minutes_first else numbers, places, before=before)


def _arranged(numbers: list[int], places: set[str], *, before: bool) -> Said | None:
    """Put hour and minutes together: `7 y media`, `quarter to 8`, `8 menos 15`."""
    if not numbers or len(numbers) > 2:  # noqa: PLR2004  hour and minutes
        return None
    hour, minute = numbers if len(numbers) > 1 else (numbers[0], 0)
    if before and minute:
        hour, minute = hour - 1 or _NOON, 60 - minute
    return _clock(hour, minute, next(iter(places), None), sure=bool(places) or hour > _NOON)


def _clock(hour: int, minute: int, place: str | None, *, sure: bool) -> Said | None:
    """Write the hour of a clock of twelve as of one of twenty-four."""
    if place is None and not sure:
        # Whoever says "7:30" and no more is most often awake.
        hour = hour + _NOON if 1 <= hour <= 6 else hour  # noqa: PLR2004  before seven
    elif place in {"afternoon", "noon", "night"} and hour < _NOON:
        early = place == "night" and 1 <= hour <= 4  # noqa: PLR2004  the small hours
        sure = sure and not early
        hour = hour if early else hour + _NOON
    elif place in {"morning", "night"} and hour == _NOON:
        hour = 0
    if not 0 <= hour < _DAY_HOURS or not 0 <= minute <= 59:  # noqa: PLR2004  minutes of an hour
        return None
    return Said(f"{hour:02}:{minute:02}", sure)
