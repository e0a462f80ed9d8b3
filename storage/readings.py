"""Who of the team has read which run."""

from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, select, update

from storage.database import insert_new
from storage.store import Store
from storage.tables import readings

_ADD: Final = insert_new(readings)
_AGAIN: Final = (
    update(readings)
    .where(readings.c.reader_id == bindparam("reader"), readings.c.run_id == bindparam("run"))
    .values(read_at=bindparam("now"))
)
_OF: Final = select(readings.c.reader_id).where(readings.c.run_id == bindparam("run_id")).order_by(readings.c.read_at)


class Readings(Store):
    """The readings: one row for each reader and run, as of when she read it last."""

    __slots__ = ()

    def add(self, reader_id: UUID, run_id: UUID, person_id: UUID) -> None:
        """Note that a reader has read a run of a person's, as it is now."""
        row = {"reader_id": reader_id, "run_id": run_id, "person_id": person_id, "read_at": self._tx.now}
        if not self._execute(_ADD, row).rowcount:
            self._execute(_AGAIN, {"reader": reader_id, "run": run_id, "now": self._tx.now})

    def of(self, run_id: UUID) -> list[UUID]:
        """List who has read a run, the earliest first."""
        return list(self._execute(_OF, {"run_id": run_id}).scalars())
