"""The lock of a chat: where it can have one of ours, and its offer to whoever does not hold the phone alone."""

from typing import Final

from bot.messengers.port import Button
from bot.rendering.speech import Speech, rows
from dialogs.model import Value

OFFERED_ON: Final = frozenset({"shared", "checked"})
"""Answers to whose phone it is after which the lock is offered at once."""


def has_lock(speech: Speech) -> bool:
    """Return whether this chat can have a lock: not with a messenger that locks itself."""
    return bool(speech.can.lock) and speech.person is not None


def is_locked(speech: Speech) -> bool:
    """Return whether the person has chosen a lock."""
    return speech.person is not None and speech.unit.web_pins.exists(speech.person.id)


def lock_link(speech: Speech) -> Button:
    """Return the button that opens the page where the lock is chosen or changed."""
    return Button(speech.words("button.lock_change" if is_locked(speech) else "button.lock"), "", speech.can.lock)


def offer_lock(speech: Speech, phone: Value | None) -> None:
    """Offer the lock in the chat, after the answer to whose phone it is, unless there is one already."""
    if phone in OFFERED_ON and has_lock(speech) and not is_locked(speech):
        speech.say("lock.offer", rows(lock_link(speech)))
