"""A database of an earlier version, its migration killed at each statement: what is found is the old one or the new.

What a kill leaves of a SQLite file is what lay there at that moment: one run keeps it before each statement, and each
that differs from the others is begun with anew. A server is killed at for real; where it has exactly what it had, the
next kill is tried on it as it is.
"""

import hashlib
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import Connection, MetaData, Table, select

from tests.amounts import STATEMENTS
from tests.floor.ground import Ground, load, unpack
from tests.floor.killed import KILLED
from tests.storage.world import opened

RESTARTS = 20
"""How many kills the next start follows where exactly what was there before is left."""

Content = dict[str, list[str]]


class Migrating:
    """A process that migrates databases, and has everything imported already."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.floor.killed"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[2],
        )

    def migrate(self, url: str, at: int, folder: Path | None = None) -> str:
        """Migrate, killed before statement number `at`; 0: not at all. `folder` gets what lay there at each."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{at} {url} {folder or ''}\n")
        self._process.stdin.flush()
        return self._process.stdout.readline().strip()

    def close(self) -> None:
        """End the process."""
        self._process.communicate()


@pytest.fixture
def migrating() -> Iterator[Migrating]:
    """A process that migrates."""
    it = Migrating()
    yield it
    it.close()


def content(url: str) -> Content:
    """Return every row of every table there is, the columns it has, and what is asked of them."""
    found = MetaData()
    with opened(url) as database, database.read() as connection:
        found.reflect(connection)
        return {
            f"{table.name} ({', '.join(sorted(table.c.keys()))})": sorted(
                [
                    *_rows(connection, table),
                    *(f"index {index.name} {index.unique}" for index in table.indexes),
                    *(f"constraint {each.name} {type(each).__name__}" for each in table.constraints),
                ]
            )
            for table in found.sorted_tables
        }


def _rows(connection: Connection, table: Table) -> Iterator[str]:
    for row in connection.execute(select(table)).mappings():
        yield str(sorted((name, repr(value)) for name, value in row.items()))


def left(folder: Path) -> bytes:
    """Return a hash of what a kill left but the index of SQLite's log, which whoever opens it next makes anew."""
    files = sorted(path for path in folder.iterdir() if not path.name.endswith("-shm"))
    return hashlib.sha256(b"".join(path.name.encode() + path.read_bytes() for path in files)).digest()


def chosen(statements: int) -> list[int]:
    """Return at which statements the migration is killed: all, or some and the last."""
    every = range(1, statements + 1)
    some = every if STATEMENTS.value >= statements else Random(STATEMENTS.value).sample(every, STATEMENTS.value)
    return sorted({*some, statements})


@pytest.mark.proof
@pytest.mark.timeout(14400)
def test_a_migration_killed_at_any_statement_leaves_the_old_or_the_new(
    ground: Ground, migrating: Migrating, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """And what is left is migrated to the very same by the next start."""
    sqlite = ground.url.startswith("sqlite")
    whole = ground.home / "hilo.db"

    def fresh() -> str:
        """Return a database as it was left."""
        if sqlite:
            for there in tmp_path.glob("tried.db*"):
                there.unlink()
            shutil.copy(whole, tmp_path / "tried.db")
            return f"sqlite:///{tmp_path / 'tried.db'}"
        url: str = request.getfixturevalue("databases").create()
        load(whole, ground.told["revision"], url)
        return url

    url = fresh()
    old = content(url)
    statements = int(migrating.migrate(url, 0))
    new = content(url)
    assert old != new
    tried = {*chosen(statements)}
    found = set()
    url, restarted = fresh(), 0
    for at in sorted(tried):
        assert migrating.migrate(url, at) == KILLED
        there = content(url)
        assert there in (old, new), at
        found.add(there == new)
        if there == old and at != statements and restarted >= RESTARTS:
            continue
        assert migrating.migrate(url, 0) != KILLED
        assert content(url) == new, at
        url, restarted = fresh(), restarted + 1
    assert False in found
    print(f"killed at {len(tried)} of {statements} statements")


@pytest.mark.proof
@pytest.mark.timeout(3600)
def test_whatever_a_kill_can_leave_of_a_file_is_the_old_or_the_new(
    archive: Path, migrating: Migrating, tmp_path: Path
) -> None:
    """Before each statement of the whole migration: what lies there then is opened and migrated by the next start."""
    home, _ = unpack(archive, tmp_path)
    tried, kept = tmp_path / "tried", tmp_path / "kept"
    tried.mkdir()
    kept.mkdir()
    url = f"sqlite:///{tried / 'hilo.db'}"
    shutil.copy(home / "hilo.db", tried)
    old = content(url)
    statements = int(migrating.migrate(url, 0, kept))
    new = content(url)
    states = {left(kept / str(at)): kept / str(at) for at in chosen(statements)}
    found = set()
    for folder in states.values():
        url = f"sqlite:///{folder / 'hilo.db'}"
        there = content(url)
        assert there in (old, new), folder
        found.add(there == new)
        migrating.migrate(url, 0)
        assert content(url) == new, folder
    assert False in found
    print(f"{len(states)} states in {statements} statements")
