"""The words of one step of a dialog, as an author reads them."""

from collections.abc import Mapping
from typing import Final

from dialogs import wording
from dialogs.model import Step

UNKNOWN: Final = "…"  # stands for the value of a blank that is not known yet


def shown_words(words: str, known: Mapping[str, str]) -> str:
    """Return a text with its blanks filled, so that nobody reads their names; unknown ones become `…`."""
    return wording.fill(words, {name: known.get(name) or UNKNOWN for name in wording.blanks(words)})


def written_step(step: Step, language: str, known: Mapping[str, str], number: int | None = None) -> str:
    """Return a step's words, hint and choices as text."""
    words = shown_words(wording.choose(step.label, language), known)
    lines = [f"{number} · {words}" if number else words]
    if step.hint:
        lines.append(shown_words(wording.choose(step.hint, language), known))
    lines += [f"   {place} · {wording.choose(each.label, language)}" for place, each in enumerate(step.choices, 1)]
    return "\n".join(lines)
