"""Ends the way back from an update: once an admin said that all is well, after seven days, or at the next erasure."""

import asyncio
import logging
from functools import partial
from pathlib import Path
from typing import Final

from bot.services import way_back
from bot.workers import Workers

EVERY: Final = 60.0  # seconds

log = logging.getLogger(__name__)


async def watch(workers: Workers, home: Path) -> None:
    """Look until cancelled."""
    while True:
        await look(workers, home)
        await asyncio.sleep(EVERY)


async def look(workers: Workers, home: Path) -> None:
    """Look once; the database is asked only where a pair is kept."""
    try:
        if way_back.folders(home):
            await workers.read(partial(way_back.expire, home=home))
    except Exception as error:  # noqa: BLE001  the loop outlives any error, and tries again
        if not workers.is_transient(error):
            log.error("way back: %s", type(error).__name__)  # noqa: TRY400  a trace may hold words
