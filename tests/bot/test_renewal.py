"""Consent asked again when its words change: at her next turn, kindly, with everything held until she says."""

from typing import Any

from tests.bot.leader import check, words
from tests.bot.rig import Phone, Rig
from tests.bot.test_tick import deliveries, finish


def changed(hilo: Rig, **facts: Any) -> None:
    """Let the organisation's record say something else."""
    with hilo.unit() as unit:
        unit.organisation.set({**unit.organisation.get(), **facts})
    hilo.advance(minutes=1)


def decisions(hilo: Rig, phone: Phone) -> list[str]:
    """List what she decided, the first decision first."""
    with hilo.reading() as unit:
        return [each.action for each in unit.consents.of(phone.person)]


def test_nothing_is_asked_while_the_words_stand(hilo: Rig) -> None:
    """A new colleague who reads, another reading day, a better name, or another language of hers are no new words."""
    phone = hilo.join()
    hilo.facilitator()
    changed(hilo, name="la Escuela", reading_days=[1, 4], care_card={"es": "Otra", "en": "Other"})
    phone.say("/idioma")
    phone.press("English")
    phone.say("/menu")

    assert words(phone, "renew.ask") not in phone.told
    assert words(phone, "button.renew_read") not in phone.last.labels


def test_she_is_asked_at_her_next_turn_and_goes_on(hilo: Rig) -> None:
    """Answers are kept longer than she was told: her turn is answered first, then she reads it and agrees."""
    phone = hilo.join()
    changed(hilo, retention_months=24)
    phone.say("/apoyo")
    assert phone.news[0] == "Llama a Rosa, de día o de noche."
    assert phone.news[1].startswith(words(phone, "renew.ask"))
    assert "2 años" in phone.told
    check(phone)
    phone.say("/menu")
    assert words(phone, "renew.ask") not in phone.told
    phone.press(words(phone, "button.renew_read"))
    phone.press(words(phone, "button.renew"))

    assert phone.told == words(phone, "renew.given")
    assert decisions(hilo, phone) == ["given", "given"]
    with hilo.reading() as unit:
        first, second = unit.consents.of(phone.person)
    assert first.text_version != second.text_version
    assert "2 años" in (second.text or "")
    phone.say("/menu")
    assert words(phone, "button.renew_read") not in phone.last.labels


def test_a_delivery_waits_until_she_has_agreed(hilo: Rig) -> None:
    """What comes due is held: she is asked to agree, once, and the questions follow when she has."""
    phone = hilo.join()
    changed(hilo, retention_months=24)
    hilo.order()
    hilo.tick()
    assert words(phone, "renew.ask") in phone.heard[-3].text
    hilo.advance(hours=2)
    phone.look()
    hilo.tick()
    assert phone.news == []
    assert deliveries(hilo) == [("due", "consent")]
    phone.press(words(phone, "button.renew"))
    hilo.advance(minutes=11)
    hilo.tick()

    assert deliveries(hilo) == [("started", None)]
    assert phone.run.status == "offered"


def test_questions_under_way_are_not_broken_into(hilo: Rig) -> None:
    """Whoever is in the middle of a conversation finishes it, and is asked then."""
    phone = hilo.join()
    hilo.ask(phone)
    changed(hilo, retention_months=24)
    finish(phone)

    said = [message.text or "" for message in phone.heard]
    asked = [place for place, text in enumerate(said) if text.startswith(words(phone, "renew.ask"))]
    ended = [place for place, text in enumerate(said) if text.startswith("Por hoy es todo. Gracias")]
    assert len(asked) == 1
    assert asked > ended
    assert phone.run.status == "completed"


def test_a_no_means_leaving_with_all_that_is_hers(hilo: Rig) -> None:
    """It is asked once more; then nothing is asked of her, and what she answered stays hers to see and erase."""
    phone = hilo.join()
    hilo.ask(phone)
    finish(phone)
    changed(hilo, retention_months=24)
    phone.say("/menu")
    phone.press(words(phone, "button.decline"))
    assert phone.last.text == words(phone, "renew.leave")
    check(phone)
    assert phone.person.participation == "active"
    phone.press(words(phone, "button.leave_sure"))

    assert phone.person.participation == "left"
    assert decisions(hilo, phone)[-2:] == ["declined", "withdrawn"]
    phone.say("/misdatos")
    assert any("¿Cómo vas?" in label for label in phone.last.labels)
    phone.say("/menu")
    phone.press(words(phone, "button.come_back"))
    phone.press("Sí, quiero participar")
    assert phone.person.participation == "active"
    phone.say("/menu")
    assert words(phone, "renew.ask") not in phone.told


def test_an_old_yes_settles_nothing_twice(hilo: Rig) -> None:
    """A button of an earlier asking, pressed again, adds no consent."""
    phone = hilo.join()
    changed(hilo, retention_months=24)
    phone.say("/menu")
    button, order = phone.button(words(phone, "button.renew"))
    phone.press_id(button, order)
    phone.press_id(button, order)

    assert phone.told == words(phone, "renew.settled")
    assert decisions(hilo, phone) == ["given", "given"]


def test_unanswered_it_is_asked_again_after_a_week(hilo: Rig) -> None:
    """With the next thing that is due, and not every day."""
    phone = hilo.join()
    changed(hilo, retention_months=24)
    hilo.order()
    hilo.tick()
    for _ in range(6):
        hilo.advance(days=1)
        phone.look()
        hilo.tick()
        assert phone.news == []
    hilo.advance(days=2)
    hilo.tick()

    assert words(phone, "renew.ask") in phone.told
