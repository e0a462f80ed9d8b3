"""The screens of a cry's way to the team, as a phone of 360 pixels shows them: the real bot, in practice.

`pytest tests/browser/test_watch_screens.py --screenshots` writes them into docs/screenshots.
"""

from pathlib import Path

import pytest

from tests.browser.test_team_screens import Shown, folder, looked_at, phones
from tests.browser.test_walk import join
from tests.by_day import LANGUAGES_ALIKE

__all__ = ["folder", "phones"]  # fixtures

SCREENS = ("care-lines", "watch", "care-card", "reach", "to-do", "asked", "asked-note")


def prepared(facilitator: Shown) -> None:
    """A confirmed line stands on the care card, and the facilitator is on watch."""
    say = facilitator.words
    facilitator.write(f"/{say('command.care.name')}")
    facilitator.press(f"+ {say('care.mx911')} · 911")
    facilitator.press(say("button.care_put"))
    facilitator.press(say("button.return"))
    facilitator.picture("care-lines", "911")
    facilitator.write(f"/{say('command.watch.name')}")
    facilitator.press(say("button.watch_add"))
    facilitator.press(f"1 · {say('practice.facilitator')}")
    facilitator.press("1 · Siempre, de día y de noche" if facilitator.language == "es" else "1 · Always, day and night")
    facilitator.press("1 · Sí" if facilitator.language == "es" else "1 · Yes")
    facilitator.press(say("button.watch"))
    facilitator.picture("watch", say("care.always"))


def cried(leader: Shown, facilitator: Shown) -> None:
    """She sees the card, asks to be looked for, and says how; the team opens what she asked for."""
    leader.write(f"/{leader.words('command.support.name')}")
    leader.picture("care-card", "911")
    leader.press(leader.words("button.look_for_me"))
    leader.write(f"/{leader.words('command.support.name')}")
    leader.press(leader.words("button.reach"))
    leader.press(leader.words("button.reach_call"))
    leader.press(leader.words("button.reach_no"))
    leader.picture("reach", leader.words("button.reach_drop"))
    facilitator.write(f"/{facilitator.words('command.alerts.name')}")
    facilitator.picture("to-do", facilitator.words("asked.short.support"))
    facilitator.press(f"Colibrí · {facilitator.words('asked.short.support')}")
    facilitator.picture("asked", facilitator.words("asked.open"))
    facilitator.press(facilitator.words("button.asked_reach"))
    facilitator.picture("asked-note", facilitator.words("reach.no"))


@pytest.mark.by_day("phones", why=LANGUAGES_ALIKE)
@pytest.mark.proof
def test_the_way_to_the_team_has_its_pictures(phones: tuple[Shown, Shown], folder: Path) -> None:
    """Each screen is reached by typing and pressing; no picture is blank, and none is heavy."""
    leader, facilitator = phones
    prepared(facilitator)
    join(leader)
    cried(leader, facilitator)

    looked_at(folder, leader.language, SCREENS)
