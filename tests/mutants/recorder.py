"""Records how long each test takes: a plugin of pytest for the run that measures coverage."""

import json
import os
from collections import Counter
from pathlib import Path

import pytest

_seconds: Counter[str] = Counter()


@pytest.hookimpl
def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Add up the seconds of a test, its fixtures too."""
    _seconds[report.nodeid] += report.duration  # type: ignore[assignment]  # a Counter takes any number


@pytest.hookimpl
def pytest_sessionfinish() -> None:
    """Write them, where all of them are known: not in a worker of xdist."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        Path(os.environ["HILO_DURATIONS"]).write_text(json.dumps(_seconds), "utf-8")
