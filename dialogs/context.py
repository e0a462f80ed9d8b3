"""What a turn may know of the world: all of it is an argument."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Final, TypeAlias
from zoneinfo import ZoneInfo

from dialogs.model import Choice, Value, ValueFormat
from dialogs.value_class import value_class

FACTS: Final = frozenset({"name", "language", "organisation", "reading_day"})
"""The facts that every dialog may read as `${name}`. `language` is the base language: `es` for `es-usted`.

A dialog of kind `staff` declares further ones itself (`Dialog.facts`).
"""

Lookup: TypeAlias = Callable[[str, Mapping[str, Value | None]], Sequence[Choice]]
"""Returns the choices of a named list (`choices_from`), given the answers so far."""


Written: TypeAlias = Callable[[ValueFormat, str], str]
"""Writes a value of a format as people of a language do: a date, `2026-12-06` -> 6 de diciembre de 2026."""


def as_it_is(kind: ValueFormat, value: str) -> str:  # noqa: ARG001  the shape of a writer
    """Return a value as it is stored."""
    return value


def zone_of(name: str) -> tzinfo:
    """Return a time zone by its IANA name; UTC if it is unknown."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return UTC


def no_lists(name: str, answers: Mapping[str, Value | None]) -> Sequence[Choice]:  # noqa: ARG001  the shape of a lookup
    """Return no choices, whatever list is asked for."""
    return ()


@value_class
class Limits:
    """The limits of a turn.

    `text_length` is in characters of one answer; `later` is how long later is; `amends` is how long after its end a
    run's answers can be reviewed and changed; `steps_per_turn` is how many steps one turn may pass.
    """

    text_length: int = 20_000
    later: timedelta = timedelta(hours=3)
    amends: timedelta = timedelta(hours=48)
    steps_per_turn: int = 200


@value_class
class Context:
    """What one turn may know.

    `now` is an aware moment in UTC; `zone` an IANA name; `language` the person's language tag. `facts` are readable in
    texts and expressions as `${reading_day}` and the like, already in the person's language. `written` writes days,
    hours and decimals for them to read. With `ahead`, words for a day mean one to come.
    """

    now: datetime
    zone: str
    language: str
    name: str | None = None
    facts: Mapping[str, str] = field(default_factory=dict)
    limits: Limits = field(default_factory=Limits)
    lookup: Lookup = no_lists
    written: Written = as_it_is
    ahead: bool = False

    def today(self) -> date:
        """Return today's date in the person's zone."""
        return self.now.astimezone(zone_of(self.zone)).date()
