"""Frozen totals: what left the team of a question, in bands of five, as it was when it left.

Each is sealed with the organisation's key and never changed: nobody's erasure or later answer changes what left.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import bindparam, insert, select

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
    """

    id: UUID
    cohort_id: UUID
    broadcast_id: UUID
    body: Mapping[str, Any]


_ADD: Final = insert(frozen_totals)
_ALL: Final = select(
    frozen_totals.c.id, frozen_totals.c.cohort_id, frozen_totals.c.broadcast_id, frozen_totals.c.body
).order_by(frozen_totals.c.frozen_at, frozen_totals.c.id)
_EVERY: Final = Verified(_ALL, frozen_totals)
_OF_BROADCAST: Final = Verified(_ALL.where(frozen_totals.c.broadcast_id == bindparam("broadcast")), frozen_totals)
_ASKED: Final = Verified(
    select(runs.c.broadcast_id, runs.c.person_id).where(
        runs.c.broadcast_id.in_(bindparam("broadcasts", expanding=True))
    ),
    runs,
)


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
        return self._listed(_EVERY, {})

    def of_broadcast(self, broadcast_id: UUID) -> list[FrozenTotal]:
        """List what left of a broadcast, the oldest first."""
        return self._listed(_OF_BROADCAST, {"broadcast": broadcast_id})

    def asked(self, broadcast_ids: Collection[UUID]) -> dict[UUID, frozenset[UUID]]:
        """Return whom each of some broadcasts asked, as far as their run is there: that stands under a seal."""
        found: dict[UUID, set[UUID]] = {each: set() for each in broadcast_ids}
        rows = self._tx.run.listed(_ASKED, {"broadcasts": [*found]}) if found else ()
        for broadcast_id, person_id in rows:
            found[broadcast_id].add(person_id)
        return {each: frozenset(people) for each, people in found.items()}

    def _listed(self, statement: Any, parameters: dict[str, Any]) -> list[FrozenTotal]:
        found = []
        for id_, cohort_id, broadcast_id, sealed in self._execute(statement, parameters):
            opened = self._tx.opened(self._tx.vault.organisation_key, sealed, "frozen_totals", "body", id_.hex)
            found.append(FrozenTotal(id_, cohort_id, broadcast_id, {} if opened is None else from_json(opened)))
        return found
