"""Keyboards: the layout of a prompt's buttons, so that a phone shows all of them."""

import math
from collections.abc import Sequence

from bot.messengers.port import Button, Keyboard
from bot.rendering.speech import pairs, rows, together
from dialogs import types
from dialogs.events import Option
from dialogs.types import ChoiceSource

ROWS = 8  # that a phone shows without scrolling
SHORT = 3  # labels of at most so many characters share a row
A_ROW = 8  # the most buttons in a row (Telegram: 8)


def labels(options: Sequence[Option], kind: str) -> list[str]:
    """Return the labels of a question's options: a digit first (on a scale the number itself), a tick if chosen."""
    source, written = types.get(kind).choice_source, []
    for place, option in enumerate(options, 1):
        digit = option.name if source is ChoiceSource.NUMBERS else str(place)
        plain = source is ChoiceSource.MADE or option.label == digit
        written.append(("✓ " if option.chosen else "") + (option.label if plain else f"{digit} · {option.label}"))
    return written


def room(choices: Sequence[Button], done: Sequence[Button], ways: Sequence[Button]) -> int:
    """Return how many choices fit on a page so that all rows are shown; all of them if they fit."""
    left = ROWS - len(done) - len(together(rows(*ways)))
    return len(choices) if _compact(choices) or len(choices) <= left else left - 1  # one row turns the pages


def prompt(
    choices: Sequence[Button], done: Sequence[Button], ways: Sequence[Button], turns: Sequence[Button] = ()
) -> Keyboard:
    """Return a prompt's keyboard: one choice in a row if labels are long, then pages, "done" and the other actions."""
    return (
        (_even(choices) if _compact(choices) else rows(*choices)) + pairs(turns) + rows(*done) + together(rows(*ways))
    )


def beside(keyboard: Keyboard, more: Sequence[Button]) -> Keyboard:
    """Return a keyboard with short buttons more at the end of its last row."""
    return (*keyboard[:-1], (*keyboard[-1], *more)) if keyboard and more else keyboard


def _even(choices: Sequence[Button]) -> Keyboard:
    """Put short labels side by side, in rows as even as possible: a scale from 0 to 10 in six and five."""
    lines = math.ceil(len(choices) / A_ROW)
    wide = math.ceil(len(choices) / lines)
    return tuple(tuple(choices[start : start + wide]) for start in range(0, len(choices), wide))


def _compact(choices: Sequence[Button]) -> bool:
    return bool(choices) and all(len(choice.label) <= SHORT for choice in choices)
