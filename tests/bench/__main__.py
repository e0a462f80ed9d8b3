"""`python -m tests.bench [--quick] [PART ...]`: measure, and print a table a part."""

import argparse
import os
import platform
import sys
import time
from collections.abc import Callable

from tests.bench import (
    beside,
    counted,
    courier,
    crowded,
    exports,
    idle,
    large_group,
    many,
    people,
    resident,
    rhythm,
    sealing,
    staff,
    turns,
)
from tests.bench.table import Figure, Tell, drawn

TITLES = {
    "turns": "A turn: durable, encrypted, over HTTP (CPU)",
    "counted": "A turn: instructions, counted by valgrind",
    "courier": "A full outbox, sent",
    "memory": "A bot with nothing to do",
    "sealing": "What sealing costs: a turn beside the same with encryption and padding left out (CPU)",
    "beside": "A turn's reply beside a backup, an export and a check, one at a time (wall clock)",
    "idle": "The CPU of a bot with nothing to do",
    "staff": "A facilitator's screens: a cohort of 1,000 with 50,000 answers",
    "large_group": "One group of 5,000 with 200,000 answers",
    "people": "What grows with people (CPU)",
    "rhythm": "What comes back, among 10,000 people",
    "many": "Many answers, beside 10,000 (CPU)",
    "export": "Export to CSV and to a workbook",
    "crowded": "A turn and a page in a crowd, beside the same with nothing else to do",
}
NAMED = {"counted"}
"""What is measured only where it is asked for: it takes what Hilo does not install."""
PARTS: dict[str, Callable[[bool, Tell], list[Figure]]] = {
    "turns": lambda quick, tell: turns.report(turns.QUICK if quick else turns.FULL, tell),
    "counted": lambda quick, tell: counted.report(counted.QUICK if quick else counted.FULL, tell),
    "courier": lambda quick, tell: courier.report(courier.QUICK if quick else courier.FULL, tell),
    "memory": lambda quick, tell: resident.report(resident.QUICK if quick else resident.FULL, tell),
    "sealing": lambda quick, tell: sealing.report(sealing.QUICK if quick else sealing.FULL, tell),
    "beside": lambda quick, tell: beside.report(beside.QUICK if quick else beside.FULL, tell),
    "idle": lambda quick, tell: idle.report(idle.QUICK if quick else idle.FULL, tell),
    "export": lambda quick, tell: exports.report(exports.QUICK if quick else exports.FULL, tell),
    "people": lambda quick, tell: people.report(people.QUICK if quick else people.FULL, tell),
    "rhythm": lambda quick, tell: rhythm.report(rhythm.QUICK if quick else rhythm.FULL, tell),
    "many": lambda quick, tell: many.report(many.QUICK if quick else many.plan(), tell),
    "crowded": lambda quick, tell: crowded.report(crowded.QUICK if quick else crowded.FULL, tell),
    "large_group": lambda quick, tell: large_group.report(large_group.QUICK if quick else large_group.FULL, tell),
    "staff": lambda quick, tell: staff.report(staff.QUICK if quick else staff.FULL, tell),
}


def tell(line: str) -> None:
    """Say how far it is, apart from the tables."""
    sys.stderr.write(f"· {line}\n")


def pace() -> float:
    """Milliseconds of CPU for a fixed piece of plain Python: tells how fast this machine is just now."""
    began = time.process_time()
    total = 0
    for number in range(1_000_000):
        total += number * number % 7
    return (time.process_time() - began) * 1000


def machine() -> str:
    """Describe where and when this runs."""
    busy = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    python = platform.python_version()
    return f"Python {python}, {os.cpu_count()} processors{busy}, a million rounds of a loop: {pace():.0f} ms"


def main() -> None:
    """Measure what is asked for."""
    arguments = argparse.ArgumentParser(prog="python -m tests.bench", description="Measure what Hilo costs.")
    arguments.add_argument(
        "parts", nargs="*", metavar="PART", help=f"some of {', '.join(TITLES)}; if none, all but {', '.join(NAMED)}"
    )
    arguments.add_argument("--quick", action="store_true", help="python-telegram-bot alone, smaller amounts, once")
    chosen = arguments.parse_args()
    if unknown := sorted(set(chosen.parts) - set(TITLES)):
        arguments.error(f"no part {unknown[0]}")
    print(machine())
    for name in chosen.parts or (name for name in TITLES if name not in NAMED):
        print(drawn(TITLES[name], PARTS[name](chosen.quick, tell)), flush=True)
    print(f"\n{machine()}")


if __name__ == "__main__":
    main()
