"""Rests of roles: who asked that a colleague's roles rest, what an admin decided, and when it was over."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, insert, select, update

from storage.database import serialise
from storage.store import Store
from storage.tables import role_rests


@dataclass(frozen=True, slots=True)
class RoleRest:
    """A rest that is not over; `asked_by` None: at the console; `decided_at` None: no admin has decided yet."""

    id: UUID
    person_id: UUID
    asked_by: UUID | None
    asked_at: datetime
    decided_at: datetime | None


_ADD: Final = insert(role_rests)
_OPEN: Final = (
    select(
        role_rests.c.id,
        role_rests.c.person_id,
        role_rests.c.asked_by,
        role_rests.c.asked_at,
        role_rests.c.decided_at,
    )
    .where(role_rests.c.ended_at.is_(None))
    .order_by(role_rests.c.asked_at, role_rests.c.id)
)
_DECIDE: Final = (
    update(role_rests)
    .where(role_rests.c.id == bindparam("rest"), role_rests.c.decided_at.is_(None))
    .values(decided_at=bindparam("at"), decided_by=bindparam("by"))
)
_END: Final = (
    update(role_rests)
    .where(role_rests.c.person_id == bindparam("person"), role_rests.c.ended_at.is_(None))
    .values(ended_at=bindparam("at"))
)


class RoleRests(Store):
    """The rests, at most one for each person that is not over."""

    __slots__ = ()

    def add(self, id: UUID, person_id: UUID, asked_by: UUID | None) -> None:  # noqa: A002 -- the column's own name
        """Add a rest."""
        row = {"id": id, "person_id": person_id, "asked_by": asked_by, "asked_at": self._tx.now}
        self._execute(_ADD, row)

    def open(self) -> Sequence[RoleRest]:
        """List the rests that are not over, the oldest first."""
        return [RoleRest(*row) for row in self._execute(_OPEN)]

    def of(self, person_id: UUID) -> RoleRest | None:
        """Return a person's rest that is not over, or None."""
        return next((each for each in self.open() if each.person_id == person_id), None)

    def undecided(self, *, first: bool = False) -> RoleRest | None:
        """Return the rest that no admin has decided yet, or None; `first`: let others who ask wait for this unit."""
        if first:
            serialise(self._tx.connection, "role_rests")
        return next((each for each in self.open() if each.decided_at is None), None)

    def decide(self, id: UUID, by: UUID | None) -> bool:  # noqa: A002 -- the column's own name
        """Note that an admin, or (None) the console, decided; return False if somebody did before."""
        return self._execute(_DECIDE, {"rest": id, "at": self._tx.now, "by": by}).rowcount > 0

    def end(self, person_id: UUID) -> bool:
        """Note that a person's rest is over; return False if there was none."""
        return self._execute(_END, {"person": person_id, "at": self._tx.now}).rowcount > 0
