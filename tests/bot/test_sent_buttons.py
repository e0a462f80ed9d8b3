"""Buttons that were sent before still work: what each action's buttons carried in 0.2.0, one of each shape."""

import base64
import json
from datetime import timedelta
from pathlib import Path

import pytest

from bot import clock
from bot.messengers.port import Kind
from bot.pipeline.screens import registry
from bot.rendering.arguments import decoded
from bot.rendering.buttons import Buttons
from bot.services import button_signatures
from tests.bot.rig import Rig, texts

SENT: dict[str, list[str]] = json.loads(Path(__file__).with_name("sent_buttons.json").read_text("utf-8"))
ALL = [(name, written) for name, carried in SENT.items() for written in carried]


def test_every_action_whose_buttons_were_sent_is_there() -> None:
    """A wire name never changes, and none is forgotten."""
    assert len(SENT) >= 110
    assert len(ALL) >= 400
    assert SENT.keys() - registry().actions.keys() == set()


@pytest.mark.parametrize(("name", "written"), ALL)
def test_what_a_sent_button_carries_is_still_read(name: str, written: str) -> None:
    """Whatever a button carried is read as what it meant, and written again just so."""
    action, carried = registry().actions[name], written.removesuffix("~")
    if not action.arguments:
        assert carried == ""
        return
    argument = decoded(action.arguments, carried)

    assert argument is not None
    assert decoded(action.arguments, argument.encoded()) == argument
    assert len(argument.encoded()) <= max(len(carried), 23)


@pytest.mark.parametrize("name", ["read", "export"])
def test_what_reads_and_exports_is_written_as_it_was(name: str) -> None:
    """An older Hilo that takes over again reads each button that this one sent."""
    kinds, run = registry().actions[name].arguments, "AaIpU4qPcai_f8NeUyA42g"
    lists = {
        "read": ["", "q", "q.0", "q.1", f"q{run}", f"q{run}.0", f"Q{run}.1.0.0", f"Q{run}.1.0.999", "p#.0", "t", "t.0"],
        "export": ["talks.0", "talks.1", "groups.0"],
    }
    for written in (*SENT[name], *lists[name]):
        argument, carried = decoded(kinds, written.removesuffix("~")), written.removesuffix("~")
        assert argument is not None, written
        assert argument.encoded() == carried


def test_whatever_was_sent_is_answered(hilo: Rig) -> None:
    """Pressed in another installation by an admin and by a participant, each is answered, and nothing goes wrong."""
    root = hilo.facilitator(nickname="Rosa", cohort=None, role="admin")
    leader = hilo.join()
    for name, written in ALL:
        for phone in (root, leader):
            with hilo.reading() as unit:
                button = Buttons(unit.vault, "memory", phone.chat).plain(name, written)
            before = len(phone.heard)
            phone.press_id(button)
            assert len(phone.heard) > before or phone.last, (name, written)
        if leader.person.participation != "active":
            leader = hilo.join()
    assert hilo.receive.errors == []


@pytest.mark.parametrize("language", ["es", "en"])
def test_a_button_of_another_time_is_answered_kindly(hilo: Rig, language: str) -> None:
    """An action that is no more, an argument nobody reads, and what was not made here: told so, and nothing changes."""
    phone = hilo.join(language)
    with hilo.reading() as unit:
        buttons = Buttons(unit.vault, "memory", phone.chat)
        old = [buttons.plain("no_more"), buttons.plain("erase", "what?"), buttons.plain("mine", "q12.x")]
        foreign = Buttons(unit.vault, "memory", "another").plain("erase", "sure")
    for button in old:
        phone.press_id(button)
        assert phone.told == texts().say("misplaced.old", language)
        assert phone.last.labels == [texts().say("button.menu", language)]
    phone.press_id(foreign)
    assert phone.told == texts().say("misplaced.closed", language)
    phone.send(Kind.PRESS, button=clock.new_id().hex)
    assert phone.told == texts().say("misplaced.closed", language)
    assert phone.person.participation == "active"


def test_a_button_of_before_is_read_for_ninety_days(hilo: Rig) -> None:
    """What was sent before the update works for ninety days after the first start; then it is kindly called old."""
    phone = hilo.join()
    hilo.facilitator()
    payload = b"\2support\0"
    with hilo.unit() as unit:
        button_signatures.note(unit)
        before = base64.b85encode(payload + unit.vault.sign(payload + phone.chat.encode())).decode()
    begun = hilo.now
    for days, works in ((0, True), (89, True), (91, False)):
        hilo.now = begun + timedelta(days=days)
        with hilo.unit() as unit:
            button_signatures.note(unit)  # a later start changes nothing
        phone.press_id(before)
        assert (texts().say("misplaced.closed", "es") == phone.news[0]) is not works
    # She came after three months: who sees her phone is asked below it, and nothing else.
    assert phone.news[1:] == [texts().say("phone.changed", "es")]


def test_where_nobody_is_yet_no_button_of_before_is_read(tmp_path: Path) -> None:
    """A new installation never made any."""
    new = Rig(tmp_path)
    with new.unit() as unit:
        button_signatures.note(unit)
        assert not button_signatures.read(unit)
    new.close()
