"""What every test may be asked for on the command line, and where tests write."""

import gc
import os
import tempfile
from http.cookiejar import Cookie, DefaultCookiePolicy
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import settings

from bot.runtime import processes

# A machine that is busy is slow, and no fault of what is tested; how long a whole test may take, pytest says.
settings.register_profile("hilo", deadline=None)
settings.load_profile("hilo")

pytest_plugins = ["tests.by_day", "tests.overtime", "tests.migrated"]

MEMORY = Path("/dev/shm")  # noqa: S108  only looked at here: who makes folders in it is tempfile
ROOM = 2_000_000_000  # bytes: more than a run needs, as what a test wrote goes when it has passed


_by_https_alone = DefaultCookiePolicy.return_ok_secure
HERE = frozenset({"127.0.0.1", "localhost", "::1"})


def _as_browsers_do(self: DefaultCookiePolicy, cookie: Cookie, request: Any) -> bool:
    """Send secure cookies to this machine without https, too, as Chromium does and Python's client does not."""
    return urlsplit(request.get_full_url()).hostname in HERE or _by_https_alone(self, cookie, request)


DefaultCookiePolicy.return_ok_secure = _as_browsers_do  # type: ignore[method-assign]  # the clients of all tests


def _goes_on() -> None:
    """Leave the priority of the process as it is."""


# A command that lets the bot's turns come first does so for its process, for good: here that is the one of all tests.
processes.give_way = _goes_on


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add our own options."""
    parser.addoption(
        "--screenshots", action="store_true", help="write the screenshots of the web chat into docs/screenshots"
    )
    parser.addoption(
        "--shuffle", metavar="SEED", help="run the files, and the tests of each, in another order; one order for a seed"
    )
    parser.addoption(
        "--part",
        metavar="N/OF",
        help="run one part of the files alone; N is any number, and each in turn takes its part",
    )


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the tests of one part, in the order of a seed."""
    if part := config.getoption("--part"):
        number, of = map(int, part.split("/"))
        places = sorted({str(item.path) for item in items})
        chosen = {place for place in places if places.index(place) % of == number % of}
        config.hook.pytest_deselected(items=[item for item in items if str(item.path) not in chosen])
        items[:] = [item for item in items if str(item.path) in chosen]
    if seed := config.getoption("--shuffle"):
        shuffle(items, seed)


def pytest_collection() -> None:
    """Let the collector rest while all tests are imported: what is made then lives to the end."""
    gc.disable()


def pytest_collection_finish() -> None:
    """Let the collector leave alone what was imported and collected, which is the most there is."""
    gc.enable()
    gc.collect()
    gc.freeze()


def shuffle(items: list[pytest.Item], seed: str) -> None:
    """Shuffle the files and the tests of each; a file's tests stay together, for what they share is made once."""
    chance = Random(seed)
    places = dict.fromkeys(str(item.path) for item in items)
    order = {place: chance.random() for place in places}
    chance.shuffle(items)
    items.sort(key=lambda item: order[str(item.path)])


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say by which words the same tests come again in the same order."""
    for name in ("--part", "--shuffle"):
        if value := config.getoption(name):
            terminalreporter.write_line(f"{name} {value}")


def pytest_configure() -> None:
    """Write into memory where there is room, unless TMPDIR says where: a test waits for the disk most of its time.

    Nothing is shown less by that. Tests end processes, and never the power: what a process wrote is there either way.
    """
    if "TMPDIR" not in os.environ and roomy(MEMORY):
        os.environ["TMPDIR"] = tempfile.tempdir = str(MEMORY)


def roomy(folder: Path) -> bool:
    """Tell whether tests can write to a folder as much as they do, and start programs from it."""
    if not os.access(folder, os.W_OK | os.X_OK):
        return False
    found = os.statvfs(folder)
    return found.f_bavail * found.f_frsize > ROOM and not found.f_flag & os.ST_NOEXEC
