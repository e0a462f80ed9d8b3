"""Messages between a leader and the team, outside any dialog.

Order, and what waits for an answer, is decided by numbers that the database gives, never by moments. A reply answers
only what its writer had been shown, so what the leader said meanwhile still waits.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import bindparam, delete, exists, insert, or_, select, true, update

from storage.conversations import CLOSED, CONVERSATION, OPEN, TOP
from storage.enclosing import disclosed, enclosed, key_of
from storage.meant import QuestionMeant, packed, unpacked
from storage.people import Person, key_owner
from storage.sealed_statements import Verified
from storage.store import Store, Transaction
from storage.tables import media, messages, person_keys

SIGNED: Final = b"\0"
"""Begins the words of a message that one of the team signed: they are enclosed."""
LOST_WORDS: Final = "…"
"""What replaces words that are lost or erased: they belong to a conversation, whose other messages stay."""
SIGNATURE: Final = "\n— "
"""Stands before the name of whoever signed."""


def signature_of(said: str) -> str:
    """Return how a message was signed."""
    return said.rpartition(SIGNATURE)[2]


def signed_words(tx: Transaction, opened: bytes, id_: UUID) -> bytes | None:
    """Return the words of a message that was opened, also of one that somebody signed; None if nothing opens them."""
    if not opened.startswith(SIGNED):
        return opened
    return disclosed(tx, opened.removeprefix(SIGNED).decode(), "messages", "body", id_.hex)


@dataclass(frozen=True, slots=True)
class Message:
    """One message: `held`, `to_team` or `from_team`.

    A conversation is a first message and those that name it in `reply_to`. One of the team takes the first message,
    answers, and closes it. A message without words or media asks for support, unless it is `damaged` or `meant`.
    """

    id: UUID
    person_id: UUID
    cohort_id: UUID | None
    direction: str
    body: str
    at: datetime
    written_by: UUID | None
    taken_by: UUID | None
    taken_at: datetime | None
    closed_at: datetime | None
    media_id: UUID | None = None
    reply_to: UUID | None = None
    seq: int = 0
    damaged: bool = False
    meant: QuestionMeant | None = None

    @property
    def asks_support(self) -> bool:
        """Whether it asks for support: such a message says nothing else."""
        return not (self.body or self.media_id or self.damaged or self.meant)

    @property
    def conversation(self) -> UUID:
        """The id of the first message of its conversation."""
        return self.reply_to or self.id


@dataclass(frozen=True, slots=True)
class MessageConversation:
    """A conversation between a leader and the team, without its words; `id` is that of its first message.

    Attributes:
        state: `new`, `taken` (by somebody, and not answered yet), `answered` or `closed`.
        taken_by: who of the team took it, if anybody.
        since: when the leader said what waits for an answer; else when the team last said something.
        seq: the number of the message that was said then.
    """

    id: UUID
    person_id: UUID
    cohort_id: UUID | None
    state: str
    taken_by: UUID | None
    since: datetime
    seq: int


_ADD: Final = insert(messages).inline()
_ALL: Final = (
    select(
        messages.c.id,
        messages.c.person_id,
        messages.c.cohort_id,
        messages.c.direction,
        messages.c.body,
        messages.c.at,
        messages.c.written_by,
        messages.c.taken_by,
        messages.c.taken_at,
        messages.c.closed_at,
        messages.c.media_id,
        messages.c.reply_to,
        messages.c.seq,
        person_keys.c.wrapped,
    )
    .join(person_keys, person_keys.c.person_id == messages.c.person_id)
    .order_by(messages.c.seq)
)
_GET: Final = Verified(_ALL.where(messages.c.id == bindparam("id")), messages)
_MANY: Final = 100
_HOLDER: Final = select(messages.c.taken_by, messages.c.taken_at).where(messages.c.id == bindparam("id"))
_OF: Final = Verified(_ALL.where(messages.c.person_id == bindparam("person_id")).limit(bindparam("limit")), messages)
_first = messages.alias("first")
_reply = messages.alias("reply")
_ALL_WAITING: Final = _ALL.where(
    messages.c.direction == "to_team",
    messages.c.closed_at.is_(None),
    ~exists().where(_first.c.id == messages.c.reply_to, _first.c.closed_at.is_not(None)),
    ~exists().where(
        _reply.c.person_id == messages.c.person_id,
        _reply.c.reply_to == TOP,
        _reply.c.direction == "from_team",
        _reply.c.answers_seq >= messages.c.seq,
    ),
).limit(bindparam("limit"))
_WAITING: Final = Verified(_ALL_WAITING, messages)
_WAITING_IN: Final = Verified(
    _ALL_WAITING.where(
        or_(
            messages.c.cohort_id.in_(bindparam("cohorts", expanding=True)),
            bindparam("nowhere", type_=true().type) & messages.c.cohort_id.is_(None),
        )
    ),
    messages,
)
_WAITING_OF: Final = Verified(
    _ALL_WAITING.where(messages.c.person_id == bindparam("person_id"), messages.c.cohort_id == bindparam("cohort_id")),
    messages,
)
_WORDS: Final = Verified(
    _ALL.where(
        messages.c.person_id == bindparam("person_id"),
        bindparam("top", type_=messages.c.id.type) == TOP,
        messages.c.direction != "held",
    ),
    messages,
)
_GOING_ON: Final = Verified(
    select(messages.c.id)
    .where(
        messages.c.person_id == bindparam("person_id"),
        messages.c.cohort_id == bindparam("cohort_id"),
        messages.c.reply_to.is_(None),
        messages.c.direction != "held",
        messages.c.closed_at.is_(None),
    )
    .order_by(messages.c.seq.desc())
    .limit(1),
    messages,
)
_TAKE: Final = (
    update(messages)
    .where(messages.c.id == bindparam("message"), messages.c.taken_by.is_(None))
    .values(taken_by=bindparam("by"), taken_at=bindparam("now"))
)
_TAKE_OVER: Final = (
    update(messages)
    .where(messages.c.id == bindparam("message"), messages.c.taken_by == bindparam("other"))
    .values(taken_by=bindparam("by"), taken_at=bindparam("now"))
)
_LET_GO: Final = (
    update(messages)
    .where(messages.c.id == bindparam("message"), messages.c.taken_by == bindparam("by"))
    .values(taken_by=None, taken_at=None)
)
_LET_GO_ALL: Final = (
    update(messages)
    .where(messages.c.taken_by == bindparam("by"), messages.c.closed_at.is_(None))
    .values(taken_by=None, taken_at=None)
)
_REOPEN: Final = (
    update(messages)
    .where(messages.c.id == bindparam("message"), messages.c.closed_at.is_not(None))
    .values(closed_at=None)
)
_CLOSE: Final = (
    update(messages)
    .where(messages.c.id == bindparam("message"), messages.c.closed_at.is_(None))
    .values(closed_at=bindparam("now"))
)

_HELD: Final = (messages.c.id == bindparam("message"), messages.c.person_id == bindparam("person"))
_DROP: Final = delete(messages).where(*_HELD, messages.c.direction == "held")
_KEPT: Final = Verified(select(messages.c.body, messages.c.cohort_id, messages.c.media_id).where(*_HELD), messages)
_OLD: Final = (messages.c.direction == "held", messages.c.at < bindparam("before"))
_DROP_OLD: Final = delete(messages).where(*_OLD)
_FILES: Final = select(media.c.id, media.c.file).join(messages, messages.c.media_id == media.c.id)
_FILE: Final = _FILES.where(*_HELD, messages.c.direction == "held")
_OLD_FILES: Final = _FILES.where(*_OLD)
_DROP_MEDIA: Final = delete(media).where(media.c.id == bindparam("item"))


class Messages(Store):
    """The messages, sealed with the leader's key in both directions."""

    __slots__ = ()

    def add(
        self,
        id: UUID,  # noqa: A002 -- the column's own name
        person: Person,
        direction: str,
        body: str,
        at: datetime,
        cohort_id: UUID | None = None,
        written_by: UUID | None = None,
        media_id: UUID | None = None,
        reply_to: UUID | None = None,
        answers_seq: int | None = None,
        signed_by: Person | None = None,
        meant: QuestionMeant | None = None,
    ) -> None:
        """Add a message.

        Args:
            id: its id.
            person: the leader, in both directions.
            direction: `held`, `to_team` or `from_team`.
            body: its words; may be empty.
            at: when it was said.
            cohort_id: the cohort whose team it concerns.
            written_by: for `from_team`, the facilitator who wrote it.
            media_id: its voice note or photo.
            reply_to: the first message of the conversation it belongs to; None begins one.
            answers_seq: for `from_team`, the number of the last message its writer had been shown.
            signed_by: the facilitator who signed it: it goes with them as well.
            meant: what it says of a question, if that is what it is.
        """
        words = packed(meant, body.encode())
        if signed_by is not None:
            closed = enclosed(self._tx, words, {signed_by.id: signed_by.key}, "messages", "body", id.hex)
            words = words if closed is None else SIGNED + closed.encode()
        row = {
            "id": id,
            "person_id": person.id,
            "cohort_id": cohort_id,
            "direction": direction,
            "body": person.key.seal(words, "messages", "body", id.hex),
            "at": at,
        }
        more = {"written_by": written_by, "media_id": media_id, "reply_to": reply_to, "answers_seq": answers_seq}
        self._execute(_ADD, {**row, **more})

    def get(self, id: UUID) -> Message | None:  # noqa: A002 -- the column's own name
        """Return a message, or None."""
        row = self._execute(_GET, {"id": id}).first()
        return row and self._message(row)

    def of(self, person_id: UUID, limit: int = 200) -> list[Message]:
        """List the messages between a person and the team, the oldest first."""
        return self._list(_OF, {"person_id": person_id, "limit": limit})

    def take(self, id: UUID, by: UUID) -> bool:  # noqa: A002 -- the column's own name
        """Assign a message to a facilitator; return False when somebody has taken it."""
        return self._execute(_TAKE, {"message": id, "by": by, "now": self._tx.now}).rowcount > 0

    def take_over(self, id: UUID, by: UUID, other: UUID) -> bool:  # noqa: A002 -- the column's own name
        """Take a message over from another facilitator; return False when it is no longer theirs."""
        return self._execute(_TAKE_OVER, {"message": id, "by": by, "other": other, "now": self._tx.now}).rowcount > 0

    def let_go(self, id: UUID, by: UUID) -> bool:  # noqa: A002 -- the column's own name
        """Give back a message that this facilitator had taken; return False when they had not."""
        return self._execute(_LET_GO, {"message": id, "by": by}).rowcount > 0

    def let_go_all(self, by: UUID) -> int:
        """Give back every open conversation that somebody has taken; return how many."""
        return self._execute(_LET_GO_ALL, {"by": by}).rowcount

    def reopen(self, id: UUID) -> bool:  # noqa: A002 -- the column's own name
        """Reopen a closed message; return False when it was open."""
        return self._execute(_REOPEN, {"message": id}).rowcount > 0

    def close(self, id: UUID) -> bool:  # noqa: A002 -- the column's own name
        """Close a message; return False when it was closed before."""
        return self._execute(_CLOSE, {"message": id, "now": self._tx.now}).rowcount > 0

    def pass_on(self, id: UUID, person_id: UUID, reply_to: UUID | None = None) -> bool:  # noqa: A002 -- the column's own name
        """Pass a held message on to the team as of now, in a conversation or as a new one; False if it is not held."""
        of = {"message": id, "person": person_id}
        kept = self._execute(_KEPT, of).first()
        if kept is None or not self._execute(_DROP, of).rowcount:
            return False
        # It is inserted anew, so that it comes after all that was said while it was held.
        body, cohort_id, media_id = kept
        row = {"id": id, "person_id": person_id, "cohort_id": cohort_id, "direction": "to_team", "body": body}
        more = {"at": self._tx.now, "written_by": None, "media_id": media_id, "reply_to": reply_to, "answers_seq": None}
        self._execute(_ADD, {**row, **more})
        return True

    def drop(self, id: UUID, person_id: UUID) -> bool:  # noqa: A002 -- the column's own name
        """Erase a held message with its voice note or photo; return False when it is no longer held."""
        row = {"message": id, "person": person_id}
        self._forget(self._execute(_FILE, row))
        return self._execute(_DROP, row).rowcount > 0

    def drop_held(self, before: datetime) -> int:
        """Erase messages held since before a moment, which nobody passed on; return how many."""
        self._forget(self._execute(_OLD_FILES, {"before": before}))
        return self._execute(_DROP_OLD, {"before": before}).rowcount

    def _forget(self, items: Any) -> None:
        for item, file in items:
            self._execute(_DROP_MEDIA, {"item": item})
            self._tx.erasing = True
            if file is not None:
                self._tx.files.append(file)

    def going_on(self, person_id: UUID, cohort_id: UUID) -> UUID | None:
        """Return a person's newest open conversation with the team of a cohort, or None."""
        found: UUID | None = self._execute(_GOING_ON, {"person_id": person_id, "cohort_id": cohort_id}).scalar()
        return found

    def conversation(self, id: UUID) -> MessageConversation | None:  # noqa: A002 -- the column's own name
        """Return a conversation by its first message, or None."""
        row = self._execute(CONVERSATION, {"id": id}).first()
        return row and MessageConversation(*row)

    def said(self, conversation: MessageConversation) -> list[Message]:
        """List the messages of a conversation, the oldest first."""
        return self._list(_WORDS, {"person_id": conversation.person_id, "top": conversation.id})

    def conversations(
        self,
        cohort_ids: Collection[UUID],
        limit: int,
        skip: int = 0,
        *,
        closed: bool = False,
        without_cohort: bool = False,
    ) -> list[MessageConversation]:
        """List conversations: new ones, then taken, then answered; the longest waiting first.

        Args:
            cohort_ids: of these cohorts.
            limit: maximum number.
            skip: how many to leave out at the beginning.
            closed: list closed ones instead, the newest first.
            without_cohort: also those of people who are in no cohort.
        """
        parameters = {"cohorts": [*cohort_ids], "nowhere": without_cohort, "limit": limit, "skip": skip}
        return [MessageConversation(*row) for row in self._tx.run.listed(CLOSED if closed else OPEN, parameters)]

    def _list(self, statement: Any, parameters: dict[str, Any]) -> list[Message]:
        return [self._message(row) for row in self._execute(statement, parameters)]

    def waiting(self, person_id: UUID, cohort_id: UUID) -> Sequence[Message]:
        """List what a person said to the team of a cohort that is neither answered nor closed."""
        return self._list(_WAITING_OF, {"person_id": person_id, "cohort_id": cohort_id, "limit": _MANY})

    def list(
        self, cohort_ids: Collection[UUID] | None = None, limit: int = 50, *, without_cohort: bool = False
    ) -> list[Message]:
        """List what waits for the team, neither answered nor closed, the longest waiting first.

        A message counts as taken by whoever took its conversation.

        Args:
            cohort_ids: from these cohorts; None means from anywhere.
            limit: maximum number.
            without_cohort: also from people who are in no cohort.
        """
        if cohort_ids is None:
            found = self._list(_WAITING, {"limit": limit})
        else:
            parameters = {"cohorts": [*cohort_ids], "nowhere": without_cohort, "limit": limit}
            found = [self._message(row) for row in self._tx.run.listed(_WAITING_IN, parameters)]
        return [each if each.reply_to is None else self._held_by(each) for each in found]

    def _held_by(self, message: Message) -> Message:
        row = self._execute(_HOLDER, {"id": message.reply_to}).first()
        return replace(message, taken_by=row[0], taken_at=row[1]) if row else message

    def _message(self, row: Sequence[Any]) -> Message:
        id_, person_id, cohort_id, direction, sealed, *rest, wrapped = row
        key = self._tx.unwrapped(wrapped, key_owner(person_id), person_id)
        body = self._tx.opened(key, sealed, "messages", "body", id_.hex, person_id=person_id)
        if body is not None and body.startswith(SIGNED):
            body = signed_words(self._tx, body, id_)
            if body is not None and (by := rest[1]) is not None and (whose := key_of(self._tx, by)) is not None:
                self._tx.signers[by] = signature_of(body.decode()), whose
        meant, said = unpacked(body or b"")
        known = Message(id_, person_id, cohort_id, direction, said.decode(), *(*rest, body is None))
        return known if meant is None else replace(known, meant=meant)
