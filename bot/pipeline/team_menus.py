"""Keeps the menus of commands in the team's chats as their roles are, at once when one is given, ended or at rest."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Final

from bot.messengers.port import Messenger
from bot.pipeline.repeating import repeat
from bot.rendering.texts import Texts
from bot.runtime.workers import Workers
from bot.services.introduction import Offer, TeamChat, introduce_member, team

EVERY: Final = 3.0  # seconds


class TeamMenus:
    """The menus as each chat was told them; at the start the introduction tells all."""

    def __init__(self, workers: Workers, texts: Texts, messengers: Mapping[str, Messenger], offer: Offer) -> None:
        """Begin with nothing told; `messengers` are those with a menu."""
        self._workers = workers
        self._texts = texts
        self._messengers = messengers
        self._offer = offer
        self._mark: object = None
        self._told: dict[str, dict[str, TeamChat]] = {}

    async def run(self) -> None:
        """Look until cancelled."""
        await repeat("menus", EVERY, self._workers, self.look)

    async def look(self) -> None:
        """Look once, if anything was written since; what a messenger refuses for a while is told at the next look."""
        mark = await self._workers.mark()
        if mark == self._mark:
            return
        self._mark = None
        for name, messenger in self._messengers.items():
            members = await self._workers.read(partial(team, messenger=name, offer=self._offer))
            present = {each.chat: each for each in members}
            told = self._told.setdefault(name, dict(present))
            for chat, member in _changed(told, present):
                await introduce_member(messenger, self._texts, self._offer, member)
                told.pop(chat, None)
                if chat in present:
                    told[chat] = member
        self._mark = mark


def _changed(told: Mapping[str, TeamChat], present: Mapping[str, TeamChat]) -> Sequence[tuple[str, TeamChat]]:
    """Return the chats whose menu is another one now: of whoever holds no role any more it is everybody's."""
    gone = [(chat, TeamChat(chat, was.language, ())) for chat, was in told.items() if chat not in present]
    return [*gone, *((chat, member) for chat, member in present.items() if told.get(chat) != member)]
