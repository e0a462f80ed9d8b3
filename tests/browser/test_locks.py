"""Locks in a real browser: idle pages, pictures by keyboard, and leaving quickly."""

import pytest
from playwright.sync_api import Page, expect

from tests.bot.web.conftest import CHAT
from tests.bot.web.rig import Rig
from tests.browser.conftest import Open

FIELD = "#text"
LOCKED = "Está con llave"
FOUR = ("luna", "taza", "sol", "pez")


@pytest.fixture
def locked(rig: Rig, asked: int) -> Rig:
    """A conversation whose owner has a PIN."""
    rig.lock(CHAT, *"4713")
    return rig


def give(page: Page, pin: str) -> None:
    """Type a PIN and open."""
    page.get_by_label("PIN").fill(pin)
    page.keyboard.press("Enter")


@pytest.mark.proof
def test_an_idle_page_locks_itself(locked: Rig, open_page: Open, troubles: list[str]) -> None:
    """After ten minutes without a touch the conversation is gone from sight; the PIN brings it back, draft included."""
    page = open_page(clock=True)
    page.fill(FIELD, "a medias")
    locked.ahead(minutes=11)
    page.clock.fast_forward("10:30")

    expect(page.get_by_role("heading", name=LOCKED)).to_be_visible()
    assert "Colibrí" not in page.content()
    assert "a medias" not in page.content()
    give(page, "9286")
    expect(page.get_by_role("alert")).to_have_text("Ese no es. Prueba otra vez, con calma.")
    give(page, "4713")
    expect(page.get_by_text("¿Cómo andas de ánimo")).to_be_visible()
    expect(page.locator(FIELD)).to_have_value("a medias")


def test_whoever_writes_is_not_locked_out(locked: Rig, open_page: Open) -> None:
    """Keys and touches keep it open, and the server hears of it."""
    page = open_page(clock=True)
    for _ in range(4):
        locked.ahead(minutes=8)
        page.clock.fast_forward("08:00")
        page.locator(FIELD).press_sequentially("x")
        page.wait_for_timeout(200)

    expect(page.locator(FIELD)).to_have_value("xxxx")
    page.get_by_role("button", name="Mandar mensaje").click()
    expect(page.get_by_text("Ya lo guardé.")).to_be_visible()


def test_a_page_that_slept_is_locked_when_it_wakes(locked: Rig, open_page: Open) -> None:
    """A phone that slept an hour, and its clock with it, is on the lock at the first touch; nothing is sent by it."""
    page = open_page(clock=True)
    page.clock.set_system_time(page.evaluate("Date.now() + 3600000"))
    page.get_by_role("button", name="2 · Bajo").dispatch_event("pointerdown")

    expect(page.get_by_role("heading", name=LOCKED)).to_be_visible()
    assert locked.kept == []


def test_words_sent_too_late_wait_behind_the_lock(locked: Rig, open_page: Open, troubles: list[str]) -> None:
    """Where only the server knows that time is up, the words are in the field once the PIN is given."""
    troubles += ["423", "net::ERR"]
    page = open_page()
    page.route("**/events?*", lambda route: route.abort())  # else it is told within a second
    page.reload()
    locked.ahead(minutes=11)
    page.fill(FIELD, "algo largo")
    page.get_by_role("button", name="Mandar mensaje").click()

    expect(page.get_by_role("heading", name=LOCKED)).to_be_visible()
    give(page, "4713")
    expect(page.locator(FIELD)).to_have_value("algo largo")
    assert locked.kept == []


def test_one_press_locks(locked: Rig, open_page: Open) -> None:
    """The lock in the corner closes at once."""
    page = open_page()
    page.get_by_role("button", name="Cerrar con llave").click()

    expect(page.get_by_role("heading", name=LOCKED)).to_be_visible()


def test_pictures_are_chosen_and_given_by_keyboard(rig: Rig, asked: int, open_page: Open) -> None:
    """Tab and Enter choose four, and the same four again; how many there are is told; then they open the lock."""
    page = open_page()
    page.get_by_role("link", name="Ponerle llave").click()
    page.get_by_role("link", name="Mejor con dibujos").press("Enter")

    def choose() -> None:
        for number, name in enumerate(FOUR, 1):
            page.get_by_role("button", name=name, exact=True).press("Enter")
            if number < 4:
                expect(page.get_by_role("status")).to_have_text(f"{number} de 4")

    page.get_by_role("button", name="gota").press("Enter")
    page.get_by_role("button", name="Borrar el último").press("Enter")
    expect(page.get_by_role("status")).to_have_text("0 de 4")
    choose()
    expect(page.get_by_role("heading", name="Otra vez, por favor")).to_be_visible()
    choose()
    expect(page.get_by_role("heading", name="Ya tiene llave")).to_be_visible()
    page.get_by_role("link", name="Ir a mi conversación").press("Enter")
    page.get_by_role("button", name="Cerrar con llave").press("Enter")
    expect(page.get_by_role("heading", name=LOCKED)).to_be_visible()
    choose()
    expect(page.get_by_text("¿Cómo andas de ánimo")).to_be_visible()


def test_a_lock_works_without_the_script(locked: Rig, open_page: Open) -> None:
    """With JavaScript off: locked by a press, opened by the PIN, left by a press."""
    page = open_page(java_script_enabled=False)

    page.get_by_role("button", name="Cerrar con llave").click()
    give(page, "4713")
    expect(page.get_by_text("¿Cómo andas de ánimo")).to_be_visible()
    page.get_by_role("button", name="Salir rápido").click()
    expect(page.get_by_role("table")).to_be_visible()
    assert page.context.cookies() == []


def test_leaving_is_one_press_and_no_way_back(locked: Rig, open_page: Open, troubles: list[str]) -> None:
    """The page is away at once; neither the back button nor the address brings anything back."""
    troubles += ["403"]
    page = open_page()
    page.get_by_role("button", name="Salir rápido").click()
    expect(page).to_have_url(f"{locked.address}/cal")
    expect(page.get_by_role("table")).to_be_visible()
    title, cookies = page.title(), page.context.cookies()
    page.go_back()
    page.wait_for_timeout(300)
    back = page.content()
    page.goto(f"{locked.address}/chat")

    assert "Hilo" not in title
    assert cookies == []
    assert "Colibrí" not in back
    expect(page.get_by_role("heading", name="Entrar")).to_be_visible()
    assert "Colibrí" not in page.content()


def test_leaving_without_a_line_shows_the_calendar(locked: Rig, open_page: Open, troubles: list[str]) -> None:
    """Even where the server cannot be reached a calendar of this month stands there at once; left it is when it can."""
    troubles += ["net::ERR"]
    page = open_page()
    locked.stop()
    page.get_by_role("button", name="Salir rápido").click()
    page.wait_for_timeout(300)
    shown, title = page.inner_text("body"), page.title()
    drawn = page.locator("td").all_inner_texts()
    locked.start()
    expect(page).to_have_url(f"{locked.address}/cal", timeout=15_000)

    assert "Colibrí" not in shown
    assert "Hilo" not in title + shown
    assert title.casefold() == page.title().casefold()
    assert [day for day in drawn if day] == [day for day in page.locator("td").all_inner_texts() if day]
    assert drawn.index("1") == page.locator("td").all_inner_texts().index("1")


def test_nothing_is_offered_over_a_question(rig: Rig, asked: int, open_page: Open) -> None:
    """The page itself offers no lock: below the question there is the field, and the lock stands in the corner."""
    page = open_page()

    expect(page.get_by_role("link", name="Ponerle llave")).to_be_visible()
    assert page.locator("#end").evaluate("e => e.previousElementSibling.id") == "thread"


def test_support_is_reached_from_the_lock(locked: Rig, open_page: Open) -> None:
    """One press on the shut door shows where to turn, and one leads back to it."""
    page = open_page()
    page.get_by_role("button", name="Cerrar con llave").click()
    page.get_by_role("link", name="Necesito apoyo").click()

    expect(page.get_by_role("heading", name="Necesito apoyo")).to_be_visible()
    assert "Colibrí" not in page.content()
    page.get_by_role("link", name="Regresar").click()
    expect(page.get_by_role("heading", name=LOCKED)).to_be_visible()


@pytest.mark.proof
def test_two_tabs_with_an_old_cookie_go_on(rig: Rig, open_page: Open) -> None:
    """What a browser has from 0.1.0 is exchanged while both tabs are open: nothing reloads, and nothing is lost."""
    rig.person(CHAT, "es")
    rig.open(CHAT, "01d0" * 10, prefixed=False)
    rig.say(CHAT, "lo del agua")
    one = open_page("/cal", token=None)
    one.context.add_cookies([{"name": "hilo", "value": "01d0" * 10, "url": rig.address, "sameSite": "Strict"}])
    two = one.context.new_page()
    for page in (one, two):
        page.goto(f"{rig.address}/chat", wait_until="commit")
    for page in (one, two):
        expect(page.get_by_text("lo del agua")).to_be_visible()
    rig.say(CHAT, "dicho después")
    for page in (one, two):
        expect(page.get_by_text("dicho después")).to_be_visible()
    (cookie,) = one.context.cookies()
    rig.ahead(minutes=5)
    two.reload()

    expect(two.get_by_text("dicho después")).to_be_visible()
    assert cookie["name"] == "__Host-hilo"
    assert cookie["secure"]
    assert cookie["value"] != "01d0" * 10


@pytest.mark.proof
def test_the_card_goes_from_the_support_page_after_two_minutes(locked: Rig, open_page: Open) -> None:
    """Without a touch it stands for two minutes, and no longer; what is left in sight is the lock."""
    locked.call(
        locked.workers.write(lambda unit: unit.organisation.set({"care_card": {"es": "Llama a Rosa: 55 1234"}}))
    )
    page = open_page(clock=True)
    locked.ahead(minutes=11)
    page.clock.fast_forward("10:30")
    page.get_by_role("link", name="Necesito apoyo").click()
    expect(page.get_by_text("Llama a Rosa")).to_be_visible()
    page.clock.fast_forward("01:55")
    page.wait_for_timeout(200)
    expect(page.get_by_text("Llama a Rosa")).to_be_visible()
    page.clock.fast_forward("00:06")

    expect(page.get_by_role("heading", name=LOCKED)).to_be_visible()
    assert "Rosa" not in page.content()
