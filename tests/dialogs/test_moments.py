"""Moments to come as people say them."""

from datetime import datetime, time, timedelta
from pathlib import Path

import pytest

from dialogs.moments import SpokenMoments, upcoming

TABLE = [
    tuple(line.split(" -> "))
    for line in (Path(__file__).parent / "spoken_moments.txt").read_text(encoding="utf-8").splitlines()
    if not line.startswith("#")
]
NOW = datetime(2026, 11, 30, 12)  # noqa: DTZ001  wall time
DAYS = ["lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"]
MONTHS = ["enero", "febrero", "marzo", "abril", "mayo", "junio"]
MONTHS += ["julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre"]
ENGLISH = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]


def written(found: SpokenMoments | None) -> str:
    """Write what was found as the table does."""
    if found is None or found.past:
        return "none" if found is None else "past"
    year = {NOW.year: "%m-%d"}
    if not found.moments:
        return "day " + ", ".join(each.strftime(year.get(each.year, "%Y-%m-%d")) for each in found.days)
    moments = ", ".join(each.strftime(year.get(each.year, "%Y-%m-%d") + " %H:%M") for each in found.moments)
    return moments if found.sure else f"? {moments}"


def test_two_hundred_phrases_mean_what_people_mean_by_them() -> None:
    """In both languages; whoever speaks one of them is understood in the other as well."""
    wrong = [
        f"{said}: {got}, not {meant}"
        for said, meant in TABLE
        if (got := written(upcoming(said.partition(" ")[2], said[:2], NOW))) != meant
    ]

    assert len(TABLE) >= 200
    assert {said[:2] for said, _ in TABLE} == {"es", "en"}
    assert wrong == []


@pytest.mark.parametrize("now", [NOW, *map(datetime.fromisoformat, ("2026-12-31T23:50", "2027-02-28T00:05"))])
def test_what_comes_is_never_said_to_be_past(now: datetime) -> None:
    """Days of a year from now on, at a quarter past five, named in every usual way."""
    for ahead in (*range(9), 27, 28, 29, 30, 31, 32, 58, 60, 61, 62, 90, 182, 299, 300, 301, 363, 364):
        day = now.date() + timedelta(days=ahead)
        at = datetime.combine(day, time(17, 15))
        month, name = MONTHS[day.month - 1], day.strftime("%B")
        ways = [
            ("es", f"{day.day} de {month} 17:15"),
            ("es", f"{day.day}/{day.month} a las 5:15 de la tarde"),
            ("es", f"{day.day} de {month} de {day.year} a las 5 y cuarto"),
            ("en", f"{name} {day.day} at 5:15 pm"),
            ("en", f"{day.isoformat()} 17:15"),
        ]
        if ahead < len(DAYS):
            ways.append(("es", f"el {DAYS[day.weekday()]} a las 5:15"))
            ways.append(("en", f"{ENGLISH[day.weekday()]} at 5:15 in the afternoon"))
        for language, words in ways:
            found = upcoming(words, language, now)
            assert found is not None, words
            if at > now:
                assert at in found.moments, (words, found)
                assert not found.past
            assert all(each > now for each in found.moments), (words, found)


def test_the_day_can_stand_before_or_after_its_hour() -> None:
    """Order makes no difference."""
    for one, other in (("a las 5 de la tarde", "el viernes"), ("17:30", "4 de diciembre"), ("en la tarde", "mañana")):
        assert upcoming(f"{one} {other}", "es", NOW) == upcoming(f"{other} {one}", "es", NOW)


@pytest.mark.parametrize(
    "words", ["", "¿?", "x" * 61, "a b c d e f g h i j k l m n o p", "99/99", "25:61", "el 45 a las 5"]
)
def test_what_says_no_moment_is_none(words: str) -> None:
    """Nothing is made of what is not understood whole."""
    assert upcoming(words, "es", NOW) is None
