"""Work is taken by turns: the bot's own, known people's, strangers'; and nobody waits for ever."""

import threading
import time
from collections.abc import Iterator
from contextvars import copy_context

import pytest

from bot.runtime.fair_threads import KNOWN, OWN, PASSED_OVER, STRANGER, Asker, FairThreads, asked_by


class Desk:
    """One thread that is held until everything is asked for, and the order in which it then works."""

    def __init__(self) -> None:
        self.threads = FairThreads(1, "desk")
        self.order: list[str] = []
        self._open = threading.Event()
        self.threads.submit(self._open.wait)
        time.sleep(0.05)

    def ask(self, rank: int, name: str) -> None:
        """Ask for a piece of work in somebody's name."""
        context = copy_context()
        context.run(asked_by.set, Asker(rank, name))
        context.run(self.threads.submit, self.order.append, name)

    def work(self) -> list[str]:
        """Do it all."""
        self._open.set()
        self.threads.shutdown()
        return self.order


def test_threads_are_free_once_all_is_done() -> None:
    """They are not free while work waits or is under way, also where it fails or is called off; then they are."""
    threads, held, told = FairThreads(1, "desk"), threading.Event(), threading.Event()
    seen = [threads.free]
    threads.submit(held.wait)
    seen.append(threads.free)
    waiting, failing = threads.submit(int), threads.submit(int, "x")
    waiting.cancel()
    failing.add_done_callback(lambda _: told.set())
    held.set()
    told.wait()
    seen.append(threads.free)
    threads.shutdown()

    assert isinstance(failing.exception(), ValueError)
    assert seen == [True, False, True]


@pytest.fixture
def desk() -> Iterator[Desk]:
    made = Desk()
    yield made
    made.work()


def test_strangers_come_last(desk: Desk) -> None:
    """The bot's own work goes first, and then known people's, whenever it was asked for."""
    for rank, name in ((STRANGER, "s"), (KNOWN, "k"), (STRANGER, "s2"), (OWN, "")):
        desk.ask(rank, name)

    assert desk.work() == ["", "k", "s", "s2"]


def test_who_asks_much_waits_behind_themselves(desk: Desk) -> None:
    """Each gets one piece after the other, in the order they asked."""
    for name in ["flood"] * 4 + ["her"] + ["other"] * 2:
        desk.ask(KNOWN, name)

    assert desk.work() == ["flood", "her", "other", "flood", "other", "flood", "flood"]


def test_nobody_waits_for_ever(desk: Desk) -> None:
    """A stranger's turn comes, however much others ask."""
    desk.ask(STRANGER, "s")
    for number in range(50):
        desk.ask(KNOWN, f"k{number}")

    assert desk.work().index("s") == PASSED_OVER


def test_what_fails_is_told_to_who_asked() -> None:
    """An error goes to whoever waits for the work, and the thread goes on."""
    threads = FairThreads(2, "desk")
    failing = threads.submit(lambda: 1 / 0)
    working = [threads.submit(lambda: time.sleep(0.1)) for _ in range(2)]

    with pytest.raises(ZeroDivisionError):
        failing.result(1)
    assert [each.result(1) for each in working] == [None, None]
    threads.shutdown()
    with pytest.raises(RuntimeError):
        threads.submit(print)
