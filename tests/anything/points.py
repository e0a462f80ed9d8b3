"""The durable steps of the running bot, each by name, so that a process can be ended just before and just after each.

A durable step is a transaction that wrote something, or something that Telegram took or gave. The product knows nothing
of it: what a transaction is is told by the acts of it that were called inside, which are wrapped here.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from functools import wraps
from typing import Any, Final

import pytest

import bot.pipeline.courier
import storage.erasure
from bot.messengers.port import Batch, Outgoing
from bot.pipeline.receive import Receiver
from bot.pipeline.scheduler import Scheduler
from storage.broadcasts import Broadcasts
from storage.database import Database
from storage.media import MediaRows
from storage.outbox import Outbox
from storage.unit import Storage, Unit
from tests.anything.world import Place, Telegram
from tests.bot.ready import vault_of
from tests.rhythm.mortal import Life, MortalStorage

CONFIRMED: Final = "updates are confirmed to Telegram"
SENT: Final = "Telegram takes a message"
TAKEN_OFF: Final = "Telegram takes messages off a screen"
ACKNOWLEDGED: Final = "a press is acknowledged"
FETCHED: Final = "a file is fetched"
KEPT: Final = "an update is kept"
PLAYED: Final = "a turn is committed"
FILED: Final = "a file is kept"
BEGUN: Final = "a delivery is begun"
CLAIMED: Final = "messages are claimed"
MARKED: Final = "messages are marked as sent"
RECOVERED: Final = "what a dead process was sending is taken back"
ERASED: Final = "a person is erased"
TIDIED: Final = "what is no longer needed is destroyed"
POINTS: Final = (
    *(CONFIRMED, SENT, TAKEN_OFF, ACKNOWLEDGED, FETCHED, KEPT, PLAYED, FILED, BEGUN, CLAIMED, MARKED, RECOVERED),
    *(ERASED, TIDIED),
)
"""All of them. The steps of an epoch and of a file that is erased lie in the file system: at each of those the power is
cut by `HILO_CUTS`; those of a migration, of a move and of a change of the key have proofs of their own."""

ACTS: Final[tuple[tuple[type, str, str], ...]] = (
    (Receiver, "accept", KEPT),
    (Receiver, "step", PLAYED),
    (MediaRows, "add", FILED),
    (Broadcasts, "started", BEGUN),
    (Outbox, "claim", CLAIMED),
    (Outbox, "expired", RECOVERED),
    (Scheduler, "tidy", TIDIED),
)


class NamedLife(Life):
    """A process whose durable steps have names.

    Attributes:
        doing: what the present transaction has done so far.
        made: the names of each step that was made.
    """

    def __init__(self) -> None:
        super().__init__()
        self.doing: set[str] = set()
        self.made: list[frozenset[str]] = []

    def after(self) -> None:
        """Note a step and what it was."""
        self.made.append(frozenset(self.doing))
        self.doing.clear()
        super().after()

    def outside(self, name: str) -> None:
        """Begin a step that is no transaction."""
        self.before()
        self.doing = {name}


class NamedStorage(MortalStorage):
    """A storage whose transactions begin with nothing done."""

    life: NamedLife

    def unit(self, now: datetime, *, at_once: bool = False) -> AbstractContextManager[Unit]:
        """Open a write transaction."""
        self.life.doing.clear()
        return super().unit(now, at_once=at_once)


class PointedTelegram(Telegram):
    """Telegram, each of whose answers is a step."""

    __slots__ = ()

    async def fetch(self, offset: int | None, wait: float) -> Batch:
        """Give what came; what was confirmed by asking for more is a step."""
        before = len(self._updates)
        batch = await super().fetch(offset, wait)
        if len(self._updates) < before:
            self.life.outside(CONFIRMED)
            self.life.after()
        return batch

    @property
    def life(self) -> NamedLife:
        """The process that lives."""
        life = self.rig.life
        assert isinstance(life, NamedLife)
        return life

    async def send(self, outgoing: Outgoing) -> int:
        """Take a message."""
        self.life.doing = {SENT}
        return await super().send(outgoing)

    async def delete(self, chat: str, messages: Sequence[int]) -> Sequence[int]:
        """Take messages back."""
        self.life.doing = {TAKEN_OFF}
        left = await super().delete(chat, messages)
        self.life.after()
        return left

    async def acknowledge(self, callback: str) -> None:
        """Note that a press was seen."""
        self.life.outside(ACKNOWLEDGED)
        await super().acknowledge(callback)
        self.life.after()

    async def download(self, file: str) -> bytes:
        """Give a file."""
        self.life.outside(FETCHED)
        data = await super().download(file)
        self.life.after()
        return data


class Pointed(Place):
    """An installation whose process may be ended at any named step."""

    def network(self) -> PointedTelegram:
        """Make the network."""
        made = PointedTelegram()
        made.begin(self)
        return made

    def note(self, name: str) -> None:
        """Note what the present transaction does."""
        assert isinstance(self.life, NamedLife)
        self.life.doing.add(name)

    def kept(self, database: Database) -> Storage:
        """Make a storage that its process may leave at any step."""
        if not isinstance(self.life, NamedLife):
            self.life = NamedLife()
        made = NamedStorage(database, vault_of(self.folder))
        made.life = self.life
        return made


def named(world: Callable[[], Pointed], patch: pytest.MonkeyPatch) -> None:
    """Let each act tell the process that lives what its transaction is."""

    def telling(act: Callable[..., Any], name: str, *, always: bool) -> Callable[..., Any]:
        @wraps(act)
        def told(*given: Any, **more: Any) -> Any:
            found = act(*given, **more)
            if always or found:
                world().note(name)
            return found

        return told

    for kind, act, name in ACTS:
        patch.setattr(kind, act, telling(getattr(kind, act), name, always=name not in {CLAIMED, RECOVERED}))
    marking, erase = bot.pipeline.courier.mark_results, storage.erasure.erase

    def mark(unit: Unit, results: Sequence[Any]) -> None:
        marking(unit, results)
        if results:
            world().note(MARKED)

    patch.setattr(bot.pipeline.courier, "mark_results", mark)
    patch.setattr(storage.erasure, "erase", telling(erase, ERASED, always=True))
