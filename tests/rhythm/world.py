"""An installation whose clock jumps to the next moment at which anything is due, and that can die and be cut off.

Only the clock, which also makes ids, and the network are replaced; both follow a seed, so that a seed is one history.
"""

import asyncio
import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select

from bot import clock
from bot.messengers.port import Batch, Incoming, Kind, Outgoing, Unreachable
from bot.pipeline.send_results import recover
from bot.rendering.buttons import Buttons, RunButton
from storage import due
from storage.database import Database
from storage.tables import people
from storage.unit import Storage
from tests.bot.ready import vault_of
from tests.bot.rig import Rig
from tests.memory import MemoryMessenger
from tests.rhythm.mortal import Died, Life, MortalStorage

PRESSES_KEPT, UPDATES_KEPT = timedelta(seconds=150), timedelta(hours=24)  # by Telegram, until they are fetched
A_ROUND = timedelta(minutes=1)
LOOKS_AGAIN = timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class Sent:
    """A message that the network took.

    Attributes:
        at: when.
        chat: whose.
        text: its words.
        run: of which run its buttons are.
        new: whether it is a message, and no change of an earlier one.
        begun: whether Hilo began it: nothing had come from there just before.
        order: its place among all messages.
    """

    at: datetime
    chat: str
    text: str
    run: UUID | None
    new: bool
    begun: bool
    order: int


class Network(MemoryMessenger):
    """Telegram, which forgets what nobody fetches, may be out of reach, and keeps a ledger of what it took."""

    __slots__ = ("_came", "_heard", "down", "ledger", "life", "lost", "rig")

    rig: "World"

    def begin(self, rig: "World") -> None:
        """Begin an empty ledger."""
        self.rig = rig
        self.ledger: list[Sent] = []
        self.down = False
        self.lost: set[str] = set()  # updates that were forgotten before they were confirmed
        self._came: dict[int, datetime] = {}
        self._heard: dict[str, datetime] = {}

    def _arrive(self, chat: str, kind: Kind, **fields: Any) -> None:
        super()._arrive(chat, kind, **fields)
        self._came[max(self._updates)] = self.rig.now

    async def fetch(self, offset: int | None, wait: float) -> Batch:
        """Give what came, but for what is too old."""
        self._reach()
        for number, came in list(self._came.items()):
            update: Incoming | None = self._updates.get(number)
            kept = PRESSES_KEPT if update is not None and update.kind is Kind.PRESS else UPDATES_KEPT
            if update is not None and self.rig.now - came > kept:
                del self._updates[number]
                self.lost.add(update.update)
            if number not in self._updates:
                del self._came[number]
        batch = await super().fetch(offset, wait)
        for each in batch.updates:
            self._heard[each.chat] = self.rig.now
        return batch

    async def send(self, outgoing: Outgoing) -> int:
        """Take a message; the process may end just before, or just after."""
        self._reach()
        self.rig.life.before()
        order = await super().send(outgoing)
        self.ledger.append(self._sent(outgoing, order))
        self.rig.life.after()
        return order

    async def delete(self, chat: str, messages: Sequence[int]) -> Sequence[int]:
        """Take messages back."""
        self._reach()
        self.rig.life.before()
        return await super().delete(chat, messages)

    def _reach(self) -> None:
        if self.down:
            raise Unreachable("the network is down")

    def _sent(self, outgoing: Outgoing, order: int) -> Sent:
        heard = self._heard.get(outgoing.chat)
        begun = heard is None or self.rig.now - heard > timedelta(minutes=15)
        run = self.rig.run_of(outgoing)
        return Sent(self.rig.now, outgoing.chat, outgoing.text or "", run, outgoing.edits is None, begun, order)


class World(Rig):
    """One installation in time."""

    def __init__(self, folder: Path, seed: int, now: datetime, **more: Any) -> None:
        self.chance = Random(seed)
        self._ids = Random(seed + 1)
        self.life = Life()
        self.awake = True
        self.deaths = 0
        self._patch = pytest.MonkeyPatch()
        self._patch.setattr(clock, "new_id", self._new_id)
        self._patch.setattr(clock, "seconds", self.seconds)
        super().__init__(folder, now, **more)

    def _new_id(self) -> UUID:
        return UUID(bytes=self._ids.randbytes(16), version=4)

    def network(self) -> Network:
        """Make the network."""
        made = Network()
        made.begin(self)
        return made

    @property
    def net(self) -> Network:
        """The network, as what it is."""
        assert isinstance(self.messenger, Network)
        return self.messenger

    def kept(self, database: Database) -> Storage:
        """Make a storage that its process may leave at any step."""
        made = MortalStorage(database, vault_of(self.folder))
        made.life = self.life
        return made

    def close(self) -> None:
        """Let go of everything."""
        self._patch.undo()
        super().close()

    def run_of(self, outgoing: Outgoing) -> UUID | None:
        """Return of which run a message's buttons are."""
        for button in (each for row in outgoing.keyboard for each in row if each.id):
            read = Buttons(self.storage.vault, self.net.name, outgoing.chat).read(button.id)
            if isinstance(read, RunButton):
                return read.run_id
        return None

    # Life and death.

    @contextlib.contextmanager
    def mortal(self) -> Iterator[None]:
        """Do something that the process may not survive; then another one begins."""
        with contextlib.suppress(Died):
            yield
        if self.life.dead:
            self.deaths += 1
            self.restart()

    def restart(self) -> None:
        """End this process without a word, and begin another on what is stored."""
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        with contextlib.suppress(BaseException):
            self._loop.run_until_complete(asyncio.sleep(0))
        self._loop.run_until_complete(self._loop.shutdown_default_executor())
        self._loop.close()
        self.workers.close()
        self.storage.database.dispose()
        self.life.dead, self.life.last = False, None
        self.open()
        self.begin()

    def open(self) -> None:
        """Begin a process; what its tasks die of is no news."""
        super().open()
        self._loop.set_exception_handler(
            lambda loop, facts: (
                None if isinstance(facts.get("exception"), Died) else loop.default_exception_handler(facts)
            )
        )

    def begin(self) -> None:
        """Do what a process does first: take back what was claimed and not finished."""
        self.run(self.workers.write_with_retry(recover))
        self.run(self.workers.write_with_retry(lambda unit: unit.inbox.release(unit.now)))

    # Time.

    def next_due(self) -> datetime:
        """Return the next moment at which the bot has anything to do, as what it keeps says."""
        with self.reading() as unit:
            look = unit.connection.execute(select(func.min(people.c.look_at))).scalar()
            found = [due.first(unit), unit.schedules.waits_until(), look]
        at = min((each for each in found if each is not None), default=self.now + LOOKS_AGAIN)
        return min(max(at, self.now + A_ROUND), self.now + LOOKS_AGAIN)

    def happens(self) -> None:
        """Let the bot, if it is awake, hear what was said, do what is due, and say what there is to say."""
        if not self.awake:
            return
        with self.mortal():
            with contextlib.suppress(Unreachable):
                self.settle()
            self.tick()
