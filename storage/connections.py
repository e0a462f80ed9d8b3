"""Both databases' engines; for SQLite a pool of its connections, which cannot break, and transactions on them."""

import os
import secrets
from pathlib import Path
from sqlite3 import SQLITE_BUSY
from typing import Any, Final

from sqlalchemy import URL, Connection, Engine, create_engine, event

from storage.statements import Runner

BUSY: Final = 5000  # milliseconds
EMPTYING: Final = 250  # milliseconds that the writer waits for readers so as to empty the log
LOG_KEPT: Final = 64_000_000  # bytes to which the log's file is cut once nobody reads what is beyond
LEAST_KEPT, MOST_KEPT = 2_000, 16_000  # kilobytes; SQLite's own is the least
KEPT_OF: Final = 500_000  # bytes of the file for each of them
PRAGMAS: Final = (
    f"PRAGMA busy_timeout = {BUSY}",  # first: switching to WAL may have to wait for another process
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA secure_delete = ON",
    f"PRAGMA journal_size_limit = {LOG_KEPT}",
)


# A server that vanished is noticed within ten seconds, and not once TCP gives up, after a quarter of an hour.
NOTICED: Final = {
    "connect_timeout": 5,
    "keepalives": 1,
    "keepalives_idle": 4,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}
"""How PostgreSQL is connected to."""


class Unready(Exception):
    """Something that a transaction needs is not there for a while."""


class Busy(Unready):
    """Another connection writes to the file just now, and it was not waited for: nothing was begun."""


class LeaseLost(Unready):
    """Another process does now what this one did: nothing was written, and it is not tried again."""


class DatabaseReplaced(Exception):
    """The database file was replaced by another: anything written now would be lost with the old file."""


class ConnectionPool:
    """The open connections of one engine.

    Using SQLAlchemy's own pool would cost more than committing a turn.
    """

    def __init__(self, engine: Engine, begin: str) -> None:
        self.engine = engine
        self.begin = begin
        self.idle: list[Runner] = []
        self._file = str(engine.url.database)
        self._opened: tuple[int, int] | None = None

    def session(self, *, at_once: bool = False) -> "Session":
        """Return a transaction, which begins when it is entered: `at_once`, or not at all, where another one writes."""
        return Session(self, at_once)

    def take(self) -> Runner:
        """Take a connection; raise DatabaseReplaced when its file is no longer there."""
        try:
            there = os.stat(self._file)  # noqa: PTH116  before every transaction: a Path costs as much again
            found = there.st_dev, there.st_ino
        except FileNotFoundError:
            found = None
        if self._opened is None:
            self._opened = found
        elif found != self._opened:
            # Empty the old file's log first: otherwise it would be replayed into the new file when that is opened next.
            for runner in self.idle:
                runner.driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").close()
            raise DatabaseReplaced("the database file was replaced, so nothing more is written to the old one")
        try:
            return self.idle.pop()
        except IndexError:
            return Runner(self.engine.connect())

    def mark(self) -> tuple[int, ...]:
        """Return a value that changes whenever anything was written, by this process or another.

        SQLite counts what other connections wrote (`data_version`) and what this one wrote (`total_changes`)
        separately.
        """
        runner = self.take()
        (others,) = runner.driver.execute("PRAGMA data_version").fetchone()
        self.idle.append(runner)
        return id(runner), others, runner.driver.total_changes

    def close(self) -> None:
        """Close all idle connections."""
        while self.idle:
            self.idle.pop().connection.close()


class Session:
    """One transaction on a connection of the pool."""

    __slots__ = ("_at_once", "_kept", "_runner")

    def __init__(self, kept: ConnectionPool, at_once: bool) -> None:
        self._kept = kept
        self._at_once = at_once

    def __enter__(self) -> Runner:
        """Begin; raise Busy where that would have to be waited for."""
        runner = self._runner = self._kept.take()
        try:
            if runner.waits is self._at_once:
                runner.driver.execute(f"PRAGMA busy_timeout = {0 if self._at_once else BUSY}").close()
                runner.waits = not self._at_once
            runner.driver.execute(self._kept.begin)
        except BaseException as error:
            if self._at_once and getattr(error, "sqlite_errorcode", None) == SQLITE_BUSY:
                self._kept.idle.append(runner)
                raise Busy("another connection writes") from error
            runner.connection.close()
            raise
        return runner

    def __exit__(self, kind: object, *_rest: object) -> None:
        runner = self._runner
        try:
            if kind is not None:
                runner.connection.rollback()
                runner.driver.rollback()
            elif runner.connection.in_transaction():
                # SQLAlchemy itself was used as well, and has begun a transaction of its own.
                runner.connection.commit()
            else:
                runner.driver.commit()
        except BaseException:
            runner.connection.close()
            raise
        self._kept.idle.append(runner)


def server_engines(url: URL) -> tuple[Engine, Engine, str]:
    """Make the engines of a PostgreSQL, one that writes and one that reads, and the name the server knows them by."""
    process = secrets.token_hex(16)
    engine = create_engine(
        url.set(drivername="postgresql+psycopg"),
        pool_size=5,
        max_overflow=5,
        pool_pre_ping=True,
        hide_parameters=True,
        connect_args=NOTICED | {"application_name": f"hilo {process}"},
    )
    # One snapshot for everything that is read in a unit.
    reader = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    return engine, reader, process


def kept_in_memory(size: int) -> int:
    """Return how many kilobytes of a file of so many bytes a connection keeps: inner pages of indexes have to fit."""
    return min(MOST_KEPT, max(LEAST_KEPT, size // KEPT_OF))


def sqlite_engines(url: URL) -> tuple[Engine, Engine]:
    """Make the engines of a SQLite file: one that writes, one that only reads."""
    # The log and index files beside it get the same permissions.
    os.close(os.open(str(url.database), os.O_RDWR | os.O_CREAT, 0o600))

    def engine(begin: str, *pragmas: str) -> Engine:
        # With isolation_level None the driver starts no transaction of its own; the hook below does.
        made = create_engine(
            url.set(drivername="sqlite+pysqlite"),
            connect_args={"isolation_level": None, "check_same_thread": False, "cached_statements": 256},
            pool_size=5,
            max_overflow=10,
            hide_parameters=True,
        )

        @event.listens_for(made, "connect")
        def prepare(dbapi_connection: Any, _record: object) -> None:
            kept = kept_in_memory(Path(str(url.database)).stat().st_size)
            for pragma in (*PRAGMAS, *pragmas, f"PRAGMA cache_size = -{kept}"):
                dbapi_connection.execute(pragma).close()

        @event.listens_for(made, "begin")
        def start(connection: Connection) -> None:
            # In a session the transaction is open already.
            driver: Any = connection.connection.dbapi_connection
            if not driver.in_transaction:
                driver.execute(begin).close()

        return made

    return engine("BEGIN IMMEDIATE"), engine("BEGIN", "PRAGMA query_only = ON")
