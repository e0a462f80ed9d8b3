"""Finish what erasures began: while the bot runs, epochs that are owed begin, and files of earlier ones go."""

import asyncio
import logging
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from bot.runtime.workers import Workers
from bot.services import erasure_places
from storage import settling
from storage.connections import DatabaseReplaced

log = logging.getLogger(__name__)

EVERY: Final = 2.0  # seconds between looks; each costs a look at the folder's date
AGAIN: Final = 30.0  # seconds to wait after an error


class EpochKeeper:
    """Looks whether anything of an erasure is left to do, and does it in the bot's own threads."""

    def __init__(self, workers: Workers, home: Path) -> None:
        self._workers = workers
        self._home = home

    async def run(self) -> None:
        """Look and do until cancelled; an error is logged, and tried again."""
        while True:
            pause = EVERY
            try:
                await self.round()
            except DatabaseReplaced:
                raise
            except Exception as error:  # noqa: BLE001  the loop outlives any error
                pause = AGAIN
                if not self._workers.is_transient(error):
                    log.error("epoch: %s", type(error).__name__)  # noqa: TRY400  a trace may hold words
            await asyncio.sleep(pause)

    async def round(self) -> bool:
        """Do what can be done now; return whether nothing is left."""
        storage, workers = self._workers.storage, self._workers
        if storage.unwiped:
            await workers.between(storage.wipe)
        epochs = storage.vault.epochs
        if epochs is None or not (storage.unsettled or epochs.has_changed()):
            return not storage.unwiped
        epochs.refresh()
        if not await workers.read(settling.is_needed):
            storage.unsettled = await workers.read(settling.is_owed)
            return not storage.unsettled
        await workers.write(settling.begin_owed)
        await workers.file(lambda: storage.database.await_others(settling.PATIENCE))
        places = await workers.read(lambda unit: erasure_places.places(unit, self._home))
        with ExitStack() as stack:
            await workers.file(lambda: stack.enter_context(settling.alone(epochs)))
            gathered = await workers.write(settling.gather)
            if gathered is None:
                return True
            await workers.file(lambda: settling.write_keys(storage, gathered, places))
            storage.unsettled = not await workers.write(lambda unit: settling.finish(unit, gathered))
        storage.unsettled |= await workers.read(settling.is_owed)
        return not storage.unsettled
