"""The words on the buttons beside a question, typed instead of pressed: "listo", "parar aquí"."""

from collections.abc import Mapping
from functools import cache
from typing import Final

from bot.conversation.turns import Turns
from bot.messengers.port import Incoming
from bot.product_languages import LANGUAGES
from bot.rendering.texts import catalogs
from dialogs import languages, types
from dialogs.model import Step
from dialogs.replies import folded
from storage.people import Person
from storage.runs import RunRow
from storage.unit import Unit

BUTTONS: Final[Mapping[str, str]] = {
    "button.skip": "skip",
    "button.back": "back",
    "button.later": "later",
    "button.done": "done",
    "button.keep": "done",
    "button.all": "done",
    "button.other": "other",
}
"""The buttons beside a question, and the action of the engine that each asks for."""
LONGEST: Final = 40  # characters; whoever writes more says no button
IN_WORDS: Final = frozenset({"button.keep", "button.all"})
"""Those whose words are no answer even where any words are one."""


@cache
def _labels(free_text: bool) -> Mapping[str, str]:
    """Return the action of each label, folded, in every language."""
    texts, tags = catalogs(), languages.with_registers(LANGUAGES)
    said = {
        folded(words): action
        for code, action in (("said.all", "done"), ("said.stop", "stop"))
        for tag in tags
        for words in texts.say(code, tag).split(",")
    }
    return said | {
        folded(texts.say(code, tag)): action
        for code, action in BUTTONS.items()
        if code in IN_WORDS or not free_text
        for tag in tags
    }


def action_of(text: str, *, free_text: bool) -> str | None:
    """Return the action whose button says this, or None; where the answer is in words, few buttons are meant."""
    return _labels(free_text).get(folded(text)) if len(text) <= LONGEST else None


def is_choice(step: Step, text: str) -> bool:
    """Return whether a text is, word by word, one of a question's own choices, or other words for one."""
    said = (words for choice in step.choices for words in (*choice.label.values(), *choice.also))
    return any(folded(words) == folded(text) for words in said)


def meant(turns: Turns, unit: Unit, person: Person, row: RunRow, incoming: Incoming) -> str | None:
    """Return the action of a button beside the open question that a text says word by word; else None."""
    if row.status != "open" or person.participation != "active" or incoming.reply_to is not None:
        return None
    text = incoming.text or ""
    if action_of(text, free_text=False) is None:
        return None
    step = turns.dialog(unit, row.dialog_hash).step(row.state["position"])
    action = action_of(text, free_text=types.of(step).free_text)
    if action is None or is_choice(step, text) or not turns.offers(unit, person, row, action):
        return None
    return action
