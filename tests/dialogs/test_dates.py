"""Days and hours as people say them."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialogs.dates import clock, day

TODAY = date(2026, 3, 5)  # a Thursday


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("2026-12-06", "2026-12-06"), ("6 de diciembre", "2026-12-06"), ("6 de diciembre del 2025", "2025-12-06"),
        ("6/12", "2026-12-06"), ("6-12-26", "2026-12-06"), ("6/1", "2026-01-06"),
        ("6.12.2026", "2026-12-06"), ("6 dic", "2026-12-06"),
        ("diciembre 6", "2026-12-06"), ("December 6th, 2026", "2026-12-06"), ("seis de mayo", "2026-05-06"),
        ("1o. de mayo", "2026-05-01"), ("primero de mayo", "2026-05-01"), ("hoy", "2026-03-05"), ("ayer", "2026-03-04"),
        ("Mañana", "2026-03-06"), ("antier", "2026-03-03"), ("anteayer", "2026-03-03"),
        ("antes de ayer", "2026-03-03"), ("yesterday", "2026-03-04"), ("tomorrow", "2026-03-06"),
        ("the day after tomorrow", "2026-03-07"), ("pasado mañana", "2026-03-07"), ("today", "2026-03-05"),
        ("the day before yesterday", "2026-03-03"), ("hace tres días", "2026-03-02"), ("3 days ago", "2026-03-02"),
        ("en 2 dias", "2026-03-07"), ("jueves pasado", "2026-02-26"), ("el próximo lunes", "2026-03-09"),
        ("domingo 6 de diciembre", "2026-12-06"), ("6/5/85", "1985-05-06"), ("6/5/36", "2036-05-06"),
        ("6/5/37", "1937-05-06"), ("6 de setiembre", "2026-09-06"), ("Sept 6", "2026-09-06"), ("Dec 6", "2026-12-06"),
        ("next Monday", "2026-03-09"), ("last friday", "2026-02-27"), ("hace 1000 días", "2023-06-09"),
        ("1900-01-01", "1900-01-01"), ("2100-12-31", "2100-12-31"), ("6" + " " * 52 + "de mayo", "2026-05-06"),
    ],
)  # fmt: skip  # a table reads better in lines
def test_days_that_are_sure(words: str, found: str) -> None:
    """What says one day is that day, in either language; without a year, this year's."""
    said = day(words, "es", TODAY)

    assert said
    assert (said.value, said.sure) == (found, True)


@pytest.mark.parametrize(
    ("words", "language", "found"),
    [
        ("el viernes a las 5", "es", "2026-03-06"), ("Friday at 5 pm", "en", "2026-03-06"),
        ("el jueves", "es", "2026-03-12"), ("6", "es", "2026-03-06"), ("como el 6 de diciembre", "es", "2026-12-06"),
        ("6 de dicienbre", "es", "2026-12-06"), ("sábado 6 de diciembre", "es", "2026-12-06"),
        ("12/13", "es", "2026-12-13"), ("6/12", "en", "2026-12-06"), ("12/11", "en", "2026-11-12"),
        ("creo que fue el 6 de mayo de eso", "es", "2026-05-06"), ("hace una semana", "es", "2026-02-26"),
        ("6 de enro", "es", "2026-01-06"), ("hace 2", "es", "2026-03-02"),
        ("2 weeks ago", "en", "2026-02-19"), ("in a week", "en", "2026-03-12"), ("en 2 semanas", "es", "2026-03-19"),
    ],
)  # fmt: skip  # a table reads better in lines
def test_days_that_are_asked_back(words: str, language: str, found: str) -> None:
    """A weekday, a slip, a day that does not agree with itself, an order that could be the other one: asked."""
    said = day(words, language, TODAY)

    assert said
    assert (said.value, said.sure) == (found, False)


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("4 de diciembre 17:30", "2026-12-04"), ("6 de mayo a las 5 y media de la tarde", "2026-05-06"),
        ("6/5 5:30 pm", "2026-05-06"),
    ],
)  # fmt: skip  # a table reads better in lines
def test_an_hour_beside_a_day_is_no_day(words: str, found: str) -> None:
    """Whoever says the hour as well is understood; the hour is left out."""
    said = day(words, "es", TODAY)

    assert said
    assert said.value == found


@pytest.mark.parametrize(
    ("words", "found"),
    [("1 de marzo", "2027-03-01"), ("4/3", "2027-03-04"), ("el 4", "2026-04-04"), ("6/3", "2026-03-06")],
)
def test_ahead_a_day_is_one_to_come(words: str, found: str) -> None:
    """Where only what comes fits, a day without its year or month is the next one."""
    said = day(words, "es", TODAY, ahead=True)

    assert said
    assert said.value == found


def test_an_order_that_can_be_only_one_is_sure() -> None:
    """In English, a day beyond twelve tells which of the two it is."""
    for words in ("13/12", "12/13"):
        said = day(words, "en", TODAY)
        assert said
        assert (said.value, said.sure) == ("2026-12-13", True)


@pytest.mark.parametrize(
    "words",
    [
        "", "hola", "31 de febrero", "40/1", "6/13/14/15", "99 de mayo", "no me acuerdo bien", "x" * 99, "mayo",
        "6 de mayo de 1800", "6/5/1800", "hace 9999 días", "5 mayo junio", "lunes martes", "6 7 de mayo",
        "6 de mayo 2025 2026", "yo creo que fue el 6 de mayo de eso",
        "hace 1001 días", "1899-12-31", "2101-01-01", "6" + " " * 53 + "de mayo",
    ],
)  # fmt: skip  # a table reads better in lines
def test_what_says_no_day_is_none(words: str) -> None:
    """Days that no calendar has, and words about something else, are no day."""
    assert day(words, "es", TODAY) is None


def test_a_day_without_a_year_is_the_one_nearby() -> None:
    """At the turn of the year, January is the coming one, and December the one just past."""
    for year in (2026, 2027):
        said = [day("3 de enero", "es", date(year, 12, 28)), day("28 de diciembre", "es", date(year, 1, 3))]

        assert [each and each.value for each in said] == [f"{year + 1}-01-03", f"{year - 1}-12-28"]

    said = [day(f"{number} de febrero", "es", date(2026, 12, 28)) for number in (26, 27)]
    assert [each and each.value for each in said] == ["2027-02-26", "2026-02-27"]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("19:30", "19:30"), ("07:30", "07:30"), ("19", "19:00"), ("19h30", "19:30"), ("7pm", "19:00"),
        ("7:30 p. m.", "19:30"), ("12am", "00:00"), ("12 PM", "12:00"), ("7 de la tarde", "19:00"),
        ("siete de la noche", "19:00"), ("a las 7 de la mañana", "07:00"), ("12 de la noche", "00:00"),
        ("7 y media de la tarde", "19:30"), ("cuarto para las 8 de la noche", "19:45"), ("mediodía", "12:00"),
        ("a la una de la tarde", "13:00"), ("7 in the evening", "19:00"), ("noon", "12:00"), ("midnight", "00:00"),
        ("quarter past 7 in the morning", "07:15"), ("5 de la madrugada", "05:00"), ("1 del mediodía", "13:00"),
        ("5 de la noche", "17:00"),
        ("10 para las 8 de la noche", "19:50"), ("19 hrs", "19:00"),
    ],
)  # fmt: skip  # a table reads better in lines
def test_hours_that_are_sure(words: str, found: str) -> None:
    """An hour with its part of the day, or by a clock of twenty-four, is that hour."""
    said = clock(words, "es")

    assert said
    assert (said.value, said.sure) == (found, True)


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("7", "07:00"), ("7:30", "07:30"), ("a las 4", "16:00"), ("siete y media", "07:30"), ("half past 7", "07:30"),
        ("8 menos cuarto", "07:45"), ("12", "12:00"), ("at 7 o'clock", "07:00"), ("3 de la noche", "03:00"),
        ("0:30 de la noche", "00:30"), ("0", "00:00"), ("7 h", "07:00"), ("6", "18:00"),
        ("a las" + " " * 54 + "7", "07:00"),
        ("8 menos 10", "07:50"), ("4 de la noche", "04:00"),
    ],
)  # fmt: skip  # a table reads better in lines
def test_hours_that_are_asked_back(words: str, found: str) -> None:
    """Morning or evening is never decided for her."""
    said = clock(words, "es")

    assert said
    assert (said.value, said.sure) == (found, False)


@pytest.mark.parametrize(
    "words",
    [
        "",
        "hola",
        "25:00",
        "7:61",
        "en la tarde",
        "cuando sea",
        "7 y 8 y 9",
        "8 de la tarde noche",
        "a las" + " " * 55 + "7",
    ],
)
def test_what_says_no_hour_is_none(words: str) -> None:
    """Hours that no clock has, and parts of the day alone, are no hour."""
    assert clock(words, "es") is None


SCRAPS = ("6", "12", "31", "de", "diciembre", "jueves", "pasado", "ayer", "pm", "tarde", "y", "media", "/", ":", "2026")


@given(st.one_of(st.text(max_size=70), st.lists(st.sampled_from(SCRAPS)).map(" ".join)), st.sampled_from(["es", "en"]))
def test_whatever_is_said_is_a_day_or_none(words: str, language: str) -> None:
    """What comes back is a day of the calendar and an hour of the clock, whatever was typed."""
    if said := day(words, language, TODAY):
        assert date.fromisoformat(said.value)
    if told := clock(words, language):
        assert "00:00" <= told.value <= "23:59"
