"""One bot and a crowd that answers it, round by round; a bare library does after it what it did.

`compare.py` lays this file and `worker.py` over an older tree that has no worker yet: they lean on the bench's parts
alone (crowd, office, record), on the double and on `tests.thread.bot`.
"""

import json
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import psutil

from tests.bench.crowd import Crowd
from tests.bench.office import Office
from tests.bench.record import Echo, Exchange, Recorder, read
from tests.double import Double
from tests.thread.bot import ROOT, Hilo

RESTED = 1.0  # seconds in which the idle loops can be measured


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


class Bare:
    """A bare process of a library, and the echo it talks with."""

    python: tuple[str, ...] = (sys.executable,)

    def __init__(self, client: str, echo: Double) -> None:
        self._echo = Echo(echo)
        self._process = subprocess.Popen(
            [*self.python, "-m", "tests.bench.bare", client, echo.url, echo.token],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()

    @property
    def pid(self) -> int:
        """The number of its process."""
        return self._process.pid

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


class Session:
    """A bot whose people have joined and answered once already, to warm up."""

    hilos: type[Hilo] = Hilo
    bares: type[Bare] = Bare

    def __init__(self, hilo: Hilo, office: Office, crowd: Crowd, recorder: Recorder, bare: Bare) -> None:
        self._hilo, self._office, self._crowd, self._recorder, self._bare = hilo, office, crowd, recorder, bare
        self._rounds = 0
        assert hilo.process is not None
        self._process = psutil.Process(hilo.process.pid)
        self._idle = self._since = self._spent = 0.0

    @classmethod
    @contextmanager
    def opened(cls, client: str, people: int, calm: float) -> Iterator[Self]:
        """Start a bot, let so many people join, and watch its idle loops for so many seconds.

        At the end it is made sure that what was measured is what was meant.
        """
        with (
            tempfile.TemporaryDirectory() as folder,
            Double() as live,
            Double() as echo,
            cls.bares(client, echo) as bare,
        ):
            recorder = Recorder(live)
            hilo = cls.hilos(Path(folder) / "home", live, client, HILO_SEND_RATE="1000")
            crowd = Crowd(live, people)
            with Office(hilo.home) as office, running(hilo):
                session = cls(hilo, office, crowd, recorder, bare)
                crowd.join(office.invite(people))
                crowd.wait_quiet()
                session._rest()
                time.sleep(calm)
                session.round()
                yield session
            check(hilo.home, people * session._rounds)
            assert not live.violations, live.violations

    def round(self, *, parsing: bool = False) -> Round:
        """Ask everybody, let everybody answer, and let the bare library do after what the bot did."""
        self._rounds += 1
        self._rested()
        self._office.order()
        self._crowd.wait_shown()
        self._crowd.wait_quiet()
        self._recorder.take()
        used = answered(self._process, self._crowd, self._idle)
        self._rest()
        return one_round(self._recorder.take(), used, self._bare, parsing=parsing)

    def _rest(self) -> None:
        """Begin to watch the idle loops: from here on nobody says anything."""
        self._since, self._spent = time.monotonic(), cpu(self._process)

    def _rested(self) -> None:
        """Note what a second of them takes just now, if there was time enough to tell."""
        rested = time.monotonic() - self._since
        if rested >= RESTED:
            self._idle = (cpu(self._process) - self._spent) / rested


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


@contextmanager
def running(hilo: Hilo) -> Iterator[None]:
    """Start the bot, and stop it at the end."""
    hilo.start()
    try:
        yield
    finally:
        hilo.stop()


def check(home: Path, runs: int) -> None:
    """Make sure that so many runs are complete, and every answer is there, once and sealed."""
    database = sqlite3.connect(home / "hilo.db")
    (done,) = database.execute("SELECT COUNT(*) FROM runs WHERE status = 'completed'").fetchone()
    answers, words = database.execute("SELECT COUNT(*), SUM(INSTR(value, 'agua')) FROM answers").fetchone()
    database.close()
    questions = 4
    if (done, answers, words) != (runs, runs * questions, 0):
        raise RuntimeError(f"of {runs} runs {done} are complete with {answers} answers; {words} are legible")
