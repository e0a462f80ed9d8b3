"""A quote that is taken back after the record was made: what was given out stays, and the next record is without it."""

from collections.abc import Iterator
from contextlib import closing

import pytest

from bot import clock
from bot.product_languages import LANGUAGES
from bot.rendering import targets
from bot.rendering.ids import short_id
from tests.bot.leader import words
from tests.bot.orders import say
from tests.bot.rig import SIERRA, Rig, texts
from tests.bot.shell import Shell
from tests.bot.test_quotes import HEARD, QUOTE, agreed
from tests.bot.test_share_backs import FOLLOWS, sent, write
from tests.bot.test_signs import button


@pytest.fixture
def installed(console: Shell) -> Iterator[Rig]:
    """An installation that the commands of `console` open."""
    with closing(Rig(console.folder, now=clock.now())) as it:
        yield it


@pytest.mark.parametrize("language", ["es", "en"])
def test_the_next_record_is_without_a_quote_that_was_taken_back(console: Shell, installed: Rig, language: str) -> None:
    """She is told what cannot be called back, copies of the record too; what was decided stays, without that part."""
    hilo = installed
    ana, her, _ = agreed(hilo)
    write(ana, heard=HEARD)
    sent(hilo, ana)
    root = hilo.facilitator(nickname="Raíz", cohort=None, role="admin")
    button(root, targets.GROUP, short_id(hilo.cohort(SIERRA)))
    root.press(say("button.group_record"))
    root.press(say("button.group_record_on"))
    console.good("record", "--out", "before")
    with hilo.unit() as unit:
        unit.people.change(her.person, language=language)
    her.say("/menu")
    her.press(words(her, "button.know"))
    her.press(words(her, "button.quotes"))
    her.press(her.last.labels[0])
    her.press(words(her, "button.quote.back"))
    day = texts().short_day(hilo.now, "America/Mexico_City", language)
    assert her.last.text == words(her, "quote.taken_back.copied", day=day)
    hilo.advance(minutes=1)
    console.good("record", "--out", "after")
    for tag in LANGUAGES:
        before, after = (
            (console.folder / name / tag / "decisions.html").read_text("utf-8") for name in ("before", "after")
        )
        assert QUOTE in before
        assert "«…»" not in after
        assert FOLLOWS in after
    whole = b"".join(each.read_bytes() for each in (console.folder / "after").rglob("*") if each.is_file())
    assert QUOTE.encode() not in whole
