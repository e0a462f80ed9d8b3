"""Somebody opened their page, where nothing rings: what waits for that may begin.

They write and press nothing by it, so whoever has only the page is met here.
"""

from bot.services import own_paper, own_time
from storage.people import Person
from storage.unit import Unit


def waits(unit: Unit, messenger: str, chat: str) -> bool:
    """Return whether anything waits for the person of a chat to open their page."""
    return _met(unit, messenger, chat) is not None


def opened(unit: Unit, messenger: str, chat: str) -> None:
    """Let begin what waits for somebody who has opened their page."""
    person = _met(unit, messenger, chat)
    if person is None:
        return
    unit.lock(person.id)
    if own_time.comes_to_any(person):
        unit.schedules.wake(person.id)
    own_paper.page_opened(unit, person)


def _met(unit: Unit, messenger: str, chat: str) -> Person | None:
    person = unit.people.at(messenger, chat)
    return person if person and (own_time.comes_to_any(person) or own_paper.waits_for(person)) else None
