"""Splitting long texts into messages: where people pause, and never inside a letter or an emoji."""

import re
import unicodedata
from typing import Final

# The best pause comes first: paragraph, line, sentence, clause, word.
_PAUSES: Final = tuple(
    re.compile(pattern)
    for pattern in (
        r"\n\s*\n\s*",
        r"\n\s*",
        r"[.!?…]+[)\]»”\"']*\s+",
        r"[;:,]\s+",
        r"\s+",
    )
)
_JOINER: Final = "\u200d"
_JOINED: Final = frozenset({"\u200d", "\ufe0e", "\ufe0f", "\u20e3"})
_TONES: Final = range(0x1F3FB, 0x1F400)
_FLAGS: Final = range(0x1F1E6, 0x1F200)
_TAGS: Final = range(0xE0020, 0xE0080)
_LEAST: Final = 3  # a pause is used only if the part fills at least a third of the limit


def units(text: str) -> int:
    """Return the length in UTF-16 code units, as messengers count."""
    return len(text.encode("utf-16-le")) // 2


def split(text: str, most: int, first: int | None = None) -> list[str]:
    """Split a text into parts of at most `most` units, the first of at most `first` if that is given.

    Each part is one message. A text that fits is one part; a blank text is none.
    """
    parts: list[str] = []
    rest, limit = text.strip(), most if first is None else first
    while units(rest) > limit:
        end = _place(rest, limit)
        parts.append(rest[:end].rstrip())
        rest, limit = rest[end:].lstrip(), most
    return [*parts, rest] if rest else parts


def _place(text: str, limit: int) -> int:
    """Return where the next part begins."""
    end = _reach(text, limit)
    window = text[:end]
    for pause in _PAUSES:
        places = [found.end() for found in pause.finditer(text, 0, end + 1) if len(text[: found.end()].rstrip()) <= end]
        if places and places[-1] * _LEAST >= len(window):
            return places[-1]
    while end > 1 and _inside(text, end):
        end -= 1
    return end


def _reach(text: str, limit: int) -> int:
    """Return how many characters of a text fit."""
    if len(text) <= limit // 2:
        return len(text)
    used = 0
    for place, letter in enumerate(text):
        used += 2 if ord(letter) > 0xFFFF else 1  # noqa: PLR2004  a character beyond it takes two units
        if used > limit:
            return max(place, 1)
    return len(text)


def _inside(text: str, place: int) -> bool:
    """Return whether a cut here would split what is seen as one sign."""
    if place >= len(text):
        return False
    after, before = text[place], text[place - 1]
    if after in _JOINED or before == _JOINER or unicodedata.combining(after):
        return True
    if ord(after) in _TONES or ord(after) in _TAGS:
        return True
    if ord(after) in _FLAGS and ord(before) in _FLAGS:
        flags = len(text[:place]) - len(text[:place].rstrip("".join(map(chr, _FLAGS))))
        return flags % 2 == 1
    return False
