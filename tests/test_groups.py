"""Tests of a group stay with one worker: what they share is made once."""

import subprocess
import sys
from pathlib import Path

GROUP = """
import os, pathlib, pytest
pytestmark = pytest.mark.xdist_group("one")

@pytest.mark.parametrize("number", range(4))
def test_number(number):
    pathlib.Path(os.environ["PYTEST_XDIST_WORKER"]).touch()
"""


def test_a_group_stays_with_one_worker(tmp_path: Path) -> None:
    """As pytest-xdist says; with a pytest that it does not know it says nothing, and each worker makes its own."""
    (tmp_path / "test_one.py").write_text(GROUP, "utf-8")
    words = ["-q", "-n", "2", "--dist", "loadgroup", "-p", "no:cacheprovider", str(tmp_path)]
    done = subprocess.run([sys.executable, "-m", "pytest", *words], cwd=tmp_path, capture_output=True, check=False)

    assert done.returncode == 0, done.stdout
    assert len(list(tmp_path.glob("gw*"))) == 1
