"""Ways in: who joined when, and which dialog of a way somebody had."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, cast
from uuid import UUID

from sqlalchemy import bindparam, delete, func, insert, literal_column, select, update

from storage.sealed_statements import Verified
from storage.store import Store
from storage.tables import broadcasts, deliveries, memberships, people

_ADD_DELIVERY: Final = insert(deliveries)
_JOINED: Final = Verified(
    select(memberships.c.person_id, memberships.c.joined_at)
    .join(people, people.c.id == memberships.c.person_id)
    .where(
        memberships.c.cohort_id == bindparam("cohort"),
        memberships.c.left_at.is_(None),
        memberships.c.waiting.is_(False),
        memberships.c.joined_at >= bindparam("since"),
        people.c.participation == "active",
    )
    .order_by(memberships.c.joined_at, memberships.c.seq, memberships.c.id),
    memberships,
    people,
)
_HAD_STEP: Final = (
    select(deliveries.c.id)
    .join(broadcasts, broadcasts.c.id == deliveries.c.broadcast_id)
    .where(
        broadcasts.c.schedule_id == bindparam("schedule"),
        broadcasts.c.step == bindparam("place"),
        deliveries.c.person_id == bindparam("person"),
    )
    .limit(1)
)
_STEP: Final = select(broadcasts.c.id).where(
    broadcasts.c.schedule_id == bindparam("schedule"),
    broadcasts.c.occurs_on == bindparam("occurs_on"),
    broadcasts.c.step == bindparam("place"),
    broadcasts.c.closed_at.is_(None),
)
_CLOSES_NEXT: Final = select(func.min(deliveries.c.closes_at)).where(
    deliveries.c.broadcast_id == bindparam("broadcast"), deliveries.c.closes_at > bindparam("now")
)
_LOOK: Final = update(broadcasts).where(broadcasts.c.id == bindparam("broadcast")).values(closes_at=bindparam("at"))


_MADE: Final = select(broadcasts.c.id).where(
    broadcasts.c.schedule_id == bindparam("schedule"), broadcasts.c.occurs_on == bindparam("occurs_on")
)
# What is due already stays.
_UNMAKE: Final = delete(deliveries).where(
    deliveries.c.state == literal_column("'due'"),
    deliveries.c.due_at > bindparam("now"),
    deliveries.c.broadcast_id.in_(
        select(broadcasts.c.id).where(
            broadcasts.c.schedule_id == bindparam("schedule"), broadcasts.c.cancelled_at.is_(None)
        )
    ),
)


class WaysIn(Store):
    """What a way in needs to know of people, and what it made for them."""

    __slots__ = ()

    def joined(self, cohort_id: UUID, since: datetime) -> list[tuple[UUID, datetime]]:
        """List a cohort's active members who joined since a moment, and when."""
        return [(row[0], row[1]) for row in self._execute(_JOINED, {"cohort": cohort_id, "since": since})]

    def had_step(self, schedule_id: UUID, step: int, person_id: UUID) -> bool:
        """Return whether a person has, or had, a delivery of one dialog of a way in."""
        facts = {"schedule": schedule_id, "place": step, "person": person_id}
        return self._execute(_HAD_STEP, facts).first() is not None

    def step_of(self, schedule_id: UUID, occurs_on: str, step: int) -> UUID | None:
        """Return the open occurrence of a day and a dialog of a way in, or None."""
        facts = {"schedule": schedule_id, "occurs_on": occurs_on, "place": step}
        return cast("UUID | None", self._execute(_STEP, facts).scalar())

    def made(self, schedule_id: UUID, occurs_on: str) -> list[UUID]:
        """List what was made of a way in for a day and hour."""
        return [row[0] for row in self._execute(_MADE, {"schedule": schedule_id, "occurs_on": occurs_on})]

    def unmake(self, schedule_id: UUID) -> None:
        """Forget the deliveries of a way in that were made ahead and are still to come: they are made anew."""
        self._execute(_UNMAKE, {"schedule": schedule_id, "now": self._tx.now})

    def add_people(self, broadcast_id: UUID, people_: Sequence[tuple[UUID, UUID, datetime, datetime]]) -> None:
        """Add deliveries to an occurrence: (delivery's id, person, when it is due, until when)."""
        for id_, person_id, at, until in people_:
            row = {"id": id_, "person_id": person_id, "due_at": at, "closes_at": until, "state": "due"}
            self._execute(_ADD_DELIVERY, {**row, "broadcast_id": broadcast_id})
        following = self._execute(_CLOSES_NEXT, {"broadcast": broadcast_id, "now": self._tx.now}).scalar()
        self._execute(_LOOK, {"broadcast": broadcast_id, "at": following})
