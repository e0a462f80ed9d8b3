"""A group's own hours and data: what is ordered outside of its hours waits and says so; recordings come on asking."""

from datetime import UTC, datetime

import pytest

from bot.media.store import MediaStore
from tests.bot.asking import prepare
from tests.bot.leader import check, follow, words
from tests.bot.orders import panel
from tests.bot.phone import Phone
from tests.bot.rig import Rig
from tests.bot.test_questions import press, recorded

NOON = datetime(2026, 11, 24, 18, 0, tzinfo=UTC)  # in Mexico City


@pytest.fixture
def media_store(hilo: Rig) -> MediaStore:
    """The shelf of the installation."""
    return MediaStore(hilo.folder)


def tune(ana: Phone, property_: str, choice: str) -> None:
    """Set a property of her group, by buttons."""
    ana.say("/personas")
    ana.press(words(ana, "button.people_group"))
    ana.press(words(ana, f"button.tune.{property_}"))
    ana.press(choice)


def test_an_order_outside_of_the_groups_hours_says_when_it_goes(hilo: Rig) -> None:
    """In the morning, to a group of afternoons: it says from noon, and that is when it comes."""
    phone, ana = hilo.join(), hilo.facilitator()
    assert hilo.now < NOON
    tune(ana, "hours", "En la tarde")
    prepare(ana)
    assert words(ana, "ask.hours") in (ana.last.text or "")
    assert "hoy a las 12 del día" in (ana.last.text or "")
    check(ana)
    ana.press(words(ana, "button.ask_send"))
    assert "hoy a las 12 del día" in (ana.last.text or "")
    phone.look()
    hilo.tick()
    assert phone.news == []
    hilo.now = NOON
    hilo.tick()

    assert "¿Tienes 2 minutos?" in phone.told


def test_within_the_groups_hours_it_goes_at_once(hilo: Rig) -> None:
    """Nothing is said of hours where they hold."""
    phone, ana = hilo.join(), hilo.facilitator()
    tune(ana, "hours", "En la mañana")
    prepare(ana)
    assert words(ana, "ask.hours") not in (ana.last.text or "")
    phone.look()
    ana.press(words(ana, "button.ask_send"))
    hilo.tick()

    assert "¿Tienes 2 minutos?" in phone.told


def test_her_own_hours_go_before_the_groups(hilo: Rig) -> None:
    """Sent at the group's hour, it waits for hers, and the team sees until when."""
    phone, ana = hilo.join(), hilo.facilitator()
    phone.say("/menu")
    follow(phone, "button.how", "button.hours")
    phone.press("En la noche")
    tune(ana, "hours", "En la tarde")
    prepare(ana)
    ana.press(words(ana, "button.ask_send"))
    phone.look()
    hilo.now = NOON
    hilo.tick()
    assert phone.news == []
    panel(ana)
    ana.press(words(ana, "button.order_who"))
    assert words(ana, "missing.hours", when="hoy a las 6 de la tarde") in (ana.last.text or "")
    hilo.advance(hours=6)
    hilo.tick()

    assert "¿Tienes 2 minutos?" in phone.told


@pytest.mark.parametrize("whose", ["hers", "the group's"])
def test_with_little_signal_a_recording_comes_on_asking(hilo: Rig, media_store: MediaStore, whose: str) -> None:
    """Who listens, with little signal, gets the words with a button that plays them; so it is told before sending."""
    phone, ana = hilo.join(), hilo.facilitator()
    phone.say("/menu")
    follow(phone, "button.how", "button.voice")
    phone.press("Oír y hablar")
    if whose == "hers":
        follow(phone, "button.signal")
        check(phone)
        phone.press("Casi no tengo")
    else:
        tune(ana, "data", "Casi no hay")
    recorded(ana, media_store)
    hilo.tick()
    press(phone, "Sí, ahora", media_store)
    assert [message for message in phone.heard if message.attachment] == []
    press(phone, "🔊", media_store)

    assert len([message for message in phone.heard if message.attachment]) == 1


@pytest.mark.parametrize(("said", "code"), [("A ratos", "patchy"), ("Casi no tengo", "scarce"), ("Bien", "")])
def test_the_team_knows_what_her_signal_is(hilo: Rig, said: str, code: str) -> None:
    """Who has not begun stands with that beside: it is no silence of hers."""
    phone, ana = hilo.join(), hilo.facilitator()
    phone.say("/menu")
    follow(phone, "button.how", "button.voice", "button.signal")
    phone.press(said)
    hilo.order()
    hilo.tick()
    panel(ana)
    ana.press(words(ana, "button.order_who"))

    told = ana.last.text or ""
    assert [each for each in ("patchy", "scarce") if words(ana, f"missing.signal.{each}") in told] == [code][
        : bool(code)
    ]


def test_where_a_group_has_signal_on_and_off_the_team_knows(hilo: Rig) -> None:
    """What is said of a group holds for whoever said nothing, and recordings come by themselves there."""
    phone, ana = hilo.join(), hilo.facilitator()
    tune(ana, "data", "A ratos")
    phone.say("/menu")
    follow(phone, "button.how", "button.voice")
    phone.press("Oír y hablar")
    hilo.order()
    hilo.tick()
    panel(ana)
    ana.press(words(ana, "button.order_who"))

    assert words(ana, "missing.signal.patchy") in (ana.last.text or "")
    with hilo.reading() as unit:
        assert hilo.turns.speech(unit, phone.person).plays
