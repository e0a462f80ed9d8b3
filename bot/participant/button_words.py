"""The words on the buttons beside a question, typed instead of pressed: "listo", "parar aquí"."""

from collections.abc import Mapping
from functools import cache
from typing import Final

from bot.product_languages import LANGUAGES
from bot.rendering.texts import catalogs
from dialogs import languages
from dialogs.replies import folded

BUTTONS: Final[Mapping[str, str]] = {
    "button.skip": "skip",
    "button.back": "back",
    "button.later": "later",
    "button.stop": "stop",
    "button.done": "done",
    "button.keep": "done",
    "button.all": "done",
    "button.other": "other",
}
"""The buttons beside a question, and the action of the engine that each asks for."""
IN_WORDS: Final = frozenset({"button.keep", "button.all", "button.stop"})
"""Those whose words are no answer even where any words are one."""


@cache
def _labels(free_text: bool) -> Mapping[str, str]:
    """Return the action of each label, folded, in every language."""
    return {
        folded(catalogs().say(code, tag)): action
        for code, action in BUTTONS.items()
        if code in IN_WORDS or not free_text
        for tag in languages.with_registers(LANGUAGES)
    }


def action_of(text: str, *, free_text: bool) -> str | None:
    """Return the action whose button says this, or None; where the answer is in words, few buttons are meant."""
    return _labels(free_text).get(folded(text))
