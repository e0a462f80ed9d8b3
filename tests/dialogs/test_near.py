"""Near misses."""

import pytest

from dialogs.fuzzy_match import nearest


@pytest.mark.parametrize(
    ("word", "found"),
    [("requred", "required"), ("Relevent", "relevant"), ("zzz", ""), ("", ""), ("required" * 9, "")],
)
def test_a_slip_finds_what_was_meant(word: str, found: str) -> None:
    """A word close to a known one finds it, whatever its capitals; a far one finds nothing."""
    assert nearest(word, ["required", "relevant", "label"]) == found
