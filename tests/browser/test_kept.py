"""A phone that ends the page: what did not go out is there when the page is back, once, and for nobody else."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Page, Route, expect

from tests.bot.web.rig import Rig
from tests.browser.conftest import CHAT, Open, cookie_of
from tests.browser.test_page import FIELD, LOST, write

UNSENT = "No salió. Tócalo para mandarlo otra vez."
OTHER, ANOTHER = "w2", "abcd" * 10


@contextmanager
def cut(page: Page) -> Iterator[None]:
    """Let nothing that is said leave the phone."""

    def lose(route: Route) -> None:
        route.abort() if route.request.method == "POST" else route.fallback()

    page.on("dialog", lambda dialog: dialog.accept())
    page.route("**/chat", lose)
    yield
    page.unroute("**/chat")


@pytest.mark.proof
def test_words_that_did_not_go_out_outlive_the_page(rig: Rig, asked: int, open_page: Open, troubles: list[str]) -> None:
    """Words without a line, and those half written, are there after the phone ended the page: sent once, in order."""
    troubles += [LOST]
    page = open_page()
    with cut(page):
        write(page, "Primero esto.")
        write(page, "Y luego esto.")
        page.locator(FIELD).press_sequentially("A medias")
        expect(page.get_by_role("button", name=UNSENT)).to_have_count(2)
        page.reload()
        expect(page.get_by_role("button", name=UNSENT)).to_have_count(2)
        expect(page.locator(FIELD)).to_have_value("A medias")
    page.reload()
    expect(page.get_by_text("Ya lo guardé.")).to_have_count(2, timeout=15_000)
    page.reload()

    assert [kept.text for kept in rig.kept] == ["Primero esto.", "Y luego esto."]
    expect(page.get_by_text("Primero esto.")).to_have_count(1)
    expect(page.locator(FIELD)).to_have_value("A medias")
    expect(page.get_by_role("button", name=UNSENT)).to_have_count(0)


@pytest.mark.proof
def test_words_whose_answer_was_lost_stand_there_once(
    rig: Rig, asked: int, open_page: Open, troubles: list[str]
) -> None:
    """What was kept though nobody heard so is sent again by the new page with its old mark: it counts once."""
    troubles += [LOST]
    page = open_page()

    def lose_answer(route: Route) -> None:
        if route.request.method == "POST":
            route.fetch(max_redirects=0)
            route.abort()
        else:
            route.fallback()

    page.on("dialog", lambda dialog: dialog.accept())
    page.route("**/chat/events*", lambda route: route.abort())
    page.route("**/chat", lose_answer)
    page.reload()
    write(page, "Una sola vez.")
    expect(page.get_by_role("button", name=UNSENT)).to_have_count(1)
    page.unroute_all()
    page.reload()

    expect(page.get_by_text("Una sola vez.")).to_have_count(1, timeout=15_000)
    assert [kept.text for kept in rig.kept] == ["Una sola vez."]


def test_words_of_one_conversation_do_not_go_to_another(
    rig: Rig, asked: int, open_page: Open, troubles: list[str]
) -> None:
    """Where another conversation is opened in the same tab, what waited for the first is neither shown nor sent."""
    troubles += [LOST]
    rig.open(OTHER, ANOTHER)
    rig.person(OTHER, "es")
    rig.say(OTHER, "Hola, Luciérnaga.")
    page = open_page()
    with cut(page):
        write(page, "Solo para mi equipo.")
        expect(page.get_by_role("button", name=UNSENT)).to_have_count(1)
        page.context.add_cookies([cookie_of(rig.address, ANOTHER)])
    page.reload()
    expect(page.get_by_text("Hola, Luciérnaga.")).to_be_visible()
    write(page, "Aquí otra.")
    expect(page.get_by_text("Ya lo guardé.")).to_have_count(1)

    assert [(kept.chat, kept.text) for kept in rig.kept] == [(OTHER, "Aquí otra.")]
    expect(page.get_by_text("Solo para mi equipo.")).to_have_count(0)


def test_leaving_leaves_no_words_behind(rig: Rig, asked: int, open_page: Open, troubles: list[str]) -> None:
    """Left in a hurry, without a line: nothing of what was being written stays in the tab."""
    troubles += [LOST]
    page = open_page()
    page.locator(FIELD).press_sequentially("A medias")
    assert page.evaluate("sessionStorage.length") == 1
    rig.stop()
    page.get_by_role("button", name="Salir rápido").click()

    assert page.evaluate("sessionStorage.length") == 0
    rig.start()
    expect(page.get_by_role("table")).to_be_visible(timeout=15_000)


@pytest.mark.proof
def test_a_tick_does_not_move_the_list_under_her_finger(rig: Rig, open_page: Open) -> None:
    """Where a row is added by the first tick, what she pressed stays where it was: a second tap hits nothing else."""
    for line in range(12):
        rig.say(CHAT, f"Mensaje {line}.")
    rig.say(CHAT, "¿Qué falta?", "☐ Agua#tick:agua")
    page = open_page()
    before = page.get_by_role("button", name="☐ Agua").bounding_box()
    page.get_by_role("button", name="☐ Agua").click()
    expect(page.get_by_role("button", name="☐ Luz")).to_be_attached()
    after = page.get_by_role("button", name="☑ Agua").bounding_box()

    assert before is not None
    assert after is not None
    assert abs(after["y"] - before["y"]) < 2
