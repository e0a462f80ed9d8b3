"""Taking what was said out of the chat again: on request, at night where she likes, and when she is erased."""

from collections.abc import Sequence

from bot import clock
from bot.messengers import registry
from bot.messengers.port import Outgoing
from bot.rendering.speech import REPLY, Speech
from storage.unit import Unit

AT_ONCE = 100  # messages one row names


def tidy(speech: Speech) -> int:
    """Take the bot's messages out of a chat, as far back as the messenger lets it; returns how many.

    A chat that is made of our own mailbox is emptied at once. Elsewhere a row of kind `delete` names the messages: its
    body carries `messages`, their ids, and whoever sends it asks `Messenger.delete(chat, id)` for each; a message that
    is no more counts as deleted, and the row gets no message id of its own.
    """
    outbox = speech.unit.outbox
    if speech.can.kept_here:
        return outbox.blank(speech.messenger, speech.chat)
    found = within_reach(speech.unit, speech.messenger, speech.chat)
    outbox.tidied([row for row, _ in found])
    take_out(speech, [message for _, message in found])
    return len(found)


def within_reach(unit: Unit, messenger: str, chat: str) -> Sequence[tuple[int, int]]:
    """List what can still be taken out of a chat elsewhere: rows, and the messenger's own ids of their messages."""
    can = registry.of(messenger)
    if can.kept_here or not can.takes_back:
        return ()
    return unit.outbox.recent(messenger, chat, unit.now - can.takes_back)


def take_out(speech: Speech, messages: list[int]) -> None:
    """Ask for messages to be taken out of a chat, by the messenger's own ids of them."""
    for start in range(0, len(messages), AT_ONCE):
        body = {**Outgoing(speech.chat, None).to_dict(), "messages": messages[start : start + AT_ONCE]}
        speech.unit.outbox.put(clock.new_id(), speech.person, speech.messenger, speech.chat, "delete", REPLY, body)
