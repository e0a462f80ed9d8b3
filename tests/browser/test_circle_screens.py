"""What a circle said, beside what a person answered, and what it is told, at 360 pixels.

`pytest tests/browser/test_circle_screens.py --screenshots` writes the pictures into docs/screenshots.
"""

import time
from pathlib import Path
from typing import Final

import pytest

from bot import clock
from bot.app import open_storage
from bot.config import Config
from bot.content import Content
from bot.services.sheets import written
from tests.browser.test_team_screens import Shown, folder, looked_at, phones
from tests.browser.test_walk import ROOT, TEXTS, WIZARDS, answer, ask, join
from tests.by_day import LANGUAGES_ALIKE

__all__ = ["folder", "phones"]  # fixtures

SCREENS: Final = ("circle", "aloud", "circle-back")
SAID: Final = {
    "es": (
        "Para acompañarnos mejor esta semana.",
        "No alcanzó el agua, y fuimos por ella al río.",
        "Ana, del equipo",
        "Que casi nadie viene de noche.",
        "La asamblea acordó hablar con el comité del agua.",
        "Hay enojo por el agua, y ganas de arreglarlo.",
        "Vamos con el comité, y les contamos en diciembre.",
        "El equipo, el 6 de diciembre.",
        "Que vaya también alguien de la parte alta.",
    ),
    "en": (
        "To walk with you better this week.",
        "There was not enough water, and we went to the river.",
        "Ana, on the team",
        "That hardly anybody comes at night.",
        "The assembly decided to talk to the water committee.",
        "People are angry about the water, and want it mended.",
        "We go to the committee, and tell you in December.",
        "The team, on 6 December.",
        "That somebody from higher up should come along.",
    ),
}


def code(home: Path, sheets: int) -> str:
    """Return the code of the newest sheet, once so many are printed."""
    storage = open_storage(Config.load({"HILO_HOME": str(home)}, practice=True, folder=home))
    try:
        for _ in range(100):
            with storage.unit(clock.now()) as unit:
                found = unit.sheets.of([each.id for each in unit.cohorts.list()])
            if len(found) >= sheets:
                return written(next(each.body["code"] for each in found if each.state == "printed"))
            time.sleep(0.1)
    finally:
        storage.database.dispose()
    pytest.fail("no sheet was printed")


def types(facilitator: Shown, wizard: str, *said: tuple[str, str]) -> None:
    """Answer a wizard's steps, each when it is asked, with words or with the number of a choice."""
    dialog = Content(WIZARDS).in_files().dialog(wizard)
    for step, words in said:
        facilitator.hears(dialog.step(step).label[facilitator.language].partition("${")[0].strip())
        facilitator.write(words)


def typed_in(facilitator: Shown, sheet: str) -> None:
    """Come to a sheet by its code, from the menu."""
    say = facilitator.words
    facilitator.menu("menu.more", "menu.sheets")
    facilitator.hears(say("paper.list", button=say("button.ask_paper")))
    facilitator.write(sheet)
    facilitator.press(say("button.paper_circle"))


@pytest.mark.by_day("phones", why=LANGUAGES_ALIKE)
@pytest.mark.proof
def test_circles_have_their_pictures(phones: tuple[Shown, Shown], folder: Path, tmp_path: Path) -> None:
    """Reached by typing and pressing: read beside a person's answer, made ready to be read aloud, answered."""
    leader, facilitator = phones
    say, said, home = facilitator.words, SAID[facilitator.language], tmp_path / "home"
    check_in = Content(ROOT / "none").in_files().dialog("check_in")
    title = check_in.title[facilitator.language]
    count = TEXTS.count
    join(leader)

    def printed() -> None:
        facilitator.press(say("button.ask_paper"))
        facilitator.press(count("button.ask_paper_copies", facilitator.language, 1))
        facilitator.hears(say("paper.then"))
        facilitator.press(say("button.ask_back"))

    ask(facilitator, title, said[0], before=printed)
    leader.hears(leader.words("offer.hello.named", name="Colibrí"))
    answer(leader, said[1])
    facilitator.press(say("button.progress"))
    facilitator.press(say("button.order_end"))
    facilitator.press(say("button.order_end_yes"))
    facilitator.hears(say("end.done"))
    typed_in(facilitator, code(home, 1))
    types(facilitator, "sheet_circle", ("agreed", "1"), ("how", "3"), ("asked_by", said[2]), ("present", "14"))
    types(facilitator, "sheet_circle", ("against", said[3]))
    mood, week, need = check_in.questions[:3]
    facilitator.hears(mood.label[facilitator.language])
    facilitator.write("2")
    facilitator.hears(week.label[facilitator.language])
    facilitator.write(said[4])
    facilitator.press(say("button.done"))
    facilitator.hears(need.label[facilitator.language])
    facilitator.write("1")
    facilitator.hears(say("paper.kept"))
    facilitator.menu("menu.read")
    facilitator.press(say("button.by_question"))
    facilitator.hears(say("read.which")).get_by_role("button", name=title).click()
    question = week.label[facilitator.language][:20]
    facilitator.hears(say("read.which_question")).get_by_role("button", name=question).click()
    facilitator.picture("circle", said[1], said[4])
    told_to_a_circle(facilitator, said, home)

    looked_at(folder, leader.language, SCREENS)


def told_to_a_circle(facilitator: Shown, said: tuple[str, ...], home: Path) -> None:
    """Tell what came of it by phone and aloud, and type in what the circle answered."""
    say = facilitator.words
    title = Content(ROOT / "none").in_files().dialog("check_in").title[facilitator.language]
    facilitator.menu("menu.told")
    facilitator.hears(say("told.which")).get_by_role("button", name=title).click()
    facilitator.press(say("button.told_say"))
    types(facilitator, "tell_back", ("heard", said[5]), ("way", "1"), ("follows", said[6]), ("who", said[7]))
    facilitator.hears(say("button.back.send"))
    facilitator.press(say("button.back.send"))
    facilitator.press(say("button.aloud"))
    facilitator.picture("aloud", said[6])
    facilitator.press(say("button.aloud.paper"))
    facilitator.hears(say("button.back.see"))
    typed_in(facilitator, code(home, 2))
    types(facilitator, "sheet_told", ("view", "2"), ("present", "12"), ("words", said[8]))
    facilitator.hears(say("paper.kept"))
    facilitator.menu("menu.told", "button.told_before")
    facilitator.hears(say("back.which")).get_by_role("button", name=title).click()
    facilitator.picture("circle-back", said[8])
