"""The loops of a running bot: fetch and keep updates, handle them, do what is due.

Each loop repeats one `round`; `run` only decides when the next one begins. Code that drives a bot step by step calls
the same rounds. A loop goes on after any error, with a pause.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

from bot import clock
from bot.media.store import MediaStore
from bot.messengers import registry
from bot.messengers.port import Conflict, Incoming, Messenger, MessengerError, RetryLater, Source
from bot.pipeline.counting import Counting
from bot.pipeline.downloads import Downloads, WantedFile
from bot.pipeline.pace import together
from bot.pipeline.receive import AfterCommit, Receiver
from bot.pipeline.scheduler import Scheduler
from bot.redaction import place
from bot.runtime.guards import holds
from bot.runtime.workers import TOGETHER, Workers
from bot.services import tallies
from bot.services.allowances import Allowances
from bot.services.gaps import fetched
from bot.services.notices import intruded
from bot.services.tallies import Tallies, Uncounted
from bot.services.webhooks import taken_away
from storage.connections import DatabaseReplaced
from storage.database import transient_error
from storage.inbox import InboxRow
from storage.unit import Unit

log = logging.getLogger(__name__)

T = TypeVar("T")

LONG_POLL = 25.0  # seconds; Telegram allows 50
PAUSE_FIRST, PAUSE_MOST = 0.5, 30.0
AT_A_TIME = 20  # deliveries of one step, or more where much is sent: answers wait while it runs
SENDING_AHEAD = 10  # seconds' worth of sending that deliveries may put into the outbox ahead
SOON = timedelta(minutes=1)  # rows due by then count as waiting: after a failure the next try is within a minute
TIDY_EVERY, SWEEP_EVERY = 600.0, 6 * 3600.0  # seconds
GATHERING = 0.01  # seconds between two fetches while updates come: what comes meanwhile is kept by one commit
FLOODED = 0.1  # seconds between two fetches while a flood is left out
NOTE_EVERY = timedelta(seconds=30)
QUIET = 3456  # empty fetches in a row: a day of them


class Poller:
    """Fetches one messenger's updates, keeps them, and only then confirms them by asking from the next offset."""

    def __init__(
        self,
        messenger: Source,
        workers: Workers,
        receive: Receiver,
        conflicted: Callable[[], None] = lambda: None,
        kept: Callable[[Sequence[Incoming]], None] = lambda _updates: None,
        *,
        notes_gaps: bool = True,
        brought: bool = False,
    ) -> None:
        """Build the poller.

        Args:
            messenger: where updates are fetched.
            workers: storage.
            receive: keeps the updates.
            conflicted: called, at most once an hour, when somebody else fetches as well.
            kept: called with the updates that were kept.
            notes_gaps: whether it is noted when fetching works, so that a gap is seen.
            brought: whether others bring the updates: then each may come again, and a silence is no gap.
        """
        self.messenger = messenger
        self._workers = workers
        self._receive = receive
        self._conflicted = conflicted
        self._kept = kept
        self._offset: int | None = None
        self._prepared = self._driven_out = False
        self._quiet = 0
        self._brought = brought
        # Nothing is noted of a messenger that forgets nothing.
        self._notes_gaps = notes_gaps and not brought and registry.of(messenger.name).keeps_presses is not None
        self._worked: datetime | None = None
        self._noted: datetime | None = None

    async def run(self) -> None:
        """Fetch until cancelled."""
        pause = PAUSE_FIRST
        while True:
            if not holds():  # else what another process is fetching would be taken from it
                await asyncio.sleep(PAUSE_FIRST)
                continue
            try:
                if await self.round(LONG_POLL):
                    await asyncio.sleep(GATHERING)
                pause = PAUSE_FIRST
            except RetryLater as error:
                await asyncio.sleep(error.seconds)
            except Conflict:
                self._prepared, self._driven_out = False, True
                await asyncio.sleep(PAUSE_MOST / 10)
            except MessengerError as error:
                log.warning("%s: %s; again in %g s", self.messenger.name, error, pause)
                await asyncio.sleep(pause)
                pause = min(pause * 2, PAUSE_MOST)

    async def round(self, wait: float) -> int:
        """Fetch once, waiting `wait` seconds at most, and keep what came; return how many updates that were.

        Raises what the messenger raises; then nothing is confirmed.
        """
        if not self._prepared:
            await self._prepare()
            self._prepared = True
        batch = await self.messenger.fetch(self._offset, wait)
        updates = self._receive.sift(batch.updates, self._workers.now())
        if updates:
            self._workers.replies.awaited()
            keep = partial(self._receive.accept, updates=updates, again=self._brought)
            self._workers.did["kept"] += await self._workers.write_with_retry(keep, brief=True)
            self._workers.inbox.notify()
            self._kept(updates)
        await self._note_working()
        if batch.updates:
            await self._answer_left_out()
        if len(updates) < len(batch.updates):  # somebody floods: the next fetch brings several at once
            await asyncio.sleep(FLOODED)
        self._offset = batch.next if batch.next is not None else self._offset
        self._quiet = 0 if batch.updates else self._quiet + 1
        if self._quiet >= QUIET:  # Telegram starts a new numbering after a week of silence; all is confirmed
            self._offset, self._quiet = None, 0
        return len(batch.updates)

    async def _note_working(self) -> None:
        """Note now and then that fetching works, and at once that it did not for a while."""
        now, worked = self._workers.now(), self._worked
        self._worked = now
        lately = all(each is not None and timedelta(0) <= now - each < NOTE_EVERY for each in (worked, self._noted))
        if lately or not self._notes_gaps:
            return
        self._noted = now
        if await self._workers.write_with_retry(partial(fetched, messenger=self.messenger.name, worked_at=worked)):
            self._workers.outbox.notify()

    async def _answer_left_out(self) -> None:
        """Acknowledge presses that were not kept, so that no button seems to work on."""
        gate = self._receive.gate
        if gate is None:
            return
        if gate.spoke:
            gate.spoke = False
            self._workers.outbox.notify()
        left_out = [each for each in gate.unanswered if each.messenger == self.messenger.name]
        gate.unanswered.clear()
        await asyncio.gather(*(self.messenger.acknowledge(each.callback or "") for each in left_out))

    async def _prepare(self) -> None:
        """Prepare the messenger, and report whoever fetched in our place or had updates delivered elsewhere."""
        address = await self.messenger.prepare()
        if not address and not self._driven_out:
            return
        name = self.messenger.name
        was_ours = partial(taken_away, messenger=name, address=address or "")
        if await self._workers.write_with_retry(was_ours):
            log.info("%s: the webhook that was set before is removed, and updates are fetched", name)
            return
        code = f"{name}.{'webhook' if address else 'conflict'}"
        if not await self._workers.write_with_retry(partial(intruded, code=code, address=address or "")):
            return
        self._workers.outbox.notify()
        if address:
            log.error("somebody had set a webhook for this bot, now removed: if it was not you, change the token")
        else:
            log.error("someone else fetches this bot's updates")
            self._conflicted()


class Handler:
    """Handles inbox rows, a few people's updates in each transaction, and acknowledges presses after the commit.

    With a media store, voice notes and photos are fetched before their turns, without holding up other people's.
    """

    def __init__(
        self,
        workers: Workers,
        receive: Receiver,
        messengers: Mapping[str, Messenger],
        media_store: MediaStore | None = None,
        allowances: Allowances | None = None,
        counted: Tallies | None = None,
    ) -> None:
        """Build the handler; with `counted`, what is counted of large broadcasts is counted in a process first."""
        self._workers = workers
        self._receive = receive
        self._after = _Courtesies(workers, messengers)
        self.counting = (
            Counting(workers, receive, self._failed, self._fetched, counted) if counted is not None else None
        )
        self._fetching = (
            Downloads(workers, receive, messengers, media_store, self._failed, self._fetched, allowances)
            if media_store is not None
            else None
        )
        self._turns = _TurnBatch(workers, receive, self._fetching, counted)

    async def run(self) -> None:
        """Handle updates until cancelled; a turn that has begun is finished."""
        await self._workers.write_with_retry(lambda unit: unit.inbox.release(unit.now, self._workers.alive))
        try:
            while True:
                await self.round()
                if not self._turns.more and await self._workers.inbox.wait(self._workers.patience):
                    await asyncio.sleep(TOGETHER)
        finally:
            for beside in (self._fetching, self.counting):
                if beside is not None:
                    await beside.close()

    async def round(self) -> int:
        """Handle a few updates; return how many, including a failed one and those whose file is fetched first."""
        handled = await self._handled()
        self._workers.did["turns"] += handled
        if not self._turns.more:
            self._workers.replies.written()
        if self.counting is not None:
            self.counting.start_wanted()
        return handled

    async def _handled(self) -> int:
        try:
            done = await self._turns.play()
        except HandlingFailed as failure:
            wanted = failure.__cause__
            if isinstance(wanted, Uncounted) and self.counting is not None:
                await self.counting.start(failure.row, wanted)
            else:
                await self._failed(failure.row, wanted or failure)
            return 1
        for each in done:
            if isinstance(each, AfterCommit):
                self._after(each)
            elif self._fetching is not None:
                self._fetching.start(each)
        return len(done)

    async def settled(self) -> None:
        """Wait until every file under way has had its turn, and every acknowledgement was sent."""
        for beside in (self._fetching, self.counting):
            if beside is not None:
                await beside.settled()
        await self._after.settled()

    async def _failed(self, row: InboxRow, error: BaseException) -> None:
        """Record that a row failed, with the kind of the error only: its text may hold what a person said."""
        kind = type(error).__name__
        log.error("turn %d: %s at %s", row.seq, kind, place(error))
        aside = await self._workers.write_with_retry(lambda unit: self._receive.failed(unit, row, kind))
        if aside:
            log.error("turn %d: set aside after two minutes", row.seq)
            self._workers.outbox.notify()

    def _fetched(self, handled: AfterCommit) -> None:
        self._after(handled)
        self._workers.inbox.notify()  # the same person's later updates have waited behind this one


class _TurnBatch:
    """Plays a few people's turns in one transaction; after a failure one by one, so that no turn undoes another."""

    def __init__(
        self, workers: Workers, receive: Receiver, fetching: Downloads | None, counted: Tallies | None
    ) -> None:
        self._counted = counted
        self._workers = workers
        self._receive = receive
        self._fetching = fetching
        self._together = workers.storage.database.turns_together
        self._alone = 0  # how many turns to play one by one
        self.more = True
        """Whether another turn may wait: not after the last transaction looked for one and found none."""

    async def play(self) -> list[AfterCommit | WantedFile]:
        """Play the turns that may be played now; [] if none waits. Raises HandlingFailed for one played alone."""
        self.more = True
        most = 1 if self._alone else self._together
        self._alone = max(self._alone - 1, 0)
        try:
            done, self.more = await self._workers.write_with_retry(partial(self._some, most), brief=True)
        except HandlingFailed:
            if most == 1:
                raise
            self._alone = most
            return await self.play()
        return done

    def _some(self, most: int, unit: Unit) -> tuple[list[AfterCommit | WantedFile], bool]:
        """Play so many turns at most; return them, and whether more may wait."""
        done: list[AfterCommit | WantedFile] = []
        # It looks again in the same transaction: a transaction to see that nothing waits would cost as much as a turn.
        while len(done) < most:
            rows = unit.inbox.pending(unit.now, most - len(done))
            if not rows:
                return done, False
            done += [self._played(unit, row) for row in rows]
        return done, True

    def _played(self, unit: Unit, row: InboxRow) -> AfterCommit | WantedFile:
        try:
            wanted = self._fetching.wants(unit, row) if self._fetching is not None else None
            if wanted is not None:
                return wanted
            with tallies.at_hand(self._counted):
                return self._receive.step(unit, row)
        except Exception as error:
            if transient_error(error):  # not the update's fault, so it is not counted against it
                raise
            raise HandlingFailed(row) from error


class _Courtesies:
    """What is done once a turn is committed: wake the courier and acknowledge presses."""

    def __init__(self, workers: Workers, messengers: Mapping[str, Messenger]) -> None:
        self._workers = workers
        self._messengers = messengers
        self._courtesies: set[asyncio.Task[None]] = set()

    def __call__(self, handled: AfterCommit) -> None:
        self._workers.outbox.notify()
        messenger = self._messengers.get(handled.messenger)
        if handled.callback and messenger:
            courtesy = asyncio.create_task(messenger.acknowledge(handled.callback))
            self._courtesies.add(courtesy)
            courtesy.add_done_callback(self._courtesies.discard)

    async def settled(self) -> None:
        """Wait until every acknowledgement was sent."""
        await asyncio.gather(*self._courtesies)


class HandlingFailed(Exception):
    """Handling an update failed; its row is still pending and untouched."""

    def __init__(self, row: InboxRow) -> None:
        super().__init__(row.seq)
        self.row = row


class Ticker:
    """Runs the scheduler step by step, and now and then the cleanup."""

    def __init__(
        self,
        workers: Workers,
        ticking: Scheduler,
        messengers: Mapping[str, Messenger],
        rate: float,
        media_store: MediaStore | None = None,
        seconds: Callable[[], float] = clock.seconds,
        counting: Counting | None = None,
        sweep: Callable[[str], Awaitable[None]] | None = None,
    ) -> None:
        """Build the ticker.

        Args:
            workers: storage.
            ticking: the scheduler.
            messengers: those that run: nothing is delivered over another, or over one whose outbox is full.
            rate: messages a second that the courier sends.
            media_store: where files that no row names are deleted.
            seconds: a clock that only goes forward.
            counting: counts what a digest tells, where that is much.
            sweep: has a sweep made, by its name, where several workers share them.
        """
        self._sweep = sweep
        self._counting = counting
        self._workers = workers
        self._ticking = ticking
        self._messengers = messengers
        self._media_store = media_store
        self._seconds = seconds
        self._limit = max(min(int(rate), AT_A_TIME), together(rate))
        self._ahead = int(rate * SENDING_AHEAD)
        self._tidied = self._swept = float("-inf")

    async def run(self) -> None:
        """Do what is due until cancelled; the next step follows at once while there is more to do."""
        while True:
            if not await self.round():
                await self._workers.due.wait(self._workers.patience)

    async def round(self) -> bool:
        """Do one step, and clean up when it is time; return True when more may be due at once.

        An error is logged, and does not keep the rest from being done. Raises DatabaseReplaced.
        """
        await self._workers.replies.over()
        done = await self._tried(lambda: self._workers.write(self._step), self._ticking.undone)
        if self._seconds() - self._tidied >= TIDY_EVERY:
            self._tidied = self._seconds()
            await self._swept_by(self._tidy, "tidy")
        if self._media_store is not None and self._seconds() - self._swept >= SWEEP_EVERY:
            self._swept = self._seconds()
            await self._swept_by(partial(self._workers.read, self._media_store.sweep), "media")
        if self._counting is not None:
            self._counting.start_wanted()
        if done:
            self._workers.did["due"] += done - self._ticking.handed
            self._workers.outbox.notify()
        return bool(done) or (done is not None and self._ticking.behind)

    async def _swept_by(self, work: Callable[[], Awaitable[object]], name: str) -> None:
        """Sweep, or have one of several workers do it."""
        sweep = self._sweep
        await self._tried(work if sweep is None else lambda: sweep(name))

    async def _tidy(self) -> None:
        await self._tried(lambda: self._workers.write(self._ticking.tidy))
        if self._media_store is not None:
            await self._tried(partial(self._workers.file, partial(self._media_store.expire, self._workers.now())))

    def _step(self, unit: Unit) -> int:
        waiting = unit.outbox.waiting(unit.now + SOON)
        full = {messenger for messenger, rows in waiting.items() if rows >= self._ahead}
        held = full | (registry.MESSENGERS.outside() - self._messengers.keys())
        with tallies.at_hand(None if self._counting is None else self._counting.counted):
            return self._ticking.step(unit, self._limit, held)

    async def _tried(self, work: Callable[[], Awaitable[T]], undone: Callable[[], None] = lambda: None) -> T | None:
        """Do one thing; return None when it failed, which is logged by kind and place."""
        try:
            return await work()
        except DatabaseReplaced:
            raise
        except Exception as error:  # noqa: BLE001  the loop outlives any error
            undone()
            if not self._workers.is_transient(error):
                log.error("tick: %s at %s", type(error).__name__, place(error))  # noqa: TRY400  a trace may hold words
        return None
