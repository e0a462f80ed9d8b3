"""Taking what was said out of the chat again: on request, at night where she likes, and when she is erased."""

from datetime import timedelta

from bot import clock
from bot.messengers.port import WEB, Outgoing
from bot.rendering.speech import REPLY, Speech

REACH = timedelta(hours=48)  # a messenger takes no older message out of a chat
AT_ONCE = 100  # messages one row names


def tidy(speech: Speech) -> int:
    """Take the bot's messages of the last two days out of a chat; returns how many.

    The web chat is made of the mailbox itself, so there everything goes at once. Elsewhere a row of kind `delete`
    names the messages: its body carries `messages`, their ids, and whoever sends it asks `Messenger.delete(chat, id)`
    for each; a message that is no more counts as deleted, and the row gets no message id of its own.
    """
    outbox = speech.unit.outbox
    if speech.messenger == WEB:
        return outbox.blank(speech.messenger, speech.chat)
    found = outbox.recent(speech.messenger, speech.chat, speech.unit.now - REACH)
    outbox.tidied([row for row, _ in found])
    take_out(speech, [message for _, message in found])
    return len(found)


def take_out(speech: Speech, messages: list[int]) -> None:
    """Ask for messages to be taken out of a chat, by the messenger's own ids of them."""
    for start in range(0, len(messages), AT_ONCE):
        body = {**Outgoing(speech.chat, None).to_dict(), "messages": messages[start : start + AT_ONCE]}
        speech.unit.outbox.put(clock.new_id(), speech.person, speech.messenger, speech.chat, "delete", REPLY, body)
