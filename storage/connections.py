"""SQLite's open connections, which cannot break, kept at hand, and transactions on them."""

import os

from sqlalchemy import Engine

from storage.statements import Runner


class DatabaseReplaced(Exception):
    """Another file lies where the open one lay: what is written now would be lost with the one that is gone."""


class ConnectionPool:
    """The open connections of one engine.

    Taking one from the pool and giving it back would cost more than committing a turn.
    """

    def __init__(self, engine: Engine, begin: str) -> None:
        self.engine = engine
        self.begin = begin
        self.idle: list[Runner] = []
        self._file = str(engine.url.database)
        self._opened: tuple[int, int] | None = None

    def session(self) -> "Session":
        """Return a transaction, which begins when it is entered."""
        return Session(self)

    def take(self) -> Runner:
        """Take a connection; raises DatabaseReplaced when the file it is to is no longer there."""
        try:
            there = os.stat(self._file)  # noqa: PTH116  before every transaction: a Path costs as much again
            found = there.st_dev, there.st_ino
        except FileNotFoundError:
            found = None
        if self._opened is None:
            self._opened = found
        elif found != self._opened:
            # What the old file's log still holds would be played into the new one by whoever opens that next.
            for runner in self.idle:
                runner.driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").close()
            raise DatabaseReplaced("the database file was replaced, so nothing more is written to the old one")
        try:
            return self.idle.pop()
        except IndexError:
            return Runner(self.engine.connect())

    def mark(self) -> tuple[int, ...]:
        """Return what differs from one call to the next when anything was written meanwhile, here or by a process.

        What others wrote SQLite tells by its own count, and what the connection itself wrote by another.
        """
        runner = self.take()
        (others,) = runner.driver.execute("PRAGMA data_version").fetchone()
        self.idle.append(runner)
        return id(runner), others, runner.driver.total_changes

    def close(self) -> None:
        """Close them all."""
        while self.idle:
            self.idle.pop().connection.close()


class Session:
    """One transaction on a kept connection."""

    __slots__ = ("_kept", "_runner")

    def __init__(self, kept: ConnectionPool) -> None:
        self._kept = kept

    def __enter__(self) -> Runner:
        runner = self._runner = self._kept.take()
        try:
            runner.driver.execute(self._kept.begin)
        except BaseException:
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
                # Somebody used SQLAlchemy itself, which then has begun, too.
                runner.connection.commit()
            else:
                runner.driver.commit()
        except BaseException:
            runner.connection.close()
            raise
        self._kept.idle.append(runner)
