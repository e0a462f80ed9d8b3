"""The chat page without its script: what it shows, what it takes, what it says when something does not go."""

import html
import threading
import time

import httpx
import pytest

from bot import clock
from bot.messengers.port import Button, Incoming, Kind, Outgoing
from bot.rendering.texts import catalogs
from storage.unit import Unit
from tests.bot.web.conftest import CHAT, TOKEN
from tests.bot.web.page import Page
from tests.bot.web.rig import Rig, answering, silent


def test_the_conversation_is_shown_with_edits_folded_in(rig: Rig, browser: httpx.Client) -> None:
    """A message shows its newest words and keyboard; her own words stand beside it; an edit is no message."""
    first = rig.say(CHAT, "¿Cómo andas?", "1 · Bajo", "2 · Alto")
    rig.say(CHAT, "más o menos", kind="echo")
    rig.say(CHAT, None, "✓ Anotado", edits=first)
    second = rig.say(CHAT, "Uno")
    rig.say(CHAT, "Dos", edits=second)

    answer = browser.get("/chat")
    page = Page(answer.text)

    assert answer.status_code == 200
    assert "¿Cómo andas?" in answer.text
    assert "más o menos" in answer.text
    assert "1 · Bajo" not in answer.text
    assert page.keyboard("✓ Anotado").fields["message"] == str(first)
    assert "Dos" in answer.text
    assert "Uno" not in answer.text
    assert answer.text.count('class="said') == 3
    assert page.composer.fields["seen"] == str(second + 1)


def test_only_the_newest_two_hundred_rows_are_shown(rig: Rig, browser: httpx.Client) -> None:
    """A long conversation opens at its end, and an edit of what is no longer shown harms nothing."""

    def fill(unit: Unit) -> None:
        for number in range(230):
            rig.write(unit, CHAT, f"palabra {number:03d}.")

    rig.call(rig.workers.write(fill))
    rig.say(CHAT, "cambiada", edits=2)

    text = browser.get("/chat").text

    assert text.count('class="said') == 199
    assert "palabra 030." not in text
    assert "palabra 031." in text
    assert "cambiada" not in text


def test_words_become_one_update_that_names_what_was_seen(rig: Rig, browser: httpx.Client) -> None:
    """Words carry an order just after the newest row she saw, so they belong to the question on her page."""
    rig.say(CHAT, "¿Qué pasó esta semana?")
    composer = Page(browser.get("/chat").text).composer
    seen = int(composer.fields["seen"])
    rig.say(CHAT, "Otra pregunta que no ha visto")

    answer = browser.post(composer.action, data=composer.written("Una línea\r\ny otra  "))

    assert (answer.status_code, answer.headers["location"]) == (303, "/chat#end")
    (kept,) = rig.kept
    assert (kept.messenger, kept.chat, kept.kind) == ("web", CHAT, Kind.TEXT)
    assert (kept.text, kept.order, kept.language) == ("Una línea\ny otra", seen + 1, "es")


def test_a_press_names_the_message_that_carried_the_button(rig: Rig, browser: httpx.Client) -> None:
    """A press carries the button's id and the row it stood under."""
    asked = rig.say(CHAT, "¿Cómo andas?", "1 · Bajo|2 · Alto")
    rig.say(CHAT, "algo más")
    form = Page(browser.get("/chat").text).keyboard("2 · Alto")

    browser.post(form.action, data=form.pressed("2 · Alto"))

    (kept,) = rig.kept
    assert (kept.kind, kept.button, kept.order, kept.callback) == (Kind.PRESS, "id:2 · Alto", asked, None)


def test_a_form_sent_twice_is_one_update(rig: Rig, browser: httpx.Client) -> None:
    """The same nonce with the same words counts once; other words under it are not lost, nor another chat's."""
    composer = Page(browser.get("/chat").text).composer
    sent = composer.written("lo del agua")

    for data in (sent, sent, sent | {"text": "lo del agua y la luz"}):
        assert browser.post("/chat", data=data).status_code == 303
    browser.cookies.clear()
    browser.cookies.set("__Host-hilo", "0a1b" * 10)
    rig.open("f" * 40, "0a1b" * 10)
    browser.post("/chat", data=sent)

    assert [(kept.chat, kept.text) for kept in rig.kept] == [
        (CHAT, "lo del agua"),
        (CHAT, "lo del agua y la luz"),
        ("f" * 40, "lo del agua"),
    ]


def test_a_plain_form_waits_for_the_answer(rig: Rig, browser: httpx.Client, patience: pytest.MonkeyPatch) -> None:
    """The redirect comes once the answer is there, so that the page shows it; her own words alone are none."""
    patience.undo()
    rig.script = silent
    composer = Page(browser.get("/chat").text).composer
    started = time.monotonic()
    browser.post("/chat", data=composer.written("nadie contesta"))
    waited = time.monotonic() - started
    rig.script = answering
    started = time.monotonic()
    browser.post("/chat", data=composer.written("alguien contesta"))

    assert waited > 1
    assert time.monotonic() - started < 1
    assert "Ya lo guardé." in browser.get("/chat").text


def test_a_plain_form_waits_for_the_whole_answer(rig: Rig, browser: httpx.Client, patience: pytest.MonkeyPatch) -> None:
    """Where several messages answer, the page comes once the last one is there."""
    patience.undo()

    def slowly(rig: Rig, unit: Unit, incoming: Incoming) -> None:
        rig.write(unit, CHAT, "Uno.")
        row = unit.outbox.put(clock.new_id(), None, "web", CHAT, "message", 0, Outgoing(CHAT, "Dos.").to_dict())
        threading.Timer(
            0.6, lambda: rig.write_in(lambda later: later.outbox.sent(row, row, later.now, keep=True))
        ).start()

    rig.script = slowly
    composer = Page(browser.get("/chat").text).composer
    browser.post("/chat", data=composer.written("cuenta"))

    assert "Dos." in browser.get("/chat").text


@pytest.mark.parametrize(
    ("text", "sentence"), [("   ", "Falta el mensaje"), ("x" * 20_001, "Es mucho para un solo mensaje: caben 20,000")]
)
def test_words_that_cannot_go_are_kept_on_the_page(rig: Rig, browser: httpx.Client, text: str, sentence: str) -> None:
    """Nothing and too much are answered kindly, her words still in the field; what is too much is only looked at."""
    composer = Page(browser.get("/chat").text).composer

    answer = browser.post("/chat", data=composer.written(text))

    assert answer.status_code == 422
    assert sentence in answer.text
    assert Page(answer.text).area.strip() == text.strip()
    assert [each.kind for each in rig.kept] == ([Kind.UNTAKEN] if text.strip() else [])


def test_the_longest_words_go(rig: Rig, browser: httpx.Client) -> None:
    """Twenty thousand letters are taken, whatever they weigh."""
    composer = Page(browser.get("/chat").text).composer

    answer = browser.post("/chat", data=composer.written("ñ" * 20_000))

    assert answer.status_code == 303
    assert rig.kept[0].text == "ñ" * 20_000


def test_words_nobody_keeps_come_back(rig: Rig, browser: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the poll loop is dead the page says so and keeps the words and the nonce: sent again, they count once."""
    monkeypatch.setattr("bot.messengers.web.WebMessenger.hand_over.__defaults__", (0.3,))
    rig.polling = False
    composer = Page(browser.get("/chat").text).composer

    failed = browser.post("/chat", data=composer.written("no te pierdas"))
    again = Page(failed.text)
    rig.polling = True
    browser.post("/chat", data=again.composer.written(again.area))

    assert failed.status_code == 503
    assert "toca la flecha para mandarlo otra vez" in failed.text
    assert again.area == "no te pierdas"
    assert again.composer.fields["nonce"] == composer.fields["nonce"]
    assert [kept.text for kept in rig.kept] == ["no te pierdas"]


def test_the_script_gets_no_page(rig: Rig, browser: httpx.Client) -> None:
    """A script's post is answered at once, or with the sentence alone."""
    composer = Page(browser.get("/chat").text).composer
    wants = {"accept": "application/json"}

    kept = browser.post("/chat", data=composer.written("sí"), headers=wants)
    empty = browser.post("/chat", data=composer.written(" "), headers=wants)
    browser.cookies.clear()
    nowhere = browser.post("/chat", data=composer.written("sí"), headers=wants)

    assert (kept.status_code, kept.content) == (204, b"")
    assert (empty.status_code, empty.json()["note"][:16]) == (422, "Falta el mensaje")
    assert (nowhere.status_code, nowhere.json()["note"][:17]) == (403, "Esta conversación")


@pytest.mark.parametrize("broken", [{"nonce": ""}, {"seen": "-1"}, {"seen": ""}, {"seen": "9" * 40}, {"message": "x"}])
def test_a_form_that_is_none_of_ours_is_not_handed_over(
    rig: Rig, browser: httpx.Client, broken: dict[str, str]
) -> None:
    """What no page of ours could have sent is refused with a page that works."""
    composer = Page(browser.get("/chat").text).composer

    answer = browser.post("/chat", data=composer.written("hola") | broken)

    assert answer.status_code == 400
    assert Page(answer.text).composer.fields["nonce"]
    assert rig.kept == []


@pytest.mark.parametrize(
    ("accepted", "chosen", "tag", "word"),
    [
        ("en-GB,en;q=0.9", None, "en", "Write here"),
        ("pt-BR,en;q=0.3,es;q=0.7", None, "es", "Escribe aquí"),
        ("fr", None, "es", "Escribe aquí"),
        ("es", "en", "en", "Write here"),
        ("en", "es-usted", "es", "Escriba aquí"),
        ("en", "nhe", "nhe", "Escribe aquí"),
    ],
)
def test_the_page_speaks_her_language(
    rig: Rig, browser: httpx.Client, accepted: str, chosen: str | None, tag: str, word: str
) -> None:
    """The page's language is the person's, else the browser's, and what is in another language says so."""
    if chosen:
        rig.person(CHAT, chosen)
    rig.say(CHAT, "Primera", language="zap")

    text = browser.get("/chat", headers={"accept-language": accepted}).text

    assert Page(text).language == tag
    assert word in text
    assert 'lang="zap">' in text


def test_words_cannot_become_markup(rig: Rig, browser: httpx.Client) -> None:
    """What people and dialogs say is text: tags stay visible words, and only plain links become links."""
    rig.say(CHAT, "<b>x</b> https://example.org/a?b=1", '"><script>', what="team:1")
    rig.say(CHAT, "</textarea><script>alert(1)</script>", kind="echo")

    text = browser.get("/chat").text

    assert "<b>" not in text
    assert text.count("<script") == text.count('<script src="/static/') == 4  # the page's own files, and nothing else
    assert '<a href="https://example.org/a?b=1" rel="noopener noreferrer" target="_blank">' in text


def test_an_address_in_somebodys_words_is_no_link(rig: Rig, browser: httpx.Client) -> None:
    """Whoever of the team reads them tells nobody by a press that they did; Hilo's own links stay links."""
    own = "https://t.me/hilo_bot?start=ABC"
    rig.say(CHAT, f"Colibrí: míralo en https://evil.example/x <b> www.evil.example ana@evil.example\n{own}")
    text = browser.get("/chat").text

    assert "https://evil.example/x &lt;b&gt; www.evil.example" in text
    assert 'href="https://evil' not in text
    assert 'href="mailto' not in text
    assert f'<a href="{own}"' in text


def test_nobody_reads_another_chat(rig: Rig, browser: httpx.Client) -> None:
    """Each cookie opens its own conversation only."""
    rig.say("f" * 40, "de otra persona")

    assert "de otra persona" not in browser.get("/chat").text


@pytest.mark.parametrize("cookie", [None, "corta", "G" * 40, "f" * 40])
def test_without_a_conversation_the_page_says_how_to_open_one(client: httpx.Client, cookie: str | None) -> None:
    """Without a cookie that opens something, the page leads back in the browser's language: PIN, link or invite."""
    if cookie:
        client.cookies.set("__Host-hilo", cookie)

    shown = client.get("/chat")
    posted = client.post("/chat", data={"text": "hola", "nonce": "1", "seen": "0"})
    heard = client.get("/chat/events")

    assert [shown.status_code, posted.status_code] == [403, 403]
    assert (heard.status_code, heard.text) == (200, "event: lock\ndata: \n\n")
    for language in ("es", "en"):
        answer = client.get("/chat", headers={"accept-language": language})
        assert answer.status_code == 403
        for code in ("web.enter.title", "web.enter.ask", "web.enter.invited"):
            assert html.escape(catalogs().say(code, language)) in answer.text


def test_a_link_from_elsewhere_is_followed_once_more_from_here(browser: httpx.Client) -> None:
    """A link on another site brings no cookie along; the page it reaches opens the chat from here."""
    browser.cookies.clear()

    answer = browser.get("/chat", headers={"sec-fetch-site": "cross-site"})

    assert answer.status_code == 200
    assert 'content="0; url=/chat#end"' in answer.text


def test_the_cookie_is_renewed_while_it_is_used(browser: httpx.Client) -> None:
    """Each visit keeps the conversation open for another 400 days."""
    cookie = browser.get("/chat").headers["set-cookie"]

    assert cookie.startswith(f"__Host-hilo={TOKEN}; HttpOnly; Max-Age=34560000; Path=/; SameSite=strict")


def test_a_button_with_an_address_is_a_link(rig: Rig, browser: httpx.Client) -> None:
    """It opens by itself, beside the others, which stay buttons of the form."""
    keys = ((Button("Abrir", "", "https://wa.me/?text=a%26b"),), (Button("Menú", "id:menu"),))

    def put(unit: Unit) -> None:
        body = Outgoing(CHAT, "¿A quién?", keys).to_dict()
        seq = unit.outbox.put(clock.new_id(), unit.people.at("web", CHAT), "web", CHAT, "message", 0, body)
        unit.outbox.sent(seq, seq, unit.now, keep=True)

    rig.call(rig.workers.write(put))
    text = browser.get("/chat").text

    assert '<a class="key" href="https://wa.me/?text=a%26b" target="_blank" rel="noreferrer">Abrir</a>' in text
    assert "Menú" in Page(text).keyboard("Menú").buttons
    assert "Abrir" not in Page(text).keyboard("Menú").buttons


def test_a_browsers_zone_is_noted_where_its_hour_is_another(rig: Rig, browser: httpx.Client) -> None:
    """What is no place's zone is left out, and so is what a stranger says; behind the PIN nothing is noted."""
    assert browser.post("/chat/zone", data={"zone": "America/Tijuana"}).status_code == 204
    rig.person(CHAT, "es")
    page = browser.get("/chat").text

    def seen(unit: Unit) -> object:
        person = unit.people.at("web", CHAT)
        assert person is not None
        return person.preferences.get("zone_seen")

    assert 'data-zone="America/Mexico_City"' in page
    for given in ({"zone": "Etc/UTC"}, {"zone": "<b>"}, {}, {"zone": "Mexico/General"}):
        assert browser.post("/chat/zone", data=given).status_code == 204
    assert rig.read(seen) is None
    rig.lock(CHAT, *"4713")
    browser.post("/chat/lock")
    browser.post("/chat/zone", data={"zone": "America/Tijuana"})
    assert rig.read(seen) is None
    browser.post("/chat/unlock", data={"kind": "digits", "pin": "4713"})
    browser.post("/chat/zone", data={"zone": "America/Tijuana"})

    assert rig.read(seen) == "America/Tijuana"
