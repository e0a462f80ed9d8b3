"""Show that an answer is on its way where it takes longer than a second: to whoever waits, and to nobody else."""

import asyncio
import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Final

from bot import clock
from bot.messengers.port import Incoming, Kind, Messenger
from bot.runtime.workers import Workers
from dialogs.value_class import value_class
from storage.unit import Unit

log = logging.getLogger(__name__)

AFTER: Final = 1.0  # seconds without an answer
LASTS: Final = 4.5  # seconds after which it is shown again: Telegram shows it for five
LONGEST: Final = 60.0  # seconds: who has waited for longer is not kept looking
AT_ONCE: Final = 5
"""Chats it is shown in at once: where many wait, what is sent is their answers."""
ANSWERED: Final = frozenset({Kind.TEXT, Kind.PRESS, Kind.VOICE, Kind.PHOTO})
"""What is answered; an edited message or a sticker need not be."""


@value_class
class _UnansweredChat:
    """Since when a chat waits, and when the sign was shown there."""

    since: float
    shown: float = float("-inf")


class TypingSign:
    """Knows in memory which chats wait for an answer; storage is asked only about those that have waited."""

    def __init__(
        self, workers: Workers, messengers: Mapping[str, Messenger], seconds: Callable[[], float] = clock.seconds
    ) -> None:
        """Begin with nobody waiting; `seconds` is a clock that only goes forward."""
        self._workers = workers
        self._messengers = messengers
        self._seconds = seconds
        self._waiting: dict[tuple[str, str], _UnansweredChat] = {}
        self._some = asyncio.Event()

    def came(self, updates: Iterable[Incoming]) -> None:
        """Note that updates were kept, which wait for an answer."""
        now = self._seconds()
        for each in updates:
            if each.kind in ANSWERED:
                self._waiting.setdefault((each.messenger, each.chat), _UnansweredChat(now))
                self._some.set()

    def said(self, messenger: str, chat: str) -> None:
        """Note that something was said in a chat: nobody waits there any more."""
        self._waiting.pop((messenger, chat), None)

    async def run(self) -> None:
        """Show the sign until cancelled; while nobody waits nothing is done."""
        while True:
            await self._some.wait()
            self._some.clear()
            while self._waiting:
                await asyncio.sleep(AFTER)
                await self.round()

    async def round(self) -> None:
        """Show the sign in chats that have waited for a second, those first that wait longest."""
        now = self._seconds()
        late = {chat: each for chat, each in self._waiting.items() if now - each.since >= AFTER}
        if not late:
            return
        try:
            ended = await self._workers.read(lambda unit: [chat for chat in late if not _is_to_come(unit, *chat)])
        except Exception as error:  # noqa: BLE001  a courtesy, which the database may not have time for
            log.debug("typing was not shown: %s", type(error).__name__)
            return
        for chat in [*ended, *(chat for chat, each in late.items() if now - each.since >= LONGEST)]:
            self._waiting.pop(chat, None)
        due = [chat for chat, each in late.items() if chat in self._waiting and now - each.shown >= LASTS][:AT_ONCE]
        for chat in due:
            self._waiting[chat] = replace(late[chat], shown=now)
        await asyncio.gather(*(self._messengers[name].typing(chat) for name, chat in due if name in self._messengers))


def _is_to_come(unit: Unit, messenger: str, chat: str) -> bool:
    """Return whether a chat's update waits for its turn, or an answer for being sent."""
    return bool(unit.inbox.waiting(messenger, chat)) or unit.outbox.on_its_way(messenger, chat)
