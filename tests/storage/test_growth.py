"""What is looked for at every turn, tick and hour is found by an index, however many people there are."""

from typing import Any

import pytest
from sqlalchemy import Select, UpdateBase

from storage import (
    alerts,
    following,
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
from storage.sealed_statements import Verified
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
    "what somebody asked for": (support_requests._OF, "ix_support_requests_person_id"),
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
        found = unit.connection.exec_driver_sql(f"EXPLAIN (GENERIC_PLAN) {_numbered(sql)}")
        return [str(row[0]) for row in found]


def _numbered(sql: str) -> str:
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
