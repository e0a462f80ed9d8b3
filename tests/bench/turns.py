"""The CPU of a turn beyond the library's own."""

import json
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import psutil

from tests.bench.crowd import CHECK_IN, Crowd
from tests.bench.office import Office
from tests.bench.record import Echo, Exchange, Recorder, read
from tests.bench.table import Figure, Tell, middle, shown, spread
from tests.double import Double
from tests.thread.bot import ROOT, Hilo

TARGET, AIM = 2.0, 1.0  # ms


@dataclass(frozen=True)
class Plan:
    """How many people answer one check-in a round, in how many counted rounds; one more goes first to warm up."""

    people: int = 40
    rounds: int = 5
    clients: tuple[str, ...] = ("ptb", "aiogram")
    calm: float = 5.0  # seconds in which the idle loops are measured
    parsing: bool = True  # compare with the library's own get_updates, too


FULL = Plan()
QUICK = Plan(people=15, rounds=1, clients=("ptb",), calm=2.0, parsing=False)


@dataclass
class Round:
    """One round: how many turns, what calls they took, and CPU seconds.

    Attributes:
        bot: of the bot, without `idle`.
        idle: of its loops, which tick also when nothing happens.
        bare: of the bare library making the same calls.
        parsing: the same with the library's own `get_updates`, which makes objects of what it fetched.
    """

    turns: int
    bot: float
    idle: float
    bare: float
    parsing: float | None
    calls: Counter[str]

    def beyond(self) -> float:
        """Milliseconds of a turn that the library does not explain."""
        return (self.bot - self.bare) / self.turns * 1000


@dataclass
class Client:
    """What was measured of one client."""

    name: str
    rounds: list[Round] = field(default_factory=list)

    def each(self, seconds: str) -> float:
        """The middle round's milliseconds a turn of one part."""
        return middle([(getattr(one, seconds) or 0) / one.turns * 1000 for one in self.rounds])

    def figures(self) -> Iterator[Figure]:
        """The table's lines."""
        beyond = [one.beyond() for one in self.rounds]
        ratios = [one.bot / one.bare for one in self.rounds]
        known = [one.bot / one.parsing for one in self.rounds if one.parsing]
        turns = self.rounds[0].turns
        calls = ", ".join(f"{count / turns:.2f} {name}" for name, count in sorted(self.rounds[0].calls.items()))
        call = self.each("bare") / sum(self.rounds[0].calls.values()) * turns
        note = f"rounds: {spread(beyond)}; the CPU of {shown(middle(beyond) / call)} calls of the library"
        yield Figure(f"{self.name}: a turn beyond the library", middle(beyond), "ms", TARGET, AIM, note)
        idle = f"besides {shown(self.each('idle'))} ms of idle loops, not counted"
        yield Figure(f"{self.name}: the whole bot", self.each("bot"), "ms", note=idle)
        yield Figure(f"{self.name}: the bare library", self.each("bare"), "ms", note=f"a turn: {calls}")
        yield Figure(f"{self.name}: bot to bare", middle(ratios), note=f"rounds: {spread(ratios)}")
        if known:
            parsing = f"a bare library that parses what it fetched: {shown(self.each('parsing'))} ms"
            yield Figure(f"{self.name}: bot to parsing", middle(known), note=parsing)


class Bare:
    """A bare process of a library, and the echo it talks with."""

    def __init__(self, client: str, echo: Double) -> None:
        self._echo = Echo(echo)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.bench.bare", client, echo.url, echo.token],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()

    def replay(self, exchanges: Sequence[Exchange], *, parsing: bool = False) -> float:
        """Let it make the recorded calls; returns the CPU seconds they took."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._echo.expect(exchanges)
        with tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as file:
            json.dump([(exchange.method, plain(exchange)) for exchange in exchanges], file)
            file.flush()
            self._process.stdin.write(f"{file.name} {'parsing' * parsing}\n")
            self._process.stdin.flush()
            answer = self._process.stdout.readline()
        if not answer or self._echo.left() or self._echo.strange:
            raise RuntimeError(f"the bare library made other calls than the bot: {self._echo.strange[:3]}")
        return float(answer)


def plain(exchange: Exchange) -> dict[str, Any]:
    """Return a call's parameters as plain data, with the keyboard's rows alone."""
    params = read(exchange.params)
    for name in ("chat_id", "callback_query_id"):
        if name in params:
            params[name] = str(params[name])
    if exchange.method.startswith(("send", "editMessage")) and "action" not in params:
        markup = params.pop("reply_markup", None)
        params["keyboard"] = markup and markup["inline_keyboard"]
    return params


def measure(client: str, plan: Plan, tell: Tell) -> Client:
    """Measure one client."""
    found = Client(client)
    with (
        tempfile.TemporaryDirectory() as folder,
        Double() as live,
        Double() as echo,
        Bare(client, echo) as bare,
    ):
        recorder = Recorder(live)
        hilo = Hilo(Path(folder) / "home", live, client, HILO_SEND_RATE="1000")
        with Office(hilo.home) as office, running(hilo) as process:
            crowd = Crowd(live, plan.people)
            crowd.join(office.invite(plan.people))
            crowd.wait_quiet()
            idle = idling(process, plan.calm)
            for place in range(plan.rounds + 1):
                office.order()
                crowd.wait_shown()
                crowd.wait_quiet()
                recorder.take()
                used = answered(process, crowd, idle)
                last = one_round(recorder.take(), used, bare, parsing=plan.parsing)
                if place:
                    found.rounds.append(last)
                    tell(f"{client} round {place}: bot {last.bot:.2f} s, bare {last.bare:.2f} s, {last.turns} turns")
        check(hilo.home, plan)
        assert not live.violations, live.violations
    return found


def one_round(exchanges: Sequence[Exchange], used: tuple[float, float], bare: Bare, *, parsing: bool) -> Round:
    """Let the bare library do after what the bot did, and count."""
    turns = sum(exchange.updates for exchange in exchanges)
    calls = Counter(exchange.method for exchange in exchanges)
    again = bare.replay(exchanges)
    parsed = bare.replay(exchanges, parsing=True) if parsing else None
    return Round(turns, *used, again, parsed, calls)


def answered(process: psutil.Process, crowd: Crowd, idle: float) -> tuple[float, float]:
    """Let everyone answer; returns CPU seconds: those for the answers, and those of the loops meanwhile."""
    before, began = cpu(process), time.monotonic()
    crowd.answer()
    crowd.wait_quiet()
    idled = (time.monotonic() - began) * idle
    return cpu(process) - before - idled, idled


def cpu(process: psutil.Process) -> float:
    """CPU seconds of a process so far, those of all its threads, in user and system mode."""
    times = process.cpu_times()
    return float(times.user + times.system)


def idling(process: psutil.Process, seconds: float) -> float:
    """CPU seconds that a second of doing nothing takes."""
    before = cpu(process)
    time.sleep(seconds)
    return (cpu(process) - before) / seconds


@contextmanager
def running(hilo: Hilo) -> Iterator[psutil.Process]:
    """Start the bot, and stop it at the end."""
    hilo.start()
    assert hilo.process is not None
    try:
        yield psutil.Process(hilo.process.pid)
    finally:
        hilo.stop()


def check(home: Path, plan: Plan) -> None:
    """Make sure that what was measured is what was meant: every run complete, every answer there, once and sealed."""
    database = sqlite3.connect(home / "hilo.db")
    (done,) = database.execute("SELECT COUNT(*) FROM runs WHERE status = 'completed'").fetchone()
    answers, words = database.execute("SELECT COUNT(*), SUM(INSTR(value, 'agua')) FROM answers").fetchone()
    database.close()
    runs = plan.people * (plan.rounds + 1)
    questions = 4
    if (done, answers, words) != (runs, runs * questions, 0):
        raise RuntimeError(f"of {runs} runs {done} are complete with {answers} answers; {words} are legible")


def report(plan: Plan, tell: Tell) -> list[Figure]:
    """Measure both clients."""
    acts = len(CHECK_IN)
    tell(f"turns: {plan.people} people answer a check-in of 4 questions in {acts} turns, {plan.rounds} rounds a client")
    return [figure for client in plan.clients for figure in measure(client, plan, tell).figures()]
