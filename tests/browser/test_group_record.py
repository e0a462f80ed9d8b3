"""The record of a group in a real browser, from the disk: accessible, read without script, searched with it."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from bot import clock
from bot.group_record import folder
from tests.bot.operate.test_group_record import SIGN, live
from tests.bot.rig import Rig, texts
from tests.bot.test_share_backs import HEARD
from tests.browser.conftest import HERE
from tests.browser.test_accessible import problems

PAGES = ("index", "asked/001", "decisions", "signs", "search", "hashes")


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A record that was written out."""
    it = Rig(tmp_path_factory.mktemp("hilo"), now=clock.now())
    cohort_id = live(it)
    out = tmp_path_factory.mktemp("memoria") / "memoria"
    folder.write(it.storage, it.now, cohort_id, out, texts())
    it.close()
    return out


@pytest.mark.parametrize("language", ["es", "en"])
def test_every_page_is_accessible(record: Path, browser: Browser, language: str, pytestconfig: pytest.Config) -> None:
    """On a phone of 360 px nothing is wider than the screen, and axe finds no fault; pictures if asked for."""
    page = browser.new_page(viewport={"width": 360, "height": 740})
    fetched: list[str] = []
    page.on("request", lambda request: fetched.append(request.url))
    for name in PAGES:
        page.goto((record / language / f"{name}.html").as_uri())
        assert problems(page) == "", name
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, name
        if pytestconfig.getoption("--screenshots") and name in {"index", "asked/001"}:
            shot = HERE.parents[1] / "docs" / "screenshots" / f"record-{name.partition('/')[0]}.{language}.png"
            page.screenshot(path=shot, full_page=True)
    assert all(each.startswith("file:") for each in fetched)
    page.close()


def test_it_is_read_without_script_and_searched_with_it(record: Path, browser: Browser) -> None:
    """Without script everything is listed; with it a word finds where it stands, accents or not, and none is said."""
    place = (record / "es" / "search.html").as_uri()
    still = browser.new_context(java_script_enabled=False).new_page()
    still.goto(place)
    expect(still.get_by_text(texts().say("group_record.search.without", "es"))).to_be_visible()
    expect(still.locator("#all a")).to_have_count(2)
    still.locator("#all a").first.click()
    expect(still.get_by_text(HEARD)).to_be_visible()
    still.context.close()

    page = browser.new_page()
    page.goto(place)
    field = page.get_by_label(texts().say("group_record.search.words", "es"))
    field.fill("jovenes ASAMBLEA")
    expect(page.locator("#all a")).to_have_text([SIGN])
    field.fill("nadie dijo esto")
    expect(page.get_by_role("status")).to_have_text(texts().say("group_record.search.none", "es"))
    field.fill("")
    expect(page.locator("#all a")).to_have_count(2)
    page.close()
