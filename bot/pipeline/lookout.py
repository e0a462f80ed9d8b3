"""One look a second for all loops and open pages, in place of one by each."""

import asyncio
import logging
from datetime import UTC, datetime

from bot.workers import IDLE, Workers
from storage import due
from storage.connections import DatabaseReplaced
from storage.unit import Unit

log = logging.getLogger(__name__)

PATIENT = 10.0  # seconds after which loops and pages look all the same, while somebody looks for them
NEVER = datetime.max.replace(tzinfo=UTC)


class Lookout:
    """Looks once a second for all loops and open pages: whether anything was written, or has become due.

    What this process or another wrote is seen by a mark that storage gives for almost nothing; so a bot with nothing to
    do asks its database nothing else.
    """

    def __init__(self, workers: Workers) -> None:
        """Take storage, and the bells."""
        self._workers = workers
        self._mark: object = None
        self._looked = self._due = datetime.min.replace(tzinfo=UTC)

    async def run(self) -> None:
        """Look until cancelled; meanwhile the others are patient."""
        self._workers.patience = PATIENT
        try:
            while True:
                await self.round()
                await asyncio.sleep(IDLE)
        finally:
            self._workers.patience = IDLE

    async def round(self) -> bool:
        """Look once, and let everyone look where there may be something to do; True when it is so."""
        now = self._workers.now()
        try:
            mark = await self._workers.mark()
            # A clock that was put back is seen by that, too.
            if mark == self._mark and self._looked <= now < self._due:
                self._looked = now
                return False
            self._due = await self._workers.read(_next)
            self._mark = mark
        except DatabaseReplaced:
            raise
        except Exception as error:  # noqa: BLE001  the loop outlives any other, and the others look for themselves
            if not self._workers.is_transient(error):
                log.error("lookout: %s", type(error).__name__)  # noqa: TRY400  a trace may hold words
        self._looked = now
        self._workers.notify()
        return True


def _next(unit: Unit) -> datetime:
    return due.first(unit) or NEVER
