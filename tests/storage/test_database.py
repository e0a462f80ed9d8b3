"""The database: how it is opened, what a transaction promises, and what a turn costs in statements."""

import sqlite3
import stat
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import bindparam, exc, insert, select, update

from storage.connections import PRAGMAS, Busy, kept_in_memory
from storage.database import Database, DatabaseDown
from storage.statements import Runner
from storage.tables import leases, people
from storage.unit import Storage
from storage.vault import Vault
from tests.storage.world import HASH, NOW, World, later, opened, uid

HOLD = insert(leases)  # a statement as stores keep them


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "mysql://localhost/hilo", "oracle://x"])
def test_other_databases_are_refused(url: str) -> None:
    """Only a SQLite file or PostgreSQL will do; a database in memory would keep nothing."""
    with pytest.raises(ValueError, match="give sqlite:///FILE"):
        Database.open(url)


@pytest.mark.parametrize("url", ["postgresql://h/d", "postgres://h/d", "postgresql+psycopg://h/d"])
def test_postgresql_is_spoken_to_with_psycopg(url: str) -> None:
    """However the URL is written, the driver is psycopg 3; opening connects to nothing yet."""
    try:
        database = Database.open(url)
    except exc.NoSuchModuleError:
        pytest.fail(f"{url} was not understood")

    assert database.engine.url.drivername == "postgresql+psycopg"
    assert database.dialect == "postgresql"
    database.dispose()


def test_a_server_that_is_away_is_named_without_the_password(tmp_path: Path) -> None:
    """A database that cannot be reached says so in one line, and never tells the password."""
    url = f"postgresql://hilo:geheim@/hilo?host={tmp_path}"
    with opened(url) as database, pytest.raises(DatabaseDown) as caught:
        database.version()
    assert "geheim" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_every_sqlite_connection_is_careful(file_world: World) -> None:
    """Connections that write and that read have WAL, FULL, foreign keys, secure_delete and a busy timeout."""
    expected = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "secure_delete": 1, "busy_timeout": 5000}
    database = file_world.storage.database
    for opening, query_only in ((database.write, 0), (database.read, 1)):
        with opening() as connection, opening() if query_only else database.read():
            found = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in expected}
            assert found == expected
            assert connection.exec_driver_sql("PRAGMA query_only").scalar_one() == query_only
    with database.engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar_one() == 1


@pytest.mark.parametrize(
    ("size", "kept"), [(0, 2_000), (500_000_000, 2_000), (2_000_000_000, 4_000), (14_000_000_000, 16_000)]
)
def test_a_large_file_has_more_of_it_in_memory(size: int, kept: int) -> None:
    """What SQLite keeps by itself up to a gigabyte; beyond, some more, and never more than 16 MB a connection."""
    assert kept_in_memory(size) == kept


def test_nothing_is_left_to_how_sqlite_was_built() -> None:
    """What a connection must have is said to it: some builds of SQLite have it by default, and others do not."""
    assert {line.split()[1] for line in PRAGMAS} == {
        "busy_timeout",
        "journal_mode",
        "synchronous",
        "foreign_keys",
        "secure_delete",
        "journal_size_limit",
    }


def test_the_file_is_its_owners_alone(tmp_path: Path) -> None:
    """The database and what SQLite puts beside it are readable by their owner alone."""
    with opened(f"sqlite:///{tmp_path / 'hilo.db'}") as database:
        database.migrate()
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    assert modes == {"hilo.db": 0o600, "hilo.db-wal": 0o600, "hilo.db-shm": 0o600}
    assert [path.name for path in tmp_path.iterdir()] == ["hilo.db"]


def test_a_failed_unit_leaves_nothing(world: World) -> None:
    """When a block raises nothing of it is kept, whether it wrote as stores do or through SQLAlchemy."""

    def fail(*, plain: bool) -> None:
        with world.unit() as unit:
            unit.run(HOLD, {"name": "a", "holder": "x", "until": later(minutes=1)})
            if plain:
                unit.connection.execute(insert(leases).values(name="b", holder="x", until=NOW))
            raise LookupError

    for plain in (False, True):
        with pytest.raises(LookupError):
            fail(plain=plain)
        with world.unit() as unit:
            assert unit.connection.execute(select(leases)).all() == []


def test_a_unit_commits_whole(world: World) -> None:
    """What stores and SQLAlchemy wrote in one block is there for others when it ends, and not before."""
    other = world.again()
    with world.unit() as unit:
        unit.run(HOLD, {"name": "a", "holder": "x", "until": later(minutes=1)})
        unit.connection.execute(insert(leases).values(name="b", holder="x", until=NOW))
        with other.reading(NOW) as reader:
            assert reader.connection.execute(select(leases)).all() == []
    with other.reading(NOW) as reader:
        assert len(reader.connection.execute(select(leases)).all()) == 2


def test_reading_is_only_reading(world: World) -> None:
    """A reading unit refuses to write, and a writing unit after it works."""
    with pytest.raises(exc.DBAPIError), world.reading() as unit:
        unit.run(HOLD, {"name": "a", "holder": "x", "until": later(minutes=1)})
    with world.unit() as unit:
        assert unit.run(HOLD, {"name": "a", "holder": "x", "until": later(minutes=1)}).rowcount == 1


def test_a_reader_sees_one_moment(world: World) -> None:
    """What is committed while a report is read does not appear in the middle of it."""
    other = world.again()
    with world.reading() as unit:
        assert unit.people.list() == []
        with other.unit(NOW) as writer:
            writer.people.create(uid(), NOW)
        assert unit.people.list() == []
    with world.reading() as unit:
        assert len(unit.people.list()) == 1


def test_a_unit_can_follow_a_broken_statement(world: World) -> None:
    """A statement the database refuses is an SQLAlchemy error that shows no parameters."""
    with pytest.raises(exc.IntegrityError) as caught, world.unit() as unit:
        unit.people.create(uid(), NOW, participation="no such state")
    assert "no such state" not in str(caught.value).replace(str(caught.value.orig), "")
    with world.unit() as unit:
        assert unit.people.list() == []


def test_a_moment_needs_its_zone(world: World) -> None:
    """A naive moment is refused, as stores write and by SQLAlchemy; any zone comes back as the same instant in UTC."""
    naive = datetime(2026, 3, 2, 9, 0)  # noqa: DTZ001 -- the very thing that is refused
    mexico = datetime(2026, 3, 2, 9, 0, 0, 123456, tzinfo=timezone(timedelta(hours=-6)))
    with pytest.raises((ValueError, exc.StatementError)), world.unit() as unit:
        unit.run(HOLD, {"name": "a", "holder": "x", "until": naive})
    with pytest.raises((ValueError, exc.StatementError)), world.unit() as unit:
        unit.connection.execute(insert(leases).values(name="a", holder="x", until=naive))
    with world.unit() as unit:
        unit.run(HOLD, {"name": "store", "holder": "x", "until": mexico})
        unit.connection.execute(insert(leases).values(name="core", holder="x", until=mexico))
        by_core = unit.connection.execute(select(leases.c.until).order_by(leases.c.name)).scalars().all()
        by_store = unit.run(select(leases.c.until).order_by(leases.c.name)).scalars()
    for moments in (by_core, by_store):
        assert moments == [mexico, mexico]
        assert [moment.tzinfo for moment in moments] == [UTC, UTC]


def test_a_statement_says_what_it_takes(file_world: World) -> None:
    """A statement given other parameters than at first, or a list it cannot spell out, is refused."""
    statement = select(people.c.id).where(people.c.id == bindparam("id"))
    listing = select(people.c.id).where(people.c.id.in_(bindparam("ids", expanding=True)))
    with file_world.reading() as unit:
        assert list(unit.run(statement, {"id": uid()})) == []
        with pytest.raises(TypeError, match="first run with"):
            unit.run(statement, {"id": uid(), "more": 1})
        with pytest.raises(TypeError, match="takes lists"):
            unit.run(listing, {"ids": [uid()]})


def test_parameters_keep_their_places(world: World) -> None:
    """A statement with fixed values, repeated and named parameters does the same on both databases."""
    statement = (
        update(leases)
        .where(leases.c.name == bindparam("which"), leases.c.holder != bindparam("to"))
        .values(holder=bindparam("to"), until=bindparam("at"))
    )
    with world.unit() as unit:
        for name in "abc":
            unit.run(HOLD, {"name": name, "holder": name, "until": NOW})
        counts = [unit.run(statement, {"which": name, "to": "a", "at": later(hours=1)}).rowcount for name in "abcd"]
        assert counts == [0, 1, 1, 0]
        assert unit.run(statement, [{"which": n, "to": "z", "at": NOW} for n in "abd"]).rowcount == 2


def test_connections_are_kept_and_closed(file_world: World) -> None:
    """A hundred units use one connection, a failing one gives its connection back too, and disposing closes all."""
    used = set()

    def fail() -> None:
        with file_world.unit() as unit:
            used.add(id(unit.run.driver))
            raise LookupError

    for _ in range(50):
        with file_world.unit() as unit:
            used.add(id(unit.run.driver))
        with pytest.raises(LookupError):
            fail()
    driver = unit.run.driver
    assert len(used) == 1

    file_world.storage.database.dispose()
    with pytest.raises(sqlite3.ProgrammingError):
        driver.execute("SELECT 1")


def test_one_process_waits_for_another(tmp_path: Path) -> None:
    """Two processes that write to the same SQLite file take turns, and no write is lost or refused."""
    url = f"sqlite:///{tmp_path / 'hilo.db'}"
    script = """
import sys
from datetime import UTC, datetime
from uuid import UUID
from storage.database import Database
from storage.unit import Storage
from storage.vault import Vault
database = Database.open(sys.argv[1])
storage = Storage(database, Vault(bytes(32)))
now = datetime(2026, 3, 2, tzinfo=UTC)
for number in range(100):
    with storage.unit(now) as unit:
        unit.audit.add("console", "did", sys.argv[2], {"number": number})
database.dispose()
"""
    with opened(url) as database:
        database.migrate()
        processes = [subprocess.Popen([sys.executable, "-c", script, url, str(n)]) for n in range(3)]
        assert [process.wait() for process in processes] == [0, 0, 0]
        with Storage(database, Vault(bytes(32))).reading(NOW) as unit:
            assert len(unit.audit.list(1000)) == 300
            assert unit.audit.verify() is None


def test_a_unit_begins_at_once_or_not_at_all(file_world: World) -> None:
    """One that may not wait is refused while another connection writes; one that may waits, on the same connection."""
    storage, other = file_world.storage, Database.open(file_world.url)
    used = set()
    with Storage(other, storage.vault).unit(NOW), pytest.raises(Busy), storage.unit(NOW, at_once=True):
        pass
    with storage.unit(NOW, at_once=True) as unit:
        unit.audit.add("console", "did", "at once", {})
        used.add(id(unit.run.driver))

    holding = Storage(other, storage.vault).unit(NOW)
    holding.__enter__()
    ending = threading.Timer(0.2, holding.__exit__, (None, None, None))
    ending.start()
    with storage.unit(NOW) as unit:
        unit.audit.add("console", "did", "later", {})
        used.add(id(unit.run.driver))
    ending.join()
    other.dispose()

    assert len(used) == 1
    with storage.reading(NOW) as unit:
        assert {row.subject for row in unit.audit.list(10)} >= {"at once", "later"}


def test_an_empty_database_has_no_version(empty_url: str) -> None:
    """Before the first migration there is no version."""
    with opened(empty_url) as database:
        assert database.version() is None


def test_a_name_is_held_by_one(pg_world: World) -> None:
    """A name held on PostgreSQL is held by nobody else, in this process or another, and free when let go."""
    database, other = pg_world.storage.database, pg_world.again().database
    with (
        database.alone("courier") as first,
        other.alone("courier") as second,
        other.alone("poller") as third,
        database.alone("courier") as fourth,
    ):
        assert (first, second, third, fourth) == (True, False, True, False)
    with other.alone("courier") as again:
        assert again


def test_a_turn_takes_thirteen_statements(file_world: World) -> None:
    """From the update that came in to the message that went out: thirteen statements in four transactions."""
    with file_world.unit() as unit:
        person = file_world.person(unit)
        file_world.run(unit, person)
        unit.inbox.accept([(uid(), "telegram", "u0", "1001", b"hola")])
        unit.inbox.done(unit.inbox.pending(NOW, 1)[0].seq)
        driver = unit.run.driver
    said: list[str] = []
    driver.set_trace_callback(said.append)
    with file_world.unit() as unit:
        unit.inbox.accept([(uid(), "telegram", "u1", "1001", b"hola")])
    with file_world.unit() as unit:
        (update,) = unit.inbox.pending(NOW, 1)
        found = unit.people.at("telegram", "1001")
        assert found is not None
        unit.lock(found.id)
        run = unit.runs.open(found)
        assert run is not None
        unit.answers.of(run.id, found)
        unit.answers.add(uid(), run.id, "need", found, "{}", NOW)
        unit.runs.save(run.id, found, {"v": 1}, "open", 2)
        unit.outbox.put(uid(), found, "telegram", "1001", "message", 0, {"text": "a"}, run.id, 2)
        unit.outbox.put(uid(), found, "telegram", "1001", "message", 0, {"text": "b"}, run.id, 3)
        unit.inbox.done(update.seq)
    with file_world.unit() as unit:
        (row,) = unit.outbox.claim(NOW, later(minutes=1), 10)
    with file_world.unit() as unit:
        unit.outbox.sent(row.seq, 1, NOW)
    driver.set_trace_callback(None)

    begun = [each for each in said if each.startswith("BEGIN")]
    ended = [each for each in said if each.startswith("COMMIT")]
    assert begun == ["BEGIN IMMEDIATE"] * 4
    assert len(ended) == 4
    assert len(said) - len(begun) - len(ended) == 13


def test_a_turn_reads_by_index(file_world: World) -> None:
    """No statement of a turn walks through a whole table, and none that writes makes a table of its own for it."""
    with file_world.unit() as unit:
        person = file_world.person(unit)
        run_id = file_world.run(unit, person)
        said: list[str] = []
        unit.run.driver.set_trace_callback(said.append)
        unit.inbox.accept([(uid(), "telegram", "u1", "1001", b"hola")])
        (update,) = unit.inbox.pending(NOW, 1)
        unit.people.at("telegram", "1001")
        unit.people.get(person.id)
        unit.runs.open(person)
        unit.answers.of(run_id, person)
        unit.answers.add(uid(), run_id, "need", person, "{}", NOW)
        unit.runs.save(run_id, person, {"v": 1}, "open", 2)
        seq = unit.outbox.put(uid(), person, "telegram", "1001", "message", 0, {}, run_id, 2)
        unit.inbox.done(update.seq)
        unit.outbox.claim(NOW, later(minutes=1), 10)
        unit.outbox.sent(seq, 1, NOW)
        unit.outbox.spoken_to("telegram", "1001", 9, 1, NOW)
        unit.outbox.message_of(run_id, 2)
        of_a_turn = len(said)  # a tick looks for what follows
        unit.broadcasts.due(NOW, 10)
        unit.runs.due(NOW, 10)
        unit.outbox.expired(NOW)
        unit.run.driver.set_trace_callback(None)
        plans = [
            row[3] for each in said for row in unit.run.driver.execute(f"EXPLAIN QUERY PLAN {each}") if each != "BEGIN"
        ]
        writes = [each for each in said[:of_a_turn] if each.startswith(("INSERT", "UPDATE"))]
        unit.run.driver.text_factory = bytes  # what is sealed stands in it as well
        steps = {each: [row[1] for row in unit.run.driver.execute(f"EXPLAIN {each}")] for each in writes}
        unit.run.driver.text_factory = str

    assert len(writes) == 8
    assert not [each for each, made in steps.items() if b"OpenEphemeral" in made]
    walks = {plan for plan in plans if plan.startswith("SCAN")}
    assert len(plans) > 30
    assert walks <= {
        "SCAN inbox USING INDEX ix_inbox_pending",
        "SCAN outbox USING INDEX ix_outbox_waiting",
    }


def test_a_runner_knows_its_connection(file_world: World) -> None:
    """A runner made for a connection speaks in that connection's own transaction."""
    with file_world.storage.database.write() as connection:
        Runner(connection)(insert(leases), {"name": HASH, "holder": "x", "until": NOW})
        assert len(connection.execute(select(leases)).all()) == 1
