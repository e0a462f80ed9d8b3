"""Locks: choosing a PIN, being asked for it, wrong tries, and leaving quickly."""

import re
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from bot.web import pins
from bot.web.pins import PICTURES, PinInput, hash_pin, problem, verify_pin
from storage.web_pins import Pin
from tests.bot.web.conftest import CHAT, COOKIE, TOKEN, Phones
from tests.bot.web.page import Page
from tests.bot.web.rig import Rig

FOUR = ("sun", "fish", "key", "hill")


@pytest.fixture
def known(rig: Rig) -> Rig:
    """Someone known in CHAT, who has said something."""
    rig.person(CHAT, "es")
    rig.say(CHAT, "lo del agua", kind="echo")
    return rig


@pytest.fixture
def locked(known: Rig) -> Rig:
    """The same, with a PIN of digits."""
    known.lock(CHAT, *"4713")
    return known


def unlock(browser: httpx.Client, pin: str = "4713", **more: str) -> httpx.Response:
    """Give the PIN."""
    return browser.post("/chat/unlock", data={"kind": "digits", "pin": pin} | more)


@pytest.mark.parametrize(
    ("given", "refused"),
    [
        (PinInput("digits", tuple("4713")), None),
        (PinInput("digits", tuple("47134713")), None),
        (PinInput("digits", tuple("471")), "pin.length"),
        (PinInput("digits", tuple("471347134")), "pin.length"),
        (PinInput("digits", tuple("47a3")), "pin.length"),
        (PinInput("digits", tuple("٤٧١٣")), "pin.length"),
        (PinInput("digits", tuple("1212")), "pin.easy.digits"),
        (PinInput("digits", tuple("0000")), "pin.easy.digits"),
        (PinInput("digits", tuple("3456")), "pin.easy.digits"),
        (PinInput("digits", tuple("87654321")), "pin.easy.digits"),
        (PinInput("pictures", FOUR), None),
        (PinInput("pictures", ("sun", "sun", "fish", "fish")), "pin.easy.pictures"),
        (PinInput("pictures", PICTURES[4:8]), "pin.easy.pictures"),
        (PinInput("pictures", PICTURES[9:5:-1]), "pin.easy.pictures"),
    ],
)
def test_a_pin_is_hard_to_guess(given: PinInput, refused: str | None) -> None:
    """Digits and pictures have the same rules: three different ones at least, and not in a row."""
    assert problem(given) == refused


def test_a_pin_is_kept_as_a_slow_salted_hash(patience: pytest.MonkeyPatch) -> None:
    """The same PIN is kept in two ways; only itself, of its own kind, is right."""
    given = PinInput("digits", tuple("4713"))
    patience.undo()  # at its whole cost: each guess takes sixteen megabytes
    assert pins.COST * pins.BLOCK * 128 >= 16 * 2**20
    kept = [hash_pin(given) for _ in range(2)]
    pin = Pin("digits", *kept[0])

    assert kept[0] != kept[1]
    assert len(set(PICTURES)) == 16
    assert verify_pin(given, pin)
    assert not verify_pin(PinInput("digits", tuple("4714")), pin)
    assert not verify_pin(PinInput("pictures", tuple("4713")), pin)


def test_digits_are_chosen_twice(known: Rig, browser: httpx.Client) -> None:
    """A PIN given twice alike is kept, and the page shows once the link that leads back."""
    form = Page(browser.get("/chat/pin").text).keyboard("Guardar")
    differ = browser.post(form.action, data=form.fields | {"pin": "4713", "again": "4731"})
    easy = browser.post(form.action, data=form.fields | {"pin": "1234", "again": "1234"})
    kept = browser.post(form.action, data=form.fields | {"pin": "4713", "again": "4713"})
    (path,) = re.findall(r"http://127\.0\.0\.1:\d+(/l/\w{20})", kept.text)

    assert [each.status_code for each in (differ, easy, kept)] == [422, 422, 200]
    assert "La segunda vez no salió igual" in differ.text
    assert "Ese lo adivina cualquiera" in easy.text
    assert browser.get("/chat").status_code == 200
    with httpx.Client(base_url=known.address, headers={"accept-language": "es-MX"}) as other:
        assert "Escribe tu PIN" in other.get(path).text
        assert other.post(path, data={"kind": "digits", "pin": "4713"}).headers["location"] == "/chat#end"
        assert "lo del agua" in other.get("/chat").text


def test_pictures_are_chosen_press_by_press(known: Rig, browser: httpx.Client) -> None:
    """Without a script each press is a form: four, the same four once more; the last one can be taken back."""
    answer = browser.get("/chat/pin?kind=pictures")

    def press(name: str) -> httpx.Response:
        form = next(form for form in Page(answer.text).forms if form.action == "/chat/pin")
        return browser.post(form.action, data=form.fields | {"pick": name})

    for name in (*FOUR[:2], "moon", "back", *FOUR[2:]):
        answer = press(name)
    asked_again = answer.text
    for name in FOUR[:3]:
        answer = press(name)
    counted = answer.text
    answer = press(FOUR[3])
    known.ahead(minutes=11)
    answer = browser.get("/chat")
    shown = answer.text
    for name in FOUR:
        form = next(form for form in Page(answer.text).forms if form.action == "/chat/unlock")
        answer = browser.post(form.action, data=form.fields | {"pick": name})

    assert "Otra vez, por favor" in asked_again
    assert "3 de 4" in counted
    assert "Toca tus cuatro dibujos" in shown
    assert answer.headers["location"] == "/chat#end"
    assert "lo del agua" in browser.get("/chat").text


def test_a_second_choice_that_differs_begins_anew(known: Rig, browser: httpx.Client) -> None:
    """Other pictures the second time are no PIN."""
    picked = ".".join(FOUR)
    answer = browser.post("/chat/pin", data={"kind": "pictures", "first": picked, "picked": "sun.moon.key.cup"})

    assert answer.status_code == 422
    assert "La segunda vez no salió igual" in answer.text
    assert not known.read(lambda unit: unit.web_pins.exists(unit.people.at("web", CHAT).id))


@pytest.mark.parametrize("path", ["/chat", "/chat/events?after=0", "/chat/pin", "/chat/media/" + "a" * 32])
def test_after_ten_minutes_nothing_is_served(locked: Rig, browser: httpx.Client, path: str) -> None:
    """Ten minutes without use, and no page of the conversation gives a word of it away, until the PIN is given."""
    open_ = browser.get("/chat").text
    locked.ahead(minutes=11)

    answer = browser.get(path)

    assert "lo del agua" in open_
    assert "lo del agua" not in answer.text
    assert unlock(browser).headers["location"] == "/chat#end"
    assert "lo del agua" in browser.get("/chat").text


def test_use_keeps_it_open(locked: Rig, browser: httpx.Client) -> None:
    """Whoever reads or writes is not asked: the page says that someone is there."""
    for _ in range(3):
        locked.ahead(minutes=8)
        assert browser.post("/chat/here").status_code == 204
    assert "lo del agua" in browser.get("/chat").text
    locked.ahead(minutes=11)

    assert browser.post("/chat/here").status_code == 423
    assert "Está con llave" in browser.get("/chat").text


def test_a_page_without_script_hides_itself(known: Rig, browser: httpx.Client) -> None:
    """Without JavaScript too an idle page of someone with a PIN is gone after ten minutes; others stay."""
    hides = '<noscript><meta http-equiv="refresh" content="600; url=/chat"></noscript>'
    before = browser.get("/chat").text
    known.lock(CHAT, *"4713")

    assert hides not in before
    assert hides in browser.get("/chat").text


def test_without_a_pin_nobody_is_asked(known: Rig, browser: httpx.Client) -> None:
    """Who chose none stays in her conversation, in this browser."""
    known.ahead(days=30)

    assert "lo del agua" in browser.get("/chat").text


def test_words_written_before_the_lock_are_not_lost(locked: Rig, browser: httpx.Client) -> None:
    """What was sent too late waits behind the lock, and is in the field once the PIN is given."""
    composer = Page(browser.get("/chat").text).composer
    locked.ahead(minutes=11)

    plain = browser.post("/chat", data=composer.written("algo largo que costó escribir"))
    scripted = browser.post("/chat", data=composer.written("más"), headers={"accept": "application/json"})
    browser.post("/chat", data=composer.written("algo largo que costó escribir"))
    unlock(browser)
    page = Page(browser.get("/chat").text)

    assert "Está con llave" in plain.text
    assert "algo largo" not in plain.text
    assert scripted.status_code == 423
    assert page.area == "algo largo que costó escribir"
    assert Page(browser.get("/chat").text).area == ""
    assert locked.kept == []


def test_she_locks_it_herself(locked: Rig, browser: httpx.Client) -> None:
    """One press on the lock, and it is asked for at once; the draft comes back with it."""
    answer = browser.post("/chat/lock", data={"text": "a medias"})

    assert answer.headers["location"] == "/chat"
    assert "lo del agua" not in browser.get("/chat").text
    unlock(browser)
    assert Page(browser.get("/chat").text).area == "a medias"


def test_wrong_tries_slow_down_and_then_rest(locked: Rig, browser: httpx.Client) -> None:
    """The third and fourth wrong try cost seconds, the fifth a quarter of an hour; the right one then opens it."""
    browser.post("/chat/lock")
    told = []
    for pause in (0, 0, 0, 11, 31):
        locked.ahead(seconds=pause)
        told.append(unlock(browser, "9286").text)
    during = unlock(browser)
    locked.ahead(minutes=16)
    after = unlock(browser)

    assert ["Prueba otra vez, con calma" in text for text in told] == [True, True, False, False, False]
    assert "Espera 10 segundos" in told[2] or "Espera 11 segundos" in told[2]
    assert "Espera 15 minutos" in told[4]
    assert during.status_code == 200
    assert "Todavía no: espera 15 minutos" in during.text
    assert after.status_code == 303
    trail = locked.read(lambda unit: [entry.action for entry in unit.audit.list()])
    assert trail.count("pin.wrong") == 1
    assert told_of_tries(locked) == [5]


def told_of_tries(locked: Rig) -> list[int]:
    """Return of how many wrong tries she is told in her conversation, message by message."""
    said = locked.call(
        locked.workers.write(lambda unit: [row.body for row in unit.outbox.claim(unit.now, unit.now, 9)])
    )
    assert all(body["keyboard"] for body in said)
    return [int(re.search(r"tu PIN (\d+) veces", body["text"])[1]) for body in said]  # type: ignore[index]  # or it fails


def test_a_slip_of_the_finger_is_no_news(locked: Rig, browser: httpx.Client) -> None:
    """After one or two wrong tries nothing is said of them."""
    browser.post("/chat/lock")
    for pin in ("9286", "9285", "4713"):
        unlock(browser, pin)

    assert told_of_tries(locked) == []


def test_many_tries_at_once_are_no_way_around(locked: Rig, browser: httpx.Client) -> None:
    """Each try counts before anyone knows whether it is right: of twenty at the same time three are looked at."""
    browser.post("/chat/lock")
    seen: list[str] = []

    def guess(number: int) -> None:
        with httpx.Client(base_url=locked.address, cookies={COOKIE: TOKEN}) as one:
            seen.append(unlock(one, f"{9120 + number}").text)

    with ThreadPoolExecutor(20) as many:
        list(many.map(guess, range(20)))
    tries = locked.read(lambda unit: unit.web_pins.tries(unit.people.at("web", CHAT).id, "phone"))

    assert tries.wrong == 3
    assert len(seen) == 20


def test_a_right_one_begins_to_count_anew(locked: Rig, browser: httpx.Client) -> None:
    """Two wrong ones, a right one, two wrong ones: nobody has to wait."""
    browser.post("/chat/lock")
    for pin in ("9286", "9286", "4713", "9286", "9286"):
        answer = unlock(browser, pin)

    assert "con calma" in answer.text


def test_changing_the_pin_takes_the_pin(locked: Rig, browser: httpx.Client) -> None:
    """Whoever finds the page open cannot change the PIN: it is asked for first, and then for five minutes may be."""
    asked = browser.get("/chat/pin")
    refused = browser.post("/chat/pin", data={"kind": "digits", "pin": "8520", "again": "8520"})
    led = unlock(browser, then="pin")
    changed = browser.post("/chat/pin", data={"kind": "digits", "pin": "8520", "again": "8520"})
    browser.post("/chat/lock")

    assert "Está con llave" in asked.text
    assert "Está con llave" in refused.text
    assert led.headers["location"] == "/chat/pin"
    assert "Ya tiene llave" in changed.text
    assert "Ese no es" in unlock(browser, "4713").text
    assert unlock(browser, "8520").status_code == 303


def test_leaving_leaves_nothing(known: Rig, browser: httpx.Client) -> None:
    """The conversation is closed for good, cookies and all that was kept are cleared, and the page is a calendar."""
    form = Page(browser.get("/chat").text).keyboard("Salir rápido")
    left = browser.post(form.action)
    away = browser.get(left.headers["location"])
    again = browser.get("/chat", headers={"cookie": f"{COOKIE}={TOKEN}"})
    heard = browser.get("/chat/events", headers={"cookie": f"{COOKIE}={TOKEN}"})

    assert left.headers["clear-site-data"] == '"cache", "storage"'
    assert {line.partition("=")[0] for line in left.headers.get_list("set-cookie")} == {
        COOKIE,
        f"{COOKIE}-joining",
    }
    assert all("Max-Age=0" in line for line in left.headers.get_list("set-cookie"))
    assert "Hilo" not in away.text
    assert re.search(r"<title>\w+ (de )?\d{4}</title>", away.text)
    assert again.status_code == 403
    assert "lo del agua" not in again.text + heard.text


@pytest.mark.parametrize("state", ["locked", "gone"])
def test_leaving_always_works(locked: Rig, browser: httpx.Client, state: str) -> None:
    """From the lock too, and where nothing is open any more."""
    browser.post("/chat/lock" if state == "locked" else "/chat/leave")

    left = browser.post("/chat/leave", headers={"accept": "application/json"})

    assert (left.status_code, left.headers["clear-site-data"]) == (204, '"cache", "storage"')
    assert browser.get("/chat").status_code == 403


def test_the_shut_door_keeps_the_way_to_support(locked: Rig, browser: httpx.Client) -> None:
    """From the lock one press shows where to turn, with nothing of the conversation, and goes back by itself."""
    locked.call(
        locked.workers.write(lambda unit: unit.organisation.set({"care_card": {"es": "Llama a Rosa: 55 1234"}}))
    )
    browser.post("/chat/lock")
    shut = browser.get("/chat").text
    card = browser.get("/chat/support")

    assert 'href="/chat/support"' in shut
    assert "Llama a Rosa: 55 1234" in card.text
    assert "lo del agua" not in card.text
    assert 'content="120; url=/chat"' in card.text
    assert "Está con llave" in browser.get("/chat").text


def test_support_without_a_card_or_a_conversation(locked: Rig, client: httpx.Client, browser: httpx.Client) -> None:
    """Without a card on record a stock sentence is said; without a conversation there is nothing to lead back to."""
    assert "no es de emergencias" in browser.get("/chat/support").text or "apoyo" in browser.get("/chat/support").text
    assert client.get("/chat/support").headers["location"] == "/chat"


def test_the_right_pin_that_comes_early_is_not_called_wrong(locked: Rig, browser: httpx.Client) -> None:
    """While one has to wait, nothing is compared: the sentence says to wait, for right and wrong alike."""
    browser.post("/chat/lock")
    for _ in range(3):
        third = unlock(browser, "9286").text
    early = {pin: unlock(browser, pin).text for pin in ("4713", "9286")}
    locked.ahead(seconds=11)

    assert "Ese no es. Espera" in third
    for text in early.values():
        assert "Todavía no: espera" in text
        assert "Ese no es" not in text
    assert unlock(browser, "4713").status_code == 303


def test_a_child_with_the_phone_is_no_alarm(locked: Rig, browser: httpx.Client) -> None:
    """Taps that can be nobody's PIN are not counted: nobody has to wait, nothing is on the trail, nothing is told."""
    browser.post("/chat/lock")
    for taps in ("1111", "55", "123456789", "7", "2222", "1234", "888888", "4321"):
        told = unlock(browser, taps)
        assert "Espera" not in told.text
    for _ in range(6):
        browser.post("/chat/unlock", data={"kind": "pictures", "picked": "sun.sun.sun", "pick": "sun"})

    assert unlock(browser, "4713").status_code == 303
    assert "pin.wrong" not in locked.read(lambda unit: [entry.action for entry in unit.audit.list()])
    assert told_of_tries(locked) == []


def test_practice_is_neither_left_nor_the_real_side(practice: Rig, visitor: httpx.Client) -> None:
    """Practice has no way to leave, and no address of the real side."""
    page = visitor.get("/practice/leader").text

    assert "/chat/" not in page
    assert {visitor.post(path).status_code for path in ("/chat/leave", "/chat/unlock", "/practice/leader/leave")} == {
        404
    }


def test_a_lock_is_practised(practice: Rig, phones: Phones, visitor: httpx.Client) -> None:
    """A phone of practice is locked, asked for its PIN, shown where to turn and opened; the other phone is not."""
    place = "/practice/leader"
    practice.person(phones.chat("leader"), "en")
    practice.say(phones.chat("leader"), "dicho antes")
    chosen = visitor.post(f"{place}/pin", data={"kind": "digits", "pin": "4713", "again": "4713"})
    visitor.post(f"{place}/lock")
    shut = visitor.get(place)
    wrong = visitor.post(f"{place}/unlock", data={"kind": "digits", "pin": "4714"})
    turned = visitor.get(f"{place}/support")
    other = visitor.get("/practice/facilitator")
    opened = visitor.post(f"{place}/unlock", data={"kind": "digits", "pin": "4713"}, follow_redirects=True)

    assert "In practice" in chosen.text
    assert "/l/" not in chosen.text
    assert "dicho antes" not in shut.text
    assert f'action="{place}/unlock"' in shut.text
    assert f'href="{place}/support"' in shut.text
    assert "dicho antes" not in wrong.text
    assert f'href="{place}"' in turned.text
    assert 'name="text"' in other.text
    assert "dicho antes" in opened.text


def test_an_open_page_is_told_to_lock(locked: Rig, browser: httpx.Client) -> None:
    """A stream that is open when its browser is locked or left ends with a word to lock, and tells nothing more."""
    with browser.stream("GET", "/chat/events?after=99") as heard:
        lines = heard.iter_lines()
        assert next(lines) == "retry: 2000"
        with httpx.Client(base_url=locked.address, cookies={COOKIE: TOKEN}) as other:
            other.post("/chat/lock")
        locked.say(CHAT, "dicho después")
        rest = "\n".join(lines)

    assert "event: lock" in rest
    assert "dicho después" not in rest
