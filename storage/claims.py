"""Outbox rows as the courier handles them: how they are claimed, and how each one ends."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    Boolean,
    ColumnElement,
    and_,
    bindparam,
    case,
    exists,
    func,
    literal_column,
    null,
    or_,
    select,
    update,
)

from dialogs.value_class import value_class
from storage.damage import DAMAGED
from storage.database import for_work, written
from storage.store import bounded
from storage.tables import Moment, WholeMinute, outbox, people, person_keys, runs
from storage.thread import Thread, body_of


@value_class
class OutboxRow:
    """A claimed row, with what is needed to decide whether it should still be sent.

    Attributes:
        lookup: the chat's keyed hash, for `exclude`.
        reason: why it was queued again, if it was.
        turn: number of the inbox row in whose turn it was queued, if any.
        edits: the row whose message is to be changed; `edits_message` is that message's id, if it was sent.
        attempts: how often sending was tried before.
        current_prompt: the newest prompt of its run.
        run_status: the status of its run.
        participation: the person's participation; None for a stranger.
        created_at: when it was queued, to the minute.
        due_at: from when it may be sent.
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
    created_at: datetime
    due_at: datetime


@dataclass(frozen=True, slots=True)
class UnconfirmedSend:
    """A row that may or may not have been sent; `reason` is as in `OutboxRow`, or `lease`."""

    seq: int
    person_id: UUID | None
    messenger: str
    kind: str
    run_id: UUID | None
    prompt: int | None
    repeatable: bool
    reason: str | None


# Written literally, not bound: a partial index is used only for a condition it can see.
_UNFINISHED: Final = written("queued", "sending")
# The first try counts: from then on the message may have been seen.
_DOUBTED: Final = func.coalesce(outbox.c.doubted_at, outbox.c.sent_at)
LATE_HOUR: Final = "hours"
"""Why a row waits that Hilo began and that came late: the hours of whom it is for."""
REPEATED: Final = "answer_lost"
"""The reason of a row that is sent once more, which its message then says."""
REPEATED_LATE: Final = "answer_lost_hours"
"""The same of one that waits for the hours of whom it is for; once it is claimed, its reason is `REPEATED` again."""
HELD_REPLY: Final = "reply"
"""Why a reply of the team waits: the hours of whom it is for, unless they write, or the team sends it at once."""
_earlier = outbox.alias("earlier")
_edited = outbox.alias("edited")
_behind = outbox.alias("behind")
LATE_REPLY: Final = timedelta(hours=1)
"""How long after it was queued nobody waits for a reply any more."""
URGENT: Final = -1
"""The lane of what helps somebody who asked for help, and of what the team sends at once."""
_IN_BULK: Final[ColumnElement[Any]] = literal_column("1")  # the lane of broadcasts
_REPLY_BEHIND: Final = exists().where(
    and_(
        _behind.c.state.in_(_UNFINISHED),
        _behind.c.messenger == outbox.c.messenger,
        _behind.c.lookup == outbox.c.lookup,
        _behind.c.seq > outbox.c.seq,
        _behind.c.lane != _IN_BULK,
        func.coalesce(_behind.c.reason, literal_column("''")) != literal_column(f"'{HELD_REPLY}'"),
    )
)
# Somebody is there: what they said within the hour is being answered, or they have asked for help.
_AWAITED_BEHIND: Final = _REPLY_BEHIND.where(
    or_(_behind.c.created_at > bindparam("fresh", type_=Moment), _behind.c.lane == literal_column(str(URGENT)))
)
_ROWS: Final = select(
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
    outbox.c.created_at,
    outbox.c.due_at,
).select_from(
    outbox.outerjoin(people, people.c.id == outbox.c.person_id)
    .outerjoin(person_keys, person_keys.c.person_id == outbox.c.person_id)
    .outerjoin(runs, runs.c.id == outbox.c.run_id)
    .outerjoin(_edited, _edited.c.seq == outbox.c.edits)
)
_CLAIMABLE: Final = for_work(
    _ROWS.where(
        outbox.c.state.in_(_UNFINISHED),
        outbox.c.state == literal_column("'queued'"),
        or_(
            outbox.c.due_at <= bindparam("now", type_=Moment),
            # Queued at a future moment: the clock was put back since.
            and_(outbox.c.attempts == 0, outbox.c.created_at > bindparam("now", type_=Moment)),
            # Waits for somebody's hours, and they have written: nothing in a chat overtakes, so it goes first.
            and_(outbox.c.reason.in_(written(LATE_HOUR, REPEATED_LATE, HELD_REPLY)), _AWAITED_BEHIND),
        ),
        ~exists().where(
            and_(
                _earlier.c.state.in_(_UNFINISHED),
                _earlier.c.messenger == outbox.c.messenger,
                _earlier.c.lookup == outbox.c.lookup,
                _earlier.c.seq < outbox.c.seq,
                # A message goes together with a fresh edit before it: whoever answered does not wait for both in turn.
                # For one that was tried it waits, as Telegram may have asked for a pause in this chat.
                or_(outbox.c.kind != "message", _earlier.c.kind != "edit", _earlier.c.attempts > 0),
            )
        ),
    )
    .order_by(outbox.c.lane, outbox.c.seq)
    .limit(bindparam("limit")),
    outbox,
)
_MESSENGER, _LOOKUP = 3, 4  # indexes of these columns in a claimable row
_CLAIMABLE_BUT: Final = _CLAIMABLE.where(outbox.c.messenger.not_in(bindparam("silent", expanding=True)))
# Replies, and what is said to strangers, as a newcomer may be among them; with the rows that one of those waits behind,
# since nothing in a chat overtakes.
_CLAIMABLE_REPLY: Final = _CLAIMABLE.where(
    outbox.c.messenger == bindparam("messenger"),
    or_(outbox.c.lane != _IN_BULK, _REPLY_BEHIND),
)
_CLAIMABLE_OF: Final = _CLAIMABLE.where(outbox.c.messenger == bindparam("messenger"))
_CLAIM: Final = (
    update(outbox)
    .where(outbox.c.seq == bindparam("row"))
    .values(state="sending", lease_until=bindparam("until"), sent_at=bindparam("tried"), attempts=outbox.c.attempts + 1)
    .values(reason=case((outbox.c.reason == literal_column(f"'{REPEATED_LATE}'"), REPEATED), else_=outbox.c.reason))
)
_STILL_QUEUED: Final = (
    outbox.c.seq == bindparam("row"),
    outbox.c.state.in_(_UNFINISHED),
    outbox.c.state == literal_column("'queued'"),
)
_QUEUED: Final = _ROWS.where(*_STILL_QUEUED, outbox.c.messenger == bindparam("messenger")).with_for_update(of=outbox)
_HAND_OVER: Final = update(outbox).where(outbox.c.seq == bindparam("row")).values(due_at=bindparam("until"))
_TRIED: Final = update(outbox).where(outbox.c.seq == bindparam("row")).values(attempts=outbox.c.attempts + 1)
_HOLD: Final = update(outbox).where(*_STILL_QUEUED).values(due_at=bindparam("until"))
_OPEN_IDS: Final = select(outbox.c.id).where(
    outbox.c.state.in_(_UNFINISHED), outbox.c.messenger == bindparam("messenger")
)
_SENT: Final = (
    update(outbox)
    .where(outbox.c.seq == bindparam("row"))
    .values(
        state="sent",
        message_id=bindparam("message"),
        sent_at=bindparam("at", type_=WholeMinute),
        due_at=outbox.c.created_at,
        lease_until=None,
        # The body is erased so that less can be seized: the messenger has the words now.
        body=case((bindparam("keep", type_=Boolean), outbox.c.body), else_=null()),
    )
)
# What is under way needs seconds; what is over tells minutes, but for when sending began that may have arrived.
_OVER: Final = {
    "lease_until": None,
    "due_at": outbox.c.created_at,
    "sent_at": case((outbox.c.sent_at.is_not(None), bindparam("ended", type_=WholeMinute))),
}
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
    .values(state=bindparam("as_state"), reason=bindparam("why"), body=None, **_OVER)
)
_DOUBT: Final = update(outbox).where(outbox.c.seq == bindparam("row")).values(doubted_at=_DOUBTED)
_KEEP: Final = (
    update(outbox)
    .where(outbox.c.seq == bindparam("row"))
    .values(state=bindparam("as_state"), reason=bindparam("why"), **_OVER)
)
_EXPIRED: Final = (
    update(outbox)
    .where(
        outbox.c.state.in_(_UNFINISHED),
        outbox.c.state == literal_column("'sending'"),
        outbox.c.lease_until <= bindparam("now"),
    )
    # A reason for queueing it again is kept, so that nothing is said a third time.
    .values(state="unknown", reason=func.coalesce(outbox.c.reason, "lease"), doubted_at=_DOUBTED, **_OVER)
    .returning(
        *(outbox.c.seq, outbox.c.person_id, outbox.c.messenger, outbox.c.kind),
        *(outbox.c.run_id, outbox.c.prompt, outbox.c.repeatable, outbox.c.reason),
    )
)


REFUSED: Final = "retry_later"
"""Why a row waits whose messenger asked for a pause."""
_PAUSES: Final = (
    select(outbox.c.messenger, outbox.c.lookup, outbox.c.due_at)
    .where(
        outbox.c.state.in_(_UNFINISHED),
        outbox.c.state == literal_column("'queued'"),
        outbox.c.reason == literal_column(f"'{REFUSED}'"),
        outbox.c.due_at > bindparam("now", type_=Moment),
    )
    .order_by(outbox.c.due_at)
)
_CLAIMED: Final = select(outbox.c.seq, outbox.c.reason).where(
    outbox.c.state.in_(_UNFINISHED), outbox.c.state == literal_column("'sending'")
)


class Claims(Thread):
    """The part of the outbox that claims rows and records how they ended. Each chat keeps its order: see `claim`."""

    __slots__ = ()

    def claim(
        self,
        now: datetime,
        lease_until: datetime,
        limit: int,
        exclude: Collection[bytes] = (),
        silent: Collection[str] = (),
        most: Mapping[str, int] | None = None,
    ) -> list[OutboxRow]:
        """Claim rows to send now: they are `sending` until `lease_until`, and nobody else gets them.

        Replies come before broadcasts, the oldest first. A chat gives at most its first unfinished row, and where that
        is an edit that was never tried the first message behind it, and each only if it is queued and due. Rows whose
        key is gone (erased, forgotten) become `dropped`, damaged ones `failed`.

        Args:
            now: rows due at or before this moment are claimed.
            lease_until: when `expired` may give them up.
            limit: maximum number of rows.
            exclude: `lookup`s of chats to leave alone.
            silent: names of messengers to leave alone.
            most: maximum number of rows by messenger, where a messenger has its own limit.
        """
        # A chat gives at most two rows, so this many are enough after the excluded chats are left out.
        parameters = {"now": now, "fresh": now - LATE_REPLY, "limit": limit + 2 * len(exclude)}

        def find() -> Iterable[Any]:
            free = (row for row in self._claimable(parameters, silent) if row[_LOOKUP] not in exclude)
            return bounded(free, _MESSENGER, most or {})

        return self._claimed(find, now, lease_until, limit)

    def claim_one(
        self, messenger: str, now: datetime, lease_until: datetime, exclude: Collection[bytes] = (), *, reply: bool
    ) -> list[OutboxRow]:
        """Claim one row of a messenger as `claim` does, or none; with `reply`, no broadcast before a reply."""
        statement = _CLAIMABLE_REPLY if reply else _CLAIMABLE_OF
        parameters = {"now": now, "fresh": now - LATE_REPLY, "limit": 1 + 2 * len(exclude), "messenger": messenger}

        def find() -> Iterable[Any]:
            return (row for row in self._execute(statement, parameters) if row[_LOOKUP] not in exclude)

        return self._claimed(find, now, lease_until, 1)

    def _claimed(
        self, find: Callable[[], Iterable[Any]], now: datetime, until: datetime, limit: int
    ) -> list[OutboxRow]:
        claimed: list[OutboxRow] = []
        closed = True
        while closed and not claimed:  # rows behind one that does not open may be sent now
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

    def hand_over(self, messenger: str, now: datetime, until: datetime, limit: int) -> list[int]:
        """Leave rows that may be sent now to somebody who is told their numbers; until a moment nobody finds them."""
        parameters = {"now": now, "fresh": now - LATE_REPLY, "limit": limit, "messenger": messenger}
        found = [row[0] for row in self._execute(_CLAIMABLE_OF, parameters)]
        if found:
            self._execute(_HAND_OVER, [{"row": seq, "until": until} for seq in found])
        return found

    def queued(self, messenger: str, seq: int) -> OutboxRow | None:
        """Return a messenger's row as long as it is queued, locked until the end; one that does not open ends now."""
        for row in self._execute(_QUEUED, {"row": seq, "messenger": messenger}):
            opened = self._opened(row)
            if isinstance(opened, OutboxRow):
                return opened
            self.close(seq, *opened)
        return None

    def begin(self, messenger: str, seq: int) -> OutboxRow | None:
        """Return a messenger's row as `queued` does, and count that it was begun."""
        row = self.queued(messenger, seq)
        if row is not None:
            self._execute(_TRIED, {"row": seq})
        return row

    def hold(self, seq: int, until: datetime) -> None:
        """Let nobody find a row that is queued until a moment."""
        self._execute(_HOLD, {"row": seq, "until": until})

    def open_ids(self, messenger: str) -> list[UUID]:
        """Return the ids of a messenger's rows that are not over."""
        return [row[0] for row in self._execute(_OPEN_IDS, {"messenger": messenger})]

    def sent(self, seq: int, message_id: int | None, at: datetime, *, keep: bool = False) -> None:
        """Mark a row sent and erase its body, unless `keep`: where the message is read from the outbox itself."""
        self._execute(_SENT, {"row": seq, "message": message_id, "at": at, "keep": keep})

    def all_sent(self, sends: Sequence[tuple[int, int | None]], at: datetime) -> None:
        """Mark rows sent, each with its message's id, and erase their bodies."""
        self._execute(_SENT, [{"row": seq, "message": id_, "at": at, "keep": False} for seq, id_ in sends])

    def retry(self, seq: int, due_at: datetime, error: str) -> None:
        """Queue a row again in its old place; `error` is a code, never words."""
        self._execute(_RETRY, {"row": seq, "at": due_at, "why": error})

    def repeat(self, seq: int, due_at: datetime, error: str) -> None:
        """Queue a row again that may already have been sent; its first try is kept as `doubted_at`."""
        self._execute(_REPEAT, {"row": seq, "at": due_at, "why": error})

    def close(self, seq: int, state: str, reason: str, *, keep: bool = False) -> None:
        """End a row as `gone`, `failed`, `dropped` or `unknown`.

        With `keep` the body stays until the team has decided about it (see `storage.unsent`).
        """
        if state == "unknown":
            self._execute(_DOUBT, {"row": seq})
        self._execute(_KEEP if keep else _CLOSE, {"row": seq, "as_state": state, "why": reason, "ended": self._tx.now})

    def claimed(self) -> dict[int, str | None]:
        """Return the numbers of the rows that are being sent, each with why it was queued again, if it was."""
        return dict(list(self._execute(_CLAIMED)))

    def pauses(self, now: datetime) -> dict[str, tuple[bytes, datetime]]:
        """Return until when each messenger asked for a pause that is not over, with the `lookup` of whose row tells."""
        return {messenger: (lookup, until) for messenger, lookup, until in self._execute(_PAUSES, {"now": now})}

    def expired(self, now: datetime) -> list[UnconfirmedSend]:
        """Mark rows `unknown` whose lease ran out while sending, and return them."""
        return [UnconfirmedSend(*row) for row in self._execute(_EXPIRED, {"now": now, "ended": self._tx.now})]

    def _opened(self, row: Sequence[Any]) -> OutboxRow | tuple[str, str]:
        """Open a row, or return the state and the reason with which it ends."""
        seq, id_, person_id, messenger, lookup, kind, lane, body, day, run_id, prompt, *rest = row
        repeatable, edits, attempts, wrapped, current, status, participation, edited, reason, turn, *moments = rest
        key = self._key(day, person_id, wrapped)
        if key is None or body is None:
            return "dropped", "key"
        opened = self._tx.opened(key, body, "outbox", "body", id_.hex, person_id=person_id, number=seq)
        if opened is None:
            return "failed", DAMAGED
        chat, words = body_of(self._tx, opened, id_)
        if words is None:
            return "dropped", "key"
        reason = REPEATED if reason == REPEATED_LATE else reason
        what = (seq, id_, person_id, messenger, chat, kind, lane)
        where = (words, run_id, prompt, repeatable, edits, attempts)
        return OutboxRow(*what, *where, current, status, participation, lookup, edited, reason, turn, *moments)
