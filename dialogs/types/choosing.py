"""Which choices words name: by number, label, picture or name, exactly or nearly."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final
from unicodedata import category

from dialogs import lang
from dialogs.fuzzy_match import folded, holding, nearest, tells, within
from dialogs.languages import chain
from dialogs.model import Choice
from dialogs.replies import Guess, Refusal
from dialogs.types.base import choice_refusal

NUMBER_OF_CHOICE: Final = re.compile(r"(\d{1,3})\s*[·.):-]*", re.ASCII)
"""Pattern of a digit as it stands before a choice."""
_NUMBERED: Final = re.compile(r"\d{1,3}\s*[·.):-]+\s*(?=\S)", re.ASCII)
_SEPARATORS: Final = (
    re.compile(r"[,;\n]+"),
    re.compile(rf"\s+(?:{'|'.join(sorted(lang.CONJUNCTIONS))}|&|\+)\s+", re.IGNORECASE),
    re.compile(r"\s+"),
)
_PICTURED: Final = "\ufe0f"  # asks for the coloured form of a sign
_LONGEST_CHOOSING: Final = 500
"""Maximum length in characters of words that name choices; longer ones tell something else."""


def or_near(choices: Sequence[Choice], words: str, language: str) -> Guess | Refusal:
    """Return the choice that words are probably a slip of, or refuse them."""
    name = slip(choices, words, language)
    return Guess(name) if name else choice_refusal(choices, "")


def slip(choices: Sequence[Choice], words: str, language: str) -> str:
    """Return the name of the one choice whose label, or other words, these are probably a slip or a part of, or ''."""
    # Out of a sentence no further word is picked: what it tells is kept whole.
    labels = [
        (_folded_label(label), each.name)
        for each in choices
        for label in (_label(each, language), *(() if tells(words) else each.also))
    ]
    said, known = folded(words), [label for label, _ in labels if label]
    near = nearest(said, known) or holding(said, known) or within(said, known)
    return _only(name for label, name in labels if near and label == near) or ""


def _only(names: Iterable[str]) -> str | None:
    """Return the one name that there is; None if there is none, or more than one."""
    found = set(names)
    return found.pop() if len(found) == 1 else None


def _label(choice: Choice, language: str) -> str:
    return next((choice.label[tag] for tag in chain(language) if choice.label.get(tag)), "")


def one(choices: Sequence[Choice], words: str, language: str) -> str | None:
    """Return the choice that words name by its place, its label in any language, or its name; or None."""
    numbered = NUMBER_OF_CHOICE.fullmatch(words)
    if numbered and 1 <= int(numbered[1]) <= len(choices):
        return choices[int(numbered[1]) - 1].name
    return by_label(choices, words, language)


def by_label(choices: Sequence[Choice], words: str, language: str) -> str | None:
    """Return the one choice that words name by its label or other words in any language, picture or name; or None."""
    if len(words) > _LONGEST_CHOOSING:
        return None
    if name := _by_picture(choices, words):
        return name
    for spelled in dict.fromkeys((words, _NUMBERED.sub("", words, count=1))):
        wanted = folded(spelled)
        if name := _only(choice.name for choice in choices if spelled in choice.label.values()):
            return name
        if not wanted:
            continue
        if name := _only(each.name for each in choices if _folded_label(_label(each, language)) == wanted):
            return name
        any_language = (
            each.name
            for each in choices
            if _folded_label(each.name) == wanted
            or any(_folded_label(label) == wanted for label in (*each.label.values(), *each.also))
        )
        if name := _only(any_language):
            return name
    return None


def _by_picture(choices: Sequence[Choice], words: str) -> str | None:
    """Return the one choice whose label has the picture, such as a face, that is all that was said; or None."""
    picture = words.replace(_PICTURED, "")
    if not picture or not all(category(letter) == "So" for letter in picture):
        return None
    return _only(each.name for each in choices if any(picture in label for label in each.label.values()))


def several(choices: Sequence[Choice], words: str, language: str) -> frozenset[str]:
    """Return the choices that words list: `1 3`, `1,3`, `1 y 3`, or labels; empty if any part names none."""
    if len(words) > _LONGEST_CHOOSING:
        return frozenset()
    if found := one(choices, words, language):
        return frozenset({found})
    for separator in _SEPARATORS:
        parts = [part.strip() for part in separator.split(words) if part.strip()]
        if len(parts) > 1 or (parts and parts[0] != words):
            picked = [several(choices, part, language) for part in parts]
            if all(picked):
                return frozenset().union(*picked)
    return frozenset()


@lru_cache(maxsize=4096)
def _folded_label(label: str) -> str:
    """Fold an author's words, which come back every turn; a person's own words are never cached here."""
    return folded(label)
