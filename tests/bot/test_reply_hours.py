"""A reply of the team waits for her hours, unless she is here, or the team sends it at once."""

from datetime import timedelta

import pytest

from bot.services.members import WELCOME_AT
from tests.bot.leader import words
from tests.bot.phone import Phone
from tests.bot.rig import Rig
from tests.bot.test_mail import answered, opened, wrote

ANSWER = "Sí, el jueves nos vemos."


def reply(hilo: Rig) -> Phone:
    """Let one of the team come in and answer; returns her phone."""
    ana = hilo.facilitator()
    opened(ana)
    answered(hilo, ana, ANSWER)
    return ana


@pytest.fixture
def her(hilo: Rig) -> Phone:
    """A leader who wrote to the team, and it is night by now: eleven hours later, nine in the evening is past."""
    phone = wrote(hilo, "¿Hay junta el jueves?")
    with hilo.unit() as unit:
        unit.people.prefer(phone.person, **{WELCOME_AT: None})
    hilo.now += timedelta(hours=14)
    phone.look()
    return phone


def test_it_waits_for_the_morning_and_the_sender_sees_until_when(hilo: Rig, her: Phone) -> None:
    """Nothing rings at night; at eight it comes."""
    ana = reply(hilo)
    assert words(ana, "mail.waits", name="Colibrí", when="mañana a las 8 de la mañana") in ana.screen()
    assert her.news == []
    hilo.now += timedelta(hours=8, minutes=56)
    hilo.send()
    assert her.news == []
    hilo.now += timedelta(minutes=3)
    hilo.send()

    assert ANSWER in her.told


def test_whoever_writes_meanwhile_gets_it_first(hilo: Rig, her: Phone) -> None:
    """She is awake: it comes before what she asks for."""
    reply(hilo)
    hilo.now += timedelta(hours=1)
    her.say("/menu")
    assert ANSWER in her.news[0]

    assert len(her.news) == 2


def test_the_team_can_send_it_at_once(hilo: Rig, her: Phone) -> None:
    """With one tap, which is on the trail."""
    ana = reply(hilo)
    ana.press("Mandar ya")
    assert ANSWER in her.told
    assert words(ana, "mail.sent", name="Colibrí") in ana.screen()

    assert len(hilo.audited("message.at_once")) == 1
    assert her.told.count(ANSWER) == 1


def test_what_is_let_go_is_never_late(hilo: Rig, her: Phone) -> None:
    """It has waited for two hours when the team sends it, in the middle of the night."""
    ana = reply(hilo)
    hilo.now += timedelta(hours=2)
    ana.press("Mandar ya")

    assert her.told.count(ANSWER) == 1


def test_who_is_here_gets_it_now(hilo: Rig, her: Phone) -> None:
    """She wrote less than a quarter of an hour ago, whatever the hour."""
    her.say("/menu")
    her.look()
    hilo.now += timedelta(minutes=12)
    ana = reply(hilo)
    assert ANSWER in her.told

    assert "Mandar ya" not in ana.screen()
