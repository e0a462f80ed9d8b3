"""Broadcasts (a facilitator's orders) and the deliveries they consist of."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import bindparam, distinct, exists, func, insert, literal_column, select, update

from storage.database import for_work, insert_new, serialise
from storage.person_queries import BEST_FIRST
from storage.purposes import Purposes
from storage.sealed_statements import Change, Verified
from storage.store import Store
from storage.tables import (
    ALOUD,
    ON_PAPER,
    QUOTE_ASKED,
    SHARE_BACK,
    addresses,
    broadcasts,
    deliveries,
    memberships,
    people,
    person_addresses,
    purposes,
    runs,
)


@dataclass(frozen=True, slots=True)
class Broadcast:
    """A broadcast: which dialog goes to which cohort, and why; `purpose` is empty where it is damaged."""

    id: UUID
    key: str
    dialog_hash: str
    cohort_id: UUID
    purpose: dict[str, Any]
    purpose_id: UUID
    ordered_by: UUID | None
    ordered_at: datetime
    due_at: datetime
    cancelled_at: datetime | None
    closed_at: datetime | None
    reminded_at: datetime | None

    @property
    def shares_back(self) -> bool:
        """Whether it gives something back, and asks nothing."""
        return self.key.startswith(SHARE_BACK)

    @property
    def asks_quote(self) -> bool:
        """Whether it asks one person for a quote: it goes as what is given back does."""
        return self.key.startswith(QUOTE_ASKED)

    @property
    def on_paper(self) -> bool:
        """Whether it was asked on paper, and went to nobody's phone."""
        return self.key.startswith(ON_PAPER)

    @property
    def aloud(self) -> bool:
        """Whether it gives something back by being read aloud; it is closed once it was."""
        return self.key.startswith(ALOUD)


@dataclass(frozen=True, slots=True)
class Delivery:
    """One delivery: this person, this dialog, this moment; of an occurrence also which one, and until when."""

    id: UUID
    broadcast_id: UUID
    person_id: UUID
    due_at: datetime
    dialog_hash: str
    cohort_id: UUID
    schedule_id: UUID | None = None
    occurs_on: str | None = None
    closes_at: datetime | None = None
    key: str = ""

    @property
    def shares_back(self) -> bool:
        """Whether it gives something back, and asks nothing."""
        return self.key.startswith(SHARE_BACK)

    @property
    def asks_quote(self) -> bool:
        """Whether it asks one person for a quote: it goes as what is given back does."""
        return self.key.startswith(QUOTE_ASKED)


@dataclass(frozen=True, slots=True)
class ToBegin:
    """Deliveries of one broadcast that have not begun: how many, and when the first is due."""

    broadcast_id: UUID
    people: int
    due_at: datetime


@dataclass(frozen=True, slots=True)
class ToCome:
    """A delivery of a broadcast whose moment is still to come, and that moment, as it was ordered for the cohort."""

    delivery_id: UUID
    cohort_id: UUID
    ordered_for: datetime


_COLUMNS: Final = (
    broadcasts.c.id,
    broadcasts.c.key,
    broadcasts.c.dialog_hash,
    broadcasts.c.cohort_id,
    broadcasts.c.ordered_by,
    broadcasts.c.ordered_at,
    broadcasts.c.due_at,
    broadcasts.c.cancelled_at,
    broadcasts.c.closed_at,
    broadcasts.c.reminded_at,
    purposes.c.id,
    purposes.c.card,
)
_ADD: Final = insert_new(broadcasts)
_ADD_DELIVERY: Final = insert(deliveries)
_SEEN: Final = select(broadcasts.c.id).where(broadcasts.c.key == bindparam("key"))
_ASKED: Final = (
    select(func.count(distinct(runs.c.person_id)))
    .select_from(
        runs.join(memberships, memberships.c.person_id == runs.c.person_id).join(
            people, people.c.id == runs.c.person_id
        )
    )
    .where(
        memberships.c.cohort_id == bindparam("cohort"),
        memberships.c.left_at.is_(None),
        people.c.participation == "active",
        runs.c.broadcast_id.is_not(None),
        runs.c.started_at >= bindparam("since"),
        runs.c.started_at < bindparam("until"),
    )
)
_ALL: Final = (
    select(*_COLUMNS)
    .join(purposes, purposes.c.id == broadcasts.c.purpose_id)
    .order_by(broadcasts.c.ordered_at.desc(), broadcasts.c.id.desc())
)
_EACH: Final = Verified(_ALL, broadcasts)
_GET: Final = Verified(_ALL.where(broadcasts.c.id == bindparam("id")), broadcasts)
_BY_KEY: Final = Verified(_ALL.where(broadcasts.c.key == bindparam("key")), broadcasts)
_OF_COHORTS: Final = Verified(_ALL.where(broadcasts.c.cohort_id.in_(bindparam("cohorts", expanding=True))), broadcasts)
# Written literally, not bound: a partial index is used only for a condition it can see.
_WAITING: Final = deliveries.c.state == literal_column("'due'")
_ALL_DUE: Final = for_work(
    select(
        deliveries.c.id,
        deliveries.c.broadcast_id,
        deliveries.c.person_id,
        deliveries.c.due_at,
        broadcasts.c.dialog_hash,
        broadcasts.c.cohort_id,
        broadcasts.c.schedule_id,
        broadcasts.c.occurs_on,
        deliveries.c.closes_at,
        broadcasts.c.key,
    )
    .join(broadcasts, broadcasts.c.id == deliveries.c.broadcast_id)
    .where(_WAITING, deliveries.c.due_at <= bindparam("now"), broadcasts.c.cancelled_at.is_(None))
    # Of those that wait for one person, which one at a time may reach, the oldest.
    .order_by(deliveries.c.due_at, broadcasts.c.ordered_at, deliveries.c.id)
    .limit(bindparam("limit")),
    deliveries,
)
# The messenger each person is written to, chosen as in `People.get`. A person without one is never held back.
_WHERE: Final = (
    select(addresses.c.messenger)
    .join(person_addresses, person_addresses.c.address_id == addresses.c.id)
    .where(person_addresses.c.person_id == deliveries.c.person_id, person_addresses.c.current.is_(True))
    .order_by(*BEST_FIRST)
    .limit(1)
    .correlate(deliveries)
    .scalar_subquery()
)
_DUE: Final = Verified(_ALL_DUE, deliveries, broadcasts)
_DUE_BUT: Final = Verified(
    _ALL_DUE.where(func.coalesce(_WHERE, "").not_in(bindparam("held", expanding=True))), deliveries, broadcasts
)
_STILL_DUE: Final = Verified(
    _ALL_DUE.where(deliveries.c.id.in_(bindparam("among", expanding=True))), deliveries, broadcasts
)
_TO_COME: Final = Verified(
    select(deliveries.c.id, broadcasts.c.cohort_id, broadcasts.c.due_at)
    .join(broadcasts, broadcasts.c.id == deliveries.c.broadcast_id)
    .where(
        _WAITING,
        deliveries.c.person_id == bindparam("person"),
        broadcasts.c.due_at > bindparam("now"),
        broadcasts.c.cancelled_at.is_(None),
        broadcasts.c.schedule_id.is_(None),  # an occurrence moves by its schedule
    ),
    deliveries,
    broadcasts,
)
_TO_BEGIN: Final = (
    select(deliveries.c.broadcast_id, func.count(), func.min(deliveries.c.due_at))
    .join(broadcasts, broadcasts.c.id == deliveries.c.broadcast_id)
    .where(_WAITING, broadcasts.c.cancelled_at.is_(None))
    .group_by(deliveries.c.broadcast_id)
    .order_by(func.min(deliveries.c.due_at), deliveries.c.broadcast_id)
)
_LATE: Final = _TO_BEGIN.where(deliveries.c.due_at <= bindparam("by"))
_LATE_WHERE: Final = (
    select(_WHERE)
    .select_from(deliveries)
    .where(_WAITING, deliveries.c.broadcast_id == bindparam("broadcast"), deliveries.c.due_at <= bindparam("by"))
    .distinct()
)
_COMING: Final = _TO_BEGIN.where(deliveries.c.due_at > bindparam("after")).limit(bindparam("limit"))
_STARTED: Final = (
    update(deliveries)
    .where(
        deliveries.c.id == bindparam("delivery"),
        exists().where(runs.c.id == bindparam("run"), runs.c.delivery_id == deliveries.c.id),
    )
    .values(state="started", reason=None)
)
_SKIP: Final = (
    update(deliveries)
    .where(deliveries.c.id == bindparam("delivery"), _WAITING)
    .values(state="skipped", reason=bindparam("why"))
)
_DEFER: Final = (
    update(deliveries).where(deliveries.c.id == bindparam("delivery"), _WAITING).values(due_at=bindparam("at"))
)
_WAIT: Final = (
    update(deliveries)
    .where(deliveries.c.id == bindparam("delivery"), _WAITING)
    .values(due_at=bindparam("at"), reason=bindparam("why"))
)
_CANCEL: Final = Change(
    broadcasts,
    broadcasts.c.id == bindparam("broadcast"),
    broadcasts.c.cancelled_at.is_(None),
    cancelled_at=bindparam("at"),
)
_CANCEL_REST: Final = (
    update(deliveries)
    .where(deliveries.c.broadcast_id == bindparam("broadcast"), _WAITING)
    .values(state="skipped", reason="cancelled")
)
_UNCANCEL: Final = Change(
    broadcasts,
    broadcasts.c.id == bindparam("broadcast"),
    broadcasts.c.closed_at.is_(None),
    cancelled_at=bindparam("at"),
)
_WITHDRAWN: Final = (
    deliveries.c.broadcast_id == bindparam("broadcast"),
    deliveries.c.state == literal_column("'skipped'"),
    deliveries.c.reason == literal_column("'cancelled'"),
    deliveries.c.closes_at > bindparam("now"),
    ~exists().where(runs.c.delivery_id == deliveries.c.id),
)
_SOME_WITHDRAWN: Final = select(deliveries.c.id).where(*_WITHDRAWN).limit(1)
_REVIVE: Final = update(deliveries).where(*_WITHDRAWN).values(state="due", reason=None)
_CLOSE: Final = (
    update(broadcasts)
    .where(broadcasts.c.id == bindparam("broadcast"), broadcasts.c.closed_at.is_(None))
    .values(closed_at=bindparam("at"))
)


class Broadcasts(Store):
    """Broadcasts and deliveries."""

    __slots__ = ()

    def alone(self, cohort_id: UUID) -> None:
        """Serialise orders for a cohort: nobody else may check and place one until the transaction ends."""
        serialise(self._tx.connection, f"orders {cohort_id}")

    def order(
        self,
        id: UUID,  # noqa: A002 -- the column's own name
        key: str,
        dialog_hash: str,
        cohort_id: UUID,
        purpose: dict[str, Any],
        purpose_id: UUID,
        ordered_by: UUID | None,
        due_at: datetime,
        people: Sequence[tuple[UUID, UUID, datetime]],
    ) -> bool:
        """Place a broadcast with one delivery per person.

        Args:
            id: the broadcast's id.
            key: identifies the order, so that the same order is placed only once.
            dialog_hash: the version that everyone gets.
            cohort_id: the cohort it is for.
            purpose: the purpose card, as JSON.
            purpose_id: the card's id; a card that is already stored is not stored again.
            ordered_by: the facilitator, or None at the console.
            due_at: the moment, by the hour of the cohort's zone.
            people: who gets it, as (delivery id, person id, due moment in the person's own zone).

        Returns:
            False when an order with that key was placed before; nothing is written then.
        """
        if self._execute(_SEEN, {"key": key}).first():
            return False
        cards = Purposes(self._tx)
        cards.keep(purpose_id, purpose, ordered_by)
        row = {
            "id": id,
            "key": key,
            "dialog_hash": dialog_hash,
            "cohort_id": cohort_id,
            "purpose_id": purpose_id,
            "ordered_by": ordered_by,
            "ordered_at": self._tx.now,
            "due_at": due_at,
        }
        if not self._execute(_ADD, row).rowcount:
            # Another process placed it a moment ago.
            cards.drop(purpose_id)
            return False
        common = {"broadcast_id": id, "state": "due"}
        if due := [{**common, "id": id_, "person_id": who, "due_at": at} for id_, who, at in people]:
            self._execute(_ADD_DELIVERY, due)
        return True

    def get(self, id: UUID) -> Broadcast | None:  # noqa: A002 -- the column's own name
        """Return a broadcast, or None."""
        row = self._execute(_GET, {"id": id}).first()
        return row and self._broadcast(row)

    def by_key(self, key: str) -> Broadcast | None:
        """Return the broadcast that an order with a key became, or None."""
        row = self._execute(_BY_KEY, {"key": key}).first()
        return row and self._broadcast(row)

    def due(self, now: datetime, limit: int, held: Collection[str] = ()) -> list[Delivery]:
        """List due deliveries, the longest waiting first; in a write unit they are locked.

        Deliveries to people who are written to by one of the messengers in `held` are left out.
        """
        parameters = {"now": now, "limit": limit}
        if not held:
            return [Delivery(*row) for row in self._execute(_DUE, parameters)]
        return [Delivery(*row) for row in self._tx.run.listed(_DUE_BUT, {**parameters, "held": [*held]})]

    def still_due(self, ids: Collection[UUID], now: datetime) -> list[Delivery]:
        """Return those of some deliveries that are due still, and that nobody else begins just now; they are locked."""
        parameters = {"now": now, "limit": len(ids), "among": list(ids)}
        return [Delivery(*row) for row in self._tx.run.listed(_STILL_DUE, parameters)]

    def to_come(self, person_id: UUID, now: datetime) -> Sequence[ToCome]:
        """List a person's deliveries of broadcasts whose moment is still to come."""
        return [ToCome(*row) for row in self._execute(_TO_COME, {"person": person_id, "now": now})]

    def late(self, by: datetime) -> list[ToBegin]:
        """List what was due by a moment and has not begun, the longest waiting first."""
        return [ToBegin(*row) for row in self._execute(_LATE, {"by": by})]

    def late_where(self, broadcast_id: UUID, by: datetime) -> list[str]:
        """List the messengers of those for whom a broadcast was due by a moment and has not begun."""
        return [row[0] for row in self._execute(_LATE_WHERE, {"broadcast": broadcast_id, "by": by}) if row[0]]

    def coming(self, after: datetime, limit: int) -> list[ToBegin]:
        """List what is due after a moment, the soonest first."""
        return [ToBegin(*row) for row in self._execute(_COMING, {"after": after, "limit": limit})]

    def started(self, delivery_id: UUID, run_id: UUID) -> None:
        """Mark a delivery started; raise LookupError unless the run was created with the delivery's id."""
        if not self._execute(_STARTED, {"delivery": delivery_id, "run": run_id}).rowcount:
            raise LookupError("that run is not of that delivery")

    def skip(self, delivery_id: UUID, reason: str) -> None:
        """Skip a delivery that is still due; `reason` is a code (`unreachable`, `paused`, `left` …)."""
        self._execute(_SKIP, {"delivery": delivery_id, "why": reason})

    def defer(self, delivery_id: UUID, due_at: datetime) -> None:
        """Move a delivery that is still due to another moment."""
        self._execute(_DEFER, {"delivery": delivery_id, "at": due_at})

    def wait(self, delivery_id: UUID, until: datetime, reason: str) -> None:
        """Put a delivery that is still due off until a moment, and keep why, as a code."""
        self._execute(_WAIT, {"delivery": delivery_id, "at": until, "why": reason})

    def cancel(self, id: UUID) -> bool:  # noqa: A002 -- the column's own name
        """Cancel a broadcast, skipping what is not sent yet; return False when it was already cancelled."""
        parameters = {"broadcast": id, "at": self._tx.now}
        if not self._execute(_CANCEL, parameters).rowcount:
            return False
        self._execute(_CANCEL_REST, {"broadcast": id})
        return True

    def may_uncancel(self, id: UUID) -> bool:  # noqa: A002 -- the column's own name
        """Return whether something of a cancelled occurrence may still come."""
        return self._execute(_SOME_WITHDRAWN, {"broadcast": id, "now": self._tx.now}).first() is not None

    def uncancel(self, id: UUID) -> bool:  # noqa: A002 -- the column's own name
        """Put back an occurrence that was cancelled before it began; return False where nothing of it may come."""
        if not self.may_uncancel(id) or not self._execute(_UNCANCEL, {"broadcast": id, "at": None}).rowcount:
            return False
        self._execute(_REVIVE, {"broadcast": id, "now": self._tx.now})
        return True

    def close(self, id: UUID) -> bool:  # noqa: A002 -- the column's own name
        """Close a broadcast, skipping what is not sent yet; return False when it was already closed."""
        if not self._execute(_CLOSE, {"broadcast": id, "at": self._tx.now}).rowcount:
            return False
        self._execute(_CANCEL_REST, {"broadcast": id})
        return True

    def list(self, cohort_ids: Collection[UUID] | None = None) -> list[Broadcast]:
        """List the broadcasts of some cohorts (None: of all), the newest first."""
        if cohort_ids is None:
            return [self._broadcast(row) for row in self._execute(_EACH)]
        return [self._broadcast(row) for row in self._tx.run.listed(_OF_COHORTS, {"cohorts": [*cohort_ids]})]

    def asked(self, cohort_id: UUID, since: datetime, until: datetime) -> int:
        """Count a cohort's active members with a run that a broadcast started from `since` to before `until`."""
        found = self._execute(_ASKED, {"cohort": cohort_id, "since": since, "until": until}).scalar()
        return int(found or 0)

    def _broadcast(self, row: Sequence[Any]) -> Broadcast:
        id_, key, dialog_hash, cohort_id, *rest, purpose_id, card = row
        return Broadcast(
            id_, key, dialog_hash, cohort_id, Purposes(self._tx).opened(purpose_id, card), purpose_id, *rest
        )
