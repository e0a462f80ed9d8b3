"""What a bot takes that has nothing to do, beside an empty uvicorn and its client's long poll in the same seconds."""

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from bot import clock
from bot.messengers.port import WEB, Outgoing
from bot.web.sessions import own_chat
from tests.bench.crowded import DAY, TOKEN
from tests.bench.office import Office
from tests.bench.session import cpu, running
from tests.bench.table import Figure, Tell, middle, spread
from tests.bench.visitors import opened
from tests.double import Double
from tests.thread.bot import ROOT, Hilo, free_port

MORE = 2.0  # ms of CPU a second, beyond what the empty one takes
OTHER = "7000000:another-bot-of-the-same-double-000000"
SETTLING = 5.0  # seconds until what a start brings about is done


@dataclass(frozen=True)
class Plan:
    """How long one look lasts, how many there are, and with which clients."""

    seconds: float = 15.0
    looks: int = 4
    clients: tuple[str, ...] = ("ptb", "aiogram")


FULL = Plan()
QUICK = Plan(seconds=10.0, looks=1, clients=("ptb",))


class Home(Office):
    """The storage of a bot with somebody whose page can be open."""

    def page(self) -> None:
        """Let somebody be known on the web, to whom something was said."""
        with self._app.storage.unit(clock.now()) as unit:
            chat = own_chat(unit, TOKEN.format(0))
            person = unit.people.create(clock.new_id(), unit.now, "active", "es")
            unit.addresses.link(person, WEB, chat, clock.new_id())
            unit.web_sessions.open(clock.new_id(), TOKEN.format(0), chat, unit.now + DAY)
            seq = unit.outbox.put(
                clock.new_id(), person, WEB, chat, "message", 0, Outgoing(chat, "Hola.", ()).to_dict()
            )
            unit.outbox.sent(seq, seq, unit.now)


@contextmanager
def empty(client: str, double: Double) -> Iterator[psutil.Process]:
    """Run an empty uvicorn and a long poll."""
    line = [sys.executable, "-m", "tests.bench.empty", client, double.url, OTHER, str(free_port())]
    with subprocess.Popen(line, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        if process.stdout.readline() != "here\n":
            raise RuntimeError("the empty process did not start")
        try:
            yield psutil.Process(process.pid)
        finally:
            process.terminate()


@contextmanager
def visitor(hilo: Hilo) -> Iterator[None]:
    """Keep a page open."""
    line = [sys.executable, "-m", "tests.bench.idle", str(hilo.port)]
    with subprocess.Popen(line, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        if process.stdout.readline() != "here\n":
            raise RuntimeError("the page did not open")
        yield
        process.communicate()


def spent(process: psutil.Process) -> float:
    """CPU seconds of a process's threads so far. A clock tick is far longer than what an idle bot runs at a time."""
    found = list(Path(f"/proc/{process.pid}/task").glob("*/schedstat"))
    return sum(int(each.read_text().split()[0]) for each in found) / 1e9 if found else cpu(process)


def more(bot: psutil.Process, other: psutil.Process, plan: Plan) -> list[tuple[float, float]]:
    """Return the milliseconds of CPU a second that both took, look by look."""
    looks = []
    for _ in range(plan.looks):
        before, began = (spent(bot), spent(other)), time.perf_counter()
        time.sleep(plan.seconds)
        after, took = (spent(bot), spent(other)), time.perf_counter() - began
        looks.append(((after[0] - before[0]) / took * 1000, (after[1] - before[1]) / took * 1000))
    return looks


def measure(client: str, plan: Plan, tell: Tell) -> Iterator[Figure]:
    """Measure one client, without and with an open page."""
    with tempfile.TemporaryDirectory() as folder, Double() as double, ExitStack() as kept:
        double.add_bot(OTHER, "another_bot")
        hilo = Hilo(Path(folder) / "home", double, client)
        with Home(hilo.home) as home:
            home.page()
        kept.enter_context(running(hilo))
        other = kept.enter_context(empty(client, double))
        assert hilo.process is not None
        bot = psutil.Process(hilo.process.pid)
        for name in ("nobody there", "an open page"):
            if name != "nobody there":
                kept.enter_context(visitor(hilo))
            time.sleep(SETTLING)
            looks = more(bot, other, plan)
            beyond = [one - two for one, two in looks]
            whole = f"{middle([one for one, _ in looks]):.1f} beside {middle([two for _, two in looks]):.1f}"
            tell(f"{client}, {name}: {whole} ms of CPU a second")
            yield Figure(
                f"{client}, {name}: beyond an empty uvicorn and long poll",
                middle(beyond),
                "ms/s",
                MORE,
                note=f"{whole}; {spread(beyond)}",
            )


def report(plan: Plan, tell: Tell) -> list[Figure]:
    """Measure the clients."""
    tell(f"idle: {plan.looks} looks of {plan.seconds:g} seconds, with nobody there and with an open page")
    return [figure for client in plan.clients for figure in measure(client, plan, tell)]


if __name__ == "__main__":
    import asyncio

    async def stay(port: int) -> None:
        """Open the page and stay until the input ends."""
        _, writer = await opened(port, "/chat/events?after=0", TOKEN.format(0))
        print("here", flush=True)
        await asyncio.to_thread(sys.stdin.read)
        writer.close()

    asyncio.run(stay(int(sys.argv[1])))
