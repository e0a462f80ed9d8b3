"""What a turn may know of the world: all of it is an argument."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, TypeAlias

from dialogs.model import Choice, Value

FACTS: Final = frozenset({"name", "language", "organisation", "reading_day"})
"""What every dialog may read as `${name}`. `language` is the base language: `es` for `es-usted`."""

STAFF_FACTS: Final = frozenset({"people", "cohort_label", "dialog_label"})
"""What a dialog of kind `staff` may read beside them."""

Lookup: TypeAlias = Callable[[str, Mapping[str, Value | None]], Sequence[Choice]]
"""Gives the choices of a named list (`choices_from`), knowing the answers given so far."""


def no_lists(name: str, answers: Mapping[str, Value | None]) -> Sequence[Choice]:  # noqa: ARG001  the shape of a lookup
    """Answer every lookup with no choices at all."""
    return ()


@dataclass(frozen=True, slots=True)
class Limits:
    """How far a turn goes: characters of one answer, how long `later` is, steps passed in one turn."""

    text_length: int = 20_000
    later: timedelta = timedelta(hours=3)
    steps_per_turn: int = 200


@dataclass(frozen=True, slots=True)
class Context:
    """What one turn may know.

    `now` is an aware moment in UTC; `zone` an IANA name; `language` the person's language tag. `facts` are
    readable in texts and expressions as `${reading_day}` and the like, in her language already.
    """

    now: datetime
    zone: str
    language: str
    name: str | None = None
    gender: str | None = None
    facts: Mapping[str, str] = field(default_factory=dict)
    seed: int = 0
    limits: Limits = field(default_factory=Limits)
    lookup: Lookup = no_lists
