"""Pictures that are drawn when they are wanted: in a process of their own, and once."""

import asyncio
import subprocess
import sys
from io import BytesIO
from pathlib import Path
from typing import Any

import psutil
import pytest
from PIL import Image

from bot.media.attachments import DRAWINGS, Attachments
from bot.runtime import processes
from bot.runtime.processes import ProcessFailed
from bot.runtime.workers import Workers
from tests.bot.rig import Rig

DRAWN = {"links": [["https://t.me/x?start=ABC", "@x"]]}


@pytest.fixture
def begun(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Note each process that is begun, by its module."""
    modules: list[str] = []
    run = processes.run

    async def noted(module: str, task: dict[str, Any]) -> bytes:
        modules.append(module)
        return await run(module, task)

    monkeypatch.setattr(processes, "run", noted)
    return modules


def test_a_picture_is_drawn_once_however_many_look(hilo: Rig, begun: list[str]) -> None:
    """Two pages that open at once share one drawing, and a third that comes later has it, too."""

    async def whole() -> list[bytes]:
        workers = Workers(hilo.storage)
        attachments = Attachments(workers, hilo.media_store)
        two = await asyncio.gather(*(attachments.open({"id": "a", "drawn": DRAWN}) for _ in range(2)))
        third = await attachments.open({"id": "b", "drawn": DRAWN})
        workers.close()
        return [each.data for each in (*two, third) if each is not None]

    first, *others = asyncio.run(whole())
    assert Image.open(BytesIO(first)).size == (720 // 33 * 33,) * 2
    assert others == [first, first]
    assert begun == ["bot.poster"]


@pytest.mark.proof
def test_only_the_latest_pictures_are_kept(hilo: Rig, begun: list[str]) -> None:
    """A bot that made many invites does not hold all their pictures for ever."""

    async def whole() -> None:
        workers = Workers(hilo.storage)
        attachments = Attachments(workers, hilo.media_store)
        for number in (*range(DRAWINGS + 1), 0, DRAWINGS):
            await attachments.open({"drawn": {"links": [[f"https://t.me/x?start={number}", "@x"]]}})
        workers.close()

    asyncio.run(whole())
    assert len(begun) == DRAWINGS + 2


def test_what_cannot_be_drawn_says_so() -> None:
    """A process that ends badly is an error here, with how it ended, and never half a picture."""
    with pytest.raises(ProcessFailed, match=r"bot\.poster ended with 1"):
        asyncio.run(processes.run("bot.poster", {"links": []}))


def test_a_process_ends_when_nobody_waits_for_it_any_more() -> None:
    """Given up by the bot that stops, it is gone before the bot is."""

    async def whole() -> list[psutil.Process]:
        work = asyncio.create_task(processes.run("tests.bot.dawdling", {}))
        while not (children := psutil.Process().children()):  # noqa: ASYNC110  a process rings no event
            await asyncio.sleep(0.01)
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)
        return children

    assert not any(child.is_running() for child in asyncio.run(whole()))


def test_a_process_ends_with_the_bot_that_began_it() -> None:
    """Killed without warning, a bot leaves none behind that would write or send."""
    begin = "import asyncio; from bot.runtime import processes; asyncio.run(processes.run('tests.bot.dawdling', {}))"
    with subprocess.Popen([sys.executable, "-c", begin], cwd=Path(__file__).parents[2]) as bot:
        while not (children := psutil.Process(bot.pid).children()):
            assert bot.poll() is None
        bot.kill()
    gone, alive = psutil.wait_procs(children, timeout=30)

    assert gone
    assert not alive
