"""Fuzz: `make fuzz` gives each parser of what strangers send ten minutes of a processor, two at a time.

It prints a table. What was found lies in build/fuzz, one file for each kind of failure; it ends with 1 when there is
any. What was once found is a test of tests/bot/test_formats.py.

    make fuzz ARGS='--seconds 60 --only jpeg --seed 7'
"""

import argparse
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from tests.fuzz.targets import TARGETS

ROOT = Path(__file__).parent.parent.parent
HEADINGS = ("parser", "inputs", "processor s", "slowest s", "memory MB", "found")


def fuzz(name: str, given: argparse.Namespace) -> dict[str, Any]:
    """Fuzz one parser in a process of its own; return what came of it."""
    folder = ROOT / "build" / "fuzz" / name
    command = [sys.executable, "-m", "tests.fuzz.one", name, "--folder", str(folder)]
    command += ["--seconds", str(given.seconds), "--seed", str(given.seed), *(["--plain"] if given.plain else [])]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    lines = done.stdout.strip().splitlines()
    if done.returncode == 0 and lines:
        told: dict[str, Any] = json.loads(lines[-1])
        return told
    ended = f"ended with {done.returncode}"  # too slow or too large for libFuzzer: its file lies in the folder
    print(done.stderr[-2000:], file=sys.stderr)
    return {"parser": name, "inputs": 0, "processor": 0, "slowest": 0, "memory": 0, "found": {ended: str(folder)}}


def main() -> int:
    """Fuzz what the command line names; return how the process ends."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=600, help="of a processor, for each parser")
    parser.add_argument("--only", action="append", choices=sorted(TARGETS), help="one parser; may be repeated")
    parser.add_argument("--together", type=int, default=2, help="how many at a time")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--plain", action="store_true", help="without atheris, even where it is installed")
    given = parser.parse_args()
    os.nice(10)
    print(" | ".join(HEADINGS), flush=True)
    bad = False
    with ThreadPoolExecutor(given.together) as together:
        for told in together.map(lambda name: fuzz(name, given), given.only or TARGETS):
            found = "; ".join(f"{what} ({file})" for what, file in told["found"].items())
            bad = bad or bool(found)
            values = (told["parser"], told["inputs"], told["processor"], told["slowest"], told["memory"])
            print(" | ".join(map(str, (*values, found or "nothing"))), flush=True)
    return int(bad)


if __name__ == "__main__":
    sys.exit(main())
