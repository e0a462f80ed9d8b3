"""What a record shows of a group with many options, with five people, and with nothing; its pictures."""

import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot import clock
from bot.product_languages import LANGUAGES
from storage.erasure import erase
from tests.bot.operate.edge_records import OPTIONS, of_five, of_many, of_nothing, write_out
from tests.bot.operate.test_group_record import read
from tests.bot.rig import Rig, texts

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def it(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    """An installation without anything."""
    made = Rig(tmp_path_factory.mktemp("hilo"), now=clock.now())
    yield made
    made.close()


def test_of_many_options_each_band_is_drawn_and_said(it: Rig, tmp_path: Path) -> None:
    """A thread for each number that left, in words beside it, in the list and in its alt; after erasures the same."""
    cohort_id = of_many(it)
    write_out(it, cohort_id, tmp_path / "one")
    files = read(tmp_path / "one")
    for tag in LANGUAGES:
        page, picture = files[f"{tag}/asked/001.html"].decode(), files[f"{tag}/pictures/001-1.svg"].decode()
        drawn = ET.fromstring(picture)  # noqa: S314  we drew it
        bands = [texts().say("group_record.band", tag, least=least, most=least + 4) for least in (5, 10, 30)]
        short = [texts().say("group_record.band.short", tag, least=least, most=least + 4) for least in (5, 10, 30)]
        assert len(drawn.findall(f"{SVG}polyline")) == 10
        assert [picture.count(f">{each}<") for each in short] == [7, 2, 1]
        assert all(f": {each}" in (drawn.get("aria-label") or "") for each in bands)
        assert 'src="../../' + f'{tag}/pictures/001-1.svg" alt="' in page
        assert all(f"{option}: {bands[0]}" in page for option in OPTIONS[1:3])
        for option in (OPTIONS[9], OPTIONS[11]):  # of one, and of nobody: both without a number
            assert option in page
            assert f"{option}:" not in page
            assert option not in picture
    with it.unit() as unit:
        for person in [each for each in unit.people.list() if each.nickname is None][:9]:
            erase(unit, person.id)
    write_out(it, cohort_id, tmp_path / "two")
    assert read(tmp_path / "two") == files


def test_of_five_people_it_says_how_many_and_not_what(it: Rig, tmp_path: Path) -> None:
    """No option has a number, so there is no picture."""
    write_out(it, of_five(it), tmp_path / "one")
    files = read(tmp_path / "one")
    assert [name for name in files if name.endswith(".svg")] == []
    for tag in LANGUAGES:
        page = files[f"{tag}/asked/001.html"].decode()
        assert texts().say("group_record.answered", tag, people="").strip(" .") in page
        assert all(f"{option}:" not in page for option in OPTIONS)


def test_of_nothing_it_says_so(it: Rig, tmp_path: Path) -> None:
    """Nothing asked, told or told by: a sentence for each."""
    write_out(it, of_nothing(it), tmp_path / "one")
    files = read(tmp_path / "one")
    for tag in LANGUAGES:
        for name, code in (("index", "nothing_asked"), ("decisions", "no_decisions"), ("signs", "no_signs")):
            said = texts().say(f"group_record.{code}", tag).replace("'", "&#39;")
            assert said in files[f"{tag}/{name}.html"].decode()
