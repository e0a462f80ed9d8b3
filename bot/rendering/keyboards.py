"""Keyboards: how the buttons of a prompt stand, so that a phone shows them whole."""

import math
from collections.abc import Sequence

from bot.messengers.port import Button, Keyboard
from bot.rendering.speech import pairs, rows
from dialogs import types
from dialogs.events import Option
from dialogs.types import ChoiceSource

ROWS = 8  # that a phone shows without scrolling
SHORT = 3  # labels this short share a row
A_ROW = 8  # buttons that a messenger puts side by side (Telegram: 8)


def labels(options: Sequence[Option], kind: str) -> list[str]:
    """Write the options of a question: a digit first (on a scale the number itself), a tick where chosen."""
    source, written = types.get(kind).choice_source, []
    for place, option in enumerate(options, 1):
        digit = option.name if source is ChoiceSource.NUMBERS else str(place)
        plain = source is ChoiceSource.MADE or option.label == digit
        written.append(("✓ " if option.chosen else "") + (option.label if plain else f"{digit} · {option.label}"))
    return written


def room(choices: Sequence[Button], done: Sequence[Button], ways: Sequence[Button]) -> int:
    """Tell how many choices stand on a page, so that all rows are shown; all of them, where they fit."""
    left = ROWS - len(done) - len(pairs(ways))
    return len(choices) if _compact(choices) or len(choices) <= left else left - 1  # a row turns the pages


def prompt(
    choices: Sequence[Button], done: Sequence[Button], ways: Sequence[Button], turns: Sequence[Button] = ()
) -> Keyboard:
    """Lay out a prompt's keyboard: one choice a row where labels are long; below, ways on, to wait and out."""
    return (_even(choices) if _compact(choices) else rows(*choices)) + pairs(turns) + rows(*done) + pairs(ways)


def _even(choices: Sequence[Button]) -> Keyboard:
    """Put short labels side by side, in rows as even as can be: a scale from 0 to 10 in six and five."""
    lines = math.ceil(len(choices) / A_ROW)
    wide = math.ceil(len(choices) / lines)
    return tuple(tuple(choices[start : start + wide]) for start in range(0, len(choices), wide))


def _compact(choices: Sequence[Button]) -> bool:
    return bool(choices) and all(len(choice.label) <= SHORT for choice in choices)
