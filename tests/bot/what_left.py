"""A reader of its own of what left a team: texts that were sent to people, and the files of a record.

It knows what anybody can know who was asked: the question, its options, and how people are counted in a sentence. It
does not know how Hilo decides what leaves, nor of any row. A count that it cannot lay to a question is an error.
"""

import html
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, TypeAlias

Range: TypeAlias = tuple[int, int]
ANSWERED: Final = "answered"
"""Stands for everybody who answered, beside the options' words."""

_BETWEEN: Final = re.compile(r"\b(\d+) (?:y|and|a|to) (\d+)\b")
_EXACT: Final = re.compile(r"(?<!\d )(?<!y )(?<!and )(?<!to )\b(\d+) (?:personas|people)\b")
_SENTENCE: Final = re.compile(r"(?<=[.;!?])\s+|\n")
_WHOLE: Final = re.compile(r"\bcontestaron\b|\banswered\b", re.IGNORECASE)
_EXPLAINED: Final = re.compile(r"[«“](?:entre|between) \d+ (?:y|and) \d+ (?:personas|people)[»”]")
_QUOTED: Final = re.compile(r"alt=\"([^\"]*)\"|aria-label=\"([^\"]*)\"")
_PUT_IN: Final = re.compile(r"<(?:script|style)\b.*?</(?:script|style)>", re.DOTALL)
_BLOCK: Final = re.compile(r"</?(?:p|li|ul|ol|h\d|section|article|div|text|td|tr|title|main|nav)\b[^>]*>")
_TAG: Final = re.compile(r"<[^>]+>")
_PAGE: Final = re.compile(r"(?:asked|pictures)/(\d{3})")


class Unread(AssertionError):
    """A count of people that stands where nobody can say of what it is."""


def counts(text: str, options: Sequence[str]) -> Iterator[tuple[str, Range]]:
    """Yield what a text says of how many: of which option, or of all who answered, and between which numbers.

    Raises Unread.
    """
    for sentence in _SENTENCE.split(text):
        found = [(int(low), int(high)) for low, high in _BETWEEN.findall(sentence)]
        found += [(int(number), int(number)) for number in _EXACT.findall(sentence)]
        if not found:
            continue
        named = [words for words in options if re.search(rf"\b{re.escape(words)}\b", sentence)]
        named = named or ([ANSWERED] if _WHOLE.search(sentence) else [])
        if len(found) != 1 or len(named) != 1:
            raise Unread(sentence)
        yield named[0], found[0]


def in_record(folder: Path, options: Sequence[str]) -> Iterator[tuple[int, str, Range]]:
    """Yield the same of each file of a record, with the number of what was asked.

    Raises Unread where a count stands on any other page, or stands in a picture and not in its words.
    """
    for path in sorted(each for each in folder.rglob("*") if each.is_file()):
        of = _PAGE.search(str(path.relative_to(folder)))
        for text in _texts(path):
            for name, found in counts(_EXPLAINED.sub("", text), options):
                if of is None:
                    raise Unread(f"{path}: {text}")
                yield int(of[1]), name, found


def _texts(path: Path) -> Iterator[str]:
    """Yield what can be read in a file: block by block, with what is said beside pictures."""
    if path.suffix not in {".html", ".svg", ".js"}:
        return
    written = path.read_text("utf-8")
    if path.suffix == ".js":
        yield written
        return
    told = [html.unescape(one or other) for one, other in _QUOTED.findall(written)]
    yield from told
    shown = [_read(each) for each in _BLOCK.split(_PUT_IN.sub("", written))]
    if path.suffix == ".svg":  # words and numbers stand in places of their own: they are those of its words, or unread
        for each in filter(None, shown):
            if any(span not in _BETWEEN.findall(" ".join(told)) for span in _BETWEEN.findall(each)):
                raise Unread(f"{path}: {each}")
    else:
        yield from filter(None, shown)


def _read(marked: str) -> str:
    return " ".join(html.unescape(_TAG.sub("", marked)).split())
