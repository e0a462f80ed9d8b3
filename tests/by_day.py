"""Of a dear test's cases only some run in a day's short form, and each of them within a few days.

Both clients, both languages and both databases go through the same code of ours but for a few lines, and a walk that
takes a minute shows little more with the second than with the first. So such a test says by which of its parameters it
may be shared out, and why: half of the tests run with one client today and half with the other, and tomorrow it is the
other way round. What is left out counts as deselected, never as passed, and is told at the end of the run.

Everything runs in the long form (`make prove`), with HILO_ALL=1, and whenever somebody chose what to run: files or
tests by name, -k, --last-failed. HILO_TODAY takes another day, counted from 1970.
"""

import os
import time
from collections import defaultdict
from collections.abc import Generator
from types import SimpleNamespace
from typing import Any
from zlib import crc32

import pytest

from tests import amounts

MARK = "by_day"
DAY = 86_400  # seconds
WEEK = 7  # days in which `make oldest` comes round: shared out over as many, a case might never meet its file
NOTHING = SimpleNamespace(params={})
TODAY = pytest.StashKey[int | None]()
ELSEWHEN = pytest.StashKey[list[str]]()

# Why a test may be shared out.
CLIENTS_ALIKE = "what differs is in the adapters, and tests/contracts holds both to the same in every run"
LANGUAGES_ALIKE = "the way is the same; each catalog's words, and that they fit, have their own tests in every run"
DATABASES_ALIKE = "statements are the same but for a few, and tests/storage goes over both databases in every run"
LOOKS_ALIKE = "the page is the same: other colours of one style sheet, or larger letters"
CASES_ALIKE = "each is dear, and all go the same way through our code"


def chosen(place: int, name: str, days: int, day: int) -> bool:
    """Tell whether a case runs on a day.

    Args:
        place: of the case among those of its test.
        name: of the test, or of tests that are alike, so that on one day not all tests have the same case.
        days: within how many days in a row every place comes once.
        day: counted from any other.
    """
    return (place + crc32(name.encode()) + day) % days == 0


def left_out(items: list[pytest.Item], day: int) -> list[pytest.Item]:
    """Find what does not run on a day.

    Where a test is shared out by two parameters, cases that differ in both run on one day: each day has every value.
    Tests that are `alike` have the same day's values, as they share what is dear.

    Raises:
        pytest.UsageError: for a mark that names no parameter or does not say why, and for one by which nothing of a
            test would run on some days.
    """
    found: list[pytest.Item] = []
    for name, cases in _marked(items).items():
        mark = next(cases[0].iter_markers(MARK))
        days = mark.kwargs.get("days", 2)
        if not mark.args or not mark.kwargs.get("why") or days < 2 or not days % WEEK:
            raise pytest.UsageError(f"{name}: `{MARK}` needs parameters, `why`, and two days or more, but no weeks")
        given = [getattr(case, "callspec", NOTHING).params for case in cases]
        if strange := set(mark.args).difference(*given):
            raise pytest.UsageError(f"{name}: `{MARK}` names what is no parameter: {', '.join(sorted(strange))}")
        each_by_each = zip(*(_places([params[each] for params in given]) for each in mark.args), strict=True)
        places = [sum(some) for some in each_by_each]
        if len({place % days for place in places}) < days:
            raise pytest.UsageError(f"{name}: shared out over {days} days, nothing of it would run on some of them")
        alike = mark.kwargs.get("alike", name)
        found += [case for case, place in zip(cases, places, strict=True) if not chosen(place, alike, days, day)]
    return found


def _marked(items: list[pytest.Item]) -> dict[str, list[pytest.Item]]:
    """Put the cases of each test that is shared out together."""
    marked: defaultdict[str, list[pytest.Item]] = defaultdict(list)
    for item in items:
        if item.get_closest_marker(MARK):
            marked[item.nodeid.partition("[")[0]].append(item)
    return marked


def _places(values: list[object]) -> list[int]:
    """Number the different values, in the order in which they come."""
    different: list[object] = []
    for value in values:
        if value not in different:
            different.append(value)
    return [different.index(value) for value in values]


def _today(config: pytest.Config) -> int | None:
    """Tell which day it is, or nothing where everything runs."""
    by_hand = config.args_source is pytest.Config.ArgsSource.ARGS or config.getoption("keyword")
    if amounts.LONG or os.environ.get("HILO_ALL") or by_hand or config.getoption("lf", default=False):
        return None
    return int(os.environ.get("HILO_TODAY") or time.time() // DAY)


def pytest_configure(config: pytest.Config) -> None:
    """Know the day, which all workers are told: it may end while they start."""
    config.addinivalue_line(
        "markers",
        f"{MARK}(*parameters, days=2, why, alike=...): a day's short form takes some of the cases, and within so many "
        "days each has its turn (tests/by_day.py)",
    )
    worker = getattr(config, "workerinput", None)
    config.stash[TODAY] = worker[MARK] if worker else _today(config)
    config.stash[ELSEWHEN] = []


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a worker the day."""
    node.workerinput[MARK] = node.config.stash[TODAY]


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> Generator[None, object, None]:
    """Leave out what is another day's; what a test's cases are is counted before anything else is left out."""
    day = config.stash[TODAY]
    other = set() if day is None else set(left_out(items, day))
    yield
    gone = [item for item in items if item in other]
    items[:] = [item for item in items if item not in other]
    config.hook.pytest_deselected(items=gone)
    config.stash[ELSEWHEN] = [item.nodeid for item in gone]


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Let a worker tell what it left out, which is the same with each."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput[MARK] = session.config.stash[ELSEWHEN]


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Note what a worker left out."""
    node.config.stash[ELSEWHEN] = getattr(node, "workeroutput", {}).get(MARK, [])


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Say how many cases are another day's, and with -v which."""
    if cases := config.stash[ELSEWHEN]:
        terminalreporter.write_line(
            f"{len(cases)} cases deselected: they are another day's than {config.stash[TODAY]} (tests/by_day.py); "
            "HILO_ALL=1 runs all"
        )
        for case in cases if config.option.verbose > 0 else ():
            terminalreporter.write_line(f"  {case}")
