"""Whoever has only the page comes back to it: by nickname and PIN, or by asking the team for a link. Without script."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from bot import clock
from bot.rendering.texts import catalogs
from bot.services.links import Site
from storage.unit import Unit
from tests.bot.web.page import Form, Page
from tests.journeys.bot import Bot, awake
from tests.journeys.hands import WebHand

SIERRA = "Sierra Norte"
PIN = "9041"
WRONG = catalogs().say("web.enter.wrong", "es")
ASKED = catalogs().say("web.asked.text", "es")
OPEN: list[WebHand] = []  # browsers to be closed
KITE = ("sun", "fish", "boat", "key")


@pytest.fixture
def bot(tmp_path: Path) -> Iterator[Bot]:
    """A bot that is awake, on the web chat alone."""
    with awake(tmp_path, "ptb", None) as it:
        it.running.app.turns.site = Site(it.address)
        yield it
        while OPEN:
            OPEN.pop().close()


@pytest.fixture
def stranger(bot: Bot) -> Iterator[httpx.Client]:
    """A browser in which nothing is open."""
    with httpx.Client(base_url=bot.address, headers={"accept-language": "es-MX"}) as it:
        yield it


def joined(bot: Bot, nickname: str = "Luna") -> WebHand:
    """Let a leader come in by an invite, in a browser."""
    hand = WebHand(bot, "es")
    OPEN.append(hand)
    hand.start(bot.invite(SIERRA))
    hand.press("1 · Español")
    hand.press("Sí, quiero participar")
    hand.say(nickname)
    return hand


def locked(hand: WebHand, kind: str = "digits") -> None:
    """Choose a PIN, on the pages that are for that."""
    client = hand._client
    if kind == "digits":
        client.post("/chat/pin", data={"kind": kind, "pin": PIN, "again": PIN})
        return
    picked = ".".join(KITE)
    client.post("/chat/pin", data={"kind": kind, "picked": picked})
    client.post("/chat/pin", data={"kind": kind, "picked": picked, "first": picked})


def way_back(client: httpx.Client, path: str = "/") -> Form:
    """Return the form of the page's own address."""
    return next(form for form in Page(client.get(path).text).forms if form.action == "/enter")


def enter(client: httpx.Client, nickname: str, pin: str = PIN) -> httpx.Response:
    """Give a nickname and a PIN."""
    form = way_back(client)
    return client.post(form.action, data=form.pressed("Entrar") | {"nickname": nickname, "pin": pin})


def facilitator(bot: Bot) -> WebHand:
    """Let a facilitator of the group come in, in a browser."""
    code = clock.new_code()

    def work(unit: Unit) -> None:
        cohort = unit.cohorts.by_name(SIERRA)
        assert cohort is not None
        unit.invites.create(clock.new_id(), code, "facilitator", cohort.id, 1, None, None)

    bot.write(work)
    hand = WebHand(bot, "es")
    OPEN.append(hand)
    hand.start(code)
    hand.press("1 · Español")
    hand.say("Ana")
    return hand


@pytest.mark.parametrize("said", ["Luna del Rio", "LUNA  DEL RÍO"])
def test_she_comes_in_by_nickname_and_pin(bot: Bot, stranger: httpx.Client, said: str) -> None:
    """In another browser the page's address asks for both; accents and capitals do not count."""
    hand = joined(bot, "Luna del Río")
    locked(hand)
    inside = enter(stranger, said)

    assert (inside.status_code, inside.headers["location"]) == (303, "/chat#end")
    assert "Luna del Río" in stranger.get("/chat").text
    assert stranger.get("/").headers["location"] == "/chat#end"


def test_she_comes_in_by_pictures(bot: Bot, stranger: httpx.Client) -> None:
    """Pictures are tapped one after the other, and the nickname stays where it was written."""
    locked(joined(bot), "pictures")
    form, picked = way_back(stranger, "/enter?kind=pictures"), ""
    for name in KITE:
        answer = stranger.post("/enter", data=form.fields | {"nickname": "Luna", "picked": picked, "pick": name})
        if answer.status_code == 200:
            form = next(form for form in Page(answer.text).forms if form.action == "/enter")
            picked = form.fields["picked"]
            assert form.fields["nickname"] == "Luna"

    assert answer.headers["location"] == "/chat#end"


def test_nobody_learns_who_takes_part(bot: Bot, stranger: httpx.Client) -> None:
    """A wrong PIN, no PIN, a name nobody has and a PIN that rests are all answered with the same words."""
    locked(joined(bot))
    joined(bot, "Ceiba")
    told = [enter(stranger, nickname, "1357") for nickname in ("Luna", "Ceiba", "Nadie", *["Luna"] * 4)]
    # Even the right one is not let in, nor told apart, while it rests after so many wrong tries.
    told.append(enter(stranger, "Luna"))

    assert {each.status_code for each in told} == {403}
    assert all(WRONG in each.text for each in told)
    assert len({each.text.replace("Luna", "").replace("Ceiba", "").replace("Nadie", "") for each in told}) == 1


def test_she_asks_for_her_link_and_the_team_is_told(bot: Bot, stranger: httpx.Client) -> None:
    """The team sees whose, is asked whether it is really her, and gives the link; a name nobody has reaches nobody."""
    joined(bot)
    ana = facilitator(bot)
    form = way_back(stranger, "/chat")
    for nickname in ("luna", "Nadie"):
        answer = stranger.post(form.action, data=form.pressed("Pedir mi liga") | {"nickname": nickname})
        assert ASKED in answer.text
    ana.say("/menu")
    assert "Una petición de liga" in ana.screen()[-1].text
    ana.press("Atender")
    ana.press("Peticiones de liga")
    ana.press("Luna · hoy")
    assert "Puede ser otra persona" in ana.screen()[-1].text
    ana.press("Ya lo confirmé: darle su liga")
    link = ana.screen()[-1].text.rpartition(" ")[2]
    opened = Page(stranger.get(link).text).forms[0]
    stranger.post(opened.action, data=opened.fields)
    ana.say("/menu")

    assert "petición de liga" not in ana.screen()[-1].text
    assert catalogs().say("earlier.shut", "es") in stranger.get("/chat").text


def test_a_request_can_be_turned_down(bot: Bot, stranger: httpx.Client) -> None:
    """Without a link nothing opens, and asked for again it is there again."""
    joined(bot)
    ana = facilitator(bot)
    for _ in range(2):
        form = way_back(stranger)
        stranger.post(form.action, data=form.pressed("Pedir mi liga") | {"nickname": "Luna"})
        ana.say("/menu")
        ana.press("Atender")
        ana.press("Peticiones de liga")
        ana.press("Luna · hoy")
        ana.press("No darla")
        assert "Nadie está pidiendo su liga." in ana.screen()[-1].text

    assert bot.read(lambda unit: unit.connection.exec_driver_sql("SELECT count(*) FROM web_links").scalar()) == 0


def test_a_form_without_a_name_is_asked_again(bot: Bot, stranger: httpx.Client) -> None:
    """Neither try nor request is counted for nobody."""
    joined(bot)
    form = way_back(stranger)
    told = [stranger.post(form.action, data=form.pressed(label)) for label in ("Entrar", "Pedir mi liga")]

    assert {each.status_code for each in told} == {422}


def test_the_sms_page_knows_nobody(bot: Bot, stranger: httpx.Client) -> None:
    """It opens the messages app with the neutral text and the page's address, and nothing more."""
    joined(bot)
    shown = stranger.get("/sms?language=en").text

    assert "sms:?body=Hi.%20There%20is%20something%20for%20you" in shown
    assert "Luna" not in shown


def shut_out(bot: Bot) -> WebHand:
    """Let somebody who answered and wrote come back by a link that the team gave, without a PIN; returns her hand."""
    before = joined(bot)
    before.press("Mejor ahora")
    before.press("1 · Leer y escribir")
    before.say("/team")
    before.say("Lo del potrero de arriba")
    ana = facilitator(bot)
    after = WebHand(bot, "es")
    OPEN.append(after)
    form = way_back(after._client)
    after._client.post(form.action, data=form.pressed("Pedir mi liga") | {"nickname": "Luna"})
    ana.say("/menu")
    for label in ("Atender", "Peticiones de liga", "Luna · hoy", "Ya lo confirmé: darle su liga"):
        ana.press(label)
    opened = Page(after._client.get(ana.screen()[-1].text.rpartition(" ")[2]).text).forms[0]
    after._sent(after._client.post(opened.action, data=opened.fields))
    return after


@pytest.mark.proof
def test_behind_the_shut_door_nothing_earlier_is_shown(bot: Bot) -> None:
    """Her answers and messages are named as shut, and not as none; what she says from then on she can see."""
    luna, says = shut_out(bot), catalogs().say
    luna.say("/mydata")
    luna.press("Sí, verlo")
    assert luna.screen()[-1].text == says("leader.mine.shut", "es")
    luna.say("/team")
    luna.press("El equipo y tú")
    assert luna.screen()[-1].text == says("spoken.shut", "es")
    luna.press("Escribirle al equipo")
    luna.say("Ya ando de vuelta")
    luna.say("/team")
    luna.press("El equipo y tú")

    assert "Ya ando de vuelta" in luna.screen()[-1].text
    assert "potrero" not in luna._client.get("/chat").text


@pytest.mark.parametrize("what", ["messages", pytest.param("everything", marks=pytest.mark.proof)])
def test_what_is_shut_can_be_erased(bot: Bot, what: str) -> None:
    """She sees none of it and can erase it all the same: her messages alone, or everything."""
    luna = shut_out(bot)
    if what == "messages":
        luna.say("/team")
        for label in ("El equipo y tú", "Borrar estos mensajes", "Sí, bórralo"):
            luna.press(label)
    else:
        luna.say("/erase")
        for label in ("Borrar todo lo mío", "Sí, borra todo"):
            luna.press(label)

    counts = "SELECT (SELECT count(*) FROM messages), (SELECT count(*) FROM answers)"
    left = bot.read(lambda unit: tuple(unit.connection.exec_driver_sql(counts).one()))

    assert left == ((0, 1) if what == "messages" else (0, 0))
