"""What comes back, as a phone of 360 pixels shows it: the real bot, in practice.

`pytest tests/browser/test_repeating_screens.py --screenshots` writes the pictures into docs/screenshots.
"""

from pathlib import Path

import pytest

from bot.content import Content
from tests.browser.test_team_screens import COLOURS, SAID, Shown, folder, looked_at, phones
from tests.browser.test_walk import ROOT, ask, join
from tests.by_day import LANGUAGES_ALIKE

__all__ = ["folder", "phones"]  # fixtures

SCREENS = ("how-often", "read-back", "begun", "repeats")
TYPED = {"es": "el primer lunes de cada mes a las 6 de la tarde", "en": "the first Monday of each month at 6 pm"}


class Prepared(Exception):
    """The last look is on the screen: what follows is another way on than sending."""


@pytest.mark.by_day("phones", why=LANGUAGES_ALIKE)
@pytest.mark.proof
def test_what_comes_back_is_begun_and_shown_on_a_page(phones: tuple[Shown, Shown], folder: Path) -> None:
    """Typed as people say it, read back, begun, listed, left out and ended; no picture is blank, and none is heavy."""
    leader, ana = phones
    say, language = ana.words, ana.language
    title = Content(ROOT / "none").in_files().dialog("check_in").title[language]
    join(leader)

    def looked() -> None:
        raise Prepared

    with pytest.raises(Prepared):
        ask(ana, title, SAID[language][1], before=looked)
    ana.press(say("button.ask_repeat"))
    ana.picture("how-often", say("repeat.often.weekly"))
    ana.write(TYPED[language])
    ana.picture("read-back", say("button.repeat_begin"))
    ana.press(say("button.repeat_begin"))
    ana.picture("begun", say("button.repeats_end"))
    ana.press(say("button.repeats_skip"))
    ana.hears(say("button.repeats_unskip"))
    ana.press(say("button.repeats_unskip"))
    ana.press(say("button.repeats"))
    ana.picture("repeats", title)

    looked_at(folder, language, SCREENS, COLOURS // 4)
