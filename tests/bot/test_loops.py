"""The loops themselves, running: what they fetch, the turns they play together, and how they go on after a failure."""

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest

from bot import clock
from bot.media.store import FetchResult
from bot.messengers.port import Batch, Conflict, Incoming, Kind, MessengerError, Unreachable
from bot.pipeline import loops
from bot.pipeline.receive import AfterCommit
from bot.runtime import workers as threads
from bot.runtime.workers import LETS_PASS, Workers
from storage.inbox import InboxRow
from storage.unit import Unit
from tests.bot.rig import Failing, Rig, texts
from tests.bot.test_receive import broken_run
from tests.memory import MemoryMessenger

PATIENCE = 15.0


class Scripted(MemoryMessenger):
    """A messenger that somebody else may use, too: `there` is set elsewhere at first, and its fetches fail in turn."""

    def __init__(self, *errors: MessengerError, there: str | None = None) -> None:
        super().__init__()
        self.errors = list(errors)
        self.there = there
        self.prepared = 0
        self.asked: list[float] = []

    async def prepare(self) -> str | None:
        """Take the updates back."""
        self.prepared += 1
        there, self.there = self.there, None
        return there

    async def fetch(self, offset: int | None, wait: float) -> Batch:
        """Fail, or bring nothing."""
        self.asked.append(time.monotonic())
        if self.errors:
            raise self.errors.pop(0)
        await asyncio.sleep(wait)
        return Batch((), offset)


def polled(live: Rig, messenger: Scripted) -> int:
    """Fetch until nothing fails any more; returns how often it was told that somebody else fetches."""
    conflicts: list[bool] = []

    async def whole() -> None:
        workers, fetches = Workers(live.storage), len(messenger.errors) + 1
        poller = loops.Poller(messenger, workers, live.receive, lambda: conflicts.append(True))
        polling = asyncio.create_task(poller.run())
        async with asyncio.timeout(PATIENCE):
            while len(messenger.asked) < fetches:  # noqa: ASYNC110  a fetch rings no event
                await asyncio.sleep(0.01)
        polling.cancel()
        await asyncio.gather(polling, return_exceptions=True)
        workers.close()

    asyncio.run(whole())
    return len(conflicts)


def handled(live: Rig, patience: float = 1) -> None:
    """Run the loop until nothing waits that is due, and tell it to stop."""

    async def whole() -> None:
        workers = Workers(live.storage)
        workers.patience = patience
        handling = asyncio.create_task(loops.Handler(workers, live.receive, {"memory": live.messenger}).run())
        begun = time.monotonic()
        while live.rows("SELECT count(*) FROM inbox WHERE state = 'pending' AND error IS NULL") != [(0,)]:
            assert time.monotonic() - begun < PATIENCE, "the loop did not get there"
            await asyncio.sleep(0.01)
        handling.cancel()
        (ended,) = await asyncio.gather(handling, return_exceptions=True)
        assert isinstance(ended, asyncio.CancelledError)
        workers.close()

    asyncio.run(whole())


def test_after_a_day_of_silence_updates_are_asked_for_from_the_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Telegram numbers updates anew after a week: a number from before it is not asked from for ever."""
    monkeypatch.setattr(loops, "QUIET", 2)
    monkeypatch.setattr(loops, "LONG_POLL", 0.01)
    live = Rig(tmp_path, now=clock.now())

    class Restarted(MemoryMessenger):
        """Brings an update with a high number, then nothing for long, then one with a low number."""

        def __init__(self) -> None:
            super().__init__()
            self.asked: list[int | None] = []

        async def fetch(self, offset: int | None, wait: float) -> Batch:
            self.asked.append(offset)
            await asyncio.sleep(wait)
            if len(self.asked) == 1:
                return Batch([Incoming("memory", "900", "7", Kind.TEXT, text="hola")], 901)
            if len(self.asked) > 4 and (offset or 0) <= 5:
                return Batch([Incoming("memory", "5", "7", Kind.TEXT, text="otra vez")], 6)
            return Batch((), offset)

    async def whole() -> list[int | None]:
        messenger, workers = Restarted(), Workers(live.storage)
        polling = asyncio.create_task(loops.Poller(messenger, workers, live.receive).run())
        async with asyncio.timeout(PATIENCE):
            while live.rows("SELECT count(*) FROM inbox") != [(2,)]:  # noqa: ASYNC110  a row rings no event
                await asyncio.sleep(0.01)
        polling.cancel()
        await asyncio.gather(polling, return_exceptions=True)
        workers.close()
        return messenger.asked

    asked = asyncio.run(whole())
    assert asked[:4] == [None, 901, 901, None]
    live.close()


def test_a_failing_turn_undoes_no_other(tmp_path: Path) -> None:
    """Of many answers that wait together one cannot be handled: it alone is put off, the others are kept, once each."""
    live = Rig(tmp_path, now=clock.now())
    phones = [live.join(nickname=f"Persona {place}") for place in range(12)]
    for phone in phones:
        live.ask(phone)
    unlucky = phones[5]
    broken_run(live, unlucky)
    for phone in phones:
        phone.write("2")
    live.keep()
    handled(live)

    assert live.rows("SELECT error, attempts FROM inbox WHERE state = 'pending'") == [("ValueError", 1)]
    assert live.rows("SELECT count(*), count(DISTINCT run_id) FROM answers") == [(11, 11)]
    assert [phone.run.prompt > 1 for phone in phones if phone is not unlucky] == [True] * 11
    live.close()


class Lonely(Failing):
    """Plays no turn in the transaction of another."""

    last: Unit | None = None

    def step(self, unit: Unit, row: InboxRow, fetched: FetchResult | None = None) -> AfterCommit:
        """Handle the first update of a transaction."""
        if unit is self.last:
            raise ValueError(row.seq)
        self.last = unit
        return super().step(unit, row, fetched)


def test_a_turn_that_fails_beside_others_is_tried_alone_before_it_counts(tmp_path: Path) -> None:
    """What went wrong may lie in what they shared: alone it succeeds, and no try of its seven is spent."""
    live = Rig(tmp_path, now=clock.now())
    live.receive = Lonely(live.turns, live.receive._router)
    phones = [live.phone() for _ in range(3)]
    for phone in phones:
        phone.write("/start")
    live.keep()
    handled(live)

    assert live.rows("SELECT DISTINCT state, attempts, error FROM inbox") == [("done", 0, None)]
    live.close()


def test_what_waits_is_handled_without_a_pause_between(tmp_path: Path) -> None:
    """Many people wrote at once, more than one transaction takes: the loop goes on until nobody waits."""
    live = Rig(tmp_path, now=clock.now())
    phones = [live.phone() for _ in range(3 * live.storage.database.turns_together)]
    for phone in phones:
        phone.write("/start")
    live.keep()
    handled(live, patience=60)
    live.now = clock.now()
    live.send()

    assert all(phone.heard for phone in phones)
    live.close()


def test_what_is_due_is_done_without_a_pause_between(tmp_path: Path) -> None:
    """A step takes few of many deliveries: the next follows at once, until all have begun."""
    live = Rig(tmp_path, now=clock.now())
    phones = [live.join(nickname=f"Persona {place}") for place in range(3)]
    live.order()

    async def whole() -> None:
        workers = Workers(live.storage)
        workers.patience = 60
        ticking = asyncio.create_task(loops.Ticker(workers, live.ticking, {"memory": live.messenger}, 1).run())
        async with asyncio.timeout(PATIENCE):
            while live.count("runs") < len(phones):  # noqa: ASYNC110  a row rings no event
                await asyncio.sleep(0.01)
        ticking.cancel()
        await asyncio.gather(ticking, return_exceptions=True)
        workers.close()

    asyncio.run(whole())
    live.close()


def test_the_scheduler_lets_replies_pass(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No step begins while a reply is on its way; after a tenth of a second one does all the same."""
    live = Rig(tmp_path, now=clock.now())
    ticker = loops.Ticker(live.workers, live.ticking, {"memory": live.messenger}, 30)
    stepped: list[float] = []
    step = live.ticking.step

    def stepping(*given: Any) -> int:
        stepped.append(time.monotonic())
        return step(*given)

    monkeypatch.setattr(live.ticking, "step", stepping)

    async def waited(*, claimed: bool) -> float:
        replies = live.workers.replies
        replies.awaited()
        replies.claimed()  # what was written before
        began = time.monotonic()
        round_ = asyncio.create_task(ticker.round())
        await asyncio.sleep(0)
        if claimed:
            replies.written()
            replies.claimed()
        await round_
        return stepped[-1] - began

    assert live.run(waited(claimed=False)) >= LETS_PASS * 0.9
    monkeypatch.setattr(threads, "LETS_PASS", PATIENCE)
    assert live.run(waited(claimed=True)) < PATIENCE
    assert len(stepped) == 2
    live.close()


def test_a_messenger_that_is_out_of_reach_is_asked_less_and_less_often(tmp_path: Path) -> None:
    """After the first failure it waits a moment, after the second one longer."""
    live, messenger = Rig(tmp_path, now=clock.now()), Scripted(Unreachable("no network"), Unreachable("no network"))
    assert polled(live, messenger) == 0
    first, second, third = messenger.asked

    assert second - first > 0.3
    assert third - second > 1.5 * (second - first)
    assert messenger.prepared == 1
    live.close()


def test_who_else_fetches_is_driven_out_and_told_of_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each time the messenger is made ready anew; admins and whoever runs the bot hear of it once, and not at start."""
    monkeypatch.setattr(loops, "PAUSE_MOST", 0.1)
    live, messenger = Rig(tmp_path, now=clock.now()), Scripted(Conflict("409"), Conflict("409"))
    root = live.facilitator(cohort=None, role="admin")
    assert polled(live, Scripted()) == 0
    assert live.audited("memory.conflict") == []
    assert polled(live, messenger) == 1
    live.now = clock.now()
    live.send()

    assert messenger.prepared == 3
    assert [entry.detail for entry in live.audited("memory.conflict")] == [{}]
    assert root.news == [texts().say("notice.intruded", "es")]
    live.close()


def test_whoever_has_updates_sent_elsewhere_is_told_of_with_the_address(tmp_path: Path) -> None:
    """The trail says where they were to go; nobody is said to fetch, for nobody does."""
    live, messenger = Rig(tmp_path, now=clock.now()), Scripted(there="https://thief.example/hook")
    assert polled(live, messenger) == 0

    assert [entry.detail for entry in live.audited("memory.webhook")] == [{"address": "https://thief.example/hook"}]
    assert live.audited("memory.conflict") == []
    live.close()
