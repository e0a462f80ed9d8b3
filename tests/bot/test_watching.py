"""A link that opens her conversation in a browser: she hears of it where she is at home, and can close it."""

import pytest

from bot import clock
from bot.services import links
from bot.services.links import personal_link
from tests.bot.rig import Phone, Rig, texts

CHAT, TOKEN = "c0ffee" * 6 + "c0ff", "5e55" * 10


def opened(hilo: Rig, phone: Phone) -> str:
    """Let a link of hers be opened in a browser, as its page does; returns the link's code."""
    with hilo.unit() as unit:
        person = unit.people.known(phone.person.id)
        code = personal_link(unit, person, "https://hilo.example.org").rpartition("/")[2]
        link = unit.web_links.find(code)
        assert link is not None
        unit.web_links.open(link.id)
        unit.addresses.link(person, "web", CHAT, clock.new_id())
        unit.web_sessions.open(clock.new_id(), TOKEN, CHAT, unit.now)
        links.tell_opened(unit, texts(), person)
    phone.look()
    hilo.send()
    return code


@pytest.mark.parametrize("language", ["es", "en"])
def test_she_closes_what_she_did_not_open(hilo: Rig, language: str) -> None:
    """One press closes every browser and every link, is on the trail, and leaves all else as it was."""
    say = texts().say
    phone = hilo.join(language=language)
    code = opened(hilo, phone)
    assert say("home.link_opened", language) in phone.told
    phone.press(say("button.shut", language))

    assert say("home.link_shut", language) in phone.told
    assert say("button.menu", language) in [each.label for row in phone.last.keyboard for each in row]
    with hilo.reading() as unit:
        link = unit.web_links.find(code)
        assert unit.web_sessions.find(TOKEN) is None
        assert link is not None
        assert link.revoked_at is not None
    assert phone.person.participation == "active"
    assert [entry.subject for entry in hilo.audited("link.shut")] == [str(phone.person.id)]


def test_who_has_left_closes_it_too(hilo: Rig) -> None:
    """Nobody has to come back in order to shut a door."""
    phone = hilo.join()
    opened(hilo, phone)
    with hilo.unit() as unit:
        unit.people.change(unit.people.known(phone.person.id), participation="left")
    phone.press(texts().say("button.shut", "es"))

    with hilo.reading() as unit:
        assert unit.web_sessions.find(TOKEN) is None
