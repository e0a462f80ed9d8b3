"""That an answer is on its way is shown where it takes longer than a second, and only while that is so."""

import asyncio
from pathlib import Path

import pytest

from bot.messengers.port import Incoming, Kind
from bot.pipeline import loops
from bot.pipeline.courier import Courier
from bot.pipeline.typing_sign import TypingSign
from bot.runtime.workers import Workers
from tests.bot.phone import Phone
from tests.bot.rig import Rig


class Slow:
    """A bot whose loops go on when they are told to."""

    def __init__(self, live: Rig, workers: Workers) -> None:
        messengers = {"memory": live.messenger}
        self.messenger, self.now = live.messenger, 0.0
        self.sign = TypingSign(workers, messengers, lambda: self.now)
        self.poller = loops.Poller(live.messenger, workers, live.receive, kept=self.sign.came)
        self.handler = loops.Handler(workers, live.receive, messengers)
        self.courier = Courier(workers, messengers, 25, said=self.sign.said)

    async def at(self, now: float) -> int:
        """Look at a moment; return how often the sign was shown so far."""
        self.now = now
        await self.sign.round()
        return len(self.messenger.typed)

    async def answer(self) -> None:
        """Play what waits, and send what was said."""
        while await self.handler.round():
            pass
        while await self.courier.round():
            await self.courier.landed()


@pytest.fixture
def leader(tmp_path: Path) -> Phone:
    """Somebody who takes part."""
    return Rig(tmp_path).join()


def test_the_sign_is_shown_until_the_answer_came(leader: Phone) -> None:
    """Not within the first second; then every four and a half while the turn waits, and not after it was sent."""

    async def script() -> list[int]:
        workers = Workers(leader.rig.storage)
        slow = Slow(leader.rig, workers)
        leader.write("/menu")
        await slow.poller.round(0)
        shown = [await slow.at(each) for each in (0.9, 1.1, 3.0, 5.7)]
        await slow.answer()
        shown += [await slow.at(each) for each in (11.0, 20.0)]
        workers.close()
        return shown

    assert asyncio.run(script()) == [0, 1, 1, 2, 2, 2]
    assert set(leader.rig.messenger.typed) == {leader.chat}
    leader.rig.close()


def test_nothing_is_shown_where_no_answer_is_to_come(leader: Phone) -> None:
    """What was handled and is answered with nothing, an edit and a sticker: the sign would promise something."""

    async def script() -> int:
        workers = Workers(leader.rig.storage)
        slow = Slow(leader.rig, workers)
        slow.sign.came([Incoming("memory", "handled", leader.chat, Kind.TEXT, text="x")])
        slow.sign.came([Incoming("memory", "edited", "77", Kind.EDITED, text="x")])
        shown = await slow.at(2.0) + await slow.at(9.0)
        workers.close()
        return shown

    assert asyncio.run(script()) == 0
    leader.rig.close()
