"""The registry of tables: every table has a rule, and what the rules say is so, on both databases."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import Column, LargeBinary, Text, Uuid, and_, func, select, tuple_, update

from storage import copies, keys_files, retention
from storage.addresses import address_lookup
from storage.erasure import erase
from storage.people import Person
from storage.rule_kinds import BackupFile, ColumnContent, Deleted, KeptWhile, StaysAfterErasure
from storage.seals import SEAL
from storage.table_rules import OWNERS, PERIODS, RULES
from storage.tables import Moment, Sealed, audit, metadata, readings_begun, web_sessions
from storage.unit import Unit
from tests.storage.filled import fill
from tests.storage.world import World, later, uid

CHAT, WEB_CHAT = "5550004445556", "web-of-whoever-works-here"


def told_by(content: ColumnContent) -> list[Column[Any]]:
    """List the columns that hold something, by the registry."""
    return [table.c[name] for table, rule in RULES.items() for name, each in rule.columns.items() if each is content]


def may_tell(column: Column[Any]) -> bool:
    """Tell whether a column may lead to a person or say something about one, by its type."""
    if column.name == SEAL:
        return False  # `storage.seal_rules` declares it
    points = {key.column.table.name for key in column.foreign_keys}
    if isinstance(column.type, LargeBinary | Text) and not points:
        return True
    return isinstance(column.type, Uuid) and (points == {"people"} or (not points and column.name != "id"))


def test_every_table_has_a_rule() -> None:
    """The registry has each table of the schema, once, and no other."""
    assert set(RULES) == set(metadata.sorted_tables)
    assert len(RULES) >= 30


def test_every_column_that_may_tell_of_somebody_is_declared() -> None:
    """Whatever is sealed, hashed, an id of somebody or in free words says in its rule what it holds."""
    silent = [
        str(column)
        for table in metadata.sorted_tables
        for column in table.c
        if may_tell(column) and column.name not in RULES[table].columns
    ]
    assert silent == []
    assert {str(table.c[name]) for table, rule in RULES.items() for name in rule.columns} >= {"audit.actor"}


def test_rules_fit_their_tables() -> None:
    """What a rule says can be so: a key needs an owner, a period a moment, and who is erased a column to find it by."""
    for table, rule in RULES.items():
        held = set(rule.columns.values())
        sealed = {column.name for column in table.c if isinstance(column.type, Sealed)}
        contents = {
            ColumnContent.OWNER_SEALED,
            ColumnContent.SEALED,
            ColumnContent.DAY_SEALED,
            ColumnContent.INVITE_SEALED,
            ColumnContent.BROWSER_SEALED,
        }
        assert sealed == {name for name, each in rule.columns.items() if each in contents}, table.name
        assert ColumnContent.OWNER_SEALED not in held or ColumnContent.OWNER in held, table.name
        chats = isinstance(rule.erasing, Deleted) and rule.erasing.chats
        assert isinstance(rule.erasing, Deleted) == bool(ColumnContent.OWNER in held or chats), table.name
        assert not chats or ColumnContent.CHAT in held, table.name
    assert all(isinstance(moment.type, Moment) for moment in PERIODS.values())
    assert len(PERIODS) >= 7


def found_in(unit: Unit, wanted: UUID) -> set[str]:
    """Find every column of every table in which an id stands, as an id or in words."""
    words = {wanted, str(wanted), wanted.hex}
    return {
        str(column)
        for table in metadata.sorted_tables
        for column in table.c
        if not isinstance(column.type, LargeBinary)
        and any(value in words for value in unit.connection.execute(select(column)).scalars())
    }


def hashed_in(unit: Unit, lookups: set[bytes]) -> set[str]:
    """Find every column of every table in which a keyed hash stands."""
    return {
        str(column)
        for table in metadata.sorted_tables
        for column in table.c
        if isinstance(column.type, LargeBinary)
        and any(value in lookups for value in unit.connection.execute(select(column)).scalars())
    }


def everywhere(world: World) -> tuple[Person, set[bytes]]:
    """Add somebody who did all that is noted anywhere; returns who that is, and the hashes of the chats."""
    fill(world)
    with world.unit() as unit:
        person = world.person(unit, CHAT)
        unit.addresses.link(person, "web", WEB_CHAT, uid())
        unit.web_sessions.open(uid(), "another-token", WEB_CHAT, later(minutes=10))
        unit.inbox.accept([(uid(), "telegram", "u88", CHAT, b"hola")])
        unit.outbox.put(uid(), person, "telegram", CHAT, "message", 0, {"text": "hola"})
        unit.audit.add(person.id, "people.read", person.id, {})
        for column in told_by(ColumnContent.ACTOR):
            if column.table is not audit:
                keys = list(column.table.primary_key.columns)
                first = unit.connection.execute(select(*keys).limit(1)).one()
                done = unit.connection.execute(
                    update(column.table)
                    .where(tuple_(*keys) == tuple_(*first) if len(keys) > 1 else keys[0] == first[0])
                    .values({column.name: person.id})
                )
                assert done.rowcount == 1
        vault = unit.vault
        return person, {address_lookup(vault, "telegram", CHAT), address_lookup(vault, "web", WEB_CHAT)}


def test_of_an_erased_person_is_left_what_the_rules_say(world: World) -> None:
    """No column of any table has the id or a chat's hash any more, but those of which the registry says so."""
    person, lookups = everywhere(world)
    actors = {str(column) for column in told_by(ColumnContent.ACTOR)}
    chats = {
        str(each) for each in told_by(ColumnContent.CHAT) if isinstance(RULES[each.table].erasing, StaysAfterErasure)
    }
    with world.unit() as unit:
        assert found_in(unit, person.id) >= actors | {"people.id", "memberships.person_id", "outbox.person_id"}
        assert hashed_in(unit, lookups) >= {"addresses.lookup", "inbox.lookup", "outbox.lookup"}
        erase(unit, person.id)
    with world.reading() as unit:
        assert found_in(unit, person.id) == actors
        assert hashed_in(unit, lookups) == chats == {str(web_sessions.c.address)}


def test_rows_of_an_erased_person_go_and_no_others(world: World) -> None:
    """Of each table the owner's rows are gone; whoever else is in it, and all that is nobody's, stays."""
    person = fill(world)
    with world.unit() as unit:
        before = counted(unit)
        owned = {table.name: rows_of(unit, owner, person.id) for table, owner in OWNERS.items()}
        others = {"inbox": 1, "addresses": 2, "recollections": 1, "alerts": 1, "invite_keys": 1}
        erase(unit, person.id)
        after = counted(unit)
    expected = {name: number - owned.get(name, 0) - others.get(name, 0) for name, number in before.items()}
    expected["erasures"] += 1
    after_erasure = {"erasures"}  # what it notes

    assert all(owned.values()), owned
    assert after == expected
    assert {name for name, number in before.items() if number == after[name]} | after_erasure == {
        table.name for table, rule in RULES.items() if isinstance(rule.erasing, StaysAfterErasure)
    }


def rows_of(unit: Unit, owner: Column[Any], person_id: UUID) -> int:
    """Count a person's rows in a table."""
    statement = select(func.count()).select_from(owner.table).where(and_(owner == person_id))
    return int(unit.connection.execute(statement).scalar_one())


def counted(unit: Unit) -> dict[str, int]:
    """Count the rows of every table."""
    return {
        table.name: int(unit.connection.execute(select(func.count()).select_from(table)).scalar_one())
        for table in metadata.sorted_tables
    }


def test_what_is_kept_for_the_months_goes_after_them(world: World) -> None:
    """Once the months are over each table with a period is empty, and of the others no row went."""
    fill(world)
    with world.unit(days=800) as unit:
        before = counted(unit)
        assert retention.forget(unit, later(days=400))
        after = counted(unit)
    with_answers = {readings_begun.name}

    assert {name for name, number in after.items() if number < before[name]} == with_answers | {
        table.name for table in PERIODS
    }
    assert {after[name] for name in with_answers | {table.name for table in PERIODS}} == {0}
    assert isinstance(RULES[readings_begun].keeping, KeptWhile)


def test_a_backup_has_each_table_in_its_file(world: World, tmp_path: Path) -> None:
    """Rows of every table are in the data file, but those that the registry puts into the keys file."""
    fill(world)
    path = tmp_path / "copy.db"
    with world.storage.database.read() as connection:
        copies.copy(connection, path, lambda _: None)
    copies.take_keys(path)
    with closing(sqlite3.connect(path)) as file:
        left = {
            table.name
            for table in metadata.sorted_tables
            if file.execute(f"SELECT count(*) FROM {table.name}").fetchone()[0]  # noqa: S608 -- our own names
        }
    with world.unit(minutes=2) as unit:
        _, taken = keys_files.collect(unit)

    assert left == {table.name for table, rule in RULES.items() if rule.backup is BackupFile.DATA}
    assert {name for name, rows in taken.items() if rows} == {
        table.name for table, rule in RULES.items() if rule.backup is BackupFile.KEYS
    }
