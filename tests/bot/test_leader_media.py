"""Her own voice notes and photos, where she looks at her answers; and more languages than fit on one screen."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.messengers.port import Kind
from dialogs import languages
from tests.bot import samples
from tests.bot.leader import check, words
from tests.bot.rig import Phone, Rig
from tests.bot.walker import Roads

MANY = ("nah", "nhe", "yua", "tzo", "tzh", "toj", "es", "en")


@pytest.fixture
def roads(tmp_path: Path) -> Iterator[Roads]:
    """An installation that takes voice notes and photos."""
    it = Roads(tmp_path)
    yield it
    it.close()


def told(roads: Roads, *sent: tuple[Kind, bytes]) -> Phone:
    """Bring in someone who sent something to the open question of a check-in, and looks at that answer."""
    phone = roads.join()
    roads.ask(phone)
    phone.say("2")
    for kind, data in sent:
        roads.messenger.give_file(phone.chat, kind, data, seconds=3 if kind is Kind.VOICE else None)
        roads.settle()
    phone.press(words(phone, "button.all"))
    phone.say("/misdatos")
    phone.press(next(label for label in phone.last.labels if label.startswith("¿Cómo vas?")))
    phone.press(words(phone, "button.pick_answer"))
    phone.press(next(label for label in phone.last.labels if label.startswith("2 · ")))
    check(phone)
    return phone


def test_her_own_voice_is_played_to_her(roads: Roads) -> None:
    """Under "Mis respuestas" she hears her own voice note; it is hers, so it may be saved, and a way leads back."""
    phone = told(roads, (Kind.VOICE, samples.ogg()))
    phone.press(words(phone, "button.hear_mine"))

    heard = phone.last
    assert heard.attachment is not None
    assert heard.attachment.kind == "voice"
    assert not heard.protected
    phone.press(words(phone, "button.return"))
    assert "→ 🔊" in (phone.last.text or "")


def test_her_photos_and_voice_are_shown_together(roads: Roads) -> None:
    """An answer in several pieces shows each of them, in their order."""
    phone = told(roads, (Kind.PHOTO, samples.jpeg()), (Kind.VOICE, samples.ogg()))
    phone.press(words(phone, "button.both_mine"))

    shown = [message.attachment.kind for message in phone.heard if message.attachment]
    assert shown == ["photo", "voice"]
    assert words(phone, "button.menu") in phone.last.labels


def test_a_button_for_media_that_was_erased_leads_on(roads: Roads) -> None:
    """Once the answer is erased, its old button plays nothing and leads to what is left."""
    phone = told(roads, (Kind.PHOTO, samples.jpeg()))
    button, order = phone.button(words(phone, "button.see_mine"))
    phone.press(words(phone, "button.erase_answer"))
    phone.press(words(phone, "button.erase_sure"))
    phone.press_id(button, order)

    assert not [message for message in phone.heard if message.attachment]
    check(phone)


def test_a_group_of_many_languages_offers_them_a_screen_at_a_time(hilo: Rig) -> None:
    """Its own languages come first; [Más lenguas] shows the rest, numbers go on, and the first come round again."""
    hilo.cohort("Montaña", MANY)
    phone = hilo.phone()
    phone.say(f"/start {hilo.invite(cohort='Montaña')}")
    first = phone.last.labels
    assert len(first) <= 8
    assert first[0] == f"1 · {languages.own_name('nah')}"
    assert first[-1] == "Más lenguas"
    phone.press("Más lenguas")
    assert f"8 · {languages.own_name('en')}" in phone.last.labels
    phone.press("Más lenguas")
    assert phone.last.labels == first

    phone.say("8")
    assert phone.person.language == "en"


def test_the_menu_offers_many_languages_a_screen_at_a_time(hilo: Rig) -> None:
    """In the menu as well, with a way back on each screen."""
    hilo.cohort("Montaña", MANY)
    phone = hilo.join(cohort="Montaña", language="en")
    phone.say("/language")
    check(phone)
    phone.press("More languages")
    check(phone)
    phone.press("Español")

    assert phone.person.language == "es"


def test_an_english_sentence_begins_with_a_capital(hilo: Rig) -> None:
    """Whatever the organisation is called, "the School invited you" begins as a sentence does."""
    with hilo.unit() as unit:
        unit.organisation.set({**unit.organisation.get(), "name": "the Leadership School"})
    phone = hilo.phone()
    phone.say(f"/start {hilo.invite()}")
    phone.say("English")

    assert "The Leadership School invited you." in phone.told


def test_another_photo_in_the_place_of_hers_is_not_said_to_be_kept(roads: Roads) -> None:
    """A photo she exchanged for another stays as it was, and she hears that it could not be changed."""
    phone = roads.join()
    roads.ask(phone)
    phone.say("2")
    order = roads.messenger.give_file(phone.chat, Kind.PHOTO, samples.jpeg(), text="Así")
    roads.settle()
    phone.look()
    roads.messenger.change(phone.chat, order, text="Así", file="another")
    roads.settle()

    assert phone.told == words(phone, "sorry.edited")
    assert len(phone.values["week"]) == 2
