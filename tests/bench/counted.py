"""The instructions of a turn beyond the library's own, counted by valgrind: the same whatever else the machine does.

On a shared machine a clock of the processor tells of the others on it, too: one turn took 0.3 ms and the next 2. What
the whole bot takes differs here by one in a hundred from one time to the next, what is left without the library by half
a million and more; the kernel's own work is in neither. It takes valgrind (`apt-get install valgrind`) and some two
minutes a client, and is left out unless it is named.
"""

import re
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass, replace
from typing import Self

from tests.bench.session import Bare, Session
from tests.bench.table import Figure, Tell, middle, shown, spread
from tests.bench.turns import Plan
from tests.thread.bot import Hilo

VALGRIND = ("valgrind", "--quiet", "--tool=callgrind", "--instr-atstart=no", "--callgrind-out-file=/dev/null")
_OF_A_THREAD = re.compile(r"^ +Th \d+ +([\d,]+)", re.MULTILINE)
MILLION = 1_000_000

FULL = Plan(people=15, rounds=3, calm=4.0)  # seconds in which the idle loops are counted
QUICK = replace(FULL, rounds=1, clients=("ptb",))


@dataclass(frozen=True)
class Turn:
    """Millions of instructions a turn, of one round: of the bot without its idle loops, and of the bare library."""

    bot: float
    bare: float


class CountedHilo(Hilo):
    """A bot whose instructions are counted."""

    python = (*VALGRIND, sys.executable)
    patience = 600.0


class CountedBare(Bare):
    """A bare library whose instructions are counted."""

    python = (*VALGRIND, sys.executable)


class Counting(Session):
    """A session whose rounds tell instructions."""

    hilos = CountedHilo
    bares = CountedBare

    def count(self, calm: float) -> Turn:
        """Ask everybody, let everybody answer, and let the bare library do after what the bot did."""
        self._rounds += 1
        self._office.order()
        self._crowd.wait_shown()
        self._crowd.wait_quiet()
        self._recorder.take()
        with Count(self._process.pid) as idle:
            time.sleep(calm)
        began = time.monotonic()
        with Count(self._process.pid) as bot:
            self._crowd.answer()
            self._crowd.wait_quiet()
        idled = idle.made / calm * (time.monotonic() - began)
        exchanges = self._recorder.take()
        with Count(self._bare.pid) as bare:
            self._bare.replay(exchanges)
        turns = sum(exchange.updates for exchange in exchanges) * MILLION
        return Turn((bot.made - idled) / turns, bare.made / turns)


class Count:
    """The instructions of a process while a block runs, in `made` after it."""

    def __init__(self, process: int) -> None:
        self._process = process
        self.made = 0

    def __enter__(self) -> Self:
        self._ask("-i", "on")
        return self

    def __exit__(self, *_: object) -> None:
        told = self._ask("-e")
        self._ask("-i", "off")
        self.made = sum(int(number.replace(",", "")) for number in _OF_A_THREAD.findall(told))

    def _ask(self, *words: str) -> str:
        words = ("callgrind_control", *words, str(self._process))
        return subprocess.run(words, check=True, capture_output=True, text=True).stdout


def measure(client: str, plan: Plan, tell: Tell) -> list[Turn]:
    """Count the rounds of one client."""
    found = []
    with Counting.opened(client, plan.people, 1.0) as session:
        for place in range(1, plan.rounds + 1):
            found.append(session.count(plan.calm))
            tell(f"{client} round {place}: bot {found[-1].bot:.2f}, bare {found[-1].bare:.2f} million a turn")
    return found


def report(plan: Plan, tell: Tell) -> list[Figure]:
    """Count both clients; without valgrind the bench ends with a sentence."""
    if shutil.which("callgrind_control") is None:
        sys.exit("valgrind is not installed: `apt-get install valgrind`")
    figures = []
    for client in plan.clients:
        rounds = measure(client, plan, tell)
        beyond = [each.bot - each.bare for each in rounds]
        note = f"rounds: {spread(beyond)}; the whole bot {shown(middle([each.bot for each in rounds]))}"
        note += f", the bare library {shown(middle([each.bare for each in rounds]))}"
        figures.append(Figure(f"{client}: a turn beyond the library", middle(beyond), "million", note=note))
    return figures
