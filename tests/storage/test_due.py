"""Whether anything was written, and when something is due next: what nobody has to look for, then."""

from datetime import timedelta

from storage import due
from tests.storage.world import NOW, World, uid


def test_a_mark_changes_with_what_is_written(world: World) -> None:
    """Here or by another process: written rows change it; reading, and a transaction that writes nothing, do not."""
    database = world.storage.database
    first = database.mark()
    with world.storage.reading(NOW) as unit:
        unit.cohorts.list()
    with world.storage.unit(NOW) as unit:
        assert unit.outbox.claim(NOW, NOW, 5) == []
        assert unit.inbox.pending(NOW, 5) == []
    same = database.mark()
    with world.storage.unit(NOW) as unit:
        unit.cohorts.add(uid(), "Costa", ("es",))
    mine = database.mark()
    with world.again().unit(NOW) as unit:
        unit.cohorts.add(uid(), "Sierra", ("es",))
    others = database.mark()

    assert same == first
    assert len({str(mark) for mark in (first, mine, others)}) == 3
    assert database.mark() == others


def test_what_is_due_first(world: World) -> None:
    """Nothing waits: no moment. A message that waits to be said: its moment. Once it is said: none."""
    with world.storage.unit(NOW) as unit:
        assert due.first(unit) is None
        later = NOW + timedelta(hours=1)
        body = {"text": "hola"}
        seq = unit.outbox.put(uid(), None, "web", "c", "message", 0, body, due_at=later)
        assert due.first(unit) == later
        unit.outbox.put(uid(), None, "web", "d", "message", 0, body, due_at=NOW)
        assert due.first(unit) == NOW
        unit.outbox.close(seq + 1, "dropped", "answered")
        unit.outbox.close(seq, "dropped", "answered")
        assert due.first(unit) is None


def test_looking_for_what_is_due_reads_indexes_alone(world: World) -> None:
    """However long the history, only what waits is looked at."""
    if world.storage.database.dialect != "sqlite":
        return
    with world.storage.reading(NOW) as unit:
        statement = str(due._FIRST.compile(dialect=unit.connection.dialect, compile_kwargs={"literal_binds": True}))
        plan = [row[3] for row in unit.connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}")]

    assert [line for line in plan if line.startswith("SCAN") and "USING" not in line and "CONSTANT" not in line] == []
