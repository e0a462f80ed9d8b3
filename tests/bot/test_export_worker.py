"""The workshop, running: files are made in processes of their own, two at a time, and nobody waits for them."""

import asyncio
import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from bot import clock
from bot.export import archive, export_worker
from bot.export.export_worker import AT_ONCE, ExportWorker
from bot.pipeline.courier import Courier
from bot.runtime.workers import Workers
from tests.bot.rig import Phone, Rig, texts
from tests.bot.test_exporting import MAKE, checked, file_of, rows_of

PATIENCE = 120.0
COUNT = "SELECT count(*) FROM outbox WHERE messenger = 'workshop' AND state = '{}'"


@pytest.fixture
def live(tmp_path: Path) -> Iterator[Rig]:
    """An installation at the real time, in which somebody has answered."""
    it = Rig(tmp_path, now=clock.now())
    checked(it)
    yield it
    it.close()


def admins(live: Rig, number: int) -> list[Phone]:
    """Let so many admins each order a file; the orders wait in the outbox."""
    phones = [live.facilitator("es", f"Rosa {place}", cohort=None, role="admin") for place in range(number)]
    for phone in phones:
        phone.say("/exportar")
    for phone in phones:
        live.messenger.press(phone.chat, MAKE["es"])
    live.keep()
    live.handle()
    return phones


def orders(live: Rig, state: str) -> int:
    """Count the orders in a state."""
    return int(live.rows(COUNT.format(state))[0][0])


def making() -> list[psutil.Process]:
    """Return the processes that make files."""
    found = []
    for each in psutil.Process().children():
        with contextlib.suppress(psutil.NoSuchProcess):  # it has just ended
            found += [each] if "bot.export" in each.cmdline() else []
    return found


def run(live: Rig, until: Callable[[], bool], look: Callable[[], object] = lambda: None) -> None:
    """Run a courier with a workshop until something is so; `look` is called again and again meanwhile."""

    async def whole() -> None:
        workers = Workers(live.storage)
        export_worker = ExportWorker(texts(), live.media_store, live.folder, apart=True)
        courier = asyncio.create_task(
            Courier(workers, {"memory": live.messenger}, 500, live.media_store, export_worker).run()
        )
        async with asyncio.timeout(PATIENCE):
            while not until():
                assert not courier.done(), courier.exception()
                look()
                await asyncio.sleep(0.01)
        courier.cancel()
        await asyncio.gather(courier, return_exceptions=True)
        workers.close()

    asyncio.run(whole())


@pytest.mark.proof
def test_a_reply_does_not_wait_for_files(live: Rig) -> None:
    """Five admins order files, then somebody is answered: that goes out before any file is made, and all are made."""
    leader = live.join(nickname="Nopal")
    phones = admins(live, 5)
    with live.unit() as unit:
        live.turns.speech(unit, leader.person).send("hola")
    made: list[int] = []
    most: list[int] = []

    def look() -> None:
        most.append(orders(live, "sending"))
        if leader.news == ["hola"] and not made:
            made.append(orders(live, "sent"))

    leader.look()
    run(live, lambda: not orders(live, "queued") + orders(live, "sending"), look)
    run(live, lambda: not live.rows("SELECT 1 FROM outbox WHERE state IN ('queued', 'sending')"))

    assert made == [0]
    assert max(most) == AT_ONCE
    assert [rows_of(file_of(phone))[0]["need"] for phone in phones] == ["nothing"] * 5
    assert live.rows("SELECT DISTINCT attempts FROM outbox WHERE messenger = 'workshop'") == [(1,)]


@pytest.mark.proof
def test_a_file_whose_process_is_killed_is_made_again(live: Rig) -> None:
    """As when memory runs out: the order is begun once more, and she gets one file."""
    (rosa,) = admins(live, 1)
    killed: list[int] = []

    def kill() -> None:
        for process in making():
            if not killed:
                killed.append(process.pid)
                process.kill()

    run(live, lambda: rosa.last.attachment is not None, kill)

    assert len(killed) == 1
    assert len([message for message in rosa.heard if message.attachment]) == 1
    assert list(archive.MEMORY.glob(f"{archive._prefix(live.folder)}*")) == []


@pytest.mark.proof
def test_a_file_that_always_ends_its_process_is_given_up(live: Rig) -> None:
    """Killed each time, the order ends with a sentence that says what else there is."""
    (rosa,) = admins(live, 1)
    seen: set[int] = set()

    def kill() -> None:
        for process in making():
            if process.pid not in seen and len(seen) < archive.TRIES:
                seen.add(process.pid)
                process.kill()

    run(live, lambda: texts().say("export.failed", "es") in rosa.told, kill)

    assert len(seen) == archive.TRIES


def test_a_bot_that_stops_leaves_no_process_and_makes_the_file_later(
    live: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stopped in the middle, within its time: the process is gone, nothing lies open, and the next start makes it."""
    monkeypatch.setattr("bot.pipeline.courier.LAST", 0.0)
    (rosa,) = admins(live, 1)
    run(live, lambda: bool(making()))
    left = making()

    assert left == []
    assert orders(live, "sending") == 1
    assert list(archive.MEMORY.glob(f"{archive._prefix(live.folder)}*")) == []
    run(live, lambda: rosa.last.attachment is not None)
    assert len([message for message in rosa.heard if message.attachment]) == 1


@pytest.mark.proof
def test_how_far_a_file_is_stands_where_it_was_ordered(live: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message that says that it is being made says how far, and the file comes below it."""
    monkeypatch.setattr(export_worker, "TELL_AGAIN", 0.0)
    (rosa,) = admins(live, 1)
    run(live, lambda: any(message.attachment for message in rosa.heard))
    told = next(message for message in rosa.heard if "100" in (message.text or ""))

    assert told.text == texts().say("export.making.percent", "es", percent="100")
    assert told.order < next(message.order for message in rosa.heard if message.attachment)
