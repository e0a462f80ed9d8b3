"""Ten bugs that others had, or that this project had: each is a patch that passes the other tests, and is found here.

How many are tried: tests/amounts.py; that each still applies is seen always.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests import amounts

ROOT = Path(__file__).parents[2]
PATCHES = sorted((Path(__file__).parent / "planted").glob("*.patch"))
TREES = ("bot", "storage", "dialogs", "locales", "tests")
FOUND = 9  # of ten
FIRST = "a-week-an-hour-short"  # in the short form: it is found soonest
FINDS = "tests/rhythm/test_histories.py"
OTHERS = tuple(
    f"tests/bot/test_{name}.py"
    for name in (
        *("schedules", "repeating", "week_limit", "tick", "tick_hours", "ticking", "own_time", "own_zone", "listening"),
        *("ways_in", "rests", "schedule_reminders", "falling_out", "going_on", "due", "last_saved", "introduction"),
        *("cli_orders", "group_hours", "zones", "closing_groups", "undone", "following", "practice", "late_sends"),
        *("broadcast", "reply_hours", "reminding", "asked", "digest", "watched_phones", "hours"),
    )
)
"""Every other test in which something comes back, is asked, waits or ends."""


def applies(patch: Path, folder: Path, *options: str) -> str:
    """Apply a patch in a folder, or see whether it could be; return what stands in the way."""
    done = subprocess.run(
        ["git", "apply", "-C1", *options, str(patch)], cwd=folder, capture_output=True, text=True, check=False
    )
    return done.stderr if done.returncode else ""


def test_ten_bugs_still_apply() -> None:
    """Whoever changes the code that one of them is in changes the patch as well."""
    wrong = {patch.stem: told for patch in PATCHES if (told := applies(patch, ROOT, "--check"))}

    assert wrong == {}
    assert len(PATCHES) == 10


def planted(patch: Path, folder: Path) -> None:
    """Plant a bug in a copy of everything."""
    for tree in TREES:
        shutil.copytree(ROOT / tree, folder / tree, ignore=shutil.ignore_patterns("__pycache__", "planted"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    assert not applies(patch, folder)


def run_tests(folder: Path, *tests: str) -> subprocess.CompletedProcess[str]:
    """Run some tests there, until one fails."""
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *tests],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.proof
@pytest.mark.timeout(0 if amounts.PLANTED.extended else 300)
def test_nine_of_ten_are_found_and_by_nothing_else(tmp_path: Path) -> None:
    """By histories of what comes back, told in the machine's steps; every other test passes with each of them.

    The short form looks for the first alone, and asks one other file.
    """
    chosen = sorted(PATCHES, key=lambda patch: patch.stem != FIRST)[: amounts.PLANTED.value]
    missed, told = [], {}
    for patch in chosen:
        folder = tmp_path / patch.stem
        planted(patch, folder)
        others = run_tests(folder, *(OTHERS if amounts.PLANTED.extended else OTHERS[:1]))
        if others.returncode:
            told[patch.stem] = others.stdout[-800:]
        found = run_tests(folder, FINDS)
        if found.returncode != 1 or "Broken" not in found.stdout:
            missed.append(patch.stem)
        shutil.rmtree(folder)

    assert told == {}
    assert len(missed) <= len(PATCHES) - FOUND, missed
    assert FIRST not in missed
