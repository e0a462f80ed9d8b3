"""A messenger without an adapter: no edits, nothing taken back, three short buttons, a link of its own."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pytest

from bot.messengers import registry
from bot.messengers.port import Capabilities, Outgoing
from bot.messengers.registry import KnownMessenger
from bot.rendering.texts import shorten
from bot.services.links import Site, invite_links
from tests.bot.phone import Phone
from tests.bot.rig import AGREE, Rig, texts
from tests.memory import MemoryMessenger

BUTTONS, LABEL = 3, 12
PIGEON = Capabilities(
    "pigeon", title="Paloma", buttons=BUTTONS, label=LABEL, join_link="https://pigeon.example/{bot}/{code}"
)


@dataclass(slots=True)
class Pigeon(MemoryMessenger):
    """A messenger that refuses whatever it cannot do."""

    name: str = PIGEON.name

    async def send(self, outgoing: Outgoing) -> int:
        """Carry a message."""
        assert outgoing.edits is None
        buttons = [button for row in outgoing.keyboard for button in row]
        assert len(buttons) <= BUTTONS
        assert all(len(button.label) <= LABEL for button in buttons)
        return await MemoryMessenger.send(self, outgoing)

    async def delete(self, chat: str, messages: Sequence[int]) -> Sequence[int]:
        """Take nothing back."""
        raise AssertionError("nothing can be taken back here")


@pytest.fixture
def house(hilo: Rig) -> Iterator[Rig]:
    """A bot whose only messenger this is."""
    registry.MESSENGERS.add(KnownMessenger(PIGEON))
    hilo.messenger = Pigeon()
    hilo.loops()
    hilo.turns.site = Site(messengers=frozenset({PIGEON.name}))
    yield hilo
    registry.MESSENGERS.forget(PIGEON.name)


def tap(phone: Phone, label: str) -> None:
    """Press the button whose label begins so."""
    phone.press(shorten(label, LABEL))


def joined(house: Rig, language: str) -> Phone:
    """Come in by an invite, agree, and take a nickname."""
    phone = house.phone()
    phone.say(f"/start {house.invite()}")
    phone.say({"es": "español", "en": "English"}[language])
    tap(phone, AGREE[language])
    phone.say("Colibrí")
    assert phone.person.participation == "active"
    return phone


def say(code: str, language: str) -> str:
    """Return a sentence that fits any messenger."""
    return texts().say(code, language)


@pytest.mark.parametrize("language", ["es", "en"])
def test_another_messenger_is_used_as_it_is(house: Rig, language: str) -> None:
    """One joins, answers, changes settings, cleans up and is erased there, and is never told of Telegram."""
    phone = joined(house, language)
    assert say("join.risk", language) in "\n".join(message.text or "" for message in phone.thread)

    house.order()
    house.tick()
    tap(phone, {"es": "Sí, ahora", "en": "Yes, now"}[language])
    while phone.run.status == "open":
        phone.say("2")
        if phone.run.status == "open" and any(each.labels for each in phone.thread[-1:]):
            phone.say("0")
    tap(phone, say("button.menu", language))
    tap(phone, say("button.how", language))
    tap(phone, say("button.phone", language))
    assert shorten(say("button.tidy", language), LABEL) not in [each for it in phone.thread for each in it.labels]
    tap(phone, say("button.return", language))
    phone.say("/erase" if language == "en" else "/borrar")
    tap(phone, say("button.erase_all", language))
    tap(phone, say("button.erase_all_sure", language))

    assert say("receipt", language) in phone.told
    assert house.count("people") == 0
    assert [each.text for each in phone.thread if "telegram" in (each.text or "").lower()] == []
    assert house.rows("SELECT count(*) FROM outbox WHERE state IN ('queued', 'failed', 'unknown')") == [(0,)]


def test_its_team_reads_and_exports_there(house: Rig) -> None:
    """Pages are said anew where nothing can be changed, and what stays there is told without another's name."""
    joined(house, "es")
    ana = house.facilitator()
    for command in ("/menu", "/leer", "/gente", "/exportar", "/invitar", "/estado", "/avance", "/mensajes"):
        ana.say(command)
        assert ana.told
        for label in list(ana.last.labels):
            if not any(button.url for row in ana.last.keyboard for button in row):
                ana.press(label)
                break

    assert [each.text for each in ana.thread if "telegram" in (each.text or "").lower()] == []


def test_it_has_a_link_of_its_own(house: Rig) -> None:
    """Once its bot's name is known an invite opens there, and nowhere else."""
    with house.unit() as unit:
        assert invite_links(unit, house.turns.site, "7KQ") == {}
        unit.organisation.note(pigeon_username="hilo_bot")
        assert invite_links(unit, house.turns.site, "7KQ") == {"pigeon": "https://pigeon.example/hilo_bot/7KQ"}


def test_the_least_is_supposed_of_one_that_is_no_more() -> None:
    """Rows of a messenger that nobody knows any more are neither kept here nor changed."""
    unknown = registry.of("telex")

    assert not unknown.kept_here
    assert not unknown.edits
    assert not unknown.takes_back
