"""Updates that are brought to this process, by a page or by a messenger, until they are kept."""

import asyncio
from dataclasses import dataclass
from typing import Final

from bot.messengers.port import Batch, Incoming

BATCH: Final = 100
PATIENCE: Final = 10.0  # seconds that whoever brings an update waits


class NotKept(Exception):
    """The update was not confirmed in time: it may be brought again, under the same update id."""


@dataclass(slots=True)
class _Waiting:
    """An update on its way to the inbox, and whoever waits for it."""

    incoming: Incoming
    kept: asyncio.Future[None]


class Letterbox:
    """Keeps whoever brings an update waiting until a poll loop has fetched and kept it."""

    def __init__(self) -> None:
        """Begin with nothing waiting."""
        self._waiting: dict[int, _Waiting] = {}
        self._last = 0
        self._arrived = asyncio.Event()
        self._closed = False

    async def hand_over(self, incoming: Incoming, patience: float = PATIENCE) -> None:
        """Give an update to the poll loop, and return once it is kept; raises NotKept after `patience` seconds."""
        if self._closed:
            raise NotKept
        self._last += 1
        number = self._last
        waiting = _Waiting(incoming, asyncio.get_running_loop().create_future())
        self._waiting[number] = waiting
        self._arrived.set()
        try:
            await asyncio.wait_for(waiting.kept, patience)
        except TimeoutError:
            raise NotKept from None
        finally:
            self._waiting.pop(number, None)

    async def fetch(self, offset: int | None, wait: float) -> Batch:
        """Wait up to `wait` seconds for updates; an offset confirms every one before it, and releases who waits."""
        self._confirm(offset or 0)
        if not self._waiting:
            self._arrived.clear()
            try:
                async with asyncio.timeout(wait):
                    await self._arrived.wait()
            except TimeoutError:
                return Batch((), offset)
        numbers = sorted(self._waiting)[:BATCH]
        if not numbers:  # whoever brought it gave up before it was fetched
            return Batch((), offset)
        return Batch([self._waiting[number].incoming for number in numbers], numbers[-1] + 1)

    def close(self) -> None:
        """Tell everybody who waits that their update was not kept."""
        self._closed = True
        for waiting in self._waiting.values():
            if not waiting.kept.done():
                waiting.kept.set_exception(NotKept())

    def _confirm(self, offset: int) -> None:
        for number in [number for number in self._waiting if number < offset]:
            kept = self._waiting.pop(number).kept
            if not kept.done():
                kept.set_result(None)
