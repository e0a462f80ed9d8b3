"""What Hilo itself began to say to a person: the bulk lane's rows of the outbox that were sent, or are on their way."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, cast
from uuid import UUID

from sqlalchemy import and_, bindparam, distinct, exists, func, literal_column, or_, select

from storage.database import written
from storage.store import Store
from storage.tables import (
    SHARE_BACK,
    addresses,
    broadcasts,
    deliveries,
    memberships,
    outbox,
    people,
    person_addresses,
    runs,
    schedules,
    web_sessions,
)

# Written literally, not bound: a partial index is used only for a condition it can see.
_BEGUN: Final = and_(
    outbox.c.lane == literal_column("1"),
    outbox.c.kind == literal_column("'message'"),
    outbox.c.state.in_(written("queued", "sending", "sent", "unknown")),
)
_NEWEST: Final = (
    select(outbox.c.created_at, outbox.c.sent_at, runs.c.id, runs.c.broadcast_id, runs.c.started_at)
    .select_from(outbox.outerjoin(runs, runs.c.id == outbox.c.run_id))
    .where(outbox.c.person_id == bindparam("person"), _BEGUN)
    .order_by(outbox.c.seq.desc())
    .limit(bindparam("rows"))
)
_DUE: Final = and_(deliveries.c.state == literal_column("'due'"), broadcasts.c.cancelled_at.is_(None))
_this = schedules.alias("this")
# What comes before an occurrence of a schedule: an order by hand, and an older schedule's.
_AHEAD: Final = (
    select(broadcasts.c.schedule_id, deliveries.c.due_at)
    .select_from(
        deliveries.join(broadcasts, broadcasts.c.id == deliveries.c.broadcast_id).outerjoin(
            schedules, schedules.c.id == broadcasts.c.schedule_id
        )
    )
    .where(
        _DUE,
        deliveries.c.person_id == bindparam("person"),
        deliveries.c.due_at <= bindparam("until"),
        ~broadcasts.c.key.startswith(SHARE_BACK, autoescape=True),
        or_(
            broadcasts.c.schedule_id.is_(None),
            # What waits for somebody to come by themselves is put off to the end of its window, and takes no turn.
            and_(
                schedules.c.made_at
                < select(_this.c.made_at).where(_this.c.id == bindparam("schedule")).scalar_subquery(),
                deliveries.c.closes_at > deliveries.c.due_at,
                deliveries.c.closes_at > bindparam("now"),
            ),
        ),
    )
)
_SENT_TO: Final = exists().where(outbox.c.run_id == runs.c.id, _BEGUN)
_OFTEN: Final = (
    select(runs.c.person_id)
    .join(memberships, memberships.c.person_id == runs.c.person_id)
    .join(people, people.c.id == runs.c.person_id)
    .where(
        memberships.c.cohort_id == bindparam("cohort"),
        memberships.c.left_at.is_(None),
        people.c.participation == literal_column("'active'"),
        runs.c.broadcast_id.is_not(None),
        runs.c.started_at > bindparam("since"),
        _SENT_TO,
    )
    .group_by(runs.c.person_id)
    .having(func.count(distinct(runs.c.id)) >= bindparam("most"))
)
_LAST_BEGUN: Final = (
    select(func.max(broadcasts.c.occurs_on))
    .select_from(broadcasts.join(deliveries, deliveries.c.broadcast_id == broadcasts.c.id))
    .where(
        broadcasts.c.schedule_id == bindparam("schedule"),
        deliveries.c.person_id == bindparam("person"),
        deliveries.c.state == literal_column("'started'"),
    )
)
_SENT: Final = (
    select(outbox.c.seq)
    .where(outbox.c.run_id == bindparam("run"), outbox.c.state.in_(written("sent", "unknown")))
    .limit(1)
)
_OPENED: Final = (
    select(web_sessions.c.id)
    .select_from(
        web_sessions.join(addresses, addresses.c.lookup == web_sessions.c.address).join(
            person_addresses, person_addresses.c.address_id == addresses.c.id
        )
    )
    .where(person_addresses.c.person_id == bindparam("person"), web_sessions.c.seen_at >= bindparam("since"))
    .limit(1)
)


@dataclass(frozen=True, slots=True)
class ReachedLately:
    """What was begun to be said to a person since a moment, the latest first.

    Attributes:
        moments: when it was sent, or now where that is still to be done: what was queued together counts once.
        askings: when a broadcast asked something.
    """

    moments: tuple[datetime, ...]
    askings: tuple[datetime, ...]


@dataclass(frozen=True, slots=True)
class Ahead:
    """Something that is due to a person and comes before an occurrence: by hand (None), or of an older schedule."""

    schedule_id: UUID | None
    due_at: datetime


class Reached(Store):
    """What reached people by itself, as far as it was sent."""

    __slots__ = ()

    def begun(self, person_id: UUID, since: datetime, most: int, left_out: Collection[datetime] = ()) -> ReachedLately:
        """Return what was begun to be said to a person since a moment; `most` rows are looked at.

        What was queued in the minutes `left_out` counts only where it asks something.
        """
        moments: dict[datetime, datetime] = {}
        askings: dict[UUID, datetime] = {}
        rows = self._execute(_NEWEST, {"person": person_id, "rows": most})
        for queued_at, sent_at, run_id, broadcast_id, started_at in rows:
            at = sent_at or self._tx.now
            if at <= since:
                continue
            asks = broadcast_id is not None and queued_at == started_at
            if asks:
                askings[run_id] = at
            elif broadcast_id is not None and started_at > since:
                askings.setdefault(run_id, started_at)
            if asks or queued_at not in left_out:
                moments.setdefault(queued_at, at)
        return ReachedLately(_latest_first(moments.values()), _latest_first(askings.values()))

    def ahead(self, person_id: UUID, schedule_id: UUID, until: datetime) -> list[Ahead]:
        """List what is due to a person until a moment and comes before an occurrence of a schedule."""
        facts = {"person": person_id, "schedule": schedule_id, "until": until, "now": self._tx.now}
        return [Ahead(*row) for row in self._execute(_AHEAD, facts)]

    def last_begun(self, schedule_id: UUID, person_id: UUID) -> str | None:
        """Return the last occurrence of a schedule that began for a person, as local day and time, or None."""
        facts = {"schedule": schedule_id, "person": person_id}
        return cast("str | None", self._execute(_LAST_BEGUN, facts).scalar())

    def was_sent(self, run_id: UUID) -> bool:
        """Return whether anything of a run was sent."""
        return self._execute(_SENT, {"run": run_id}).first() is not None

    def opened_page(self, person_id: UUID, since: datetime) -> bool:
        """Return whether a person's page was opened since a moment."""
        return self._execute(_OPENED, {"person": person_id, "since": since}).first() is not None

    def often(self, cohort_id: UUID, since: datetime, most: int) -> int:
        """Count a cohort's active members whom broadcasts have asked at least so often since a moment."""
        return len(list(self._execute(_OFTEN, {"cohort": cohort_id, "since": since, "most": most})))


def _latest_first(moments: Iterable[datetime]) -> tuple[datetime, ...]:
    return tuple(sorted(moments, reverse=True))
