"""Roles: who may do what, for which cohort, and until when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, distinct, func, insert, or_, select, update

from storage.people import LONG_AGO, People
from storage.store import Store
from storage.tables import roles


@dataclass(frozen=True, slots=True)
class Role:
    """A role that a person holds now; `cohort_id` None means for every cohort."""

    role: str
    cohort_id: UUID | None


@dataclass(frozen=True, slots=True)
class Grant:
    """A role as it was given to a person, neither revoked nor over; while it rests (`rested_at`) it allows nothing."""

    id: UUID
    person_id: UUID
    role: str
    cohort_id: UUID | None
    granted_at: datetime
    expires_at: datetime | None
    rested_at: datetime | None = None


_GIVEN: Final = (
    roles.c.revoked_at.is_(None),
    or_(roles.c.expires_at.is_(None), roles.c.expires_at > bindparam("now")),
)
_HOLDS: Final = (*_GIVEN, roles.c.rested_at.is_(None))
_READS_ALL: Final = or_(roles.c.role == "admin", roles.c.role == "facilitator")
_READS_ONE: Final = or_(
    roles.c.role == "admin",
    (roles.c.role == "facilitator") & or_(roles.c.cohort_id.is_(None), roles.c.cohort_id == bindparam("cohort_id")),
)
_GRANT: Final = insert(roles)
_OF: Final = (
    select(roles.c.role, roles.c.cohort_id)
    .where(roles.c.person_id == bindparam("person_id"), *_HOLDS)
    .order_by(roles.c.granted_at, roles.c.id)
)
_ALL_GIVEN: Final = (
    select(
        roles.c.id,
        roles.c.person_id,
        roles.c.role,
        roles.c.cohort_id,
        roles.c.granted_at,
        roles.c.expires_at,
        roles.c.rested_at,
    )
    .where(*_GIVEN)
    .order_by(roles.c.granted_at, roles.c.id)
)
_GRANTS: Final = _ALL_GIVEN.where(roles.c.rested_at.is_(None))
_GRANT_BY_ID: Final = _ALL_GIVEN.where(roles.c.id == bindparam("grant"))
_RESTING: Final = select(roles.c.person_id).where(*_GIVEN, roles.c.rested_at.is_not(None)).distinct()
_RESTS: Final = (
    select(roles.c.id)
    .where(roles.c.person_id == bindparam("person_id"), *_GIVEN, roles.c.rested_at.is_not(None))
    .limit(1)
)
_REST: Final = (
    update(roles)
    .where(roles.c.person_id == bindparam("person"), roles.c.revoked_at.is_(None), roles.c.rested_at.is_(None))
    .values(rested_at=bindparam("at"))
)
_RESUME: Final = (
    update(roles).where(roles.c.person_id == bindparam("person"), roles.c.rested_at.is_not(None)).values(rested_at=None)
)
_END: Final = (
    update(roles)
    .where(roles.c.id == bindparam("grant"), roles.c.revoked_at.is_(None))
    .values(revoked_at=bindparam("at"))
)
_REVOKE: Final = (
    update(roles)
    .where(
        roles.c.person_id == bindparam("person"),
        roles.c.role == bindparam("which"),
        roles.c.revoked_at.is_(None),
    )
    .values(revoked_at=bindparam("at"))
)
_WHO_READS_ALL: Final = select(roles.c.person_id).where(_READS_ALL, *_HOLDS).distinct()
_WHO_READS_ONE: Final = select(roles.c.person_id).where(_READS_ONE, *_HOLDS).distinct()
_FACILITATE: Final = (
    select(roles.c.person_id)
    .where(
        roles.c.role == "facilitator",
        or_(roles.c.cohort_id.is_(None), roles.c.cohort_id == bindparam("cohort_id")),
        *_HOLDS,
    )
    .distinct()
)
_ADMINISTER: Final = select(roles.c.person_id).where(roles.c.role == "admin", *_HOLDS).distinct()
_COUNT_ALL: Final = select(func.count(distinct(roles.c.person_id))).where(_READS_ALL, *_HOLDS)
_COUNT_ONE: Final = select(func.count(distinct(roles.c.person_id))).where(_READS_ONE, *_HOLDS)


class Roles(Store):
    """The roles. A grant is revoked or expires; only erasure deletes it."""

    __slots__ = ()

    def grant(
        self,
        id: UUID,  # noqa: A002 -- the column's own name
        person_id: UUID,
        role: str,
        cohort_id: UUID | None = None,
        expires_at: datetime | None = None,
        granted_by: UUID | None = None,
    ) -> None:
        """Give a person the role of facilitator, translator or admin; `cohort_id` None means for every cohort.

        While the person's other roles rest, this one rests, too: no invite leads around that.
        """
        self._execute(
            _GRANT,
            {
                "id": id,
                "person_id": person_id,
                "role": role,
                "cohort_id": cohort_id,
                "expires_at": expires_at,
                "granted_by": granted_by,
                "granted_at": self._tx.now,
                "rested_at": self._tx.now if self.rests(person_id) else None,
            },
        )
        People(self._tx).look(person_id, LONG_AGO)

    def revoke(self, person_id: UUID, role: str) -> int:
        """Revoke a person's grants of a role in every cohort; return how many ended."""
        return self._execute(_REVOKE, {"person": person_id, "which": role, "at": self._tx.now}).rowcount

    def end(self, grant_id: UUID) -> bool:
        """Revoke one grant; return False when it was revoked before."""
        return self._execute(_END, {"grant": grant_id, "at": self._tx.now}).rowcount > 0

    def grants(self) -> list[Grant]:
        """List every grant that holds now, the earliest first."""
        return [Grant(*row) for row in self._execute(_GRANTS, {"now": self._tx.now})]

    def given(self) -> list[Grant]:
        """List the same with those that rest."""
        return [Grant(*row) for row in self._execute(_ALL_GIVEN, {"now": self._tx.now})]

    def rests(self, person_id: UUID) -> bool:
        """Return whether a person has a role, and it rests."""
        return self._execute(_RESTS, {"person_id": person_id, "now": self._tx.now}).first() is not None

    def resting(self) -> Sequence[UUID]:
        """List the people whose roles rest."""
        return self._execute(_RESTING, {"now": self._tx.now}).scalars()

    def rest(self, person_id: UUID) -> None:
        """Let a person's roles rest: they allow nothing until `resume`."""
        self._execute(_REST, {"person": person_id, "at": self._tx.now})

    def resume(self, person_id: UUID) -> None:
        """Let a person's roles hold again."""
        self._execute(_RESUME, {"person": person_id})
        People(self._tx).look(person_id, LONG_AGO)

    def granted(self, grant_id: UUID) -> Grant | None:
        """Return a grant by its id if it is neither revoked nor over, or None."""
        row = self._execute(_GRANT_BY_ID, {"grant": grant_id, "now": self._tx.now}).first()
        return row and Grant(*row)

    def of(self, person_id: UUID) -> list[Role]:
        """List the roles a person holds now."""
        rows = self._execute(_OF, {"person_id": person_id, "now": self._tx.now})
        return [Role(role, cohort_id) for role, cohort_id in rows]

    def readers(self, cohort_id: UUID | None = None) -> int:
        """Count those who may read a cohort's answers (None: any cohort's): its facilitators, and admins."""
        statement = _COUNT_ALL if cohort_id is None else _COUNT_ONE
        count: int = self._execute(statement, self._scope(cohort_id)).scalar()
        return count

    def who_reads(self, cohort_id: UUID | None = None) -> Sequence[UUID]:
        """List the people whom `readers` counts."""
        statement = _WHO_READS_ALL if cohort_id is None else _WHO_READS_ONE
        return self._execute(statement, self._scope(cohort_id)).scalars()

    def team(self, cohort_id: UUID | None) -> Sequence[UUID]:
        """List who is told what happens in a cohort: its facilitators, or the admins where there are none."""
        found: Sequence[UUID] = ()
        if cohort_id is not None:
            found = self._execute(_FACILITATE, self._scope(cohort_id)).scalars()
        return sorted(found or self.admins())

    def admins(self) -> Sequence[UUID]:
        """List the admins."""
        return self._execute(_ADMINISTER, self._scope(None)).scalars()

    def _scope(self, cohort_id: UUID | None) -> dict[str, object]:
        now: dict[str, object] = {"now": self._tx.now}
        return now if cohort_id is None else {**now, "cohort_id": cohort_id}
