"""Near misses."""

import pytest

from dialogs.fuzzy_match import holding, nearest


@pytest.mark.parametrize(
    ("word", "found"),
    [
        ("requred", "required"),
        ("Relevent", "relevant"),
        ("zzz", ""),
        ("", ""),
        ("required" * 9, ""),
        ("x" * 40, "x" * 40),
        ("x" * 41, ""),
    ],
)
def test_a_slip_finds_what_was_meant(word: str, found: str) -> None:
    """A word close to a known one finds it, whatever its capitals; a far one finds nothing."""
    assert nearest(word, ["required", "relevant", "label", "x" * 40]) == found


@pytest.mark.parametrize(
    ("words", "found"),
    [("por la luz", "luz"), ("potable", "agua potable"), ("es", ""), ("luz y agua potable", ""), ("luzes", "")],
)
def test_a_phrase_stands_whole_in_what_was_said(words: str, found: str) -> None:
    """From three letters on, one phrase that holds the words or is held by them is meant; of two, neither."""
    assert holding(words, ["luz", "agua potable", "es"]) == found
