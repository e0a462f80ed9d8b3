"""Copies of a database: the same rows whichever engine they came from, and keys that leave no byte behind."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from storage import copies
from storage.database import Database
from storage.table_rules import KEY_TABLES
from storage.tables import former_keys, inbox_keys, invite_keys, person_keys
from storage.unit import Storage
from tests.by_day import DATABASES_ALIKE
from tests.storage.filled import CANARY, fill
from tests.storage.world import World, later, opened

KEYS = (person_keys, inbox_keys)


def digests(database: Database) -> dict[str, tuple[int, str]]:
    with database.read() as connection:
        return copies.digests(connection)


def copied(world: World, path: Path) -> dict[str, tuple[int, str]]:
    """Copy a world; returns the digests of what was copied."""
    with world.storage.database.read() as connection:
        copies.copy(connection, path, lambda _: None)
        return copies.digests(connection)


def test_a_copy_has_every_row(world: World, tmp_path: Path) -> None:
    """From either engine into one SQLite file: the same rows in every table."""
    fill(world)
    before = copied(world, tmp_path / "copy.db")

    assert all(number > 0 for number, _ in before.values())
    with opened(f"sqlite:///{tmp_path / 'copy.db'}") as database:
        assert digests(database) == before


def test_a_copy_is_of_one_moment(world: World, tmp_path: Path) -> None:
    """What is written while it is made is not in it."""
    fill(world)
    with world.storage.database.read() as connection:
        before = copies.digests(connection)
        with world.unit(minutes=5) as unit:
            world.person(unit, "2002")
        copies.copy(connection, tmp_path / "copy.db", lambda _: None)

    with opened(f"sqlite:///{tmp_path / 'copy.db'}") as database:
        assert digests(database) == before


def as_stored(path: Path) -> dict[str, list[list[Any]]]:
    """Give the rows of every table of keys as SQLite stores them, with bytes in hex."""
    with closing(sqlite3.connect(path)) as file:
        return {
            table.name: [
                [each.hex() if isinstance(each, bytes) else each for each in row]
                for row in file.execute(f"SELECT * FROM {table.name}")  # noqa: S608 -- our own names
            ]
            for table in KEY_TABLES
        }


def test_keys_leave_no_byte_in_the_file(world: World, tmp_path: Path) -> None:
    """Taken out, the wrapped keys are in no page of the file; put back, all is as it was."""
    fill(world)
    path = tmp_path / "copy.db"
    before = copied(world, path)
    with world.storage.database.read() as connection:
        wrapped = [
            bytes(row.wrapped)
            for table in (person_keys, inbox_keys, invite_keys, former_keys)
            for row in connection.execute(select(table))
        ]
    taken = as_stored(path)
    assert sorted(row[1] for name, rows in taken.items() if name != "erasures" for row in rows) == sorted(
        each.hex() for each in wrapped
    )
    copies.take_keys(path)
    assert all(each not in path.read_bytes() for each in wrapped)
    copies.put_keys(path, taken)

    with opened(f"sqlite:///{path}") as database:
        assert digests(database) == before


@pytest.mark.by_day("url", "empty_url", why=DATABASES_ALIKE)
def test_a_copy_is_put_into_another_database(world: World, empty_url: str, tmp_path: Path) -> None:
    """Into either engine, in place of what it held; its own numbers go on behind those that came."""
    fill(world)
    before = copied(world, tmp_path / "copy.db")
    with opened(empty_url) as database:
        copies.load(tmp_path / "copy.db", database)
        copies.load(tmp_path / "copy.db", database)
        assert digests(database) == before
        storage = Storage(database, world.storage.vault)
        with storage.unit(later(hours=1)) as unit:
            assert unit.organisation.get()["name"] == CANARY
            unit.audit.add("console", "seen", "here", {})
            assert unit.audit.verify() is None


def test_digests_tell_any_change(world: World) -> None:
    """One more row, or one other value, is another digest."""
    fill(world)
    before = digests(world.storage.database)
    with world.unit(hours=2) as unit:
        unit.organisation.set({"name": "Otra"})
    after = digests(world.storage.database)

    assert {name for name in before if before[name] != after[name]} == {"organisation"}


def test_what_waited_is_doubted(world: World) -> None:
    """What was to be said by now may have been said: nobody queues it again as if it had not."""
    fill(world)
    with world.unit(minutes=3) as unit:
        unit.connection.exec_driver_sql("UPDATE outbox SET state = 'queued', body = 'x' WHERE kind = 'message'")
        number = copies.unsettle(unit.connection, unit.now)

    assert number > 0
    with world.reading(minutes=4) as unit:
        states = unit.connection.exec_driver_sql("SELECT DISTINCT state FROM outbox WHERE kind = 'message'").fetchall()
        assert [tuple(row) for row in states] == [("sending",)]
    with world.unit(minutes=5) as unit:
        assert len(unit.outbox.expired(unit.now)) == number


@pytest.mark.parametrize("content", [b"not a database", b"SQLite format 3\x00" + bytes(2000)])
def test_something_else_is_no_copy(tmp_path: Path, content: bytes) -> None:
    """A file that is no database, or a broken one, is refused."""
    path = tmp_path / "copy.db"
    path.write_bytes(content)
    with pytest.raises(copies.NotADatabase):
        copies.put_keys(path, {"person_keys": [], "inbox_keys": []})


def test_keys_of_another_shape_are_refused(world: World, tmp_path: Path) -> None:
    """A table that is missing, or a row that is no key, is damage."""
    path = tmp_path / "copy.db"
    copied(world, path)
    copies.take_keys(path)
    for wrong in (
        {"person_keys": []},
        {"person_keys": [["x"]], "inbox_keys": []},
        {"person_keys": 3, "inbox_keys": []},
    ):
        with pytest.raises(copies.NotADatabase):
            copies.put_keys(path, wrong)  # type: ignore[arg-type]  # that is the point
    with sqlite3.connect(path) as file:
        assert file.execute("SELECT count(*) FROM person_keys").fetchone() == (0,)
    file.close()
