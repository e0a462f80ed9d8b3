"""Repeat a look for ever: the shape of the small loops beside turns."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from bot.runtime.workers import Workers

log = logging.getLogger(__name__)


async def repeat(name: str, every: float, workers: Workers, look: Callable[[], Awaitable[object]]) -> None:
    """Look, wait so many seconds, and look again until cancelled; an error is logged by its kind, and outlived."""
    while True:
        await once(name, workers, look)
        await asyncio.sleep(every)


async def once(name: str, workers: Workers, look: Callable[[], Awaitable[object]]) -> None:
    """Look once; an error is logged by its kind, as its text may hold words."""
    try:
        await look()
    except Exception as error:  # noqa: BLE001  the loop outlives any error: a full disk is one
        if not workers.is_transient(error):
            log.error("%s: %s", name, type(error).__name__)  # noqa: TRY400  a trace may hold words
