"""The near miss: what a word was probably meant to be."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

_LONGEST = 40


def nearest(word: str, known: Iterable[str]) -> str:
    """Give the known word that this one is probably a slip of, or '' if none is close."""
    if len(word) > _LONGEST:
        return ""
    by_fold = {each.casefold(): each for each in known}
    found = get_close_matches(word.casefold(), by_fold, n=1, cutoff=0.7)
    return by_fold[found[0]] if found else ""
