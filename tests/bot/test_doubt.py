"""A question whose number is not known: what she says then answers the one that it fits."""

from collections.abc import Callable

from bot.messengers.port import Unknown
from tests.bot.leader import words
from tests.bot.rig import Phone, Rig

STORY = "Hubo junta y se habló del agua; faltaron las de arriba."


def asked(hilo: Rig) -> Phone:
    """Bring someone to the first question of a check-in, which wants a number."""
    phone = hilo.join()
    hilo.ask(phone)
    return phone


def lost(hilo: Rig, act: Callable[[], object], *, seconds: float = 1.0) -> None:
    """Do something whose next message comes, though nobody knows its number; then let her read for a while."""
    hilo.messenger.fail(Unknown("cut"), accepted=True, new=True)
    act()
    hilo.advance(seconds=seconds)
    hilo.messenger.moment = int(hilo.now.timestamp())


def test_both_fit_and_she_could_read(hilo: Rig) -> None:
    """A number after a while answers the number that was asked; at once it goes to the question she surely knew."""
    phone = hilo.join()
    hilo.ask(phone, dialog="check_in")
    lost(hilo, lambda: phone.say("2"), seconds=3)
    phone.say("4")

    assert phone.values == {"mood": 2, "week": ("4",)}


def test_both_fit_and_she_could_not_read_yet(hilo: Rig) -> None:
    """Written in the same moment, the digit corrects what she had said."""
    phone = asked(hilo)
    hilo.messenger.fail(Unknown("cut"), accepted=True, new=True)
    phone.say("2")
    phone.say("4")

    assert phone.values == {"mood": 4}


def test_a_command_is_a_command(hilo: Rig) -> None:
    """A plain "menú" asks which she means while an open question may be on her screen; nothing is answered by it."""
    phone = asked(hilo)
    lost(hilo, lambda: phone.say("2"))
    phone.say("menú")
    hilo.advance(seconds=5)
    hilo.send()

    assert words(phone, "leader.which") in phone.told
    assert phone.values == {"mood": 2}
    phone.say("/menu")
    assert phone.values == {"mood": 2}


def test_a_reply_to_a_message_that_nobody_knows(hilo: Rig) -> None:
    """She replies to the copy whose number was lost, long after it came again and was passed: it answers that one."""
    phone = asked(hilo)
    lost(hilo, lambda: phone.say("2"), seconds=3)
    copy = phone.last.order
    hilo.send()
    assert phone.last.order != copy
    phone.say("Hubo junta.")
    phone.press("Listo")
    phone.say("Y faltó agua.", reply_to=copy)

    assert phone.values["week"] == ("Hubo junta.", "Y faltó agua.")


def test_the_question_does_not_come_again_once_it_is_answered(hilo: Rig) -> None:
    """Her story is taken, and its edit corrects it; "in case it never came" is not said after it."""
    phone = asked(hilo)
    lost(hilo, lambda: phone.say("2"))
    order = phone.say(STORY)
    hilo.advance(seconds=5)
    hilo.send()
    assert phone.screen().count("2 de 4") == 1
    phone.edit(order, "Hubo junta.")

    assert phone.values["week"] == ("Hubo junta.",)


def test_what_was_written_to_the_offer_is_held(hilo: Rig) -> None:
    """With "Sí, ahora" she writes a story: no question was there yet, so it is offered to the team, and not lost."""
    phone = hilo.join()
    hilo.order()
    hilo.tick()
    button, order = phone.button("Sí, ahora")
    hilo.messenger.press_id(phone.chat, button, order)
    phone.write(STORY)
    hilo.settle()

    assert phone.messages == [("held", STORY)]
    assert phone.values == {}
