"""A small world for the stores: a cohort, a dialog, and short ways to add people and runs."""

import json
from collections.abc import Generator, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

from dialogs.model import Dialog
from storage import export_rows, settling
from storage.database import Database
from storage.epochs import Epochs
from storage.export_rows import RunAnswers
from storage.people import Person
from storage.unit import Storage, Unit

NOW = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
HASH = "a1" * 32
SOURCE = json.dumps(Dialog("check_in", "check_in", {"es": "¿Cómo vas?"}, {}, 1, ("es",), ()).to_dict())

_IDS = UUID(int=0)
numbers = count(1)


def uid() -> UUID:
    """Make an id that tells no order, as the clock's do, and is the same in every run."""
    return uuid5(_IDS, str(next(numbers)))


def later(**span: float) -> datetime:
    """Give the moment so long after `NOW`."""
    return NOW + timedelta(**span)


def exported(
    unit: Unit, dialog: str, cohort_id: UUID | None = None, since: datetime | None = None, **more: Any
) -> Generator[RunAnswers, None, None]:
    """Stream the runs of a dialog, of one cohort or of all."""
    cohorts = export_rows.listed_cohorts(unit, cohort_id, practice=more.get("practice", False))
    return export_rows.answers(unit, dialog, cohorts, since, **more)


@dataclass
class World:
    """A database with what most tests need in it, and short ways to add more."""

    storage: Storage
    url: str
    cohort: UUID = field(default_factory=uid)
    _stack: ExitStack = field(default_factory=ExitStack)

    def unit(self, **span: float) -> Any:
        """Open a write transaction so long after `NOW`."""
        return self.storage.unit(later(**span))

    def reading(self, **span: float) -> Any:
        """Open a read-only view so long after `NOW`."""
        return self.storage.reading(later(**span))

    def found(self) -> None:
        """Add a cohort and a dialog version."""
        with self.unit() as unit:
            unit.cohorts.add(self.cohort, "Jóvenes 2026", ("es", "en"), "America/Mexico_City")
            unit.versions.save(HASH, "check_in", "check_in", SOURCE, NOW)

    def begin_epochs(self, folder: Path | None = None) -> None:
        """Let epochs wrap the keys from now on; without a folder their keys are in memory alone."""
        vault = self.storage.vault
        vault.epochs = Epochs(folder, vault.organisation_key)
        settling.adopt(self.storage, lambda: NOW, settling.Places((), Path("nowhere")))

    def person(self, unit: Unit, chat: str | None = "1001", messenger: str = "telegram") -> Person:
        """Add an active member of the cohort, reachable in a chat."""
        person = unit.people.create(uid(), unit.now, "active", "es")
        unit.memberships.join(uid(), person.id, self.cohort)
        if chat is None:
            return person
        unit.addresses.link(person, messenger, chat, uid())
        found = unit.people.at(messenger, chat)
        assert found is not None
        return found

    def run(self, unit: Unit, person: Person, status: str = "open", **more: Any) -> UUID:
        """Add a run of the dialog."""
        run_id = uid()
        unit.runs.create(run_id, person, HASH, "person", {"v": 1}, status, "es", self.cohort, **more)
        return run_id

    def again(self) -> Storage:
        """Open the same database a second time, as another process would."""
        database = self._stack.enter_context(opened(self.url))
        return Storage(database, self.storage.vault)

    def close(self) -> None:
        """Close what `again` opened."""
        self._stack.close()


@contextmanager
def opened(url: str) -> Iterator[Database]:
    """Open a database and close it again."""
    database = Database.open(url)
    try:
        yield database
    finally:
        database.dispose()
