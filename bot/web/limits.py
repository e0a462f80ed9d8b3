"""What one conversation may send from its pages; a cry for help is looked for before anything is turned away."""

from collections.abc import Callable
from dataclasses import dataclass

from bot.messengers.port import WEB
from bot.runtime.workers import Workers
from bot.services.allowances import LOOKED, Allowances
from bot.web.sessions import ChatContext
from dialogs.danger import RINGS, Matcher
from storage.people import Person
from storage.unit import Unit


@dataclass(frozen=True, slots=True)
class PageLimits:
    """The allowances as pages ask for them.

    Attributes:
        workers: where rows are read.
        allowances: what each conversation has taken.
        danger: what finds words of danger, for a person or for anybody.
    """

    workers: Workers
    allowances: Allowances
    danger: Callable[[Unit, Person | None], Matcher]

    def longest(self, place: ChatContext) -> int:
        """Return how many letters one text may have."""
        return self.allowances.longest(known=not place.stranger)

    async def text(self, place: ChatContext, letters: int) -> bool:
        """Return whether one more text may be kept."""
        known = not place.stranger
        return self.allowances.text(place.chat, self.workers.now(), letters, known=known) and await self._room(place)

    async def press(self, place: ChatContext) -> bool:
        """Return whether one more press may be kept."""
        known = not place.stranger
        return self.allowances.press(place.chat, self.workers.now(), known=known) and await self._room(place)

    def file(self, place: ChatContext, size: int) -> bool:
        """Return whether one more file may be kept."""
        return self.allowances.file(place.chat, self.workers.now(), size)

    def file_left(self, place: ChatContext) -> bool:
        """Return whether any file at all may be kept now."""
        return self.allowances.file_left(place.chat, self.workers.now())

    async def cry(self, place: ChatContext, text: str, *, whole: bool) -> str:
        """Return the phrase that rings in words which cannot be taken, '' without one or where one was just heard.

        Not the whole of a text is looked at where many come one after the other: looking takes its time.
        """
        said = text if whole else text[:LOOKED]

        def look(unit: Unit) -> str:
            person = unit.people.get(place.person) if place.person is not None else None
            found = self.danger(unit, person).look(said)
            return found.phrase if found is not None and found.strength == RINGS else ""

        phrase = await self.workers.read(look)
        return phrase if phrase and self.allowances.cry(place.chat, self.workers.now()) else ""

    async def _room(self, place: ChatContext) -> bool:
        """Return whether not too much of the conversation waits to be handled; asked only where much was sent."""
        if not self.allowances.many(place.chat, self.workers.now(), known=not place.stranger):
            return True
        most = self.allowances.waiting(known=not place.stranger)
        return await self.workers.read(lambda unit: unit.inbox.waiting(WEB, place.chat)) < most
