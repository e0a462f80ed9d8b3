"""Backups that were put in place, and what may have been sent since they were made."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, func, insert, literal_column, or_, select, update

from storage.database import written
from storage.store import Store
from storage.tables import broadcasts, deliveries, restores, runs

HELD: Final = "restored"
"""The reason of a delivery that may have been sent before a backup was put in place, until an admin says."""
SENT_BEFORE: Final = "sent_before"
"""The reason of one of which an admin said that it had been sent."""


@dataclass(frozen=True, slots=True)
class Restore:
    """A backup that was put in place: when it was made, and when it came here."""

    id: UUID
    backup_at: datetime
    restored_at: datetime


_ADD: Final = insert(restores)
_COLUMNS: Final = select(restores.c.id, restores.c.backup_at, restores.c.restored_at).order_by(
    restores.c.restored_at.desc()
)
_NEW: Final = _COLUMNS.where(restores.c.held_at.is_(None))
_UNDECIDED: Final = _COLUMNS.where(restores.c.held_at.is_not(None), restores.c.decided_at.is_(None))
_NOTE_HELD: Final = update(restores).where(restores.c.held_at.is_(None)).values(held_at=bindparam("now"))
_NOTE_DECIDED: Final = update(restores).where(restores.c.decided_at.is_(None)).values(decided_at=bindparam("now"))
_HOLD: Final = (
    update(deliveries)
    .where(deliveries.c.state == literal_column("'due'"), deliveries.c.due_at <= bindparam("by"))
    .values(state="skipped", reason=HELD)
)
_REST: Final = (
    update(runs)
    .where(runs.c.resume_at <= bindparam("by"), runs.c.status.in_(written("offered", "open", "postponed")))
    .values(resume_at=None)
)
_WAITS: Final = (deliveries.c.state == literal_column("'skipped'"), deliveries.c.reason == literal_column(f"'{HELD}'"))
_LIST: Final = (
    select(deliveries.c.broadcast_id, func.count())
    .join(broadcasts, broadcasts.c.id == deliveries.c.broadcast_id)
    .where(*_WAITS)
    .group_by(deliveries.c.broadcast_id, broadcasts.c.due_at)
    .order_by(broadcasts.c.due_at, deliveries.c.broadcast_id)
)
_OF: Final = (deliveries.c.broadcast_id == bindparam("broadcast"), *_WAITS)
_IN_TIME: Final = or_(deliveries.c.closes_at.is_(None), deliveries.c.closes_at > bindparam("now"))
_LET_GO: Final = update(deliveries).where(*_OF, _IN_TIME).values(state="due", reason=None, due_at=bindparam("now"))
_SENT: Final = update(deliveries).where(*_OF).values(reason=SENT_BEFORE)


class Restores(Store):
    """The backups that were put in place."""

    __slots__ = ()

    def add(self, id: UUID, backup_at: datetime) -> None:  # noqa: A002 -- the column's own name
        """Note that a backup was put in place now."""
        self._execute(_ADD, {"id": id, "backup_at": backup_at, "restored_at": self._tx.now})

    def new(self) -> Restore | None:
        """Return the newest one of which nothing was held back yet, or None."""
        row = self._execute(_NEW).first()
        return row and Restore(*row)

    def undecided(self) -> Restore | None:
        """Return the newest one of which an admin has still to decide, or None."""
        row = self._execute(_UNDECIDED).first()
        return row and Restore(*row)

    def hold(self, by: datetime) -> int:
        """Hold back deliveries that were due by a moment, and let what would be asked again rest; return how many."""
        self._execute(_REST, {"by": by})
        return self._execute(_HOLD, {"by": by}).rowcount

    def held(self) -> list[tuple[UUID, int]]:
        """List the broadcasts of which deliveries are held back, with how many, the earliest first."""
        return [(row[0], int(row[1])) for row in self._execute(_LIST)]

    def let_go(self, broadcast_id: UUID) -> int:
        """Send what is held back of a broadcast, where its window is open; the rest had been sent. Return how many."""
        sent = self._execute(_LET_GO, {"broadcast": broadcast_id, "now": self._tx.now}).rowcount
        self._execute(_SENT, {"broadcast": broadcast_id})
        return sent

    def sent_before(self, broadcast_id: UUID) -> int:
        """Note that what is held back of a broadcast had been sent; return how many."""
        return self._execute(_SENT, {"broadcast": broadcast_id}).rowcount

    def note_held(self) -> None:
        """Note that what may have been sent was held back."""
        self._execute(_NOTE_HELD, {"now": self._tx.now})

    def note_decided(self) -> None:
        """Note that an admin decided about all of it."""
        self._execute(_NOTE_DECIDED, {"now": self._tx.now})
