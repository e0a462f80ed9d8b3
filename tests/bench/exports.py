"""Answers to CSV, beside the `sqlite3` shell writing out the same rows as they are, sealed; and to a workbook."""

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
SECONDS = 10.0  # for a workbook of a large cohort's answers
CONSTANT = 1.15  # what constant memory may come to, measured
SHELL = {"`.dump answers`": (".dump answers",), "`.mode csv`, all rows": (".mode csv", "SELECT * FROM answers")}


@dataclass(frozen=True)
class Plan:
    """How many runs of four answers the larger database holds; the smaller one holds a quarter."""

    runs: int = 25_000
    times: int = 5
    workbook: int = 12_500


FULL = Plan()
QUICK = Plan(runs=1_500, times=1, workbook=1_500)


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
        return figures + workbook(Path(folder), plan, tell)


def workbook(folder: Path, plan: Plan, tell: Tell) -> list[Figure]:
    """Write a cohort's answers as a workbook, and a quarter of them, beside CSV of the same."""
    small, large = folder / "quarter", folder / "cohort"
    for home, runs in ((small, plan.workbook // 4), (large, plan.workbook)):
        with Office(home) as office:
            office.fill(runs)
    few, many = (exported(home, folder / "books", "xlsx") for home in (small, large))
    answers = plan.workbook * 4
    tell(f"workbook: {many.wall:.1f} s, peak {few.peak / MB:.1f} and {many.peak / MB:.1f} MB")
    ratio = within(large, folder / "books", "xlsx") / within(large, folder / "books")
    sought = (SECONDS, CONSTANT) if plan == FULL else (None, None)
    memory = f"{many.peak / MB:.1f} MB beside {few.peak / MB:.1f} MB: constant is 1"
    return [
        Figure(
            f"hilo export --format xlsx, {answers:,} answers", many.wall, "s", sought[0], note="wall, whole process"
        ),
        Figure("  to CSV of the same, in a started process", ratio, note="CPU"),
        Figure(
            f"workbook: peak memory, {answers:,} to {answers // 4:,}", many.peak / few.peak, "", sought[1], note=memory
        ),
    ]


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
            target, aim = (TARGET, AIM) if plan == FULL else (None, None)
            figures += [
                Figure(f"export to {name}", middle(outer), "", target, aim, f"{seconds}; {spread(outer)}"),
                Figure("  in a started process", middle(inner), "", TARGET, AIM, spread(inner)),
            ]
    return figures


def exported(home: Path, out: Path, form: str = "csv") -> Used:
    """Run `hilo export` as a whole process."""
    environment = {**os.environ, **settings(home), "PYTHONPATH": str(ROOT)}
    return measured([sys.executable, "-m", "bot", "export", "--out", str(out), "--format", form], environment)


def within(home: Path, out: Path, form: str = "csv") -> float:
    """Export in a process that has started; returns the CPU seconds of one export."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.inside", str(home), str(out), "1", form],
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
