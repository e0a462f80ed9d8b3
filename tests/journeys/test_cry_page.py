"""A cry for help on the page, in a browser without script: answered, and taken off the screen."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.rendering.texts import catalogs
from dialogs import danger
from tests.bot.ready import RECORD
from tests.journeys.bot import Bot, awake
from tests.journeys.hands import WebHand

SAID = "Mi marido me pegó anoche."


@pytest.fixture
def bot(tmp_path: Path) -> Iterator[Bot]:
    """A bot that is awake on the web chat alone, where every proposed phrase was accepted."""
    record = {**RECORD, "danger_words": {tag: [*danger.proposed(tag)] for tag in ("es", "en")}}
    with awake(tmp_path, "ptb", None, record) as it:
        yield it


@pytest.fixture
def leader(bot: Bot) -> Iterator[WebHand]:
    """A leader in her browser, who was not asked about her phone yet."""
    hand = WebHand(bot, "es")
    hand.start(bot.invite("Sierra Norte"))
    hand.press("1 · Español")
    hand.press("Sí, quiero participar")
    hand.say("Luna")
    yield hand
    hand.close()


def test_her_cry_and_the_answer_leave_the_page(bot: Bot, leader: WebHand) -> None:
    """The answer names no danger; one tap later neither her words nor the answer are on the page, the alert stays."""
    leader.say(SAID)
    assert SAID in leader._page
    assert catalogs().say("cry.watched", "es") in leader._page
    leader.press("Quitar esto de la pantalla")

    assert SAID not in leader._page
    assert catalogs().say("cry.watched", "es") not in leader._page
    assert catalogs().say("cry.gone", "es") in leader._page
    assert len(bot.read(lambda unit: unit.alerts.open())) == 1


def test_a_cry_in_one_line_with_a_command_leaves_the_page(bot: Bot, leader: WebHand) -> None:
    """A command's words never stood on the page, so after one tap nothing of the cry is left, and that is said."""
    leader.say(f"/ayuda {SAID}")
    assert catalogs().say("cry.watched", "es") in leader._page
    leader.press("Quitar esto de la pantalla")

    assert SAID not in leader._page
    assert catalogs().say("cry.gone", "es") in leader._page
