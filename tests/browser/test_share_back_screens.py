"""What we heard, what follows, at 360 pixels: written, held back, looked at, told, and what came back.

`pytest tests/browser/test_share_back_screens.py --screenshots` writes the pictures into docs/screenshots.
"""

from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import expect

from bot.content import Content
from tests.browser.test_team_screens import Shown, folder, looked_at, phones
from tests.browser.test_walk import ROOT as HERE
from tests.browser.test_walk import WIZARDS, ask, join
from tests.by_day import LANGUAGES_ALIKE

__all__ = ["folder", "phones"]  # fixtures

SCREENS: Final = (
    *("answered", "spoken", "totals"),
    *("told-choose", "told-held", "told-look", "told-numbers", "told-notice", "told", "told-after"),
)
SAID: Final = {
    "es": (
        "Las juntas quedan lejos y de noche no hay camión.",
        "Lo que más pesa, lo dijo Colibrí, es la distancia.",
        "Lo que más pesa es que las juntas quedan lejos.",
        "Van a ser en cada comunidad, por turnos.",
        "El equipo, desde el 6 de diciembre.",
        "A mí me queda mejor los domingos.",
        "Para acompañarnos mejor esta semana.",
    ),
    "en": (
        "The meetings are far and there is no bus at night.",
        "What weighs most, said Colibrí, is the distance.",
        "What weighs most is that the meetings are far away.",
        "They will move from village to village.",
        "The team, from 6 December.",
        "Sundays suit me better.",
        "To walk with you better this week.",
    ),
}


def answers(leader: Shown, story: str) -> None:
    """Answer by a button, then by voice and in words."""
    leader.press(leader.words("button.start"))
    leader.hears(leader.label("mood"))
    leader.press(leader.choice("mood", "2"))
    leader.picture("answered", leader.label("week"))
    leader.frame.get_by_role("button", name=leader.words("web.media.record")).click()
    expect(leader.frame.get_by_role("timer")).to_have_text("0:02")
    leader.frame.get_by_role("button", name=leader.words("web.media.finish")).click()
    leader.picture("spoken", leader.words("run.collected"))
    heard = leader.frame.locator(".theirs").count()
    leader.write(story)
    expect(leader.frame.locator(".theirs")).to_have_count(heard + 1)  # it says the same as the one before
    leader.press(leader.words("button.all"))
    leader.hears(leader.label("need"))
    leader.press(leader.choice("need", "nothing"))
    leader.hears(leader.words("run.completed", answered=3, total=3))


def step(facilitator: Shown, name: str) -> None:
    """Wait until the wizard asks a step."""
    label = Content(WIZARDS).in_files().dialog("tell_back").step(name).label[facilitator.language]
    facilitator.hears(label.partition("${")[0].strip())


def writes(facilitator: Shown, said: tuple[str, ...]) -> None:
    """Write it with a nickname, which is refused as it is written, and then without."""
    say = facilitator.words
    facilitator.menu("menu.told")
    title = Content(HERE / "none").in_files().dialog("check_in").title[facilitator.language]
    facilitator.hears(say("told.which")).get_by_role("button", name=title).click()
    facilitator.picture("told-choose", say("button.told_say"))
    facilitator.press(say("button.told_say"))
    step(facilitator, "heard")
    facilitator.write(said[1])
    facilitator.picture("told-held", said[1].partition("Colibrí")[1])
    facilitator.write(said[2])
    step(facilitator, "way")
    choices = Content(WIZARDS).in_files().dialog("tell_back").step("way").choices
    facilitator.press(f"1 · {choices[0].label[facilitator.language]}")
    step(facilitator, "follows")
    facilitator.write(said[3])
    step(facilitator, "who")
    facilitator.write(said[4])
    facilitator.picture("told-look", say("button.back.send"), said[4])
    facilitator.press(say("button.back.figures"))
    facilitator.picture("told-numbers", say("back.figures.none"))
    facilitator.press(say("button.back.look"))
    facilitator.press(say("button.back.send"))


@pytest.mark.by_day("phones", why=LANGUAGES_ALIKE)
@pytest.mark.proof
def test_what_is_told_has_its_pictures(phones: tuple[Shown, Shown], folder: Path) -> None:
    """Each screen is reached by typing and pressing; no picture is blank, and none is heavy."""
    leader, facilitator = phones
    say, said = facilitator.words, SAID[facilitator.language]
    title = Content(HERE / "none").in_files().dialog("check_in").title[facilitator.language]
    join(leader)
    ask(facilitator, title, said[6])
    leader.hears(leader.words("offer.hello.named", name="Colibrí"))
    answers(leader, said[0])
    facilitator.press(say("button.progress"))
    facilitator.press(say("button.totals"))
    facilitator.picture("totals", say("totals.few"))
    facilitator.write(f"/{say('command.progress.name')}")
    facilitator.hears(title).get_by_role("button", name=title).click()
    facilitator.press(say("button.order_end"))
    facilitator.press(say("button.order_end_yes"))
    facilitator.hears(say("end.done"))
    writes(facilitator, said)
    leader.hears(say("told.notice"))
    leader.picture("told-notice", say("told.notice"))
    leader.press(say("button.told_open"))
    leader.picture("told", said[4])
    leader.press(say("button.back.say"))
    leader.hears(say("back.say"))
    leader.write(said[5])
    leader.hears(say("home.passed_on"))
    facilitator.press(say("button.back.see"))
    facilitator.picture("told-after", said[4], say("back.fine.few"))

    looked_at(folder, leader.language, SCREENS)
