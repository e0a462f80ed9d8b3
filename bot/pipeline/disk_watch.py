"""Watches the disk: while less than the reserve is left, the admins are told, once a day."""

import logging
from functools import partial
from typing import Final

from bot.pipeline.repeating import repeat
from bot.runtime.workers import Workers
from bot.services.allowances import Disk
from bot.services.notices import lacks_room

EVERY: Final = 30.0  # seconds

log = logging.getLogger(__name__)


async def watch(workers: Workers, disk: Disk) -> None:
    """Look until cancelled."""
    await repeat("disk", EVERY, workers, partial(look, workers, disk))


async def look(workers: Workers, disk: Disk) -> bool:
    """Look once; return True when admins were told."""
    if not disk.low or not await workers.write(lambda unit: lacks_room(unit, disk.free)):
        return False
    log.warning("little room is left on the disk: only what people who take part say is kept")
    workers.outbox.notify()
    return True
