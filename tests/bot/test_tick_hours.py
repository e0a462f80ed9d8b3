"""What speaks first waits for her hours, and says nothing of its topic on a phone that others see."""

from typing import Any

import pytest

from tests.bot.leader import words
from tests.bot.phone import Phone
from tests.bot.rig import Rig
from tests.bot.water import FIRST


def prefer(hilo: Rig, her: Phone, **chosen: Any) -> None:
    """Let her have chosen something."""
    with hilo.unit() as unit:
        unit.people.prefer(her.person, **chosen)


def test_a_delivery_waits_for_her_hours(hilo: Rig) -> None:
    """Ordered in the morning for someone of the evening, it is offered at six, and not before."""
    phone, other = hilo.join(nickname="Ceiba"), hilo.join(nickname="Nopal")
    prefer(hilo, phone, hours=["evening"])
    hilo.order()
    hilo.tick()
    assert phone.news == []
    assert "¿Tienes 2 minutos?" in other.told
    hilo.advance(hours=8, minutes=59)
    hilo.tick()
    assert phone.news == []
    hilo.advance(minutes=1)
    hilo.tick()

    assert "¿Tienes 2 minutos?" in phone.told


def test_without_hours_of_hers_the_order_chooses_the_moment(hilo: Rig) -> None:
    """Whoever orders at ten in the evening means ten in the evening, unless she chose hours of her own."""
    phone = hilo.join()
    hilo.advance(hours=13)
    hilo.order()
    hilo.tick()

    assert "¿Tienes 2 minutos?" in phone.told


def test_a_practice_person_is_asked_at_any_hour(hilo: Rig) -> None:
    """Whoever tries the bot out at night sees it work."""
    hilo.cohort("Práctica", practice=True)
    phone = hilo.join(cohort="Práctica")
    hilo.advance(hours=13)
    hilo.order(cohort="Práctica")
    hilo.tick()

    assert "¿Tienes 2 minutos?" in phone.told


def test_what_she_put_off_waits_for_her_hours_too(hilo: Rig) -> None:
    """In an hour is when her hours begin again, if they are over by then."""
    phone = hilo.join()
    hilo.advance(hours=11)
    hilo.ask(phone)
    phone.press("Más tarde")
    phone.press("En una hora")
    phone.look()
    hilo.advance(hours=3)
    hilo.tick()
    assert phone.news == []
    hilo.advance(hours=9)
    hilo.tick()

    assert "1 de 4" in phone.told


@pytest.mark.parametrize("kept", ["shared", "checked", "unsaid"])
def test_on_a_shared_phone_the_call_names_no_topic(hilo: Rig, kept: str) -> None:
    """What was put off comes back as a greeting with a button; the question itself waits until she opens it."""
    phone = hilo.join()
    prefer(hilo, phone, phone=kept)
    hilo.ask(phone)
    phone.press("Más tarde")
    phone.look()
    hilo.advance(hours=11)
    hilo.tick()
    assert phone.told == words(phone, "leader.notice")
    hilo.tick()
    assert len(phone.news) == 1
    phone.press("Seguir donde me quedé")

    assert "1 de 4" in phone.told
    assert phone.run.status == "open"


def test_an_answer_of_any_other_dialog_sets_nothing(hilo: Rig) -> None:
    """What an organisation asks about phones, under whatever name, is an answer and no more."""
    hilo.own.mkdir()
    (hilo.own / "water.yaml").write_text(FIRST.replace("name: days", "name: phone"), "utf-8")
    hilo.again()
    her = hilo.join()
    before = her.person.preferences["phone"]
    hilo.ask(her, dialog="water")
    her.say("3")

    assert her.values == {"phone": 3}
    assert her.person.preferences["phone"] == before


def test_of_two_put_off_on_a_shared_phone_each_call_leads_to_its_own(hilo: Rig) -> None:
    """The button under a greeting opens what its moment came for, and not what was put off last."""
    phone = hilo.join()
    prefer(hilo, phone, phone="shared", welcome_at=None)
    hilo.ask(phone)
    phone.press("Más tarde")
    phone.press("En una hora")
    first = phone.run
    hilo.advance(minutes=10)
    hilo.ask(phone, dialog="welcome")
    phone.press("Más tarde")
    phone.press("En una hora")
    assert phone.run.id != first.id
    hilo.advance(minutes=50)
    hilo.tick()
    phone.press("Seguir donde me quedé")

    with hilo.reading() as unit:
        opened = unit.runs.get(first.id, phone.person)
    assert opened is not None
    assert opened.status == "open"
    assert phone.run.status == "postponed"


def test_a_chat_is_tidied_at_night_where_she_likes(hilo: Rig) -> None:
    """At three in the morning of her own zone, once, and only hers."""
    phone, other = hilo.join(nickname="Ceiba"), hilo.join(nickname="Nopal")
    phone.say("/menu")
    phone.press("Mis ajustes")
    phone.press("Este teléfono")
    phone.press("Limpiar cada noche")
    assert "✓ Limpiar cada noche" in phone.last.labels
    kept = len(other.heard)
    for _ in range(17):
        hilo.tick()
        hilo.advance(hours=1)
    assert phone.heard
    for _ in range(3):
        hilo.tick()
        hilo.advance(hours=1)

    assert phone.heard == []
    assert len(other.heard) == kept


def test_the_chat_of_who_blocked_the_bot_is_not_tidied(hilo: Rig) -> None:
    """At three in the morning nothing is put into the outbox for whoever cannot be reached."""
    phone = hilo.join()
    prefer(hilo, phone, tidy="nightly")
    phone.block()
    for _ in range(20):
        hilo.advance(hours=1)
        hilo.tick()

    assert hilo.rows("SELECT count(*) FROM outbox WHERE kind = 'delete'") == [(0,)]


def test_a_step_with_nothing_due_is_quiet(hilo: Rig) -> None:
    """People who wait for nothing, or pause without a day, cost no message."""
    hilo.join(nickname="Ceiba")
    phone = hilo.join(nickname="Nopal")
    phone.say("/pausa")
    phone.press("Yo te aviso")
    hilo.advance(minutes=5)

    assert hilo.tick() == 0
