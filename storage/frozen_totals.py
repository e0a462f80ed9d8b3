"""Frozen totals: what left the team of a question, in bands of five, as it was when it left.

Each is sealed with the organisation's key and never changed: nobody's erasure or later answer changes what left.
"""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import bindparam, insert, literal_column, select

from storage.database import serialise
from storage.sealed_statements import Verified
from storage.store import Store, from_json, to_json
from storage.tables import frozen_totals, runs


@dataclass(frozen=True, slots=True)
class FrozenTotal:
    """What left of one question of one broadcast.

    Attributes:
        id: its id.
        cohort_id: in which group.
        broadcast_id: what had been asked.
        body: which question, how many were asked, each figure by its band's lowest number; empty where it is damaged.
        frozen_at: when it left, to the minute.
    """

    id: UUID
    cohort_id: UUID
    broadcast_id: UUID
    body: Mapping[str, Any]
    frozen_at: datetime


_ADD: Final = insert(frozen_totals)
_ALL: Final = select(
    frozen_totals.c.id,
    frozen_totals.c.cohort_id,
    frozen_totals.c.broadcast_id,
    frozen_totals.c.body,
    frozen_totals.c.frozen_at,
).order_by(frozen_totals.c.frozen_at, frozen_totals.c.id)
_EVERY: Final = Verified(_ALL, frozen_totals)
_BATCH: Final = 500
# Ids stay as the driver gives them: they are only compared with one another.
_RUNS: Final[Any] = (
    select(literal_column("runs.person_id").label("person"))
    .select_from(runs)
    .where(runs.c.broadcast_id == bindparam("broadcast"))
)
_ASKED: Final = Verified(_RUNS, runs, raw=True)
_ASKED_BY: Final = Verified(_RUNS.where(runs.c.started_at <= bindparam("by")), runs, raw=True)


class FrozenTotals(Store):
    """What left the team, in bands of five."""

    __slots__ = ()

    def add(
        self,
        id: UUID,  # noqa: A002 -- the column's own name
        cohort_id: UUID,
        broadcast_id: UUID,
        body: Mapping[str, Any],
        frozen_by: UUID | None,
    ) -> None:
        """Freeze what leaves of a question."""
        sealed = self._tx.vault.organisation_key.seal(to_json(dict(body)), "frozen_totals", "body", id.hex)
        row = {"id": id, "cohort_id": cohort_id, "broadcast_id": broadcast_id, "body": sealed}
        self._execute(_ADD, {**row, "frozen_by": frozen_by, "frozen_at": self._tx.now})

    def alone(self) -> None:
        """Serialise what leaves: nobody else may decide on it until the transaction ends."""
        serialise(self._tx.connection, "what leaves")

    def all(self) -> list[FrozenTotal]:
        """List everything that left, the oldest first."""
        found = []
        for id_, cohort_id, broadcast_id, sealed, at in self._execute(_EVERY):
            opened = self._tx.opened(self._tx.vault.organisation_key, sealed, "frozen_totals", "body", id_.hex)
            body = {} if opened is None else from_json(opened)
            found.append(FrozenTotal(id_, cohort_id, broadcast_id, body, at))
        return found

    def asked(self, broadcast_id: UUID, by: datetime | None = None) -> frozenset[Hashable]:
        """Return the ids, as the driver gives them, of whom a broadcast asked, as far as their sealed run is there.

        Some thousands may be: they are read and checked a few at a time. With `by`, only whom it asked until the end of
        that minute.
        """
        statement = _ASKED if by is None else _ASKED_BY
        parameters = {"broadcast": broadcast_id} if by is None else {"broadcast": broadcast_id, "by": by}
        few = {"yield_per": _BATCH}
        with self._tx.connection.execute(statement.whole, parameters, execution_options=few) as found:
            return frozenset(row[0] for batch in found.partitions() for row in self._tx.run.sound(statement, batch))
