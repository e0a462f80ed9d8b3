"""The pages around the chat: invites, the front page, practice, health, and what is not there."""

import re

import httpx
import pytest

from bot.messengers.port import Kind
from tests.bot.web.conftest import CHAT, Phones
from tests.bot.web.page import Page
from tests.bot.web.rig import Rig


def test_an_invite_opens_a_conversation(rig: Rig, client: httpx.Client) -> None:
    """The invite's page has one button in both languages; pressing it sends the code from a new secret address."""
    rig.invite()
    shown = client.get("/join/7KQ2M9ABCD")
    (form,) = Page(shown.text).forms

    joined = client.post(form.action, data=form.fields)

    assert "Abrir mi conversación" in shown.text
    assert "Open my conversation" in shown.text
    assert (joined.status_code, joined.headers["location"]) == (303, "/chat#end")
    (kept,) = rig.kept
    assert (kept.kind, kept.text, kept.language) == (Kind.TEXT, "/start 7KQ2M9ABCD", "es")
    assert re.fullmatch("[0-9a-f]{40}", kept.chat)
    token = client.cookies["__Host-hilo"]
    assert re.fullmatch("[0-9a-f]{40}", token)
    assert token != kept.chat
    cookie = next(line for line in joined.headers.get_list("set-cookie") if line.startswith("__Host-hilo="))
    assert cookie == f"__Host-hilo={token}; HttpOnly; Max-Age=34560000; Path=/; SameSite=strict; Secure"
    assert client.get("/chat").status_code == 200


def test_an_invite_pressed_twice_opens_one_conversation(rig: Rig, client: httpx.Client) -> None:
    """Two presses of the same button, the second before the first is answered, are one new person."""
    rig.invite()
    (form,) = Page(client.get("/join/7KQ2M9ABCD").text).forms
    before = {"cookie": f"__Host-hilo-joining={client.cookies['__Host-hilo-joining']}"}
    client.cookies.clear()

    answers = [client.post(form.action, data=form.fields, headers=before) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [303, 303]
    assert len(rig.kept) == 1


def test_whoever_has_a_conversation_keeps_it(rig: Rig, browser: httpx.Client) -> None:
    """An invite opened where a conversation is already open is said in that conversation."""
    (form,) = Page(browser.get("/join/7KQ2M9ABCD").text).forms

    browser.post(form.action, data=form.fields)

    assert [(kept.chat, kept.text) for kept in rig.kept] == [(CHAT, "/start 7KQ2M9ABCD")]


def test_the_cookie_is_secure_behind_https(rig: Rig, client: httpx.Client) -> None:
    """Where the proxy on this machine says https, the cookie never travels in the clear."""
    rig.invite()
    answer = client.post("/join/7KQ2M9ABCD", data={"nonce": "1"}, headers={"x-forwarded-proto": "https"})

    assert all("; Secure" in line for line in answer.headers.get_list("set-cookie") if "Max-Age=34560000" in line)


def test_an_invite_nobody_keeps_can_be_pressed_again(
    rig: Rig, client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the poll loop is dead the invite's page says to wait, and no conversation is opened."""
    monkeypatch.setattr("bot.messengers.web.WebMessenger.hand_over.__defaults__", (0.2,))
    rig.invite()
    rig.polling = False

    answer = client.post("/join/7KQ2M9ABCD", data={"nonce": "1"})

    assert answer.status_code == 503
    assert Page(answer.text).forms[0].action == "/join/7KQ2M9ABCD"
    assert "__Host-hilo" not in client.cookies


@pytest.mark.parametrize("path", ["/join/no%20es", "/join/" + "x" * 65, "/nada", "/static/hilo.js", "/practice/leader"])
def test_what_is_not_there_is_said_kindly(client: httpx.Client, path: str) -> None:
    """A wrong address answers in both languages."""
    answer = client.get(path)

    assert answer.status_code == 404
    assert "Aquí no hay nada" in answer.text
    assert "There is nothing here" in answer.text


def test_the_front_page_is_the_way_back(client: httpx.Client) -> None:
    """Without practice the front page asks for nickname and PIN, in the reader's language, and says no more."""
    spanish = client.get("/").text
    english = client.get("/", headers={"accept-language": "en"}).text

    assert "Pedir mi liga" in spanish
    assert "Ask for my link" in english
    assert (Page(spanish).language, Page(english).language) == ("es", "en")


def test_health_is_small(client: httpx.Client) -> None:
    """Whatever watches the process gets a plain answer."""
    answer = client.get("/health")

    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


def test_practice_shows_two_phones(practice: Rig, phones: Phones, visitor: httpx.Client) -> None:
    """The front page of practice opens both phones in the browser's language, each with a conversation of its own."""
    practice.say(phones.chat("leader"), "hello leader")
    practice.say(phones.chat("facilitator"), "hello facilitator")

    front = visitor.get("/").text
    leader, facilitator = (visitor.get(f"/practice/{slot}").text for slot in ("leader", "facilitator"))

    assert re.findall('<iframe src="([^"]+)"', front) == ["/practice/leader", "/practice/facilitator"]
    assert "nothing leaves this machine" in front
    assert set(phones.opened) == {"en"}
    assert ("hello leader" in leader, "hello leader" in facilitator) == (True, False)
    assert ("hello facilitator" in leader, "hello facilitator" in facilitator) == (False, True)


def test_a_practice_phone_speaks_for_itself(practice: Rig, phones: Phones, visitor: httpx.Client) -> None:
    """Words written on a phone come from that phone's chat, and the way back leads to it."""
    composer = Page(visitor.get("/practice/facilitator").text).composer

    answer = visitor.post(composer.action, data=composer.written("hello"))

    assert answer.headers["location"] == "/practice/facilitator#end"
    assert [kept.chat for kept in practice.kept] == [phones.chat("facilitator")]
    assert "set-cookie" not in answer.headers


def test_practice_starts_over(practice: Rig, phones: Phones, visitor: httpx.Client) -> None:
    """The button makes two new phones; what was said on the old ones is not on them."""
    practice.say(phones.chat("leader"), "long ago")

    answer = visitor.post("/practice/again")

    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert phones.again_in == ["en"]
    assert "long ago" not in visitor.get("/practice/leader").text


def test_practice_knows_two_phones(visitor: httpx.Client) -> None:
    """There is no third phone."""
    assert visitor.get("/practice/admin").status_code == 404
