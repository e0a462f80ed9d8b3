"""The loops of a running bot: fetch and keep, handle, tick. Each holds on through any error, with a pause."""

import asyncio
import logging
from collections.abc import Callable
from datetime import timedelta
from functools import partial

from bot.fetching import Fetching, Wanted
from bot.media import Shelf
from bot.messenger import CONFLICT, Conflict, Messenger, MessengerError, RetryLater
from bot.receive import Handled, Receive
from bot.tick import Tick
from bot.work import TOGETHER, Desk
from storage.database import ails
from storage.inbox import InboxRow
from storage.kept import DatabaseReplaced
from storage.unit import Unit

log = logging.getLogger(__name__)

LONG_POLL = 25.0  # seconds; Telegram allows 50
IDLE = 1.0
PAUSE_FIRST, PAUSE_MOST = 0.5, 30.0
AT_A_TIME = 20  # deliveries of one step: answers wait for it
SENDING_AHEAD = 10  # seconds of the outbox that deliveries may fill
TIDY_EVERY = 600  # ticks
SWEEP_EVERY = 6 * 3600  # ticks
CONFLICT_EVERY = timedelta(hours=1)
QUIET = 3456  # fetches in a row that brought nothing: a day of them


async def poll(
    messenger: Messenger, desk: Desk, receive: Receive, conflicted: Callable[[], None] = lambda: None
) -> None:
    """Fetch updates, keep them, and only then confirm them by asking from the next offset.

    `conflicted` is called when somebody else turns out to fetch as well, at most once an hour.
    """
    offset: int | None = None
    pause, quiet = PAUSE_FIRST, 0
    prepared = False
    while True:
        try:
            if not prepared:
                await _prepare(messenger)
                prepared = True
            batch = await messenger.fetch(offset, LONG_POLL)
            if batch.updates:
                await desk.insist(lambda unit, updates=batch.updates: receive.accept(unit, updates))  # type: ignore[misc]  # bound at once
                desk.inbox.ring()
            offset = batch.next if batch.next is not None else offset
            quiet = 0 if batch.updates else quiet + 1
            if quiet >= QUIET:  # Telegram numbers anew after a week of silence; all there was is confirmed by now
                offset, quiet = None, 0
            pause = PAUSE_FIRST
        except RetryLater as error:
            await asyncio.sleep(error.seconds)
        except Conflict:
            if await desk.insist(_conflict):
                log.error("someone else fetches this bot's updates")  # noqa: TRY400  the trace adds nothing
                conflicted()
            prepared = False
            await asyncio.sleep(PAUSE_MOST / 10)
        except MessengerError as error:
            log.warning("%s: %s; again in %g s", messenger.name, error, pause)
            await asyncio.sleep(pause)
            pause = min(pause * 2, PAUSE_MOST)


def _conflict(unit: Unit) -> bool:
    """Note on the trail that somebody else fetches; False when that was noted within the hour."""
    if unit.audit.done(CONFLICT, unit.now - CONFLICT_EVERY):
        return False
    unit.audit.add("hilo", CONFLICT, "telegram", {})
    return True


async def _prepare(messenger: Messenger) -> None:
    if await messenger.prepare():
        log.error("somebody had set a webhook for this bot, which is now removed: if it was not you, change the token")


async def handle(desk: Desk, receive: Receive, messengers: dict[str, Messenger], shelf: Shelf | None = None) -> None:
    """Handle what the inbox holds, a few people's updates a transaction, and pay the courtesies after each commit.

    With a shelf, voice notes and photos are fetched before their turns, without holding up anyone else's.
    """
    after = _After(desk, messengers)

    async def failed(row: InboxRow, error: BaseException) -> None:
        await _failed(desk, receive, row, error)

    def fetched(handled: Handled) -> None:
        after(handled)
        desk.inbox.ring()  # what she said later has waited behind it

    fetching = Fetching(desk, receive, messengers, shelf, failed, fetched) if shelf is not None else None

    turns = _Turns(desk, receive, fetching)
    await desk.insist(lambda unit: unit.inbox.release(unit.now))
    try:
        while True:
            try:
                done = await turns.play()
            except Failed as failure:
                await failed(failure.row, failure.__cause__ or failure)
                continue
            for each in done:
                if isinstance(each, Handled):
                    after(each)
                elif fetching is not None:
                    fetching.start(each)
            if not done and await desk.inbox.wait(IDLE):
                await asyncio.sleep(TOGETHER)
    finally:
        if fetching is not None:
            await fetching.close()


class _Turns:
    """A few people's turns a transaction; once one has failed, each by itself, so that it undoes no other's."""

    def __init__(self, desk: Desk, receive: Receive, fetching: Fetching | None) -> None:
        self._desk = desk
        self._receive = receive
        self._fetching = fetching
        self._together = desk.storage.database.turns_together
        self._alone = 0  # how many to play by themselves

    async def play(self) -> list[Handled | Wanted]:
        """Play what may be played now; none when nothing waits. Raises Failed for a turn played by itself."""
        most = 1 if self._alone else self._together
        self._alone = max(self._alone - 1, 0)
        try:
            return await self._desk.insist(partial(self._some, most))
        except Failed:
            if most == 1:
                raise
            self._alone = most
            return await self.play()

    def _some(self, most: int, unit: Unit) -> list[Handled | Wanted]:
        done: list[Handled | Wanted] = []
        for row in unit.inbox.pending(unit.now, most):
            try:
                wanted = self._fetching.wants(unit, row) if self._fetching is not None else None
                done.append(wanted or self._receive.step(unit, row))
            except Exception as error:
                if ails(error):  # no fault of the update's, which is not counted against it
                    raise
                raise Failed(row) from error
        return done


class _After:
    """What is owed once a turn is committed: waking the courier, and answers to presses."""

    def __init__(self, desk: Desk, messengers: dict[str, Messenger]) -> None:
        self._desk = desk
        self._messengers = messengers
        self._courtesies: set[asyncio.Task[None]] = set()

    def __call__(self, handled: Handled) -> None:
        self._desk.outbox.ring()
        messenger = self._messengers.get(handled.messenger)
        if handled.callback and messenger:
            courtesy = asyncio.create_task(messenger.acknowledge(handled.callback))
            self._courtesies.add(courtesy)
            courtesy.add_done_callback(self._courtesies.discard)


class Failed(Exception):
    """Handling an update raised; the row is still pending and untouched."""

    def __init__(self, row: InboxRow) -> None:
        """Keep which row."""
        super().__init__(row.seq)
        self.row = row


async def _failed(desk: Desk, receive: Receive, row: InboxRow, cause: BaseException) -> None:
    """Write down that a row failed, by the kind of error: its text may hold what a person said."""
    kind = type(cause).__name__
    log.error("inbox row %d: %s at %s", row.seq, kind, _place(cause))
    aside = await desk.insist(lambda unit: receive.failed(unit, row, kind))
    if aside:
        log.error("inbox row %d set aside after two minutes", row.seq)
        desk.outbox.ring()


def _place(error: BaseException | None) -> str:
    """Return file and line of the innermost frame, which name no person."""
    trace = error.__traceback__ if error else None
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_filename.rpartition('/')[2]}:{trace.tb_lineno}" if trace else "?"


async def tick(desk: Desk, ticking: Tick, rate: float, shelf: Shelf | None = None) -> None:
    """Every second: what is due. A step that did something, or not all there was, is followed by the next at once."""
    count = 0
    limit = max(1, min(int(rate), AT_A_TIME))
    while True:

        def step(unit: Unit) -> int:
            room = int(rate * SENDING_AHEAD) - unit.outbox.waiting()
            return ticking.step(unit, min(limit, room)) if room > 0 else 0

        try:
            done = await desk.write(step)
            if count % TIDY_EVERY == 0:
                await desk.write(ticking.tidy)
            if count % SWEEP_EVERY == 0 and shelf is not None:
                await desk.read(shelf.sweep)
        except DatabaseReplaced:
            raise
        except Exception as error:  # noqa: BLE001  the loop outlives any other; its kind and place are logged
            if desk.ailing(error):
                ticking.undone()
            else:
                log.error("tick: %s at %s", type(error).__name__, _place(error))  # noqa: TRY400  a trace may hold words
            done = 0
        count += 1
        if done:
            desk.outbox.ring()
        elif not ticking.behind:
            await asyncio.sleep(IDLE)
