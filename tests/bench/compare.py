"""`python -m tests.bench.compare [--base REV] [PART ...]`: what a change costs, beside the commit it started from.

    make bench-compare                          # beside the commit that .ci/run compares with
    make bench-compare ARGS='--base v0.1.0 turns'

Both trees' bots run in one run, pair by pair, base and head taking turns at being first; so whatever else the machine
does meets both. Each tree is measured by its own bench, with its own code, and with the packages that it locks. It
fails (exit code 1) where a turn takes over 5 % more CPU beyond the library, or an idle bot over 3 MB more, and that
certainly (verdict.py), and twice: the second time with bots started anew, and twice as many pairs. The first time it
stops where the pairs to come could not show a loss any more; for a figure that is exact, say how many: `--pairs 12`. A
decision may give up more by name: see docs/adr/README.md.

Where there is nothing to compare with (a shallow clone, no git) it says so, and does not fail.
"""

import argparse
import contextlib
import io
import json
import math
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from tests.bench.table import middle, shown
from tests.bench.verdict import USUAL, Limit, Verdict, decided, judge, limits
from tests.thread.bot import ROOT

CLIENTS = ("ptb", "aiogram")
PAIRS = {"turns": 12, "memory": 5}
OURS = ("session.py", "worker.py")  # what measures a tree from before there was a worker
LOCKS = ("requirements.txt", "requirements-dev.txt")
FLOOR = ".ci/floor"
UNITS = {"turns": "ms", "memory": "MB"}


class NothingToCompare(Exception):
    """There is no base here."""


@dataclass(frozen=True)
class Tree:
    """A commit's files, and the Python that has its packages."""

    folder: Path
    python: str


class Worker:
    """One tree's bot, measured whenever it is asked for."""

    def __init__(self, tree: Tree, part: str, client: str) -> None:
        self._tree, self._part = tree, part
        self._process = subprocess.Popen(
            [tree.python, "-m", "tests.bench.worker", part, client],
            cwd=tree.folder,
            env={**os.environ, "PYTHONPATH": str(tree.folder)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()

    def ready(self) -> None:
        """Wait until it can measure, and make sure of what."""
        where = self._said()["tree"]
        if where != str(self._tree.folder.resolve()):
            raise RuntimeError(f"{where} would be measured, not {self._tree.folder}")

    def ask(self) -> None:
        """Let it measure."""
        assert self._process.stdin is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()

    def take(self) -> float:
        """Wait for what was asked for."""
        return float(self._said()[self._part])

    def _said(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"the bench of {self._tree.folder} ended without a figure: its words are above")
        said: dict[str, Any] = json.loads(line)
        return said


def measure(
    base: Tree, head: Tree, limit: Limit, client: str, count: int, *, whole: bool = True
) -> list[tuple[float, float]]:
    """Measure both trees so often, pair by pair; unless it has to be whole, only until nothing can be lost any more."""
    part, pairs = limit.part, list[tuple[float, float]]()
    with Worker(base, part, client) as old, Worker(head, part, client) as new:
        old.ready()
        new.ready()
        for place in range(count):
            first, second = (old, new) if place % 2 == 0 else (new, old)
            first.ask()
            if part == "memory":  # others' CPU does not change it, so both may idle at once
                second.ask()
                taken = {first: first.take(), second: second.take()}
            else:
                taken = {first: first.take()}
                second.ask()
                taken[second] = second.take()
            pairs.append((taken[old], taken[new]))
            print(f"· {client} {part}: {shown(taken[old])} beside {shown(taken[new])}", file=sys.stderr, flush=True)
            if not whole and decided(limit, pairs, count):
                break
    return pairs


def held(base: Tree, head: Tree, limit: Limit, client: str, count: int | None) -> bool:
    """Compare one part of one client, and again where it looks worse; tells what was found.

    Without a count as many pairs are measured as it takes to tell, `PAIRS` at most, and the second time all.
    """
    most = count or PAIRS[limit.part]
    for times in (1, 2):
        whole = count is not None or times > 1
        pairs = [pair for _ in range(times) for pair in measure(base, head, limit, client, most, whole=whole)]
        verdict = judge(limit, pairs)
        print(line(client, pairs, verdict, again=times > 1), flush=True)
        if not verdict.lost:
            return True
    return False


def line(client: str, pairs: Sequence[tuple[float, float]], verdict: Verdict, *, again: bool) -> str:
    """Write what one comparison found."""
    limit = verdict.limit
    unit = UNITS[limit.part]
    base, head = (middle([pair[side] for pair in pairs]) for side in (0, 1))
    if math.isnan(verdict.least):
        return f"  {client} {limit.part}: too busy a machine to tell ({shown(base)} and {shown(head)} {unit})"
    return (
        f"  {client} {limit.part}{' again' * again}: {shown(base)} → {shown(head)} {unit}; "
        f"{verdict.middle:+.1f} {limit.unit} in the middle of {len(pairs)} pairs, {verdict.least:+.1f} or more; "
        f"allowed {limit.most:g}{' by decision' * limit.given} {'✗' if verdict.lost else '✓'}"
    )


def git(*words: str) -> bytes:
    """Ask git about this checkout. Raises NothingToCompare where it cannot tell."""
    try:
        return subprocess.run(["git", *words], cwd=ROOT, capture_output=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError) as error:
        raise NothingToCompare(f"git {' '.join(words)} fails here") from error


def chosen(asked: str | None) -> str:
    """Choose the base: what is asked for, else where the change left `origin/main`, else the floor."""
    if asked:
        return asked
    with contextlib.suppress(NothingToCompare):
        fork = git("merge-base", "HEAD", "origin/main").decode().strip()
        if fork != git("rev-parse", "HEAD").decode().strip():
            return fork
    return (ROOT / FLOOR).read_text("utf-8").strip()


def known(revision: str) -> str:
    """Return a revision's commit. Raises NothingToCompare where this clone does not have it."""
    try:
        return git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}").decode().strip()
    except NothingToCompare as error:
        raise NothingToCompare(f"{revision} is not in this clone (is it a shallow one?)") from error


@contextlib.contextmanager
def tree(commit: str) -> Iterator[Tree]:
    """Lay out a commit's files in a folder of its own, which is thrown away at the end."""
    with tempfile.TemporaryDirectory(prefix="hilo-base-") as place:
        folder = Path(place)
        with tarfile.open(fileobj=io.BytesIO(git("archive", "--format=tar", commit))) as archive:
            archive.extractall(folder, filter="data")
        yield Tree(folder, prepared(folder))


def prepared(folder: Path) -> str:
    """Get a tree ready to be measured; returns its Python: ours, where it locks the same packages."""
    bench = folder / "tests/bench"
    if not (bench / "worker.py").exists():
        for name in OURS:
            shutil.copy(ROOT / "tests/bench" / name, bench)
    if all((folder / name).read_bytes() == (ROOT / name).read_bytes() for name in LOCKS):
        return sys.executable
    print("· the base locks other packages: installing them apart", file=sys.stderr)
    subprocess.run(["make", ".venv/.dev"], cwd=folder, stdout=sys.stderr, check=True)
    return str(folder / ".venv/bin/python")


def main() -> None:
    """Compare, and end with 1 where too much was lost."""
    words = argparse.ArgumentParser(prog="python -m tests.bench.compare", description="Compare with an older commit.")
    words.add_argument("parts", nargs="*", metavar="PART", help="turns, memory; both if none")
    words.add_argument("--base", default=os.environ.get("HILO_BASE"), metavar="REV", help="the commit to compare with")
    words.add_argument("--client", choices=CLIENTS, action="append", help="one Telegram client alone")
    words.add_argument(
        "--pairs", type=int, metavar="N", help=f"so many pairs; else as many as it takes to tell, {PAIRS} at most"
    )
    given = words.parse_args()
    if unknown := sorted(set(given.parts) - {limit.part for limit in USUAL}):
        words.error(f"no part {unknown[0]}")
    try:
        commit = known(chosen(given.base))
    except NothingToCompare as error:
        print(f"bench-compare: nothing to compare with, as {error}.")
        return
    with tree(commit) as base:
        head = Tree(ROOT, sys.executable)
        print(f"What this tree costs beside {commit[:12]}:", flush=True)
        kept = [
            held(base, head, limit, client, given.pairs)
            for limit in limits(base.folder, head.folder)
            if limit.part in given.parts or not given.parts
            for client in given.client or CLIENTS
        ]
    if not all(kept):
        print("Too much was given away. Win it back, or say in a decision what is given up: docs/adr/README.md.")
        sys.exit(1)


if __name__ == "__main__":
    main()
