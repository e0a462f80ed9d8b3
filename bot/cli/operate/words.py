"""The organisation's key as 24 words for paper (BIP-39: 256 bits and 8 of checksum, 11 bits a word)."""

import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from babel import Locale

from bot.errors import Problem
from bot.product_languages import LANGUAGES
from dialogs import fuzzy_match, lang

if TYPE_CHECKING:
    from mnemonic import Mnemonic

WORDS: Final = 24
UNIQUE: Final = 4  # letters by which every word of a list differs from the others


class WordsError(Problem):
    """Words that are no key."""


@lru_cache(maxsize=8)
def _list(language: str) -> "Mnemonic":
    from mnemonic import Mnemonic  # noqa: PLC0415  only the key's own commands need it

    return Mnemonic(_listed(language) or _listed(lang.INTERNATIONAL))


@lru_cache(maxsize=8)
def _listed(language: str) -> str:
    """Return the name of a language's word list, which is its English name; '' where there is none."""
    from mnemonic import Mnemonic  # noqa: PLC0415  only the key's own commands need it

    name = str(Locale(lang.INTERNATIONAL).languages.get(language, "")).lower()
    return name if name in Mnemonic.list_languages() else ""


@lru_cache(maxsize=8)
def _known(language: str) -> dict[str, str]:
    """Return every word of a list by how it is typed without accents."""
    return {folded_word(word): word for word in _list(language).wordlist}


def folded_word(word: str) -> str:
    """Return a word without capitals and accents, as it may be typed on any keyboard."""
    apart = unicodedata.normalize("NFKD", word.strip().lower())
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


def of_key(key: bytes, language: str) -> list[str]:
    """Return a key of 32 bytes as 24 words of a language."""
    words = _list(language).to_mnemonic(key).split()
    return [unicodedata.normalize("NFC", word) for word in words]


def same(typed: str, word: str) -> bool:
    """Return whether what was typed is this word: accents and capitals do not count, and its first letters suffice."""
    found = folded_word(typed)
    return found == folded_word(word) or (len(found) >= UNIQUE and folded_word(word).startswith(found))


def key_of(typed: str) -> bytes:
    """Read a key from 24 words, in any of the languages, as they were typed; numbers between them are ignored.

    Raises:
        WordsError: too few or too many words, one that is on no list (named, with its place), or a wrong checksum,
            which shows that one of them is not the word that was written down.
    """
    words = [folded_word(word) for word in typed.replace(",", " ").split()]
    words = [word for word in (each.strip(".:)·") for each in words) if word and not word.isdecimal()]
    if len(words) != WORDS:
        raise WordsError("cli.words.number", found=len(words), needed=WORDS)
    found = [(len(_unknown(words, language)), language) for language in LANGUAGES if _listed(language)]
    strange, language = min(found)
    if strange:
        place = _unknown(words, language)[0]
        hint = _known(language).get(fuzzy_match.nearest(words[place], _known(language)), "")
        code = "cli.words.unknown.near" if hint else "cli.words.unknown"
        raise WordsError(code, place=place + 1, word=words[place], **({"hint": hint} if hint else {}))
    # A word may be on both lists: the list whose checksum is right is the one.
    for _, each in sorted(found):
        if not _unknown(words, each):
            whole = _list(each).delimiter.join(_known(each)[word] for word in words)
            if _list(each).check(whole):
                return bytes(_list(each).to_entropy(whole))
    raise WordsError("cli.words.checksum")


def _unknown(words: Sequence[str], language: str) -> list[int]:
    known = _known(language)
    return [place for place, word in enumerate(words) if word not in known]
