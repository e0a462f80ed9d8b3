"""How many taps the ways there and back take, counted on a facilitator's phone: totals, understood, decided, judged."""

import pytest

from tests.bot.leader import check, words
from tests.bot.orders import TITLES as PANELS
from tests.bot.orders import wait
from tests.bot.rig import Phone, Rig
from tests.bot.test_share_backs import FOLLOWS, HEARD, TITLES, WAYS, WHO, asked
from tests.bot.test_signs import SIGN, switched_on
from tests.bot.test_week import Counted

TOTALS, UNDERSTOOD, DECISION, GROUPS_WORD = 2, 2, 6, 3
SAID = "Entendimos que ir de noche es lo que más cuesta."


def signs(ana: Phone) -> None:
    """Open the list of signs."""
    ana.say(f"/{words(ana, 'command.signs.name')}")


@pytest.mark.parametrize("language", ["es", "en"])
def test_totals_are_two_taps_away(hilo: Rig, language: str) -> None:
    """From the list of what was sent: the one, and its totals; from the weekly summary one."""
    asked(hilo, language=language)
    ana = hilo.facilitator(language)
    ana.say(f"/{words(ana, 'command.progress.name')}")
    taps = Counted(ana)
    taps.press(PANELS[language])
    taps.code("button.totals")
    assert "5 · 🙂" in (ana.last.text or "")
    assert taps.taps <= TOTALS


@pytest.mark.parametrize("language", ["es", "en"])
def test_whether_it_was_understood_is_two_taps_from_what_was_closed(hilo: Rig, language: str) -> None:
    """Before a decision, from the broadcast's panel: the button, its words, [Send]."""
    phones = asked(hilo, language=language)
    ana = hilo.facilitator(language)
    ana.say(f"/{words(ana, 'command.progress.name')}")
    ana.press(next(label for label in ana.last.labels if label.startswith(PANELS[language])))
    check(ana)
    taps = Counted(ana)
    taps.code("button.told_ask")
    taps.say(SAID)
    taps.code("button.back.send")
    hilo.tick()
    assert all(SAID in phone.told for phone in phones)
    assert taps.taps <= UNDERSTOOD + 1


def test_nobody_is_asked_whether_it_was_understood_before_anybody_answered(hilo: Rig) -> None:
    """Nor while it goes on, nor once people were told what came of it."""
    asked(hilo)
    hilo.ask()
    ana = hilo.facilitator()
    ana.say("/avance")
    ana.press(PANELS["es"])  # the one that goes on
    assert words(ana, "button.told_ask") not in ana.last.labels
    ana.say("/menu")
    ana.press(words(ana, "menu.told"))
    ana.press(TITLES["es"])
    ana.press(words(ana, "button.told"))
    ana.say("/avance")
    older = next(label for label in ana.last.labels if words(ana, "progress.label.closed") in label)
    ana.press(older)
    assert words(ana, "button.totals") in ana.last.labels
    assert words(ana, "button.told_ask") not in ana.last.labels


@pytest.mark.parametrize("language", ["es", "en"])
def test_whether_it_was_understood_is_two_taps_from_a_sign(hilo: Rig, language: str) -> None:
    """Before the team judges: of what lies beside the sign, or of what the group answered about it."""
    switched_on(hilo)
    phones = [hilo.join(language, f"Ceiba {number}") for number in range(5)]
    hilo.ask(*phones)
    for phone in phones:
        phone.say("4")
        phone.say("Habló mi hija." if language == "es" else "My daughter spoke.")
        phone.press(words(phone, "button.all"))
    ana = hilo.facilitator(language)
    signs(ana)
    ana.press(words(ana, "button.sign_new"))
    for said in (SIGN, "1", "1"):
        ana.say(said)
    assert words(ana, "button.told_ask") not in ana.last.labels  # nothing was told by which to judge
    ana.press(words(ana, "button.sign_group"))
    for said in ("2", "Ya hablan dos."):
        ana.say(said)
    ana.press(words(ana, "button.skip"))
    ana.say("14")
    ana.say(f"/{words(ana, 'command.read.name')}")
    ana.press(words(ana, "button.read_next"))
    ana.press(words(ana, "button.lay"))
    ana.press(SIGN)
    ana.press(words(ana, "button.sign"))
    check(ana)
    assert words(ana, "button.sign_team") in ana.last.labels
    taps = Counted(ana)
    taps.code("button.told_ask")
    taps.say(SAID)
    taps.code("button.back.send")
    hilo.advance(days=8)
    hilo.tick()
    assert all(SAID in phone.screen() for phone in phones)
    assert taps.taps <= UNDERSTOOD + 1


@pytest.mark.parametrize("language", ["es", "en"])
def test_a_decision_is_told_in_six_taps_and_its_words(hilo: Rig, language: str) -> None:
    """From the menu, with the answers that moved it: its three parts are typed."""
    phones = asked(hilo, language=language)
    ana = hilo.facilitator(language)
    ana.say("/menu")
    taps = Counted(ana)
    taps.code("menu.told")
    taps.press(TITLES[language])
    taps.say(HEARD)
    taps.press(WAYS[language])
    taps.say(FOLLOWS)
    taps.say(WHO)
    taps.code("button.back.moved")
    taps.press("Ceiba 0")
    taps.code("button.back.send")
    hilo.tick()
    assert all(HEARD in phone.told for phone in phones)
    assert taps.taps <= DECISION + 3


@pytest.mark.parametrize("language", ["es", "en"])
def test_the_groups_word_is_three_taps(hilo: Rig, language: str) -> None:
    """From the list of signs: the sign, [Ask the group], [Send]; what they answer is the group's word."""
    switched_on(hilo)
    phones = [hilo.join(language, f"Ceiba {number}") for number in range(3)]
    ana = hilo.facilitator(language)
    signs(ana)
    ana.press(words(ana, "button.sign_new"))
    for said in (SIGN, "1", "1"):
        ana.say(said)
    signs(ana)
    taps = Counted(ana)
    taps.press(SIGN)
    taps.code("button.sign_ask", "button.ask_send")
    assert taps.taps <= GROUPS_WORD
    wait(hilo)
    for phone in phones:
        phone.press(words(phone, "button.start"))
        phone.say("1")
    signs(ana)
    ana.press(SIGN)
    there = words(ana, "sign.value.there")
    assert f"3 {there}" in (ana.last.text or "")
