"""Messages to send, and sent ones: the courier's queue, and the thread of the web chat.

States: queued, sending (claimed under a lease), sent, unknown (sent or not, nobody can tell), gone, failed, dropped (no
longer to be sent).
"""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, bindparam, func, literal_column, or_, select, update

from storage import day_keys
from storage.addresses import address_lookup
from storage.claims import HELD_REPLY, LATE_HOUR, REPEATED, REPEATED_LATE, URGENT, Claims, OutboxRow
from storage.database import insert_new, written
from storage.enclosing import enclosed
from storage.people import Person
from storage.statements import Numbered
from storage.store import Met, to_json
from storage.tables import Moment, WholeMinute, named_on_screens, outbox, roles, to_minute
from storage.thread import TIDIED
from storage.vault import DataKey

FROM_TEAM: Final = "team"
"""How `what` in a row's body begins where the row brings what the team wrote to the person."""

_SOMEBODY_ELSE: Final = 2
SHOWN: Final = 8  # letters of a longer nickname that every screen shows at least
LETTERS: Final = 4  # of a pseudonym, in brackets, in what the team reads
_UNFINISHED: Final = written("queued", "sending")
_PUT: Final = Numbered(outbox, outbox.c.seq)
_LATELY: Final = 10_000
_IN_BULK: Final[ColumnElement[Any]] = literal_column("1")  # the lane of broadcasts
_NEXT_IN_BULK: Final = (
    select(outbox.c.seq)
    .where(
        outbox.c.state.in_(_UNFINISHED),
        outbox.c.lane == _IN_BULK,
        outbox.c.attempts == 0,
        outbox.c.due_at <= bindparam("now", type_=Moment),
    )
    .order_by(outbox.c.seq)
    .limit(1)
)
# There is no index by moment, but what was sent just now is among the rows added last, or beside the broadcast that
# comes next. Counted here and not there: to group it the database would read all rows in the order of their chats.
# The newest number is asked for first: a database that plans before it knows it takes it for a third of all rows.
_LAST: Final = select(func.max(outbox.c.seq))
_BEGUN: Final = select(outbox.c.messenger, outbox.c.lookup).where(
    or_(
        outbox.c.seq > bindparam("after"),
        outbox.c.seq.between(bindparam("first"), bindparam("last")),
    ),
    outbox.c.sent_at >= bindparam("since", type_=WholeMinute),
    outbox.c.kind != "echo",
)
_TIDIED: Final = update(outbox).where(outbox.c.seq == bindparam("row")).values(reason=TIDIED)
_BLANK: Final = (
    update(outbox)
    .where(
        outbox.c.messenger == bindparam("at"),
        outbox.c.lookup == bindparam("hash"),
        outbox.c.state == "sent",
        outbox.c.body.is_not(None),
    )
    .values(body=None)
)
_UNSAY: Final = (
    update(outbox)
    .where(
        outbox.c.person_id == bindparam("person"),
        # Only rows from this one on: the index on the person is in that order.
        outbox.c.seq >= bindparam("row"),
        or_(outbox.c.seq == bindparam("row"), outbox.c.edits == bindparam("row")),
    )
    .values(body=None)
)
_OF_TEAM: Final = select(roles.c.id).where(roles.c.person_id == bindparam("person_id")).limit(1)
_NAMES: Final = insert_new(named_on_screens).values(outbox_seq=bindparam("row"), person_id=bindparam("named"))
_QUEUED: Final = select(outbox.c.seq, outbox.c.id, outbox.c.body).where(
    outbox.c.person_id == bindparam("person_id"),
    outbox.c.state.in_(_UNFINISHED),
    outbox.c.state == literal_column("'queued'"),
    outbox.c.body.is_not(None),
)
_LET_GO: Final = (
    update(outbox)
    .where(
        outbox.c.person_id == bindparam("person"),
        outbox.c.state.in_(_UNFINISHED),
        outbox.c.state == literal_column("'queued'"),
        outbox.c.reason == literal_column(f"'{HELD_REPLY}'"),
    )
    .values(due_at=bindparam("now", type_=Moment), reason=None, lane=URGENT)
)
_ANSWERED: Final = (
    update(outbox)
    .where(
        outbox.c.run_id == bindparam("of_run"),
        outbox.c.prompt == bindparam("asked"),
        outbox.c.state.in_(_UNFINISHED),
        outbox.c.state == literal_column("'queued'"),
        outbox.c.doubted_at.is_not(None),
    )
    .values(state="dropped", reason="answered", body=None, due_at=outbox.c.created_at, sent_at=None)
)
_WAITING: Final = (
    select(outbox.c.messenger, func.count())
    .where(outbox.c.state.in_(_UNFINISHED), outbox.c.due_at <= bindparam("by"))
    .group_by(outbox.c.messenger)
)
_LATE: Final = (
    select(outbox.c.messenger, func.count(), func.min(outbox.c.due_at))
    .where(outbox.c.state.in_(_UNFINISHED), outbox.c.due_at <= bindparam("by"))
    .group_by(outbox.c.messenger)
    .order_by(outbox.c.messenger)
)


@dataclass(frozen=True, slots=True)
class LateRows:
    """Messages of one messenger that should have been sent: how many, and since when."""

    messenger: str
    number: int
    since: datetime


def code_letters(pseudonym: str) -> str:
    """Return the letters of a pseudonym, in brackets, that tell its person from others on a screen."""
    return f"({pseudonym.removeprefix('P-')[:LETTERS]})"


def _names(met: Met) -> tuple[bytes, ...]:
    """Return how somebody may be named in the JSON of a message; a long nickname may end in dots on a button."""
    short = to_json(met.nickname[:SHOWN])[1:-1] if met.nickname else code_letters(met.pseudonym).encode()
    return met.pseudonym.encode(), short


class Outbox(Claims):
    """The outbox. Each chat's rows are sent in the order they were added, a message with the edit before it."""

    __slots__ = ()

    def put(
        self,
        id: UUID,  # noqa: A002 -- the column's own name
        person: Person | None,
        messenger: str,
        chat: str,
        kind: str,
        lane: int,
        body: dict[str, Any],
        run_id: UUID | None = None,
        prompt: int | None = None,
        repeatable: bool = False,
        edits: int | None = None,
        due_at: datetime | None = None,
        reason: str | None = None,
    ) -> int:
        """Add something to send; return its number.

        Args:
            id: the row's id.
            person: the recipient; None for someone who is not a person here (the day's key then seals the row).
            messenger: the adapter's name.
            chat: the address in the messenger's own terms.
            kind: `message`, `edit`, `echo` (the person's own words, shown in the web chat; counts as sent at once), or
                `delete` (its body's `messages` are the messenger's ids of messages to delete from the chat).
            lane: -1 for what helps at once, 0 for replies, 1 for broadcasts, 2 for what is said to strangers.
            body: JSON.
            run_id: the run it belongs to.
            prompt: the prompt it shows.
            repeatable: may be sent again when nobody knows whether it was sent.
            edits: number of the row whose message it changes.
            due_at: not to be sent before; None means now.
            reason: why it is not to be sent before.
        """
        key, to = self._to(person, messenger, chat)
        words = to_json([chat, body])
        about = self._about(person, words)
        if about and (closed := enclosed(self._tx, to_json(body), about, "outbox", "body", id.hex)) is not None:
            words = to_json([chat, closed])
        now = to_minute(self._tx.now)
        of = {"id": id, "run_id": run_id, "prompt": prompt, "repeatable": repeatable, "edits": edits, "kind": kind}
        when = {"sent_at": now if kind == "echo" else None, "due_at": due_at or now, "created_at": now}
        state = "sent" if kind == "echo" else "queued"
        sealed = key.seal(words, "outbox", "body", id.hex)
        how = {"lane": lane, "state": state, "reason": reason, "body": sealed}
        seq, met = int(self._execute(_PUT, {**to, **of, **when, **how}).scalar()), self._tx.met
        if people := [id_ for id_ in about if id_ not in met or not met[id_].invited]:
            self._execute(_NAMES, [{"row": edits or seq, "named": id_} for id_ in people])
        return seq

    def _about(self, reader: Person | None, words: bytes) -> dict[UUID, DataKey]:
        """Return with whom a message has to go: those whom one to the team names or may quote, and who signed it."""
        tx, about = self._tx, {}
        if reader is None:
            return {}
        words_of = tx.quotable
        # A participant's own turn ends here.
        if len(tx.met) < _SOMEBODY_ELSE and not tx.signers and (not words_of or words_of.keys() == {reader.id}):
            return {}
        for id_, (signed, key) in tx.signers.items():
            if id_ != reader.id and signed.encode() in words:
                about[id_] = key
        found = {id_: key for id_, key in tx.quotable.items() if id_ != reader.id}
        for id_, met in tx.met.items():
            if id_ != reader.id and any(name in words for name in _names(met)):
                found[id_] = met.key
        if found and self._execute(_OF_TEAM, {"person_id": reader.id}).first() is not None:
            about |= found
        return about

    def _to(self, person: Person | None, messenger: str, chat: str) -> tuple[DataKey, dict[str, Any]]:
        day, key = (None, person.key) if person else day_keys.today(self._tx)
        lookup = address_lookup(self._tx.vault, messenger, chat)
        whom = {"person_id": person and person.id, "day": day, "messenger": messenger, "lookup": lookup}
        return key, {**whom, "turn": self._tx.turn}

    def wait(self, row: OutboxRow, due_at: datetime) -> None:
        """Let a row wait for the hours of whom it is for, in its old place; a repetition stays one."""
        if row.reason == REPEATED:
            self.repeat(row.seq, due_at, REPEATED_LATE)
        else:
            self.retry(row.seq, due_at, LATE_HOUR)

    def tidied(self, seqs: Sequence[int]) -> None:
        """Record that messages are being removed from their chat."""
        if seqs:
            self._execute(_TIDIED, [{"row": seq} for seq in seqs])

    def blank(self, messenger: str, chat: str) -> int:
        """Erase the words of everything sent in a chat; return how many rows."""
        parameters = {"at": messenger, "hash": address_lookup(self._tx.vault, messenger, chat)}
        return self._execute(_BLANK, parameters).rowcount

    def unsay(self, person_id: UUID, seq: int) -> int:
        """Erase the words of a person's message and all its edits; return how many rows.

        Anything of it that is not sent yet is not sent any more.
        """
        return self._execute(_UNSAY, {"person": person_id, "row": seq}).rowcount

    def let_go(self, person_id: UUID) -> int:
        """Let what the team wrote to a person, and waits for their hours, go now; return how many rows."""
        return self._execute(_LET_GO, {"person": person_id, "now": self._tx.now}).rowcount

    def hush(self, person: Person, kinds: Collection[str]) -> int:
        """Drop what waits to be sent to a person and is of one of these kinds (`what` in its body); return how many."""
        dropped = 0
        for seq, id_, sealed in list(self._execute(_QUEUED, {"person_id": person.id})):
            opened = self._tx.opened(person.key, sealed, "outbox", "body", id_.hex, person_id=person.id, number=seq)
            said = None if opened is None else self._body_of(opened, id_)
            if said is not None and said.get("what") in kinds:
                self.close(seq, "dropped", "closed")
                dropped += 1
        return dropped

    def answered(self, run_id: UUID, prompt: int) -> None:
        """Drop a prompt that waits to be repeated because it might not have been sent: it was answered."""
        self._execute(_ANSWERED, {"of_run": run_id, "asked": prompt})

    def begun(self, since: datetime) -> dict[tuple[str, bytes], int]:
        """Count rows that were sent, or began to be sent, since the minute of a moment shortly before now.

        They are counted by messenger and `lookup` of the chat. Left out is what was tried again long after it was
        added, once nothing beside it waits.
        """
        following = self._execute(_NEXT_IN_BULK, {"now": self._tx.now}).scalar() or 0
        last = self._execute(_LAST, {}).scalar() or 0
        near = {"after": last - _LATELY, "first": following - _LATELY, "last": following + _LATELY}
        return dict(Counter((name, chat) for name, chat in self._execute(_BEGUN, {"since": since, **near})))

    def late(self, by: datetime) -> list[LateRows]:
        """List what was to be sent by a moment and is not, by messenger."""
        return [LateRows(*row) for row in self._execute(_LATE, {"by": by})]

    def waiting(self, by: datetime) -> dict[str, int]:
        """Count the rows that are being sent or are due by a moment, by messenger."""
        return dict(list(self._execute(_WAITING, {"by": by})))
