"""A group's signs at 360 pixels: switched on, written down, what the group and the team say, what is laid beside.

`pytest tests/browser/test_sign_screens.py --screenshots` writes the pictures into docs/screenshots.
"""

from pathlib import Path
from typing import Final

import pytest

from bot.content import Content
from tests.browser.test_team_screens import Shown, folder, looked_at, phones
from tests.browser.test_walk import ROOT as HERE
from tests.browser.test_walk import WIZARDS, answer, ask, join
from tests.by_day import LANGUAGES_ALIKE

__all__ = ["folder", "phones"]  # fixtures

SCREENS: Final = ("signs-on", "signs", "sign", "sign-beside")
SAID: Final = {
    "es": (
        "En la asamblea también hablan las jóvenes",
        "Se les dio la palabra, y las oyeron.",
        "Todavía hay interrupciones.",
        "Ya van mujeres en las listas.",
        "Habló mi hija en la asamblea.",
        "Para acompañarnos mejor esta semana.",
    ),
    "en": (
        "Young women speak at the assembly too",
        "They were given the floor, and heard.",
        "There are still interruptions.",
        "Women are on the lists now.",
        "My daughter spoke at the assembly.",
        "To walk with you better this week.",
    ),
}


def asks(phone: Shown, wizard: str, step: str) -> None:
    """Wait until a wizard asks something."""
    label = Content(WIZARDS).in_files().dialog(wizard).step(step).label[phone.language]
    phone.hears(label.partition("${")[0].strip() or label.rpartition("}")[2].strip())


def chosen(phone: Shown, place: int, code: str) -> None:
    """Press one of a wizard's options, by its words in the catalog."""
    phone.press(f"{place} · {phone.words(code)}")


def written(facilitator: Shown, words: str) -> None:
    """Signs are switched on for the group, and one is written down."""
    say = facilitator.words
    facilitator.write(f"/{say('command.people.name')}")
    facilitator.press(say("button.people_group"))
    facilitator.press(say("button.signs"))
    facilitator.picture("signs-on", say("button.signs_on"))
    facilitator.press(say("button.signs_on"))
    facilitator.press(say("button.sign_new"))
    wizard = Content(WIZARDS).in_files().dialog("sign_new")
    asks(facilitator, "sign_new", "words")
    facilitator.write(words)
    for step in ("kind", "confirm"):
        asks(facilitator, "sign_new", step)
        facilitator.press(f"1 · {wizard.step(step).choices[0].label[facilitator.language]}")
    facilitator.hears(say("sign.done.sign_new"))


def judged(facilitator: Shown, said: tuple[str, ...]) -> None:
    """What the group said together, and what the team sees beside it."""
    say, (words, together, against, reasons, *_) = facilitator.words, said
    facilitator.press(say("button.sign_group"))
    chosen(facilitator, 2, "sign.value.begins")
    asks(facilitator, "sign_group", "words")
    facilitator.write(together)
    asks(facilitator, "sign_group", "against")
    facilitator.write(against)
    asks(facilitator, "sign_group", "present")
    facilitator.write("14")
    facilitator.hears(say("sign.done.sign_group"))
    facilitator.press(say("button.sign_team"))
    chosen(facilitator, 3, "sign.value.same")
    asks(facilitator, "sign_team", "reasons")
    facilitator.write(reasons)
    facilitator.picture("sign", say("sign.done.sign_team"), words)


@pytest.mark.by_day("phones", why=LANGUAGES_ALIKE)
@pytest.mark.proof
def test_the_signs_of_a_group_have_their_pictures(phones: tuple[Shown, Shown], folder: Path) -> None:
    """Each screen is reached by typing and pressing; no picture is blank, and none is heavy."""
    leader, facilitator = phones
    say, said = facilitator.words, SAID[facilitator.language]
    title = Content(HERE / "none").in_files().dialog("check_in").title[facilitator.language]
    join(leader)
    ask(facilitator, title, said[5])
    leader.hears(leader.words("offer.hello.named", name="Colibrí"))
    answer(leader, said[4])
    written(facilitator, said[0])
    judged(facilitator, said)
    facilitator.menu("menu.read")
    facilitator.press(say("button.read_next"))
    facilitator.hears(said[4])
    facilitator.press(say("button.lay"))
    facilitator.hears(say("evidence.beside_which"))
    facilitator.press(said[0])
    facilitator.hears(say("evidence.laid", words=said[0]))
    facilitator.write(f"/{say('command.signs.name')}")
    facilitator.picture("signs", say("button.sign_new"))
    facilitator.press(said[0])
    facilitator.press(say("button.sign_told", n=1))
    facilitator.picture("sign-beside", said[4])

    looked_at(folder, leader.language, SCREENS)
