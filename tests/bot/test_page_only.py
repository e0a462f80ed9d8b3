"""Whoever has only the page: what she did not open counts for nothing, and the team sees whom to tell."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import pytest

from bot.messengers.registry import MESSENGERS
from bot.services.links import Site
from bot.services.members import WELCOME_AT
from storage.people import Person
from storage.unit import Unit
from tests.bot.leader import words
from tests.bot.phone import Phone
from tests.bot.quiet import QUIET, WithPage, join_by_page, with_page
from tests.bot.rig import Rig, texts
from tests.bot.test_listening import weeks
from tests.bot.test_own_time import THURSDAY, come_to
from tests.bot.test_repeating import begin


@pytest.fixture
def page(hilo: Rig) -> Iterator[WithPage]:
    """An installation with a page."""
    hilo.turns.site = Site("https://hilo.example.org", messengers=frozenset({"telegram"}))
    yield with_page(hilo)
    MESSENGERS.forget(QUIET)


def of(unit: Unit, phone: Phone) -> Person:
    """Return whose page it is."""
    found = unit.people.at(QUIET, phone.chat)
    assert found is not None
    return found


@pytest.fixture
def luna(hilo: Rig, page: WithPage) -> Phone:
    """A leader who has nothing that rings, in a group that is asked each Thursday."""
    phone = join_by_page(hilo, page, "Luna")
    with hilo.unit() as unit:
        unit.people.prefer(of(unit, phone), **{WELCOME_AT: None, "phone": "mine"})
    begin(hilo.facilitator())
    phone.look()
    return phone


def test_whose_page_was_not_opened_is_to_be_told(hilo: Rig, luna: Phone) -> None:
    """Beside her name stands that, and the button for it; what she did not see counts for nothing."""
    come_to(hilo, THURSDAY)
    ana = hilo.facilitator(nickname="Berta")
    ana.say("/avance")
    ana.press(next(label for label in ana.last.labels if "¿Cómo vas?" in label))
    ana.press(words(ana, "button.order_who"))
    assert f"Luna: {words(ana, 'missing.to_tell')}" in ana.screen()
    ana.press(words(ana, "button.hand", n=1))
    assert "Avisarle a Luna" in ana.last.labels
    hilo.now = THURSDAY + timedelta(days=3, minutes=1)
    hilo.tick()
    weeks(hilo, 1, 4)

    assert texts().say("listen.ask", "es") not in luna.told


def test_a_page_that_was_opened_since_is_known(hilo: Rig, luna: Phone) -> None:
    """By the browser's own session, since the moment at which it was there; an earlier look says nothing."""
    with hilo.unit() as unit:
        unit.addresses.link(of(unit, luna), "web", "a-chat", UUID(int=7))
        person_id = of(unit, luna).id
        unit.web_sessions.open(UUID(int=8), "token", "a-chat", hilo.now + timedelta(days=1))
    with hilo.unit() as unit:
        assert unit.reached.opened_page(person_id, hilo.now)

        assert not unit.reached.opened_page(person_id, hilo.now + timedelta(minutes=1))


def test_where_nothing_rings_nothing_is_said_to(hilo: Rig, luna: Phone) -> None:
    """What comes back waits there; it may wait until she comes in, and no reminder is offered."""
    come_to(hilo, THURSDAY)
    luna.press("Que me espere hasta que entre")
    assert texts().say("rhythm.own.quiet", "es") in luna.screen()
    luna.press("Que esté aquí cuando toque")
    assert texts().say("rhythm.told_again.quiet", "es") in luna.screen()
    luna.say("/menu")
    luna.press("Mis ajustes")
    luna.press("Lo que me llega seguido")
    assert not {"Sin recordatorios", "Quiero recordatorios"} & {*luna.last.labels}
    luna.press(luna.last.labels[0])

    assert texts().say("rhythm.way.all.quiet", "es") in luna.screen()
