"""A way in that ten wrong PINs shut: the team sees it, asks her by another way, and opens it again in two taps."""

import pytest

from bot.web.pin_screens import PinCheck
from bot.web.pins import PinInput, hash_pin
from storage.web_pins import NICKNAME
from tests.bot.rig import Phone, Rig, texts
from tests.bot.test_people import COAST
from tests.by_day import LANGUAGES_ALIKE

RIGHT, WRONG = PinInput("digits", tuple("471326")), PinInput("digits", tuple("285416"))


def said(phone: Phone, code: str, **facts: object) -> str:
    return texts().say(code, phone.person.language or "es", **facts)


def shut(hilo: Rig, leader: Phone) -> PinCheck:
    """Let somebody try ten wrong PINs of hers by nickname."""
    with hilo.unit() as unit:
        unit.web_pins.choose(leader.person, "digits", *hash_pin(RIGHT))
    check = PinCheck(hilo.workers, texts())
    for _ in range(10):
        assert not hilo.run(check.attempt(leader.person.id, WRONG, NICKNAME)).right
        hilo.advance(hours=2)
    return check


@pytest.mark.by_day("language", why=LANGUAGES_ALIKE)
@pytest.mark.parametrize("language", ["es", "en"])
def test_the_team_opens_it_after_asking_her(hilo: Rig, language: str) -> None:
    """A line and a button in the menu; the name, the question, the yes; it is on the trail, and the right PIN opens."""
    leader = hilo.join(nickname="Ceiba")
    ana = hilo.facilitator(language, nickname="Ana")
    check = shut(hilo, leader)
    assert hilo.run(check.attempt(leader.person.id, RIGHT, NICKNAME)).shut
    ana.say("/menu")
    assert texts().count("today.pin_shut", language, 1) in ana.told
    ana.press(said(ana, "menu.alert"))
    ana.press(said(ana, "menu.pin_shut"))
    ana.press(f"Ceiba · {said(ana, 'shut.way.nickname')}")
    assert said(ana, "shut.one.nickname", name="Ceiba") in ana.last.text
    assert hilo.run(check.attempt(leader.person.id, RIGHT, NICKNAME)).shut
    ana.press(said(ana, "button.pin_reopen"))

    assert said(ana, "shut.opened", name="Ceiba") in ana.last.text
    assert [each.detail for each in hilo.audited("pin.reopened")] == [{"way": NICKNAME}]
    assert hilo.run(check.attempt(leader.person.id, RIGHT, NICKNAME)).right
    ana.say("/menu")
    assert texts().count("today.pin_shut", language, 1) not in ana.told


@pytest.mark.proof
def test_another_groups_facilitator_neither_sees_nor_opens_it(hilo: Rig) -> None:
    """It is for who reaches her group; a button that was copied is refused."""
    leader = hilo.join(nickname="Ceiba")
    hilo.cohort(COAST)
    berta = hilo.facilitator(nickname="Berta", cohort=COAST)
    shut(hilo, leader)
    berta.say("/menu")
    berta.press(said(berta, "menu.alert"))

    assert said(berta, "menu.pin_shut") not in berta.last.labels
    with hilo.reading() as unit:
        assert len(unit.web_pins.shut_ways()) == 1


@pytest.mark.proof
def test_it_stands_in_the_digest(hilo: Rig) -> None:
    """The weekly summary has the same line."""
    leader = hilo.join(nickname="Ceiba")
    ana = hilo.facilitator(nickname="Ana")
    hilo.tick()
    shut(hilo, leader)
    for _ in range(8 * 24):  # her hour is among them
        hilo.advance(hours=1)
        hilo.tick()

    assert f"· {texts().count('today.pin_shut', 'es', 1)}" in ana.screen()
