"""An empty SQLite database is migrated once in a process; every other one is a copy of that file.

Migrating takes a tenth of a second, and hundreds of tests begin with an empty folder. What is migrated from another
version, by other revisions, on PostgreSQL or in a process of its own is migrated for real, as is the first one.
"""

import tempfile
from functools import cache
from pathlib import Path

import pytest

from storage.database import MIGRATIONS, REVISIONS, Database

_really = Database.migrate


@cache
def migrated() -> bytes:
    """Migrate one empty database, and return its file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "empty.db"
        database = Database.open(f"sqlite:///{path}")
        _really(database)
        database.dispose()
        return path.read_bytes()


def _migrate(self: Database, folder: Path = MIGRATIONS, known: tuple[str, ...] = REVISIONS) -> bool:
    """Migrate, or copy what was migrated where there is only an empty file."""
    file = Path(self.engine.url.database or "") if self.dialect == "sqlite" else None
    if file is None or (folder, known) != (MIGRATIONS, REVISIONS) or file.stat().st_size:
        return _really(self, folder, known)
    file.write_bytes(migrated())
    _really(self)  # looks what it is, as it would
    return True


def pytest_configure() -> None:
    """Do so in every test."""
    pytest.MonkeyPatch().setattr(Database, "migrate", _migrate)
