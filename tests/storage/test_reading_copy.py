"""Whoever reads at length reads in a copy: beside it SQLite's log is emptied again and again."""

import os
from pathlib import Path

import pytest

from storage import copies
from storage.reading_copy import PREFIX, reading_copy
from storage.unit import Storage
from tests.storage.filled import fill
from tests.storage.world import World

MUCH = 200  # writes, of 100 kB each


def written(storage: Storage) -> int:
    """Write 20 MB, a little at a time; return how long the log got."""
    log = Path(f"{storage.database.engine.url.database}-wal")
    most = 0
    for _ in range(MUCH):
        with storage.database.write() as connection:
            connection.exec_driver_sql("UPDATE noise SET words = randomblob(100000)")
        most = max(most, log.stat().st_size)
    return most


@pytest.fixture
def still(world: World) -> Storage:
    """A world with something in it, on SQLite."""
    storage = world.storage
    if storage.database.dialect != "sqlite":
        pytest.skip("PostgreSQL has no such log")
    fill(world)
    with storage.database.write() as connection:
        connection.exec_driver_sql("CREATE TABLE noise (words BLOB)")
        connection.exec_driver_sql("INSERT INTO noise VALUES (randomblob(100000))")
    return storage


def test_the_log_stays_short_beside_whoever_reads_a_copy(still: Storage) -> None:
    """Beside a snapshot the same writes make it as long as all they wrote; the copy stays as it was begun."""
    with still.database.read() as connection:
        before = copies.digests(connection)
    with reading_copy(still) as copy, copy.database.read() as connection:
        short = written(still)
        assert copies.digests(connection) == before
    with still.database.read() as connection:
        connection.exec_driver_sql("SELECT count(*) FROM people").scalar()
        long = written(still)

    assert short < 8_000_000
    assert long > 20_000_000


def test_a_copy_goes_and_so_does_what_a_kill_left(still: Storage) -> None:
    """Nothing lies beside the database afterwards, whoever made it."""
    folder = Path(str(still.database.engine.url.database)).parent
    gone = folder / f"{PREFIX}{2**22 - 1}-killed"
    mine = folder / f"{PREFIX}{os.getpid()}-busy"
    for each in (gone, mine):
        each.mkdir()
    with reading_copy(still) as copy:
        assert copy is not still
        assert not gone.exists()
    assert list(folder.glob(f"{PREFIX}*")) == [mine]


def test_without_room_it_is_read_where_it_is(still: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk keeps nobody from looking what is wrong."""
    monkeypatch.setattr("storage.reading_copy._SPARE", 1 << 60)
    with reading_copy(still) as copy:
        assert copy is still
