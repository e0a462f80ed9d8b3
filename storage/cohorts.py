"""Cohorts and their defaults. What names or describes one is sealed; it is found by keyed hash."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import bindparam, select, update

from storage.database import insert_new
from storage.people import People
from storage.store import Store, from_json, to_json
from storage.tables import cohorts


class CohortExists(Exception):
    """There is a cohort of that name already (capitals and spacing do not count)."""


@dataclass(frozen=True, slots=True)
class Cohort:
    """A group of leaders who go through a programme together.

    Attributes:
        id: its id.
        name: as the team writes it.
        languages: tags, the preferred one first.
        zone: IANA zone, or None for the organisation's.
        practice: left out of every report, export, count and broadcast to others.
        context: whatever else was agreed for it (quiet hours, voice or text, signs of success).
    """

    id: UUID
    name: str
    languages: tuple[str, ...]
    zone: str | None
    practice: bool
    context: dict[str, Any]


_COLUMNS: Final = (
    cohorts.c.id,
    cohorts.c.name,
    cohorts.c.languages,
    cohorts.c.zone,
    cohorts.c.practice,
    cohorts.c.context,
)
_ADD: Final = insert_new(cohorts)
_GET: Final = select(*_COLUMNS).where(cohorts.c.id == bindparam("id"))
_NAMED: Final = select(*_COLUMNS).where(cohorts.c.lookup == bindparam("lookup"))
_LIST: Final = select(*_COLUMNS).order_by(cohorts.c.created_at, cohorts.c.id)
_CHANGE: Final = (
    update(cohorts)
    .where(cohorts.c.id == bindparam("cohort_id"))
    .values({name: bindparam(name) for name in ("name", "lookup", "languages", "zone", "context")})
)


class Cohorts(Store):
    """The cohorts."""

    __slots__ = ()

    def add(
        self,
        id: UUID,  # noqa: A002 -- the column's own name
        name: str,
        languages: Sequence[str],
        zone: str | None = None,
        practice: bool = False,
        context: dict[str, Any] | None = None,
    ) -> Cohort:
        """Add a cohort; raises CohortExists when the name is taken."""
        seal = self._tx.vault.organisation_key.seal
        cohort = Cohort(id, name, tuple(languages), zone, practice, context or {})
        added = self._execute(
            _ADD,
            {
                "id": id,
                "name": seal(name.encode(), "cohorts", "name", id.hex),
                "lookup": self._lookup(name),
                "languages": " ".join(languages),
                "zone": zone,
                "practice": practice,
                "context": seal(to_json(cohort.context), "cohorts", "context", id.hex),
                "created_at": self._tx.now,
            },
        )
        if not added.rowcount:
            raise CohortExists
        return cohort

    def get(self, id: UUID) -> Cohort | None:  # noqa: A002 -- the column's own name
        """Find a cohort by id."""
        row = self._execute(_GET, {"id": id}).first()
        return row and self._cohort(row)

    def named(self, name: str) -> Cohort | None:
        """Find a cohort by name; capitals and spacing do not count."""
        row = self._execute(_NAMED, {"lookup": self._lookup(name)}).first()
        return row and self._cohort(row)

    def list(self) -> list[Cohort]:
        """List all cohorts in the order they were added."""
        return [self._cohort(row) for row in self._execute(_LIST)]

    def change(self, cohort: Cohort) -> None:
        """Store a cohort's name (free, or its own), languages, zone and context as they are in `cohort`."""
        seal = self._tx.vault.organisation_key.seal
        self._execute(
            _CHANGE,
            {
                "cohort_id": cohort.id,
                "name": seal(cohort.name.encode(), "cohorts", "name", cohort.id.hex),
                "lookup": self._lookup(cohort.name),
                "languages": " ".join(cohort.languages),
                "zone": cohort.zone,
                "context": seal(to_json(cohort.context), "cohorts", "context", cohort.id.hex),
            },
        )
        People(self._tx).look_again(cohort.id)

    def _lookup(self, name: str) -> bytes:
        plain = " ".join(unicodedata.normalize("NFKC", name).casefold().split())
        return self._tx.vault.lookup("cohort", plain)

    def _cohort(self, row: Sequence[Any]) -> Cohort:
        id_, name, languages, zone, practice, context = row
        open_ = self._tx.vault.organisation_key.open
        return Cohort(
            id_,
            open_(name, "cohorts", "name", id_.hex).decode(),
            tuple(languages.split()),
            zone,
            practice,
            {} if context is None else from_json(open_(context, "cohorts", "context", id_.hex)),
        )
