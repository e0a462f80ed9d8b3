"""The lock is offered in the chat, right after she said that others see the phone, and stands in the menu."""

import pytest

from tests.bot.leader import follow, words
from tests.bot.phone import Phone
from tests.bot.rig import Rig, texts

OFFER = "lock.offer"


def at_the_phone(hilo: Rig, messenger: str = "web") -> Phone:
    """Bring someone to the question of whose phone it is, by pressing and typing."""
    hilo.messenger.name = messenger
    phone = hilo.join(nickname="Luna")
    phone.press("Mejor ahora")
    phone.press("1 · Leer y escribir")
    assert "¿Alguien más usa o revisa este teléfono?" in phone.told
    return phone


@pytest.mark.parametrize("said", ["2 · Lo compartimos", "3 · A veces lo revisan"])
def test_the_lock_is_offered_before_the_next_question(hilo: Rig, said: str) -> None:
    """The offer stands above the next question, which stays the newest thing on the screen; it leads to the page."""
    phone = at_the_phone(hilo)
    phone.press(said)
    offer, question = phone.heard[-2:]

    assert offer.text == words(phone, OFFER)
    assert [(button.label, button.url) for row in offer.keyboard for button in row] == [("Ponerle llave", "/chat/pin")]
    assert "¿A qué hora te puedo escribir?" in (question.text or "")
    phone.say("no")
    assert phone.values["phone"] in {"shared", "checked"}


@pytest.mark.parametrize("said", ["1 · Nadie más", "4 · No quiero decir"])
def test_the_lock_is_not_offered_otherwise(hilo: Rig, said: str) -> None:
    """Who holds the phone alone, or would not say, is not asked about it."""
    phone = at_the_phone(hilo)
    phone.press(said)

    assert words(phone, OFFER) not in phone.screen()


def test_where_there_is_a_lock_none_is_offered(hilo: Rig) -> None:
    """Who chose one before is left alone."""
    phone = at_the_phone(hilo)
    with hilo.unit() as unit:
        unit.web_pins.choose(phone.person, "digits", b"1" * 16, b"2" * 32)
    phone.press("2 · Lo compartimos")

    assert words(phone, OFFER) not in phone.screen()
    phone.say("/menu")
    follow_web(phone, "button.lock_menu")
    assert "Cambiar mi llave" in phone.last.labels


@pytest.mark.parametrize("messenger", ["telegram"])
def test_a_messenger_with_a_lock_of_its_own_is_offered_none_of_ours(hilo: Rig, messenger: str) -> None:
    """There the settings of the phone say where that lock is."""
    phone = at_the_phone(hilo, messenger)
    phone.press("2 · Lo compartimos")
    assert words(phone, OFFER) not in phone.screen()
    phone.say("/menu")
    assert words(phone, "button.lock_menu") not in phone.last.labels
    follow(phone, "button.how", "button.phone", "button.lock_menu")

    assert phone.last.text == texts().own("lock.elsewhere", messenger, "es")


def test_the_lock_stands_in_the_menu_and_beside_the_phone(hilo: Rig) -> None:
    """Menu and settings lead to it on the page, and the screen to the page where it is chosen."""
    phone = at_the_phone(hilo)
    phone.press("1 · Nadie más")
    for way in (("button.lock_menu",), ("button.how", "button.phone", "button.lock_menu")):
        phone.say("/menu")
        follow_web(phone, *way)
        assert phone.last.text == words(phone, "lock.about")
        assert phone.last.labels[0] == "Ponerle llave"


def test_the_lock_is_offered_after_changing_whose_phone_it_is(hilo: Rig) -> None:
    """The screen on which she says that the phone is shared now has the lock on it."""
    phone = at_the_phone(hilo)
    phone.press("1 · Nadie más")
    phone.say("/menu")
    follow_web(phone, "button.how", "button.phone", "leader.phone.shared")

    assert words(phone, "button.lock_menu") in phone.last.labels


def follow_web(phone: Phone, *codes: str) -> None:
    """Press buttons one after the other, on a page, where a screen may be taller."""
    for code in codes:
        phone.press(words(phone, code))
