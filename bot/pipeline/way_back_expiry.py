"""Ends the way back from an update: once an admin said that all is well, after seven days, or at the next erasure."""

from functools import partial
from pathlib import Path
from typing import Final

from bot.pipeline.repeating import repeat
from bot.runtime.workers import Workers
from bot.services import way_back

EVERY: Final = 60.0  # seconds


async def watch(workers: Workers, home: Path) -> None:
    """Look until cancelled."""
    await repeat("way back", EVERY, workers, partial(look, workers, home))


async def look(workers: Workers, home: Path) -> None:
    """Look once; the database is asked only where a pair is kept."""
    if way_back.folders(home):
        await workers.read(partial(way_back.expire, home=home))
