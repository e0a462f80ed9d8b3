"""Watches the disk: while less than the reserve is left, the admins are told, once a day."""

import asyncio
import logging
from typing import Final

from bot.services.allowances import Disk
from bot.services.notices import lacks_room
from bot.workers import Workers

EVERY: Final = 30.0  # seconds

log = logging.getLogger(__name__)


async def watch(workers: Workers, disk: Disk) -> None:
    """Look until cancelled."""
    while True:
        await look(workers, disk)
        await asyncio.sleep(EVERY)


async def look(workers: Workers, disk: Disk) -> bool:
    """Look once; return True when admins were told."""
    try:
        if not disk.low or not await workers.write(lambda unit: lacks_room(unit, disk.free)):
            return False
    except Exception as error:  # noqa: BLE001  the loop outlives any error: a full disk is one
        if not workers.is_transient(error):
            log.error("disk: %s", type(error).__name__)  # noqa: TRY400  a trace may hold words
        return False
    log.warning("little room is left on the disk: only what people who take part say is kept")
    workers.outbox.notify()
    return True
