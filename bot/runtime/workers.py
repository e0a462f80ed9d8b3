"""Run storage's synchronous functions for async callers, in threads of their own where they may take a while.

SQLite allows one writer, so one thread does the writing; another thread reads beside it, and a third writes pages. In
each of them the bot's own work goes first, then known people's, then strangers'. Large or slow work that needs no
transaction has its own threads, so that neither a turn nor a page waits behind it.

What every turn writes is brief, and is written on the loop's own thread while the writer's has nothing to do: there the
two would hand the interpreter to each other at each statement, ten times a turn, which costs as much as a third of it.
"""

import asyncio
import contextlib
import logging
import os
import sys
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from typing import TypeVar

from bot import clock
from bot.runtime.fair_threads import FairThreads
from bot.runtime.guards import under
from storage.connections import Busy, LeaseLost
from storage.database import transient_error
from storage.unit import Storage, Unit

log = logging.getLogger(__name__)

T = TypeVar("T")

PAUSE_FIRST, PAUSE_MOST = 0.5, 10.0  # seconds between tries while the database does not work

FILES = 2  # large files opened at once, each up to three times 20 MB of memory
HASHES = 2  # PINs hashed at once, each 50 milliseconds of a processor

IDLE = 1.0  # seconds between looks for what another process wrote
HANDS_OVER = 0.0005  # seconds that a thread may keep the interpreter while files are opened, or many ask at once
CROWD = 4  # pieces of work for pages, under way or waiting, that are many
HASHES_WAITING = 20  # tries of a PIN that wait at most: each is answered within a second
GIVES_WAY = 19  # nice value of the threads that open files
LETS_PASS = 0.1  # seconds that a step of the scheduler waits for replies
HELD_UP = 0.1  # seconds that a brief transaction may hold up the loop
APART = 10.0  # seconds for which the thread writes brief ones, too, after one that took longer
TOGETHER = 0.004  # seconds to wait after a first event, so that those that follow share its transaction


class Signal:
    """An event for loops: set when there may be something to do."""

    def __init__(self, told: Callable[[], object] = lambda: None) -> None:
        """Begin unset; `told` is called at each notification, to wake other processes."""
        self._event = asyncio.Event()
        self._told = told

    def notify(self) -> None:
        """Wake the loops that wait for this, here and in other processes, now or at their next `wait`."""
        self.wake()
        self._told()

    def wake(self) -> None:
        """Wake the loop of this process alone."""
        self._event.set()

    async def wait(self, seconds: float) -> bool:
        """Wait for a notification, `seconds` at most; return True when one came."""
        try:
            async with asyncio.timeout(seconds):  # `wait_for` loses a cancellation that comes with the notification
                await self._event.wait()
        except TimeoutError:
            return False
        self._event.clear()
        return True


class RepliesAwaited:
    """Whether anybody waits for a reply: from when an update has come until the courier has claimed what it led to.

    The scheduler lets them pass: its steps are long, and a reply would wait for one before each of its transactions.
    """

    def __init__(self) -> None:
        self._passed = asyncio.Event()
        self._passed.set()
        self._written = False

    def awaited(self) -> None:
        """Note that an update has come."""
        self._passed.clear()
        self._written = False

    def written(self) -> None:
        """Note that every update has had its turn."""
        self._written = True

    def claimed(self) -> None:
        """Note that the courier has claimed what there is to send."""
        if self._written:
            self._passed.set()

    async def over(self) -> None:
        """Wait until nobody waits for a reply; a tenth of a second at most, so that what is due is done, too."""
        if not self._passed.is_set():
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LETS_PASS):
                    await self._passed.wait()


class Watchers:
    """The open pages that wait for something new in one chat."""

    def __init__(self) -> None:
        self._waiting: defaultdict[str, set[asyncio.Event]] = defaultdict(set)

    def notify(self, chat: str) -> None:
        """Wake the pages of this chat."""
        for event in self._waiting.get(chat, ()):
            event.set()

    def notify_all(self) -> None:
        """Wake every page."""
        for chat in self.chats():
            self.notify(chat)

    def chats(self) -> list[str]:
        """Return the chats whose pages wait."""
        return list(self._waiting)

    async def wait(self, chat: str, seconds: float) -> bool:
        """Wait for a notification about this chat, `seconds` at most; return True when one came."""
        event = asyncio.Event()
        self._waiting[chat].add(event)
        try:
            async with asyncio.timeout(seconds):
                await event.wait()
        except TimeoutError:
            return False
        finally:
            self._waiting[chat].discard(event)
            if not self._waiting[chat]:
                del self._waiting[chat]
        return True


def _give_way() -> None:
    """Lower this thread's priority, so that threads of turns and pages come first where processors are few."""
    if sys.platform == "linux":  # only here has a thread a priority of its own
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), GIVES_WAY)


class Workers:
    """Runs functions of a `Unit` in the right thread, each in one transaction."""

    def __init__(self, storage: Storage, now: Callable[[], datetime] | None = None) -> None:
        """Start the threads; `close` ends them. `now`, if given, replaces the clock for every transaction."""
        self.storage = storage
        self._now = now
        self.tell: Callable[[str, str], object] = lambda _what, _chat: None
        """Wakes other processes, where there are any: for a signal by its name, or for the pages of a chat."""
        self.name = ""
        self.alive: Collection[str] = ()
        """Names of the processes that live, where there are several."""
        self.inbox = Signal(lambda: self.tell("inbox", ""))
        self.outbox = Signal(lambda: self.tell("outbox", ""))
        self.due = Signal(lambda: self.tell("due", ""))
        self.orders = Signal()
        self.replies = RepliesAwaited()
        self.did: Counter[str] = Counter()  # what this process did since it began: `storage.leases.Work`
        self.patience = IDLE  # seconds after which a loop or a page looks even without a notification
        self.watchers = Watchers()
        self._writer = FairThreads(1, "hilo-writer")
        self._reader = FairThreads(1, "hilo-reader")
        self._pages = FairThreads(1, "hilo-pages")
        self._files = ThreadPoolExecutor(FILES, "hilo-files", initializer=_give_way)
        self._hashes = ThreadPoolExecutor(HASHES, "hilo-pins", initializer=_give_way)
        self._opening = self._asked = self._hashing = 0
        self._interval, self._hurried = sys.getswitchinterval(), False
        self._ailing = False
        self._apart_until = float("-inf")

    def notify(self) -> None:
        """Wake every loop and every open page of this process."""
        for signal in (self.inbox, self.outbox, self.due, self.orders):
            signal.wake()
        self.watchers.notify_all()

    def notify_chat(self, chat: str) -> None:
        """Wake the open pages of a chat, here and in other processes."""
        self.watchers.notify(chat)
        self.tell("page", chat)

    async def mark(self) -> object:
        """Return a value that differs from the last one when anything was written meanwhile, by any process."""
        return await asyncio.get_running_loop().run_in_executor(self._writer, self.storage.database.mark)

    def now(self) -> datetime:
        """Return the moment of a transaction that begins now."""
        return self._now() if self._now is not None else clock.now()

    async def write(self, work: Callable[[Unit], T], *, brief: bool = False) -> T:
        """Run `work` in one write transaction; an exception rolls everything back.

        What is `brief` takes some milliseconds. On SQLite it holds up the loop, unless something else is being written,
        or the last that did so took long, as on a slow disk.

        Raises LeaseLost where another process does what this one did.
        """
        guard = under.get()

        def whole(*, at_once: bool = False) -> T:
            with self.storage.unit(self.now(), at_once=at_once) as unit:
                if guard is not None:
                    guard.check(unit)
                return work(unit)

        if brief and not self.storage.database.is_shared:  # a server would be waited for at each statement
            await asyncio.sleep(0)  # whoever has much to write lets others have their turn before each
            if self._writer.free and time.monotonic() >= self._apart_until:
                with contextlib.suppress(Busy):  # another process writes: the thread waits for it
                    return self._held_up(partial(whole, at_once=True))
        return await asyncio.get_running_loop().run_in_executor(self._writer, whole)

    def _held_up(self, work: Callable[[], T]) -> T:
        """Do something here and now; where it takes long, what follows is left to the thread for a while."""
        began = time.monotonic()
        try:
            return work()
        finally:
            ended = time.monotonic()
            if ended - began > HELD_UP:
                self._apart_until = ended + APART

    async def write_with_retry(self, work: Callable[[Unit], T], *, brief: bool = False) -> T:
        """Run `work` in one write transaction, and again after a pause as long as the database does not work.

        For loops, which have nobody to report to. A full disk or another process's lock is logged once.
        """
        pause = PAUSE_FIRST
        while True:
            try:
                done = await self.write(work, brief=brief)
            except LeaseLost:
                raise
            except Exception as error:
                if not self.is_transient(error):
                    raise
                await asyncio.sleep(pause)
                pause = min(pause * 2, PAUSE_MOST)
                continue
            if self._ailing:
                self._ailing = False
                log.warning("the database works again; nothing was lost")
            return done

    def is_transient(self, error: BaseException) -> bool:
        """Return whether an error means that the database does not work for a while; the first time it is logged.

        So it is with what another process does now, which nobody is told.
        """
        if isinstance(error, LeaseLost):
            return True
        ailment = transient_error(error)
        if ailment is not None and not self._ailing:
            self._ailing = True
            log.error("nothing can be written, since %s: it is tried again and again", ailment)
        return ailment is not None

    async def read(self, work: Callable[[Unit], T]) -> T:
        """Run `work` in a read-only transaction beside the writer. Keep it short: every open page waits for it."""

        def whole() -> T:
            with self.storage.reading(self.now()) as unit:
                return work(unit)

        return await self._asking(self._reader, whole)

    async def page(self, work: Callable[[], T]) -> T:
        """Run `work`, which writes a page or a piece of one, in a thread of its own: large ones take a while."""
        return await self._asking(self._pages, work)

    async def _asking(self, threads: FairThreads, work: Callable[[], T]) -> T:
        self._asked += 1
        self._pace()
        try:
            return await asyncio.get_running_loop().run_in_executor(threads, work)
        finally:
            self._asked -= 1
            self._pace()

    def _pace(self) -> None:
        """Have threads hand over sooner while many are at work: short intervals cost every turn, so only then."""
        hurried = bool(self._opening) or self._asked >= CROWD
        if hurried is not self._hurried:
            self._hurried = hurried
            sys.setswitchinterval(HANDS_OVER if hurried else self._interval)

    async def between(self, work: Callable[[], T]) -> T:
        """Run `work` in the writer's thread, outside any transaction."""
        return await asyncio.get_running_loop().run_in_executor(self._writer, work)

    async def file(self, work: Callable[[], T]) -> T:
        """Run `work`, which opens or makes a large file, outside any transaction and in threads of its own."""
        self._opening += 1
        self._pace()
        try:
            return await asyncio.get_running_loop().run_in_executor(self._files, work)
        finally:
            self._opening -= 1
            self._pace()

    @property
    def hashes_many(self) -> bool:
        """Whether so many PINs wait to be hashed that no stranger's is taken before they are done."""
        return self._hashing >= HASHES_WAITING

    async def hash(self, work: Callable[[], T]) -> T:
        """Run `work`, which hashes a PIN, in threads of its own: however many are tried, no page waits behind them."""
        self._hashing += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._hashes, work)
        finally:
            self._hashing -= 1

    def close(self) -> None:
        """Let running work finish, then end the threads."""
        self._hashes.shutdown()
        self._files.shutdown()
        self._pages.shutdown()
        self._writer.shutdown()
        self._reader.shutdown()
