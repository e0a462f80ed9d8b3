"""What is to be said, and what was: the courier's queue, and the web chat's mailbox.

States: queued, sending (somebody holds it by a lease), sent, unknown (sent or not, nobody can tell), gone,
failed, dropped (no longer to be said).
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import and_, bindparam, case, exists, func, insert, literal_column, null, or_, select, update

from storage import day_keys
from storage.addresses import address_lookup
from storage.damage import DAMAGED
from storage.database import for_work, written
from storage.people import Person
from storage.store import bounded, from_json, to_json
from storage.tables import outbox, people, person_keys, runs
from storage.thread import TIDIED, Thread
from storage.vault import DataKey

REPEATED: Final = "answer_lost"
"""Why a row is sent once more, which its message then says."""

FROM_TEAM: Final = "team"
"""How the body of a row begins to say what it is (`what`), where it brings what the team wrote to her."""

_MAILBOX: Final = "web"
"""The messenger whose sent rows keep their words, since the page shows them from here."""


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """A claimed row, with what tells whether it should still be said.

    Attributes:
        lookup: the chat's keyed hash, for `exclude`.
        reason: why it was queued again, if it was.
        turn: number of the inbox row in whose turn it was put there, if any.
        edits: the row whose message is to be changed; `edits_message` is that message's id, if it was sent.
        attempts: how often sending was tried before.
        current_prompt: the newest prompt of its run.
        run_status: the status of its run.
        participation: the person's; None for a stranger.
    """

    seq: int
    id: UUID
    person_id: UUID | None
    messenger: str
    chat: str
    kind: str
    lane: int
    body: dict[str, Any]
    run_id: UUID | None
    prompt: int | None
    repeatable: bool
    edits: int | None
    attempts: int
    current_prompt: int | None
    run_status: str | None
    participation: str | None
    lookup: bytes
    edits_message: int | None
    reason: str | None
    turn: int | None


@dataclass(frozen=True, slots=True)
class Uncertain:
    """A row that may or may not have been sent; `reason` as in `OutboxRow`, or `lease`."""

    seq: int
    person_id: UUID | None
    messenger: str
    kind: str
    run_id: UUID | None
    prompt: int | None
    repeatable: bool
    reason: str | None


# Written out, not bound: a partial index serves only a condition it can see.
_UNFINISHED: Final = written("queued", "sending")
# The first time counts: from then on it may have been seen.
_DOUBTED: Final = func.coalesce(outbox.c.doubted_at, outbox.c.sent_at)
_earlier = outbox.alias("earlier")
_edited = outbox.alias("edited")
_PUT: Final = insert(outbox).returning(outbox.c.seq)
_CLAIMABLE: Final = for_work(
    select(
        outbox.c.seq,
        outbox.c.id,
        outbox.c.person_id,
        outbox.c.messenger,
        outbox.c.lookup,
        outbox.c.kind,
        outbox.c.lane,
        outbox.c.body,
        outbox.c.day,
        outbox.c.run_id,
        outbox.c.prompt,
        outbox.c.repeatable,
        outbox.c.edits,
        outbox.c.attempts,
        person_keys.c.wrapped,
        runs.c.prompt,
        runs.c.status,
        people.c.participation,
        _edited.c.message_id,
        outbox.c.reason,
        outbox.c.turn,
    )
    .select_from(
        outbox.outerjoin(people, people.c.id == outbox.c.person_id)
        .outerjoin(person_keys, person_keys.c.person_id == outbox.c.person_id)
        .outerjoin(runs, runs.c.id == outbox.c.run_id)
        .outerjoin(_edited, _edited.c.seq == outbox.c.edits)
    )
    .where(
        outbox.c.state.in_(_UNFINISHED),
        outbox.c.state == literal_column("'queued'"),
        or_(
            outbox.c.due_at <= bindparam("now"),
            # Put here in a time to come: the clock was put back meanwhile.
            and_(outbox.c.attempts == 0, outbox.c.created_at > bindparam("now")),
        ),
        ~exists().where(
            and_(
                _earlier.c.state.in_(_UNFINISHED),
                _earlier.c.messenger == outbox.c.messenger,
                _earlier.c.lookup == outbox.c.lookup,
                _earlier.c.seq < outbox.c.seq,
            )
        ),
    )
    .order_by(outbox.c.lane, outbox.c.seq)
    .limit(bindparam("limit")),
    outbox,
)
_MESSENGER, _LOOKUP = 3, 4  # their places in a claimable row
_CLAIMABLE_BUT: Final = _CLAIMABLE.where(outbox.c.messenger.not_in(bindparam("silent", expanding=True)))
_behind = outbox.alias("behind")
# Also whatever a reply waits behind, since nothing in a chat overtakes.
_CLAIMABLE_REPLY: Final = _CLAIMABLE.where(
    outbox.c.messenger == bindparam("messenger"),
    or_(
        outbox.c.lane == 0,
        exists().where(
            and_(
                _behind.c.state.in_(_UNFINISHED),
                _behind.c.messenger == outbox.c.messenger,
                _behind.c.lookup == outbox.c.lookup,
                _behind.c.lane == 0,
            )
        ),
    ),
)
_CLAIMABLE_OF: Final = _CLAIMABLE.where(outbox.c.messenger == bindparam("messenger"))
_CLAIM: Final = (
    update(outbox)
    .where(outbox.c.seq == bindparam("row"))
    .values(state="sending", lease_until=bindparam("until"), sent_at=bindparam("tried"), attempts=outbox.c.attempts + 1)
)
_SENT: Final = (
    update(outbox)
    .where(outbox.c.seq == bindparam("row"))
    .values(
        state="sent",
        message_id=bindparam("message"),
        sent_at=bindparam("at"),
        lease_until=None,
        # Little to seize: the messenger has the words now.
        body=case((outbox.c.messenger == _MAILBOX, outbox.c.body), else_=null()),
    )
)
_RETRY: Final = (
    update(outbox)
    .where(outbox.c.seq == bindparam("row"))
    .values(
        state="queued",
        due_at=bindparam("at"),
        reason=bindparam("why"),
        lease_until=None,
        sent_at=None,
        doubted_at=None,
    )
)
_REPEAT: Final = (
    update(outbox)
    .where(outbox.c.seq == bindparam("row"))
    .values(
        state="queued",
        due_at=bindparam("at"),
        reason=bindparam("why"),
        lease_until=None,
        doubted_at=_DOUBTED,
    )
)
_CLOSE: Final = (
    update(outbox)
    .where(outbox.c.seq == bindparam("row"))
    .values(state=bindparam("as_state"), reason=bindparam("why"), lease_until=None, body=None)
)
_DOUBT: Final = update(outbox).where(outbox.c.seq == bindparam("row")).values(doubted_at=_DOUBTED)
_KEEP: Final = (
    update(outbox)
    .where(outbox.c.seq == bindparam("row"))
    .values(state=bindparam("as_state"), reason=bindparam("why"), lease_until=None)
)
_EXPIRED: Final = (
    update(outbox)
    .where(
        outbox.c.state.in_(_UNFINISHED),
        outbox.c.state == literal_column("'sending'"),
        outbox.c.lease_until <= bindparam("now"),
    )
    # Why it was queued again stays known: so that nothing is said a third time.
    .values(state="unknown", reason=func.coalesce(outbox.c.reason, "lease"), lease_until=None, doubted_at=_DOUBTED)
    .returning(
        outbox.c.seq,
        outbox.c.person_id,
        outbox.c.messenger,
        outbox.c.kind,
        outbox.c.run_id,
        outbox.c.prompt,
        outbox.c.repeatable,
        outbox.c.reason,
    )
)
_LATELY: Final = 10_000
_BEGUN: Final = (
    select(func.count())
    .select_from(outbox)
    # There is no index by moment: what was sent just now is among what was put last.
    .where(
        outbox.c.seq > select(func.max(outbox.c.seq)).scalar_subquery() - _LATELY,
        outbox.c.sent_at >= bindparam("since"),
    )
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
        # Only what came after: her index is in that order.
        outbox.c.seq >= bindparam("row"),
        or_(outbox.c.seq == bindparam("row"), outbox.c.edits == bindparam("row")),
    )
    .values(body=None)
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
    .values(state="dropped", reason="answered", body=None)
)
_WAITING: Final = (
    select(outbox.c.messenger, func.count())
    .where(outbox.c.state.in_(_UNFINISHED), outbox.c.due_at <= bindparam("by"))
    .group_by(outbox.c.messenger)
)


class Outbox(Thread):
    """The outbox. Inside one chat everything is said strictly in the order it was put here."""

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
    ) -> int:
        """Put something to say, and give its number.

        Args:
            id: the row's id.
            person: to whom; None for someone who is not a person here (the day's key seals it then).
            messenger: the adapter's name.
            chat: the address in the messenger's own terms.
            kind: `message`, `edit`, `echo` (her own words, shown in the web chat; it counts as sent at once), or
                `delete` (its body's `messages` are the messenger's ids of messages to take out of the chat again).
            lane: 0 for replies, 1 for broadcasts.
            body: JSON.
            run_id: the run it belongs to.
            prompt: the prompt it shows.
            repeatable: may be sent again when nobody knows whether it arrived.
            edits: number of the row whose message it changes.
            due_at: not before; None: now.
        """
        key, to = self._to(person, messenger, chat)
        row = {
            **to,
            "id": id,
            "kind": kind,
            "lane": lane,
            "body": key.seal(to_json([chat, body]), "outbox", "body", id.hex),
            "run_id": run_id,
            "prompt": prompt,
            "repeatable": repeatable,
            "edits": edits,
            "state": "sent" if kind == "echo" else "queued",
            "sent_at": self._tx.now if kind == "echo" else None,
            "due_at": due_at or self._tx.now,
            "created_at": self._tx.now,
        }
        return int(self._execute(_PUT, row).scalar())

    def _to(self, person: Person | None, messenger: str, chat: str) -> tuple[DataKey, dict[str, Any]]:
        day, key = (None, person.key) if person else day_keys.today(self._tx)
        lookup = address_lookup(self._tx.vault, messenger, chat)
        whom = {"person_id": person and person.id, "day": day, "messenger": messenger, "lookup": lookup}
        return key, {**whom, "turn": self._tx.turn}

    def claim(
        self,
        now: datetime,
        lease_until: datetime,
        limit: int,
        exclude: Collection[bytes] = (),
        silent: Collection[str] = (),
        most: Mapping[str, int] | None = None,
    ) -> list[OutboxRow]:
        """Take what is to be sent now: it is `sending` until `lease_until`, and nobody else's.

        Replies before broadcasts, the oldest first; of every chat the first unfinished row at most, and only
        if it waits and is due. Rows whose key is gone (erased, forgotten) are dropped, and damaged ones have failed.

        Args:
            now: what is due by then.
            lease_until: when `expired` may give it up.
            limit: how many at most.
            exclude: `lookup`s of chats to leave alone.
            silent: names of messengers to leave alone.
            most: how many rows of a messenger at most, where that is bounded for itself.
        """
        # A chat gives one row at most, so there are rows enough besides those of the chats to leave alone.
        parameters = {"now": now, "limit": limit + len(exclude)}

        def find() -> Iterable[Any]:
            free = (row for row in self._claimable(parameters, silent) if row[_LOOKUP] not in exclude)
            return bounded(free, _MESSENGER, most or {})

        return self._claimed(find, now, lease_until, limit)

    def claim_one(self, messenger: str, now: datetime, lease_until: datetime, *, reply: bool) -> list[OutboxRow]:
        """Take one row of a messenger, as `claim` does, or none; with `reply` only one that a reply needs sent."""
        statement = _CLAIMABLE_REPLY if reply else _CLAIMABLE_OF
        parameters = {"now": now, "limit": 1, "messenger": messenger}
        return self._claimed(lambda: self._execute(statement, parameters), now, lease_until, 1)

    def _claimed(
        self, find: Callable[[], Iterable[Any]], now: datetime, until: datetime, limit: int
    ) -> list[OutboxRow]:
        claimed: list[OutboxRow] = []
        closed = True
        while closed and not claimed:  # what stood behind a row that does not open may go out now
            closed = False
            for row in find():
                if len(claimed) == limit:
                    break
                opened = self._opened(row)
                if isinstance(opened, OutboxRow):
                    claimed.append(opened)
                else:
                    self.close(row[0], *opened)
                    closed = True
        if claimed:
            self._execute(_CLAIM, [{"row": row.seq, "until": until, "tried": now} for row in claimed])
        return claimed

    def _claimable(self, parameters: dict[str, Any], silent: Collection[str]) -> Iterable[Any]:
        if not silent:
            return self._execute(_CLAIMABLE, parameters)
        return self._tx.connection.execute(_CLAIMABLE_BUT, {**parameters, "silent": list(silent)}).all()

    def sent(self, seq: int, message_id: int | None, at: datetime) -> None:
        """Mark a row sent; its words go, except in the web chat's mailbox."""
        self._execute(_SENT, {"row": seq, "message": message_id, "at": at})

    def retry(self, seq: int, due_at: datetime, error: str) -> None:
        """Queue a row again, in its old place; `error` is a code, never words."""
        self._execute(_RETRY, {"row": seq, "at": due_at, "why": error})

    def repeat(self, seq: int, due_at: datetime, error: str) -> None:
        """Queue a row again that may have been sent: from its first try on it may have been seen."""
        self._execute(_REPEAT, {"row": seq, "at": due_at, "why": error})

    def close(self, seq: int, state: str, reason: str, *, keep: bool = False) -> None:
        """End a row as `gone`, `failed`, `dropped` or `unknown`.

        With `keep` it keeps its words, until the team has decided about it (see `storage.unsent`).
        """
        if state == "unknown":
            self._execute(_DOUBT, {"row": seq})
        self._execute(_KEEP if keep else _CLOSE, {"row": seq, "as_state": state, "why": reason})

    def expired(self, now: datetime) -> list[Uncertain]:
        """Turn rows whose lease ran out while sending into unknown ones, and give them."""
        return [Uncertain(*row) for row in self._execute(_EXPIRED, {"now": now})]

    def tidied(self, seqs: Sequence[int]) -> None:
        """Note that messages are being taken out of their chat again."""
        if seqs:
            self._execute(_TIDIED, [{"row": seq} for seq in seqs])

    def blank(self, messenger: str, chat: str) -> int:
        """Take every word that was said out of a chat's mailbox; gives the number of rows."""
        parameters = {"at": messenger, "hash": address_lookup(self._tx.vault, messenger, chat)}
        return self._execute(_BLANK, parameters).rowcount

    def unsay(self, person_id: UUID, seq: int) -> int:
        """Take the words of a person's message, and of every edit of it, out of what is kept; gives the number of rows.

        What was still to be sent of it is not sent any more.
        """
        return self._execute(_UNSAY, {"person": person_id, "row": seq}).rowcount

    def answered(self, run_id: UUID, prompt: int) -> None:
        """Do not say a prompt once more, in case it never came: it did, for it was answered."""
        self._execute(_ANSWERED, {"of_run": run_id, "asked": prompt})

    def begun(self, since: datetime) -> int:
        """Count what began to be sent, or was sent, since a moment just now."""
        return int(self._execute(_BEGUN, {"since": since}).scalar())

    def waiting(self, by: datetime) -> dict[str, int]:
        """Count what is being sent, or is to be sent by a moment, messenger by messenger."""
        return dict(list(self._execute(_WAITING, {"by": by})))

    def _opened(self, row: Sequence[Any]) -> OutboxRow | tuple[str, str]:
        """Open a row, or give the state and the reason in which it ends."""
        seq, id_, person_id, messenger, lookup, kind, lane, body, day, run_id, prompt, *rest = row
        repeatable, edits, attempts, wrapped, current, status, participation, edited, reason, turn = rest
        key = self._key(day, person_id, wrapped)
        if key is None or body is None:
            return "dropped", "key"
        opened = self._tx.opened(key, body, "outbox", "body", id_.hex, person_id=person_id, number=seq)
        if opened is None:
            return "failed", DAMAGED
        chat, words = from_json(opened)
        what = (seq, id_, person_id, messenger, chat, kind, lane)
        where = (words, run_id, prompt, repeatable, edits, attempts)
        return OutboxRow(*what, *where, current, status, participation, lookup, edited, reason, turn)
