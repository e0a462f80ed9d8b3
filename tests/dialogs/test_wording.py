"""Choosing words, filling blanks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialogs.context import as_it_is
from dialogs.model import Choice, Step
from dialogs.run import Answer
from dialogs.wording import blanks, choose, fill, plain_value, retold


@pytest.mark.parametrize(
    ("language", "words"),
    [("es", "hola"), ("es-usted", "hola"), ("en", "hi"), ("nhe", "piali"), ("nch", "piali"), ("yua", "hola")],
)
def test_each_string_falls_back_by_itself(language: str, words: str) -> None:
    """A language without words takes those of the nearest along its chain."""
    assert choose({"en": "hi", "es": "hola", "es-usted": "", "nah": "piali"}, language) == words


def test_any_words_are_better_than_none() -> None:
    """Where the chain has nothing, some words are said; only of no words comes nothing."""
    assert choose({"yua": "Bix a beel"}, "en") == "Bix a beel"
    assert choose({}, "es") == ""


@pytest.mark.parametrize(
    ("words", "filled"),
    [
        ("Hola, ${name}.", "Hola, Luz."),
        ("El equipo lo lee el ${ day }.", "El equipo lo lee el jueves."),
        ("Hola, ${nobody}.", "Hola."),
        ("${nobody}, hola", ", hola"),
        ("Son $5 {x}", "Son $5 {x}"),
    ],
)
def test_blanks_are_filled(words: str, filled: str) -> None:
    """A blank takes its value; one without a value takes the comma before it along."""
    assert fill(words, {"name": "Luz", "day": "jueves"}) == filled


def test_what_fills_a_blank_is_never_read_as_one() -> None:
    """Someone who calls herself like a blank is called just that."""
    assert fill("Hola, ${name}.", {"name": "${day}", "day": "jueves"}) == "Hola, ${day}."


@given(st.text(), st.dictionaries(st.text(max_size=5), st.text(max_size=5)))
def test_filling_never_fails(words: str, values: dict[str, str]) -> None:
    """Whatever was written, filling it gives words."""
    assert isinstance(fill(words, values), str)
    assert isinstance(blanks(words), tuple)


def test_an_answer_is_told_again_in_another_language() -> None:
    """Choices are said in the reader's language; own words, and labels with blanks, stay as they were."""
    choices = (Choice("a", {"es": "Sí", "en": "Yes"}), Choice("b", {"es": "Con ${name}", "en": "With ${name}"}))
    one, several = Step("select_one", "s", {}, choices=choices), Step("select_multiple", "s", {}, choices=choices)
    told = [
        (one, Answer("a", "Sí"), "Yes"),
        (several, Answer(("a",), "Sí"), "Yes"),
        (one, Answer("b", "Con Luz"), "Con Luz"),
        (several, Answer(("a", "gone"), "Sí, gone"), "Sí, gone"),
        (one, Answer(None, ""), ""),
        (Step("text", "t", {}), Answer("Hola", "Hola"), "Hola"),
        (Step("date", "d", {}), Answer("2026-12-06", "6 de diciembre"), "2026-12-06"),
    ]

    assert [retold(step, answer, "en", as_it_is).label for step, answer, _ in told] == [label for _, _, label in told]


def test_a_value_is_written_plainly() -> None:
    """Numbers in digits, pieces on lines of their own, nothing as nothing."""
    assert [plain_value(each) for each in (None, 3, "a", ("a", "b"))] == ["", "3", "a", "a\nb"]
