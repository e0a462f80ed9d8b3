"""A copy of the database for whoever reads at length, so that the log of the one in use can be emptied meanwhile.

SQLite's log keeps whatever is written while somebody reads on an older snapshot. Copying the pages takes seconds; an
export, a check of everything or the digests of a backup take minutes, and read in the copy. PostgreSQL needs none.
"""

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from storage import copies
from storage.database import Database
from storage.unit import Storage

PREFIX: Final = ".reading-"
_SPARE: Final = 50_000_000  # bytes of disk that stay free


@contextmanager
def reading_copy(storage: Storage, copied: Callable[[], None] = lambda: None) -> Iterator[Storage]:
    """Yield storage to read at length: on SQLite a copy, which goes with the block; else the storage itself.

    So it is also where there is no room for a copy, or nothing may be written. Nothing is to be written into it.
    `copied` is called after every piece of the copy; what it raises ends the copying.
    """
    database = storage.database
    file = Path(database.engine.url.database or "") if database.dialect == "sqlite" else None
    folder = None if file is None else _folder(file)
    if folder is None:
        yield storage
        return
    try:
        own = _copied(database, folder / "hilo.db", copied)
        try:
            yield storage if own is None else Storage(own, storage.vault)
        finally:
            if own is not None:
                own.dispose()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _copied(database: Database, file: Path, copied: Callable[[], None]) -> Database | None:
    """Return a copy; None where it could not be written whole."""
    try:
        with database.read() as connection:
            copies.copy(connection, file, lambda _: copied(), lasting=False)
    except (OSError, sqlite3.OperationalError):
        return None
    return Database.open(f"sqlite:///{file}")


def _folder(file: Path) -> Path | None:
    """Make a folder beside the database; those of processes that were killed go."""
    try:
        for left in file.parent.glob(f"{PREFIX}*"):
            if not _alive(left.name.removeprefix(PREFIX).partition("-")[0]):
                shutil.rmtree(left, ignore_errors=True)
        size = sum(each.stat().st_size for each in (file, file.with_name(f"{file.name}-wal")) if each.exists())
        if shutil.disk_usage(file.parent).free < size + _SPARE:
            return None
        return Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-", dir=file.parent))
    except OSError:
        return None


def _alive(pid: str) -> bool:
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    except (OSError, ValueError):
        return True  # somebody else's
    return True
