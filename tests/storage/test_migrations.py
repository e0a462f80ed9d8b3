"""Migrations: from nothing, over filled tables, all or nothing, and never on a database that is newer."""

import hashlib
import shutil
import subprocess
import sys
import warnings
from pathlib import Path
from textwrap import dedent

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, Table, exc, insert, select, text, update

from storage import resealing, sealing
from storage.database import HEAD, MIGRATIONS, REVISIONS, DanglingReferences, Database, DatabaseNewer
from storage.tables import alerts_before, audit, metadata
from storage.unit import Storage
from tests.by_day import DATABASES_ALIKE
from tests.storage.filled import CANARY, CHAT, NICKNAME, fill
from tests.storage.world import NOW, World, opened, uid

NEXT = "9001"
KNOWN = (*REVISIONS, NEXT)
# From the first revision and from the newest ones in each run of the tests; from those between in the proofs.
STEPS = [
    pytest.param(step, id=REVISIONS[step], marks=[] if step in {1, *range(len(REVISIONS))[-3:]} else pytest.mark.proof)
    for step in range(1, len(REVISIONS))
]


def folder_with(tmp_path: Path, body: str) -> Path:
    """Copy the migrations folder and put one more revision into it."""
    folder = tmp_path / "migrations"
    shutil.copytree(MIGRATIONS, folder, ignore=shutil.ignore_patterns("__pycache__"))
    lines = dedent(body).strip().replace("\n", "\n    ")
    (folder / "versions" / f"{NEXT}_next.py").write_text(
        f"import sqlalchemy as sa\nfrom alembic import op\n\nrevision = {NEXT!r}\ndown_revision = {HEAD!r}\n\n\n"
        f"def upgrade():\n    {lines}\n",
        "utf-8",
    )
    return folder


def hashes(connection: Connection) -> dict[str, list[str]]:
    """Hash every row of every table, over the columns the models know."""
    return {
        table.name: sorted(
            hashlib.sha256(repr(tuple(row)).encode()).hexdigest() for row in connection.execute(select(table))
        )
        for table in metadata.sorted_tables
    }


def schema(database: Database) -> set[str]:
    """Describe tables, columns, constraints and indexes in the database's own words."""
    queries = {
        "sqlite": """
            SELECT sql FROM sqlite_master
            WHERE sql IS NOT NULL AND name NOT IN ('alembic_version', 'sqlite_sequence')
        """,
        "postgresql": """
            SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename != 'alembic_version'
            UNION ALL SELECT conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid)
                FROM pg_constraint WHERE connamespace = 'public'::regnamespace
                AND conrelid::regclass::text != 'alembic_version'
            UNION ALL SELECT table_name || ' ' || column_name || ' ' || data_type || ' ' || is_nullable || ' '
                || coalesce(character_maximum_length::text, '') || ' ' || coalesce(column_default, '')
                FROM information_schema.columns WHERE table_schema = 'public' AND table_name != 'alembic_version'
        """,
    }
    with database.read() as connection:
        found = connection.execute(text(queries[database.dialect])).scalars().all()
    # In what order a table's constraints are written down says nothing.
    return {
        f"{line.split('(')[0]} {part.rstrip(') ')}"
        for line in (" ".join(line.replace('"', "").split()) for line in found)
        for part in line.split(", CONSTRAINT ")
    }


def test_the_code_knows_the_folders_revisions() -> None:
    """The constants in the code are the revisions in the folder, in their order, in one line."""
    script = ScriptDirectory.from_config(_config())
    found = [revision.revision for revision in script.walk_revisions()][::-1]

    assert tuple(found) == REVISIONS
    assert script.get_heads() == [HEAD]
    assert found


def test_nothing_becomes_the_newest_schema(empty_url: str) -> None:
    """An empty database is migrated to the newest revision; doing it again has nothing to do."""
    with opened(empty_url) as database:
        assert database.version() is None
        assert database.migrate()
        assert database.version() == database.head() == HEAD
        assert not database.migrate()


def test_models_are_the_schema(world: World) -> None:
    """Alembic finds no difference between the tables in the code and those that migrations made."""
    with world.storage.database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, metadata) == []
        spare = MetaData()
        Table("spare", spare)
        assert compare_metadata(context, spare)


def test_the_schema_is_the_same_to_the_letter(empty_url: str) -> None:
    """Checks, partial indexes and defaults, which Alembic does not compare, are those of the models, too."""
    with opened(empty_url) as database:
        for index in (index for table in metadata.tables.values() for index in table.indexes):
            if (condition := index.dialect_options["sqlite"]["where"]) is not None:
                index.dialect_kwargs["postgresql_where"] = condition
        metadata.create_all(database.engine)
        expected = schema(database)
        metadata.drop_all(database.engine)
        assert schema(database) == set()
        database.migrate()
        found = schema(database)

    assert found == expected
    assert len(found) > 100


@pytest.mark.parametrize("stored", ["9999", "0000_other"])
def test_a_newer_database_is_refused(world: World, stored: str) -> None:
    """A revision the code does not know is refused by name, with the newest one it knows; nothing is touched."""
    database = world.storage.database
    with database.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :stored"), {"stored": stored})
    before = schema(database)

    with pytest.raises(DatabaseNewer, match=f"{stored}.*{HEAD}") as caught:
        database.migrate()
    assert (caught.value.stored, caught.value.known) == (stored, HEAD)
    assert schema(database) == before
    assert database.version() == stored


REBUILD = """
    for table in ("people", "runs", "addresses", "cohorts"):
        with op.batch_alter_table(table) as batch:
            batch.add_column(sa.Column("note", sa.Text(), nullable=False, server_default="nueva"))
    with op.batch_alter_table("people") as batch:
        batch.alter_column("participation", type_=sa.String(40))
    with op.batch_alter_table("runs") as batch:
        batch.alter_column("status", type_=sa.String(40))
    with op.batch_alter_table("dialog_versions") as batch:
        batch.alter_column("name", type_=sa.String(200))
"""


@pytest.mark.by_day("empty_url", "step", why=DATABASES_ALIKE)
@pytest.mark.parametrize("step", STEPS)
def test_every_revision_keeps_the_rows_before_it(file_world: World, empty_url: str, step: int) -> None:
    """A database of an earlier revision, filled as far as it reaches, comes to the newest with all its rows."""
    fill(file_world)
    with opened(empty_url) as database:
        database.migrate(known=REVISIONS[:step])
        assert database.version() == REVISIONS[step - 1]
        old = MetaData()
        old.reflect(database.engine)
        before = _copied(file_world, database, old)
        assert all(before.values())

        assert database.migrate()
        with database.read() as connection:
            after = {name: _hashed(connection, old, name) for name in before}
        assert database.version() == HEAD
    assert after == before


def test_who_was_here_before_nicknames_and_moments_is_found(file_world: World, empty_url: str) -> None:
    """After the update everyone is to be looked at, invites have counted their uses, alerts are known as told."""
    fill(file_world)
    with file_world.unit() as unit:
        rings = update(alerts_before).values(added_to=None).returning(alerts_before.c.id)
        alert = unit.connection.execute(rings).scalar()
        told = {"at": NOW, "actor": "hilo", "action": "alerts.repeated", "subject": str(alert), "detail": b""}
        unit.connection.execute(insert(audit).values(**told, previous=b"", hash=b""))
    with opened(empty_url) as database:
        database.migrate(known=REVISIONS[: REVISIONS.index("0003") + 1])
        old = MetaData()
        old.reflect(database.engine)
        _copied(file_world, database, old)
        database.migrate()
        storage = Storage(database, file_world.storage.vault)
        if database.dialect == "postgresql":
            with database.write() as connection:  # rows were copied with their numbers
                connection.execute(text("SELECT setval(pg_get_serial_sequence('audit', 'seq'), 1000)"))
        resealing.seal_alerts(storage, lambda: NOW)
        assert sealing.begin(storage, lambda: NOW) > 0
        with storage.unit(NOW) as unit:
            person = unit.people.at("telegram", CHAT)
            assert person is not None
            assert list(unit.people.due(NOW)) == [person.id]
            assert sorted((each.uses, each.used) for each in unit.invites.list()) == [(1, 0), (1, 1), (3, 1)]
            assert [each.repeated_at is not None for each in unit.alerts.ringing()] == [True]
            assert [each.id for each in unit.alerts.open()] == [alert]
            cohorts = unit.memberships.of(person.id)
            assert list(unit.people.free([NICKNAME.upper(), "Ceiba"], cohorts, uid())) == ["Ceiba"]
            unit.people.call(person)
            assert list(unit.people.free([NICKNAME.upper(), "Ceiba"], cohorts, uid())) == ["Ceiba"]


LOSS = """
    op.execute("DELETE FROM people")
    op.add_column("media", sa.Column("x", sa.Text()))
"""
BREAK = """
    op.add_column("no_such_table", sa.Column("x", sa.Text()))
"""


def test_rows_survive_a_rebuild(world: World, tmp_path: Path) -> None:
    """Parent tables are rebuilt under a filled database: every row of every table stays, to the hash."""
    fill(world)
    database = world.storage.database
    with database.read() as connection:
        before = hashes(connection)
    assert all(before.values())

    assert database.migrate(folder_with(tmp_path, REBUILD), KNOWN)

    with database.read() as connection:
        assert hashes(connection) == before
        notes = connection.execute(text("SELECT count(*) FROM people WHERE note = 'nueva'")).scalar_one()
        assert notes == len(before["people"])
    assert database.version() == NEXT
    with Storage(database, world.storage.vault).unit(NOW) as unit:
        person = unit.people.at("telegram", CHAT)
        assert person is not None
        assert (person.nickname, person.preferences) == (NICKNAME, {"about": CANARY})


def test_foreign_keys_hold_after_a_migration(world: World, tmp_path: Path) -> None:
    """After a migration a row that points at nothing is refused again, on the very connections that migrated."""
    database = world.storage.database
    database.migrate(folder_with(tmp_path, REBUILD), KNOWN)

    lost = "INSERT INTO invite_uses (invite_id, person_id, used_at) VALUES ('{0}', '{0}', '2026-03-02')"
    for _ in range(2):
        with pytest.raises(exc.IntegrityError), database.engine.begin() as connection:
            connection.exec_driver_sql(lost.format("0" * 32))


def test_a_migration_that_loses_a_parent_is_undone(file_world: World, tmp_path: Path) -> None:
    """On SQLite a migration after which rows point at nothing is rolled back whole, and says in which tables."""
    fill(file_world)
    database = file_world.storage.database
    folder = folder_with(
        tmp_path, 'op.execute("DELETE FROM people")\nop.add_column("media", sa.Column("x", sa.Text()))'
    )
    with database.read() as connection:
        before = hashes(connection)

    with pytest.raises(DanglingReferences, match="person_addresses"):
        database.migrate(folder, KNOWN)

    with database.read() as connection:
        assert hashes(connection) == before
    assert database.version() == HEAD
    assert "x TEXT" not in " ".join(schema(database))


def test_a_migration_that_fails_leaves_nothing(world: World, tmp_path: Path) -> None:
    """A migration that breaks in the middle leaves schema, rows and revision as they were."""
    fill(world)
    database = world.storage.database
    folder = folder_with(tmp_path, REBUILD.rstrip() + BREAK)
    with database.read() as connection:
        before = hashes(connection)
    as_it_was = schema(database)

    with pytest.raises(exc.DBAPIError):
        database.migrate(folder, KNOWN)

    with database.read() as connection:
        assert hashes(connection) == before
    assert schema(database) == as_it_was
    assert database.version() == HEAD


@pytest.mark.proof
def test_processes_that_start_at_once_migrate_once(empty_url: str) -> None:
    """Three processes that find an empty database at the same time make one schema, and none fails."""
    script = (
        "import sys; from storage.database import Database; database = Database.open(sys.argv[1]); "
        "print(database.migrate(), database.version()); database.dispose()"
    )
    command = [sys.executable, "-c", script, empty_url]
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    said = sorted(process.communicate()[0].strip() for process in processes)

    assert [process.returncode for process in processes] == [0, 0, 0]
    assert said[-1] == f"True {HEAD}"
    assert set(said) <= {f"True {HEAD}", f"False {HEAD}"}
    with opened(empty_url) as database:
        assert database.version() == HEAD


def test_migrating_warns_of_nothing(empty_url: str) -> None:
    """No migration uses what its libraries are about to take away."""
    with warnings.catch_warnings(record=True) as caught, opened(empty_url) as database:
        warnings.simplefilter("always")
        database.migrate()
    assert [str(warning.message) for warning in caught] == []


def _copied(world: World, database: Database, old: MetaData) -> dict[str, list[str]]:
    """Copy every row into tables of an earlier schema, and hash what arrived."""
    with world.reading() as unit, database.write() as connection:
        for table in old.sorted_tables:
            if table.name in metadata.tables:
                now = _now(old, table.name)
                columns = [column for column in now.c if column.name in old.tables[table.name].c]
                rows = unit.connection.execute(select(*columns)).mappings().all()
                then = now.to_metadata(MetaData(), name=table.name)
                connection.execute(then.insert().inline(), [dict(row) for row in rows])
        return {name: _hashed(connection, old, name, then=True) for name in old.tables if name != "alembic_version"}


def _now(old: MetaData, name: str) -> Table:
    """Return the table that has the rows of an earlier schema's table."""
    moved = name == "alerts" and "body" not in old.tables[name].c
    return metadata.tables["alerts_before" if moved else name]


def _hashed(connection: Connection, old: MetaData, name: str, *, then: bool = False) -> list[str]:
    now = _now(old, name)
    now = now.to_metadata(MetaData(), name=name) if then else now
    rows = connection.execute(select(*(now.c[column.name] for column in old.tables[name].c)))
    return sorted(hashlib.sha256(repr(tuple(row)).encode()).hexdigest() for row in rows)


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return config
