"""What was not sent, or nobody knows, as the rows tell it: who may see what, and what is decided once."""

from uuid import UUID

import pytest
from sqlalchemy import text

from bot import clock
from storage.retention import give_up
from storage.unit import Unit
from storage.unsent import LEFT, RESENT
from tests.storage.world import World, later


def put(unit: Unit, chat: str, state: str = "failed", cohort: UUID | None = None) -> int:
    """Put something that was not sent to somebody, who may be in a cohort."""
    unit.addresses.link(unit.people.create(clock.new_id(), unit.now, "active", "es"), "telegram", chat, clock.new_id())
    person = unit.people.at("telegram", chat)
    assert person is not None
    if cohort is not None:
        unit.memberships.join(clock.new_id(), person.id, cohort)
    seq = unit.outbox.put(clock.new_id(), person, "telegram", chat, "message", 0, {"text": f"el agua {chat}"})
    unit.outbox.close(seq, state, "why", keep=True)
    return seq


def cohort(unit: Unit, name: str) -> UUID:
    """Make a cohort."""
    made = clock.new_id()
    unit.cohorts.add(made, name, ("es",), None, practice=False)
    return made


@pytest.mark.parametrize("state", ["failed", "unknown"])
def test_each_sees_her_cohorts_and_who_sees_all_the_rest_too(world: World, state: str) -> None:
    """By people's present cohorts; those in none, and strangers, only with `everywhere`."""
    with world.unit() as unit:
        sierra, costa = cohort(unit, "Sierra"), cohort(unit, "Costa")
        ours, theirs = put(unit, "1", state, sierra), put(unit, "2", state, costa)
        nobodys = put(unit, "3", state)
        stranger = unit.outbox.put(clock.new_id(), None, "telegram", "4", "message", 0, {"text": "hola"})
        unit.outbox.close(stranger, state, "why", keep=True)

        def seen(*cohorts: UUID, everywhere: bool = False) -> list[int]:
            return [each.seq for each in unit.unsent.page(cohorts, 9, everywhere=everywhere)]

        assert seen(sierra) == [ours]
        assert seen(sierra, costa) == [theirs, ours]
        assert seen() == []
        assert seen(sierra, costa, everywhere=True) == [stranger, nobodys, theirs, ours]
        assert unit.unsent.count([sierra], everywhere=True) == len(unit.unsent.seqs([costa], everywhere=True)) == 3
        assert unit.unsent.totals() == ((4, 0) if state == "failed" else (0, 4))
        row = unit.unsent.get(ours)
        assert row is not None
        assert (row.chat, row.body["text"], row.known) == ("1", "el agua 1", state == "failed")


@pytest.mark.parametrize(
    ("state", "decision", "after"),
    [
        ("failed", RESENT, "dropped"),
        ("failed", LEFT, "failed"),
        ("unknown", RESENT, "unknown"),
        ("unknown", LEFT, "unknown"),
    ],
)
def test_it_is_decided_once(world: World, state: str, decision: str, after: str) -> None:
    """Its words go; what may have been seen is still told so; whoever comes second decides nothing."""
    with world.unit() as unit:
        seq = put(unit, "1", state)
        row = unit.unsent.get(seq)
        assert row is not None
        assert unit.unsent.decide(row, decision)
        assert not unit.unsent.decide(row, decision)
        found = unit.connection.execute(text("SELECT state, reason, body FROM outbox")).one()
        assert tuple(found) == (after, decision, None)
        assert unit.unsent.get(seq) is None


def test_what_is_damaged_is_listed_without_words(world: World) -> None:
    """One row that does not open stands beside those that do."""
    with world.unit() as unit:
        damaged, whole = put(unit, "1"), put(unit, "2")
        unit.connection.execute(text("UPDATE outbox SET body = :junk WHERE seq = :row"), {"junk": b"x", "row": damaged})
        found = unit.unsent.page([], 9, everywhere=True)

        assert [(each.seq, bool(each.body)) for each in found] == [(whole, True), (damaged, False)]


def test_what_nobody_decides_is_given_up(world: World) -> None:
    """The words of what was put before a moment go, and nothing else."""
    with world.unit() as unit:
        put(unit, "1"), put(unit, "2", "unknown")
        assert give_up(unit, unit.now) == 0
        assert give_up(unit, later(minutes=1)) == 2
        assert unit.unsent.totals() == (0, 0)


def test_the_list_is_found_without_reading_what_was_sent(world: World) -> None:
    """By an index of its own: it is asked for at every menu, and the outbox grows for years."""
    if world.storage.database.dialect != "sqlite":
        pytest.skip("PostgreSQL reads a table of three rows whole, whatever its indexes")
    with world.unit() as unit:
        plan = unit.connection.execute(
            text(
                "EXPLAIN QUERY PLAN SELECT seq FROM outbox WHERE state IN ('failed', 'unknown') AND body IS NOT NULL "
                "ORDER BY seq DESC"
            )
        ).all()

    assert "ix_outbox_unsent" in str(plan)
