"""Who belongs to which cohort."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, select, update

from storage.database import insert_new
from storage.store import Store
from storage.tables import cohorts, memberships, people

_JOIN: Final = insert_new(memberships)
_LEAVE: Final = (
    update(memberships)
    .where(
        memberships.c.person_id == bindparam("person"),
        memberships.c.cohort_id == bindparam("cohort"),
        memberships.c.left_at.is_(None),
    )
    .values(left_at=bindparam("at"))
)
_OF: Final = (
    select(memberships.c.cohort_id)
    .where(memberships.c.person_id == bindparam("person_id"), memberships.c.left_at.is_(None))
    .order_by(memberships.c.joined_at, memberships.c.id)
)
_ACTIVE: Final = (
    select(memberships.c.person_id)
    .join(people, people.c.id == memberships.c.person_id)
    .where(
        memberships.c.cohort_id == bindparam("cohort_id"),
        memberships.c.left_at.is_(None),
        people.c.participation == "active",
    )
    .order_by(memberships.c.joined_at, memberships.c.id)
)

_ZONE: Final = (
    select(cohorts.c.zone)
    .join(memberships, memberships.c.cohort_id == cohorts.c.id)
    .where(
        memberships.c.person_id == bindparam("person_id"),
        memberships.c.left_at.is_(None),
        cohorts.c.zone.is_not(None),
    )
    .order_by(memberships.c.joined_at, memberships.c.id)
    .limit(1)
)


class Memberships(Store):
    """Memberships: open until the person leaves the cohort."""

    __slots__ = ()

    def join(self, id: UUID, person_id: UUID, cohort_id: UUID) -> bool:  # noqa: A002 -- the column's own name
        """Let a person join a cohort; False when she is in it already."""
        row = {"id": id, "person_id": person_id, "cohort_id": cohort_id, "joined_at": self._tx.now}
        return self._execute(_JOIN, row).rowcount > 0

    def leave(self, person_id: UUID, cohort_id: UUID) -> bool:
        """Let a person leave a cohort; False when she was not in it."""
        row = {"person": person_id, "cohort": cohort_id, "at": self._tx.now}
        return self._execute(_LEAVE, row).rowcount > 0

    def of(self, person_id: UUID) -> Sequence[UUID]:
        """List the cohorts a person is in, the earliest joined first."""
        return self._execute(_OF, {"person_id": person_id}).scalars()

    def active(self, cohort_id: UUID) -> Sequence[UUID]:
        """List those a broadcast may reach: members whose participation is active."""
        return self._execute(_ACTIVE, {"cohort_id": cohort_id}).scalars()

    def zone_of(self, person_id: UUID) -> str | None:
        """Give the zone of the first joined cohort that has one."""
        zone: str | None = self._execute(_ZONE, {"person_id": person_id}).scalar()
        return zone
