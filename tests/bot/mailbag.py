"""Many people with one message each in the outbox, and a courier that sends them through a real client."""

import asyncio
import time
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

from bot import clock
from bot.messengers.aiogram import AiogramMessenger
from bot.messengers.port import Messenger
from bot.messengers.ptb import PtbMessenger
from bot.pipeline.courier import Courier
from bot.runtime.workers import Workers
from storage.people import Person
from tests.bot.rig import Rig
from tests.double import Double

CLIENTS = {"ptb": PtbMessenger, "aiogram": AiogramMessenger}
BODY: dict[str, Any] = {"text": "El taller es el jueves.", "keyboard": [], "protect": False}


class Mailbag(Rig):
    """An installation at the real time whose people are in Telegram's chats of these numbers, all of them active."""

    def __init__(self, folder: Path, chats: Collection[int], seconds_ago: float = 300.0) -> None:
        super().__init__(folder, now=clock.now())
        self.advance(seconds=-seconds_ago)
        with self.unit() as unit:
            self.people = [self._person(unit, f"{chat}") for chat in chats]
        self._chats = {person.id: f"{chat}" for person, chat in zip(self.people, chats, strict=True)}

    def chat(self, person: Person) -> str:
        """Return somebody's chat."""
        return self._chats[person.id]

    @staticmethod
    def _person(unit: Any, chat: str) -> Person:
        person = unit.people.create(clock.new_id(), unit.now, "active", "es")
        unit.addresses.link(person, "telegram", chat, clock.new_id())
        return person

    def fill(self, lane: int = 1, *, each: int = 1) -> None:
        """Let so many messages for everybody wait, of which none may go twice."""
        with self.unit() as unit:
            for person in self.people:
                for _ in range(each):
                    unit.outbox.put(clock.new_id(), person, "telegram", self.chat(person), "message", lane, BODY)

    def left(self) -> int:
        """Count what waits or is under way."""
        return int(self.rows("SELECT count(*) FROM outbox WHERE state IN ('queued', 'sending')")[0][0])


def present(double: Double, number: int) -> list[int]:
    """Let so many people have opened the bot; return their chats."""
    users = [double.user(f"Flor {place}") for place in range(number)]
    for user in users:
        user.is_known()
    return [user.id for user in users]


def send(
    bag: Mailbag, messenger: Messenger, rate: float, *, until: Callable[[], bool], patience: float = 30.0
) -> float:
    """Run a courier until something is so; return the seconds that this took. The client is closed."""

    async def whole() -> float:
        workers = Workers(bag.storage)
        courier = asyncio.create_task(Courier(workers, {"telegram": messenger}, rate).run())
        began = time.monotonic()
        while not until():
            assert not courier.done(), courier.exception()
            assert time.monotonic() - began < patience, f"{bag.left()} were not sent"
            await asyncio.sleep(0.02)
        took = time.monotonic() - began
        courier.cancel()
        await asyncio.gather(courier, return_exceptions=True)
        await messenger.close()
        workers.close()
        return took

    return asyncio.run(whole())
