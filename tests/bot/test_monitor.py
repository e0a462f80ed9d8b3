"""What a process tells of itself on a port of its own: one word, and figures; and neither says anything of anybody."""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from contextlib import closing
from datetime import timedelta

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from bot.clock import new_id, now
from bot.runtime.workers import Workers
from bot.web.monitor import HERE, Monitor, Standing
from tests.storage.conftest import file_world, sqlite_template  # noqa: F401  fixtures are known where they are imported
from tests.storage.world import World


def figures(page: str) -> dict[tuple[str, str], float]:
    """Read a page of figures as Prometheus does: by name and first label."""
    return {
        (sample.name, next(iter(sample.labels.values()), "")): sample.value
        for family in text_string_to_metric_families(page)
        for sample in family.samples
    }


def served(standing: Standing, ask: Callable[[httpx.AsyncClient], Awaitable[None]]) -> None:
    """Serve a process's standing while it is asked for."""

    async def both() -> None:
        with closing(socket.socket()) as taken:
            taken.bind((HERE, 0))
            url = f"http://{HERE}:{taken.getsockname()[1]}"
            async with Monitor(standing).serving(taken), httpx.AsyncClient(base_url=url, trust_env=False) as client:
                await ask(client)

    asyncio.run(both())


@pytest.fixture
def standing(file_world: World) -> Standing:  # noqa: F811  pytest's way of asking for it
    """A process that runs, and whose loops are none."""
    workers = Workers(file_world.storage)
    return Standing("run", workers, lambda: True, lambda: ["courier"], list, "running")


def test_one_word_says_how_it_stands(standing: Standing) -> None:
    """Ready while the database answers and everything goes on; else a word for what is wrong, and 503."""

    async def ask(client: httpx.AsyncClient) -> None:
        async def word() -> tuple[int, str]:
            found = await client.get("/readyz")
            return found.status_code, found.text.strip()

        assert await word() == (200, "ready")
        standing.stage = "stopping"
        assert await word() == (503, "stopping")
        standing.stage = "running"
        standing.is_seen = lambda: False
        assert await word() == (503, "unseen")
        standing.is_seen = lambda: True
        over = asyncio.create_task(asyncio.sleep(0))
        await over
        standing.loops = lambda: [over]
        assert await word() == (200, "ready")  # it had nothing more to do
        broken = asyncio.create_task(asyncio.sleep(9))
        broken.cancel()
        await asyncio.wait({broken})
        standing.loops = lambda: [over, broken]
        assert await word() == (503, "ended")
        standing.loops = list
        assert await word() == (200, "ready")

    served(standing, ask)
    standing.workers.close()


def test_figures_are_what_was_done_and_what_waits(standing: Standing, file_world: World) -> None:  # noqa: F811  the same
    """Counters of this process, what waits and since when; no pseudonym, no number and no word of anybody."""
    standing.workers.did["turns"] += 3
    with file_world.storage.unit(now() - timedelta(minutes=2)) as unit:
        ana = file_world.person(unit)
        unit.inbox.accept([(new_id(), "telegram", "1", "777000", b"hola")])

    async def ask(client: httpx.AsyncClient) -> None:
        page = (await client.get("/metrics")).text
        found = figures(page)
        assert found["hilo_turns_played_total", ""] == 3
        assert found["hilo_database_up", ""] == 1
        assert found["hilo_inbox_waiting", ""] == 1
        assert 119 <= found["hilo_inbox_oldest_seconds", ""] < 200
        assert found["hilo_outbox_waiting", "telegram"] == 0
        assert found["hilo_lease_held", "courier"] == 1
        assert found["hilo_lease_held", "tick"] == 0
        assert found["hilo_process", "run"] == 1
        assert "777000" not in page
        assert str(ana.id) not in page
        assert ana.pseudonym not in page

    served(standing, ask)
    standing.workers.close()
