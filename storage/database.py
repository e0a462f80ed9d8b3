"""From a URL to an engine. Every difference between SQLite and PostgreSQL lives here."""

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, Final, Self
from uuid import UUID
from zlib import crc32

from sqlalchemy import (
    URL,
    ClauseElement,
    ColumnClause,
    Connection,
    Engine,
    Select,
    Table,
    Text,
    bindparam,
    cast,
    create_engine,
    event,
    func,
    inspect,
    literal_column,
    make_url,
    select,
    text,
)
from sqlalchemy.dialects import sqlite
from sqlalchemy.dialects.sqlite import dml
from sqlalchemy.exc import ArgumentError, DatabaseError, DBAPIError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler

from storage.connections import ConnectionPool
from storage.statements import Runner
from storage.tables import cohorts, metadata, organisation, people

REVISIONS: Final = ("0001", "0002", "0003", "0004", "0005", "0006", "0007", "0008")
"""Every schema revision this code knows, oldest first; a test compares them with the migrations folder."""
HEAD: Final = REVISIONS[-1]
MIGRATIONS: Final = Path(__file__).parent / "migrations"

_PRAGMAS: Final = (
    "PRAGMA busy_timeout = 5000",  # first: switching to WAL may have to wait for another process
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA secure_delete = ON",
)


class BadUrl(ValueError):
    """No address of a database that Hilo knows."""


class DatabaseNewer(Exception):
    """The database was written by a newer Hilo than this one."""

    def __init__(self, stored: str, known: str) -> None:
        super().__init__(f"the database has schema {stored}, this version of Hilo knows up to {known}")
        self.stored = stored
        self.known = known


class DatabaseOlder(Exception):
    """The database has to be migrated first."""

    def __init__(self, stored: str | None, known: str) -> None:
        super().__init__(f"the database has schema {stored or 'none'}, this version of Hilo needs {known}")
        self.stored = stored
        self.known = known


class DatabaseDown(Exception):
    """The database cannot be reached; the text is the driver's first line, without the password.

    Attributes:
        file: where it lies, if it is a file.
    """

    def __init__(self, problem: str, file: Path | None = None) -> None:
        super().__init__(problem)
        self.file = file


class DanglingReferences(Exception):
    """A migration would leave rows that point at nothing; it was rolled back."""


def file_of(url: str) -> Path | None:
    """Give the file of a SQLite database, or None for one of another kind; raises BadUrl for no URL at all."""
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise BadUrl(str(error)) from error
    return Path(parsed.database) if parsed.get_backend_name() == "sqlite" and parsed.database else None


class Database:
    """One database: an engine that writes, and one that only reads."""

    def __init__(self, engine: Engine, reader: Engine) -> None:
        self.engine = engine
        self.dialect = engine.dialect.name
        self._reader = reader
        self._writers = ConnectionPool(engine, "BEGIN IMMEDIATE")
        self._readers = ConnectionPool(reader, "BEGIN")

    @property
    def turns_together(self) -> int:
        """Tell how many turns one transaction may hold.

        SQLite has one writer, to which a commit costs about as much as a turn. On PostgreSQL turns lock people, and
        two transactions with several of them could wait for each other.
        """
        return 8 if self.dialect == "sqlite" else 1

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
        except ArgumentError as error:
            raise BadUrl(str(error)) from error
        kind = parsed.get_backend_name()
        if kind == "sqlite":
            return cls(*_sqlite_engines(parsed))
        if kind in {"postgresql", "postgres"}:
            engine = create_engine(
                parsed.set(drivername="postgresql+psycopg"),
                pool_size=5,
                max_overflow=5,
                pool_pre_ping=True,
                hide_parameters=True,
            )
            # One snapshot for the whole of a report.
            reader = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            return cls(engine, reader)
        raise BadUrl(f"{kind} is not a database Hilo knows: give sqlite:///FILE or postgresql://…")

    def session(self, *, writing: bool) -> AbstractContextManager[Runner]:
        """Open a transaction, as `write` and `read` do, for statements that go straight to the driver."""
        if self.dialect == "sqlite":
            return self._writers.session() if writing else self._readers.session()
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
        """Return what differs from one call to the next when anything was written meanwhile, by whomever.

        Costs far less than looking. On SQLite it is for the thread that writes.
        """
        if self.dialect == "sqlite":
            return self._writers.mark()
        with self.read() as connection:
            return connection.execute(_SNAPSHOT).scalar_one()

    def dispose(self) -> None:
        """Close all connections; on SQLite the last one takes the log file with it."""
        self._writers.close()
        self._readers.close()
        self._reader.dispose()
        self.engine.dispose()

    def version(self) -> str | None:
        """Tell the schema revision that is stored, or None when there is no schema yet.

        Raises:
            DatabaseDown: the server or the file cannot be reached.
        """
        try:
            with self.read() as connection:
                return _stored(connection)
        except DatabaseError as error:
            file = self.engine.url.database if self.dialect == "sqlite" else None
            raise DatabaseDown(str(error.orig).splitlines()[0], Path(file) if file else None) from error

    @contextmanager
    def alone(self, name: str) -> Iterator[bool]:
        """Hold a name while the block runs, and tell whether it was free.

        PostgreSQL frees it by itself when the holder dies. On SQLite, which one machine alone uses, a lock on the
        folder does the same and this holds nothing.
        """
        if self.dialect == "sqlite":
            yield True
            return
        with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            key = crc32(name.encode())
            taken = connection.execute(select(func.pg_try_advisory_lock(key))).scalar_one()
            try:
                yield bool(taken)
            finally:
                # The connection goes back to the pool alive, and would take the lock along.
                connection.execute(select(func.pg_advisory_unlock_all()))

    def head(self) -> str:
        """Tell the schema revision this code works with."""
        return HEAD

    def check(self) -> None:
        """Make sure that code and database fit; raises DatabaseNewer or DatabaseOlder."""
        stored = self.version()
        if stored is not None and stored not in REVISIONS:
            raise DatabaseNewer(stored, HEAD)
        if stored != HEAD:
            raise DatabaseOlder(stored, HEAD)

    def migrate(self, folder: Path = MIGRATIONS, known: tuple[str, ...] = REVISIONS) -> bool:
        """Bring the schema to the newest revision, in one transaction; True if there was anything to do.

        Args:
            folder: an Alembic folder (`env.py` and `versions/`); another one than ours only in tests.
            known: the revisions to go through, oldest first.

        Raises:
            DatabaseNewer: the stored revision is not among `known`.
            BrokenReferences: rows would be left pointing at nothing (SQLite; PostgreSQL refuses by itself).
        """
        stored = self.version()
        if stored is not None and stored not in known:
            raise DatabaseNewer(stored, known[-1])
        if stored == known[-1]:
            return False
        with self._migrating() as connection:
            # Another process may have migrated while this one waited for its turn.
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
            # Rebuilding a parent table with foreign keys on would delete what points at it, and inside a
            # transaction the pragma does nothing: so before BEGIN.
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
        """Tell whether there are rows here that only the right key opens."""
        with self.read() as connection:
            sealed = (people.c.id, cohorts.c.id, organisation.c.id)
            return any(connection.execute(select(column).limit(1)).first() is not None for column in sealed)

    def checkpoint(self) -> bool:
        """Fold SQLite's log into the file and empty it, so that erased bytes are nowhere on the disk.

        False when another connection was reading and part of the log had to stay. PostgreSQL: nothing to do
        here, there the destroyed key alone makes erasure true.
        """
        if self.dialect != "sqlite":
            return True
        with self.engine.connect() as connection:
            busy: int = _pragma(connection, "wal_checkpoint(TRUNCATE)")[0]
            return busy == 0


@contextmanager
def _pooled(engine: Engine) -> Iterator[Runner]:
    with engine.begin() as connection:
        yield Runner(connection)


def _sqlite_engines(url: URL) -> tuple[Engine, Engine]:
    if url.database in {None, "", ":memory:"}:
        raise BadUrl("SQLite without a file keeps nothing: give sqlite:///FILE")
    # The log and index files beside it take over these permissions.
    os.close(os.open(str(url.database), os.O_RDWR | os.O_CREAT, 0o600))

    def engine(begin: str, *pragmas: str) -> Engine:
        # isolation_level None: the driver starts no transaction of its own, the hook below does.
        made = create_engine(
            url.set(drivername="sqlite+pysqlite"),
            connect_args={"isolation_level": None, "check_same_thread": False, "cached_statements": 256},
            pool_size=5,
            max_overflow=10,
            hide_parameters=True,
        )

        @event.listens_for(made, "connect")
        def prepare(dbapi_connection: Any, _record: object) -> None:
            for pragma in (*_PRAGMAS, *pragmas):
                dbapi_connection.execute(pragma).close()

        @event.listens_for(made, "begin")
        def start(connection: Connection) -> None:
            # In a session the transaction is open already.
            if not _driver(connection).in_transaction:
                _driver(connection).execute(begin).close()

        return made

    return engine("BEGIN IMMEDIATE"), engine("BEGIN", "PRAGMA query_only = ON")


def _driver(connection: Connection) -> Any:
    return connection.connection.dbapi_connection


def _pragma(connection: Connection, pragma: str) -> Any:
    # Past SQLAlchemy, which would begin a transaction first.
    cursor = _driver(connection).execute(f"PRAGMA {pragma}")
    row = cursor.fetchone()
    cursor.close()
    return row


def _stored(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    stored: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return stored


def _upgrade(connection: Connection, folder: Path, revision: str) -> None:
    from alembic import command  # noqa: PLC0415 -- heavy, and needed once a release
    from alembic.config import Config  # noqa: PLC0415 -- heavy, and needed once a release

    config = Config(attributes={"connection": connection, "metadata": metadata})
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    command.upgrade(config, revision)


_SNAPSHOT: Final = select(cast(func.pg_current_snapshot(), Text))
_PERSON: Final = select(people.c.id).where(people.c.id == bindparam("person_id"))
# What others put for her meanwhile, which points at her row, does not wait for the end of her turn.
_LOCK: Final = _PERSON.with_for_update(key_share=True)
_LOCK_WHOLE: Final = _PERSON.with_for_update()
_ADVISORY: Final = select(func.pg_advisory_xact_lock(bindparam("key")))


def lock_person(connection: Connection, person_id: UUID, *, whole: bool = False) -> None:
    """Hold a person's row until the transaction ends; on SQLite there is one writer at a time anyway.

    `whole`: to erase her, so that nobody may put anything for her meanwhile either.
    """
    if connection.dialect.name != "sqlite":
        connection.execute(_LOCK_WHOLE if whole else _LOCK, {"person_id": person_id})


def serialise(connection: Connection, name: str) -> None:
    """Let one transaction at a time go past this point; on SQLite there is one writer at a time anyway."""
    if connection.dialect.name != "sqlite":
        connection.execute(_ADVISORY, {"key": crc32(f"hilo {name}".encode())})


# To build PostgreSQL's INSERT would load its dialect, with drivers, at every start: 2 MB and a twentieth of a second.
@compiles(dml.OnConflictDoNothing, "postgresql")
@compiles(dml.OnConflictDoUpdate, "postgresql")
def _on_conflict(clause: dml.OnConflictClause, compiler: SQLCompiler, **options: Any) -> str:
    """Write the clause of SQLite's INSERT as PostgreSQL's own, where that database is used."""
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
    """Start an INSERT that takes ON CONFLICT: the clause is the same on both, and so is how it compiles."""
    return sqlite.insert(table).inline()


def insert_new(table: Table) -> sqlite.Insert:
    """INSERT what is not there yet, by any of the table's unique constraints."""
    return upsert(table).on_conflict_do_nothing()


def written(*values: str) -> list[ColumnClause[Any]]:
    """Write words into the statement itself, for `in_`.

    A partial index serves only a condition it can see, and a bound list is spelt out anew at every execution.
    """
    return [literal_column(f"'{value}'") for value in values]


_HELD: Final = "another process holds the database"
_FULL: Final = "the disk is full"
_DANGLING: Final = "the disk cannot be written"
_AILMENTS: Final = {
    # SQLite's names of results, by their beginning …
    "SQLITE_BUSY": _HELD,
    "SQLITE_FULL": _FULL,
    "SQLITE_IOERR": _DANGLING,
    "SQLITE_CANTOPEN": _DANGLING,
    "SQLITE_READONLY": _DANGLING,
    # … and PostgreSQL's states: a deadlock, a lock not given, no more room, no more memory or connections, read only.
    "40": _HELD,
    "55P03": _HELD,
    "53100": _FULL,
    "53": _DANGLING,
    "25006": _DANGLING,
}


def transient_error(error: BaseException) -> str | None:
    """Tell what keeps the database from working for a while, or None where the failure was the statement's own.

    The same may go well later: nothing was written. A connection to PostgreSQL that broke is not among it: with it
    went the lock that makes a bot the only one, so whoever runs has to begin anew.
    """
    each: BaseException | None = error
    while each is not None:  # going back to a savepoint fails as well, once SQLite gave the transaction up
        driver = each.orig if isinstance(each, DBAPIError) else each
        code = getattr(driver, "sqlite_errorname", None) or getattr(driver, "sqlstate", None) or ""
        for known, ailment in _AILMENTS.items():
            if code.startswith(known):
                return ailment
        each = each.__cause__ or each.__context__
    return None


def for_work(statement: Select[Any], table: Table) -> Select[Any]:
    """Lock the rows taken for work and pass over those another worker holds (nothing needed on SQLite)."""
    return statement.with_for_update(of=table, skip_locked=True)
