"""The record of a group in a real browser, from the disk: accessible, read without script, searched with it."""

from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest
from playwright.sync_api import Browser, expect

from bot import clock
from tests.bot.operate.edge_records import of_five, of_many, of_nothing, write_out
from tests.bot.operate.test_group_record import SIGN, live
from tests.bot.rig import Rig, texts
from tests.bot.test_share_backs import HEARD
from tests.browser.conftest import HERE
from tests.browser.test_accessible import problems
from tests.by_day import CASES_ALIKE

KINDS: dict[str, Callable[[Rig], UUID]] = {"": live, "many": of_many, "five": of_five, "nothing": of_nothing}
"""By the name that a picture of it has."""
LOOKED_AT = {("", "index"), ("", "asked/001"), ("many", "asked/001"), ("nothing", "index")}
ALIKE = {"hashes", "search"}


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Records that were written out, of each kind."""
    found = {}
    for kind, makes in KINDS.items():
        it = Rig(tmp_path_factory.mktemp("hilo"), now=clock.now())
        found[kind] = tmp_path_factory.mktemp("memoria") / "memoria"
        write_out(it, makes(it), found[kind])
        it.close()
    return found


@pytest.fixture
def record(records: dict[str, Path]) -> Path:
    """That of a group that was asked and told something."""
    return records[""]


@pytest.mark.proof
@pytest.mark.by_day("kind", why=CASES_ALIKE)
@pytest.mark.parametrize("kind", KINDS)
def test_every_page_is_accessible(
    records: dict[str, Path], browser: Browser, kind: str, pytestconfig: pytest.Config
) -> None:
    """On a phone of 360 px no page is wider than the screen, and axe finds no fault; pictures if asked for."""
    page = browser.new_page(viewport={"width": 360, "height": 740})
    still = browser.new_context(java_script_enabled=False).new_page()
    fetched: list[str] = []
    page.on("request", lambda request: fetched.append(request.url))
    shown_too = pytestconfig.getoption("--screenshots")
    for path in sorted(records[kind].rglob("*.html")):
        name = str(path.relative_to(records[kind]))
        tag, _, rest = name.removesuffix(".html").partition("/")
        if kind and not shown_too and (tag != "es" or rest in ALIKE):  # Spanish words are longer
            continue
        page.goto(path.as_uri())
        assert problems(page) == "", name
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, name
        broken = "[...document.images].filter(each => !each.naturalWidth).length"
        assert page.evaluate(broken) == 0, name
        still.goto(path.as_uri())
        expect(still.locator("main h1")).not_to_be_empty()
        expect(still.locator("main a, main p:not(:empty), main dl").first).to_be_visible()
        if shown_too and (kind, rest) in LOOKED_AT:
            shown = "-".join(filter(None, ("record", rest.partition("/")[0], kind)))
            page.screenshot(path=HERE.parents[1] / "docs" / "screenshots" / f"{shown}.{tag}.png", full_page=True)
    assert all(each.startswith("file:") for each in fetched)
    still.context.close()
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
