"""Moving to another database: every value arrives, whatever stops it in the middle, and the old one wakes no more."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import bindparam, create_engine, event, make_url, select, update
from sqlalchemy.exc import DBAPIError, ProgrammingError

from storage import copies, marks, moving
from storage.damage_scan import scan
from storage.database import HEAD, Database
from storage.marks import DatabaseMoved, MoveMark, MoveUnfinished
from storage.moving import Kind, NotTheSame, TargetRefused
from storage.tables import Moment, answers, metadata, people
from storage.unit import Storage
from tests.by_day import DATABASES_ALIKE
from tests.storage.conftest import Databases
from tests.storage.filled import fill
from tests.storage.world import NOW, World, later, opened, uid

TOLD = NOW.replace(second=31, microsecond=250_000)


def quiet(_step: str, _done: float) -> None:
    """Tell nobody how far it is."""


class Cut(Exception):
    """Ends a move in the middle, as a death would: what was not committed is not there."""


def cut_after(times: int) -> Callable[[str, float], None]:
    """Give a progress that ends the move when it has been told so many times how far it is."""
    left = iter(range(times))

    def told(_step: str, _done: float) -> None:
        if next(left, None) is None:
            raise Cut

    return told


def mark(place: str = "somewhere") -> MoveMark:
    """Give the mark of a new move."""
    return MoveMark(uid(), place, NOW, HEAD, b"tag")


def of_the_other_kind(world: World, tmp_path: Path, databases: Databases) -> str:
    """Give the address of an empty database of the other kind."""
    if world.storage.database.dialect == "sqlite":
        return databases.create()
    return f"sqlite:///{tmp_path / 'there.db'}"


@contextmanager
def received(url: str, kind: Kind = "empty", given: MoveMark | None = None) -> Iterator[Database]:
    """Open the database to which rows go."""
    database, _ = moving.receive(url, kind, given or mark())
    try:
        yield database
    finally:
        database.dispose()


def move(storage: Storage, target: Database, given: MoveMark, told: Callable[[str, float], None] = quiet) -> None:
    """Move everything, as the command does."""
    with storage.unit(later(days=1)) as unit:
        moving.hold(unit.connection)
        moving.carry(unit.connection, target, told)
        marks.put(unit.connection, marks.LEFT, given)
    moving.arrive(target)


def values(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    """Give every row of every table, value by value, in an order of its own."""
    with database.read() as connection:
        return {
            table.name: sorted((tuple(row) for row in connection.execute(select(table))), key=repr)
            for table in metadata.sorted_tables
        }


def numbers(database: Database) -> dict[str, int]:
    """Give for each table the greatest number that it ever gave."""
    with database.read() as connection:
        return {
            table.name: copies.last_number(connection, table)
            for table in metadata.sorted_tables
            if copies.is_numbered(table)
        }


@pytest.mark.by_day("url", why=DATABASES_ALIKE)
def test_everything_arrives_value_by_value_and_comes_back(world: World, tmp_path: Path, databases: Databases) -> None:
    """There and back again: the same types and values, numbers that go on, seals that fit, and a whole trail."""
    fill(world)
    with world.unit(minutes=2) as unit:
        unit.connection.exec_driver_sql("DELETE FROM answers WHERE seq = (SELECT max(seq) FROM answers)")
    before, given = values(world.storage.database), numbers(world.storage.database)
    assert all(before.values())
    url = of_the_other_kind(world, tmp_path, databases)
    first, second = mark(), mark()
    with received(url, given=first) as there:
        move(world.storage, there, first)
        assert values(there) == before
        assert numbers(there) == given
        storage = Storage(there, world.storage.vault)
        with storage.reading(later(days=1)) as unit:
            assert scan(unit) == []
            assert unit.audit.verify() is None
        back = f"sqlite:///{tmp_path / 'back.db'}" if there.dialect != "sqlite" else databases.create()
        with received(back, given=second) as home:
            move(storage, home, second)
            assert values(home) == before
            assert numbers(home) == given
            with Storage(home, world.storage.vault).unit(later(days=2)) as unit:
                assert scan(unit) == []
                unit.audit.add("console", "seen", "here", {})
                assert unit.audit.verify() is None


@pytest.mark.by_day("url", why=DATABASES_ALIKE)
def test_a_moment_that_tells_seconds_arrives_with_them(world: World, tmp_path: Path, databases: Databases) -> None:
    """What is written cuts a moment to its minute; what is moved stays as it is, whoever put it there."""
    fill(world)
    with world.unit(minutes=2) as unit:
        unit.connection.execute(update(people).values(created_at=bindparam("told", type_=Moment)), {"told": TOLD})
    before = values(world.storage.database)
    given = mark()
    with received(of_the_other_kind(world, tmp_path, databases), given=given) as there:
        move(world.storage, there, given)
        assert values(there) == before


@pytest.mark.by_day("url", why=DATABASES_ALIKE)
def test_cut_off_anywhere_it_goes_on_and_ends_right(world: World, tmp_path: Path, databases: Databases) -> None:
    """After any number of steps: nobody can open what came so far, and the next try writes only what is missing."""
    fill(world)
    with world.unit(minutes=2) as unit:
        person = world.person(unit, "77")
        for number in range(700):
            run = world.run(unit, person)
            unit.answers.add(uid(), run, "story", person, f'{{"value":{number}}}', NOW)
    before, given = values(world.storage.database), mark()
    url = of_the_other_kind(world, tmp_path, databases)
    kind: Kind = "empty"
    for steps in (0, 1, 9, 40, 66, 90, 110):
        with received(url, kind, given) as there, pytest.raises(Cut):
            move(world.storage, there, given, cut_after(steps))
        kind = moving.look(world.url, url, 0, (), lambda found: found == given)
        assert kind == "unfinished"
        with opened(url) as unfinished, pytest.raises(MoveUnfinished):
            unfinished.migrate()
    written: list[str] = []
    with received(url, kind, mark()) as there:

        @event.listens_for(there.engine, "before_cursor_execute")
        def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
            written.append(statement)

        move(world.storage, there, given)
        assert values(there) == before
    again = ("INSERT INTO people", "DELETE FROM people", "TRUNCATE")
    assert written
    assert not [statement for statement in written if statement.startswith(again)]
    with opened(url) as there:
        assert there.version() == HEAD


@pytest.mark.by_day("url", why=DATABASES_ALIKE)
def test_what_changed_between_two_tries_is_moved_as_it_is_now(
    world: World, tmp_path: Path, databases: Databases
) -> None:
    """Somebody woke the bot after a move was cut off: from the first table that differs, all is carried anew."""
    person = fill(world)
    url, given = of_the_other_kind(world, tmp_path, databases), mark()
    with received(url, given=given) as there, pytest.raises(Cut):
        move(world.storage, there, given, cut_after(120))
    with world.unit(minutes=9) as unit:
        unit.people.prefer(person, about="Otra cosa")
        unit.connection.exec_driver_sql("DELETE FROM asides")
    before = values(world.storage.database)
    with received(url, "unfinished", mark()) as there:
        move(world.storage, there, given)
        assert values(there) == before


@pytest.mark.by_day("url", why=DATABASES_ALIKE)
def test_what_was_moved_takes_nothing_more(world: World, tmp_path: Path, databases: Databases) -> None:
    """It says where everything went; a process that had it open is refused what it would write; the way back works."""
    fill(world)
    with world.again().unit(later(hours=1)) as unit:  # had it open before
        assert unit.people.list()
    other = world.again()
    with other.reading(later(hours=1)) as unit:
        assert unit.people.list()
    given = mark("postgresql://hilo@there/hilo")
    with received(of_the_other_kind(world, tmp_path, databases), given=given) as there:
        move(world.storage, there, given)
    before = values(world.storage.database)

    with pytest.raises(DBAPIError, match="moved"), other.unit(later(hours=2)) as unit:
        unit.audit.add("console", "late", "here", {})
    with pytest.raises(DBAPIError, match="moved"), other.database.write() as connection:
        connection.execute(answers.delete())
    for open_ in (Database.version, Database.migrate):
        with opened(world.url) as database, pytest.raises(DatabaseMoved) as caught:
            open_(database)
        assert caught.value.mark == given
    assert values(world.storage.database) == before

    with other.database.write() as connection:
        marks.lift(connection)
    with other.unit(later(hours=3)) as unit:
        unit.audit.add("console", "back", "here", {})
        assert unit.audit.verify() is None
    assert other.database.version() == HEAD


@pytest.mark.by_day("url", why=DATABASES_ALIKE)
def test_what_an_earlier_move_left_gives_way(world: World, tmp_path: Path, databases: Databases) -> None:
    """Moved back to where it came from: the old rows go, also those of whoever was erased meanwhile."""
    person = fill(world)
    url, given = of_the_other_kind(world, tmp_path, databases), mark()
    with received(url, given=given) as there:
        move(world.storage, there, given)
        storage = Storage(there, world.storage.vault)
        with storage.unit(later(days=1)) as unit:
            unit.people.prefer(person, about="Lo de ahora")
            unit.audit.add("console", "seen", "there", {})
        before = values(there)
        world.storage.database.dispose()
        assert moving.look(url, world.url, 0, {given.id}, lambda _: True) == "former"
        again = mark()
        with received(world.url, "former", again) as home:
            move(storage, home, again)
            assert values(home) == before
    with opened(world.url) as home:
        assert home.version() == HEAD


def refused(source: str, url: str, **more: Any) -> TargetRefused:
    """Look at where rows are to go, which is no place for them."""
    asked = {"size": 0, "own": (), "proven": lambda _: False} | more
    with pytest.raises(TargetRefused) as caught:
        moving.look(source, url, **asked)
    return caught.value


def test_where_something_is_nothing_goes(world: World, tmp_path: Path, databases: Databases) -> None:
    """Not to itself, to another organisation, to what was moved elsewhere, into another's move, or another's tables."""
    fill(world)
    url = of_the_other_kind(world, tmp_path, databases)
    assert refused(world.url, world.url).why == "same"
    with opened(url) as database:
        database.migrate()
        assert moving.look(world.url, url, 0, (), lambda _: False) == "empty"
        with database.write() as connection:
            connection.exec_driver_sql("INSERT INTO leases (name, holder, until) VALUES ('a', 'b', '2026-01-01 00:00')")
        assert refused(world.url, url).why == "rows"
        given = mark("postgresql://else/where")
        with database.write() as connection:
            connection.exec_driver_sql("DELETE FROM leases")
            marks.put(connection, marks.LEFT, given)
        assert refused(world.url, url).facts == {"to": "postgresql://else/where"}
        with database.write() as connection:
            marks.lift(connection)
            marks.put(connection, marks.COMING, given)
        assert refused(world.url, url).why == "unfinished"
        with database.write() as connection:
            marks.lift(connection)
            connection.exec_driver_sql("DROP TABLE alembic_version")
    assert refused(world.url, url).why == "tables"


def test_a_disk_without_room_is_said_beforehand(world: World, tmp_path: Path) -> None:
    """Before anything is made there."""
    found = refused(world.url, f"sqlite:///{tmp_path / 'large.db'}", size=10**15)
    assert (found.why, set(found.facts)) == ("room", {"need", "free"})
    assert not (tmp_path / "large.db").exists()


def test_a_server_that_lacks_letters_or_rights(world: World, databases: Databases) -> None:
    """A database in Latin-1 is refused; one where the account makes no tables fails, and has nothing in it."""
    server = make_url(databases.create())
    name = f"latin_{world.cohort.hex}"
    engine = create_engine(server.set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(
            f"CREATE DATABASE {name} ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0"
        )
        connection.exec_driver_sql(f"CREATE ROLE {name} LOGIN")
        connection.exec_driver_sql("REVOKE ALL ON SCHEMA public FROM PUBLIC")
        connection.exec_driver_sql("GRANT USAGE ON SCHEMA public TO PUBLIC")
    try:
        latin = server.set(database=name).render_as_string(hide_password=False)
        assert refused(world.url, latin).facts == {"encoding": "LATIN1"}
        plain = server.set(username=name).render_as_string(hide_password=False)
        assert moving.look(world.url, plain, 0, (), lambda _: False) == "empty"
        with pytest.raises(ProgrammingError, match="permission denied"):
            moving.receive(plain, "empty", mark())
    finally:
        with engine.connect() as connection:
            connection.exec_driver_sql(f"DROP DATABASE {name}")
            connection.exec_driver_sql(f"DROP ROLE {name}")
        engine.dispose()


@pytest.mark.by_day("url", why=DATABASES_ALIKE)
def test_an_older_database_is_migrated_first(world: World, tmp_path: Path, databases: Databases) -> None:
    """An empty one of an earlier version takes everything, too."""
    fill(world)
    url, given = of_the_other_kind(world, tmp_path, databases), mark()
    with opened(url) as database:
        database.migrate(known=tuple(f"{number:04}" for number in range(1, 30)))
    before = values(world.storage.database)
    assert moving.look(world.url, url, 0, (), lambda _: False) == "empty"
    with received(url, given=given) as there:
        move(world.storage, there, given)
        assert values(there) == before


@pytest.mark.by_day("url", why=DATABASES_ALIKE)
def test_what_arrives_otherwise_does_not_count(world: World, tmp_path: Path, databases: Databases) -> None:
    """A row that is changed on the other side while it is carried is found, and both stay as they were."""
    fill(world)
    url, given = of_the_other_kind(world, tmp_path, databases), mark()
    with received(url, given=given) as there:

        def disturb(step: str, _done: float) -> None:
            if step == "verify":
                return
            with there.write() as connection:
                connection.exec_driver_sql("UPDATE cohorts SET zone = 'Asia/Tokyo'")

        with pytest.raises(NotTheSame, match="cohorts"):
            move(world.storage, there, given, disturb)
    assert world.storage.database.version() == HEAD


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("postgresql://hilo:s3cret@db.example:5433/hilo", "postgresql://hilo@db.example:5433/hilo"),
        ("postgres://hilo:s3cret@/hilo?host=/run/pg&sslpassword=s3cret", "postgresql://hilo@/hilo?host=/run/pg"),
        ("sqlite:////srv/hilo/hilo.db", "sqlite:////srv/hilo/hilo.db"),
        ("sqlite:///hilo.db", f"sqlite:///{Path('hilo.db').absolute()}"),
    ],
)
def test_a_place_is_said_without_its_password(url: str, place: str) -> None:
    """It leads there all the same."""
    assert moving.place_of(url) == place
