"""Updates that came in: committed before they are confirmed to the messenger, blanked once handled."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    and_,
    bindparam,
    case,
    delete,
    exists,
    func,
    literal,
    literal_column,
    or_,
    select,
    update,
)

from dialogs.value_class import value_class
from storage import day_keys
from storage.addresses import address_lookup
from storage.damage import DAMAGED
from storage.database import for_work, insert_new, written
from storage.store import Store
from storage.tables import inbox, outbox


@value_class
class InboxRow:
    """An update that waits for its turn; `attempts` counts the turns that failed before.

    `body` is None where it is damaged: then only the chat is known.
    """

    seq: int
    id: UUID
    messenger: str
    address_lookup: bytes
    body: bytes | None
    attempts: int
    next_at: datetime


@dataclass(frozen=True, slots=True)
class SetAside:
    """Updates that no turn could handle, by kind of error: how many, and when the first and the last came in.

    `kept` is how many of them still have their words, and can be tried again.
    """

    error: str
    number: int
    since: datetime
    until: datetime
    kept: int = 0


FORGOTTEN: Final = "forgotten"  # the error of an update whose key was destroyed before it had its turn


# Written literally, not bound: a partial index is used only for a condition it can see.
_PENDING_STATE: Final[ColumnElement[Any]] = literal_column("'pending'")
_GIVEN_UP: Final[ColumnElement[Any]] = literal_column("'poison'")
_earlier = inbox.alias("earlier")
_ADD: Final = insert_new(inbox)
_WRITTEN: Final = select(inbox.c.message_id).where(
    inbox.c.messenger == bindparam("at"),
    inbox.c.lookup == bindparam("hash"),
    inbox.c.received_at >= bindparam("since"),
    inbox.c.message_id.is_not(None),
)
_HERE: Final = (
    select(inbox.c.seq)
    .where(
        inbox.c.messenger == bindparam("at"),
        inbox.c.lookup == bindparam("hash"),
        inbox.c.received_at >= bindparam("since"),
    )
    .limit(1)
)
_CAME: Final = select(inbox.c.seq).where(inbox.c.messenger == bindparam("at"), inbox.c.update_key == bindparam("key"))
# Written so that the database goes back from the newest of all, and does not go through all of one messenger's.
_NEWEST: Final = (
    select(inbox.c.seq)
    .where(func.coalesce(inbox.c.messenger, inbox.c.messenger) == bindparam("at"))
    .order_by(inbox.c.seq.desc())
    .limit(1)
)
_PENDING: Final = (
    select(
        inbox.c.seq,
        inbox.c.id,
        inbox.c.messenger,
        inbox.c.lookup,
        inbox.c.body,
        inbox.c.attempts,
        inbox.c.next_at,
        inbox.c.day,
    )
    .where(
        inbox.c.state == _PENDING_STATE,
        # Nothing waits for so long: the clock was put back.
        or_(inbox.c.next_at <= bindparam("now"), inbox.c.next_at > bindparam("beyond")),
        ~exists().where(
            and_(
                _earlier.c.state == _PENDING_STATE,
                _earlier.c.messenger == inbox.c.messenger,
                _earlier.c.lookup == inbox.c.lookup,
                _earlier.c.seq < inbox.c.seq,
            )
        ),
        # While a message is being sent to the chat, it is unknown whether the update came before or after it. An update
        # answers what had been seen, and the message's number, known a moment later, decides that.
        ~exists().where(
            and_(
                outbox.c.state.in_(written("queued", "sending")),
                outbox.c.state == literal_column("'sending'"),
                outbox.c.kind == literal_column("'message'"),
                outbox.c.messenger == inbox.c.messenger,
                outbox.c.lookup == inbox.c.lookup,
                # All numbers are: with it SQLite looks among what is unfinished, and not through all of the chat's.
                outbox.c.seq > literal_column("0"),
            )
        ),
    )
    .order_by(inbox.c.seq)
    .limit(bindparam("limit"))
)
_LONGEST_WAIT: Final = timedelta(minutes=10)
_PENDING_FOR_WORK: Final = for_work(_PENDING, inbox)
_DONE: Final = (
    update(inbox).where(inbox.c.seq == bindparam("row")).values(state="done", body=None, next_at=inbox.c.received_at)
)
_RETRY: Final = (
    update(inbox)
    .where(inbox.c.seq == bindparam("row"))
    .values(attempts=inbox.c.attempts + 1, next_at=bindparam("at"), error=bindparam("why"))
)
_HELD: Final = "held"
_HOLD: Final = (
    update(inbox).where(inbox.c.seq == bindparam("row")).values(next_at=bindparam("until"), error=bindparam("why"))
)
_HELD_BACK: Final = select(inbox.c.seq, inbox.c.error).where(
    inbox.c.state == _PENDING_STATE, inbox.c.error.like(literal_column(f"'{_HELD}%'"))
)
_RELEASE: Final = (
    update(inbox)
    .where(inbox.c.seq == bindparam("row"), inbox.c.state == _PENDING_STATE, inbox.c.error == bindparam("why"))
    .values(next_at=bindparam("now"), error=None)
)
# Whoever else handles it just now is waited for: then it waits no more.
_WAITS: Final = (
    select(inbox.c.seq).where(inbox.c.seq == bindparam("row"), inbox.c.state == _PENDING_STATE).with_for_update()
)
_ANY_WAITS: Final = select(inbox.c.seq).where(inbox.c.state == _PENDING_STATE).limit(1)
_WAITING: Final = (
    select(func.count())
    .select_from(inbox)
    .where(
        inbox.c.state == _PENDING_STATE,
        inbox.c.messenger == bindparam("messenger"),
        inbox.c.lookup == bindparam("lookup"),
    )
)
_POISON: Final = (
    update(inbox)
    .where(inbox.c.seq == bindparam("row"))
    .values(state="poison", attempts=inbox.c.attempts + 1, error=bindparam("why"), next_at=inbox.c.received_at)
)
_FORGET: Final = (
    update(inbox)
    .where(inbox.c.day < bindparam("before"), inbox.c.body.is_not(None))
    .values(state="poison", body=None, error=case((inbox.c.state == "poison", inbox.c.error), else_=literal(FORGOTTEN)))
)
_FORGET_SAID: Final = (
    update(outbox)
    # Only what was said to strangers is sealed with a day's key.
    .where(outbox.c.person_id.is_(None), outbox.c.day < bindparam("before"), outbox.c.body.is_not(None))
    .values(
        body=None,
        reason="forgotten",
        state=case((outbox.c.state.in_(written("queued", "sending", "unknown")), "dropped"), else_=outbox.c.state),
    )
)
# Rows came in order, so nothing is searched beyond the first one that stays.
_STAYS: Final = (
    select(inbox.c.seq)
    .where(inbox.c.received_at >= bindparam("before"))
    .order_by(inbox.c.seq)
    .limit(1)
    .scalar_subquery()
)
_TRIM: Final = delete(inbox).where(
    inbox.c.seq.in_(
        select(inbox.c.seq)
        .where(
            inbox.c.seq < func.coalesce(_STAYS, 2**62),
            inbox.c.state.in_(written("done", "poison")),
            inbox.c.received_at < bindparam("before"),
        )
        .order_by(inbox.c.seq)
        .limit(bindparam("limit"))
    )
)
_TRIMMED: Final = 1_000
_LOST_LATELY: Final = (
    select(inbox.c.seq)
    .where(
        inbox.c.state == "poison",
        inbox.c.error == DAMAGED,
        inbox.c.messenger == bindparam("messenger"),
        inbox.c.lookup == bindparam("lookup"),
        inbox.c.next_at > bindparam("since"),
    )
    .limit(1)
)
_OF_KIND: Final = (inbox.c.state == _GIVEN_UP, inbox.c.error == bindparam("why"))
_TRY_AGAIN: Final = (
    update(inbox)
    .where(*_OF_KIND, inbox.c.body.is_not(None))
    .values(state="pending", attempts=0, next_at=bindparam("now"), error=None)
)
_DROP: Final = update(inbox).where(*_OF_KIND).values(state="done", body=None, error=None)
_OVERDUE: Final[Any] = select(func.count(), func.min(inbox.c.next_at)).where(
    inbox.c.state == _PENDING_STATE, inbox.c.next_at <= bindparam("now")
)
_SET_ASIDE: Final = (
    select(
        inbox.c.error,
        func.count(),
        func.min(inbox.c.received_at),
        func.max(inbox.c.received_at),
        func.count(inbox.c.body),
    )
    .where(inbox.c.state == _GIVEN_UP)
    .group_by(inbox.c.error)
    .order_by(func.count().desc(), inbox.c.error)
)


class Inbox(Store):
    """The inbox. A chat's updates are handled in the order they came: an earlier one holds back the later ones."""

    __slots__ = ()

    def accept(
        self, rows: Sequence[tuple[UUID, str, str, str, bytes] | tuple[UUID, str, str, str, bytes, int | None]]
    ) -> int:
        """Store updates given as (id, messenger, update key, chat, body), in their order.

        A sixth value is the messenger's number of the message, if it is one that can be deleted.

        Returns:
            How many were new: an update is identified by its key within its messenger, and a second arrival is ignored.
        """
        if not rows:
            return 0
        tx = self._tx
        day, key = day_keys.today(tx)
        return self._execute(
            _ADD,
            [
                {
                    "id": id_,
                    "messenger": messenger,
                    "update_key": update_key,
                    "lookup": address_lookup(tx.vault, messenger, chat),
                    "day": day,
                    "body": key.seal(body, "inbox", "body", id_.hex),
                    "state": "pending",
                    "next_at": tx.now,
                    "received_at": tx.now,
                    "message_id": message[0] if message else None,
                }
                for id_, messenger, update_key, chat, body, *message in rows
            ],
        ).rowcount

    def came(self, messenger: str, update_key: str) -> bool:
        """Return whether an update is here already, handled or not."""
        return self._execute(_CAME, {"at": messenger, "key": update_key}).first() is not None

    def newest(self, messenger: str) -> int | None:
        """Return the number of the newest update of a messenger, or None."""
        found: int | None = self._execute(_NEWEST, {"at": messenger}).scalar()
        return found

    def written(self, messenger: str, chat: str, since: datetime) -> Sequence[int]:
        """List the messenger's numbers of what was written in a chat since a moment."""
        at = {"at": messenger, "hash": address_lookup(self._tx.vault, messenger, chat), "since": since}
        return self._execute(_WRITTEN, at).scalars()

    def here(self, messenger: str, chat: str, since: datetime) -> bool:
        """Return whether anything was written or pressed in a chat since a moment."""
        at = {"at": messenger, "hash": address_lookup(self._tx.vault, messenger, chat), "since": since}
        return self._execute(_HERE, at).first() is not None

    def pending(self, now: datetime, limit: int) -> list[InboxRow]:
        """List updates whose turn it is: the first one that waits in each chat, if it is due.

        In a write transaction the rows are locked, and those another process holds are skipped.
        """
        statement = _PENDING_FOR_WORK if self._tx.writing else _PENDING
        found = []
        for seq, id_, messenger, lookup, body, attempts, next_at, day in self._execute(
            statement, {"now": now, "beyond": now + _LONGEST_WAIT, "limit": limit}
        ):
            key = day_keys.key_of(self._tx, day)
            opened = None
            if key is not None and body is not None:
                opened = self._tx.opened(key, body, "inbox", "body", id_.hex, number=seq)
            found.append(InboxRow(seq, id_, messenger, lookup, opened, attempts, next_at))
        return found

    def done(self, seq: int) -> None:
        """Mark an update handled and blank it."""
        self._execute(_DONE, {"row": seq})

    def retry(self, seq: int, next_at: datetime, error: str) -> None:
        """Put an update off until another attempt; `error` is a code, never words."""
        self._execute(_RETRY, {"row": seq, "at": next_at, "why": error})

    def hold(self, seq: int, until: datetime, process: str = "") -> None:
        """Hold an update back while a process fetches something for it; later ones of the chat wait behind it."""
        self._execute(_HOLD, {"row": seq, "until": until, "why": _HELD + process})

    def release(self, now: datetime, alive: Collection[str] = ()) -> int:
        """Make updates due at once that a process held back which lives no more; return how many there were."""
        held = [(seq, why) for seq, why in self._execute(_HELD_BACK) if why.removeprefix(_HELD) not in alive]
        return sum(self._execute(_RELEASE, {"row": seq, "why": why, "now": now}).rowcount for seq, why in held)

    def waits(self, seq: int) -> bool:
        """Return whether an update still waits for its turn, which then nobody else begins in this transaction."""
        return self._execute(_WAITS, {"row": seq}).first() is not None

    def any_waits(self) -> bool:
        """Return whether any update has not had its turn."""
        return self._execute(_ANY_WAITS).first() is not None

    def waiting(self, messenger: str, chat: str) -> int:
        """Count the updates of a chat that wait for their turn."""
        lookup = address_lookup(self._tx.vault, messenger, chat)
        return int(self._execute(_WAITING, {"messenger": messenger, "lookup": lookup}).scalar() or 0)

    def poison(self, seq: int, error: str) -> None:
        """Give up an update, so that later ones of the chat get their turn; its body stays until `forget`."""
        self._execute(_POISON, {"row": seq, "why": error})

    def lost_lately(self, row: InboxRow, since: datetime) -> bool:
        """Return whether another update of the same chat was given up as damaged since a moment."""
        parameters = {"messenger": row.messenger, "lookup": row.address_lookup, "since": since}
        return self._execute(_LOST_LATELY, parameters).first() is not None

    def overdue(self, now: datetime) -> tuple[int, datetime | None]:
        """Return how many updates could have had their turn by a moment, and since when the first of them waits."""
        ((number, since),) = self._execute(_OVERDUE, {"now": now})
        return number, since

    def set_aside(self) -> list[SetAside]:
        """Count the updates that were given up, by kind of error, the most frequent first."""
        return [SetAside(*row) for row in self._execute(_SET_ASIDE, {})]

    def try_again(self, error: str) -> int:
        """Give updates that were given up for an error another turn, if they have their words; return how many."""
        return self._execute(_TRY_AGAIN, {"why": error, "now": self._tx.now}).rowcount

    def drop(self, error: str) -> int:
        """Blank updates that were given up for an error, and list them no longer; return how many."""
        return self._execute(_DROP, {"why": error}).rowcount

    def trim(self, before: datetime, limit: int = _TRIMMED) -> int:
        """Delete handled and given-up updates received before a moment, when none can arrive again.

        The oldest go first, and at most `limit` of them, because turns wait meanwhile. Pending updates stay.
        """
        return self._execute(_TRIM, {"before": before, "limit": limit}).rowcount

    def forget(self, before_day: date) -> int:
        """Destroy the keys of all days before this one, and blank what they sealed; return how many keys."""
        self._execute(_FORGET, {"before": before_day})
        self._execute(_FORGET_SAID, {"before": before_day})
        return day_keys.destroy(self._tx, before_day)
