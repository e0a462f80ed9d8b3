"""Engines and transactions for a database URL. Every difference between SQLite and PostgreSQL is handled here."""

import math
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, Final, Self
from uuid import UUID
from zlib import crc32

from sqlalchemy import (
    ClauseElement,
    ColumnClause,
    Connection,
    Engine,
    Select,
    Table,
    Text,
    bindparam,
    cast,
    func,
    inspect,
    literal_column,
    make_url,
    select,
    text,
)
from sqlalchemy.dialects import sqlite
from sqlalchemy.dialects.sqlite import dml
from sqlalchemy.exc import ArgumentError, DatabaseError, DBAPIError, OperationalError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler

from storage import marks
from storage.connections import BUSY, EMPTYING, ConnectionPool, Unready, server_engines, sqlite_engines
from storage.statements import Runner
from storage.tables import cohorts, metadata, organisation, people

REVISIONS: Final = tuple(f"{number:04}" for number in range(1, 42))
"""Every schema revision this code knows, oldest first; a test compares them with the migrations folder."""
HEAD: Final = REVISIONS[-1]
MIGRATIONS: Final = Path(__file__).parent / "migrations"


class BadUrl(ValueError):
    """The URL is not that of a database Hilo supports."""


class DatabaseNewer(Exception):
    """The database was written by a newer version of Hilo."""

    def __init__(self, stored: str, known: str) -> None:
        super().__init__(f"the database has schema {stored}, this version of Hilo knows up to {known}")
        self.stored = stored
        self.known = known


class DatabaseDown(Exception):
    """The database cannot be reached; the text is the driver's first line, without the password.

    Attributes:
        file: its path, if it is a file.
    """

    def __init__(self, problem: str, file: Path | None = None) -> None:
        super().__init__(problem)
        self.file = file


class DanglingReferences(Exception):
    """A migration would leave rows that refer to nothing; it was rolled back."""


def file_of(url: str) -> Path | None:
    """Return the file of a SQLite database, None for another kind; raise BadUrl if this is no URL."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError) as error:
        raise BadUrl(str(error)) from error
    return Path(parsed.database) if parsed.get_backend_name() == "sqlite" and parsed.database else None


class Database:
    """One database, with an engine that writes and one that only reads."""

    def __init__(self, engine: Engine, reader: Engine, process: str | None = None) -> None:
        """Use two engines; `process` is what a server knows this one's connections by."""
        self.process = process
        self.engine = engine
        self.dialect = engine.dialect.name
        self._reader = reader
        self._writers = ConnectionPool(engine, "BEGIN IMMEDIATE")
        self._readers = ConnectionPool(reader, "BEGIN")

    @property
    def turns_together(self) -> int:
        """Return how many turns one transaction may hold.

        SQLite has one writer, and a commit costs it about as much as a turn; so many hold up the rest for some twenty
        milliseconds. On PostgreSQL turns lock people, and two
        transactions with several turns each could wait for each other.
        """
        return 16 if self.dialect == "sqlite" else 1

    @property
    def is_shared(self) -> bool:
        """Return whether several processes may serve people from this database."""
        return self.dialect != "sqlite"

    @classmethod
    def open(cls, url: str) -> Self:
        """Open a database by URL; nothing is connected yet.

        Args:
            url: `sqlite:///path/to/file` or `postgresql://user:password@host/name`.

        Raises:
            BadUrl: another kind of database, or SQLite without a file.
        """
        try:
            parsed = make_url(url)
        except (ArgumentError, ValueError) as error:
            raise BadUrl(str(error)) from error
        kind = parsed.get_backend_name()
        if kind == "sqlite":
            if parsed.database in {None, "", ":memory:"}:
                raise BadUrl("SQLite without a file keeps nothing: give sqlite:///FILE")
            return cls(*sqlite_engines(parsed))
        if kind in {"postgresql", "postgres"}:
            return cls(*server_engines(parsed))
        raise BadUrl(f"{kind} is not a database Hilo knows: give sqlite:///FILE or postgresql://…")

    def session(self, *, writing: bool, at_once: bool = False) -> AbstractContextManager[Runner]:
        """Return a transaction like those of `write` and `read`, for statements that go straight to the driver.

        On SQLite it raises Busy when it is entered, where another connection writes and it has to begin `at_once`.
        """
        if self.dialect == "sqlite":
            return self._writers.session(at_once=at_once) if writing else self._readers.session()
        return _pooled(self.engine if writing else self._reader)

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Open a write transaction (BEGIN IMMEDIATE on SQLite): committed at the end, or rolled back."""
        with self.session(writing=True) as runner:
            yield runner.connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Open a read-only transaction on one snapshot; a statement that writes fails."""
        with self.session(writing=False) as runner:
            yield runner.connection

    def mark(self) -> object:
        """Return a value that changes whenever anything was written, by any process.

        It costs far less than a query. On SQLite only the thread that writes may call it.
        """
        if self.dialect == "sqlite":
            return self._writers.mark()
        with self.read() as connection:
            return connection.execute(_SNAPSHOT).scalar_one()

    def dispose(self) -> None:
        """Close all connections; on SQLite closing the last one also removes the log file."""
        self._writers.close()
        self._readers.close()
        self._reader.dispose()
        self.engine.dispose()

    def version(self) -> str | None:
        """Return the schema revision that is stored, or None when there is no schema yet.

        Raises:
            DatabaseDown: the server or the file cannot be reached.
            DatabaseMoved: everything was moved to another database.
            MoveUnfinished: not everything has come here yet.
        """
        try:
            with self.read() as connection:
                return _stored(connection)
        except DatabaseError as error:
            file = self.engine.url.database if self.dialect == "sqlite" else None
            raise DatabaseDown(str(error.orig).splitlines()[0], Path(file) if file else None) from error

    @contextmanager
    def alone(self, name: str, *, looks: bool = False) -> Iterator[bool]:
        """Hold a named lock while the block runs, and yield whether it was free.

        Whoever only `looks` whether somebody holds it is in the way of nobody else who looks.

        PostgreSQL frees it when it notices that the holder is gone, which may take a quarter of an hour after a machine
        has vanished: it is for a command that somebody sits at, and not for what must go on. On SQLite, which only one
        machine uses, a lock on the folder does the same, and this holds nothing.
        """
        if self.dialect == "sqlite":
            yield True
            return
        with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            key = crc32(name.encode())
            take = func.pg_try_advisory_lock_shared if looks else func.pg_try_advisory_lock
            taken = connection.execute(select(take(key))).scalar_one()
            try:
                yield bool(taken)
            finally:
                # The connection goes back to the pool open, and would keep the lock.
                connection.execute(select(func.pg_advisory_unlock_all()))

    def await_others(self, seconds: float = math.inf) -> None:
        """Wait until every transaction that may have written something, and had begun before this, has ended.

        `seconds`: how long at most.
        """
        if self.dialect == "sqlite":
            with self.write():
                return
        with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            since = connection.execute(select(func.clock_timestamp())).scalar_one()
            end = time.monotonic() + seconds
            while time.monotonic() < end and connection.execute(_BEGUN, {"since": since}).first() is not None:
                time.sleep(_AWAITING)

    def clean(self, names: Sequence[str], patience: float = 10.0) -> bool:
        """Take replaced values of some tables out of the file and its log; False where a reader kept part of the log.

        On PostgreSQL the log (WAL) and its archives keep them for as long as the server is told to.
        """
        if self.dialect != "sqlite":
            with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                for name in names:
                    connection.execute(text(f"VACUUM {name}"))
            return True
        end = time.monotonic() + patience
        while not (done := self.checkpoint()) and time.monotonic() < end:
            time.sleep(_AWAITING)
        return done

    def compact(self, names: Sequence[str]) -> bool:
        """Write some tables anew (on SQLite all), so that no page keeps what was replaced in them.

        Return False where a reader kept part of SQLite's log. It takes as long as copying the file, and writers wait.
        """
        if self.dialect != "sqlite":
            with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                for name in names:
                    connection.execute(text(f"VACUUM (FULL) {name}"))
            return True
        with self.engine.connect() as connection:
            _driver(connection).execute("VACUUM").close()
        return self.clean(names)

    def head(self) -> str:
        """Return the schema revision this code works with."""
        return HEAD

    def migrate(self, folder: Path = MIGRATIONS, known: tuple[str, ...] = REVISIONS) -> bool:
        """Migrate the schema to the newest revision in one transaction; return whether there was anything to do.

        Args:
            folder: an Alembic folder (`env.py` and `versions/`); only tests give another one.
            known: the revisions to go through, oldest first.

        Raises:
            DatabaseNewer: the stored revision is not among `known`.
            DanglingReferences: rows would be left that refer to nothing (SQLite; PostgreSQL refuses by itself).
        """
        stored = self.version()
        if stored is not None and stored not in known:
            raise DatabaseNewer(stored, known[-1])
        if stored == known[-1]:
            return False
        with self._migrating() as connection:
            # Another process may have migrated while this one waited for the lock.
            stored = _stored(connection)
            if stored is not None and stored not in known:
                raise DatabaseNewer(stored, known[-1])
            if stored != known[-1]:
                _upgrade(connection, folder, known[-1])
        return True

    @contextmanager
    def _migrating(self) -> Iterator[Connection]:
        if self.dialect != "sqlite":
            with self.write() as connection:
                serialise(connection, "migrate")
                yield connection
            return
        with self.engine.connect() as connection:
            # With foreign keys on, rebuilding a parent table would delete the rows that refer to it. The pragma has no
            # effect inside a transaction, so it comes before BEGIN.
            _pragma(connection, "foreign_keys = OFF")
            try:
                with connection.begin():
                    yield connection
                    if dangling := connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall():
                        names = sorted({str(row[0]) for row in dangling})
                        raise DanglingReferences(f"{len(dangling)} rows point at nothing, in {', '.join(names)}")
            finally:
                _pragma(connection, "foreign_keys = ON")

    def holds_anything(self) -> bool:
        """Return whether there are rows here that only the right key opens."""
        with self.read() as connection:
            sealed = (people.c.id, cohorts.c.id, organisation.c.id)
            return any(connection.execute(select(column).limit(1)).first() is not None for column in sealed)

    def checkpoint(self) -> bool:
        """Move SQLite's log into the file and empty it, so that erased bytes are nowhere on the disk.

        Return False when another connection was reading and part of the log had to stay; nobody waits long for that. On
        PostgreSQL there is nothing to do: there, the next epoch is what makes an erasure final.
        """
        if self.dialect != "sqlite":
            return True
        with self.engine.connect() as connection:
            _pragma(connection, f"busy_timeout = {EMPTYING}")
            try:
                busy: int = _pragma(connection, "wal_checkpoint(TRUNCATE)")[0]
            finally:
                _pragma(connection, f"busy_timeout = {BUSY}")
            return busy == 0


@contextmanager
def _pooled(engine: Engine) -> Iterator[Runner]:
    with engine.begin() as connection:
        yield Runner(connection)


def _driver(connection: Connection) -> Any:
    return connection.connection.dbapi_connection


def _pragma(connection: Connection, pragma: str) -> Any:
    # Goes around SQLAlchemy, which would begin a transaction first.
    cursor = _driver(connection).execute(f"PRAGMA {pragma}")
    row = cursor.fetchone()
    cursor.close()
    return row


def _stored(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    stored: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    if (refusal := marks.found(connection, stored)) is not None:
        raise refusal
    return stored


def _upgrade(connection: Connection, folder: Path, revision: str) -> None:
    from alembic import command  # noqa: PLC0415 -- heavy, and needed once a release
    from alembic.config import Config  # noqa: PLC0415 -- heavy, and needed once a release

    config = Config(attributes={"connection": connection, "metadata": metadata})
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    command.upgrade(config, revision)


_AWAITING: Final = 0.1  # seconds between looks at others' transactions
_BEGUN: Final = text(
    "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    " AND xact_start <= :since LIMIT 1"
)
_SNAPSHOT: Final = select(cast(func.pg_current_snapshot(), Text))
_PERSON: Final = select(people.c.id).where(people.c.id == bindparam("person_id"))
# FOR NO KEY UPDATE: rows that others add for this person meanwhile do not wait for the end of the turn.
_LOCK: Final = _PERSON.with_for_update(key_share=True)
_LOCK_WHOLE: Final = _PERSON.with_for_update()
_ADVISORY: Final = select(func.pg_advisory_xact_lock(bindparam("key")))


def lock_person(connection: Connection, person_id: UUID, *, whole: bool = False) -> None:
    """Lock a person's row until the transaction ends; on SQLite there is one writer at a time anyway.

    `whole` is for erasing the person: then nobody may add rows that refer to them either.
    """
    if connection.dialect.name != "sqlite":
        connection.execute(_LOCK_WHOLE if whole else _LOCK, {"person_id": person_id})


def serialise(connection: Connection, name: str) -> None:
    """Let one transaction at a time pass this point; on SQLite there is one writer at a time anyway."""
    if connection.dialect.name != "sqlite":
        connection.execute(_ADVISORY, {"key": crc32(f"hilo {name}".encode())})


# Building PostgreSQL's INSERT directly would load its dialect and drivers at every start: 2 MB and 0.05 seconds.
@compiles(dml.OnConflictDoNothing, "postgresql")
@compiles(dml.OnConflictDoUpdate, "postgresql")
def _on_conflict(clause: dml.OnConflictClause, compiler: SQLCompiler, **options: Any) -> str:
    """Compile the ON CONFLICT clause of SQLite's INSERT as PostgreSQL's own."""
    from sqlalchemy.dialects.postgresql import dml as theirs  # noqa: PLC0415  see above

    columns, where = clause.inferred_target_elements, clause.inferred_target_whereclause
    if isinstance(clause, dml.OnConflictDoUpdate):
        updated = dict(clause.update_values_to_set)
        own: ClauseElement = theirs.OnConflictDoUpdate(
            index_elements=columns, index_where=where, set_=updated, where=clause.update_whereclause
        )
    else:
        own = theirs.OnConflictDoNothing(index_elements=columns, index_where=where)
    return compiler.process(own, **options)


def upsert(table: Table) -> sqlite.Insert:
    """Start an INSERT that takes ON CONFLICT, for both databases."""
    return sqlite.insert(table).inline()


def insert_new(table: Table) -> sqlite.Insert:
    """Build an INSERT that skips rows which conflict with any of the table's unique constraints."""
    return upsert(table).on_conflict_do_nothing()


def written(*values: str) -> list[ColumnClause[Any]]:
    """Write values literally into a statement, for `in_`.

    A partial index is used only for a condition it can see, and a bound list is expanded anew at every execution.
    """
    return [literal_column(f"'{value}'") for value in values]


_HELD: Final = "another process holds the database"
_FULL: Final = "the disk is full"
_DANGLING: Final = "the disk cannot be written"
_AWAY: Final = "the database cannot be reached"
_AILMENTS: Final = {
    # Beginnings of SQLite's error names …
    "SQLITE_BUSY": _HELD,
    "SQLITE_FULL": _FULL,
    "SQLITE_IOERR": _DANGLING,
    "SQLITE_CANTOPEN": _DANGLING,
    "SQLITE_READONLY": _DANGLING,
    # … and of PostgreSQL's states: deadlock, lock not available, disk full, no memory or connections, read only.
    "40": _HELD,
    "55P03": _HELD,
    "53100": _FULL,
    "53": _DANGLING,
    "25006": _DANGLING,
    # … a connection that broke, a server that stops or starts, a transaction whose process was stopped in its middle.
    "08": _AWAY,
    "57P": _AWAY,
    "25P03": _AWAY,
}


_NO_STATE: Final = object()


def transient_error(error: BaseException) -> str | None:
    """Return what keeps the database from working for a while, or None if the statement itself failed.

    In the first case trying again later may succeed, and nothing was written: unless a connection broke just while it
    was asked to commit (`may_be_written`).
    """
    each: BaseException | None = error
    while each is not None:  # returning to a savepoint fails as well once SQLite gave up the transaction
        if isinstance(each, Unready):
            return str(each)
        driver = each.orig if isinstance(each, DBAPIError) else each
        code = getattr(driver, "sqlite_errorname", None) or getattr(driver, "sqlstate", None) or ""
        if isinstance(each, OperationalError) and getattr(driver, "sqlstate", _NO_STATE) is None:
            return _AWAY  # there was no server to tell a state
        for known, ailment in _AILMENTS.items():
            if code.startswith(known):
                return ailment
        each = each.__cause__ or each.__context__
    return None


def may_be_written(error: BaseException) -> bool:
    """Return whether a transaction that failed may have been committed all the same: its connection broke."""
    return transient_error(error) == _AWAY


def for_work(statement: Select[Any], table: Table) -> Select[Any]:
    """Lock the selected rows and skip those another process holds (has no effect on SQLite)."""
    return statement.with_for_update(of=table, skip_locked=True)
