"""What a bot takes that has nothing to do, and how soon it is awake."""

import http.client
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import psutil

from tests.bench.table import Figure, Tell, middle, spread
from tests.double import Double
from tests.thread.bot import Hilo

MOST, MOST_AIM = 95.0, 80.0  # MB
SLOWEST = 1.5  # s
MB = 1_000_000
PATIENCE = 60.0
LOOK = 0.01  # s between looks for the first answer


@dataclass(frozen=True)
class Plan:
    """How often a bot is started, and how many seconds it idles before its memory is read."""

    starts: int = 5
    idle: float = 6.0
    clients: tuple[str, ...] = ("ptb", "aiogram")


FULL = Plan()
QUICK = Plan(starts=1, idle=2.0, clients=("ptb",))


@dataclass
class Client:
    """What was measured of one client: MB at the first start (which migrates) and at a later one, seconds to wake."""

    name: str
    first: float = 0.0
    later: float = 0.0
    alone: float = 0.0
    awake: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    idling: float = 0.0

    def figures(self, *, targets: bool) -> Iterator[Figure]:
        """The table's lines; the default client has the targets."""
        most, aim, slowest = (MOST, MOST_AIM, SLOWEST) if targets else (None, None, None)
        alone = f"of which its own alone: {self.alone:.1f} MB; doing nothing: {self.idling:.1f} ms of CPU a second"
        yield Figure(f"{self.name}: idle, resident", self.later, "MB", most, aim, alone)
        yield Figure(f"{self.name}: idle after its first start", self.first, "MB", most, aim, "with a migration")
        if self.awake:
            yield Figure(f"{self.name}: start to /health", middle(self.awake), "s", slowest, note=spread(self.awake))
            yield Figure(f"{self.name}: CPU of that", middle(self.cpu), "s", note=spread(self.cpu))


class Started:
    """A bot from its start until it is stopped. Its output is thrown away."""

    def __init__(self, hilo: Hilo) -> None:
        self._began = time.perf_counter()
        self.process = psutil.Popen(
            [sys.executable, "-m", "bot", "run"],
            cwd=hilo.home.parent,
            env=hilo.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._port = hilo.port

    def awake(self) -> float:
        """Wait until it answers; returns the seconds since its start."""
        while time.perf_counter() - self._began < PATIENCE:
            try:
                connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=PATIENCE)
                connection.request("GET", "/health")
                answer = connection.getresponse()
                connection.close()
                if answer.status == http.HTTPStatus.OK:
                    return time.perf_counter() - self._began
            except ConnectionError:
                if self.process.poll() is not None:
                    break
            time.sleep(LOOK)
        raise RuntimeError("the bot did not wake up")

    def cpu(self) -> float:
        """CPU seconds so far."""
        times = self.process.cpu_times()
        return float(times.user + times.system)

    def stop(self) -> None:
        """Stop it."""
        self.process.terminate()
        self.process.wait(30)


def measure(client: str, plan: Plan, tell: Tell) -> Client:
    """Measure one client."""
    found = Client(client)
    with tempfile.TemporaryDirectory() as folder, Double() as double:
        hilo = Hilo(Path(folder) / "home", double, client)
        for place in range(plan.starts + 1):
            bot = Started(hilo)
            try:
                seconds = bot.awake()
                spent = bot.cpu()
                if place == 0:
                    time.sleep(plan.idle)
                    found.first = bot.process.memory_info().rss / MB
                    continue
                found.awake.append(seconds)
                found.cpu.append(spent)
                if place == plan.starts:
                    before = bot.cpu()
                    time.sleep(plan.idle)
                    found.idling = (bot.cpu() - before) / plan.idle * 1000
                    memory = bot.process.memory_full_info()
                    found.later, found.alone = memory.rss / MB, memory.uss / MB
            finally:
                bot.stop()
        tell(f"{client}: {found.later:.1f} MB, awake in {middle(found.awake):.2f} s")
    return found


def report(plan: Plan, tell: Tell) -> list[Figure]:
    """Measure the clients; aiogram's figures inform, so it starts but once."""
    tell(f"memory: {plan.starts} starts a client, read after {plan.idle:g} idle seconds")
    return [
        figure
        for client in plan.clients
        for figure in measure(client, plan if client == "ptb" else replace(plan, starts=1), tell).figures(
            targets=client == "ptb"
        )
    ]
