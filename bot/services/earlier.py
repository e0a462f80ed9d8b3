"""What was said before a person came back without their PIN: it stays shut in the browser for good.

Whoever opens a link that the team made proves nothing by it. So a link that asks for no PIN opens the conversation from
that moment on: what stood before is the team's to read, and is shown in no browser any more.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from bot.messengers import registry
from bot.messengers.port import WEB, Button
from bot.product_languages import language_of
from bot.rendering import targets
from bot.rendering.speech import Speech, rows
from bot.rendering.texts import Texts
from bot.services.locks import lock_link
from storage.messages import Message
from storage.people import Person
from storage.runs import RunRow
from storage.unit import Unit

EARLIER: Final = "earlier_shut"
"""Preference: up to which row of the web chat, and up to which moment, nothing is shown in a browser."""


@dataclass(frozen=True, slots=True)
class Earlier:
    """What is shut: rows of the thread up to `row`, runs and messages of before `at`, and these of the same minute.

    What is kept of a run's or a message's moment is its minute, and what follows within that minute is not shut.
    """

    row: int
    at: datetime
    same: frozenset[str]

    @classmethod
    def of(cls, person: Person | None) -> "Earlier | None":
        """Return what is shut for a person in a browser; None if nothing is."""
        kept: dict[str, Any] | None = person.preferences.get(EARLIER) if person is not None else None
        if kept is None:
            return None
        at = datetime.fromisoformat(kept["at"])
        return cls(int(kept["row"]), at.replace(second=0, microsecond=0), frozenset(kept.get("same") or ()))

    def holds(self, each: Message | RunRow) -> bool:
        """Return whether a message or a run is shut."""
        moment = each.at if isinstance(each, Message) else each.started_at
        return moment < self.at or each.id.hex in self.same


def is_shut(speech: Speech, each: Message | RunRow) -> bool:
    """Return whether a message or a run may not be shown in this chat; elsewhere than in a browser, all may."""
    shut = Earlier.of(speech.person) if speech.can.kept_here else None
    return shut is not None and shut.holds(each)


def shuts_anything(speech: Speech) -> bool:
    """Return whether something is shut in this chat, so that an empty list here does not mean that nothing is kept."""
    return speech.can.kept_here and Earlier.of(speech.person) is not None


def has_earlier(unit: Unit, person: Person) -> bool:
    """Return whether there is anything earlier to be shut: an answer, or a conversation in a browser."""
    shown = (
        unit.outbox.latest(messenger, chat, 1)
        for _, messenger, chat in unit.addresses.of(person)
        if registry.of(messenger).kept_here
    )
    return bool(unit.runs.answered(person)) or any(shown)


def shut_earlier(unit: Unit, texts: Texts, person: Person, chat: str) -> None:
    """Shut everything earlier in a person's browser, end what is halfway, and tell them; for good.

    `chat` is their address there.
    """
    speech = Speech(unit, texts, person, WEB, chat, language_of(person))
    ways: list[Button] = [lock_link(speech), speech.button("button.menu", targets.HOME)]
    told = speech.say("earlier.shut", rows(*ways))
    for row in unit.runs.resumable(person):
        unit.runs.end(row.id)
    minute = unit.now.replace(second=0, microsecond=0)
    same = [each.id.hex for each in unit.messages.of(person.id) if each.at >= minute]
    same += [each.id.hex for each in unit.runs.of(person) if each.started_at >= minute]
    unit.people.prefer(person, **{EARLIER: {"row": told - 1, "at": unit.now.isoformat(), "same": same}})
    unit.audit.add("web", "earlier.shut", str(person.id), {})
