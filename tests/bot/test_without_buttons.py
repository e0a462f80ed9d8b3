"""Without a single press: an offer is taken up, and a long text ended, by a digit or a word."""

import pytest

from tests.bot.hers import words
from tests.bot.rig import Rig


@pytest.mark.parametrize("said", ["1", "sí", "Sí, ahora", "Va"])
def test_an_offer_is_taken_up_by_a_word(hilo: Rig, said: str) -> None:
    """Said to an offer and to nothing else, "1" or "sí" begins the conversation."""
    phone = hilo.join()
    hilo.order()
    hilo.tick()
    phone.say(said)

    assert phone.run.status == "open"
    assert "1 de 4" in phone.told


@pytest.mark.parametrize("said", ["2", "no", "luego", "más tarde"])
def test_an_offer_is_put_off_by_a_word(hilo: Rig, said: str) -> None:
    """It is put off by "2" or "más tarde", as by its button."""
    phone = hilo.join()
    hilo.order()
    hilo.tick()
    phone.say(said)

    assert phone.run.status == "postponed"


def test_an_offer_she_had_not_seen_is_not_taken_up(hilo: Rig) -> None:
    """A "sí" written before the offer was on her screen begins nothing."""
    phone = hilo.join()
    phone.write("sí")
    hilo.order()
    with hilo.unit() as unit:
        hilo.ticking.step(unit, 10)
    hilo.settle()

    assert phone.run.status == "offered"
    assert phone.messages == [("held", "sí")]


def test_zero_ends_a_text_of_several_messages(hilo: Rig) -> None:
    """After what she told, "0" says that it is all: it is no part of the answer."""
    phone = hilo.join()
    hilo.ask(phone)
    phone.say("2")
    phone.say("Hubo junta.")
    phone.say("0")

    assert phone.values["week"] == ("Hubo junta.",)
    assert "3 de 4" in phone.told


def test_zero_by_itself_is_an_answer(hilo: Rig) -> None:
    """Before anything was told, "0" is what she says."""
    phone = hilo.join()
    hilo.ask(phone)
    phone.say("2")
    phone.say("0")

    assert phone.values["week"] == ("0",)
    assert words(phone, "run.collected") in phone.told
