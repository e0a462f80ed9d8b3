"""Which codes are invites' at all, known from memory: what somebody made up costs no look at the database.

A code that opens is looked up as ever, by whoever is to be let in by it.
"""

import asyncio
from collections.abc import Mapping
from typing import Final
from uuid import UUID

from bot import clock
from bot.runtime.fair_threads import Asker, asked_by
from bot.runtime.workers import Workers

EVERY: Final = 0.25  # seconds between two readings, however many ask


class InviteCodes:
    """The keyed hashes of all codes, read again when one is asked for that was not there before."""

    def __init__(self, workers: Workers) -> None:
        """Begin with nothing read."""
        self._workers = workers
        self._known: Mapping[bytes, tuple[UUID, bool]] = {}
        self._read_at = float("-inf")  # when the last reading began
        self._reading: asyncio.Task[None] | None = None

    async def find(self, code: str) -> UUID | None:
        """Return the id of a code's invite, whether it opens or not; None for a code that never was."""
        found = await self._find(code)
        return found[0] if found is not None else None

    async def opening(self, code: str) -> str | None:
        """Return a code as it is written once if it seems to let somebody in, else None."""
        found = await self._find(code)
        return _plain(code) if found is not None and found[1] else None

    async def _find(self, code: str) -> tuple[UUID, bool] | None:
        lookup = self._workers.storage.vault.lookup("invite", _plain(code))
        time = asyncio.get_running_loop().time
        asked = time()
        while lookup not in self._known and self._read_at < asked:
            if self._reading is None:
                self._reading = asyncio.create_task(self._read())
            await asyncio.shield(self._reading)
        return self._known.get(lookup)

    async def _read(self) -> None:
        """Read all codes, a moment after the last reading: one is enough for all that are asked for meanwhile."""
        asked_by.set(Asker())
        time = asyncio.get_running_loop().time
        try:
            await asyncio.sleep(max(0.0, self._read_at + EVERY - time()))
            began = time()
            self._known = await self._workers.read(lambda unit: unit.invites.lookups())
            self._read_at = began
        finally:
            self._reading = None


def _plain(code: str) -> str:
    return clock.read_code(code) or code
