"""Without a single press: an offer is taken up, and a long text ended, by a digit or a word."""

import pytest

from tests.bot.leader import words
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


@pytest.mark.parametrize("said", ["sí", "Sí", "1", "Pásalo"])
def test_what_is_held_is_passed_on_by_a_word(hilo: Rig, said: str) -> None:
    """Asked whether her words go to the team, a typed yes passes them on, as the button does: nothing more is held."""
    phone = hilo.join()
    phone.say("Se cayó el puente.")
    phone.say(said)

    assert phone.told == words(phone, "home.passed_on")
    assert phone.messages == [("to_team", "Se cayó el puente.")]


def test_what_was_said_line_by_line_is_passed_on_whole(hilo: Rig) -> None:
    """Two lines, each asked about, and one typed yes: both go to the team, in their order."""
    phone = hilo.join()
    phone.say("Se cayó el puente.")
    phone.say("Y no hay luz.")
    phone.say("sí")

    assert phone.messages == [("to_team", "Se cayó el puente."), ("to_team", "Y no hay luz.")]


def test_what_is_held_is_erased_by_a_word(hilo: Rig) -> None:
    """A typed no erases it, as the button does."""
    phone = hilo.join()
    phone.say("Se cayó el puente.")
    phone.say("No, gracias")

    assert phone.told == words(phone, "home.not_passed_on")
    assert phone.messages == []


def test_a_yes_before_the_question_is_no_yes(hilo: Rig) -> None:
    """Written in one batch with what is held, before anything was asked, "sí" is one more line of it."""
    phone = hilo.join()
    phone.write("¿Me oyen?")
    phone.write("sí")
    hilo.settle()

    assert phone.messages == [("held", "¿Me oyen?"), ("held", "sí")]


def test_a_yes_after_something_newer_is_to_that(hilo: Rig) -> None:
    """Once a conversation is offered, "sí" begins it, and what is held stays held."""
    phone = hilo.join()
    phone.say("Se cayó el puente.")
    hilo.order()
    hilo.tick()
    phone.say("sí")

    assert phone.run.status == "open"
    assert phone.messages == [("held", "Se cayó el puente.")]


def test_a_yes_to_a_guess_is_to_the_guess(hilo: Rig) -> None:
    """Asked since then whether she meant a choice, "sí" takes the choice, and what is held stays held."""
    phone = hilo.join()
    hilo.ask(phone)
    phone.say("2")
    phone.press("Saltar")
    phone.press("Más tarde")
    phone.press("Ya no")
    phone.say("Se cayó el puente.")
    phone.press("Seguir donde me quedé")
    phone.say("informasion")
    phone.say("sí")

    assert phone.values["need"] == "information"
    assert phone.messages == [("held", "Se cayó el puente.")]


def test_a_yes_hours_later_passes_nothing_on(hilo: Rig) -> None:
    """What was asked an hour ago and more is no longer what she speaks to."""
    phone = hilo.join()
    phone.say("Se cayó el puente.")
    hilo.advance(hours=2)
    phone.say("sí")

    assert phone.messages == [("held", "Se cayó el puente."), ("held", "sí")]


@pytest.mark.parametrize("said", ["1", "sí", "Es mi respuesta"])
def test_a_plain_word_is_her_answer_by_a_word(hilo: Rig, said: str) -> None:
    """Asked whether "pausa" is her answer, a typed yes makes it that; the yes is no answer itself."""
    phone = hilo.join()
    hilo.ask(phone)
    phone.say("2")
    phone.say("pausa")
    phone.say(said)

    assert phone.values["week"] == ("pausa",)
    assert phone.messages == []


@pytest.mark.parametrize("said", ["2", "no", "Quiero el menú"])
def test_a_plain_word_asks_for_something_by_a_word(hilo: Rig, said: str) -> None:
    """A typed no, or what its button says, does what the word asks for, and is no answer."""
    phone = hilo.join()
    hilo.ask(phone)
    phone.say("2")
    phone.say("menú")
    phone.say(said)

    assert phone.told == words(phone, "home.open")
    assert "week" not in phone.values
