"""Many people are sent to for hours, on a clock that passes at once, while others write and the process is killed.

The courier's real loop and real rows; Telegram takes a tenth of a second, now and then much longer, refuses what comes
in bulk for up to ten minutes, and knows itself what came when.
"""

import asyncio
import random
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import pytest

from bot import clock
from bot.messengers.port import Gone, Outgoing, RetryLater
from bot.pipeline.courier import AT_ONCE, Courier
from bot.pipeline.pace import SECOND
from bot.runtime.workers import Workers
from storage.unit import Storage, Unit
from tests import amounts
from tests.bot.hastened import Hastened
from tests.bot.mailbag import BODY, Mailbag
from tests.bot.rig import do_at_once
from tests.memory import MemoryMessenger

T = TypeVar("T")
RATE = 30
AHEAD = 10 * RATE  # as many as deliveries put into the outbox ahead; fewer where people are few
BLOCKED = 50  # one in so many people
REFUSED = 400  # and in so many broadcast messages
LONGEST_PAUSE = 600
WAY, LONGEST_WAY, LAST_ONES = 0.05, 1.1, 2.0  # seconds
DOWN = 2.0  # seconds from a death to the next beginning
LATELY = 60.0  # seconds for which what is sent to whoever wrote is an answer to them, as Telegram sees it
LANE_OF_MANY = 1


class Dead(Exception):
    """This process was killed: it writes nothing any more."""


class Mortal(Workers):
    """Storage of a process that can be killed."""

    dead = False

    async def write(self, work: Callable[[Unit], T], *, brief: bool = False) -> T:
        """Write, unless it is dead."""
        if self.dead:
            raise Dead
        return await super().write(work, brief=brief)


@dataclass
class Network:
    """Telegram behind all processes: what came when, who blocked the bot, and until when it wants nothing in bulk.

    It does not know what the bot calls a broadcast: in bulk is what comes to whoever has not written just now.
    """

    loop: Hastened
    chance: random.Random
    blocked: set[str] = field(default_factory=set)
    wrote: dict[str, float] = field(default_factory=dict)
    arrived: list[tuple[float, str, str]] = field(default_factory=list)
    pauses: list[tuple[float, float]] = field(default_factory=list)
    refused: list[float] = field(default_factory=list)
    disregarded: int = 0  # calls in bulk that began in a pause of which the bot must have heard

    def accept(self, outgoing: Outgoing, begun: float) -> int:
        """Take a message that arrives now, or refuse it."""
        now = self.loop.time()
        since, until = self.pauses[-1] if self.pauses else (0.0, 0.0)
        in_bulk = now - self.wrote.get(outgoing.chat, -LATELY) >= LATELY
        if in_bulk and now < until:
            self.refused.append(now)
            self.disregarded += begun > since + LONGEST_WAY
            raise RetryLater(until - now, everyone=True)
        if outgoing.chat in self.blocked:
            self.refused.append(now)
            raise Gone("bot was blocked by the user")
        if in_bulk and self.chance.randrange(REFUSED) == 0:
            self.refused.append(now)
            self.pauses.append((now, now + self.chance.randint(1, LONGEST_PAUSE)))
            raise RetryLater(self.pauses[-1][1] - now, everyone=True)
        self.arrived.append((now, outgoing.chat, outgoing.text or ""))
        return len(self.arrived)

    def way(self) -> float:
        """Draw how long something is under way, in seconds: in one of a hundred a whole second more."""
        return WAY + self.chance.random() * 0.03 + (self.chance.randrange(100) == 0)

    def busiest(self) -> int:
        """Return the most messages that came within a second, wherever it begins."""
        moments = [moment for moment, _, _ in self.arrived]
        return max(bisect_left(moments, moment + 1) - place for place, moment in enumerate(moments))


class Line(MemoryMessenger):
    """One process's line to Telegram."""

    def __init__(self, network: Network, workers: Mortal) -> None:
        """Begin the line of a process."""
        super().__init__()
        self.network, self.workers = network, workers

    async def send(self, outgoing: Outgoing) -> int:
        """Send, as long as the process lives."""
        if self.workers.dead:
            raise Dead
        begun = self.network.loop.time()
        await asyncio.sleep(self.network.way())
        try:
            return self.network.accept(outgoing, begun)
        finally:
            await asyncio.sleep(self.network.way())


@dataclass
class Campaign:
    """One message for everybody, and what others are answered meanwhile."""

    bag: Mailbag
    network: Network
    unasked: list[Any]
    asked: dict[str, float] = field(default_factory=dict)  # words of a reply -> when it was written
    down: list[tuple[float, float]] = field(default_factory=list)

    async def whole(self, kills: int) -> float:
        """Send to everybody; return the seconds that this took."""
        begun, chance, number = self.network.loop.time(), self.network.chance, len(self.unasked)
        while self._left():
            workers = Mortal(Storage(self.bag.storage.database, self.bag.storage.vault), self.network.loop.moment)
            do_at_once(workers)
            courier = Courier(workers, {"telegram": Line(self.network, workers)}, RATE, seconds=self.network.loop.time)
            tasks = [asyncio.create_task(each) for each in (courier.run(), self._feed(workers), self._talk(workers))]
            # Half of the deaths come while something is sent, the others whenever they like.
            enough = len(self.network.arrived) + chance.randint(1, 2 * number // max(kills, 1))
            end = self.network.loop.time() + chance.uniform(1, 2 * LONGEST_PAUSE)
            while self._left() and (kills == 0 or self._lives(kills, enough, end)):
                assert not tasks[0].done(), tasks[0].exception()
                await asyncio.sleep(0.05 + chance.random() / 10)
            await self._die(workers, tasks, killed=kills > 0)
            kills = max(kills - 1, 0)
        return self.network.loop.time() - begun

    def _lives(self, kills: int, enough: int, end: float) -> bool:
        return len(self.network.arrived) < enough if kills % 2 else self.network.loop.time() < end

    async def _die(self, workers: Mortal, tasks: list[asyncio.Task[None]], *, killed: bool) -> None:
        workers.dead = killed
        for task in reversed(tasks):
            task.cancel()
        ended = await asyncio.gather(*tasks, return_exceptions=True)
        assert all(isinstance(each, Dead | asyncio.CancelledError) for each in ended), ended
        workers.close()
        if killed:
            now = self.network.loop.time()  # then a second in which what the rows tell to the minute counts as sent
            self.down.append((now, now + DOWN + SECOND))
            await asyncio.sleep(DOWN)

    def _left(self) -> bool:
        return bool(self.unasked) or self.bag.left() > 0

    async def _feed(self, workers: Mortal) -> None:
        """Let as many messages wait as deliveries would."""
        while True:
            ahead = min(AHEAD, max(2 * RATE, len(self.bag.people) // 33))
            some = self.unasked[: max(ahead - self.bag.left(), 0)]

            def put(unit: Unit, some: list[Any] = some) -> None:
                for person in some:
                    self._put(unit, person, LANE_OF_MANY, "El taller es el jueves.")

            await workers.write(put)
            del self.unasked[: len(some)]
            workers.outbox.notify()
            await asyncio.sleep(1)

    async def _talk(self, workers: Mortal) -> None:
        """Let somebody be answered about once a second."""
        chance = self.network.chance
        while True:
            person, words = chance.choice(self.bag.people), f"Respuesta {len(self.asked)}"
            self.network.wrote[self.bag.chat(person)] = self.network.loop.time()
            await workers.write(lambda unit, person=person, words=words: self._put(unit, person, 0, words))
            self.asked[words] = self.network.loop.time()
            workers.outbox.notify()
            await asyncio.sleep(chance.uniform(0.5, 1.5))

    def _put(self, unit: Unit, person: Any, lane: int, words: str) -> None:
        body = BODY | {"text": words}
        unit.outbox.put(clock.new_id(), person, "telegram", self.bag.chat(person), "message", lane, body)


def union(spans: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Join spans of time that overlap."""
    joined: list[tuple[float, float]] = []
    for since, until in sorted(spans):
        if joined and since <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(until, joined[-1][1])
        else:
            joined.append((since, until))
    return joined


@pytest.mark.proof
@pytest.mark.timeout(0)
def test_everybody_reachable_is_told_once_at_the_pace_and_people_are_answered(tmp_path: Path) -> None:
    """With people who blocked the bot, pauses of up to ten minutes, and deaths in the middle of it all."""
    number, kills = amounts.TOLD.value, amounts.TOLD.value // 200
    chance = random.Random(amounts.SEED.value)
    bag = Mailbag(tmp_path, range(1000, 1000 + number))
    loop = Hastened(clock.now())
    network = Network(loop, chance, {f"{chat}" for chat in range(1000, 1000 + number, BLOCKED)})
    campaign = Campaign(bag, network, bag.people[:])
    took = loop.run_until_complete(campaign.whole(kills))
    loop.close()
    told = Counter(chat for _, chat, words in network.arrived if words not in campaign.asked)
    late = sorted(moment - campaign.asked[words] for moment, _, words in network.arrived if words in campaign.asked)
    idle = union([*network.pauses, *campaign.down])
    calls = [*(moment for moment, _, _ in network.arrived), *network.refused]
    ideal = sum(not any(since <= moment < until for since, until in idle) for moment in calls) / RATE
    took -= sum(until - since for since, until in idle)
    with bag.reading() as unit:
        doubted = unit.unsent.page((), number, everywhere=True)
        in_doubt = {unit.addresses.of(unit.people.known(row.person_id))[0][2] for row in doubted if row.person_id}
    bag.close()
    p95 = late[len(late) * 95 // 100]
    found = f"{took:.0f} s of {ideal:.0f} outside pauses and deaths; {len(late)} replies, 95 of 100 in {p95:.2f} s; "
    found += f"{network.disregarded} calls in pauses, {len(doubted)} in doubt of {kills} deaths"

    everybody = {f"{chat}" for chat in range(1000, 1000 + number)}
    assert {*told.values()} == {1}
    assert everybody - network.blocked - told.keys() <= in_doubt
    assert not told.keys() & network.blocked
    assert network.busiest() <= RATE
    assert took <= 1.1 * ideal + LAST_ONES, found
    assert p95 < 2, found
    assert len(doubted) <= AT_ONCE * kills, found
    assert network.disregarded <= kills, found
