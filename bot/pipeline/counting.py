"""Count large broadcasts beside the turns: whoever asked for their figures has the turn played once they are there.

Meanwhile the update is held back in the inbox, and with it the same person's later updates; turns of other people go
on. If the process dies meanwhile, the update is still there.
"""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Collection, Coroutine
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from bot import clock
from bot.pipeline.receive import AfterCommit, Receiver
from bot.runtime import opening, processes
from bot.runtime.processes import ProcessFailed
from bot.runtime.workers import Workers
from bot.services import tallies
from bot.services.tallies import BroadcastTally, Tallies, Uncounted
from storage.inbox import InboxRow
from storage.unit import Unit

log = logging.getLogger(__name__)

HELD: Final = timedelta(seconds=120)
ROUNDS: Final = 3  # whoever asks for more after so many is answered by counting in the turn
TOGETHER: Final = 4  # broadcasts that nobody waits for, in one process
MODULE: Final = "bot.counting"


class Counting:
    """Counts, one process at a time, and then plays the turns that waited for it."""

    def __init__(
        self,
        workers: Workers,
        receive: Receiver,
        failed: Callable[[InboxRow, BaseException], Awaitable[None]],
        handled: Callable[[AfterCommit], None],
        counted: Tallies,
    ) -> None:
        """Build it.

        Args:
            workers: storage.
            receive: handles the update once its figures are there.
            failed: called when a turn fails.
            handled: called after a turn was committed.
            counted: where figures are kept.
        """
        self._workers = workers
        self._receive = receive
        self._failed = failed
        self._handled = handled
        self.counted = counted
        self._one = asyncio.Lock()
        self._under_way: set[asyncio.Task[None]] = set()

    async def start(self, row: InboxRow, wanted: Uncounted) -> None:
        """Hold an update back, and begin to count what its turn needs."""
        name = self._workers.name
        await self._workers.write_with_retry(lambda unit: unit.inbox.hold(row.seq, unit.now + HELD, name))
        self._begin(self._whole(row, wanted))

    def start_wanted(self) -> None:
        """Begin to count what nobody waits for."""
        wanted = frozenset(self.counted.wanted)
        if wanted:
            self.counted.wanted.clear()
            self._begin(self._beside(wanted))

    async def settled(self) -> None:
        """Wait until all is counted, and every turn that waited for it was played."""
        while self._under_way:
            await asyncio.gather(*self._under_way, return_exceptions=True)

    async def close(self) -> None:
        """End the processes, and wait for turns that have begun."""
        tasks = list(self._under_way)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._under_way.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._under_way.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("counting: %s; its update is tried again in two minutes", type(error).__name__)

    async def _beside(self, wanted: frozenset[UUID]) -> None:
        asked = clock.seconds()
        broadcasts = list(wanted)
        # A few in each process, which takes as long to begin as to count one: who waits is counted for in between.
        for place in range(0, len(broadcasts), TOGETHER):
            try:
                await self.count(broadcasts[place : place + TOGETHER], asked)
            except ProcessFailed as failed:
                log.error("counting: %s", failed)  # noqa: TRY400  the process has logged where
                return
        self._workers.due.notify()

    async def _whole(self, row: InboxRow, wanted: Uncounted) -> None:
        known: Tallies | None = self.counted
        for _ in range(ROUNDS):
            try:
                await self.count(wanted.broadcasts, clock.seconds())
            except ProcessFailed as failed:
                log.error("counting: %s", failed)  # noqa: TRY400  the process has logged where
                known = None
            again = await self._played(row, known)
            if again is None:
                return
            wanted = again
        await self._played(row, None)

    async def count(self, broadcasts: Collection[UUID], asked: float) -> None:
        """Count some broadcasts but for those counted since it was asked for, and keep their figures.

        Raises:
            ProcessFailed: it could not be counted.
        """
        async with self._one:
            missing = [each for each in broadcasts if not self.counted.kept_since(each, asked)]
            if not missing:
                return
            storage = self._workers.storage
            put_back = [
                (each.table, each.column, each.row, each.person_id and each.person_id.hex)
                for each in storage.seals.put_back
            ]
            task = {
                **opening.told(storage),
                "now": self._workers.now().isoformat(),
                "broadcasts": [each.hex for each in missing],
                "put_back": put_back,
            }
            found = json.loads(await processes.run(MODULE, task))
        for broadcast_id, told in found.items():
            if told is not None:
                self.counted.keep(UUID(broadcast_id), BroadcastTally.from_dict(told))

    async def _played(self, row: InboxRow, known: Tallies | None) -> Uncounted | None:
        """Play the turn; return what it needs besides, if it cannot be played yet. One that has begun is waited for."""
        turn = asyncio.ensure_future(self._turn(row, known))
        try:
            return await asyncio.shield(turn)
        except asyncio.CancelledError:
            await turn
            raise

    async def _turn(self, row: InboxRow, known: Tallies | None) -> Uncounted | None:
        def step(unit: Unit) -> AfterCommit | None:
            if not unit.inbox.waits(row.seq):  # another process was quicker
                return None
            with tallies.at_hand(known):
                return self._receive.step(unit, row)

        try:
            handled = await self._workers.write(step)
        except Uncounted as wanted:
            return wanted
        except Exception as error:  # noqa: BLE001  a failed turn is recorded and tried again
            if not self._workers.is_transient(error):  # else it is tried again once the update is no longer held back
                await self._failed(row, error)
            return None
        if handled is not None:
            self._handled(handled)
        return None
