"""Mutants: `make mutants` changes the code in one place at a time, and sees whether a test notices.

Changed are the loops (`bot/pipeline`) and the conversation (`dialogs`): what has to be right whatever comes. A mutant
meets the tests that run its line, the quickest first, for some seconds, and one that lives through these more of them;
what kills it is run once more with and without the change.
What was found lies in a folder, a line a mutant, and a run that was interrupted goes on from there.
"""

import argparse
import difflib
import gc
import json
import multiprocessing
import os
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from pathlib import Path

from coverage import CoverageData

from tests.mutants.draw import Mutant, draw
from tests.mutants.run import judge, warm

ROOT = Path(__file__).parent.parent.parent
FOLDERS = ("bot/pipeline", "dialogs")
TESTS = ("tests/bot", "tests/dialogs", "tests/golden")
FIRST, MORE = 2.0, 10.0  # seconds that tests took by themselves: for every mutant, and for who lives through these
SLOWER = 6  # times as long as they took may they take beside others, and so many seconds more
START = 40

Chosen = dict[tuple[str, int], list[tuple[float, str]]]


def measure(folder: Path, tests: list[str]) -> None:
    """Run tests once, and write which of them run which lines, and how long each takes."""
    environment = os.environ | {
        "COVERAGE_FILE": str(folder / "coverage"),
        "COVERAGE_CORE": "ctrace",
        "HILO_DURATIONS": str(folder / "durations.json"),
    }
    sources = [f"--cov={name}" for name in FOLDERS]
    options = [
        "-q",
        "-n",
        "3",
        "--dist",
        "loadgroup",
        "-m",
        "not proof",
        "-p",
        "tests.mutants.recorder",
        "--overtime",
        "inf",
    ]
    options += ["--cov-context=test", "--cov-report=", *sources]
    subprocess.run([sys.executable, "-m", "pytest", *options, *tests], cwd=ROOT, env=environment, check=True)


def chosen(folder: Path) -> Chosen:
    """Read which tests run a line, the nearest and quickest first, with the seconds each takes.

    Line 0 is any line of the file.

    What runs when the file is imported belongs to no test: of that, whoever runs anything of the file may notice.
    """
    seconds = json.loads((folder / "durations.json").read_text("utf-8"))

    def order(path: str, names: Iterable[str]) -> list[tuple[float, str]]:
        return [
            (seconds.get(name, 1.0), name)
            for name in sorted(names, key=lambda name: (not _near(path, name), seconds.get(name, 1.0), name))
        ]

    data = CoverageData(str(folder / "coverage"))
    data.read()
    found: Chosen = defaultdict(list)
    for path in data.measured_files():
        for line, contexts in data.contexts_by_lineno(path).items():
            names = {context.rpartition("|")[0] for context in contexts if "|" in context}
            short = str(Path(path).relative_to(ROOT))
            found[short, line] = order(short, names)
    for path in {path for path, _ in found}:
        every = {name for (other, _), tests in found.items() if other == path for _, name in tests}
        found[path, 0] = order(path, every)
    return found


def _near(path: str, name: str) -> bool:
    """Tell whether a test is of the same part: it is tried first, and needs least to be imported."""
    return name.startswith("tests/dialogs/") if path.startswith("dialogs/") else Path(path).stem in name


def within(tests: list[tuple[float, str]], seconds: float) -> tuple[list[str], float]:
    """Return the first of some tests that take so many seconds together, and how many they take."""
    taken, names = 0.0, []
    for long, name in tests:
        if names and taken + long > seconds:
            break
        taken += long
        names.append(name)
    return names, taken


def _confirmed(mutant: Mutant, source: str, by: str, names: list[str]) -> bool:
    """Return whether it was the change that failed: the same without it passes."""
    before = (ROOT / mutant.path).read_text("utf-8")
    if not by:  # nothing could begin
        return judge(ROOT, mutant.path, before, [*names, "--collect-only"], START)[0] == "survived"
    if by not in names:  # a file that could not be collected
        return True
    alone = [judge(ROOT, mutant.path, each, [by], START * SLOWER)[0] for each in (source, before)]
    return alone == ["killed", "survived"]


def tried(mutant: Mutant, tests: list[tuple[float, str]]) -> dict[str, object]:
    """Try one mutant; returns its line for the file of results."""
    ran, by, result = 0, "", "not run" if not tests else "survived"
    source = mutant.source(ROOT)
    for seconds in (FIRST, MORE):
        names, taken = within(tests, seconds)
        doubtful = ran > 0  # many tests together: one of them may have failed by itself
        if len(names) > ran:
            result, by = judge(ROOT, mutant.path, source, names[ran:], taken * SLOWER + START)
            ran = len(names)
        if result == "killed" and (doubtful or not by) and not _confirmed(mutant, source, by, names):
            result = "unsure"
        if result != "survived":
            break
    before = (ROOT / mutant.path).read_text("utf-8").splitlines()
    change = list(difflib.unified_diff(before, source.splitlines(), n=0, lineterm=""))[2:]
    return {**asdict(mutant), "result": result, "by": by, "tests": ran, "change": change}


def main() -> None:
    """Measure where nothing was measured yet, draw, try what was not tried yet, and say how it stands."""
    options = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--number", type=int, default=800)
    options.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    options.add_argument("--folder", type=Path, default=ROOT / "build" / "mutants")
    options.add_argument("--code", nargs="*", default=list(FOLDERS), help="folders to change something in")
    options.add_argument("--tests", nargs="*", default=list(TESTS), help="tests that may notice")
    options.add_argument("--again", action="store_true", help="try those once more that lived")
    given = options.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    if not (given.folder / "durations.json").exists():
        measure(given.folder, given.tests)
    tests = chosen(given.folder)
    mutants = draw(ROOT, given.code, given.number, given.seed)
    results = given.folder / f"results-{given.seed}.jsonl"
    kept = [json.loads(line) for line in results.read_text("utf-8").splitlines()] if results.exists() else []
    if given.again:
        kept = [each for each in kept if each["result"] in {"killed", "timeout"}]
        results.write_text("".join(json.dumps(each) + "\n" for each in kept), "utf-8")
    done = {(each["path"], each["line"], each["operator"], each["occurrence"]) for each in kept}
    waiting = [each for each in mutants if (each.path, each.line, each.operator, each.occurrence) not in done]
    warm()
    chosen_for = [tests.get((each.path, each.line)) or tests.get((each.path, 0), []) for each in waiting]
    del tests
    gc.freeze()  # what is there by now is never looked through again, in any process that forks
    with (
        ProcessPoolExecutor(given.jobs, multiprocessing.get_context("fork")) as pool,
        results.open("a", encoding="utf-8") as out,
    ):
        for found in pool.map(tried, waiting, chosen_for):
            kept.append(found)
            out.write(json.dumps(found) + "\n")
            out.flush()
            if found["result"] in {"survived", "not run"}:
                print(f"{found['result']}  {found['path']}:{found['line']}  {found['operator']}", flush=True)
                print("\n".join(f"    {line}" for line in found["change"]), flush=True)
    counted = defaultdict(int)
    for each in kept:
        counted[each["result"]] += 1
    print(", ".join(f"{number} {result}" for result, number in sorted(counted.items())))


if __name__ == "__main__":
    main()
