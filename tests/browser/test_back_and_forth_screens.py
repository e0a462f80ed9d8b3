"""A question refused, an answer on paper, words to be quoted, what was understood, somebody erased, at 360 pixels.

`pytest tests/browser/test_back_and_forth_screens.py --screenshots` writes the pictures into docs/screenshots.
"""

from pathlib import Path
from typing import Final

import pytest

from bot.content import Content
from tests.browser.test_circle_screens import code, types
from tests.browser.test_share_back_screens import step
from tests.browser.test_team_screens import Shown, folder, looked_at, phones
from tests.browser.test_walk import ROOT, TEXTS, WIZARDS, ask, join
from tests.by_day import LANGUAGES_ALIKE

__all__ = ["folder", "phones"]  # fixtures

SCREENS: Final = ("refused", "own-paper", "on-paper", "quote", "understood", "objection", "gone")
NAME: Final = "Colibrí"
SAID: Final = {
    "es": {
        "why": "Para acompañarnos mejor esta semana.",
        "refused": "Nos pueden reconocer por lo del pozo.",
        "by": "Rosa, su vecina",
        "against": "Que es muy tarde.",
        "story": "El agua llega dos días a la semana, y no alcanza.",
        "quote": "El agua llega dos días a la semana",
        "understood": "Que el agua no alcanza, y que las juntas quedan lejos.",
        "heard": "El agua no alcanza, y las juntas quedan lejos.",
        "follows": "Vamos con el comité del agua.",
        "who": "El equipo, el 6 de diciembre.",
        "objection": "A mí me queda mejor los domingos.",
        "reply": "Gracias, lo llevamos a la asamblea.",
    },
    "en": {
        "why": "To walk with you better this week.",
        "refused": "They could tell who we are by the well.",
        "by": "Rosa, her neighbour",
        "against": "That it is very late.",
        "story": "The water comes two days a week, and it is not enough.",
        "quote": "The water comes two days a week",
        "understood": "That there is too little water, and the meetings are far.",
        "heard": "There is too little water, and the meetings are far.",
        "follows": "We go to the water committee.",
        "who": "The team, on 6 December.",
        "objection": "Sundays suit me better.",
        "reply": "Thank you, we will bring it to the assembly.",
    },
}


def on_paper(leader: Shown, facilitator: Shown, said: dict[str, str], sheet: str) -> None:
    """Type in what she said on paper; she sees it when she next comes, and says that it is so."""
    say = facilitator.words
    facilitator.menu("menu.more", "menu.sheets")
    facilitator.hears(say("paper.list", button=say("button.ask_paper")))
    facilitator.write(sheet)
    facilitator.press(say("button.paper_person"))
    facilitator.hears(say("paper.own.whose"))
    facilitator.press(NAME)
    given = (("agreed", "1"), ("how", "1"), ("asked_by", said["by"]), ("present", "0"), ("against", said["against"]))
    types(facilitator, "sheet_person", *given)
    check_in = Content(ROOT / "none").in_files().dialog("check_in")
    mood, week, need = (each.label[facilitator.language] for each in check_in.questions[:3])
    facilitator.hears(mood)
    facilitator.write("2")
    facilitator.hears(week)
    facilitator.write(said["story"])
    facilitator.press(say("button.done"))
    facilitator.hears(need)
    facilitator.write("1")
    facilitator.picture("own-paper", say("paper.own.kept", name=NAME))
    leader.menu("button.told_open")
    leader.press(leader.words("button.answers_yes"))  # nobody has asked yet who sees this phone
    leader.picture("on-paper", said["story"])
    leader.press(leader.words("button.on_paper.agree"))


def refused(leader: Shown, facilitator: Shown, said: dict[str, str]) -> None:
    """She says of the question that it should not be asked, and why; the team reads it where things wait."""
    leader.press(leader.words("button.later"))
    leader.press(leader.words("button.meant_refuse"))
    leader.hears(leader.words("meant.refuse"))
    leader.write(said["refused"])
    leader.hears(leader.words("home.passed_on"))
    facilitator.write({"es": "/mensajes", "en": "/messages"}[facilitator.language])
    short = facilitator.words("meant.short.refused")
    facilitator.press(f"{NAME} · {short} · {facilitator.words('mail.state.new')}")
    facilitator.picture("refused", said["refused"])
    facilitator.press(facilitator.words("button.mail_close"))


def quoted(leader: Shown, facilitator: Shown, said: dict[str, str]) -> None:
    """Ask for words of hers; she says yes to exactly these."""
    say = facilitator.words
    facilitator.menu("menu.read", "button.by_person")
    facilitator.press(NAME)
    facilitator.hears(said["story"])
    facilitator.press(say("button.quote"))
    types(facilitator, "quote_new", ("words", said["quote"]))
    facilitator.hears(say("button.quote.ask"))
    facilitator.press(say("button.quote.ask"))
    opened(leader)
    leader.picture("quote", leader.words("quote.ask.known"))
    leader.press(leader.words("button.quote.yes"))


def understood(leader: Shown, facilitator: Shown, said: dict[str, str], title: str) -> None:
    """Send her what the team understood; she says that it is so."""
    to_tell(facilitator, title, "button.told_ask")
    types(facilitator, "tell_understood", ("heard", said["understood"]))
    facilitator.press(facilitator.words("button.back.send"))
    opened(leader)
    leader.picture("understood", said["understood"])
    leader.press(leader.words("button.back.fine.understood"))


def objected(leader: Shown, facilitator: Shown, said: dict[str, str], title: str) -> None:
    """Tell her what follows; she says something back, and the team answers it from the messages."""
    say = facilitator.words
    to_tell(facilitator, title, "button.told_say")
    step(facilitator, "heard")
    types(facilitator, "tell_back", ("heard", said["heard"]), ("way", "1"), ("follows", said["follows"]))
    types(facilitator, "tell_back", ("who", said["who"]))
    facilitator.press(say("button.back.send"))
    opened(leader)
    leader.hears(said["heard"])
    leader.press(leader.words("button.back.say"))
    leader.write(said["objection"])
    leader.hears(leader.words("home.passed_on"))
    facilitator.press(say("button.back.see"))
    facilitator.press(say("button.back.message", name=NAME))
    facilitator.hears(said["objection"])
    facilitator.press(say("button.mail_reply"))
    types(facilitator, "reply", ("words", said["reply"]))
    way = Content(WIZARDS).in_files().dialog("reply").step("way").label[facilitator.language]
    facilitator.hears(way.rpartition(". ")[2])
    facilitator.write("1")
    opened(leader)
    leader.picture("objection", said["reply"])


def gone(leader: Shown, facilitator: Shown, said: dict[str, str], title: str) -> None:
    """She has everything erased; what she said is not in what was told any more."""
    leader.menu("button.mine")
    for each in ("button.erase", "button.erase_all", "button.erase_all_sure"):
        leader.press(leader.words(each))
    facilitator.menu("menu.told", "button.told_before")
    facilitator.hears(facilitator.words("back.which")).get_by_role("button", name=title).first.click()
    nobody = facilitator.words("back.told.nobody", cohort="", day="").partition(". ")[2]
    facilitator.picture("gone", said["heard"], nobody)


def opened(leader: Shown) -> None:
    """Open what has come, which says nothing of itself: nobody has asked yet who sees this phone."""
    leader.hears(leader.words("told.notice"))
    leader.press(leader.words("button.told_open"))


def to_tell(facilitator: Shown, title: str, button: str) -> None:
    """Open what is owed of the check-in, and choose."""
    facilitator.menu("menu.told")
    facilitator.hears(facilitator.words("told.which")).get_by_role("button", name=title).click()
    facilitator.press(facilitator.words(button))


@pytest.mark.by_day("phones", why=LANGUAGES_ALIKE)
@pytest.mark.proof
def test_there_and_back_have_their_pictures(phones: tuple[Shown, Shown], folder: Path, tmp_path: Path) -> None:
    """Each screen is reached by typing and pressing; no picture is blank, and none is heavy."""
    leader, facilitator = phones
    say, said = facilitator.words, SAID[facilitator.language]
    title = Content(ROOT / "none").in_files().dialog("check_in").title[facilitator.language]
    join(leader)

    def printed() -> None:
        facilitator.press(say("button.ask_paper"))
        facilitator.press(TEXTS.count("button.ask_paper_copies", facilitator.language, 1))
        facilitator.hears(say("paper.then"))
        facilitator.press(say("button.ask_back"))

    ask(facilitator, title, said["why"], before=printed)
    leader.hears(leader.words("offer.hello.named", name=NAME))
    leader.press(leader.words("button.start"))
    refused(leader, facilitator, said)
    on_paper(leader, facilitator, said, code(tmp_path / "home", 1))
    quoted(leader, facilitator, said)
    facilitator.write({"es": "/avance", "en": "/progress"}[facilitator.language])
    facilitator.hears(title).get_by_role("button", name=title).click()
    facilitator.press(say("button.order_end"))
    facilitator.press(say("button.order_end_yes"))
    understood(leader, facilitator, said, title)
    objected(leader, facilitator, said, title)
    gone(leader, facilitator, said, title)

    looked_at(folder, leader.language, SCREENS)
