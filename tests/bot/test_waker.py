"""Processes wake each other by a real PostgreSQL: loops by what there is to do, pages by a mark that names no chat."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable

import pytest

from bot.pipeline import waker
from bot.pipeline.waker import Waker
from bot.runtime.workers import Workers
from storage.unit import Storage
from tests.storage.conftest import databases, pg_world  # noqa: F401  a fixture is known where it is imported
from tests.storage.pooler import pooled
from tests.storage.world import World, opened

SOON = 5.0  # seconds; a look without a notice comes after ten
TOLD = "notices of the database do not arrive"
NOT = 0.3  # seconds in which nothing comes


def between(world: World, acts: Callable[[Workers, Workers], Awaitable[None]]) -> None:
    """Let two processes wake each other while something is done."""

    async def whole() -> None:
        pair = [Workers(world.storage), Workers(world.again())]
        for name, workers in zip(("one", "other"), pair, strict=True):
            workers.name, workers.alive = name, ("one", "other")
        running = [asyncio.create_task(Waker(workers, workers.name).run()) for workers in pair]
        try:
            await until_both_listen(world)
            await acts(*pair)
        finally:
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)
            for workers in pair:
                workers.close()

    asyncio.run(whole())


async def until_both_listen(world: World) -> None:
    """Wait until two processes listen."""
    while listening(world) < 2:  # noqa: ASYNC110  a connection that listens rings no event
        await asyncio.sleep(0.05)


def listening(world: World) -> int:
    """Count the connections that listen."""
    with world.storage.database.read() as connection:
        found = connection.exec_driver_sql(
            "SELECT count(*) FROM pg_stat_activity WHERE query = 'LISTEN hilo' AND datname = current_database()"
        )
        return int(found.scalar_one())


@pytest.mark.proof
def test_another_process_is_woken(pg_world: World) -> None:  # noqa: F811  pytest's way of asking for it
    """What there is to do wakes that loop of the other one at once, and neither another loop nor the own waiting."""

    async def acts(one: Workers, other: Workers) -> None:
        for name in ("inbox", "outbox", "due"):
            getattr(one, name).notify()
            assert await getattr(other, name).wait(SOON), name
        assert not await other.inbox.wait(NOT)
        assert await one.inbox.wait(NOT)  # set by itself, once
        assert not await one.inbox.wait(NOT)

    between(pg_world, acts)


def test_the_pages_of_one_chat_are_woken(pg_world: World) -> None:  # noqa: F811  pytest's way of asking for it
    """A page of that chat is woken, one of another chat is not; what is said names no chat."""

    async def acts(one: Workers, other: Workers) -> None:
        hers, anothers = (asyncio.create_task(other.watchers.wait(chat, SOON)) for chat in ("web-1", "web-2"))
        await asyncio.sleep(NOT)
        one.notify_chat("web-1")
        began = time.monotonic()
        assert await hers
        assert time.monotonic() - began < SOON
        assert not anothers.done()
        anothers.cancel()

    between(pg_world, acts)


@pytest.mark.proof
def test_it_goes_on_after_its_connections_broke(pg_world: World) -> None:  # noqa: F811  pytest's way of asking for it
    """What the server ended is connected again."""

    async def acts(one: Workers, other: Workers) -> None:
        with pg_world.storage.database.write() as connection:
            connection.exec_driver_sql(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        await asyncio.sleep(waker.AGAIN)
        await until_both_listen(pg_world)
        one.inbox.notify()
        assert await other.inbox.wait(SOON)

    between(pg_world, acts)


@pytest.mark.proof
@pytest.mark.parametrize("mode", ["session", "transaction"])
def test_a_pooler_that_passes_no_notice_on_is_told_of(
    pg_world: World,  # noqa: F811  pytest's way of asking for it
    caplog: pytest.LogCaptureFixture,
    mode: str,
) -> None:
    """One that keeps a session for each connection passes them on, and nothing is said."""

    async def heard(url: str) -> bool:
        with opened(url) as database:
            workers = Workers(Storage(database, pg_world.storage.vault))
            workers.name, workers.alive = "one", ("one", "other")
            running = asyncio.create_task(Waker(workers, "one").run())
            ready = listening if mode == "session" else lambda _: TOLD in caplog.text
            while not ready(pg_world):  # noqa: ASYNC110  neither rings an event
                await asyncio.sleep(0.05)
            with pg_world.storage.database.write() as connection:
                connection.exec_driver_sql("SELECT pg_notify('hilo', 'inbox other')")
            woken = await workers.inbox.wait(SOON if mode == "session" else NOT)
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
            workers.close()
            return woken

    with pooled(pg_world.url, mode) as url, caplog.at_level(logging.WARNING, waker.__name__):
        assert asyncio.run(heard(url)) is (mode == "session")
    assert (TOLD in caplog.text) is (mode == "transaction")
