"""How long a turn's reply waits while a backup, an export or a check is made beside it, and how long SQLite's log gets.

Each is begun again and again for a while, one at a time. Every round has turns beside nothing, beside the work, and
beside nothing again: the work is compared with both, and they with each other. Where these two already differ by a
tenth, the machine does too much else for the figures to say anything, and the table says so.
"""

import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, cycle
from pathlib import Path

from bot import clock
from tests.bench.crowded import PATIENCE, House, at, told, turn
from tests.bench.crowded import Plan as Crowd
from tests.bench.table import Figure, Tell, middle, shown, spread
from tests.double import Double, User
from tests.thread.bot import ROOT, Hilo

TENTH = 1.1
LOG = 1000.0  # MB
BETWEEN = 0.02
LEADERS = 20
LOOKS = 0.05  # seconds between two looks at the log
JOBS: dict[str, tuple[str, ...]] = {
    "a backup": ("backup",),
    "an export": ("export", "--out"),
    "a check of everything": ("doctor",),
}


@dataclass(frozen=True)
class Plan:
    """How many answered check-ins there are, how many turns a block has, and how many blocks of each kind."""

    runs: int = 12_500
    turns: int = 40
    blocks: int = 6


FULL = Plan()
QUICK = Plan(runs=2_500, turns=20, blocks=3)


class Desk(House):
    """The same with many leaders on Telegram: none writes more than one person may."""

    def welcome(self, leaders: Sequence[User]) -> None:
        """Let them be there."""
        with self._app.storage.unit(clock.now()) as unit:
            for leader in leaders:
                self._known(unit, "telegram", str(leader.id))


class Log:
    """Watches how long SQLite's log gets."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self.most = 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _watch(self) -> None:
        while not self._over.wait(LOOKS):
            if self._file.exists():
                self.most = max(self.most, self._file.stat().st_size)

    def close(self) -> None:
        """Stop watching."""
        self._over.set()
        self._thread.join()


class Job:
    """One command, begun again whenever it has ended, until it is told to stop."""

    def __init__(self, hilo: Hilo, words: Sequence[str], folder: Path) -> None:
        self._hilo, self._words, self._folder = hilo, words, folder
        self.done = 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def _run(self) -> None:
        while not self._over.is_set():
            place = [str(self._folder / str(self.done))] if self._words[-1] == "--out" else []
            subprocess.run(
                [sys.executable, "-m", "bot", *self._words, *place],
                cwd=ROOT,
                env=self._hilo.environment,
                check=self._words[0] != "doctor",
                capture_output=True,
            )
            self.done += 1

    @contextmanager
    def running(self) -> Iterator[None]:
        """Run it while the block runs, and to its end."""
        self._thread.start()
        time.sleep(1)
        try:
            yield
        finally:
            self._over.set()
            self._thread.join(PATIENCE * 10)


def waits(double: Double, leaders: Iterator[User], turns: int) -> list[float]:
    """Take so many waits."""
    found = []
    for _ in range(turns):
        found.append(turn(double, next(leaders)))
        time.sleep(BETWEEN)
    return found


def report(plan: Plan, tell: Tell) -> list[Figure]:
    """Measure beside each kind of work."""
    figures = []
    with tempfile.TemporaryDirectory() as folder, Double() as double:
        hilo = Hilo(Path(folder) / "home", double)
        everyone = [double.user(f"Ceiba {place}") for place in range(LEADERS)]
        leaders = cycle(everyone)
        with Desk(hilo.home) as house:
            house.settle(Crowd(pages=1, runs=plan.runs), [], everyone[:1])
            house.welcome(everyone[1:])
        hilo.start()
        log = Log(hilo.home / "hilo.db-wal")
        try:
            waits(double, leaders, LEADERS)
            for name, words in JOBS.items():
                figures += _beside(name, words, hilo, double, leaders, Path(folder), plan, tell)
        finally:
            log.close()
            hilo.stop()
    figures.append(Figure("SQLite's log at its longest", log.most / 1e6, "MB", LOG))
    return figures


def _beside(
    name: str,
    words: Sequence[str],
    hilo: Hilo,
    double: Double,
    leaders: Iterator[User],
    folder: Path,
    plan: Plan,
    tell: Tell,
) -> Iterator[Figure]:
    before: list[list[float]] = []
    busy: list[list[float]] = []
    after: list[list[float]] = []
    done = 0
    for block in range(plan.blocks):
        before.append(waits(double, leaders, plan.turns))
        job = Job(hilo, words, folder / f"{words[0]}-{block}")
        with job.running():
            busy.append(waits(double, leaders, plan.turns))
        done += job.done
        after.append(waits(double, leaders, plan.turns))
    alone = [[*one, *other] for one, other in zip(before, after, strict=True)]
    tell(f"{name}: alone {told([*chain(*alone)])}, beside it {told([*chain(*busy)])}; {done} made")
    for percent in (50, 95):
        ratios, noise = _ratios(busy, alone, percent), _ratios(after, before, percent)
        quiet, loud = (middle([at(each, percent) for each in these]) * 1000 for these in (alone, busy))
        note = f"{shown(quiet)} ms alone, {shown(loud)} ms beside; rounds {spread(ratios)}"
        calm = 1 / TENTH <= middle(noise) <= TENTH
        if not calm:
            note += "; the machine was not calm: nothing beside nothing differs by more than that"
        yield Figure(f"{name}: a turn's reply, {percent} %", middle(ratios), target=TENTH if calm else None, note=note)
        yield Figure(f"nothing beside nothing, {percent} %", middle(noise), note=f"rounds {spread(noise)}")


def _ratios(these: Sequence[list[float]], those: Sequence[list[float]], percent: int) -> list[float]:
    return [at(one, percent) / at(other, percent) for one, other in zip(these, those, strict=True)]
