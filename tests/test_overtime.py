"""A test that takes long is named at the end, in one line, unless it is a proof; and nothing fails by it."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SOME = """
import time
import pytest

@pytest.fixture(scope="module")
def shared():
    time.sleep(0.5)

@pytest.fixture
def own():
    time.sleep(0.5)

def test_short(shared): pass
def test_long(): time.sleep(0.5)
def test_long_before(own): pass
@pytest.mark.proof
def test_proof(): time.sleep(0.5)
"""


@pytest.mark.parametrize("workers", [pytest.param("0", marks=pytest.mark.proof), "1"])
def test_what_takes_long_is_named(tmp_path: Path, workers: str) -> None:
    """Named is what was long by itself or by what was made for it alone; in one process, and with workers."""
    (tmp_path / "test_some.py").write_text(SOME, "utf-8")
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers = proof\n", "utf-8")
    (tmp_path / "conftest.py").write_text("from tests import overtime\n\novertime.crowd = lambda: 1.0\n", "utf-8")

    ended = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "tests.overtime", "--overtime=0.4", "-n", workers, str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    told = [line for line in ended.stdout.splitlines() if line.startswith("Over 0.4 s and no `proof`")]

    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert len(told) == 1, ended.stdout
    assert [name for name in ("short", "long", "long_before", "proof") if f"::test_{name} (" in told[0]] == [
        "long",
        "long_before",
    ]
