"""Roles: who may do what, for which cohort, and until when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import and_, bindparam, insert, or_, select

from storage.people import LONG_AGO, People
from storage.sealed_statements import Change, Verified
from storage.store import Store
from storage.tables import roles, support_requests


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
_GRANT: Final = insert(roles)
_COLUMNS: Final = select(
    roles.c.id,
    roles.c.person_id,
    roles.c.role,
    roles.c.cohort_id,
    roles.c.granted_at,
    roles.c.expires_at,
    roles.c.rested_at,
)
_EVERY: Final = _COLUMNS.where(*_GIVEN).order_by(roles.c.granted_at, roles.c.id)
_ALL_GIVEN: Final = Verified(_EVERY, roles)
_HOLDING: Final = _EVERY.where(roles.c.rested_at.is_(None))
_GRANTS: Final = Verified(_HOLDING, roles)
# A network has a thousand facilitators, and each row that is read is checked.
_ADMINS: Final = Verified(_HOLDING.where(roles.c.role == "admin"), roles)
_ABOUT: Final = Verified(
    _HOLDING.where(
        or_(
            roles.c.role == "admin",
            and_(
                roles.c.role == "facilitator",
                or_(roles.c.cohort_id.is_(None), roles.c.cohort_id == bindparam("cohort_id")),
            ),
        )
    ),
    roles,
)
_ASKING: Final = Verified(
    _HOLDING.where(
        roles.c.person_id.in_(select(support_requests.c.person_id).where(support_requests.c.done_at.is_(None)))
    ),
    roles,
)
_GRANT_BY_ID: Final = Verified(_EVERY.where(roles.c.id == bindparam("grant")), roles)
_OF: Final = Verified(
    select(roles.c.role, roles.c.cohort_id)
    .where(roles.c.person_id == bindparam("person_id"), *_GIVEN, roles.c.rested_at.is_(None))
    .order_by(roles.c.granted_at, roles.c.id),
    roles,
)
_GIVEN_TO: Final = Verified(select(roles.c.id).where(roles.c.person_id == bindparam("person_id"), *_GIVEN), roles)
_EVER: Final = Verified(select(roles.c.id).where(roles.c.person_id == bindparam("person_id")), roles)
_RESTS: Final = Verified(
    select(roles.c.id).where(roles.c.person_id == bindparam("person_id"), *_GIVEN, roles.c.rested_at.is_not(None)),
    roles,
)
_REST: Final = Change(
    roles,
    roles.c.person_id == bindparam("person"),
    roles.c.revoked_at.is_(None),
    roles.c.rested_at.is_(None),
    rested_at=bindparam("at"),
)
_RESUME: Final = Change(roles, roles.c.person_id == bindparam("person"), roles.c.rested_at.is_not(None), rested_at=None)
_END: Final = Change(roles, roles.c.id == bindparam("grant"), roles.c.revoked_at.is_(None), revoked_at=bindparam("at"))
_REVOKE: Final = Change(
    roles,
    roles.c.person_id == bindparam("person"),
    roles.c.role == bindparam("which"),
    roles.c.revoked_at.is_(None),
    revoked_at=bindparam("at"),
)


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

    def given_to(self, person_id: UUID) -> bool:
        """Return whether a person has a role, also one that rests."""
        return self._execute(_GIVEN_TO, {"person_id": person_id, "now": self._tx.now}).first() is not None

    def held_once(self, person_id: UUID) -> bool:
        """Return whether a person has a role or ever had one."""
        return self._execute(_EVER, {"person_id": person_id}).first() is not None

    def rests(self, person_id: UUID) -> bool:
        """Return whether a person has a role, and it rests."""
        return self._execute(_RESTS, {"person_id": person_id, "now": self._tx.now}).first() is not None

    def resting(self) -> Sequence[UUID]:
        """List the people whose roles rest."""
        return [*dict.fromkeys(grant.person_id for grant in self.given() if grant.rested_at is not None)]

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
        return len(self.who_reads(cohort_id))

    def who_reads(self, cohort_id: UUID | None = None) -> Sequence[UUID]:
        """List the people whom `readers` counts."""
        found = self.grants() if cohort_id is None else self._about(cohort_id)
        return [*dict.fromkeys(grant.person_id for grant in found if grant.role in {"admin", "facilitator"})]

    def team(self, cohort_id: UUID | None) -> Sequence[UUID]:
        """List who is told what happens in a cohort: its facilitators, or the admins where there are none."""
        if cohort_id is None:
            return sorted(self.admins())
        grants = self._about(cohort_id)
        found = {grant.person_id for grant in grants if grant.role == "facilitator"}
        return sorted(found or {grant.person_id for grant in grants})

    def admins(self) -> Sequence[UUID]:
        """List the admins."""
        found = (Grant(*row) for row in self._execute(_ADMINS, {"now": self._tx.now}))
        return [*dict.fromkeys(grant.person_id for grant in found)]

    def asking(self) -> frozenset[UUID]:
        """Return those with a role who have asked for something that is not done yet."""
        return frozenset(Grant(*row).person_id for row in self._execute(_ASKING, {"now": self._tx.now}))

    def _about(self, cohort_id: UUID) -> list[Grant]:
        """List what holds now of the admins, and of those who facilitate a cohort."""
        return [Grant(*row) for row in self._execute(_ABOUT, {"cohort_id": cohort_id, "now": self._tx.now})]
