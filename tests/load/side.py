"""This side of a load: the process that is Telegram, what processes take meanwhile, and what a run of it brought."""

import json
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import psutil

from tests.thread.bot import ROOT

MB = 1_000_000


@dataclass
class Load:
    """What a run brought.

    Attributes:
        waits: seconds from the moment an update was due until Telegram had the reply.
        given: updates.
        doubled: messages beyond one for each.
        finished: people who answered everything.
        refused: answers of a receiver that could not keep an update, by their status; it was brought again.
        violations: wrong calls.
        seconds: how long was counted.
        answered: how many replies came in them.
        took: seconds of the processor in them, by who took them.
        memory: megabytes of the watched process, each second.
    """

    waits: list[float]
    given: int
    doubled: int
    finished: int
    refused: Mapping[str, int]
    violations: Sequence[str]
    seconds: float = 0.0
    answered: int = 0
    took: dict[str, float] = field(default_factory=dict)
    memory: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Replies a second."""
        return self.answered / self.seconds

    def each(self, who: str) -> float:
        """Seconds of the processor that somebody took for a reply."""
        return self.took[who] / self.answered

    def at(self, percent: int) -> float:
        """Return a percentile of the waits."""
        return statistics.quantiles(self.waits, n=100, method="inclusive")[percent - 1]

    def __str__(self) -> str:
        took = ", ".join(f"{who} {self.each(who) * 1000:.2f} ms" for who in self.took)
        waits = f"50 % {self.at(50):.3f} s, 95 % {self.at(95):.3f} s, longest {max(self.waits):.3f} s"
        again = f", {sum(self.refused.values())} brought again" if self.refused else ""
        return f"{self.given} updates{again}, {self.rate:.1f} replies a second; {waits}; of the processor each: {took}"

    def check(self, logs: str) -> None:
        """See that every update was answered once, and that nobody did anything wrong."""
        assert len(self.waits) == self.given, logs
        wrong = (self.doubled, self.violations)
        assert wrong == (0, []), (wrong, logs)


class Telegram:
    """The process that is Telegram and its people; a context manager."""

    def __init__(self, people: int) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.load.telegram", str(people)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        told = self._line()
        self.settings = {"HILO_TELEGRAM_TOKEN": told["token"], "HILO_TELEGRAM_API": told["url"]}
        self.chats: list[int] = told["chats"]
        self.others: dict[str, Callable[[], float]] = {"its people": spent(self._process.pid)}
        self.memory_of = 0
        """The process whose memory is looked at, by its number."""

    def close(self) -> None:
        """End it."""
        self._process.communicate(timeout=20)

    def run(
        self,
        people: int,
        updates: int,
        together: int = 0,
        *,
        rate: float = 0.0,
        urls: Sequence[str] = (),
        secret: str = "",
    ) -> Load:
        """Let some people act so often, at a rate or so many together, and updates be brought to some addresses."""
        assert self._process.stdin is not None
        asked = {
            "people": people,
            "updates": updates,
            "together": together,
            "rate": rate,
            "urls": urls,
            "secret": secret,
        }
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        with self._watched() as memory:
            before, began, first = self._mark("begun")
            after, ended, last = self._mark("ended")
        load = Load(**self._line(), seconds=ended - began, answered=last - first, memory=memory)
        load.took = {who: after[who] - before[who] for who in self.others}
        return load

    def _mark(self, what: str) -> tuple[dict[str, float], float, int]:
        told = self._line()
        assert told["at"] == what
        return {who: took() for who, took in self.others.items()}, time.monotonic(), told["answered"]

    @contextmanager
    def _watched(self) -> Iterator[list[float]]:
        memory: list[float] = []
        end = threading.Event()

        def look() -> None:
            while self.memory_of and not end.wait(1):
                memory.append(psutil.Process(self.memory_of).memory_info().rss / MB)

        looking = threading.Thread(target=look)
        looking.start()
        try:
            yield memory
        finally:
            end.set()
            looking.join()

    def _line(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        told = self._process.stdout.readline()
        assert told, "Telegram's process is gone"
        return dict(json.loads(told))


def spent(*roots: int) -> Callable[[], float]:
    """Return what tells the seconds of the processor that some processes and all their children took so far."""

    def tell() -> float:
        total = 0.0
        for root in map(psutil.Process, roots):
            for each in (root, *root.children(recursive=True)):
                try:
                    times = each.cpu_times()
                    total += times.user + times.system + times.children_user + times.children_system
                except psutil.NoSuchProcess:
                    continue  # it is counted among its parent's children once it has ended
        return total

    return tell
