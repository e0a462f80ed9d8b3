"""A person's reply, and the possible results of reading it: an answer, a guess or a refusal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from dialogs import lang
from dialogs.fuzzy_match import folded
from dialogs.model import Media, Value
from dialogs.value_class import value_class

__all__ = ["ACTIONS", "COMMON_REFUSALS", "Edited", "Guess", "Pressed", "Refusal", "Reply", "Sent", "Typed", "folded"]


@value_class
class Typed:
    """Words. `prompt` is the number they answer by the messenger's order; None means the newest.

    `order` is the message's own place in that order, by which an edit of it is recognised. `telling` says that they
    tell something grave: what is no answer is then kept beside its question, never taken for a slip.
    """

    text: str
    prompt: int | None = None
    order: int | None = None
    telling: bool = False


@value_class
class Pressed:
    """A pressed button: one of `ACTIONS`.

    `path` and `prompt` are those of the message that carried it (empty and 0 on an offer); `choice` is the name that
    `choose` picks.
    """

    action: str
    path: str = ""
    prompt: int = 0
    choice: str | None = None


@dataclass(frozen=True, slots=True)
class Sent:
    """Something other than words: a voice note, a photo, a sticker, a contact. `kind` names it.

    `media` is a voice note or photo that was stored. `caption` are the words sent under it. `content` is what else it
    brings, under the messenger's name for it, such as a place on a map; without either, nothing can be taken.
    """

    kind: str
    prompt: int | None = None
    media: Media | None = None
    caption: str = ""
    order: int | None = None
    content: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Edited:
    """A message that was edited after it was sent: `order` is its place, `text` what it says now."""

    order: int
    text: str


Reply: TypeAlias = Typed | Pressed | Sent | Edited

ACTIONS: Final = (
    "start", "later", "why", "choose", "done", "skip", "back", "stop", "resume", "change",
    "accept", "other", "review", "finish",
)  # fmt: skip  # a list of words reads better in lines
"""Everything a button may ask for."""

COMMON_REFUSALS: Final[Mapping[str, frozenset[str]]] = {
    "not_a_number": frozenset({"example"}),
    "not_a_choice": frozenset({"max", "near"}),
    "too_long": frozenset({"max"}),
    "required": frozenset({"message"}),
    "constraint": frozenset({"message"}),
    "empty": frozenset(),
    "not_text": frozenset({"kind"}),
}
"""The refusals shared by several question types, with the names of their facts; a type may have more of its own.

`max` of not_a_choice is how many there are; `near` is the label that was probably meant, or ''. `message` is the
author's own sentence, in the person's language, or ''.
"""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a reply does not fit: a code of `types.REFUSALS` with its facts."""

    code: str
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Guess:
    """What words probably mean. `name` is the value written out, or the choice's name: see `guessed`."""

    name: str


Read: TypeAlias = Value | Guess | Refusal
"""The result of reading a reply."""


def is_dynamic(default: str) -> bool:
    """Return whether a default is an expression, rather than the answer itself."""
    return "${" in default or default.endswith(")")


def yes_or_no(words: str, *, digits: bool) -> bool | None:
    """Return whether words are a yes; None if they are neither yes nor no. With `digits`, 1 is a yes and 2 a no."""
    said = folded(words)
    if said in lang.YES or (said == "1" and digits):
        return True
    return False if said in lang.NO or (said == "2" and digits) else None
