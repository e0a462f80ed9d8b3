"""`python -m tests.bench.worker PART CLIENT`: measure one tree's bot, once for each line of the input.

Prints a line of JSON when it is ready, which tells where the bot's code lies, and one for each measurement. It stops
when the input ends. What it speaks is what `compare.py` of any other tree understands: a part's figures by name.
"""

import importlib.util
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.bench.resident import Started
from tests.bench.session import Session
from tests.double import Double
from tests.thread.bot import ROOT, Hilo

PEOPLE = 30
CALM = 3.0  # seconds in which the idle loops are measured
IDLE = 6.0  # seconds until the memory of an idle bot is read
MB = 1_000_000
ROOMS = ("bot", "dialogs", "storage")

Measure = Callable[[], dict[str, float]]


@contextmanager
def turns(client: str) -> Iterator[Measure]:
    """Measure the milliseconds of CPU that a turn takes beyond the library, of one round after another."""
    with Session.opened(client, PEOPLE, CALM) as session:
        yield lambda: {"turns": session.round().beyond()}


@contextmanager
def memory(client: str) -> Iterator[Measure]:
    """Measure the MB that an idle bot takes, of one start after another; one before, which migrates, is not told."""
    with tempfile.TemporaryDirectory() as folder, Double() as double:
        hilo = Hilo(Path(folder) / "home", double, client)

        def start(idle: float) -> float:
            bot = Started(hilo)
            try:
                bot.awake()
                time.sleep(idle)
                return float(bot.process.memory_info().rss / MB)
            finally:
                bot.stop()

        start(0)
        yield lambda: {"memory": start(IDLE)}


PARTS = {"turns": turns, "memory": memory}


def found_in() -> str:
    """Return the folder that the bot's code is imported from. Raises RuntimeError where it is not one folder."""
    specs = [importlib.util.find_spec(room) for room in ROOMS]
    folders = {Path(spec.origin).parents[1].resolve() for spec in specs if spec is not None and spec.origin}
    if folders != {ROOT.resolve()}:
        raise RuntimeError(f"the bot's code is imported from {sorted(map(str, folders))}, not from {ROOT}")
    return str(ROOT.resolve())


def main(part: str, client: str) -> None:
    """Get ready, and measure for each line of the input."""
    with PARTS[part](client) as measure:
        print(json.dumps({"tree": found_in()}), flush=True)
        for _ in sys.stdin:
            print(json.dumps(measure()), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
