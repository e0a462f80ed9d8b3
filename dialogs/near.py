"""The near miss: what a word was probably meant to be, and what makes no difference on a telephone."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from difflib import get_close_matches
from typing import Final

_LONGEST: Final = 40
_SILENT: Final = "'`\u00b4\u2018\u2019\u02bc\ua78c"
"""The ways to write an apostrophe or a glottal stop."""


def nearest(word: str, known: Iterable[str]) -> str:
    """Give the known word that this one is probably a slip of, or '' if none is close."""
    if len(word) > _LONGEST:
        return ""
    by_fold = {each.casefold(): each for each in known}
    found = get_close_matches(word.casefold(), by_fold, n=1, cutoff=0.7)
    return by_fold[found[0]] if found else ""


def folded(words: str) -> str:
    """Strip what people leave out on a telephone: accents, capitals, punctuation, pictures, apostrophes."""
    bare = "".join(
        letter
        for letter in unicodedata.normalize("NFKD", words)
        if not unicodedata.combining(letter) and letter not in _SILENT
    ).casefold()
    return " ".join("".join(letter if letter.isalnum() else " " for letter in bare).split())
