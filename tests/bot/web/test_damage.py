"""Pages where one value of whoever opens them is damaged: none breaks, and nothing opens that was locked."""

from typing import Any

import httpx
import pytest
from sqlalchemy import Column, update

from storage.damage_scan import SEALED
from storage.tables import metadata, outbox, person_addresses, person_keys, web_pins, web_sessions
from storage.unit import Unit
from tests.bot.web.conftest import CHAT
from tests.bot.web.page import Page
from tests.bot.web.rig import Rig

LINK = "K7Q2M9W3"
HERS = [
    column
    for column in SEALED
    if column.table.name in {"people", "person_keys", "person_addresses", "outbox", "web_pins", "web_sessions"}
]


@pytest.fixture
def known(rig: Rig) -> Rig:
    """Someone known in CHAT, with a name and preferences, to whom something was said."""
    rig.person(CHAT, "es")

    def name(unit: Unit) -> None:
        person = unit.people.at("web", CHAT)
        assert person is not None
        unit.people.prefer(unit.people.change(person, nickname="Vera"), hours=["morning"])

    rig.write_in(name)
    rig.say(CHAT, "¿Cómo andas?", "1 · Bajo", "2 · Alto")
    rig.say(CHAT, "lo del agua", kind="echo")
    rig.link(CHAT, LINK)
    return rig


def damage(rig: Rig, column: Column[Any]) -> None:
    """Damage every value of a column."""
    rig.write_in(lambda unit: unit.connection.execute(update(column.table).values({column: b"\x00"})))


def test_what_is_looked_at_is_the_schemas() -> None:
    """Every table that a page reads of its own is in the list, by its name."""
    assert {column.table.name for column in HERS} <= set(metadata.tables)
    assert {web_pins.c.pin, outbox.c.body, person_keys.c.wrapped} <= set(HERS)


@pytest.mark.parametrize(
    "locked", [pytest.param(False, id="open"), pytest.param(True, id="with a PIN", marks=pytest.mark.proof)]
)
@pytest.mark.parametrize("column", HERS, ids=str)
def test_no_page_breaks(known: Rig, browser: httpx.Client, column: Column[Any], locked: bool) -> None:
    """The conversation, its lock, a link: each is shown, or leads on, or says that it is gone."""
    if locked:
        known.lock(CHAT, *"4713")
    damage(known, column)
    for path in ("/", "/chat", "/chat/pin", f"/l/{LINK}", f"/l/{LINK}/sms", "/static/page.css"):
        answer = browser.get(path)
        assert answer.status_code < 500, (path, answer.text)
    answer = browser.post(f"/l/{LINK}", data={"kind": "digits", "pin": "4713"})
    assert answer.status_code < 500, answer.text
    assert browser.get("/chat").status_code < 500


def test_she_goes_on_with_what_opens(known: Rig, browser: httpx.Client) -> None:
    """A damaged row of her conversation is left out of the page, and what she writes is kept."""
    damage(known, outbox.c.body)
    known.say(CHAT, "Aquí sigo")
    page = browser.get("/chat")
    assert "Aquí sigo" in page.text
    assert "¿Cómo andas?" not in page.text
    composer = Page(page.text).composer
    assert browser.post(composer.action, data=composer.written("hola")).status_code == 303
    assert [each.text for each in known.kept] == ["hola"]


def test_her_address_mends_itself_when_she_writes(known: Rig) -> None:
    """Where she speaks from is known then: it is sealed anew, and what is due finds her again."""
    damage(known, person_addresses.c.target)

    def found(unit: Unit) -> str | None:
        person = unit.people.at("web", CHAT)
        assert person is not None
        again = unit.people.get(person.id)
        assert again is not None
        return again.chat

    assert known.read(found) is None
    assert known.write_in(found) == CHAT
    assert known.read(found) == CHAT


def test_a_damaged_pin_opens_nothing_until_it_is_forgotten(known: Rig, browser: httpx.Client) -> None:
    """Nobody gets in who could not before: neither by the right PIN nor by none."""
    known.lock(CHAT, *"4713")
    damage(known, web_pins.c.pin)
    known.ahead(days=1)
    assert "lo del agua" not in browser.get("/chat").text
    assert browser.post("/chat/unlock", data={"kind": "digits", "pin": "4713"}).status_code < 500
    assert "lo del agua" not in browser.get("/chat").text

    def forget(unit: Unit) -> None:
        person = unit.people.at("web", CHAT)
        assert person is not None
        unit.web_pins.delete(person.id)

    known.write_in(forget)
    assert "lo del agua" in browser.get("/chat").text


def test_a_damaged_browser_is_asked_for_a_link(known: Rig, browser: httpx.Client) -> None:
    """Its cookie opens nothing, as if it had been closed; a link opens it again, what was before by the PIN alone."""
    damage(known, web_sessions.c.chat)
    assert "lo del agua" not in browser.get("/chat").text
    assert browser.post(f"/l/{LINK}").status_code == 303
    reopened = browser.get("/chat")
    assert reopened.status_code == 200
    assert "lo del agua" not in reopened.text
    assert browser.post("/chat", data=Page(reopened.text).composer.written("Aquí sigo")).status_code == 303
    assert [(each.chat, each.text) for each in known.kept] == [(CHAT, "Aquí sigo")]


def test_a_damaged_browser_opens_all_again_with_the_pin(known: Rig, browser: httpx.Client) -> None:
    """Whoever chose a PIN gives it at the link, and finds the conversation as it was."""
    known.lock(CHAT, *"4713")
    damage(known, web_sessions.c.chat)
    assert "lo del agua" not in browser.get("/chat").text
    assert browser.post(f"/l/{LINK}", data={"kind": "digits", "pin": "4713"}).status_code == 303
    assert "lo del agua" in browser.get("/chat").text


def test_whose_key_is_damaged_finds_a_page_that_says_so_little(known: Rig, browser: httpx.Client) -> None:
    """Nothing of hers is shown; a link of hers leads nowhere, in a sentence."""
    damage(known, person_keys.c.wrapped)
    assert "lo del agua" not in browser.get("/chat").text
    assert browser.get(f"/l/{LINK}").status_code == 404
