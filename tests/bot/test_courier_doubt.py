"""A connection breaks while it is asked to commit: nobody knows whether that was done, and nothing is lost by it."""

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy.exc import OperationalError

from bot import clock
from bot.pipeline.courier import Courier
from bot.runtime.workers import Workers
from storage.database import may_be_written, transient_error
from storage.unit import Unit
from tests.bot.rig import Rig
from tests.bot.test_courier_loop import asked, people

PATIENCE = 20.0


class Breaking(Workers):
    """Storage whose connection breaks at some of the commits: just before, or just after."""

    def __init__(self, rig: Rig, *, committed: bool, every: int) -> None:
        super().__init__(rig.storage)
        self._committed, self._every, self.writes = committed, every, 0

    async def write(self, work: Callable[[Unit], Any], *, brief: bool = False) -> Any:
        """Write, and lose the connection."""
        self.writes += 1
        if self.writes % self._every:
            return await super().write(work, brief=brief)
        broke = OperationalError("COMMIT", None, psycopg.OperationalError("the connection is lost"))

        def whole(unit: Unit) -> None:
            work(unit)
            if not self._committed:
                raise broke

        await super().write(whole, brief=brief)
        raise broke


@pytest.fixture
def live(tmp_path: Path) -> Iterator[Rig]:
    """An installation at the real time."""
    it = Rig(tmp_path, now=clock.now())
    yield it
    it.close()


def sent(live: Rig, workers: Breaking) -> None:
    """Send all that waits."""

    async def whole() -> None:
        courier = asyncio.create_task(Courier(workers, {"memory": live.messenger}, 500).run())
        async with asyncio.timeout(PATIENCE):
            while live.rows("SELECT count(*) FROM outbox WHERE state IN ('queued', 'sending')") != [(0,)]:
                assert not courier.done(), courier.exception()
                await asyncio.sleep(0.01)
        courier.cancel()
        await asyncio.gather(courier, return_exceptions=True)
        workers.close()

    asyncio.run(whole())


@pytest.mark.parametrize("committed", [True, False])
def test_what_was_claimed_or_marked_is_not_said_twice(live: Rig, committed: bool) -> None:
    """Whatever became of a commit, every message goes out once, and none is taken for doubtful."""
    people(live, 6)
    asked(live)
    before = len(live.messenger.sent)
    ((waiting,),) = live.rows("SELECT count(*) FROM outbox WHERE state = 'queued'")
    workers = Breaking(live, committed=committed, every=2)
    sent(live, workers)
    assert workers.writes >= 4
    assert len(live.messenger.sent) - before == waiting
    assert live.rows("SELECT count(*) FROM outbox WHERE state = 'unknown'") == [(0,)]


def test_a_broken_connection_is_told_from_a_statement_that_failed() -> None:
    """Without a server there is no state to tell; a statement that failed has one, and one of SQLite's has neither."""
    gone = OperationalError("", None, psycopg.OperationalError("connection refused"))
    stopped = OperationalError("", None, psycopg.errors.AdminShutdown())
    wrong = OperationalError("", None, psycopg.errors.DiskFull())
    assert transient_error(gone)
    assert may_be_written(gone)
    assert may_be_written(stopped)
    assert not may_be_written(wrong)
    assert transient_error(wrong) == "the disk is full"
