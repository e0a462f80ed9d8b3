"""Memberships: who belongs to which cohort."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, func, or_, select

from storage.database import insert_new
from storage.people import People
from storage.sealed_statements import Change, Verified
from storage.statements import Rows
from storage.store import Store
from storage.tables import cohorts, memberships, people


@dataclass(frozen=True, slots=True)
class Membership:
    """One person in one cohort: since when, until when, and whether they still wait for approval."""

    id: UUID
    person_id: UUID
    cohort_id: UUID
    joined_at: datetime
    left_at: datetime | None
    waiting: bool


_COLUMNS: Final = (
    memberships.c.id,
    memberships.c.person_id,
    memberships.c.cohort_id,
    memberships.c.joined_at,
    memberships.c.left_at,
    memberships.c.waiting,
)
_before = memberships.alias("before")
_JOIN: Final = insert_new(memberships).values(
    seq=select(func.coalesce(func.max(_before.c.seq), 0) + 1)
    .where(_before.c.person_id == bindparam("whose"))
    .scalar_subquery()
)
_GET: Final = Verified(select(*_COLUMNS).where(memberships.c.id == bindparam("membership")), memberships)
_OF_PERSON: Final = Verified(
    select(*_COLUMNS)
    .where(memberships.c.person_id == bindparam("person_id"), memberships.c.left_at.is_(None))
    .order_by(memberships.c.joined_at, memberships.c.seq, memberships.c.id),
    memberships,
)
_PAST: Final = Verified(
    select(*_COLUMNS)
    .where(memberships.c.person_id == bindparam("person_id"), memberships.c.left_at.is_not(None))
    .order_by(memberships.c.left_at, memberships.c.seq),
    memberships,
)
_OF_COHORT: Final = Verified(
    select(*_COLUMNS)
    .where(memberships.c.cohort_id == bindparam("cohort_id"), memberships.c.left_at.is_(None))
    .order_by(memberships.c.joined_at, memberships.c.seq, memberships.c.id),
    memberships,
)
_ACCEPT: Final = Change(
    memberships,
    memberships.c.id == bindparam("membership"),
    memberships.c.waiting.is_(True),
    memberships.c.left_at.is_(None),
    waiting=False,
)
_WAIT: Final = Change(
    memberships, memberships.c.person_id == bindparam("person"), memberships.c.left_at.is_(None), waiting=True
)
_END: Final = Change(
    memberships,
    memberships.c.id == bindparam("membership"),
    memberships.c.left_at.is_(None),
    left_at=bindparam("at"),
)
_REOPEN: Final = Change(
    memberships, memberships.c.id == bindparam("membership"), memberships.c.left_at.is_not(None), left_at=None
)
_LEAVE: Final = Change(
    memberships,
    memberships.c.person_id == bindparam("person"),
    memberships.c.cohort_id == bindparam("cohort"),
    memberships.c.left_at.is_(None),
    left_at=bindparam("at"),
)
_OF: Final = Verified(
    select(memberships.c.cohort_id)
    .where(memberships.c.person_id == bindparam("person_id"), memberships.c.left_at.is_(None))
    .order_by(memberships.c.joined_at, memberships.c.seq, memberships.c.id),
    memberships,
)
_ACTIVE: Final = Verified(
    select(memberships.c.person_id, people.c.language)
    .join(people, people.c.id == memberships.c.person_id)
    .where(
        memberships.c.cohort_id == bindparam("cohort_id"),
        memberships.c.left_at.is_(None),
        memberships.c.waiting.is_(False),
        people.c.participation == "active",
    )
    .order_by(memberships.c.joined_at, memberships.c.seq, memberships.c.id),
    memberships,
    people,
)
_KNOCKING: Final = Verified(
    select(memberships.c.id)
    .join(people, people.c.id == memberships.c.person_id)
    .where(
        memberships.c.cohort_id == bindparam("cohort_id"),
        memberships.c.left_at.is_(None),
        memberships.c.waiting.is_(True),
        or_(*(people.c.participation == each for each in ("active", "paused", "unreachable"))),
    ),
    memberships,
    people,
)
_ZONE: Final = Verified(
    select(cohorts.c.zone)
    .join(memberships, memberships.c.cohort_id == cohorts.c.id)
    .where(
        memberships.c.person_id == bindparam("person_id"),
        memberships.c.left_at.is_(None),
        cohorts.c.zone.is_not(None),
    )
    .order_by(memberships.c.joined_at, memberships.c.seq, memberships.c.id),
    memberships,
)


class Memberships(Store):
    """The memberships. One is open until the person leaves the cohort."""

    __slots__ = ()

    def join(
        self,
        id: UUID,  # noqa: A002 -- the column's own name
        person_id: UUID,
        cohort_id: UUID,
        *,
        waiting: bool = False,
    ) -> bool:
        """Add a person to a cohort, waiting for approval or not; return False when they are in it already."""
        row = {
            "id": id,
            "person_id": person_id,
            "whose": person_id,
            "cohort_id": cohort_id,
            "joined_at": self._tx.now,
            "waiting": waiting,
        }
        return self._moved(person_id, self._execute(_JOIN, row))

    def get(self, membership_id: UUID) -> Membership | None:
        """Return a membership by its id, even one that is over; None if there is none."""
        row = self._execute(_GET, {"membership": membership_id}).first()
        return row and Membership(*row)

    def held(self, person_id: UUID) -> list[Membership]:
        """List a person's present memberships, the earliest first."""
        return [Membership(*row) for row in self._execute(_OF_PERSON, {"person_id": person_id})]

    def past(self, person_id: UUID) -> list[Membership]:
        """List a person's memberships that are over, the one that ended last at the end."""
        return [Membership(*row) for row in self._execute(_PAST, {"person_id": person_id})]

    def members(self, cohort_id: UUID) -> list[Membership]:
        """List a cohort's present memberships, the earliest first, including those that wait for approval."""
        return [Membership(*row) for row in self._execute(_OF_COHORT, {"cohort_id": cohort_id})]

    def wait(self, person_id: UUID) -> None:
        """Let every present membership of a person wait for approval."""
        self._moved(person_id, self._execute(_WAIT, {"person": person_id}))

    def accept(self, membership_id: UUID) -> bool:
        """Approve a membership; return False when it does not wait for approval (any more)."""
        return self._execute(_ACCEPT, {"membership": membership_id}).rowcount > 0

    def end(self, membership_id: UUID) -> bool:
        """End a membership; return False when it was over."""
        it = self.get(membership_id)
        row = {"membership": membership_id, "at": self._tx.now}
        return it is not None and self._moved(it.person_id, self._execute(_END, row))

    def reopen(self, membership_id: UUID) -> bool:
        """Take back the end of a membership; return False if it was not over, or the person is in again."""
        it = self.get(membership_id)
        if it is None or it.left_at is None or it.cohort_id in self.of(it.person_id):
            return False
        return self._moved(it.person_id, self._execute(_REOPEN, {"membership": membership_id}))

    def leave(self, person_id: UUID, cohort_id: UUID) -> bool:
        """End a person's membership of a cohort; return False when they were not in it."""
        row = {"person": person_id, "cohort": cohort_id, "at": self._tx.now}
        return self._moved(person_id, self._execute(_LEAVE, row))

    def _moved(self, person_id: UUID, done: Rows) -> bool:
        """Return whether a statement changed anything; if so, update what depends on the person's cohorts."""
        if done.rowcount > 0:
            People(self._tx).moved(person_id)
        return done.rowcount > 0

    def of(self, person_id: UUID) -> Sequence[UUID]:
        """List the cohorts a person is in, the earliest joined first."""
        return self._execute(_OF, {"person_id": person_id}).scalars()

    def active(self, cohort_id: UUID) -> Sequence[UUID]:
        """List those a broadcast may reach: approved members whose participation is active."""
        return self._execute(_ACTIVE, {"cohort_id": cohort_id}).scalars()

    def knocking(self, cohort_id: UUID) -> int:
        """Count those who have come all the way to a cohort and wait for approval."""
        return len(self._execute(_KNOCKING, {"cohort_id": cohort_id}).scalars())

    def languages(self, cohort_id: UUID) -> dict[str, int]:
        """Count those a broadcast may reach, by language."""
        spoken = Counter(language for _, language in self._execute(_ACTIVE, {"cohort_id": cohort_id}) if language)
        return dict(sorted(spoken.items()))

    def zone_of(self, person_id: UUID) -> str | None:
        """Return the zone of the earliest joined cohort that has one, or None."""
        zone: str | None = self._execute(_ZONE, {"person_id": person_id}).scalar()
        return zone
