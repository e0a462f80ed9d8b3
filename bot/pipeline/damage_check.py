"""Check once a day that everything sealed still opens, so that admins hear of damage in time."""

import asyncio
import logging
import threading

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


class _Over(Exception):
    """The process ends: what was found so far is forgotten."""


async def check(storage: Storage, first: float = FIRST, every: float = EVERY) -> None:
    """Check again and again until cancelled; files are left to `hilo doctor`, since there may be gigabytes of them."""
    await asyncio.sleep(first)
    while True:
        over = threading.Event()
        try:
            await asyncio.to_thread(look, storage, over)
        finally:
            over.set()  # nobody can cancel a thread, and the process would wait for it: a large house takes minutes
        await asyncio.sleep(every)


def look(storage: Storage, over: threading.Event) -> None:
    """Open everything, with pauses, and replace the record of what is damaged; stop soon, and keep it, once `over`."""
    throttle = _Throttle(over)
    try:
        with reading_copy(storage, throttle.go_on) as still, still.reading(clock.now()) as unit:
            found = scan(unit, breathe=throttle.take)
    except _Over:
        return
    except Exception as error:
        if transient_error(error) is None:
            raise
        return  # the database does not work for a while: the loops report it
    files = [each for each in storage.damage.found() if (each.table, each.column) == ("media", "file")]
    storage.damage.replace([*found, *files])


class _Throttle:
    """Counts values, and pauses after every 20; raises `_Over` when it is over."""

    def __init__(self, over: threading.Event) -> None:
        self._over = over
        self._count = 0

    def go_on(self) -> None:
        if self._over.is_set():
            raise _Over

    def take(self) -> None:
        self._count += 1
        if not self._count % REST_AFTER and self._over.wait(REST):
            raise _Over
