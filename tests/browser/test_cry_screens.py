"""The answer to a cry for help in each of its forms, as a phone of 360 pixels shows it: the real bot, in practice.

`pytest tests/browser/test_cry_screens.py --screenshots` writes them into docs/screenshots.
"""

from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import expect

from dialogs import danger
from tests.browser.test_team_screens import Shown, folder, looked_at, phones
from tests.browser.test_walk import SOON, join
from tests.by_day import LANGUAGES_ALIKE

__all__ = ["folder", "phones"]  # fixtures

SCREENS: Final = (
    *("phrases", "cry-marked", "cry-own", "cry-called", "cry-again", "cry-not-so", "cry-watched", "cry-gone"),
    *("cry-alert", "cry-read", "cry-done"),
)
SAID: Final = {
    "es": ("Mi vecino me grita.", "Mi marido me pega."),
    "en": ("My neighbor threatens me.", "My husband hits me."),
}


def accepted(facilitator: Shown) -> None:
    """Practice begins with every proposed phrase accepted; an admin takes one of her language off, and puts it back."""
    say = facilitator.words
    facilitator.write(f"/{say('command.words.name')}")
    facilitator.press(say("button.phrases"))
    facilitator.picture("phrases", "🔔")
    facilitator.press(say("danger.rings", phrase=danger.proposed(facilitator.language)[0]))
    facilitator.press(say("button.stop_ringing"))
    facilitator.press(say("button.ring"))


def seen_by(leader: Shown, code: str) -> None:
    """She says in her settings who sees her phone."""
    leader.menu("button.how", "button.phone")
    leader.press(leader.words(code))


def cried(leader: Shown) -> None:
    """On her own phone: marked words, words that ring, her own press, once more, and that it was not so."""
    marked, rings = SAID[leader.language]
    seen_by(leader, "leader.phone.mine")
    leader.write(marked)
    leader.picture("cry-marked", leader.words("home.pass_on"))
    leader.write(rings)
    leader.picture("cry-own", leader.words("button.not_so"))
    leader.press(leader.words("button.look_for_me"))
    leader.picture("cry-called", leader.words("cry.called"))
    leader.write(rings)
    leader.picture("cry-again", leader.words("cry.again"))
    answer = leader.under(leader.words("cry.heard"))
    # What was answered has shrunk, and opens by a tap; what leads to help has not.
    expect(answer.get_by_role("button", name=leader.words("button.turn_to"))).to_be_visible(timeout=SOON)
    answer.locator("summary").click(timeout=SOON)
    leader.press(leader.words("button.not_so"), answer)
    leader.picture("cry-not-so", leader.words("cry.lowered"))


def watched(leader: Shown) -> None:
    """On a phone that others see: the answer names nothing, and goes from the screen with her words."""
    _, rings = SAID[leader.language]
    seen_by(leader, "leader.phone.checked")
    leader.write(rings)
    leader.picture("cry-watched", leader.words("button.take_away"))
    leader.press(leader.words("button.take_away"))
    leader.picture("cry-gone", leader.words("cry.gone"))


def seen_to(leader: Shown, facilitator: Shown) -> None:
    """One of the team opens what rang, says that it is read, and notes what was asked for as done."""
    say = facilitator.words
    facilitator.write(f"/{say('command.alerts.name')}")
    facilitator.picture("cry-alert", "Colibrí")
    # Who asked to be looked for is one line, the request; what was written since is read from there.
    facilitator.press(f"Colibrí · {say('asked.short.support')}")
    facilitator.press(say("button.asked_words"))
    facilitator.press(say("button.alert_mine"))
    facilitator.picture("cry-read", say("alert.mine.alone"))
    facilitator.write(f"/{say('command.alerts.name')}")
    facilitator.press(f"Colibrí · {say('asked.short.support')}")
    facilitator.press(say("button.asked_done"))
    facilitator.picture("cry-done", say("button.asked_undo"))


@pytest.mark.by_day("phones", why=LANGUAGES_ALIKE)
@pytest.mark.proof
def test_the_answers_to_a_cry_have_their_pictures(phones: tuple[Shown, Shown], folder: Path) -> None:
    """Each is reached by typing and pressing; no picture is blank, and none is heavy."""
    leader, facilitator = phones
    accepted(facilitator)
    join(leader)
    cried(leader)
    watched(leader)
    seen_to(leader, facilitator)

    looked_at(folder, leader.language, SCREENS)
