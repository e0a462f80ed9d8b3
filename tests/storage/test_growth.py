"""What is looked for at every turn, tick and hour is found by an index, however many people and answers there are."""

import re
from collections.abc import Iterator
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

import pytest
from sqlalchemy import CompoundSelect, Select, UpdateBase

import storage
from storage import (
    alerts,
    following,
    inbox,
    invites,
    people,
    reach_notes,
    readings,
    retention,
    runs,
    support_requests,
    thread,
    unread_said,
)
from storage.sealed_statements import Change, Verified
from storage.table_rules import PERIODS
from tests.storage.world import World

# The statement, and the index it is found by; PostgreSQL, whose tables are empty here, may take another one.
FOUND: dict[str, tuple[Select[Any] | UpdateBase, str]] = {
    "whom something is due for": (people._DUE, "ix_people_look_at"),
    "who has a nickname": (people._CALLED, "ix_memberships_nickname"),
    "whose nickname is not hashed yet": (people._UNKNOWN_NAMES, "ix_memberships_nickname"),
    "where she is called something": (people._PRESENT_MEMBERSHIPS, "uq_memberships_present"),
    "whom a cohort's change concerns": (people._LOOK_AGAIN_IN, "ix_memberships_nickname"),
    "who used an invite": (invites._USED_BY_PERSON, "invite_uses"),
    "alerts nobody saw to": (alerts._OPEN, "ix_alerts_open"),
    "alerts about a run": (alerts._AT, "ix_alerts_place"),
    "alerts of a day": (alerts._SINCE, "ix_alerts_raised_at"),
    "what is asked for and not done": (support_requests._OPEN, "ix_support_requests_open"),
    "what was said before requests were noted": (unread_said._SAID_BEFORE, "answers USING INTEGER PRIMARY KEY"),
    "whose name answers have": (readings._NAMES, "ix_memberships_cohort_id"),
    "how much there is to read": (readings._COUNT, "ix_runs_cohort_id_person_id"),
    "up to where somebody has read": (readings._COUNT, "readings USING COVERING INDEX"),
    "which voice notes nobody has heard": (readings._SECONDS, "readings USING COVERING INDEX"),
    "what somebody asked for": (support_requests._OF, "ix_support_requests_person_id"),
    "what somebody asked for in a run": (support_requests._OPEN_IN, "ix_support_requests_person_id"),
    "notes that nothing needs": (reach_notes._UNNEEDED, "ix_support_requests_person_id"),
    "whether she had a dialog": (runs._HAD, "ix_runs_person_id_status"),
    "runs of a closed order": (following._STILL, "ix_runs_asking"),
    "runs nobody went on with": (retention._OLD_RUNS, "ix_runs_unfinished"),
    "who left long ago": (retention._ALL_GONE, "ix_people_outside"),
    "words said long ago": (retention._WORDY, "ix_outbox_words"),
    "rows of one part": (retention._DROP, "outbox"),
    "the next part": (retention._NEXT, "outbox"),
    "files of old media": (retention._OLD_MEDIA, "ix_media_received_at"),
    **{
        f"old {table.name}": (retention._OLD[table], f"ix_{table.name}_{moment.name}")
        for table, moment in PERIODS.items()
    },
    "what is being sent in the chat of an update": (inbox._PENDING, "outbox USING INDEX ix_outbox_chat"),
    "whether a message is on its way": (thread._ON_THE_WAY, "outbox USING INDEX ix_outbox_chat"),
    "whether anything is due in a chat": (thread._ON_ITS_WAY, "outbox USING INDEX ix_outbox_chat"),
    "what is forgotten in a chat": (thread._FORGOTTEN, "addresses"),
}
GROWING = ("people", "memberships", "outbox", "answers", "runs", "invite_uses", "media", "messages", "readings")


def planned(world: World, statement: Select[Any] | UpdateBase) -> list[str]:
    """Give how the database means to go about a statement, a line a step."""
    with world.reading() as unit:
        compiled = statement.compile(dialect=unit.connection.dialect)
        sql = str(compiled)
        if unit.connection.dialect.name == "sqlite":
            values = (None,) * len(compiled.positiontup or ())
            found = unit.connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", values)
            return [str(row[-1]) for row in found]
        # A small table is read whole, unless that is made dear.
        unit.connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        found = unit.connection.exec_driver_sql(f"EXPLAIN (GENERIC_PLAN) {numbered(sql)}")
        return [str(row[0]) for row in found]


def numbered(sql: str) -> str:
    """Put PostgreSQL's own places for values where the driver's stand."""
    pieces, number = [], 0
    for piece in sql.split("%("):
        name, ends, rest = piece.partition(")s")
        if pieces and ends:
            number += 1
            pieces.append(f"${number}{rest}")
        else:
            pieces.append(name)
    return "".join(pieces).replace("%%", "%")


@pytest.mark.parametrize("name", FOUND)
def test_it_is_found_by_its_index(world: World, name: str) -> None:
    """The plan names the index, and reads through no table that grows with people."""
    given, index = FOUND[name]
    statement = given.whole if isinstance(given, Verified) else given
    plan = planned(world, statement)
    if world.storage.database.dialect == "sqlite":
        assert any(index in line for line in plan), plan
    whole = [
        line for line in plan for table in GROWING if line.strip() == f"SCAN {table}" or f"Seq Scan on {table}" in line
    ]
    assert not whole, plan


Statement = Select[Any] | CompoundSelect[Any] | UpdateBase
OF_ANSWERS = ("outbox", "inbox", "audit", "answers", "runs", "deliveries", "readings")
"""What grows with every answer."""
# Why a statement reads through one of these tables, or through an index of its rows.
WHOLE = {
    "audit._COUNT": "an admin reads the trail",
    "audit._ALL": "the trail is verified",
    "copies._UNSETTLE": "a backup is put in place",
    "export_rows._COUNT": "all is exported",
    "export_rows._RUNS": "all is exported",
    "restores._LIST": "a backup was put in place, and nobody has said what became of what it held",
}
# Backwards or forwards by number, as far as the first ones that are wanted.
IN_ORDER = {"audit._LAST", "audit.NEWEST", "audit._PAGE", "inbox._NEWEST", "inbox._TRIM"}
# Others are made of these, which are narrower; by themselves they are never run.
PARTS = {
    "broadcasts._TO_BEGIN",
    "claims._ROWS",
    "decisions._BEGUN",
    "export_rows._OF_VERSION",
    "runs._WITH_KEYS",
    "unread_said._UNREAD_SAID",
}
PARTIAL = re.compile(
    r"ix_(inbox_(pending|aside|words|chat)|outbox_(waiting|chat|unsent|words)|deliveries_waiting|runs_asking)"
)
"""Indexes of those few rows alone for which there is something to do."""


def _statements(name: str, value: Any) -> Iterator[tuple[str, Statement]]:
    """Give the statements that a value is, or holds, each with its name."""
    if isinstance(value, Verified):
        yield name, value.whole
    elif isinstance(value, Change):
        yield from ((f"{name}, looking", value.look.whole), (f"{name}, writing", value.write))
    elif isinstance(value, Select | CompoundSelect | UpdateBase):
        yield name, value
    elif isinstance(value, dict):
        for key, each in value.items():
            yield from _statements(f"{name}[{key}]", each)
    elif isinstance(value, tuple | list):
        for place, each in enumerate(value):
            yield from _statements(f"{name}[{place}]", each)


def every_statement() -> dict[str, Statement]:
    """Return every statement that lives as long as the program, by its module and name."""
    found = {}
    for module in iter_modules(storage.__path__):
        if not module.ispkg:
            for name, value in vars(import_module(f"storage.{module.name}")).items():
                found.update(_statements(f"{module.name}.{name}", value))
    return found


def lists_in(compiled: Any) -> dict[str, list[Any]]:
    """Return a value for each list that a statement takes: one of its items, which may be several columns'."""
    wide = {name: len(getattr(bind.type, "types", ())) for name, bind in compiled.binds.items() if bind.expanding}
    return {name: [(None,) * width if width else None] for name, width in wide.items()}


def read_whole(unit: Any, statement: Statement) -> list[str]:
    """Return the steps in which SQLite means to read through a table that grows with the answers."""
    dialect = unit.connection.dialect
    compiled = statement.compile(dialect=dialect)
    expanded = compiled.construct_expanded_state(dict.fromkeys(compiled.binds) | lists_in(compiled))
    tables = "|".join(OF_ANSWERS)
    nothing = (None,) * len(expanded.positiontup or ())
    plan = unit.connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {expanded.statement}", nothing)
    steps = [str(row[-1]) for row in plan]
    return [line for line in steps if re.match(rf"SCAN ({tables})\b", line) and not PARTIAL.search(line)]


def reading_whole(unit: Any) -> dict[str, list[str]]:
    """Return the statements that mean to read through a table that grows with the answers, each with its steps."""
    mentioned = re.compile(rf"\b({'|'.join(OF_ANSWERS)})\b")
    looked, found = 0, {}
    for name, statement in every_statement().items():
        sql = str(statement.compile(dialect=unit.connection.dialect))
        if mentioned.search(sql) and not (sql.startswith("INSERT") and "SELECT" not in sql):
            looked += 1
            if steps := read_whole(unit, statement):
                found[name] = steps
    assert looked > 200
    return found


@pytest.mark.filterwarnings("ignore:Column .* is marked as a member of the primary key")  # values come as it is run
def test_no_statement_reads_a_table_whole_that_grows_with_the_answers(file_world: World) -> None:
    """But for those that are for the whole of it, each with its reason; and each of these does."""
    with file_world.reading() as unit:
        found = reading_whole(unit)

    known = {*WHOLE, *IN_ORDER, *PARTS}
    assert {name: steps for name, steps in found.items() if name not in known} == {}
    assert known == found.keys()
