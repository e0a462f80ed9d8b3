"""Which codes are codes at all, known from memory: what somebody made up costs no look at the database.

A code that opens is looked up as ever, by whoever is to be let in by it.
"""

import asyncio
from collections.abc import Callable, Mapping
from typing import Final
from uuid import UUID

from bot import clock
from bot.runtime.fair_threads import Asker, asked_by
from bot.runtime.workers import Workers
from storage.unit import Unit

EVERY: Final = 0.25  # seconds between two readings, however many ask


Known = Mapping[bytes, tuple[UUID, bool]]
"""For each keyed hash of a code the id of its row, and whether it seems to let somebody in."""


class KnownCodes:
    """The keyed hashes of all codes of one kind, read again when one is asked for that was not there before."""

    def __init__(self, workers: Workers, kind: str, read: Callable[[Unit], Known]) -> None:
        """Begin with nothing read; `kind` is what the hashes are keyed for."""
        self._workers = workers
        self._kind = kind
        self._all = read
        self._known: Known = {}
        self._read_at = float("-inf")  # when the last reading began
        self._reading: asyncio.Task[None] | None = None

    async def find(self, code: str) -> UUID | None:
        """Return the id of a code's row, whether it opens or not; None for a code that is none."""
        found = await self._find(code)
        return found[0] if found is not None else None

    async def opening(self, code: str) -> str | None:
        """Return a code as it is written once if it seems to let somebody in, else None."""
        found = await self._find(code)
        return _plain(code) if found is not None and found[1] else None

    async def _find(self, code: str) -> tuple[UUID, bool] | None:
        lookup = self._workers.storage.vault.lookup(self._kind, _plain(code))
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
            self._known = await self._workers.read(self._all)
            self._read_at = began
        finally:
            self._reading = None


def invite_codes(workers: Workers) -> KnownCodes:
    """Return the codes of all invites that ever were."""
    return KnownCodes(workers, "invite", lambda unit: unit.invites.lookups())


def fresh_links(workers: Workers) -> KnownCodes:
    """Return the codes of personal links that nobody has opened yet."""
    return KnownCodes(workers, "web link", lambda unit: unit.web_links.fresh())


def _plain(code: str) -> str:
    return clock.read_code(code) or code
