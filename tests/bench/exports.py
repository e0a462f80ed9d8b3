"""Answers to CSV, beside the `sqlite3` shell writing out the same rows as they are, sealed."""

import csv
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tests.bench.meter import Used, measured
from tests.bench.office import Office, settings
from tests.bench.table import Figure, Tell, middle, shown, spread
from tests.thread.bot import ROOT

TARGET, AIM = 5.0, 3.0
MB = 1_000_000
SHELL = {"`.dump answers`": (".dump answers",), "`.mode csv`, all rows": (".mode csv", "SELECT * FROM answers")}


@dataclass(frozen=True)
class Plan:
    """How many runs of four answers the larger database holds; the smaller one holds a quarter."""

    runs: int = 25_000
    times: int = 5


FULL = Plan()
QUICK = Plan(runs=1_500, times=1)


def report(plan: Plan, tell: Tell) -> list[Figure]:
    """Measure both databases."""
    with tempfile.TemporaryDirectory() as folder:
        small, large = Path(folder) / "small", Path(folder) / "large"
        tell(f"export: {plan.runs * 4:,} answers sealed through storage, and a quarter as many")
        for home, runs in ((small, plan.runs // 4), (large, plan.runs)):
            with Office(home) as office:
                office.fill(runs)
        figures = beside_the_shell(large, plan, tell)
        few, many = (exported(home, home.parent / "out").peak / MB for home in (small, large))
        tell(f"peak memory {few:.1f} and {many:.1f} MB")
        figures.append(
            Figure(
                f"export: peak memory, {plan.runs * 4:,} to {plan.runs:,}",
                many / few,
                note=f"{many:.1f} MB beside {few:.1f} MB: constant is 1",
            )
        )
    return figures


def beside_the_shell(home: Path, plan: Plan, tell: Tell) -> list[Figure]:
    """Export in turn with the shell, and compare each export with the shell's output right after it."""
    out = home.parent / "out"
    shell = shutil.which("sqlite3")
    if shell is None:
        tell("the sqlite3 shell is not installed: nothing to compare with")
    whole: list[Used] = []
    inside: list[float] = []
    dumps: dict[str, list[float]] = {name: [] for name in SHELL}
    for place in range(plan.times):
        whole.append(exported(home, out))
        inside.append(within(home, out))
        for name, commands in SHELL.items() if shell else ():
            dumps[name].append(measured([shell or "", "-readonly", str(home / "hilo.db"), *commands]).cpu)
        tell(f"export {place + 1}: {whole[-1].cpu:.2f} s, in a started process {inside[-1]:.2f} s of CPU")
    check(out / "check_in.csv", plan.runs)
    answers = plan.runs * 4
    cpu = [used.cpu for used in whole]
    figures = [
        Figure(f"hilo export, {answers:,} answers", middle(cpu), "s", note=f"CPU, whole process: {spread(cpu)}"),
        Figure("the same in a started process", middle(inside), "s", note=f"CPU: {spread(inside)}"),
    ]
    for name, dump in dumps.items():
        if dump:
            outer = [one / other for one, other in zip(cpu, dump, strict=True)]
            inner = [one / other for one, other in zip(inside, dump, strict=True)]
            seconds = f"the shell: {shown(middle(dump))} s"
            # With few answers it is the start of the process that is measured.
            sought = (TARGET, AIM) if plan == FULL else (None, None)
            figures += [
                Figure(f"export to {name}", middle(outer), "", *sought, f"{seconds}; {spread(outer)}"),
                Figure("  in a started process", middle(inner), "", TARGET, AIM, spread(inner)),
            ]
    return figures


def exported(home: Path, out: Path) -> Used:
    """Run `hilo export` as a whole process."""
    environment = {**os.environ, **settings(home), "PYTHONPATH": str(ROOT)}
    return measured([sys.executable, "-m", "bot", "export", "--out", str(out), "--format", "csv"], environment)


def within(home: Path, out: Path) -> float:
    """Export in a process that has started; returns the CPU seconds of one export."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.inside", str(home), str(out), "1"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return float(done.stdout)


def check(path: Path, runs: int) -> None:
    """Make sure that every answer is there, in the clear."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    if len(rows) != runs or any(row["need"] != "call" or "agua" not in row["week"] for row in rows):
        raise RuntimeError(f"{len(rows)} rows were exported, and not all of them whole")
