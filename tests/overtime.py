"""Names the tests that take long and are no proofs, in one line at the end of a run. Nothing fails by it.

A test's time is that of its call, and of making what was made for it alone: what serves others too counts for none.
On a machine that has more to do than these tests it is what the test would take without the others, as far as the
load tells.
"""

import os
import time
from collections import defaultdict
from collections.abc import Generator
from typing import Any

import pytest

MARK = "proof"
LONG = 5.0  # seconds
SHARED = pytest.StashKey[float]()


def crowd() -> float:
    """Tell how many times as long as usual things take now: a load of two a processor is what a run makes itself."""
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    return max(1.0, load / (os.cpu_count() or 1) / 2)


class Overtime:
    """Adds up what each test took, in the process that tells."""

    def __init__(self, most: float) -> None:
        self._most = most
        self._took: defaultdict[str, float] = defaultdict(float)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Count one part of one test."""
        if MARK not in report.keywords:
            self._took[report.nodeid] += getattr(report, "own", 0.0)

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Write the line, if there is anything to name."""
        found = sorted(((took, test) for test, took in self._took.items() if took > self._most), reverse=True)
        if found:
            named = ", ".join(f"{test} ({took:.1f} s)" for took, test in found)
            terminalreporter.write_line(f"Over {self._most:g} s and no `{MARK}` (docs/proofs.md): {named}", yellow=True)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add our own option."""
    help_ = f"name at the end what took longer and is no `{MARK}`"
    parser.addoption("--overtime", type=float, default=LONG, metavar="SECONDS", help=help_)


def pytest_configure(config: pytest.Config) -> None:
    """Count in every run."""
    config.pluginmanager.register(Overtime(config.getoption("overtime")))


@pytest.hookimpl(wrapper=True)
def pytest_fixture_setup(
    fixturedef: pytest.FixtureDef[Any], request: pytest.FixtureRequest
) -> Generator[None, object, object]:
    """Note how long it took to make what serves several tests."""
    began = time.perf_counter()
    try:
        return (yield)
    finally:
        if fixturedef.scope != "function":
            stash = request.session.stash
            stash[SHARED] = stash.get(SHARED, 0.0) + time.perf_counter() - began


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Put on the report what was the test's own of this part's time."""
    report = yield
    shared, item.session.stash[SHARED] = item.session.stash.get(SHARED, 0.0), 0.0
    if call.when != "teardown":
        report.own = max(0.0, call.duration - shared) / crowd()  # type: ignore[attr-defined]  # a report carries what it is given
    return report
