"""Takes, renews and gives back leases: of several processes over one PostgreSQL, one does what one alone may do.

A process is seen every three seconds. One that is not seen for ten may lose what it held to whoever stands by. Loops of
a process that was stopped, or cut off, do nothing when it comes back: each of their transactions is refused, and before
anything leaves this machine they look at its own clock.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, TypeVar
from uuid import UUID

from bot import clock
from bot.config import Config, ConfigError
from bot.runtime.guards import under
from bot.runtime.version import version
from bot.runtime.workers import Workers
from storage import leases
from storage.connections import LeaseLost
from storage.leases import FolderElsewhere, Process, SharedFolder, Work
from storage.unit import Unit

log = logging.getLogger(__name__)

EARLIER: Final = "hilo run"  # what a process of version 0.1.0 holds, which knows no leases
EVERY: Final = 3.0  # seconds
HURRY: Final = 0.2  # seconds: the shortest pause between two looks
LENGTH: Final = leases.LENGTH.total_seconds()
MARGIN: Final = 1.0  # seconds before the end of a lease from which on nothing leaves this machine


def _seconds() -> float:
    """Return the seconds of a clock that goes on while this process, or its machine, is stopped."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()


T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Beat:
    """What a look brought.

    Attributes:
        renewed: the number of the taking of each lease that this process holds.
        taken: the same of those that it took just now.
        left: seconds until more may be free.
        others: the processes that live, this one among them.
        off: how far this machine's clock is from the database's.
    """

    renewed: dict[str, int]
    taken: dict[str, int]
    left: float
    others: list[Process]
    off: timedelta


class Held:
    """A lease as it was taken: the guard of whatever is done under it."""

    def __init__(self, name: str, taking: int, until: float) -> None:
        """Begin to hold it until a moment of this process's clock."""
        self.name = name
        self.taking = taking
        self.until = until
        self.lost = asyncio.Event()

    def check(self, unit: Unit) -> None:
        """Refuse what was begun under an earlier taking; raises LeaseLost."""
        leases.check(unit, self.name, self.taking)

    @property
    def holds(self) -> bool:
        """Whether nobody else can have taken it yet."""
        return not self.lost.is_set() and _seconds() < self.until


class LeaseKeeper:
    """The leases of this process, and its row among the processes."""

    def __init__(self, workers: Workers, part: str, version: str, folder: SharedFolder) -> None:
        """Begin without any; `part` is what the process was started for."""
        name = workers.storage.database.process
        self.id = UUID(name) if name is not None else clock.new_id()
        self._workers = workers
        self._database = workers.storage.database
        workers.name = self.id.hex
        self._part, self._version, self._folder = part, version, folder
        self._wanted: set[str] = set()
        self._held: dict[str, Held] = {}
        self._seen_until = 0.0
        self._taken = asyncio.Condition()
        self._hurry = asyncio.Event()
        self._left = EVERY
        self._told: frozenset[tuple[str, bool]] = frozenset()
        self._was_off = False
        # A turn that takes long, or waits for a lock, does not hold this up.
        self._thread = ThreadPoolExecutor(1, "hilo-lease")

    @property
    def is_seen(self) -> bool:
        """Whether the others count on this process, as far as its own clock tells."""
        return _seconds() < self._seen_until

    @property
    def holds(self) -> list[str]:
        """The names of the leases that this process holds."""
        return sorted(self._held)

    async def enter(self) -> None:
        """Be listed among the processes; raises FolderElsewhere where those see another folder of epochs."""
        until = _seconds() + LENGTH - MARGIN
        self._workers.alive = await self._in_thread(self._enter)
        self._seen_until = until

    async def leave(self) -> None:
        """Give everything back, so that others go on at once; where that cannot be written, it runs out by itself."""
        try:
            await self._in_thread(self._leave)
        except Exception as error:
            if not self._workers.is_transient(error):
                raise
        finally:
            self._thread.shutdown()

    async def run(self) -> None:
        """Be seen, and take what is free, until cancelled; while the database is away nothing is taken or lost."""
        while True:
            try:
                await self.round()
            except Exception as error:  # noqa: BLE001  the loop outlives any error
                self._left = EVERY
                if not self._workers.is_transient(error):
                    log.error("leases: %s", type(error).__name__)  # noqa: TRY400  a driver's text may hold values
            try:
                async with asyncio.timeout(max(HURRY, min(EVERY, self._left))):
                    await self._hurry.wait()
            except TimeoutError:
                continue
            self._hurry.clear()

    async def round(self) -> None:
        """Be seen once, renew what is held, and take what is free and wanted."""
        until = _seconds() + LENGTH - MARGIN
        wanted = self._wanted - self._held.keys()
        beat = await self._in_thread(lambda: self._beat(wanted))
        self._left, self._seen_until = beat.left, until
        holds = beat.renewed | beat.taken
        for name, held in list(self._held.items()):
            if holds.get(name) == held.taking:
                held.until = until
            else:
                self._lose(held)
        async with self._taken:
            # One that it did not know of, too: the connection broke just when it was taken.
            for name in self._wanted & holds.keys() - self._held.keys():
                self._held[name] = Held(name, holds[name], until)
                log.info("this process does now: %s", name)
            self._taken.notify_all()
        self._tell_of(beat)
        await self._take_back({each.id.hex for each in beat.others})

    async def _take_back(self, alive: set[str]) -> None:
        """Let the updates have their turn that a process held back which is gone."""
        if set(self._workers.alive) - alive:
            await self._in_thread(lambda: self._release(alive))
            self._workers.inbox.notify()
        self._workers.alive = alive

    async def hold(self, name: str, work: Callable[[], Awaitable[None]]) -> None:
        """Do some work whenever this process has its lease, and stand by otherwise; until the work ends by itself."""
        self._wanted.add(name)
        self._hurry.set()
        while not await self._done_under(await self._await(name), work):
            pass

    async def _await(self, name: str) -> Held:
        async with self._taken:
            await self._taken.wait_for(lambda: name in self._held)
            return self._held[name]

    async def _done_under(self, held: Held, work: Callable[[], Awaitable[None]]) -> bool:
        """Do the work until it ends or the lease is lost; return whether it ended."""
        context = copy_context()
        context.run(under.set, held)
        doing = asyncio.create_task(_awaited(work), context=context)
        losing = asyncio.create_task(held.lost.wait())
        try:
            await asyncio.wait({doing, losing}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            losing.cancel()
            doing.cancel()
            await asyncio.gather(doing, losing, return_exceptions=True)
        if not doing.cancelled() and isinstance(doing.exception(), LeaseLost):
            self._lose(held)
        if held.lost.is_set():
            return False
        doing.result()
        return True

    def _lose(self, held: Held) -> None:
        if not held.lost.is_set():
            log.warning("another process does now what this one did: %s", held.name)
        held.lost.set()
        if self._held.get(held.name) is held:
            del self._held[held.name]

    def _tell_of(self, beat: _Beat) -> None:
        """Say it once where processes of several versions live, or with several folders, or a clock is wrong."""
        others, is_off = beat.others, abs(beat.off) > leases.OFF
        if is_off and not self._was_off:
            log.warning("this machine's clock and the database's differ by %d s", beat.off.total_seconds())
        self._was_off = is_off
        own = next((each.folder for each in others if each.id == self.id), "")
        found = frozenset((each.version, each.folder == own) for each in others)
        if found == self._told:
            return
        self._told = found
        versions = sorted({version for version, _ in found})
        if len(versions) > 1:
            log.warning("processes of several versions run beside each other: %s", ", ".join(versions))
        if not all(same for _, same in found):
            log.error("processes see different folders of epochs: stop those that see a copy")

    def _enter(self) -> set[str]:
        with self._database.write() as connection:
            leases.enter(connection, self.id, self._part, self._version, self._folder)
            return {each.id.hex for each in leases.alive(connection)}

    def _release(self, alive: set[str]) -> None:
        with self._workers.storage.unit(self._workers.now()) as unit:
            unit.inbox.release(unit.now, alive)

    def _beat(self, wanted: set[str]) -> _Beat:
        word, did = self._folder.read(), self._workers.did
        work = Work(**{name: did[name] for name in Work.__slots__})
        with self._database.write() as connection:
            off = leases.now(connection) - clock.now()
            leases.seen(connection, self.id, self._part, self._version, word, work, off)
            leases.end_dead(connection)
            renewed = leases.renew(connection, self.id)
            taken = leases.take(connection, self.id, wanted)
            left = leases.left(connection, self.id, wanted - taken.keys())
            leases.sweep(connection)
            return _Beat(renewed, taken, left, leases.alive(connection), off)

    def _leave(self) -> None:
        with self._database.write() as connection:
            leases.leave(connection, self.id)

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)


async def _awaited(work: Callable[[], Awaitable[None]]) -> None:
    await work()


async def entered(workers: Workers, part: str, config: Config) -> LeaseKeeper:
    """Return the keeper of a process that begins, once it is listed among those that live.

    Raises:
        ConfigError: it sees another folder of epochs than they do, or a backup is being put in place.
    """
    folder = config.epochs or config.home
    keeper = LeaseKeeper(workers, part, version(), SharedFolder(folder))
    try:
        await keeper.enter()
    except FolderElsewhere:
        raise ConfigError("config.epochs_elsewhere", path=folder) from None
    for name, code in ((leases.RESTORE, "cli.error.restoring"), (EARLIER, "cli.error.running")):
        if await asyncio.to_thread(leases.is_named, workers.storage.database, name):
            await keeper.leave()
            raise ConfigError(code, path=config.home)
    return keeper
