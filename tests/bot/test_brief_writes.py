"""What every turn writes is written on the loop's own thread, and by the writer's wherever the loop would wait."""

import asyncio
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from bot.runtime import workers as module
from bot.runtime.workers import Workers
from storage.unit import Unit
from tests.bot.rig import Rig
from tests.storage.conftest import Databases, databases  # noqa: F401  a fixture is known where it is imported
from tests.storage.world import NOW

HELD = 0.3  # seconds for which another process writes


@pytest.fixture
def threads() -> list[str]:
    """The names of the threads that wrote, one after the other."""
    return []


@pytest.fixture
def note(threads: list[str]) -> Callable[[Unit], None]:
    """Work that writes a line of the trail, and notes which thread it is done in."""

    def noted(unit: Unit) -> None:
        unit.audit.add("console", "did", "", {})
        threads.append(threading.current_thread().name)

    return noted


@pytest.fixture
def workers(hilo: Rig) -> Iterator[Workers]:
    """Workers with threads of their own."""
    made = Workers(hilo.storage, lambda: NOW)
    yield made
    made.close()


def loops(threads: list[str]) -> list[bool]:
    """Return of each whether it was the loop's."""
    return [name == threading.main_thread().name for name in threads]


def done(workers: Workers) -> int:
    """Count the lines that were written."""
    with workers.storage.reading(NOW) as unit:
        return sum(row.action == "did" for row in unit.audit.list(1000))


def test_what_is_brief_is_written_at_once(workers: Workers, threads: list[str], note: Callable[[Unit], None]) -> None:
    """Brief work is done where it is asked for, and leaves the writer's thread alone; other work goes there."""

    async def both() -> None:
        await workers.write_with_retry(note, brief=True)
        await workers.write(note, brief=True)
        await workers.write(note)
        await workers.write(note, brief=True)

    asyncio.run(both())

    assert loops(threads) == [True, True, False, True]
    assert done(workers) == 4


def test_what_fails_is_undone(workers: Workers, note: Callable[[Unit], None]) -> None:
    """An error undoes all of a brief transaction, and the next one is written."""

    def fails(unit: Unit) -> None:
        note(unit)
        raise LookupError

    async def twice() -> None:
        with pytest.raises(LookupError):
            await workers.write(fails, brief=True)
        await workers.write(note, brief=True)

    asyncio.run(twice())

    assert done(workers) == 1


def test_whoever_writes_much_lets_others_have_their_turn(workers: Workers, note: Callable[[Unit], None]) -> None:
    """Between two brief transactions the loop does what else there is to do."""
    order = []

    async def writes(name: str) -> None:
        for _ in range(3):
            await workers.write(note, brief=True)
            order.append(name)

    async def side_by_side() -> None:
        await asyncio.gather(writes("one"), writes("other"))

    asyncio.run(side_by_side())

    assert order == ["one", "other"] * 3


def test_brief_work_waits_behind_what_is_being_written(
    workers: Workers, threads: list[str], note: Callable[[Unit], None]
) -> None:
    """While the writer's thread is at work, or other work waits for it, brief work takes its turn there."""
    begun, goes_on = threading.Event(), threading.Event()

    def long(unit: Unit) -> None:
        note(unit)
        begun.set()
        goes_on.wait()

    async def beside() -> None:
        first = asyncio.create_task(workers.write(long))
        await asyncio.to_thread(begun.wait)
        second = asyncio.create_task(workers.write(note, brief=True))
        await asyncio.sleep(0.05)
        assert not second.done()
        goes_on.set()
        await asyncio.gather(first, second)
        await workers.write(note, brief=True)

    asyncio.run(beside())

    assert loops(threads) == [False, False, True]


def test_another_process_that_writes_holds_up_no_loop(
    workers: Workers, hilo: Rig, threads: list[str], note: Callable[[Unit], None]
) -> None:
    """A command holds the database: the loop goes on meanwhile, and brief work is written once it is free."""

    async def held() -> int:
        with closing(sqlite3.connect(hilo.folder / "hilo.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            waiting, ticks = asyncio.create_task(workers.write(note, brief=True)), 0
            until = time.monotonic() + HELD
            while time.monotonic() < until:
                await asyncio.sleep(0.01)
                ticks += 1
            assert not waiting.done()
            other.execute("COMMIT")
            await waiting
        await workers.write(note, brief=True)
        return ticks

    ticks = asyncio.run(held())

    assert ticks > HELD / 0.01 / 2
    assert loops(threads) == [False, True]
    assert done(workers) == 2


def test_a_slow_disk_is_waited_for_by_the_thread(
    workers: Workers, threads: list[str], note: Callable[[Unit], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """After brief work that took long, whatever comes is left to the thread for a while, and then tried again."""
    monkeypatch.setattr(module, "HELD_UP", 0.05)
    monkeypatch.setattr(module, "APART", 0.2)

    def slow(unit: Unit) -> None:
        note(unit)
        time.sleep(0.06)

    async def after() -> None:
        await workers.write(slow, brief=True)
        await workers.write(note, brief=True)
        await asyncio.sleep(0.2)
        await workers.write(note, brief=True)

    asyncio.run(after())

    assert loops(threads) == [True, False, True]


def test_a_server_is_waited_for_by_the_thread(
    tmp_path: Path,
    databases: Databases,  # noqa: F811  pytest's way of asking for it
    threads: list[str],
    note: Callable[[Unit], None],
) -> None:
    """On PostgreSQL each statement waits for its answer: brief work goes to the thread, too."""
    url = databases.take()
    rig = Rig(tmp_path, url=url)
    workers = Workers(rig.storage, lambda: NOW)

    asyncio.run(workers.write(note, brief=True))
    workers.close()
    rig.close()
    databases.give(url)

    assert loops(threads) == [False]
