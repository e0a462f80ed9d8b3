"""A cry in every state, said in every way, on a watched phone and on one's own, on a messenger and on the page.

States and ways are those of `test_cry`, and some more; each is reached by talking. The short form walks a part of each
state's row, another one for each state; `make prove` walks all of it.
"""

from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Final

import pytest

from bot.participant.danger import AGREED
from bot.web.thread import fold
from storage.alerts import RINGS
from tests.amounts import CRIES
from tests.bot.phone import Phone
from tests.bot.rig import RECORD, Rig
from tests.bot.test_cry import (
    KEPT,
    RINGING,
    SAID,
    WAYS,
    WORDLESS,
    Ask,
    adding,
    choosing,
    consenting,
    idle,
    invited,
    say,
    telling,
)

MINORS: Final = {"anybody": True, "person": "Berta", "reported_to": {"es": "la Procuraduría"}}


def ageing(hilo: Rig) -> Phone:
    """She is asked on which side of eighteen she is."""
    with hilo.unit() as unit:
        unit.organisation.set({**unit.organisation.get(), "minors": MINORS})
    hilo.turns.organisation.refresh()
    phone = invited(hilo)
    phone.say("Español")
    assert say("join.age") in phone.told
    return phone


def asked_back(hilo: Rig) -> Phone:
    """She said something like a yes."""
    phone = consenting(hilo)
    phone.say("pues sí")
    return phone


def questioning(hilo: Rig) -> Phone:
    """She asked something before any consent, which is held."""
    phone = consenting(hilo)
    phone.say("¿Es del gobierno?")
    return phone


def nearly(hilo: Rig) -> Phone:
    """A choice that her words resemble is offered."""
    phone = adding(hilo)
    phone.press("Listo")
    phone.say("Que me lamen")
    assert "¿Quisiste decir" in phone.told
    return phone


def doubtful(hilo: Rig) -> Phone:
    """She is asked whether a word is her answer or a command."""
    phone = telling(hilo)
    phone.say("pausa")
    return phone


def reaching(hilo: Rig) -> Phone:
    """She asked to be looked for, was heard, and is asked how she wants that."""
    phone = idle(hilo)
    phone.say("/apoyo")
    phone.press(say("button.look_for_me"))
    ana = Phone(hilo, "5000000001")
    ana.press(say("button.alert_open"))
    ana.press(say("button.alert_mine"))
    phone.press(say("button.reach.watched"))
    return phone


def unreachable(hilo: Rig) -> Phone:
    """She had blocked the bot, which found out, and comes back."""
    phone = idle(hilo)
    hilo.order()
    phone.block()
    hilo.tick()
    phone.unblock()
    return phone


def misled(hilo: Rig) -> Phone:
    """She pressed a button that is old."""
    phone = choosing(hilo)
    old = phone.button("Más tarde")
    phone.say("2")
    phone.press_id(*old)
    return phone


MORE: Final = (nearly, doubtful, reaching, unreachable, misled)
BEFORE: Final = (ageing, asked_back, questioning)
STATES: Final = (*KEPT, *MORE, *WORDLESS, *BEFORE)
EVERY: Final = [*product(WAYS, (None, "mine"), ("memory", "web"))]
STRIDE: Final = 11  # coprime to their number, so that a part of a row is spread over it


def heard(hilo: Rig, chat: str) -> list[str]:
    """Return what the bot said in a chat, the oldest first; of one that is kept here, what its page shows."""
    if hilo.messenger.name != "web":
        return [message.text or "" for message in Phone(hilo, chat).heard]
    with hilo.reading() as unit:
        shown = fold(unit.outbox.latest("web", chat, 500))
    return [each.text for each in shown.values() if not each.own]


def cry(folder: Path, state: Callable[[Rig], Phone], ask: Ask, seen_by: str | None, messenger: str) -> None:
    """Bring somebody there, let them cry for help, and see what they and the team are told, and what is kept."""
    folder.mkdir()
    hilo = Rig(folder, record={**RECORD, **RINGING})
    try:
        walk(hilo, state, ask, seen_by, messenger)
    finally:
        hilo.close()


def walk(hilo: Rig, state: Callable[[Rig], Phone], ask: Ask, seen_by: str | None, messenger: str) -> None:
    """Walk it in an installation."""
    hilo.messenger.name = messenger
    ana = hilo.facilitator()
    phone = state(hilo)
    if seen_by is not None:
        with hilo.unit() as unit:
            unit.people.prefer(phone.person, phone=seen_by)
    before, told = len(heard(hilo, ana.chat)), len(heard(hilo, phone.chat))
    with hilo.reading() as unit:
        known = {each.id for each in unit.alerts.open()}
        kept = [each.id for each in unit.messages.of(phone.person.id)]
    ask(hilo, phone)
    news, answers = heard(hilo, ana.chat)[before:], heard(hilo, phone.chat)[told:]
    notice = say("notice.danger", cohort="Sierra Norte")
    assert [each for each in news if each.startswith(notice)] == [notice]
    agreed = phone.person.participation in AGREED
    watched = say("cry.watched" if agreed else "cry.watched.wordless")
    # Also after a call she asked for a moment ago: that was answered as on a phone that others see.
    first = say("cry.heard") if seen_by == "mine" else watched
    assert [each for each in answers if each.startswith(first)], answers
    with hilo.reading() as unit:
        (alert,) = [each for each in unit.alerts.open() if each.id not in known]
        assert (alert.strength, alert.person_id) == (RINGS, phone.person.id)
        wordless = state in {*WORDLESS, *BEFORE}
        assert alert.wordless is wordless
        new = [each for each in unit.messages.of(phone.person.id) if each.id not in kept]
        assert not wordless or not [each for each in new if SAID in each.body]
    assert not [each for each in answers if SAID in each], answers


@pytest.mark.proof
@pytest.mark.parametrize("place", range(len(STATES)), ids=[each.__name__ for each in STATES])
def test_a_cry_is_heard_wherever_it_is_said(tmp_path: Path, place: int) -> None:
    """The team is told once, she is answered as her phone allows, and of whoever has not agreed no word is kept."""
    for turn in range(min(CRIES.value, len(EVERY))):
        ask, seen_by, messenger = EVERY[(place * CRIES.short + turn) * STRIDE % len(EVERY)]
        cry(tmp_path / str(turn), STATES[place], ask, seen_by, messenger)
