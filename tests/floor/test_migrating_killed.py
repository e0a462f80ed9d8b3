"""A database of an earlier version, its migration killed at each statement: what is found is the old one or the new."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import MetaData, select

from tests.amounts import STATEMENTS
from tests.floor.ground import Ground, load
from tests.floor.killed import KILLED
from tests.storage.world import opened

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

    def migrate(self, url: str, at: int) -> str:
        """Migrate, killed before statement number `at`; 0: not at all."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{at} {url}\n")
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
    """Return every row of every table there is, and the columns it has."""
    found = MetaData()
    with opened(url) as database, database.read() as connection:
        found.reflect(connection)
        return {
            f"{table.name} ({', '.join(sorted(table.c.keys()))})": sorted(
                str(sorted((name, repr(value)) for name, value in row.items()))
                for row in connection.execute(select(table)).mappings()
            )
            for table in found.sorted_tables
        }


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
            for left in tmp_path.glob("tried.db*"):
                left.unlink()
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
    every = range(1, statements + 1)
    chosen = every if STATEMENTS.value >= statements else Random(STATEMENTS.value).sample(every, STATEMENTS.value)
    found = set()
    for at in sorted({*chosen, statements}):
        url = fresh()
        assert migrating.migrate(url, at) == KILLED
        left = content(url)
        assert left in (old, new), at
        found.add(left == new)
        assert migrating.migrate(url, 0) != KILLED
        assert content(url) == new, at
    assert False in found
