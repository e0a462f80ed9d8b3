"""Keyboards: how the buttons of a prompt stand, so that a phone shows them whole."""

from collections.abc import Sequence

from bot.messenger import Button, Keyboard
from bot.speech import pairs, rows
from dialogs.events import Option

SHORT = 3  # labels this short share a row
UNNUMBERED = frozenset({"acknowledge", "date"})  # their options are read, not counted


def labels(options: Sequence[Option], kind: str) -> list[str]:
    """Write the options of a question: a digit first (on a scale the number itself), a tick where chosen."""
    written = []
    for place, option in enumerate(options, 1):
        digit = option.name if kind == "range" else str(place)
        plain = kind in UNNUMBERED or option.label == digit
        written.append(("✓ " if option.chosen else "") + (option.label if plain else f"{digit} · {option.label}"))
    return written


def prompt(choices: Sequence[Button], done: Sequence[Button], ways: Sequence[Button]) -> Keyboard:
    """Lay out a prompt's keyboard: one choice a row where labels are long; below, ways on, to wait and out."""
    compact = bool(choices) and all(len(choice.label) <= SHORT for choice in choices)
    return ((tuple(choices),) if compact else rows(*choices)) + rows(*done) + pairs(ways)
