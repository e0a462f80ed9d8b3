"""Buttons that nobody made, and those of others: no failure, nothing is written by them, each press is answered."""

from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from tests.amounts import PAYLOADS, SEED
from tests.bot.phone import Phone
from tests.bot.rig import RECORD, Rig

AT_ONCE = 100
WRITTEN = ("answers", "roles", "memberships", "consents", "people", "invites", "broadcasts", "alerts")


@pytest.fixture
def hilo(tmp_path: Path) -> Iterator[Rig]:
    """A bot with a team and two leaders, one of whom is being asked."""
    rig = Rig(tmp_path, record=RECORD)
    yield rig
    rig.close()


def forged(chance: Random, seen: list[str]) -> str:
    """Make up a payload: noise, a real one that was changed, or one of another chat as it is."""
    kind = chance.randrange(4)
    if kind == 0 or not seen:
        return chance.randbytes(chance.randrange(1, 48)).hex()[:64]
    real = chance.choice(seen)
    if kind == 1:
        place = chance.randrange(len(real))
        return real[:place] + chance.choice("0123456789abcdefXYZ:~") + real[place + 1 :]
    if kind == 2:
        return real[: chance.randrange(len(real))]
    return real + chance.choice("0a:~")


def buttons(phone: Phone) -> list[str]:
    """Return the payloads that a phone was shown."""
    return [button.id for message in phone.heard for row in message.keyboard for button in row if button.id]


@pytest.mark.proof
@pytest.mark.timeout(120 + PAYLOADS.value // 20)
def test_forged_buttons_write_nothing(hilo: Rig) -> None:
    """However many are pressed, by whomever, nothing stored changes and each press is answered once."""
    chance = Random(SEED.value)
    facilitator, leader, other = hilo.facilitator(), hilo.join(), hilo.join(nickname="Luna")
    hilo.ask(leader)
    leader.say("2")
    facilitator.say("/menu")
    phones = [facilitator, leader, other, hilo.phone()]
    shown = {phone.chat: buttons(phone) for phone in phones}
    everything = [each for payloads in shown.values() for each in payloads]
    before, state = {table: hilo.count(table) for table in WRITTEN}, (leader.values, leader.run.state["position"])
    acknowledged = len(hilo.messenger.acknowledged)
    for number in range(PAYLOADS.value):
        phone = chance.choice(phones)
        strange = [each for each in everything if each not in shown[phone.chat]]
        payload = chance.choice(strange) if number % 7 == 0 else forged(chance, strange)
        hilo.messenger.press_id(phone.chat, payload, chance.randrange(1, 40))
        if number % AT_ONCE == AT_ONCE - 1:
            hilo.settle()
            hilo.advance(seconds=1)
    hilo.settle()

    assert {table: hilo.count(table) for table in WRITTEN} == before
    assert (leader.values, leader.run.state["position"]) == state
    assert len(hilo.messenger.acknowledged) - acknowledged == PAYLOADS.value
    assert hilo.rows("SELECT count(*) FROM inbox WHERE state != 'done'") == [(0,)]
