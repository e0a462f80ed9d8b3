"""Fuzz one parser in this process: with atheris where it is installed, else by changing what reached new lines.

What goes wrong is written into a folder, once for each kind and place, and the fuzzing goes on. The last line of the
output tells, as JSON, how many inputs there were and what was found.
"""

import argparse
import hashlib
import importlib
import json
import os
import random
import resource
import signal
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

SLOW = 1.0  # seconds of the processor that one input may take
HANGS = 30  # seconds after which libFuzzer ends the process
MOST_MEMORY = 1_000  # megabytes, with the fuzzer's own
WATCHED = ("bot.media", "bot.messengers._updates", "bot.rendering", "bot.clock", "dialogs")
OWN = 4  # of so many inputs, one is changed by our own mutations and not by libFuzzer's


def spent() -> float:
    """Return the processor's seconds that this process and those it waited for have taken."""
    own, others = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + others.ru_utime + others.ru_stime


class Watch:
    """Gives inputs to a parser and remembers what went wrong."""

    def __init__(self, target: Any, folder: Path) -> None:
        self.target = target
        self.folder = folder
        self.inputs = 0
        self.slowest = 0.0
        self.found: dict[str, str] = {}

    def give(self, data: bytes) -> None:
        """Give one input."""
        self.inputs += 1
        begun = spent()
        try:
            self.target.run(data)
        except MemoryError:
            self.note("MemoryError", data)
        except Exception as error:  # noqa: BLE001  that is what is looked for
            last = traceback.extract_tb(error.__traceback__)[-1]
            self.note(f"{type(error).__name__} in {Path(last.filename).name}:{last.name}", data)
        took = spent() - begun
        self.slowest = max(self.slowest, took)
        if took > SLOW:
            self.note("slow", data)

    def note(self, what: str, data: bytes) -> None:
        """Write an input into the folder if nothing like it was found before."""
        if what not in self.found:
            name = f"found-{hashlib.sha256(data).hexdigest()[:16]}"
            (self.folder / name).write_bytes(data)
            self.found[what] = name
            print(f"found: {what}: {name}", flush=True)

    def told(self) -> str:
        """Return what came of it, as JSON."""
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        return json.dumps(
            {
                "parser": self.target.name,
                "inputs": self.inputs,
                "processor": round(spent()),
                "slowest": round(self.slowest, 2),
                "memory": peak,
                "found": self.found,
            }
        )


class Lines:
    """Tells whether an input reached a line that none before it reached (from Python 3.12 on)."""

    def __init__(self, modules: tuple[str, ...]) -> None:
        root = str(Path(__file__).parent.parent.parent)
        self._paths = tuple(f"{root}/{each.replace('.', '/')}" for each in modules)
        self.new = False
        seen = getattr(sys, "monitoring", None)
        if seen is not None:
            seen.use_tool_id(seen.COVERAGE_ID, "fuzz")
            seen.register_callback(seen.COVERAGE_ID, seen.events.LINE, self._line)
            seen.set_events(seen.COVERAGE_ID, seen.events.LINE)

    def close(self) -> None:
        """Listen no longer."""
        seen = getattr(sys, "monitoring", None)
        if seen is not None:
            seen.set_events(seen.COVERAGE_ID, 0)
            seen.free_tool_id(seen.COVERAGE_ID)
            seen.restart_events()

    def _line(self, code: Any, _line: int) -> Any:
        self.new = self.new or code.co_filename.startswith(self._paths)
        return sys.monitoring.DISABLE  # type: ignore[attr-defined,unused-ignore]  # each line once


def tell_when_stopped(watch: Watch) -> None:
    """Say what was reached when the process is told to end before its time."""

    def stopped(*_: object) -> None:
        print(watch.told(), flush=True)
        os._exit(0)  # libFuzzer's loop is not left by an exception

    signal.signal(signal.SIGTERM, stopped)


def plainly(watch: Watch, seconds: float, seed: int, mutate: Callable[..., bytes]) -> None:
    """Change the seeds, and what reached new lines, until the processor has worked for so long."""
    target, rng = watch.target, random.Random(seed)
    lines, pool = Lines(target.modules), list(target.seeds)
    for data in pool:
        watch.give(data)
    until = spent() + seconds
    try:
        while spent() < until:
            lines.new = False
            data = target.repair(mutate(rng.choice(pool), rng, target.seeds, target.most))
            watch.give(data)
            if lines.new:
                pool.append(data)
    finally:
        lines.close()


def by_atheris(watch: Watch, seconds: float, seed: int, mutate: Callable[..., bytes]) -> None:
    """Let libFuzzer choose by what an input reaches; a quarter of the changes are ours."""
    atheris = importlib.import_module("atheris")
    target = watch.target
    corpus = watch.folder / "corpus"
    corpus.mkdir(exist_ok=True)
    for data in target.seeds:
        (corpus / hashlib.sha256(data).hexdigest()[:16]).write_bytes(data)
    until = spent() + seconds

    def change(data: bytes, most: int, drawn: int) -> bytes:
        rng = random.Random(drawn)
        changed = atheris.Mutate(data, most) if rng.randrange(OWN) else mutate(data, rng, target.seeds, most)
        return bytes(target.repair(bytes(changed))[:most])

    def give(data: bytes) -> None:
        watch.give(data)
        if spent() > until:  # libFuzzer ends the process without a word
            print(watch.told(), flush=True)
            os._exit(0)

    options = [
        f"-seed={seed + 1}",
        f"-max_len={target.most}",
        f"-timeout={HANGS}",
        f"-rss_limit_mb={MOST_MEMORY}",
        "-handle_term=0",  # ours says what was reached
        f"-artifact_prefix={watch.folder}/found-",
        "-verbosity=0",
        "-len_control=0",
    ]
    atheris.Setup([sys.argv[0], *options, str(corpus)], give, custom_mutator=change)
    atheris.Fuzz()


def main() -> None:
    """Fuzz the parser that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name")
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--plain", action="store_true")
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    try:
        atheris = None if given.plain else importlib.import_module("atheris")
    except ImportError:
        atheris = None
    if atheris is None:
        targets = importlib.import_module("tests.fuzz.targets").TARGETS
    else:
        with atheris.instrument_imports(
            include=["bot.media", "bot.messengers._updates", "bot.rendering", "bot.clock", "dialogs"]
        ):
            targets = importlib.import_module("tests.fuzz.targets").TARGETS
    mutate = importlib.import_module("tests.fuzz.mutations").mutate
    watch = Watch(targets[given.name], given.folder)
    tell_when_stopped(watch)
    (plainly if atheris is None else by_atheris)(watch, given.seconds, given.seed, mutate)
    print(watch.told(), flush=True)


if __name__ == "__main__":
    main()
