"""A process beside another one: what it does under a lease, what it leaves be when that is lost, and what it says."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from bot import clock
from bot.cli.operate import processes_shown
from bot.pipeline.lease_keeper import LeaseKeeper
from bot.runtime.guards import holds
from bot.runtime.workers import Workers
from storage import leases
from storage.connections import LeaseLost
from storage.leases import SharedFolder
from tests.storage.conftest import databases, pg_world  # noqa: F401  a fixture is known where it is imported
from tests.storage.world import World

COURIER = "courier"
CLOCK = "clock is 5 minutes behind the database's"
SOON = 5.0


class Desk:
    """A process: its keeper, and a loop that notes what it did under which taking."""

    def __init__(self, workers: Workers, folder: Path) -> None:
        self.workers = workers
        self.keeper = LeaseKeeper(workers, "run", "0.2.0", SharedFolder(folder))
        self.begun = 0
        self.refused = 0
        self.there = True

    async def leave(self) -> None:
        """End, if it is there."""
        if self.there:
            self.there = False
            await self.keeper.leave()

    async def work(self) -> None:
        """Write now and then."""
        self.begun += 1
        while True:
            assert self.refused or holds()
            try:
                await self.workers.write_with_retry(lambda unit: unit.fetches.note("telegram"))
            except LeaseLost:
                self.refused += 1
                raise
            await asyncio.sleep(0.02)


def beside(world: World, folder: Path, acts: Callable[[Desk, Desk], Awaitable[None]]) -> None:
    """Let two processes do something beside each other; each is seen only when it is told to."""

    async def whole() -> None:
        desks = [Desk(Workers(storage), folder) for storage in (world.storage, world.again())]
        for desk in desks:
            await desk.keeper.enter()
        standing = [asyncio.create_task(desk.keeper.hold(COURIER, desk.work)) for desk in desks]
        await asyncio.sleep(0)
        try:
            await acts(*desks)
        finally:
            for task in standing:
                task.cancel()
            await asyncio.gather(*standing, return_exceptions=True)
            for desk in desks:
                await desk.leave()
                desk.workers.close()

    asyncio.run(whole())


async def until(done: Callable[[], bool]) -> None:
    """Wait until something is so."""
    async with asyncio.timeout(SOON):
        while not done():  # noqa: ASYNC110  what is waited for rings no event
            await asyncio.sleep(0.01)


async def looks_until(desk: Desk, done: Callable[[], bool]) -> None:
    """Let a process look, as it does every few seconds, until something is so.

    A lease under which somebody writes at that very moment is passed over, and taken at a later look.
    """
    async with asyncio.timeout(SOON):
        while not done():
            await desk.keeper.round()
            await asyncio.sleep(0.01)


def run_out(world: World) -> None:
    """Let the time of every lease pass."""
    with world.storage.database.write() as connection:
        connection.execute(text("UPDATE leases SET until = clock_timestamp() - interval '1 s'"))


def test_what_was_lost_is_done_by_another(pg_world: World, tmp_path: Path) -> None:  # noqa: F811  pytest's way of asking
    """Whoever is not seen loses it at its next write; it stands by, and does it again when it is free again."""

    async def acts(one: Desk, other: Desk) -> None:
        await one.keeper.round()
        await other.keeper.round()
        await until(lambda: one.begun == 1)
        assert other.begun == 0
        run_out(pg_world)
        await looks_until(other, lambda: other.begun == 1)  # while the first is not seen
        await until(lambda: one.refused == 1)
        run_out(pg_world)
        await looks_until(one, lambda: one.begun == 2)

    beside(pg_world, tmp_path, acts)


@pytest.mark.proof
def test_what_it_took_without_knowing_is_done(pg_world: World, tmp_path: Path) -> None:  # noqa: F811  the same
    """Where the connection broke just when a lease was taken, its holder finds out at the next look."""

    async def acts(one: Desk, _other: Desk) -> None:
        with pg_world.storage.database.write() as connection:
            leases.take(connection, one.keeper.id, [COURIER])
        await one.keeper.round()
        await until(lambda: one.begun == 1)

    beside(pg_world, tmp_path, acts)


def test_who_leaves_is_followed_at_once(pg_world: World, tmp_path: Path) -> None:  # noqa: F811  the same
    """Whoever ends gives back what it held, and what it held back in the inbox goes on."""

    async def acts(one: Desk, other: Desk) -> None:
        for desk in (one, other):
            await desk.keeper.round()
        key = clock.new_id()
        with pg_world.storage.unit(clock.now()) as unit:
            unit.inbox.accept([(key, "telegram", "1", "1001", b"{}")])
            (row,) = unit.inbox.pending(unit.now, 1)
            unit.inbox.hold(row.seq, unit.now + timedelta(minutes=2), one.workers.name)
            assert unit.inbox.release(unit.now, other.workers.alive) == 0
        await one.leave()
        await looks_until(other, lambda: other.begun == 1)
        with pg_world.storage.unit(clock.now()) as unit:
            assert len(unit.inbox.pending(unit.now, 1)) == 1

    beside(pg_world, tmp_path, acts)


@pytest.mark.proof
def test_a_clock_that_is_off_is_said_once(
    pg_world: World,  # noqa: F811  the same
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A machine whose clock differs from the database's says so; leases go by the database's all the same."""
    behind = clock.now() - timedelta(minutes=5)

    async def acts(one: Desk, other: Desk) -> None:
        monkeypatch.setattr(clock, "now", lambda: behind)
        with caplog.at_level(logging.WARNING):
            for _ in range(2):
                await one.keeper.round()
        assert [each.message for each in caplog.records if "differ" in each.message] == [
            "this machine's clock and the database's differ by 300 s"
        ]
        await until(lambda: one.begun == 1)
        await other.keeper.round()
        assert other.begun == 0
        listed = processes_shown.lines(processes_shown.listed(pg_world.storage.database))
        told = [each for each in listed if each.startswith("· ")]
        assert [CLOCK in each for each in told] == [True, True], told

    beside(pg_world, tmp_path, acts)
