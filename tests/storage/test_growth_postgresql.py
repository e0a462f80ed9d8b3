"""On PostgreSQL, too, what grows with the answers is found by an index, in a database that has grown."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import PrimaryKeyConstraint, Table, UniqueConstraint

from storage.tables import metadata
from tests.storage.grown import grow
from tests.storage.test_growth import (
    IN_ORDER,
    OF_ANSWERS,
    PARTIAL,
    PARTS,
    WHOLE,
    Statement,
    every_statement,
    lists_in,
    numbered,
)
from tests.storage.world import World

# Why a statement reads through one of these tables, or through an index of its rows, on PostgreSQL besides.
ALSO_WHOLE = {
    "export_rows._SAID_BESIDE": "all is exported",
    "readings._UNREAD_BY_ALL": "`hilo doctor` counts what nobody read; SQLite reads as many answers, by their moment",
}
# A plan for any number is one for a third of the table: the server makes another one for the number that is given.
GIVEN = {
    "outbox._BEGUN": {"after": "23900", "first": "1000", "last": "1100"},
    "reached._NEWEST": {"rows": "20"},
    "unread_said._SAID_BEFORE": {"before": "0"},
}
# By what these are found: there was a way by some index before, and it led through more with each answer.
BY = {
    "erasure._OF[deliveries]": "ix_deliveries_person_id_state",
    "erasure._WRITTEN": "ix_messages_written_by",
    "fetches._OPEN": "ix_runs_unfinished",
    "runs._REHEARSALS": "ix_runs_unfinished",
}
FEW = re.compile(rf"{PARTIAL.pattern}|ix_runs_(unfinished|resume)\b")
"""Partial indexes of those few rows alone for which there is something to do."""
BY_INDEX = {"Index Cond", "Recheck Cond", "TID Cond"}
Node = dict[str, Any]


def steps(node: Node, above: Node) -> Iterator[tuple[Node, Node]]:
    """Give each step of a plan, with the step that reads from it."""
    yield node, above
    for each in node.get("Plans", ()):
        yield from steps(each, node)


def reads_whole(node: Node, above: Node) -> bool:
    """Return whether a step goes through a table that grows with the answers, or through an index of all its rows."""
    if node.get("Relation Name") not in OF_ANSWERS or node["Node Type"] == "ModifyTable":
        return False
    # The newest one of all: one row at the end of an index.
    is_last = above.get("Node Type") == "Limit" and "Filter" not in node and "Index Name" in node
    return not (is_last or BY_INDEX & node.keys() or FEW.search(node.get("Index Name", "")))


def told(node: Node) -> str:
    """Return a step in one line."""
    return " ".join(str(node[each]) for each in ("Node Type", "Relation Name", "Index Name", "Filter") if each in node)


def planned(driver: Any, dialect: Any, name: str, statement: Statement) -> list[tuple[Node, Node]]:
    """Return the steps in which PostgreSQL means to run a statement, whatever values it is given."""
    compiled = statement.compile(dialect=dialect)
    sql = compiled.construct_expanded_state(dict.fromkeys(compiled.binds) | lists_in(compiled)).statement
    for bind, value in GIVEN.get(name, {}).items():
        assert f"%({bind})s" in sql, name
        sql = sql.replace(f"%({bind})s", value)
    # As bytes, for the driver to look for no places of its own.
    ((plan,),) = driver.execute(f"EXPLAIN (GENERIC_PLAN, FORMAT JSON) {numbered(sql)}".encode()).fetchall()
    return [*steps(plan[0]["Plan"], {})]


@pytest.mark.proof
@pytest.mark.filterwarnings("ignore:Column .* is marked as a member of the primary key")  # values come as it is run
def test_no_statement_reads_a_table_whole_that_grows_with_the_answers(pg_world: World) -> None:
    """But for those that are for the whole of it; no known one is left out, and what SQLite finds is found here."""
    mentioned = re.compile(rf"\b({'|'.join(OF_ANSWERS)})\b")
    looked, found, used = 0, {}, {}
    with pg_world.unit() as unit:
        grow(unit.connection)
        dialect, driver = unit.connection.dialect, unit.connection.connection.dbapi_connection
        # Here a table is soon read whole; this makes it as dear as if it were a hundred times as large.
        driver.execute("SET LOCAL seq_page_cost = 100")
        for name, statement in every_statement().items():
            sql = str(statement.compile(dialect=dialect))
            if mentioned.search(sql) and not (sql.startswith("INSERT") and "SELECT" not in sql):
                looked += 1
                plan = planned(driver, dialect, name, statement)
                used[name] = {node.get("Index Name") for node, _ in plan}
                if whole := [told(node) for node, above in plan if reads_whole(node, above)]:
                    found[name] = whole
        used["erasure._WRITTEN"] = {
            node.get("Index Name") for node, _ in planned(driver, dialect, "", every_statement()["erasure._WRITTEN"])
        }
        unit.connection.rollback()

    assert looked > 200
    assert [name for name, index in BY.items() if index not in used[name]] == []
    assert {name: whole for name, whole in found.items() if name not in {*WHOLE, *IN_ORDER, *PARTS, *ALSO_WHOLE}} == {}
    assert ALSO_WHOLE.keys() <= found.keys()


def _found_by(table: Table) -> set[str]:
    """Return the columns by which all rows of a table can be found: an index, or what is unique, begins with them."""
    whole = [index for index in table.indexes if index.dialect_options["sqlite"]["where"] is None]
    unique = [each for each in table.constraints if isinstance(each, PrimaryKeyConstraint | UniqueConstraint)]
    return {next(iter(each.columns)).name for each in (*whole, *unique) if each.columns}


@pytest.mark.parametrize("name", OF_ANSWERS)
def test_who_goes_is_not_looked_for_in_a_whole_table(name: str) -> None:
    """Where a row is deleted, both databases look for others that refer to it: by no statement that a plan shows."""
    table = metadata.tables[name]
    assert {key.parent.name for key in table.foreign_keys} <= _found_by(table)
