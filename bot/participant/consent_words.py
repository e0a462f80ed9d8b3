"""What typed words mean to the question whether somebody wants to take part.

Only what cannot be anything else is a yes or a no: what merely looks like one is asked back. The words are in the
catalogs (`said.…`) and are understood in every language, as people mix them.
"""

from collections.abc import Callable, Mapping
from enum import Enum
from typing import Final

from dialogs.fuzzy_match import nearest
from dialogs.replies import folded


class ConsentReply(Enum):
    """What somebody means; the value is the code of its words in the catalogs."""

    SURE = "said.agree.sure"  # a yes that says what it is a yes to
    YES = "said.agree"
    NO = "said.decline"
    DOUBT = "said.doubts"
    LATER = "said.not_yet"
    READERS = "said.readers"
    WHO = "said.who"
    PERHAPS = "said.perhaps"
    PERHAPS_NOT = "said.perhaps_not"
    QUESTION = "said.asks"  # the words that a question begins with
    OTHER = ""


LISTED: Final = tuple(each for each in ConsentReply if each not in {ConsentReply.QUESTION, ConsentReply.OTHER})
HOLDS: Final = (ConsentReply.READERS, ConsentReply.WHO)  # also when they are only a part of a question
GOOD: Final = frozenset("👍👌🙌✅✔🆗")
BAD: Final = frozenset("👎❌🚫✖")

Words = Mapping[ConsentReply, frozenset[str]]


def listed(said: Callable[[str], list[str]]) -> Words:
    """Return the words of each meaning, folded; `said` returns those of a code in every language."""
    return {each: frozenset(folded(word) for word in said(each.value)) for each in ConsentReply if each.value}


def meaning(text: str, words: Words) -> ConsentReply:
    """Return what a text means."""
    said = folded(text)
    if not said:
        signs = set(text)
        return ConsentReply.PERHAPS if signs & GOOD else ConsentReply.PERHAPS_NOT if signs & BAD else ConsentReply.OTHER
    exact = next((each for each in LISTED if said in words[each]), None)
    if exact is not None:
        return exact
    if "?" in text or "¿" in text or any(f"{said} ".startswith(f"{each} ") for each in words[ConsentReply.QUESTION]):
        about = (each for each in HOLDS if any(f" {phrase} " in f" {said} " for phrase in words[each]))
        return next(about, ConsentReply.QUESTION)
    return _nearly(said, words)


def _nearly(said: str, words: Words) -> ConsentReply:
    """Return which of yes and no a text that is neither resembles: by how it begins, or as a slip of it."""
    no = words[ConsentReply.NO] | words[ConsentReply.PERHAPS_NOT]
    yes = words[ConsentReply.YES] | words[ConsentReply.PERHAPS]
    first = said.partition(" ")[0]
    if first in no:
        return ConsentReply.PERHAPS_NOT
    if first in yes:
        return ConsentReply.PERHAPS
    slip = nearest(said, no | yes | words[ConsentReply.SURE])
    return ConsentReply.OTHER if not slip else ConsentReply.PERHAPS_NOT if slip in no else ConsentReply.PERHAPS
