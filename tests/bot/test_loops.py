"""The handling loop itself, running: a few people's turns a transaction, and a turn that fails among them."""

import asyncio
import time
from pathlib import Path

import pytest

from bot import clock
from bot.messengers.port import Batch, Incoming, Kind
from bot.pipeline import loops
from bot.workers import Workers
from tests.bot.rig import Rig
from tests.bot.test_receive import broken_run
from tests.memory import MemoryMessenger

PATIENCE = 15.0


def handled(live: Rig) -> None:
    """Run the loop until nothing waits that is due."""

    async def whole() -> None:
        workers = Workers(live.storage)
        handling = asyncio.create_task(loops.Handler(workers, live.receive, {"memory": live.messenger}).run())
        begun = time.monotonic()
        while live.rows("SELECT count(*) FROM inbox WHERE state = 'pending' AND error IS NULL") != [(0,)]:
            assert time.monotonic() - begun < PATIENCE, "the loop did not get there"
            await asyncio.sleep(0.01)
        handling.cancel()
        await asyncio.gather(handling, return_exceptions=True)
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
