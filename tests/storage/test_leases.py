"""Who does what one process alone may do: leases on the clock of a real PostgreSQL, with a number that grows."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from storage import leases
from storage.connections import LeaseLost
from storage.database import may_be_written, transient_error
from storage.leases import FolderElsewhere, SharedFolder, Work
from tests.storage.world import World, uid

COURIER, TICK = "courier", "tick"
SHORT = timedelta(seconds=0.3)
PAST = 0.4  # seconds after which a short lease has run out
LONG = timedelta(hours=1)


@contextmanager
def on(world: World) -> Iterator[Connection]:
    """Open a transaction of a process."""
    with world.storage.database.write() as connection:
        yield connection


def taken(world: World, me: UUID, *names: str, length: timedelta = LONG) -> dict[str, int]:
    """Let a process take what is free; returns the numbers."""
    with on(world) as connection:
        return leases.take(connection, me, names, length)


def test_one_takes_it_and_others_stand_by(pg_world: World) -> None:
    """What is held is nobody else's until it runs out; its holder keeps it by renewing, under the same number."""
    one, other = uid(), uid()
    assert taken(pg_world, one, COURIER, TICK, length=SHORT) == {COURIER: 1, TICK: 1}
    assert taken(pg_world, other, COURIER, TICK) == {}
    with on(pg_world) as connection:
        assert leases.renew(connection, one, LONG) == {COURIER: 1, TICK: 1}
    time.sleep(PAST)
    assert taken(pg_world, other, COURIER, TICK) == {}
    with on(pg_world) as connection:
        assert 3590 < leases.left(connection, other, [COURIER, TICK]) <= 3600
        assert leases.left(connection, one, [COURIER]) == float("inf")


def test_what_ran_out_is_taken_under_a_higher_number(pg_world: World) -> None:
    """After its time another takes it, once; who held it before renews nothing, and may take it back in its turn."""
    one, other = uid(), uid()
    taken(pg_world, one, COURIER, length=SHORT)
    time.sleep(PAST)
    with on(pg_world) as connection:
        assert leases.left(connection, other, [COURIER]) == 0
    assert taken(pg_world, other, COURIER, length=SHORT) == {COURIER: 2}
    with on(pg_world) as connection:
        assert leases.renew(connection, one) == {}
    time.sleep(PAST)
    assert taken(pg_world, one, COURIER) == {COURIER: 3}


def test_who_was_late_and_whom_nobody_replaced_goes_on(pg_world: World) -> None:
    """A lease that ran out is still renewed as long as nobody took it: the database may have been away."""
    one = uid()
    taken(pg_world, one, COURIER, length=SHORT)
    time.sleep(PAST)
    with on(pg_world) as connection:
        assert leases.renew(connection, one, LONG) == {COURIER: 1}
    assert taken(pg_world, uid(), COURIER) == {}


def test_who_ends_leaves_it_to_others_at_once(pg_world: World) -> None:
    """Whoever leaves gives back what it held, and is listed no longer."""
    one, other, folder = uid(), uid(), SharedFolder(Path("/nowhere"))
    with on(pg_world) as connection:
        leases.seen(connection, one, "run", "0.2.0", folder.read(), Work(kept=3))
    taken(pg_world, one, COURIER)
    with on(pg_world) as connection:
        (listed,) = leases.alive(connection)
        assert (listed.id, listed.part, listed.did, listed.holds) == (one, "run", Work(kept=3), (COURIER,))
        leases.leave(connection, one)
        assert leases.listed(connection) == []
    assert taken(pg_world, other, COURIER) == {COURIER: 2}


def test_a_transaction_asks_for_its_number(pg_world: World) -> None:
    """Under an old number nothing is written; under the present one it is, and the lease is not taken meanwhile."""
    one, other = uid(), uid()
    taken(pg_world, one, COURIER, length=SHORT)
    time.sleep(PAST)
    with pg_world.unit() as unit:
        leases.check(unit, COURIER, 1)  # it ran out, and nobody took it
        unit.fetches.note("telegram")
        began = time.monotonic()
        assert taken(pg_world, other, COURIER) == {}
        assert time.monotonic() - began < 0.2  # nobody waits for it
    assert taken(pg_world, other, COURIER) == {COURIER: 2}
    with pytest.raises(LeaseLost), pg_world.unit() as unit:
        leases.check(unit, COURIER, 1)
    with pg_world.unit() as unit:
        leases.check(unit, COURIER, 2)


def test_renewing_does_not_wait_for_a_turn(pg_world: World) -> None:
    """While something is written under it, a lease is renewed all the same."""
    one = uid()
    taken(pg_world, one, COURIER)
    with pg_world.unit() as unit:
        leases.check(unit, COURIER, 1)
        with on(pg_world) as connection:
            connection.execute(text("SET LOCAL lock_timeout = '200ms'"))
            assert leases.renew(connection, one) == {COURIER: 1}


def test_whoever_is_stopped_in_the_middle_holds_nothing_up(pg_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The server ends a transaction whose process does nothing for a while: its locks go, and so does the lease."""
    monkeypatch.setattr(leases, "_CHECK", leases.checking(timedelta(seconds=0.3)))
    one, other = uid(), uid()
    taken(pg_world, one, COURIER, length=SHORT)
    with pytest.raises(DBAPIError) as failed, pg_world.unit() as unit:  # noqa: PT012  the end of the block is what fails
        leases.check(unit, COURIER, 1)
        unit.fetches.note("telegram")
        time.sleep(1)
        assert taken(pg_world, other, COURIER) == {COURIER: 2}
    assert transient_error(failed.value)
    assert may_be_written(failed.value)
    with pg_world.reading() as unit:
        assert unit.fetches.all() == {}


def test_what_a_dead_process_has_open_is_ended(pg_world: World) -> None:
    """Stopped in the middle of a few statements it is not idle: whoever is seen ends its transactions, and no other."""
    dead = pg_world.again().database
    assert dead.process is not None
    one, other = UUID(dead.process), uid()
    taken(pg_world, one, COURIER, length=SHORT)
    with on(pg_world) as connection:
        leases.seen(connection, one, "run", "0.2.0", "w", Work())
        assert leases.end_dead(connection) == 0
    with pytest.raises(DBAPIError), dead.write() as connection:  # noqa: PT012  the end of the block is what fails
        connection.execute(text("SELECT 1 FROM leases FOR KEY SHARE"))
        time.sleep(PAST)
        with on(pg_world) as living:
            assert leases.end_dead(living) == 0
            assert leases.take(living, other, [COURIER]) == {}
            living.execute(text("UPDATE processes SET seen_at = seen_at - interval '11 s'"))
            assert leases.end_dead(living) == 1
        time.sleep(PAST)
        assert taken(pg_world, other, COURIER) == {COURIER: 2}
        connection.execute(text("SELECT 1"))


def gone_from_the_server(world: World, process: str | None) -> None:
    """Wait until the server has noticed that a process has hung up."""
    end = time.monotonic() + 10
    count = text("SELECT count(*) FROM pg_stat_activity WHERE application_name = :name")
    while True:
        with on(world) as connection:
            if not connection.execute(count, {"name": f"hilo {process}"}).scalar():
                return
        assert time.monotonic() < end
        time.sleep(0.01)


def test_whoever_was_killed_is_not_waited_for(pg_world: World, tmp_path: Path) -> None:
    """What starts finds at once that a process has no connection any more; one that has keeps what it holds."""
    folder = SharedFolder(tmp_path)
    killed, alive = pg_world.again().database, pg_world.again().database
    for database, name in ((killed, COURIER), (alive, TICK)):
        assert database.process is not None
        with database.write() as connection:
            leases.enter(connection, UUID(database.process), "run", "0.2.0", folder)
            leases.take(connection, UUID(database.process), [name], LONG)
    killed.dispose()
    gone_from_the_server(pg_world, killed.process)
    me = uid()
    with on(pg_world) as connection:
        leases.enter(connection, me, "run", "0.2.0", folder)
        assert [each.holds for each in leases.alive(connection)] == [(TICK,), ()]
        assert leases.take(connection, me, [COURIER, TICK]) == {COURIER: 2}


def test_processes_are_listed_until_a_day_after_their_end(pg_world: World) -> None:
    """Each says what it is and did; a silent one counts as dead, and goes after a day."""
    one, other = uid(), uid()
    with on(pg_world) as connection:
        leases.seen(connection, one, "run", "0.1.0 (0034)", "w", Work())
        leases.seen(connection, other, "web", "0.2.0 (0035)", "w", Work(turns=1))
        leases.seen(connection, one, "run", "0.1.0 (0034)", "w", Work(sent=2))
        connection.execute(text("UPDATE processes SET seen_at = seen_at - interval '11 s' WHERE part = 'web'"))
    with on(pg_world) as connection:
        assert [(each.part, each.is_alive, each.did) for each in leases.listed(connection)] == [
            ("run", True, Work(sent=2)),
            ("web", False, Work(turns=1)),
        ]
        assert [each.part for each in leases.alive(connection)] == ["run"]
        leases.sweep(connection)
        assert len(leases.listed(connection)) == 2
        connection.execute(text("UPDATE processes SET seen_at = seen_at - interval '1 day' WHERE part = 'web'"))
        leases.sweep(connection)
        assert len(leases.listed(connection)) == 1


def test_a_copy_of_the_folder_is_another_one(pg_world: World, tmp_path: Path) -> None:
    """Who sees the folder that the living ones see is let in; who sees a copy, or nothing, is not."""
    here, copy, empty = (SharedFolder(tmp_path / name) for name in ("here", "copy", "empty"))
    old = here.mark()
    (tmp_path / "copy").mkdir()
    (tmp_path / "copy" / leases.WORD).write_text(old)
    others = [pg_world.again().database for _ in range(2)]
    for each in others:
        assert each.process is not None
        with each.write() as connection:
            leases.enter(connection, UUID(each.process), "run", "0.2.0", here)
    assert here.read() != old
    for wrong in (copy, empty):
        with pytest.raises(FolderElsewhere), on(pg_world) as connection:
            leases.enter(connection, uid(), "run", "0.2.0", wrong)
    with on(pg_world) as connection:
        assert len(leases.alive(connection)) == 2


def test_who_only_looks_is_in_the_way_of_nobody_who_looks(pg_world: World) -> None:
    """Processes that start in one instant see that nobody puts a backup in place; a command that does is seen."""
    database = pg_world.storage.database
    with database.alone(leases.RESTORE, looks=True) as free:
        assert free
        assert not leases.is_named(database, leases.RESTORE)
    with database.alone(leases.RESTORE) as free:
        assert free
        assert leases.is_named(database, leases.RESTORE)
