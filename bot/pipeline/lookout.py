"""Look once a second for all loops and open pages, instead of each of them looking."""

import asyncio
import logging
from datetime import UTC, datetime

from bot.runtime.workers import IDLE, Workers
from storage import due
from storage.connections import DatabaseReplaced
from storage.unit import Unit

log = logging.getLogger(__name__)

PATIENT = 10.0  # seconds after which loops and pages look anyway while the lookout runs
NEVER = datetime.max.replace(tzinfo=UTC)


class Lookout:
    """Looks once a second, for all loops and open pages, whether anything was written or has become due.

    A cheap mark from storage shows whether this process or another wrote something; an idle bot makes no other query.
    """

    def __init__(self, workers: Workers) -> None:
        self._workers = workers
        self._mark: object = None
        self._looked = self._due = datetime.min.replace(tzinfo=UTC)

    async def run(self) -> None:
        """Look until cancelled; meanwhile the loops and pages look less often."""
        self._workers.patience = PATIENT
        try:
            while True:
                await self.round()
                await asyncio.sleep(IDLE)
        finally:
            self._workers.patience = IDLE

    async def round(self) -> bool:
        """Look once, and wake every loop and page when there may be something to do; return True in that case."""
        now = self._workers.now()
        try:
            mark = await self._workers.mark()
            # This also notices a clock that was set back.
            if mark == self._mark and self._looked <= now < self._due:
                self._looked = now
                return False
            self._due = await self._workers.read(_next)
            self._mark = mark
        except DatabaseReplaced:
            raise
        except Exception as error:  # noqa: BLE001  the loop outlives any error, and wakes the others to look
            if not self._workers.is_transient(error):
                log.error("lookout: %s", type(error).__name__)  # noqa: TRY400  a trace may hold words
        self._looked = now
        self._workers.notify()
        return True


def _next(unit: Unit) -> datetime:
    return due.first(unit) or NEVER
