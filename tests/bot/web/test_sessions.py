"""Cookies that nobody can plant, tokens that change, and a way in that ten wrong PINs shut."""

import re
import time
from collections.abc import Iterator

import httpx
import pytest

from bot import clock
from bot.web import coming_back
from storage.unit import Unit
from tests.bot.web.conftest import CHAT, COOKIE, TOKEN
from tests.bot.web.page import Page
from tests.bot.web.rig import Rig

CODE = "7KQ2M9ABCD"
LINK = "7KQ2M9ABCD7KQ2M9ABCD"
PIN = "471326"
ELSEWHERE = {"host": "hilo.lan", "accept-language": "es-MX"}
OLD = "01d0" * 10


@pytest.fixture
def known(rig: Rig) -> Rig:
    """Somebody of a group called Luna, known in CHAT with a PIN, who has said something."""
    rig.person(CHAT, "es")
    rig.say(CHAT, "lo del agua", kind="echo")

    def join(unit: Unit) -> None:
        person = unit.people.at("web", CHAT)
        assert person is not None
        unit.people.change(person, nickname="Luna")
        cohort = unit.cohorts.add(clock.new_id(), "Sierra Norte", ("es",), None)
        unit.memberships.join(clock.new_id(), person.id, cohort.id)

    rig.write_in(join)
    rig.lock(CHAT, *PIN)
    return rig


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wrong nicknames and PINs are answered at once."""
    monkeypatch.setattr(coming_back, "ANSWERED_AFTER", 0.0)


@pytest.fixture
def thief(rig: Rig) -> Iterator[httpx.Client]:
    """Somebody else's browser."""
    with httpx.Client(base_url=rig.address, headers={"accept-language": "en"}) as it:
        yield it


def enter(client: httpx.Client, pin: str, nickname: str = "Luna") -> httpx.Response:
    """Give a nickname and a PIN."""
    return client.post("/enter", data={"kind": "digits", "nickname": nickname, "pin": pin, "do": "enter"})


def unlock(client: httpx.Client, pin: str) -> httpx.Response:
    """Give the PIN where the conversation is open."""
    return client.post("/chat/unlock", data={"kind": "digits", "pin": pin})


# Who plants a cookie.


def test_a_planted_cookie_opens_nothing_once_she_joins(rig: Rig, client: httpx.Client, thief: httpx.Client) -> None:
    """Whoever knows what her browser held before she joined has nothing of the conversation after it (M6)."""
    rig.invite(CODE)
    (form,) = Page(client.get(f"/join/{CODE}").text).forms
    planted = client.cookies[f"{COOKIE}-joining"]
    assert client.post(form.action, data=form.fields).headers["location"] == "/chat#end"
    rig.say(rig.kept[-1].chat, "lo del agua")
    assert "lo del agua" in client.get("/chat").text

    assert client.cookies[COOKIE] != planted
    (other,) = Page(thief.get(f"/join/{CODE}").text).forms
    for name in (COOKIE, f"{COOKIE}-joining", "hilo", "hilo-joining"):
        thief.cookies.clear()
        thief.cookies.set(name, planted)
        assert "lo del agua" not in thief.get("/chat").text
        thief.post(other.action, data=other.fields)
        assert "lo del agua" not in thief.get("/chat").text


def test_a_token_is_taken_from_its_own_kind_of_cookie(known: Rig, thief: httpx.Client) -> None:
    """A cookie without the prefix, which a neighbouring site could plant, brings no token that is kept with it."""
    answer = thief.get("/chat", headers={"cookie": f"hilo={TOKEN}"})

    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


def test_joining_in_a_browser_that_was_prepared(rig: Rig, client: httpx.Client, thief: httpx.Client) -> None:
    """A conversation of nobody that was open in her browser before she joins is closed for whoever put it there."""
    rig.open("ab" * 20, OLD)
    rig.open("ab" * 20, "77" * 20)
    rig.invite(CODE)
    client.cookies.set(COOKIE, OLD, domain="127.0.0.1", path="/")
    (form,) = Page(client.get(f"/join/{CODE}").text).forms
    client.post(form.action, data=form.fields)
    rig.say("ab" * 20, "lo del agua")

    assert "lo del agua" in client.get("/chat").text
    for token in (OLD, "77" * 20):
        assert thief.get("/chat", headers={"cookie": f"{COOKIE}={token}"}).status_code == 403


@pytest.mark.parametrize("way", ["phone", "link", "nickname"])
def test_each_pin_brings_another_token(known: Rig, browser: httpx.Client, thief: httpx.Client, way: str) -> None:
    """The token that a browser had before the PIN was given opens nothing after it."""
    browser.post("/chat/lock")
    if way == "phone":
        unlock(browser, PIN)
    elif way == "link":
        known.link(CHAT, LINK)
        browser.cookies.clear()
        browser.post(f"/l/{LINK}", data={"kind": "digits", "pin": PIN})
    else:
        browser.cookies.clear()
        enter(browser, PIN)
    assert "lo del agua" in browser.get("/chat").text
    new = browser.cookies.get(COOKIE, domain="127.0.0.1") or browser.cookies[COOKIE]

    assert new != TOKEN
    if way == "phone":
        assert thief.get("/chat", headers={"cookie": f"{COOKIE}={TOKEN}"}).status_code == 403


@pytest.mark.usefixtures("quick")
def test_one_of_the_team_comes_back_by_nickname_and_pin(rig: Rig, client: httpx.Client) -> None:
    """Also who takes part in no group; asking for a link instead reaches the team."""
    rig.person(CHAT, "es")

    def hired(unit: Unit) -> None:
        person = unit.people.at("web", CHAT)
        assert person is not None
        unit.people.change(person, nickname="Ana")
        unit.roles.grant(clock.new_id(), person.id, "facilitator")

    rig.write_in(hired)
    rig.lock(CHAT, *PIN)
    client.post("/enter", data={"nickname": "Ana", "do": "ask"})
    assert rig.read(lambda unit: len(unit.link_requests.open())) == 1
    assert enter(client, "4714" if PIN != "4714" else "4715", "Ana").status_code == 403

    assert enter(client, PIN, "Ana").headers["location"] == "/chat#end"


# Names of cookies.


@pytest.mark.parametrize(("host", "prefixed"), [("127.0.0.1", True), ("localhost:8080", True), ("hilo.lan", False)])
def test_the_prefix_is_used_where_browsers_take_it(rig: Rig, client: httpx.Client, host: str, prefixed: bool) -> None:
    """On this machine and by https; in a local network, where a browser would refuse it, the name is plain."""
    rig.invite(CODE)
    cookie = client.get(f"/join/{CODE}", headers={"host": host}).headers["set-cookie"]

    assert cookie.startswith("__Host-hilo-joining=" if prefixed else "hilo-joining=")
    assert ("Secure" in cookie) == prefixed
    assert "Path=/;" in cookie
    assert "Domain" not in cookie


def test_in_a_local_network_all_goes_on_with_plain_names(rig: Rig, client: httpx.Client) -> None:
    """Joining, being found again, and leaving."""
    rig.invite(CODE)
    (form,) = Page(client.get(f"/join/{CODE}", headers=ELSEWHERE).text).forms
    answer = client.post(form.action, data=form.fields, headers=ELSEWHERE)
    (token,) = [found[1] for line in answer.headers.get_list("set-cookie") if (found := re.match(r"hilo=(\w+);", line))]
    mine = {**ELSEWHERE, "cookie": f"hilo={token}"}

    assert client.get("/chat", headers=mine).status_code == 200
    left = client.post("/chat/leave", headers=mine)
    assert [line.partition("=")[0] for line in left.headers.get_list("set-cookie")] == ["hilo", "hilo-joining"]
    assert client.get("/chat", headers=mine).status_code == 403


def test_an_old_cookie_is_exchanged_and_the_thread_goes_on(known: Rig, client: httpx.Client) -> None:
    """Two tabs with what 0.1.0 gave: both go on, get the same token, and a stream that is open stays so."""
    known.open(CHAT, OLD, prefixed=False)
    old = {"cookie": f"hilo={OLD}"}
    with client.stream("GET", "/chat/events?after=1", headers=old) as heard:
        lines = heard.iter_lines()
        assert next(lines) == "retry: 2000"
        tabs = [client.get("/chat", headers=old) for _ in range(2)]
        fresh = {
            found[1]
            for each in (heard, *tabs)
            for line in each.headers.get_list("set-cookie")
            if (found := re.match(rf"{COOKIE}=(\w+);", line))
        }
        assert all("lo del agua" in each.text for each in tabs)
        assert len(fresh) == 1
        assert OLD not in fresh
        assert all(any(line.startswith('hilo=""') for line in each.headers.get_list("set-cookie")) for each in tabs)
        new = {"cookie": f"{COOKIE}={fresh.pop()}"}
        assert "lo del agua" in client.get("/chat", headers=new).text
        known.say(CHAT, "dicho después")
        assert any("dicho después" in line for line in lines)
    assert client.get("/chat", headers=old).status_code == 200  # what was under way
    known.ahead(minutes=2)

    assert client.get("/chat", headers=old).status_code == 403
    assert "lo del agua" in client.get("/chat", headers=new).text


# Ten wrong PINs.


def shut(known: Rig, client: httpx.Client) -> list[httpx.Response]:
    """Try ten wrong PINs by nickname, each as soon as it counts."""
    told = []
    for number in range(10):
        told.append(enter(client, f"28{number}416"))
        known.ahead(hours=2)
    return told


def test_ten_wrong_by_nickname_shut_that_way_alone(
    known: Rig, browser: httpx.Client, thief: httpx.Client, quick: None
) -> None:
    """Not even the right one is let in any more, and it is told so to nobody; her phone and her link go on."""
    known.link(CHAT, LINK)
    told = shut(known, thief)
    told.append(enter(thief, PIN))
    told.append(enter(thief, "285416", "Nadie"))
    assert {each.status_code for each in told} == {403}
    assert len({each.text.replace("Nadie", "Luna") for each in told}) == 1
    assert COOKIE not in thief.cookies

    browser.post("/chat/lock")
    assert unlock(browser, PIN).headers["location"] == "/chat#end"
    with httpx.Client(base_url=known.address) as other:
        assert other.post(f"/l/{LINK}", data={"kind": "digits", "pin": PIN}).headers["location"] == "/chat#end"
    ways = known.read(lambda unit: [each.way for each in unit.web_pins.shut_ways()])
    assert ways == ["nickname"]
    trail = known.read(lambda unit: [(each.action, each.detail) for each in unit.audit.list()])
    assert ("pin.shut", {"way": "nickname"}) in trail
    said = known.write_in(lambda unit: [row.body["text"] for row in unit.outbox.claim(unit.now, unit.now, 9)])
    assert any("escribió tu apodo" in each for each in said)


@pytest.mark.proof
def test_ten_wrong_on_her_phone_shut_that_one(known: Rig, browser: httpx.Client, client: httpx.Client) -> None:
    """The lock says so, and whom to tell; where to turn is still a press away; by nickname she gets in."""
    browser.post("/chat/lock")
    for number in range(10):
        last = unlock(browser, f"28{number}416").text
        known.ahead(hours=2)

    for page in (last, browser.get("/chat").text, unlock(browser, PIN).text):
        assert "Fueron diez veces" in page
        assert 'href="/chat/support"' in page
        assert "lo del agua" not in page
    assert enter(client, PIN).headers["location"] == "/chat#end"


@pytest.mark.proof
def test_a_nickname_nobody_has_takes_as_long(known: Rig, thief: httpx.Client) -> None:
    """A wrong PIN, a nickname that is nobody's and one whose PIN rests: none is answered any sooner."""
    times = []
    for nickname in ("Luna", "Nadie", "Luna", "Luna", "Luna"):
        begun = time.monotonic()
        enter(thief, "285416", nickname)
        times.append(time.monotonic() - begun)

    assert all(each >= coming_back.ANSWERED_AFTER for each in times)


def test_six_digits_are_offered_and_four_taken(known: Rig, browser: httpx.Client) -> None:
    """The page asks for six; four are enough for whoever wants them."""
    unlock(browser, PIN)
    browser.post("/chat/unlock", data={"kind": "digits", "pin": PIN, "then": "pin"})
    asked = browser.get("/chat/pin").text
    kept = browser.post("/chat/pin", data={"kind": "digits", "pin": "4713", "again": "4713"})

    assert "seis números" in asked
    assert "Ya tiene llave" in kept.text
