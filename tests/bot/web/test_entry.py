"""The ways in: invites, and personal links that open once and then ask for the PIN."""

import html
import re
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from bot import clock
from bot.rendering.texts import catalogs
from bot.services.links import forward_links, personal_link
from bot.web import thread
from storage.unit import Unit
from tests.bot.web.conftest import CHAT
from tests.bot.web.page import Page
from tests.bot.web.rig import Rig

LINK = "7KQ2M9ABCD7KQ2M9ABCD"
OTHER = {"accept-language": "es-MX"}


@pytest.fixture
def known(rig: Rig) -> Rig:
    """Someone known in CHAT, with a personal link that was never opened."""
    rig.person(CHAT, "es")
    rig.say(CHAT, "lo del agua")
    rig.link(CHAT, LINK)
    return rig


def press(client: httpx.Client, path: str = f"/l/{LINK}") -> httpx.Response:
    """Open a page with one button, and press it."""
    (form,) = Page(client.get(path).text).forms
    return client.post(form.action, data=form.fields)


def type_pin(client: httpx.Client, pin: str, path: str = f"/l/{LINK}") -> httpx.Response:
    """Give a PIN."""
    return client.post(path, data={"kind": "digits", "pin": pin})


def deliver(rig: Rig) -> None:
    """Put what waits in the outbox onto the page, as the courier does."""

    def send(unit: Unit) -> None:
        for row in unit.outbox.claim(unit.now, unit.now + timedelta(minutes=1), 9):
            unit.outbox.sent(row.seq, row.seq, unit.now, keep=True)

    rig.write_in(send)


def test_looking_at_a_link_opens_nothing(known: Rig, client: httpx.Client) -> None:
    """A preview that only looks, however often, leaves the link as it was: the button opens it."""
    shown = [client.get(f"/l/{LINK}") for _ in range(3)]
    opened = press(client)

    assert all("Abrir mi conversación" in each.text and "lo del agua" not in each.text for each in shown)
    assert (opened.status_code, opened.headers["location"]) == (303, "/chat#end")
    deliver(known)
    known.say(CHAT, "lo de hoy")
    assert "lo de hoy" in client.get("/chat").text


def test_without_a_pin_what_was_before_stays_shut_for_good(known: Rig, client: httpx.Client) -> None:
    """Whoever opens a link that the team made proves nothing: she is told that the earlier is shut, and goes on."""
    photo = known.say(CHAT, "lo de la milpa")
    press(client)
    deliver(known)
    page = client.get("/chat").text
    known.say(CHAT, "lo de hoy")
    known.lock(CHAT, *"4713")
    client.cookies.clear()
    type_pin(client, "4713")
    later = client.get("/chat").text
    stream = known.read(lambda unit: thread.news(unit, CHAT, 0, frozenset()))

    assert catalogs().say("earlier.shut", "es") in html.unescape(page)
    assert 'href="/chat/pin"' in page
    for each in (page, later):
        assert "lo del agua" not in each
        assert "lo de la milpa" not in each
    assert "lo de hoy" in later
    assert stream is not None
    assert photo not in stream.shown
    assert "earlier.shut" in known.read(lambda unit: [entry.action for entry in unit.audit.list()])


def test_the_first_opening_of_all_shuts_nothing(rig: Rig, client: httpx.Client) -> None:
    """Where nothing was said before, nothing is said of it."""
    rig.person(CHAT, "es")
    rig.link(CHAT, LINK)
    press(client)
    rig.say(CHAT, "lo de hoy")

    page = html.unescape(client.get("/chat").text)
    assert "lo de hoy" in page
    assert catalogs().say("earlier.shut", "es") not in page


def test_a_link_opens_once(known: Rig, client: httpx.Client) -> None:
    """Before there is a PIN, whoever finds the link later finds it burnt, by looking and by pressing."""
    press(client)
    with httpx.Client(base_url=known.address, headers=OTHER) as thief:
        looked = thief.get(f"/l/{LINK}")
        pressed = thief.post(f"/l/{LINK}", data={"nonce": "1"})
        inside = thief.get("/chat")

    assert (looked.status_code, pressed.status_code, inside.status_code) == (410, 410, 403)
    assert "Esta liga ya se usó" in looked.text
    assert "This link has already been used" in looked.text
    assert "lo del agua" not in looked.text + pressed.text + inside.text


def test_a_link_pressed_twice_is_no_burnt_link(known: Rig, client: httpx.Client) -> None:
    """The second press of the same page leads in as the first did."""
    (form,) = Page(client.get(f"/l/{LINK}").text).forms
    before = {"cookie": f"__Host-hilo-joining={client.cookies['__Host-hilo-joining']}"}
    client.cookies.clear()

    answers = [client.post(form.action, data=form.fields, headers=before) for _ in range(2)]

    assert [answer.headers.get("location") for answer in answers] == ["/chat#end"] * 2
    first, second = (re.sub(r"expires=[^;]+", "", answer.headers["set-cookie"]) for answer in answers)
    assert first == second


def test_her_own_link_leads_back_where_it_is_open(known: Rig, browser: httpx.Client) -> None:
    """In the browser where her conversation is open the link simply leads there, and is not used up."""
    assert browser.get(f"/l/{LINK}").headers["location"] == "/chat#end"
    assert browser.post(f"/l/{LINK}", data={}).headers["location"] == "/chat#end"
    link = known.read(lambda unit: unit.web_links.find(LINK))
    assert link is not None
    assert link.opened_at is None


@pytest.mark.parametrize("used", [False, True])
def test_with_a_pin_the_link_asks_for_it(known: Rig, client: httpx.Client, used: bool) -> None:
    """Once she has a PIN every opening asks for it, the first one too; what is shown before says nothing of her."""
    if used:
        press(client)
        client.cookies.clear()
    known.lock(CHAT, *"4713")

    asked = client.get(f"/l/{LINK}")
    wrong = type_pin(client, "4714")
    blocked = client.get("/chat")
    right = type_pin(client, "47 13")

    assert "Escribe tu PIN" in asked.text
    assert "lo del agua" not in asked.text + wrong.text
    assert "Ese no es" in wrong.text
    assert blocked.status_code == 403
    assert right.headers["location"] == "/chat#end"
    assert ("lo del agua" in client.get("/chat").text) is not used  # opened without a PIN before, it is shut for good


def test_the_pin_brings_a_new_cookie(known: Rig, client: httpx.Client) -> None:
    """What a browser held before the PIN was given is not what opens the conversation after it."""
    client.get(f"/l/{LINK}")
    before = dict(client.cookies)
    known.lock(CHAT, *"4713")
    type_pin(client, "4713")

    assert client.cookies["__Host-hilo"] not in before.values()


@pytest.mark.parametrize("state", ["replaced", "expired", "never"])
def test_a_link_that_opens_nothing_says_so(
    known: Rig, client: httpx.Client, monkeypatch: pytest.MonkeyPatch, state: str
) -> None:
    """Replaced, too old or made up: the same page, which tells nothing of whether it ever was one."""
    code = LINK
    if state == "replaced":
        known.link(CHAT, LINK[::-1])
    elif state == "expired":
        known.ahead(days=15)
    else:
        code = "NEVER"

    shown, pressed = client.get(f"/l/{code}"), client.post(f"/l/{code}", data={})

    assert (shown.status_code, pressed.status_code) == (404, 404)
    assert "Esta liga ya no abre" in shown.text


def test_a_link_for_someone_without_a_web_chat_makes_one(rig: Rig, client: httpx.Client) -> None:
    """Who is known from elsewhere gets a conversation in the browser, which the bot begins."""
    rig.person("4711", "es", messenger="telegram")
    rig.link("4711", LINK, messenger="telegram")

    press(client)
    page = client.get("/chat").text

    chats = rig.read(lambda unit: unit.addresses.of(unit.people.at("telegram", "4711")))
    assert [messenger for _, messenger, _ in chats] == ["web", "telegram"]
    assert [(kept.chat, kept.text) for kept in rig.kept] == [(chats[0][2], "/start")]
    assert "Ya lo guardé." in page


@pytest.mark.parametrize("why", ["used", "ended", "revoked", "never"])
def test_codes_that_open_nothing_have_one_page(rig: Rig, client: httpx.Client, why: str) -> None:
    """Used, ended, taken back or made up: the same page, pressed or looked at, with one way for who was in before."""
    rig.person(CHAT, "es")
    if why == "used":
        rig.invited(CHAT, "7KQ2M9ABCD", uses=1)
    if why in {"ended", "revoked"}:
        rig.invite()
    if why == "ended":
        rig.ahead(days=31)
    if why == "revoked":
        rig.write_in(lambda unit: [unit.invites.revoke(each.id) for each in unit.invites.list()])
    answers = [client.get("/join/7KQ2M9ABCD"), client.post("/join/7KQ2M9ABCD", data={"nonce": "1"})]

    assert {each.status_code for each in answers} == {410}
    for each in answers:
        assert "Esta liga ya no abre" in each.text
        assert "Ya había entrado" in each.text
        assert 'href="/join/7KQ2M9ABCD/back"' in each.text
    assert rig.kept == []


def back(client: httpx.Client, code: str = "7KQ2M9ABCD", **given: str) -> httpx.Response:
    """Press [Ya había entrado] on the page of a code, and fill the form that it leads to."""
    assert "Ya había entrado" in client.get(f"/join/{code}").text
    form = next(f for f in Page(client.get(f"/join/{code}/back").text).forms if f.action == f"/join/{code}/back")
    return client.post(form.action, data=form.fields | {"do": "enter"} | given)


def test_the_same_invite_leads_back_by_the_pin(rig: Rig, client: httpx.Client) -> None:
    """Once used, an invite that was for one person asks for her PIN, without a nickname; what is hers is there."""
    rig.person(CHAT, "es")
    rig.say(CHAT, "lo del agua")
    rig.invited(CHAT, "7KQ2M9ABCD", uses=1)
    rig.lock(CHAT, *"4713")
    wrong = back(client, pin="4714")
    right = back(client, pin="4713")

    assert wrong.status_code == 403
    assert right.headers["location"] == "/chat#end"
    assert "lo del agua" in client.get("/chat").text


def requests(rig: Rig) -> int:
    """Count the open requests for a link."""
    return rig.read(lambda unit: len(unit.link_requests.open()))


def test_a_request_reaches_the_team_only_if_the_code_was_real(rig: Rig, client: httpx.Client) -> None:
    """A made-up code is answered in the same words, and reaches nobody."""

    def member(unit: Unit) -> None:
        cohort = unit.cohorts.add(clock.new_id(), "Sierra Norte", ("es",), None)
        person = unit.people.at("web", CHAT)
        assert person is not None
        unit.memberships.join(clock.new_id(), person.id, cohort.id)

    rig.person(CHAT, "es")
    rig.write_in(member)
    rig.invited(CHAT, "7KQ2M9ABCD", uses=1)
    false = back(client, "ZZZZZZZZZZ", do="ask")
    before = requests(rig)
    true = back(client, do="ask")

    assert (before, requests(rig)) == (0, 1)
    assert false.text == true.text
    assert "Anotado" in true.text


def test_a_shared_invite_asks_who_was_in_before(rig: Rig, client: httpx.Client) -> None:
    """Its page offers the way back beside the way in, so that nobody becomes a second person."""
    rig.invite()
    page = client.get("/join/7KQ2M9ABCD").text

    assert "Abrir mi conversación" in page
    assert 'href="/join/7KQ2M9ABCD/back"' in page


def test_an_invite_for_many_stays_one(rig: Rig, client: httpx.Client) -> None:
    """An invite for a group is nobody's: whoever says that it is her first time begins a conversation of her own."""
    rig.person(CHAT, "es")
    rig.invited(CHAT, "7KQ2M9ABCD", uses=20)
    rig.lock(CHAT, *"4713")

    press(client, "/join/7KQ2M9ABCD")

    (kept,) = rig.kept
    assert kept.text == "/start 7KQ2M9ABCD first"
    assert kept.chat != CHAT


def test_nobody_becomes_a_second_person_by_a_press(rig: Rig, client: httpx.Client) -> None:
    """The page asks whether it is the first time once somebody used the invite, also on a page opened before that."""
    rig.person(CHAT, "es")
    rig.invite()
    opened = client.get("/join/7KQ2M9ABCD").text
    (form,) = Page(opened).forms
    rig.write_in(lambda unit: unit.invites.use(unit.invites.list()[0].id, unit.people.at("web", CHAT).id))
    with httpx.Client(base_url=rig.address, headers=OTHER) as other:
        pressed = other.post(form.action, data=form.fields)

    assert "Es mi primera vez" not in opened
    assert (pressed.status_code, rig.kept) == (200, [])
    for words in ("Es mi primera vez", "It's my first time", "Ya había entrado"):
        assert words in html.unescape(pressed.text)
    assert 'href="/join/7KQ2M9ABCD/back"' in pressed.text
    press(client, "/join/7KQ2M9ABCD")
    assert [each.text for each in rig.kept] == ["/start 7KQ2M9ABCD first"]


def test_a_forgotten_nickname_reaches_the_team(rig: Rig, client: httpx.Client) -> None:
    """By a shared invite, what she remembers is noted for the team; a made-up code is answered alike, and is not."""
    other = "b2" * 10
    for chat in (CHAT, other):
        rig.person(chat, "es")
    rig.invite()
    for chat in (CHAT, other):
        rig.write_in(
            lambda unit, chat=chat: unit.invites.use(unit.invites.list()[0].id, unit.people.at("web", chat).id)
        )
    false = back(client, "ZZZZZZZZZZ", do="ask", remembered="  la de\nSan Juan ")
    true = back(client, do="ask", nickname="Lunita", remembered="  la de\nSan Juan ")

    assert [each.words for each in rig.read(lambda unit: unit.recollections.open())] == ["Lunita · la de San Juan"]
    assert false.text == true.text
    assert requests(rig) == 0


def test_a_personal_link_is_made_for_the_team_to_give(rig: Rig, client: httpx.Client) -> None:
    """It stands on the public address, opens her conversation, and is long enough that nobody guesses one."""
    rig.person(CHAT, "es")
    rig.say(CHAT, "lo del agua")

    link = rig.write_in(lambda unit: personal_link(unit, unit.people.at("web", CHAT), "https://hilo.example.org/"))
    press(client, urlsplit(link).path)

    assert re.fullmatch(r"https://hilo\.example\.org/l/[0-9A-HJKMNP-TV-Z]{20}", link)
    assert client.get("/chat").status_code == 200


def test_a_forgotten_pin_is_replaced_by_a_link(known: Rig, browser: httpx.Client, client: httpx.Client) -> None:
    """Made for someone who forgot her PIN, a link closes what is open, voids earlier links, and opens without it."""
    known.lock(CHAT, *"4713")
    link = known.write_in(
        lambda unit: personal_link(unit, unit.people.at("web", CHAT), "https://x.example", forget_pin=True)
    )

    assert browser.get("/chat").status_code == 403
    assert client.get(f"/l/{LINK}").status_code == 404
    assert press(client, urlsplit(link).path).status_code == 303
    assert "lo del agua" not in client.get("/chat").text


def test_a_page_leads_into_her_own_sms(known: Rig, client: httpx.Client) -> None:
    """Telegram opens no SMS from a button, so a page does: neutral words with the link, which stays unopened."""
    shown = client.get(f"/l/{LINK}/sms")
    body = parse_qs(html.unescape(shown.text).partition('href="sms:?')[2].partition('"')[0])["body"][0]
    opened = press(client)
    late = client.get(f"/l/{LINK}/sms")

    assert shown.status_code == 200
    assert body == catalogs().say("web.nudge", "es", link=f"{str(client.base_url).rstrip('/')}/l/{LINK}")
    assert opened.status_code == 303
    assert late.status_code == 404


@pytest.mark.parametrize("language", ["es", "en"])
def test_a_link_travels_by_the_facilitators_own_phone(language: str) -> None:
    """WhatsApp and SMS open with the same neutral text, the link whole in it; in practice there is nothing to send."""
    texts = catalogs()
    link = f"https://hilo.example.org/l/{LINK}?a=1&b=2"

    made = forward_links(texts, language, link)

    assert made is not None
    assert made.whatsapp.startswith("https://wa.me/?text=")
    assert made.sms.startswith("sms:?body=")
    assert parse_qs(urlsplit(made.whatsapp).query)["text"] == [made.text]
    assert parse_qs(made.sms.partition("?")[2])["body"] == [made.text]
    assert link in made.text
    assert not re.search("hilo|lider|leader|reflex|reflect|mujer|woman", made.text.replace(link, ""), re.IGNORECASE)
    assert forward_links(texts, language, link, practice=True) is None


@pytest.mark.parametrize("pin", [False, True])
def test_a_link_is_not_opened_behind_her_back(rig: Rig, client: httpx.Client, pin: bool) -> None:
    """Where she is known from elsewhere she is told there; not of what her own PIN opened."""
    rig.person("4711", "es", messenger="telegram")
    rig.link("4711", LINK, messenger="telegram")
    if pin:
        rig.lock("4711", *"9041", messenger="telegram")
        type_pin(client, "9041")
    else:
        press(client)

    told = rig.write_in(lambda unit: unit.outbox.claim(unit.now, unit.now + timedelta(minutes=1), 9))
    assert "__Host-hilo" in client.cookies
    said = [(row.chat, row.body["text"].partition(",")[0]) for row in told if row.messenger == "telegram"]
    assert said == ([] if pin else [("4711", "Alguien abrió tu conversación en un navegador")])
