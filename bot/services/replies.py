"""Acts on message conversations: taking, letting go, answering, closing. Only one of the team has one at a time."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from bot import clock
from bot.rendering import targets
from bot.rendering.speech import media_of
from bot.services.permissions import may_see
from bot.services.refusals import HasLeft, NotAllowed, NotAllRead, NotFound, TakenByAnother
from dialogs.model import Media, Value
from storage.messages import SIGNATURE, Message, MessageConversation
from storage.people import Person
from storage.unit import Unit

Tell = Callable[[Person, Message], object]
"""Tells a participant what the team wrote."""


@dataclass(frozen=True, slots=True)
class TeamMessage:
    """What one of the team writes to a participant.

    Attributes:
        person_id: to whom.
        said: words, voice notes and photos.
        conversation_id: the message conversation it answers; None: it begins one.
        cohort_id: the cohort of a new conversation.
        shown: the number of the last message that the writer had been shown.
        signed: whether it carries the writer's nickname, and not only the team's name.
    """

    person_id: UUID
    said: Value | None
    conversation_id: UUID | None = None
    cohort_id: UUID | None = None
    shown: int = 0
    signed: bool = False


def is_free(unit: Unit, by: Person, found: MessageConversation) -> bool:
    """Return whether a conversation is this person's, or is held by nobody who could still answer it."""
    holder = found.taken_by
    return holder in {None, by.id} or not may_see(unit, holder, found.cohort_id)


def take(unit: Unit, by: Person, found: MessageConversation) -> None:
    """Take a conversation; if two do so at once, only one gets it.

    Raises:
        NotAllowed: this person may not see it.
        TakenByAnother: somebody else has it.
    """
    _require(unit, by, found)
    holder = found.taken_by
    if holder is None:
        taken = unit.messages.take(found.id, by.id)
    else:
        taken = holder == by.id or (is_free(unit, by, found) and unit.messages.take_over(found.id, by.id, holder))
    if not taken:
        raise TakenByAnother


def take_over(unit: Unit, by: Person, found: MessageConversation) -> UUID | None:
    """Take a conversation from somebody else; return from whom, if they could still answer it, else None.

    Raises:
        NotAllowed: this person may not see it.
    """
    _require(unit, by, found)
    other = found.taken_by
    if other in {None, by.id} or not unit.messages.take_over(found.id, by.id, other):
        return None
    unit.audit.add(str(by.id), "message.taken_over", str(found.id), {})
    return None if is_free(unit, by, found) else other


def let_go(unit: Unit, by: Person, found: MessageConversation) -> None:
    """Let others have a conversation again; raises NotAllowed."""
    _require(unit, by, found)
    unit.messages.let_go(found.id, by.id)


def close(unit: Unit, by: Person, found: MessageConversation) -> None:
    """Close a conversation, unless it holds a message that the actor has not heard or read.

    Raises:
        NotAllowed: this person may not see it.
        TakenByAnother: somebody else has it.
        NotAllRead: something new has come.
    """
    _require(unit, by, found)
    if not is_free(unit, by, found):
        raise TakenByAnother
    unit.lock(found.person_id)
    found = unit.messages.conversation(found.id) or found
    said = max((each.seq for each in unit.messages.said(found) if each.direction == "to_team"), default=0)
    if found.state in {"new", "taken"} and said > unit.readings.heard(by.id, found.id):
        raise NotAllRead
    unit.messages.close(found.id)
    unit.audit.add(str(by.id), "message.closed", str(found.id), {})


def reopen(unit: Unit, by: Person, found: MessageConversation) -> None:
    """Open a closed conversation again; raises NotAllowed."""
    _require(unit, by, found)
    unit.messages.reopen(found.id)


def require_reachable(person: Person | None) -> Person:
    """Return a participant who can be written to.

    Raises:
        HasLeft: the participant has left.
        NotFound: there is no such participant, or they have no chat.
    """
    if person is not None and person.participation == "left":
        raise HasLeft
    if person is None or person.chat is None:
        raise NotFound
    return person


def send(unit: Unit, tell: Tell, by: Person, message: TeamMessage) -> None:
    """Write to a participant, who is told at once; the writer then has the conversation.

    Args:
        unit: the transaction.
        tell: tells the participant.
        by: the writer.
        message: what, and to whom.

    Raises:
        NotFound: the conversation or the participant is gone.
        HasLeft: the participant has left.
        NotAllowed: the writer may not see it.
        TakenByAnother: somebody else took it meanwhile.
    """
    found = unit.messages.conversation(message.conversation_id) if message.conversation_id else None
    person = unit.people.get(message.person_id)
    if person is None or person.chat is None or (message.conversation_id and found is None):
        raise NotFound
    person = require_reachable(person)
    cohort_id = found.cohort_id if found else message.cohort_id
    if not may_see(unit, by.id, cohort_id):
        raise NotAllowed(targets.MAIL)
    if found is not None and found.taken_by not in {None, by.id}:
        raise TakenByAnother
    top = _add(unit, tell, by, person, message, cohort_id, found.id if found else None)
    unit.messages.reopen(top)
    unit.messages.take(top, by.id)
    unit.audit.add(str(by.id), "message.answered", str(top), {})


def _add(
    unit: Unit, tell: Tell, by: Person, person: Person, message: TeamMessage, cohort_id: UUID | None, top: UUID | None
) -> UUID:
    """Add a message for each voice note and photo, words with the first; return the conversation's first message."""
    media: list[Media | None] = [*media_of(message.said)] or [None]
    for place, piece in enumerate(media):
        message_id = clock.new_id()
        words, media_id = "" if place else _words(message, by), UUID(piece.id) if piece else None
        whose = (cohort_id, by.id, media_id)
        unit.messages.add(
            message_id,
            person,
            "from_team",
            words,
            unit.now,
            *whose,
            reply_to=top,
            answers_seq=message.shown,
            signed_by=by if words and _signs(message, by) else None,
        )
        top = top or message_id
        added = unit.messages.get(message_id)
        if added is not None:
            tell(person, added)
    assert top is not None  # there was at least one
    return top


def _words(message: TeamMessage, by: Person) -> str:
    said = message.said
    body = " ".join(each for each in said if isinstance(each, str)) if isinstance(said, tuple) else str(said or "")
    return f"{body}{SIGNATURE}{by.nickname}".strip() if _signs(message, by) else body


def _signs(message: TeamMessage, by: Person) -> bool:
    return message.signed and bool(by.nickname)


def _require(unit: Unit, by: Person, found: MessageConversation) -> None:
    if not may_see(unit, by.id, found.cohort_id):
        raise NotAllowed(targets.MAIL)
