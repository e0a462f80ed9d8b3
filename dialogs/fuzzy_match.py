"""Near misses: which word was probably meant, ignoring what makes no difference on a telephone."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from difflib import get_close_matches
from itertools import filterfalse
from typing import Final

TELLING: Final = 20  # so many characters …
TELLING_WORDS: Final = 4  # … or so many words are more than a slip
_SHORTEST: Final = 3
_LONGEST: Final = 40
_BLANK: Final = "\u2800\u3164\u115f\u1160\uffa0\ufe0e\ufe0f"
"""Characters that are drawn as nothing, though Unicode counts them as letters, marks or pictures."""
_SILENT: Final = "'`\u00b4\u2018\u2019\u02bc\ua78c"
"""The ways to write an apostrophe or a glottal stop."""
_WITHOUT_SILENT: Final = str.maketrans("", "", _SILENT)
_BETWEEN: Final = re.compile(r"[\W_]+")  # whatever `str.isalnum` says no to


def nearest(word: str, known: Iterable[str]) -> str:
    """Return the known word that this one is probably a slip of, or '' if none is close."""
    if len(word) > _LONGEST:
        return ""
    by_fold = {each.casefold(): each for each in known}
    found = get_close_matches(word.casefold(), by_fold, n=1, cutoff=0.7)
    return next((by_fold[each] for each in found), "")


def holding(words: str, known: Iterable[str]) -> str:
    """Return the one known phrase that contains these words whole, or is contained in them; '' if none or several do.

    Words of one or two letters occur in too many phrases to mean any of them.
    """
    if not _SHORTEST <= len(words) <= _LONGEST:
        return ""
    found = {each for each in known if len(each) >= _SHORTEST and (_stands(words, each) or _stands(each, words))}
    return found.pop() if len(found) == 1 else ""


def within(words: str, known: Iterable[str]) -> str:
    """Return the one known phrase of which every longer word, or a slip of it, is among these words; '' if not one.

    `nomas un ratito` holds `un rato`.
    """
    if not _SHORTEST <= len(words) <= _LONGEST:
        return ""
    said = words.split()
    found = {
        each
        for each in known
        if (longer := [word for word in each.split() if len(word) > _SHORTEST])
        and all(get_close_matches(word, said, n=1, cutoff=0.75) for word in longer)
    }
    return found.pop() if len(found) == 1 else ""


def tells(words: str) -> bool:
    """Return whether words tell something and are more than a typing slip."""
    return len(words) >= TELLING or len(words.split()) >= TELLING_WORDS


def _stands(words: str, phrase: str) -> bool:
    return f" {words} " in f" {phrase} "


def is_blank(words: str) -> bool:
    """Return whether words show nothing: blanks, zero-width marks, control characters, and no letter or sign."""
    return all(unicodedata.category(letter)[0] in "CZ" or letter in _BLANK for letter in words)


def folded(words: str) -> str:
    """Return words without what is often left out on telephones: accents, capitals, punctuation, pictures."""
    bare = "".join(filterfalse(unicodedata.combining, unicodedata.normalize("NFKD", words)))
    return " ".join(_BETWEEN.sub(" ", bare.translate(_WITHOUT_SILENT).casefold()).split())
