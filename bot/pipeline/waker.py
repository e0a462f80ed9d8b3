"""Wakes loops and open pages of other processes by PostgreSQL's NOTIFY, which says where to look and nothing else.

A notice that is lost, or that a pooler does not pass on, only delays: each process looks once a second by itself
(`bot.pipeline.lookout`). That none arrives is said once: other things then do not work either.
"""

import asyncio
import logging
from collections.abc import Callable
from contextlib import AsyncExitStack
from functools import lru_cache
from typing import Any, Final

import psycopg

from bot.runtime.workers import TOGETHER, Workers
from storage.connections import NOTICED

log = logging.getLogger(__name__)

CHANNEL: Final = "hilo"
AGAIN: Final = 2.0  # seconds until it is tried again to connect
PAGE: Final = "page "
HERE: Final = "here"
HEARD: Final = 5.0  # seconds in which a notice of one's own arrives
REMEMBERED: Final = 10_000  # chats whose mark is not made again
_SAY: Final = "SELECT pg_notify(%s, said || ' ' || %s) FROM unnest(%s::text[]) AS said"


class Waker:
    """Says on one connection what other processes may look for, and hears on another what they say."""

    def __init__(self, workers: Workers, name: str) -> None:
        """Begin to note what there is to say; `name` is this process's own, whose notices it passes over."""
        self._workers = workers
        self._name = name
        self._unsaid: set[str] = set()
        self._some = asyncio.Event()
        self._hears = asyncio.Event()
        self._told = False
        self._wakes: dict[str, Callable[[], None]] = {
            "inbox": workers.inbox.wake,
            "outbox": workers.outbox.wake,
            "due": workers.due.wake,
        }
        self._mark = lru_cache(REMEMBERED)(self._marked)
        workers.tell = self._tell

    async def run(self) -> None:
        """Say and hear until cancelled; while there is no connection nothing is said."""
        while True:
            try:
                async with AsyncExitStack() as stack:
                    hearing = await stack.enter_async_context(await self._connect())
                    saying = await stack.enter_async_context(await self._connect())
                    await hearing.execute(f"LISTEN {CHANNEL}")
                    async with asyncio.TaskGroup() as both:
                        both.create_task(self._hear(hearing))
                        both.create_task(self._say(saying))
                        both.create_task(self._try_out(saying))
            except* Exception as errors:  # noqa: BLE001  the loop outlives any error: others look by themselves
                log.warning("other processes are not woken for a while: %s", type(errors.exceptions[0]).__name__)
            await asyncio.sleep(AGAIN)

    async def _connect(self) -> psycopg.AsyncConnection[Any]:
        engine = self._workers.storage.database.engine
        args, named = engine.dialect.create_connect_args(engine.url)
        return await psycopg.AsyncConnection.connect(*args, **{**named, **NOTICED, "autocommit": True})

    def _tell(self, what: str, chat: str) -> None:
        self._unsaid.add(f"{PAGE}{self._mark(chat)}" if chat else what)
        self._some.set()

    def _marked(self, chat: str) -> str:
        """Return what tells a chat to processes with the key, and nobody else."""
        return self._workers.storage.vault.lookup("page", chat)[:8].hex()

    async def _say(self, connection: psycopg.AsyncConnection[Any]) -> None:
        while True:
            await self._some.wait()
            await asyncio.sleep(TOGETHER / 2)
            self._some.clear()
            said, self._unsaid = list(self._unsaid), set()
            if len(self._workers.alive) > 1:
                await connection.execute(_SAY, [CHANNEL, self._name, said])

    async def _try_out(self, connection: psycopg.AsyncConnection[Any]) -> None:
        """Say it where not even an own notice arrives: a pooler gives each transaction another session."""
        self._hears.clear()
        await connection.execute(_SAY, [CHANNEL, self._name, [HERE]])
        try:
            async with asyncio.timeout(HEARD):
                await self._hears.wait()
        except TimeoutError:
            if not self._told:
                log.warning(
                    "notices of the database do not arrive, as behind a pooler that shares sessions: other processes"
                    " see within a second what there is to do, but names that commands hold may stay held; let each"
                    " connection keep its session (pool_mode = session), or connect without the pooler"
                )
            self._told = True

    async def _hear(self, connection: psycopg.AsyncConnection[Any]) -> None:
        async for notice in connection.notifies():
            said, _, by = notice.payload.rpartition(" ")
            if by != self._name:
                self._heard(said)
            elif said == HERE:
                self._hears.set()

    def _heard(self, said: str) -> None:
        if said in self._wakes:
            self._wakes[said]()
        elif said.startswith(PAGE):
            mark = said.removeprefix(PAGE)
            for chat in self._workers.watchers.chats():
                if self._mark(chat) == mark:
                    self._workers.watchers.notify(chat)
