"""Reading the outbox: which prompt someone spoke to, where messages are, and the web chat's thread."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import bindparam, func, literal_column, or_, select

from dialogs.value_class import value_class
from storage import day_keys
from storage.addresses import address_lookup
from storage.damage import Damaged
from storage.database import written
from storage.enclosing import disclosed
from storage.people import Person, key_owner
from storage.seals import SEAL
from storage.store import Store, Transaction, from_json
from storage.tables import addresses, outbox, person_keys
from storage.vault import DataKey


@dataclass(frozen=True, slots=True)
class MessageLocation:
    """Where a row's message is: messenger, keyed hash of the chat, and the messenger's id of it once it is sent."""

    messenger: str
    lookup: bytes
    message_id: int | None
    state: str


@dataclass(frozen=True, slots=True)
class ThreadRow:
    """A row of the web chat's thread: `message`, `echo` (what the person wrote) or `edit` of row `edits`."""

    seq: int
    kind: str
    body: dict[str, Any]
    run_id: UUID | None
    prompt: int | None
    edits: int | None
    at: datetime


@value_class
class SpokenTo:
    """What someone spoke to, as (run, prompt); the prompt is None where that message asked nothing.

    Attributes:
        known: the newest message that is known to be older than theirs; None where there is none.
        doubtful: a message of which nobody knows whether the person saw it before speaking.
        doubted_at: when sending that message began.
        named: the person replied to a message that is not known, so it may be that one.
    """

    known: tuple[UUID, int | None] | None
    doubtful: tuple[UUID, int | None] | None = None
    doubted_at: datetime | None = None
    named: bool = False


# Written literally, not bound: a partial index is used only for a condition it can see.
_UNFINISHED: Final = written("queued", "sending")
_earlier = outbox.alias("earlier")
TIDIED: Final = "tidied"
"""The reason of a message that was removed from its chat."""

# All numbers are: with it SQLite looks among what is unfinished, and not through all of the chat's.
_UNFINISHED_ALONE: Final = (outbox.c.state.in_(_UNFINISHED), outbox.c.seq > literal_column("0"))
_CHAT: Final = (outbox.c.messenger == bindparam("messenger"), outbox.c.lookup == bindparam("lookup"))
_OF_A_RUN: Final = (outbox.c.run_id.is_not(None), outbox.c.kind == "message")
_NEWEST_NUMBERED: Final = (
    select(outbox.c.run_id, outbox.c.prompt, outbox.c.seq)
    .where(*_CHAT, *_OF_A_RUN, outbox.c.message_id < bindparam("before"))
    .order_by(outbox.c.message_id.desc())
    .limit(1)
)
# Messages that may have been sent before the person spoke, under an id that Hilo never got. Only what is newer than the
# newest row with an id matters, so years of conversation are not searched.
_DOUBTFUL: Final = (
    select(outbox.c.run_id, outbox.c.prompt, outbox.c.doubted_at)
    .where(
        *_CHAT,
        *_OF_A_RUN,
        or_(outbox.c.message_id.is_(None), outbox.c.message_id > bindparam("before")),
        outbox.c.seq > bindparam("after"),
        outbox.c.doubted_at < bindparam("spoken"),
    )
    .order_by(outbox.c.seq.desc())
    .limit(1)
)
_SAID_TO: Final = (
    select(outbox.c.run_id, outbox.c.prompt)
    .where(
        *_CHAT,
        outbox.c.message_id == bindparam("reply_to"),
        outbox.c.kind == "message",
    )
    .limit(1)
)
_FORGOTTEN: Final = select(addresses.c.forgotten).where(
    addresses.c.messenger == bindparam("messenger"), addresses.c.lookup == bindparam("lookup")
)
_ROW_OF: Final = (
    select(outbox.c.seq)
    .where(
        *_CHAT,
        outbox.c.message_id == bindparam("message_id"),
        outbox.c.kind == "message",
        outbox.c.reason.is_distinct_from(TIDIED),
    )
    .limit(1)
)
_STANDS: Final = select(outbox.c.messenger, outbox.c.lookup, outbox.c.message_id, outbox.c.state).where(
    outbox.c.seq == bindparam("row"), outbox.c.reason.is_distinct_from(TIDIED)
)
_MESSAGE_OF: Final = (
    select(outbox.c.seq, outbox.c.message_id)
    .where(
        outbox.c.run_id == bindparam("run_id"),
        outbox.c.prompt == bindparam("prompt"),
        outbox.c.kind == "message",
        outbox.c.reason.is_distinct_from(TIDIED),
    )
    .order_by(outbox.c.seq.desc())
    .limit(1)
)
_ON_THE_WAY: Final = select(outbox.c.seq).where(*_CHAT, *_UNFINISHED_ALONE, outbox.c.kind == "message").limit(1)
_LATER: Final = (
    select(outbox.c.seq)
    .where(*_CHAT, outbox.c.message_id > bindparam("message_id"), outbox.c.kind == "message")
    .limit(1)
)
_RECENT: Final = (
    select(outbox.c.seq, outbox.c.message_id)
    .where(
        *_CHAT,
        outbox.c.message_id.is_not(None),
        outbox.c.kind == "message",
        outbox.c.sent_at >= bindparam("since"),
        outbox.c.reason.is_distinct_from(TIDIED),
    )
    .order_by(outbox.c.message_id)
)
_FIRST_UNFINISHED: Final = (
    select(func.min(_earlier.c.seq))
    .where(
        _earlier.c.state.in_(_UNFINISHED),
        _earlier.c.messenger == bindparam("messenger"),
        _earlier.c.lookup == bindparam("lookup"),
    )
    .scalar_subquery()
)
_ON_ITS_WAY: Final = (
    select(outbox.c.seq).where(*_CHAT, *_UNFINISHED_ALONE, outbox.c.due_at <= bindparam("now")).limit(1)
)
_SAID: Final = (
    select(
        outbox.c.seq,
        outbox.c.kind,
        outbox.c.body,
        outbox.c.run_id,
        outbox.c.prompt,
        outbox.c.edits,
        outbox.c.sent_at,
        outbox.c.id,
        outbox.c.day,
        outbox.c.person_id,
        person_keys.c.wrapped,
    )
    .outerjoin(person_keys, person_keys.c.person_id == outbox.c.person_id)
    .where(
        *_CHAT,
        outbox.c.state == "sent",
        outbox.c.body.is_not(None),
        # Nothing overtakes what is not sent yet: a reader asks for more by naming the last row seen.
        outbox.c.seq < func.coalesce(_FIRST_UNFINISHED, 2**62),
    )
    .limit(bindparam("limit"))
)
_FRESH: Final = 10_000  # rows: whatever was added in the last hour is among these
_OF_LATE: Final = (
    select(outbox.c.seq, outbox.c.id, outbox.c.body)
    .where(
        outbox.c.person_id == bindparam("person"),
        outbox.c.seq > select(func.max(outbox.c.seq)).scalar_subquery() - _FRESH,
        outbox.c.created_at >= bindparam("since"),
        outbox.c.body.is_not(None),
    )
    .order_by(outbox.c.seq)
)
_THREAD: Final = _SAID.where(outbox.c.seq > bindparam("after")).order_by(outbox.c.seq)
_LATEST: Final = _SAID.order_by(outbox.c.seq.desc())


def body_of(tx: Transaction, opened: bytes, id_: UUID) -> tuple[str, dict[str, Any] | None]:
    """Return the chat and what was said, of an opened row; None for what is about somebody who was erased."""
    chat, said = from_json(opened)
    if isinstance(said, str):
        plain = disclosed(tx, said, "outbox", "body", id_.hex)
        said = None if plain is None else from_json(plain)
    return chat, said


class Thread(Store):
    """The part of the outbox that only reads it."""

    __slots__ = ()

    def spoken_to(
        self, messenger: str, chat: str, before: int, reply_to: int | None = None, spoken: datetime | None = None
    ) -> SpokenTo:
        """Find what someone spoke to with message number `before` of the chat, sent at `spoken` at the latest.

        That is the message they replied to, if Hilo sent it (None where it belongs to no run: what the team wrote is no
        question), else the newest message of any run that is older than theirs. In addition, the result may name a
        message that was perhaps sent before they spoke and has no known id. If they replied to an unknown message, that
        one is looked for around there.
        """
        chat_row = self._chat(messenger, chat)
        if reply_to is not None and (row := self._execute(_SAID_TO, {**chat_row, "reply_to": reply_to}).first()):
            return SpokenTo(row[0] and (row[0], row[1]))
        if reply_to is not None and reply_to <= (self._execute(_FORGOTTEN, chat_row).scalar() or 0):
            return SpokenTo(None)
        found = self._execute(_NEWEST_NUMBERED, {**chat_row, "before": before}).first()
        known = found and (found[0], found[1])
        if spoken is None:
            return SpokenTo(known)
        below = before
        if reply_to is not None and reply_to < before:
            below, found = reply_to, self._execute(_NEWEST_NUMBERED, {**chat_row, "before": reply_to}).first()
        among = {"before": below, "after": found[2] if found else 0, "spoken": spoken}
        doubtful = self._execute(_DOUBTFUL, {**chat_row, **among}).first()
        if doubtful is None:
            return SpokenTo(known)
        return SpokenTo(known, (doubtful[0], doubtful[1]), doubtful[2], named=reply_to is not None)

    def row_of(self, messenger: str, chat: str, message_id: int) -> int | None:
        """Return the row of a message by the messenger's id; None if unknown or removed from the chat."""
        parameters = {**self._chat(messenger, chat), "message_id": message_id}
        found: int | None = self._execute(_ROW_OF, parameters).scalar()
        return found

    def place(self, seq: int) -> MessageLocation | None:
        """Return where a row's message is; None once it was removed from the chat."""
        row = self._execute(_STANDS, {"row": seq}).first()
        return row and MessageLocation(*row)

    def message_of(self, run_id: UUID, prompt: int) -> tuple[int, int | None] | None:
        """Return the newest message that shows a prompt: its row, and the messenger's id once it is sent; or None."""
        row = self._execute(_MESSAGE_OF, {"run_id": run_id, "prompt": prompt}).first()
        return row and (row[0], row[1])

    def newest(self, messenger: str, chat: str, message_id: int) -> int | None:
        """Return the row of a message if nothing was said in its chat after it, or is about to be; else None."""
        chat_row = self._chat(messenger, chat)
        if (
            self._execute(_ON_THE_WAY, chat_row).first()
            or self._execute(_LATER, {**chat_row, "message_id": message_id}).first()
        ):
            return None
        return self.row_of(messenger, chat, message_id)

    def recent(self, messenger: str, chat: str, since: datetime) -> list[tuple[int, int]]:
        """List what was sent to a chat since a moment and is still there, as (row, the messenger's id), in order."""
        rows = self._execute(_RECENT, {**self._chat(messenger, chat), "since": since})
        return [(seq, message_id) for seq, message_id in rows]

    def thread(self, messenger: str, chat: str, after_seq: int, limit: int) -> list[ThreadRow]:
        """List what was said in a web chat after row `after_seq`, in order, up to what is not sent yet."""
        parameters = {**self._chat(messenger, chat), "after": after_seq, "limit": limit}
        return self._said(chat, self._execute(_THREAD, parameters))

    def latest(self, messenger: str, chat: str, limit: int) -> list[ThreadRow]:
        """List the newest of what was said in a web chat, in order, up to what is not sent yet."""
        return self._said(chat, self._execute(_LATEST, {**self._chat(messenger, chat), "limit": limit}))[::-1]

    def lately(self, person: Person, since: datetime) -> list[dict[str, Any]]:
        """Return the bodies of what was put into the outbox for a person since a moment, an hour ago at most."""
        found = []
        for seq, id_, body in self._execute(_OF_LATE, {"person": person.id, "since": since}):
            opened = self._tx.opened(person.key, body, "outbox", "body", id_.hex, person_id=person.id, number=seq)
            said = None if opened is None else self._body_of(opened, id_)
            if said is not None:
                found.append(said)
        return found

    def on_its_way(self, messenger: str, chat: str) -> bool:
        """Return whether anything is due in a chat and not sent yet."""
        parameters = {**self._chat(messenger, chat), "now": self._tx.now}
        return self._execute(_ON_ITS_WAY, parameters).first() is not None

    def _chat(self, messenger: str, chat: str) -> dict[str, Any]:
        return {"messenger": messenger, "lookup": address_lookup(self._tx.vault, messenger, chat)}

    def _said(self, chat: str, rows: Iterable[Any]) -> list[ThreadRow]:
        """Open rows; one that was said in another chat, and was moved to this one, is left out."""
        said = []
        for seq, kind, body, run_id, prompt, edits, at, id_, day, person_id, wrapped in rows:
            key = self._key(day, person_id, wrapped)
            if key is not None:
                opened = self._tx.opened(key, body, "outbox", "body", id_.hex, person_id=person_id, number=seq)
                where, told = (chat, None) if opened is None else body_of(self._tx, opened, id_)
                if where != chat:
                    self._tx.run.seals.refuse(Damaged("outbox", SEAL, str(seq), person_id))
                elif told is not None:
                    said.append(ThreadRow(seq, kind, told, run_id, prompt, edits, at))
        return said

    def _body_of(self, opened: bytes, id_: UUID) -> dict[str, Any] | None:
        return body_of(self._tx, opened, id_)[1]

    def _key(self, day: Any, person_id: UUID | None, wrapped: bytes | None) -> DataKey | None:
        if person_id is None:
            return day_keys.key_of(self._tx, day)
        return None if wrapped is None else self._tx.unwrapped(wrapped, key_owner(person_id), person_id)
