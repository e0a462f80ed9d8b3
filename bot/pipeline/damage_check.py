"""Check once a day that everything sealed still opens, so that admins hear of damage in time."""

import asyncio
import logging
import time

from bot import clock
from storage.damage_scan import scan
from storage.database import transient_error
from storage.reading_copy import reading_copy
from storage.unit import Storage

log = logging.getLogger(__name__)

FIRST = 10 * 60.0  # seconds after the start, when those who waited have been answered
EVERY = 24 * 3600.0
REST_AFTER = 20  # values
REST = 0.005  # seconds


async def check(storage: Storage, first: float = FIRST, every: float = EVERY) -> None:
    """Check again and again until cancelled; files are left to `hilo doctor`, since there may be gigabytes of them."""
    await asyncio.sleep(first)
    while True:
        await asyncio.to_thread(look, storage)
        await asyncio.sleep(every)


def look(storage: Storage) -> None:
    """Open everything, with pauses, and replace the record of what is damaged."""
    try:
        with reading_copy(storage) as still, still.reading(clock.now()) as unit:
            found = scan(unit, breathe=_Throttle().take)
    except Exception as error:
        if transient_error(error) is None:
            raise
        return  # the database does not work for a while: the loops report it
    files = [each for each in storage.damage.found() if (each.table, each.column) == ("media", "file")]
    storage.damage.replace([*found, *files])


class _Throttle:
    """Counts values, and pauses after every 20."""

    def __init__(self) -> None:
        self._count = 0

    def take(self) -> None:
        self._count += 1
        if not self._count % REST_AFTER:
            time.sleep(REST)
