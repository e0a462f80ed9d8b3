"""Removing the bot's messages from chats: on request, each night if the person chose so, and on erasure."""

from collections.abc import Sequence

from bot import clock
from bot.messengers import registry
from bot.messengers.port import Outgoing
from bot.rendering.speech import REPLY, Speech
from storage.unit import Unit

AT_ONCE = 100  # messages in one outbox row


def tidy(speech: Speech) -> int:
    """Remove the bot's messages from a chat, as far back as the messenger allows; return how many.

    A chat that is kept in our own outbox is emptied at once. Elsewhere an outbox row of kind `delete` lists the ids in
    `messages` of its body; the courier calls `Messenger.delete(chat, id)` for each. A message that no longer exists
    counts as deleted, and the row gets no message id of its own.
    """
    outbox = speech.unit.outbox
    if speech.can.kept_here:
        return outbox.blank(speech.messenger, speech.chat)
    found = within_reach(speech.unit, speech.messenger, speech.chat)
    outbox.tidied([row for row, _ in found])
    take_out(speech, [message for _, message in found])
    return len(found)


def within_reach(unit: Unit, messenger: str, chat: str) -> Sequence[tuple[int, int]]:
    """Return what can still be removed from a chat: outbox rows, and the messenger's ids of their messages."""
    can = registry.of(messenger)
    if can.kept_here or not can.takes_back:
        return ()
    return unit.outbox.recent(messenger, chat, unit.now - can.takes_back)


def take_out(speech: Speech, messages: list[int]) -> None:
    """Queue the removal of messages from a chat, by the messenger's ids."""
    for start in range(0, len(messages), AT_ONCE):
        body = {**Outgoing(speech.chat, None).to_dict(), "messages": messages[start : start + AT_ONCE]}
        speech.unit.outbox.put(clock.new_id(), speech.person, speech.messenger, speech.chat, "delete", REPLY, body)
