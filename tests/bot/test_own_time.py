"""A leader chooses how she has what comes back: told the first time, coming by herself, or not at all."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from bot.services.broadcasts import remind
from bot.services.members import WELCOME_AT
from tests.bot.phone import Phone
from tests.bot.rig import PURPOSE, Rig
from tests.bot.test_repeating import begin

ASKED = "¿Tienes 2 minutos?"
THURSDAY = datetime(2026, 11, 27, 1, tzinfo=UTC)  # the 26th, seven in the evening in Mexico City
WEEK, HOUR = timedelta(days=7), timedelta(hours=1)


@pytest.fixture
def her(hilo: Rig) -> Phone:
    """A leader who was welcomed before, in a group that is asked each Thursday."""
    phone = hilo.join()
    with hilo.unit() as unit:
        unit.people.prefer(phone.person, **{WELCOME_AT: None})
    begin(hilo.facilitator())
    phone.look()
    return phone


def come_to(hilo: Rig, moment: datetime) -> None:
    """Let it be made a day ahead, and then be this moment."""
    hilo.now = moment - 20 * HOUR
    hilo.tick()
    hilo.now = moment
    hilo.tick()


def test_the_first_time_she_is_told_how_often_and_why(hilo: Rig, her: Phone) -> None:
    """Once: how often, how many times, what for, with the ways to have it."""
    come_to(hilo, THURSDAY)
    first, asked = her.news
    assert "cada jueves a las 7 de la tarde, 8 veces" in first
    assert PURPOSE in first
    assert ASKED in asked
    her.press("Está bien")
    her.look()
    come_to(hilo, THURSDAY + WEEK)

    assert len(her.news) == 1
    assert ASKED in her.told


def test_who_comes_in_is_never_rung_and_finds_it_when_she_writes(hilo: Rig, her: Phone) -> None:
    """Nothing at the hour, and no reminder; what is open waits its whole window, and then is over without a word."""
    come_to(hilo, THURSDAY)
    her.press("No me avises: yo entro")
    her.look()
    come_to(hilo, THURSDAY + WEEK)
    hilo.now += 30 * HOUR
    hilo.tick()
    assert her.news == []
    her.say("/menu")
    hilo.tick()
    assert her.told.count(ASKED) == 1
    her.look()
    [(last,)] = hilo.rows("SELECT id FROM broadcasts ORDER BY occurs_on DESC LIMIT 1")
    with hilo.unit() as unit:
        assert remind(unit, UUID(last), None) == 1  # the team reminds, once
    hilo.now += 10 * HOUR
    hilo.tick()
    assert her.news == []
    come_to(hilo, THURSDAY + 2 * WEEK)
    hilo.now += timedelta(days=3, minutes=1)
    hilo.tick()
    her.say("/menu")
    her.look()
    hilo.tick()

    assert her.news == []
    skipped = hilo.rows(
        "SELECT state, reason FROM deliveries d JOIN broadcasts b ON b.id = d.broadcast_id ORDER BY occurs_on"
    )
    assert skipped == [("started", None), ("started", None), ("skipped", "window")]


def test_what_she_does_not_want_is_not_asked_and_can_be_had_again(hilo: Rig, her: Phone) -> None:
    """In her settings stands the same; what is open of it ends."""
    come_to(hilo, THURSDAY)
    her.press("Esta no")
    assert her.run.status == "expired"
    her.look()
    come_to(hilo, THURSDAY + WEEK)
    assert her.news == []
    her.say("/menu")
    her.press("Mis ajustes")
    her.press("Lo que me llega seguido")
    her.press("Cada jueves a las 7 de la tarde")
    her.press("Mejor avísame")
    her.look()
    come_to(hilo, THURSDAY + 2 * WEEK)

    assert ASKED in her.told
    assert hilo.rows("SELECT count(*) FROM deliveries WHERE reason = 'declined'") == [(1,)]


def test_on_a_phone_that_others_see_nothing_is_named(hilo: Rig, her: Phone) -> None:
    """Neither what it is nor what for; coming by herself is offered first."""
    with hilo.unit() as unit:
        unit.people.prefer(her.person, phone="shared")
    come_to(hilo, THURSDAY)
    first = her.news[0]

    assert "Aquí va a haber algo para ti cada jueves a las 7 de la tarde, 8 veces." in first
    assert PURPOSE not in first
    told = next(each for each in her.thread if each.text == first)
    assert told.labels[0] == "No me avises: yo entro"
