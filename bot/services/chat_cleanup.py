"""Removing the bot's messages from chats: on request, each night if the person chose so, and on erasure."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from bot import clock
from bot.messengers import registry
from bot.messengers.port import Keyboard, Outgoing
from bot.rendering.speech import REPLY, Speech
from storage.unit import Unit

AT_ONCE = 100  # messages in one outbox row
THEN: Final = "then"  # what is said afterwards, by what is still there
OWN: Final = "own"  # whether a removal is of what the person wrote
OF_PERSON, OF_BOT = "person", "bot"


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


def written_within_reach(unit: Unit, messenger: str, chat: str) -> Sequence[int]:
    """Return the messenger's ids of what somebody wrote in a chat, as far back as a bot may delete it."""
    can = registry.of(messenger)
    if can.kept_here or not can.takes_back:
        return ()
    return unit.inbox.written(messenger, chat, unit.now - can.takes_back)


def take_out(speech: Speech, messages: list[int]) -> None:
    """Queue the removal of messages from a chat, by the messenger's ids."""
    for start in range(0, len(messages), AT_ONCE):
        _delete(speech, messages[start : start + AT_ONCE], {})


def take_words(speech: Speech, said: int) -> None:
    """Queue the removal of what a person has just written, which their page may show only as on its way."""
    if speech.can.kept_here and speech.person is not None:
        speech.unit.outbox.unsay(speech.person.id, said)
        _delete(speech, [said], {OWN: True})
    elif speech.can.takes_back:
        _delete(speech, [said], {})


def take_away(speech: Speech, said: int | None, answered: int, keyboard: Keyboard) -> None:
    """Queue the removal of a message of the person's and one of the bot's; then say what went and what did not.

    Only the messenger's answer tells, so the sentence for each end is written now and one is sent by the courier.
    """
    ends = {"none": "cry.gone", OF_PERSON: "cry.gone.mine", OF_BOT: "cry.gone.yours", "both": "cry.stays"}
    told = {
        left: {**Outgoing(speech.chat, speech.words(code), keyboard).to_dict(), "language": speech.language}
        for left, code in ends.items()
    }
    _delete(speech, [each for each in (said, answered) if each], {THEN: told, OF_PERSON: said, OF_BOT: answered})


def what_stays(body: Mapping[str, Any], stays: Sequence[int]) -> dict[str, Any] | None:
    """Return the message that says what a removal left in the chat; None where nobody asked."""
    if THEN not in body:
        return None
    left = [OF_PERSON] if body[OF_PERSON] is None or body[OF_PERSON] in stays else []
    left += [OF_BOT] if body[OF_BOT] in stays else []
    told: dict[str, Any] = body[THEN]["both" if len(left) == len((OF_PERSON, OF_BOT)) else "".join(left) or "none"]
    return told


def _delete(speech: Speech, messages: list[int], more: Mapping[str, Any]) -> None:
    body = {**Outgoing(speech.chat, None).to_dict(), "messages": messages, **more}
    speech.unit.outbox.put(clock.new_id(), speech.person, speech.messenger, speech.chat, "delete", REPLY, body)
