"""Words of danger: whether a text says something that the team is to see first, or that rings.

Whole phrases are looked for, however they are spelt: accents, capitals, punctuation, doubled letters, and letters that
sound alike in Spanish (b and v, s and z, ll and y, h) make no difference. There is no stemmer: every verb form stands
in a table of its language (`dialogs.lang`), as a stem finds too few cries and too much of everyday life.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Final, Literal, TypeAlias

from dialogs import lang
from dialogs.fuzzy_match import folded
from dialogs.lang import DangerPhrase, DangerTable, LanguageRules, Shape

Strength: TypeAlias = Literal["marked", "rings"]
MARKED: Final[Strength] = "marked"
RINGS: Final[Strength] = "rings"

_SLOT: Final = re.compile(r"<(\w+)>")
_DOUBLED: Final = re.compile(rb"([a-z])\1+")
_DRAWN_OUT: Final = (b"aaa", b"eee", b"iii", b"ooo", b"uuu", b"rrr", b"sss")
_PAIRS: Final = tuple((bytes((letter, letter)), bytes((letter,))) for letter in b"aeiourstnmlpfdgkxy")
_SOUNDS: Final = (
    (b"ch", b"x"),
    (b"qu", b"k"),
    (b"ce", b"se"),
    (b"ci", b"si"),
    (b"gue", b"Ge"),
    (b"gui", b"Gi"),
    (b"ge", b"je"),
    (b"gi", b"ji"),
    (b"ll", b"y"),
)
_ALIKE: Final = bytes.maketrans(b"cqvzG", b"kkbsg")
_STOPS: Final = frozenset(".,;:!?…\n")


def _plain(letter: str) -> str:
    """Return a character as it is compared: letters without marks, nothing for an apostrophe, else a blank."""
    return folded(letter) or (" " if " " in folded(f"a{letter}a") else "")


class _Letters(dict[int, str]):
    """Each character as it is compared, worked out when it is first met."""

    def __missing__(self, code: int) -> str:
        self[code] = plain = _plain(chr(code))
        return plain


_LETTERS: Final = _Letters()
# Nearly every text is written in these 256 characters, for which one table of bytes does it all.
_WESTERN: Final = bytes((_plain(chr(code)) or " ")[:1].encode("ascii", "replace")[0] for code in range(256))
_DROPPED: Final = bytes(code for code in range(256) if not _plain(chr(code)))


def sounded(text: str) -> str:
    """Return a text as it is compared: small letters without marks, spelt as they sound.

    Every text that is typed comes through here, so it is made of a few steps that are quick.
    """
    try:
        said = text.encode("latin-1").translate(_WESTERN, _DROPPED)
    except UnicodeEncodeError:
        said = text.translate(_LETTERS).encode("ascii", "replace")
    for letters, sound in _SOUNDS:
        said = said.replace(letters, sound)
    said = said.translate(_ALIKE, b"h")
    if any(each in said for each in _DRAWN_OUT):
        return _DOUBLED.sub(rb"\1", said).decode("ascii")
    for pair, letter in _PAIRS:
        said = said.replace(pair, letter)
    return said.decode("ascii", "replace")


@dataclass(frozen=True, slots=True)
class Found:
    """What a text says.

    Attributes:
        strength: how strongly.
        phrase: the phrase of the list that rang; '' for a text that is only marked.
        mark: the entry that marked it, as it is listed; '' for a text that rings.
    """

    strength: Strength
    phrase: str = ""
    mark: str = ""


@dataclass(frozen=True, slots=True)
class _Pattern:
    """A phrase after its first word: which words may follow it, and what makes it mean something else."""

    rest: tuple[frozenset[str], ...]
    phrase: str
    mark: str
    unless: frozenset[str]
    after: frozenset[str]
    deniable: bool

    def fits(self, words: list[str], place: int) -> bool:
        """Return whether the phrase stands at a place of a text."""
        end = place + 1 + len(self.rest)
        if end > len(words) or any(words[place + 1 + at] not in each for at, each in enumerate(self.rest)):
            return False
        if self.unless and end < len(words) and words[end] in self.unless:
            return False
        return not (self.after and place and words[place - 1] in self.after)


class Matcher:
    """Finds phrases of danger in texts: those that ring, and those that are marked."""

    def __init__(self, ringing: Iterable[str], marked: Iterable[str] = (), unmarked: Iterable[str] = ()) -> None:
        """Compile the tables.

        Args:
            ringing: the phrases an organisation accepted.
            marked: its own that are only marked.
            unmarked: what would be marked and is not looked for there, as it is listed.
        """
        # By their first word, then by their second; '' stands for the end of the phrase.
        self._patterns: dict[str, dict[str, list[_Pattern]]] = {}
        self._denials: set[str] = set()
        self._subjects: set[str] = set()
        accepted = {folded(phrase): phrase for phrase in ringing if folded(phrase)}
        shipped = set()
        self._unmarked = frozenset(map(folded, unmarked))
        for rules in lang.RULES:
            table = rules.danger
            self._denials.update(sounded(word) for word in table.denials)
            self._subjects.update(sounded(word) for word in table.subjects)
        for rules in lang.RULES:
            table = rules.danger
            for proposal in table.phrases:
                known = folded(proposal.text)
                shipped.add(known)
                for shape in proposal.shapes:
                    self._add(shape, accepted.get(known, ""), table.slots, proposal.text)
            for way, entry in _entries(table):
                self._add(Shape(way), "", table.slots, entry)
        for known, phrase in accepted.items():
            if known not in shipped:
                self._add(Shape(known), phrase, {}, phrase)
        for phrase in marked:
            self._add(Shape(folded(phrase)), "", {}, phrase)

    def _add(self, shape: Shape, phrase: str, slots: Mapping[str, str], entry: str) -> None:
        """Add the ways of saying a phrase, each under each two words that it may begin with.

        `entry` is how it is listed; one that does not ring, and is not to be marked either, is left out.
        """
        if not phrase and folded(entry) in self._unmarked:
            return
        unless, after = _any_of(shape.unless), _any_of(shape.after)
        for way in shape.words.split(","):
            words = [_choices(word, slots) for word in _spelt(way)]
            if not words:
                continue
            deniable = not words[0] & self._subjects
            pattern = _Pattern(tuple(words[1:]), phrase, entry, unless, after, deniable)
            for first in words[0]:
                seconds = self._patterns.setdefault(first, {})
                for second in words[1] if len(words) > 1 else ("",):
                    seconds.setdefault(second, []).append(pattern)

    def look(self, text: str) -> Found | None:
        """Return the strongest of what a text says; None if it says nothing of danger."""
        words, patterns = sounded(text).split(), self._patterns
        marked = None
        for place, word in enumerate(words):
            seconds = patterns.get(word)
            if seconds is None:
                continue
            found = self._found(text, words, place, seconds)
            if found is not None and found.phrase:
                return found
            marked = marked or found
        return marked

    def _found(self, text: str, words: list[str], place: int, seconds: Mapping[str, list[_Pattern]]) -> Found | None:
        """Return the strongest of what is said from one word on."""
        following = words[place + 1] if place + 1 < len(words) else ""
        found = None
        for pattern in (*seconds.get(following, ()), *(seconds.get("", ()) if following else ())):
            if not pattern.fits(words, place):
                continue
            if pattern.phrase and not (pattern.deniable and self._denied(text, words, place)):
                return Found(RINGS, pattern.phrase)
            found = found or Found(MARKED, mark=pattern.mark)
        return found

    def _denied(self, text: str, words: list[str], place: int) -> bool:
        """Return whether a phrase is denied by the word before it, in the same breath: not in "No, me pega"."""
        if not place or words[place - 1] not in self._denials:
            return False
        stopped = "".join(f" {letter} " if letter in _STOPS else letter for letter in text)
        breath = [sounded(word) or word for word in stopped.split()]
        return any(breath[at : at + 2] == words[place - 1 : place + 1] for at in range(len(breath)))


def _spelt(words: str) -> list[str]:
    """Return the words of a shape; slots stay as they are."""
    return [part for word in words.split() for part in ([word] if _SLOT.fullmatch(word) else sounded(word).split())]


def _choices(word: str, slots: Mapping[str, str]) -> frozenset[str]:
    """Return the words that may stand for one word of a shape."""
    slot = _SLOT.fullmatch(word)
    return _any_of(slots[slot[1]]) if slot else _alone(word)


# The same few words stand in thousands of places: each set of them is there once.
@cache
def _any_of(words: str) -> frozenset[str]:
    return frozenset(sounded(words).split())


@cache
def _alone(word: str) -> frozenset[str]:
    return frozenset((word,))


@lru_cache(maxsize=8)
def matcher(ringing: tuple[str, ...], marked: tuple[str, ...], unmarked: tuple[str, ...] = ()) -> Matcher:
    """Return the matcher of these phrases, compiled once."""
    return Matcher(ringing, marked, unmarked)


def proposed(tag: str) -> tuple[str, ...]:
    """Return the phrases that are proposed to ring in a language; none where it has no table."""
    return tuple(phrase.text for phrase in _table(tag).phrases)


def marks(tag: str) -> tuple[str, ...]:
    """Return what is marked in a language without anybody's doing, as it is listed; nothing where it has no table."""
    return tuple(entry for _, entry in _entries(_table(tag)))


def _entries(table: DangerTable) -> Iterator[tuple[str, str]]:
    """Yield what a table marks, and how each is listed: with the first word of each slot."""
    for way in table.marks.replace("\n", " ").split(","):
        if entry := _SLOT.sub(lambda slot: table.slots[slot[1]].split()[0], way).strip():
            yield way, entry


def _table(tag: str) -> DangerTable:
    base = tag.partition("-")[0]
    return next((rules.danger for rules in lang.RULES if rules.tag == base), DangerTable())


__all__ = [
    "MARKED",
    "RINGS",
    "DangerPhrase",
    "Found",
    "LanguageRules",
    "Matcher",
    "Strength",
    "marks",
    "matcher",
    "proposed",
    "sounded",
]
