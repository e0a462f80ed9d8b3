"""Buttons that nobody made, and those of others: no failure, nothing is written by them, each press is answered.

The bot takes nothing of a payload but what `Buttons.read` makes of it, and that is None for each of these: they are all
read, in the chat that they are pressed in. So many of them as `WHOLE` says are pressed, each as a phone presses it.
"""

import contextlib
import shutil
from pathlib import Path
from random import Random

import pytest

from bot.rendering.buttons import Buttons
from tests.amounts import PAYLOADS, SEED
from tests.bot.phone import Phone
from tests.bot.rig import RECORD, Rig

AT_ONCE = 100  # that a messenger brings in one batch
WHOLE = 20_000  # are pressed and handled; where more are asked for, the others are read
A_BOT = 2_500  # pressed in one bot: its database grows with each, and a press in a large one takes longer
WRITTEN = ("answers", "roles", "memberships", "consents", "people", "invites", "broadcasts", "alerts")


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
def test_forged_buttons_write_nothing(tmp_path: Path) -> None:
    """However many are pressed, by whomever, nothing stored changes and each press is answered once."""
    chance, each = Random(SEED.value), max(1, PAYLOADS.value // WHOLE)
    for begun in range(0, PAYLOADS.value, A_BOT * each):
        folder = tmp_path / str(begun)
        folder.mkdir()
        with contextlib.closing(Rig(folder, record=RECORD)) as hilo:
            pressed(hilo, chance, range(begun, min(begun + A_BOT * each, PAYLOADS.value)), each)
        shutil.rmtree(folder)


def pressed(hilo: Rig, chance: Random, numbers: range, each: int) -> None:
    """Read so many, and press one in `each`, in a bot with a team and two leaders, one of whom is being asked."""
    facilitator, leader, other = hilo.facilitator(), hilo.join(), hilo.join(nickname="Luna")
    hilo.ask(leader)
    leader.say("2")
    facilitator.say("/menu")
    phones = [facilitator, leader, other, hilo.phone()]
    shown = {phone.chat: buttons(phone) for phone in phones}
    everything = [each for payloads in shown.values() for each in payloads]
    others = {chat: [each for each in everything if each not in own] for chat, own in shown.items()}
    before, state = {table: hilo.count(table) for table in WRITTEN}, (leader.values, leader.run.state["position"])
    acknowledged, presses = len(hilo.messenger.acknowledged), 0
    readers = {phone.chat: Buttons(hilo.storage.vault, hilo.messenger.name, phone.chat) for phone in phones}
    assert all(any(reader.read(own) for own in shown[chat]) for chat, reader in readers.items() if shown[chat])
    for number in numbers:
        phone = chance.choice(phones)
        strange = others[phone.chat]
        payload = chance.choice(strange) if number % 7 == 0 else forged(chance, strange)
        assert readers[phone.chat].read(payload, lambda: True) is None, payload
        if chance.randrange(each):
            continue
        hilo.messenger.press_id(phone.chat, payload, chance.randrange(1, 40))
        presses += 1
        if presses % AT_ONCE == 0:
            hilo.settle()
            hilo.advance(seconds=1)
    hilo.settle()

    assert {table: hilo.count(table) for table in WRITTEN} == before
    assert (leader.values, leader.run.state["position"]) == state
    assert len(hilo.messenger.acknowledged) - acknowledged == presses
    assert presses >= len(numbers) // each * 9 // 10
    assert hilo.rows("SELECT count(*) FROM inbox WHERE state != 'done'") == [(0,)]
