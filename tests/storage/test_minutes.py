"""What tells when: each moment of people's rows is a whole minute and each id random, but for what is named here."""

import importlib
import pkgutil
import re
from datetime import timedelta
from itertools import pairwise
from typing import Any, Final

from sqlalchemy import BindParameter, ClauseElement, Column, select, text, update
from sqlalchemy.sql import visitors

import storage
from bot import clock
from storage.tables import Moment, WholeMinute, metadata
from tests.storage.filled import fill
from tests.storage.world import NOW, World, uid

OF_THE_TEAM: Final = "it is the organisation's or the team's own, and no row of a participant"
EXACT: Final[dict[str, str]] = {
    **dict.fromkeys(
        (
            *("organisation.changed_at", "organisation.key_confirmed_at", "organisation.backup_verified_at"),
            *("cohorts.created_at", "dialog_versions.created_at", "own_dialogs.changed_at", "own_dialogs.retired_at"),
            *("own_dialogs.first_at", "own_dialogs.kept_at"),
            *("purposes.created_at", "invites.created_at", "invites.expires_at", "invites.revoked_at"),
            *(f"broadcasts.{verb}_at" for verb in ("ordered", "due", "cancelled", "closed", "reminded")),
            *("broadcasts.closes_at", "schedules.made_at", "schedules.next_at", "schedules.reviewed_at"),
            *(
                "decisions.made_at",
                "decisions.told_at",
                "signs.made_at",
                "signs.ended_at",
                "judgements.written_at",
                "judgements.taken_back_at",
            ),
            *("fetches.worked_at", "fetches.missed_since", "fetches.missed_until"),
            *("restores.backup_at", "restores.restored_at", "restores.held_at", "restores.decided_at"),
            *(f"roles.{name}_at" for name in ("granted", "expires", "revoked", "rested")),
            *("role_rests.asked_at", "role_rests.decided_at", "role_rests.ended_at"),
            *("epoch.begun_at", "epoch.owed_at", "epoch.settled_at", "epoch.swept_at"),
            *("former_keys.replaced_at", "former_keys.finished_at"),
        ),
        OF_THE_TEAM,
    ),
    "leases.until": "ten seconds of a process; nobody's",
    "processes.began_at": "of a process, nobody's",
    "processes.seen_at": "three seconds of a process; nobody's",
    "panels.changed_at": "a panel changes every thirty seconds at most; its row goes with its message",
    "panels.until": "a card stands for two minutes; its row goes with its message",
    "inbox.next_at": "an update is tried again after seconds; a minute once it was handled",
    "outbox.due_at": "a message is tried again after seconds; a minute once it was sent or given up",
    "outbox.lease_until": "ninety seconds, while a message is being sent; empty afterwards",
    "outbox.sent_at": "when sending began, while it is under way; a minute afterwards",
    "outbox.doubted_at": "of a message that may have arrived: what was written a second later answers it",
    "pin_tries.wait_until": "ten seconds have to be ten; the row goes with the right PIN",
}
"""The columns that keep a moment to the microsecond, each with the reason."""
ODD: Final = NOW + timedelta(seconds=37, microseconds=123_456)


def moments() -> list[Column[Any]]:
    """List every column that holds a moment."""
    return [column for table in metadata.sorted_tables for column in table.c if isinstance(column.type, Moment)]


def test_each_moment_is_a_whole_minute_or_says_why_not() -> None:
    """A column that is added later is cut to its minute, or is named here."""
    exact = {str(column) for column in moments() if not isinstance(column.type, WholeMinute)}
    assert exact == set(EXACT)
    assert len(moments()) - len(exact) >= 50


def test_no_seconds_reach_the_disk(world: World) -> None:
    """Whatever is written into such a column, its minute is stored; and what is looked for is cut to its minute."""
    fill(world)
    cut = [column for column in moments() if isinstance(column.type, WholeMinute)]
    with world.unit() as unit:
        for column in cut:
            assert unit.connection.execute(update(column.table).values({column.name: ODD})).rowcount > 0
        for column in cut:
            name, table = column.name, column.table.name
            written = unit.connection.execute(text(f"SELECT CAST({name} AS text) FROM {table}")).scalars().all()  # noqa: S608 -- our own names
            assert {bool(re.match(r"2026-03-02 \d\d:00:00(\.0+|\+\d\d)?$", each)) for each in written} == {True}, table
            assert set(unit.connection.execute(select(column).where(column >= ODD)).scalars()) == {NOW}


def test_ids_say_nothing_of_when_they_were_made() -> None:
    """A thousand ids one after the other: random but for the version, and in no order."""
    made = [clock.new_id() for _ in range(1000)]
    assert {each.version for each in made} == {4}
    rises = sum(first < second for first, second in pairwise(made))
    assert 400 < rises < 600
    assert len({each.bytes[:6] for each in made}) == 1000


def test_consent_given_and_withdrawn_in_one_minute(world: World) -> None:
    """The later one holds, whatever the ids and however the clock stands."""
    for first, second in (("given", "withdrawn"), ("withdrawn", "given")):
        with world.unit(seconds=50) as unit:
            person = world.person(unit, None)
            unit.consents.add(max(uid(), uid()), person, first, "v1", "es", "¿Aceptas?")
        with world.unit(seconds=20) as unit:  # the clock was put back
            unit.consents.add(min(uid(), uid()), person, second, "v1", "es", "¿Aceptas?")
            latest = unit.consents.latest(person.id)
            assert latest is not None
            assert (latest.action, latest.at) == (second, NOW)
            assert [each.action for each in unit.consents.of(person)] == [first, second]


def test_no_value_is_compared_as_both() -> None:
    """One value bound in a statement to a column of minutes and to an exact one would be cut for both."""
    seen = 0
    for module in pkgutil.iter_modules(storage.__path__):
        known = vars(importlib.import_module(f"storage.{module.name}")).values() if not module.ispkg else ()
        for value in known:
            for statement in (*value,) if isinstance(value, tuple) else (value,):
                types: dict[str, set[type]] = {}
                for each in visitors.iterate(statement) if isinstance(statement, ClauseElement) else ():
                    if isinstance(each, BindParameter) and isinstance(each.type, Moment):
                        types.setdefault(each.key, set()).add(type(each.type))
                seen += bool(types)
                assert {name: found for name, found in types.items() if len(found) > 1} == {}, module.name
    assert seen > 50
