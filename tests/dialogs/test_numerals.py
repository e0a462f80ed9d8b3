"""Numbers as people say them."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialogs.numerals import count, in_digits


@pytest.mark.parametrize(
    ("words", "number"),
    [
        ("30", 30), ("+3", 3), ("\u22123", -3), ("cero", 0), ("Treinta", 30), ("treinta y cinco", 35),
        ("veintidós", 22), ("veintiuna", 21), ("trescientas", 300),
        ("cien", 100), ("ciento veinte", 120), ("doscientas cincuenta y tres", 253), ("mil", 1000),
        ("dos mil veintiséis", 2026), ("mil novecientos noventa y nueve", 1999),
    ],
)  # fmt: skip  # a table reads better in lines
def test_spanish_number_words(words: str, number: int) -> None:
    """Whatever is just a number, in digits or in words, is sure."""
    found = count(words, "es-usted")

    assert found
    assert (found.number, found.sure) == (number, True)


@pytest.mark.parametrize(
    ("words", "number"),
    [
        ("zero", 0), ("thirty", 30), ("thirty-five", 35), ("a hundred", 100), ("hundred and five", 105),
        ("two hundred and fifty three", 253), ("five hundred", 500), ("nine hundred", 900),
        ("two thousand and six", 2006), ("nineteen hundred", 0),
    ],
)  # fmt: skip  # a table reads better in lines
def test_english_number_words(words: str, number: int) -> None:
    """English counts in its own way; what is no number of either language is none, or a guess."""
    found = count(words, "en")

    if number or words == "zero":
        assert found
        assert (found.number, found.sure) == (number, True)
    else:
        assert found is None or not found.sure


@pytest.mark.parametrize(
    ("words", "number"),
    [
        ("como 30", 30), ("30 más o menos", 30), ("más o menos treinta", 30), ("unos treinta y dos", 32),
        ("30 años", 30), ("about ten", 10), ("thirty", 30), ("1,000", 1000), ("1 000", 1000), ("1.000", 1000),
        ("ninguno", 0), ("una vez", 1), ("casi una de cada 10", 10), ("una lista de treinta", 30),
        ("seis de los ten", 6), ("casi" + " " * 54 + "30", 30),
    ],
)  # fmt: skip  # a table reads better in lines
def test_what_is_wrapped_in_words_is_a_guess(words: str, number: int) -> None:
    """One number among other words, or in the other language, is for her to confirm."""
    found = count(words, "es")

    assert found
    assert (found.number, found.sure) == (number, False)


@pytest.mark.parametrize(
    "words",
    [
        "",
        "hola",
        "entre 30 y 40",
        "no tengo 30",
        "ni uno",
        "3.5",
        "٣٠",
        "30" * 40,
        "y",
        "1,00,0",
        "casi" + " " * 55 + "30",
    ],
)
def test_what_says_no_one_number_is_none(words: str) -> None:
    """Two numbers, a no, a fraction of what comes in wholes: nothing is guessed."""
    assert count(words, "es") is None


@pytest.mark.parametrize(
    ("words", "number", "sure"),
    [
        ("2.5", "2.5", True), ("2,5", "2.5", True), ("dos y medio", "2.5", True), ("medio", "0.5", True),
        ("dos punto cinco", "2.5", True), ("two and a half", "2.5", False), ("2.5 litros", "2.5", False),
        ("1,000", "1000", False), ("1.250", "1.25", True),
    ],
)  # fmt: skip  # a table reads better in lines
def test_fractions(words: str, number: str, *, sure: bool) -> None:
    """Point and comma both part a fraction; three digits behind a comma are more likely thousands, and asked."""
    found = count(words, "es", whole=False)

    assert found
    assert (found.number, found.sure) == (Decimal(number), sure)


def test_a_language_without_number_words_borrows_the_first_ones() -> None:
    """Whoever speaks a language that brings no words of its own is understood as a speaker of Spanish."""
    found = count("treinta", "nah")

    assert found
    assert (found.number, found.sure) == (30, True)


def test_number_words_are_written_in_digits() -> None:
    """Among other words, each run of number words becomes one number."""
    assert in_digits(["el", "seis", "de", "mayo", "de", "dos", "mil", "diez"], "es") == [
        "el", "6", "de", "mayo", "de", "2010",
    ]  # fmt: skip  # one list, one line
    assert in_digits(["siete", "treinta"], "es") == ["7", "30"]
    assert in_digits(["the", "hundred", "days"], "en") == ["the", "100", "days"]


@given(st.integers(0, 999_999))
def test_digits_are_sure_of_themselves(number: int) -> None:
    """Digits alone are that number, in any language."""
    for language in ("es", "en", "nah"):
        found = count(str(number), language)
        assert found
        assert (found.number, found.sure) == (number, True)
