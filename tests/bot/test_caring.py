"""The care card: one tap away at any step, in her language, and by voice where the organisation recorded it."""

import pytest

from bot.media.store import MediaStore
from tests.bot import samples
from tests.bot.leader import words
from tests.bot.rig import Rig

CARD = {"es": "Llama a Rosa, de día o de noche.", "en": "Call Rosa, day or night."}


@pytest.fixture
def spoken(hilo: Rig) -> Rig:
    """An installation whose card was recorded in Spanish."""
    hilo.own.mkdir()
    (hilo.own / "care.es.ogg").write_bytes(samples.ogg())
    hilo.media_store = MediaStore(hilo.folder, [hilo.own])
    return hilo


def test_before_any_language_it_is_in_that_of_her_phone(hilo: Rig) -> None:
    """Someone whose phone speaks English, and who has chosen nothing yet, reads the card in English."""
    phone = hilo.phone("en-US")
    phone.say(f"/start {hilo.invite()}")
    phone.say("/support")

    assert phone.told == CARD["en"]
    assert phone.last.labels == ["Have them contact me", "Menu"]


def test_it_can_be_heard_before_consent(spoken: Rig) -> None:
    """Where it was recorded, 🔊 stands under it; a press plays it, and the way in goes on."""
    phone = spoken.phone()
    phone.say(f"/start {spoken.invite()}")
    phone.say("Español")
    phone.say("apoyo")
    assert phone.told == CARD["es"]
    phone.press(words(phone, "button.hear"))

    assert phone.news[0] == words(phone, "join.heard")
    assert "Sí, quiero participar" in phone.last.labels


@pytest.mark.parametrize("state", ["active", "paused", "left"])
def test_it_can_be_heard_at_any_time(spoken: Rig, state: str) -> None:
    """While she takes part, rests, or has left."""
    phone = spoken.join()
    with spoken.unit() as unit:
        unit.people.change(phone.person, participation=state)
    phone.say("/apoyo")
    assert phone.told == CARD["es"]
    phone.press(words(phone, "button.hear"))

    assert phone.told == words(phone, "join.heard")
    assert phone.last.labels == ["Menú"]


def test_whoever_listens_hears_it_first(spoken: Rig) -> None:
    """To someone who would rather listen the recording goes at once, before the words."""
    phone = spoken.join()
    with spoken.unit() as unit:
        unit.people.prefer(phone.person, form="listen", welcome_at=None)
    phone.say("/apoyo")

    heard, card = phone.heard[-2:]
    assert heard.attachment is not None
    assert (card.text, card.labels) == (CARD["es"], ["Que me busquen", "Menú"])


def test_nothing_is_offered_that_was_not_recorded(spoken: Rig) -> None:
    """In a language without a recording the card is words alone."""
    phone = spoken.join("en")
    phone.say("/support")

    assert phone.told == CARD["en"]
    assert phone.last.labels == ["Have them contact me", "Menu"]
