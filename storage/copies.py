"""Copies of a whole database: all rows in one SQLite file, with the wrapped keys apart."""

import hashlib
import json
import os
import sqlite3
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing
from datetime import date, datetime
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    Connection,
    Insert,
    LargeBinary,
    Row,
    Table,
    and_,
    bindparam,
    column,
    delete,
    insert,
    select,
    text,
    update,
)
from sqlalchemy import table as named

from storage.database import Database
from storage.pace import PIECE, SNAPSHOT, DiskPace
from storage.table_rules import KEY_TABLES
from storage.tables import (
    Moment,
    WholeMinute,
    epoch,
    inbox_keys,
    invite_keys,
    invites,
    media,
    metadata,
    outbox,
    people,
    person_keys,
)

_NEEDED: Final = (person_keys, inbox_keys)  # every keys file has them
_BATCH: Final = 500
_PAGE: Final = 4096  # bytes
_PAGES: Final = PIECE // _PAGE // 4  # SQLite pages copied at a time
_EMPTY: Final = "0" * 64
_KEYS_OF_NOTHING: Final = (
    delete(person_keys).where(person_keys.c.person_id.not_in(select(people.c.id))),
    delete(invite_keys).where(invite_keys.c.invite_id.not_in(select(invites.c.id))),
)
_FILES: Final = select(media.c.file).where(media.c.file.is_not(None)).order_by(media.c.file)
_UNSETTLE: Final = (
    update(outbox)
    .where(and_(outbox.c.state == "queued", outbox.c.due_at <= bindparam("now")))
    .values(state="sending", lease_until=bindparam("until"))
)


class NotADatabase(Exception):
    """A file that is not, or is no longer, a database of Hilo."""


def digests(connection: Connection) -> dict[str, tuple[int, str]]:
    """Count and hash the rows of every table; the result depends neither on their order nor on the database used."""
    return {table.name: digest(connection, table) for table in metadata.sorted_tables}


def digest(connection: Connection, table: Table, told: Callable[[int], None] = lambda _: None) -> tuple[int, str]:
    """Count and hash the rows of one table; `told` is called with how many each few hundred were."""
    made = RowHash()
    with closing(rows(connection, table)) as found:
        for batch in batches(found):
            made.add(batch)
            told(len(batch))
    return made.result()


class RowHash:
    """The number of rows, and a hash of them in no order."""

    def __init__(self) -> None:
        self.number, self._total = 0, 0

    def add(self, batch: Sequence[Row[Any]]) -> None:
        """Add rows, each with all columns of its table."""
        for row in batch:
            plain = _ENCODER.encode(list(row)).encode()
            self._total = (self._total + int.from_bytes(hashlib.sha256(plain).digest())) % (1 << 256)
        self.number += len(batch)

    def result(self) -> tuple[int, str]:
        """Return both."""
        return self.number, f"{self._total:064x}" if self.number else _EMPTY


def _plain(value: Any) -> Any:
    match value:
        case bytes():
            return value.hex()
        case UUID():
            return value.hex
        case datetime() | date():
            return value.isoformat()
    raise TypeError(type(value).__name__)


_ENCODER: Final = json.JSONEncoder(separators=(",", ":"), default=_plain)


def rows(connection: Connection, table: Table) -> Generator[Row[Any], None, None]:
    """Read every row of a table, few at a time."""
    with connection.execute(select(table), execution_options={"yield_per": _BATCH}) as found:
        yield from found


def batches(found: Iterable[Row[Any]]) -> Iterator[list[Row[Any]]]:
    """Part rows into as many as are written at a time."""
    left = iter(found)
    while batch := list(islice(left, _BATCH)):
        yield batch


def put(connection: Connection, table: Table, batch: Sequence[Row[Any]]) -> None:
    """Write rows into another database exactly as they were read."""
    names = [each.name for each in table.columns]
    connection.execute(_exactly(table), [dict(zip(names, row, strict=True)) for row in batch])


@cache
def _exactly(table: Table) -> Insert:
    """Build an INSERT that cuts no moment to its minute: what is there is under a seal."""
    types = {each.name: Moment() if isinstance(each.type, WholeMinute) else each.type for each in table.columns}
    return insert(named(table.name, *(column(name, type_) for name, type_ in types.items())))


def files(connection: Connection) -> list[str]:
    """List the names of the sealed voice note and photo files that rows refer to."""
    return list(connection.execute(_FILES).scalars())


def copy(connection: Connection, path: Path, progress: Callable[[float], None], *, lasting: bool = True) -> None:
    """Copy every row that a reading connection sees into a new SQLite file.

    Args:
        connection: from `Database.read`; its snapshot is copied, whatever is written meanwhile.
        path: the file, which must not exist.
        progress: called with how much is done, 0 to 1.
        lasting: whether it is kept; what goes with this process needs no journal, nor to be on the disk at the end.
    """
    if connection.dialect.name == "sqlite":
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        driver: Any = connection.connection.dbapi_connection
        pace = DiskPace(descriptor, SNAPSHOT)

        def copied(_: int, left: int, all_: int) -> None:
            pace.wrote(_PAGES * _PAGE)
            progress(1 - left / max(all_, 1))

        try:
            with closing(sqlite3.connect(path)) as target:
                if not lasting:
                    target.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF")
                driver.backup(target, pages=_PAGES, progress=copied)
        finally:
            os.close(descriptor)
    else:
        target_database = Database.open(f"sqlite:///{path}")
        try:
            target_database.migrate()
            with target_database.write() as writing:
                _transfer(connection, writing, progress)
                go_on_from(connection, writing)
        finally:
            target_database.dispose()
    progress(1.0)


def _transfer(source: Connection, target: Connection, progress: Callable[[float], None]) -> None:
    tables = metadata.sorted_tables
    for place, table in enumerate(tables):
        for batch in batches(rows(source, table)):
            put(target, table, batch)
        progress((place + 1) / len(tables))


def take_keys(path: Path) -> None:
    """Remove the wrapped keys from a copy, leaving no byte of them in the file.

    The copy is read and deleted again, and need not be on the disk: turns beside this want the disk.
    """
    with closing(sqlite3.connect(path, isolation_level=None)) as file:
        file.execute("PRAGMA synchronous = OFF")
        file.execute("PRAGMA journal_mode = DELETE")
        file.execute("PRAGMA secure_delete = ON")
        for table in KEY_TABLES:
            file.execute(f"DELETE FROM {table.name}")  # noqa: S608 -- our own names
        file.execute("VACUUM")


def put_keys(path: Path, keys: dict[str, list[list[Any]]]) -> None:
    """Put wrapped keys back into the copy they were taken from; a table that has rows, or is not there yet, is left.

    An older copy gets its newer tables by being migrated, and what belongs in them by a second call after that.

    Raises:
        NotADatabase: the file or the keys are not Hilo's.
    """
    try:
        with closing(sqlite3.connect(path, isolation_level=None)) as file:
            problem = file.execute("PRAGMA integrity_check").fetchone()[0]
            if problem != "ok":
                raise NotADatabase(problem)
            file.execute("BEGIN")  # or each row would go to the disk by itself
            for table in KEY_TABLES:
                if table.name not in keys and table not in _NEEDED:
                    continue  # the keys file is older than the table
                if not _is_empty(file, table):
                    continue
                names = [column.name for column in table.columns]
                blobs = [isinstance(column.type, LargeBinary) for column in table.columns]
                into = f"{table.name} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"
                rows = [
                    [bytes.fromhex(each) if blob else each for each, blob in zip(row, blobs, strict=True)]
                    for row in keys[table.name]
                ]
                file.executemany(f"INSERT INTO {into}", rows)
            file.execute("COMMIT")
    except (sqlite3.DatabaseError, KeyError, ValueError, TypeError, AttributeError) as error:
        raise NotADatabase(type(error).__name__) from error


def _is_empty(file: sqlite3.Connection, table: Table) -> bool:
    """Return whether a table is there and has no rows."""
    there = file.execute("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?", (table.name,)).fetchone()
    return bool(there) and file.execute(f"SELECT 1 FROM {table.name} LIMIT 1").fetchone() is None  # noqa: S608 -- our own


def load(path: Path, database: Database) -> None:
    """Migrate a copy to this version and replace the content of another database with its rows."""
    database.migrate()
    source = Database.open(f"sqlite:///{path}")
    try:
        source.migrate()
        with source.read() as reading, database.write() as writing:
            for table in reversed(metadata.sorted_tables):
                writing.execute(delete(table))
            _transfer(reading, writing, lambda _: None)
            go_on_from(reading, writing)
    finally:
        source.dispose()


def go_on_from(source: Connection, target: Connection) -> None:
    """Let the database's own numbers continue after the highest ever given, even if those rows are gone.

    A reading says up to which number somebody read: a number given twice would count as read.
    """
    for table in filter(is_numbered, metadata.sorted_tables):
        if last := last_number(source, table):
            of = {"name": table.name, "last": last}
            if target.dialect.name == "sqlite":
                target.execute(text("DELETE FROM sqlite_sequence WHERE name = :name"), {"name": table.name})
                target.execute(text("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :last)"), of)
            else:
                target.execute(text("SELECT setval(pg_get_serial_sequence(:name, 'seq'), :last)"), of)


def is_numbered(table: Table) -> bool:
    """Return whether the database gives a table's rows their numbers."""
    column = table.autoincrement_column
    return column is not None and column.name == "seq"


def last_number(source: Connection, table: Table) -> int:
    """Return the last number that was given in a table; 0 if none was."""
    if source.dialect.name == "sqlite":
        found = source.execute(text("SELECT seq FROM sqlite_sequence WHERE name = :name"), {"name": table.name})
    else:
        # A sequence is not part of the snapshot: it may be ahead of it, but never behind.
        found = source.execute(
            text("SELECT pg_sequence_last_value(pg_get_serial_sequence(:name, 'seq')::regclass)"), {"name": table.name}
        )
    return int(found.scalar() or 0)


def unsettle(connection: Connection, now: datetime) -> int:
    """Mark due messages of a copy as being sent, since they may have been sent after it was made; return how many.

    The courier then acts as after any lost answer: a question is repeated, an announcement is not.
    """
    return connection.execute(_UNSETTLE, {"now": now, "until": now}).rowcount


def name_epoch(connection: Connection, name: str, now: datetime) -> None:
    """Name the epoch whose key wraps a copy's keys, and drop keys of people and invites that came after it was made."""
    _drop_keys_of_nothing(connection)
    connection.execute(delete(epoch))
    connection.execute(insert(epoch).values(id=1, name=name, begun_at=now, swept_at=now))


def unname_epoch(connection: Connection) -> None:
    """Say that no epoch wraps a copy's keys: the organisation's key itself does."""
    _drop_keys_of_nothing(connection)
    connection.execute(delete(epoch))


def _drop_keys_of_nothing(connection: Connection) -> None:
    for each in _KEYS_OF_NOTHING:
        connection.execute(each)
