"""The chat page in a real browser: what it does for whoever holds the phone."""

import re

import pytest
from playwright.sync_api import Page, expect

from bot.messengers.port import Kind
from bot.services import own_zone
from storage.unit import Unit
from tests.bot.web.rig import Rig
from tests.browser.conftest import CHAT, MOOD, Open
from tests.by_day import CASES_ALIKE

BESIDE = ["/join/NEVER", "/", "/chat/pin", "/chat/pin?kind=pictures", "/cal"]
LOST = "net::ERR"  # what the browser says of a line that was cut on purpose
FIELD = "#text"


def write(page: Page, text: str) -> None:
    """Write and send."""
    page.fill(FIELD, text)
    page.get_by_role("button", name="Mandar mensaje").click()


def focused(page: Page) -> str:
    """Return the words of whatever has the focus."""
    return str(page.evaluate("(e => e.innerText.replace(/\\s+/g, ' ') || e.ariaLabel || e.id)(document.activeElement)"))


def test_a_check_in_is_answered_by_touch(rig: Rig, asked: int, open_page: Open) -> None:
    """A press changes its keyboard and brings the next question; words appear at once and are answered."""
    page = open_page(has_touch=True, is_mobile=True)

    page.get_by_role("button", name="2 · Bajo").tap()
    expect(page.locator(f"#m{asked} .key")).to_have_text(["2 · Bajo", "Cambiar"])
    expect(page.get_by_text("¿Qué pasó esta semana?")).to_be_visible()
    write(page, "Lo del agua.\nY la luz.")
    expect(page.get_by_text("Ya lo guardé.")).to_be_visible()

    assert [kept.button or kept.text for kept in rig.kept] == ["id:2 · Bajo", "Lo del agua.\nY la luz."]
    assert page.locator(".own", has_text="Lo del agua.").count() == 1
    assert page.input_value(FIELD) == ""


def test_everything_works_without_the_script(rig: Rig, asked: int, open_page: Open, troubles: list[str]) -> None:
    """With JavaScript off, plain forms do the same: press, write, be told what is missing."""
    troubles += ["422"]
    page = open_page(java_script_enabled=False)

    page.get_by_role("button", name="2 · Bajo").click()
    expect(page.get_by_text("¿Qué pasó esta semana?")).to_be_visible()
    page.get_by_role("button", name="Mandar mensaje").click()
    expect(page.get_by_role("alert")).to_contain_text("Falta el mensaje")
    write(page, "Lo del agua.")
    expect(page.get_by_text("Ya lo guardé.")).to_be_in_viewport()

    assert page.url.endswith("/chat#end")
    assert page.get_by_role("link", name="Ver si hay algo nuevo").is_visible()
    assert [kept.button or kept.text for kept in rig.kept] == ["id:2 · Bajo", "Lo del agua."]


def test_it_is_complete_by_keyboard(rig: Rig, asked: int, open_page: Open) -> None:
    """Tab reaches every button, Enter presses, the focus goes on to the next question, and never gets lost."""
    page = open_page()

    order = []
    for _ in range(11):
        page.keyboard.press("Tab")
        order.append(focused(page))
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    expect(page.locator(":focus")).to_contain_text("¿Qué pasó esta semana?")
    page.keyboard.press("Tab")
    next_button = focused(page)
    for _ in range(2):
        page.keyboard.press("Tab")
    page.keyboard.type("Lo del agua.")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("Y la luz.")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Ya lo guardé.")).to_be_visible()

    assert order == ["Ir a lo más nuevo", "Ir a escribir", "Menú", "Ponerle llave", "Salir rápido", *MOOD, "text"]
    assert next_button == "Saltar"
    assert [kept.button or kept.text for kept in rig.kept] == ["id:5 · Muy bueno", "Lo del agua.\nY la luz."]
    assert focused(page) == "text"


def test_a_spent_keyboard_shrinks_to_what_was_chosen(rig: Rig, asked: int, open_page: Open) -> None:
    """It is one line, no stop for Tab, and opens again; so it is after the page was opened anew."""
    page = open_page()
    rig.say(CHAT, "¿Cómo te va?", "✓ 4 · Bien|Corregir")
    rig.say(CHAT, "¿Es para el equipo?", "Sí|No")
    line = page.locator(".before > summary", has_text="✓ 4 · Bien")
    expect(line).to_be_visible()
    expect(page.get_by_role("button", name="Corregir")).to_be_hidden()
    assert line.get_attribute("tabindex") == "-1"
    line.click()
    expect(page.get_by_role("button", name="Corregir")).to_be_visible()
    write(page, "Gracias.")
    expect(page.get_by_role("button", name="1 · Muy bajo")).to_be_hidden()
    page.reload()
    expect(page.locator(".before > summary").first).to_have_text("Botones de antes")
    expect(page.get_by_role("button", name="1 · Muy bajo")).to_be_hidden()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    expect(page.locator(":focus")).to_have_id(page.locator(".said").last.get_attribute("id") or "")


def test_what_leads_to_help_stays_when_the_rest_is_spent(rig: Rig, asked: int, open_page: Open) -> None:
    """It is one tap away however much was written since, also on a page that was opened anew."""
    page = open_page()
    rig.say(CHAT, "Gracias por contarlo.", "A quién acudir!", "Que me busquen!", "No era eso")
    rig.say(CHAT, "¿Algo más?", "Sí|No")
    for _ in range(2):
        write(page, "Sigo aquí.")
        expect(page.get_by_role("button", name="No era eso")).to_be_hidden()
        page.reload()
    said = page.locator(".said", has_text="Gracias por contarlo.")
    assert said.locator(".key:visible").all_text_contents() == ["A quién acudir", "Que me busquen"]
    said.locator("summary").click()
    expect(page.get_by_role("button", name="No era eso")).to_be_visible()
    page.get_by_role("button", name="Que me busquen").click()
    expect(page.locator("[data-busy]")).to_have_count(0)

    assert rig.kept[-1].button == "id:Que me busquen"


def test_an_answer_on_its_way_is_shown_until_it_comes(rig: Rig, asked: int, open_page: Open) -> None:
    """The line above the field says so; with the answer it goes."""
    page = open_page()
    line = page.get_by_text("Hilo está por contestar…")
    expect(line).to_be_hidden()
    rig.say(CHAT, "Un momento.")  # once this is there, the page hears what comes
    expect(page.get_by_role("log")).to_contain_text("Hilo: Un momento.")
    rig.call(rig.messenger.typing(CHAT))
    expect(line).to_be_visible()
    rig.say(CHAT, "Ya.")
    expect(page.get_by_role("log")).to_contain_text("Hilo: Ya.")

    expect(line).to_be_hidden()


def test_ticking_keeps_its_place(rig: Rig, open_page: Open) -> None:
    """In a list where several may be chosen, the focus stays on the choice that was just ticked."""
    rig.say(CHAT, "¿Qué falta?", "☐ Agua#tick:agua", "☐ Luz#tick:luz")
    page = open_page()

    page.get_by_role("button", name="Agua").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="☑ Agua")).to_be_focused()


def test_a_screen_reader_is_told_what_is_new(rig: Rig, asked: int, open_page: Open) -> None:
    """Messages stand in a log that is read out, each saying who speaks; the field and the arrow have names."""
    page = open_page()
    rig.say(CHAT, "Una más.")

    log = page.get_by_role("log", name="Mensajes")
    expect(log).to_contain_text("Hilo: Una más.")
    expect(log).to_contain_text("Dijiste: Sí")
    expect(page.get_by_role("textbox", name="Escribe aquí")).to_be_visible()
    expect(page.get_by_role("heading", name="Conversación con Hilo")).to_have_count(1)
    assert page.get_attribute("html", "lang") == "es"


def test_a_pressed_keyboard_rests_until_it_is_answered(rig: Rig, asked: int, open_page: Open) -> None:
    """However often she presses while the line is slow, it is one press."""
    page = open_page()
    rig.polling = False

    page.get_by_role("button", name="2 · Bajo").dblclick()
    page.get_by_role("button", name="4 · Bueno").click(force=True)
    for key in page.locator(f"#m{asked} .key").all():
        expect(key).to_be_disabled()
    rig.polling = True
    expect(page.get_by_text("¿Qué pasó esta semana?")).to_be_visible()

    assert [kept.button for kept in rig.kept] == ["id:2 · Bajo"]


@pytest.mark.proof
def test_words_that_do_not_go_out_wait_on_the_page(rig: Rig, asked: int, open_page: Open, troubles: list[str]) -> None:
    """Written without a line, words stay with a way to send them again, and go out in order when it is back, once."""
    troubles += [LOST]
    page = open_page()
    rig.stop()

    write(page, "Primero esto.")
    write(page, "Y luego esto.")
    retries = page.get_by_role("button", name="No salió. Tócalo para mandarlo otra vez.")
    expect(retries).to_have_count(2)
    expect(page.get_by_role("status")).to_have_text("No hay señal. Sigo intentando.")
    retries.first.click()
    expect(retries).to_have_count(2)
    page.get_by_role("button", name="Mandar mensaje").click()
    expect(page.get_by_role("alert")).to_contain_text("Falta el mensaje")
    expect(retries.last).to_be_in_viewport(ratio=1)
    rig.start()
    expect(page.get_by_text("Ya lo guardé.")).to_have_count(2, timeout=15_000)
    expect(retries).to_have_count(0)
    expect(page.get_by_role("status")).to_have_text("")

    assert [kept.text for kept in rig.kept] == ["Primero esto.", "Y luego esto."]
    assert page.locator(".own .words").all_inner_texts()[-2:] == [
        "Dijiste:\nPrimero esto.",
        "Dijiste:\nY luego esto.",
    ]


def test_a_press_that_does_not_go_out_can_be_pressed_again(
    rig: Rig, asked: int, open_page: Open, troubles: list[str]
) -> None:
    """Without a line the keyboard comes back and says so."""
    troubles += [LOST]
    page = open_page()
    rig.stop()
    page.get_by_role("button", name="2 · Bajo").click()
    expect(page.get_by_role("alert")).to_have_text("No salió. Vuelve a tocar el botón.")
    rig.start()
    page.get_by_role("button", name="2 · Bajo").click()
    expect(page.get_by_text("¿Qué pasó esta semana?")).to_be_visible()

    assert [kept.button for kept in rig.kept] == ["id:2 · Bajo"]


def test_the_page_comes_back_by_itself(rig: Rig, asked: int, open_page: Open, troubles: list[str]) -> None:
    """What was said while the line was cut is there when it is back, once, without a reload."""
    troubles += [LOST]
    page = open_page()
    rig.stop()
    rig.start()
    rig.say(CHAT, "Dicho mientras tanto.")

    expect(page.get_by_text("Dicho mientras tanto.")).to_be_visible(timeout=15_000)
    rig.say(CHAT, "Y después.")
    expect(page.get_by_text("Y después.")).to_be_visible()

    assert page.get_by_text("Dicho mientras tanto.").count() == 1


def test_words_that_are_too_many_come_back(rig: Rig, asked: int, open_page: Open, troubles: list[str]) -> None:
    """Over twenty thousand letters the page says so, and everything is back in the field; it is looked at, not kept."""
    troubles += ["422"]
    page = open_page()

    write(page, "x" * 20_001)
    expect(page.get_by_role("alert")).to_contain_text("caben 20,000 letras")

    assert len(page.input_value(FIELD)) == 20_001
    assert page.locator(".own").count() == 1
    assert [each.kind for each in rig.kept] == [Kind.UNTAKEN]


def test_the_page_turns_to_her_language(rig: Rig, open_page: Open) -> None:
    """When she chooses another language the page speaks it at once, and what she was writing stays."""
    rig.person(CHAT, "es")
    page = open_page()
    page.fill(FIELD, "a medias")

    rig.speak(CHAT, "en")
    rig.say(CHAT, "Good. We speak English now.")
    expect(page.get_by_text("Good. We speak English now.")).to_be_visible()

    assert page.get_attribute("html", "lang") == "en"
    assert page.get_attribute(FIELD, "placeholder") == "Write here"
    expect(page.get_by_role("button", name="Send message")).to_be_visible()
    expect(page.get_by_role("textbox", name="Write here")).to_have_value("a medias")


@pytest.mark.proof
def test_the_newest_message_is_in_sight_unless_she_reads_older_ones(rig: Rig, open_page: Open) -> None:
    """The page opens at its end and stays there; whoever scrolled up is not pulled away."""
    for number in range(30):
        rig.say(CHAT, f"mensaje {number}.")
    page = open_page()
    expect(page.get_by_text("mensaje 29.")).to_be_in_viewport()

    rig.say(CHAT, "uno nuevo.")
    expect(page.get_by_text("uno nuevo.")).to_be_in_viewport()
    page.evaluate("scrollTo(0, 0)")
    rig.say(CHAT, "otro nuevo.")
    expect(page.get_by_text("otro nuevo.")).to_be_attached()

    assert page.evaluate("scrollY") == 0


@pytest.mark.parametrize("pressed", ["Menú", "2 · Bajo"])
def test_what_answers_a_press_is_brought_into_sight(rig: Rig, asked: int, open_page: Open, pressed: str) -> None:
    """Pressed far above the end, the menu or an earlier question is answered where she can see it."""
    for number in range(30):
        rig.say(CHAT, f"mensaje {number}.")
    page = open_page()
    page.evaluate("scrollTo(0, 0)")
    page.get_by_role("button", name=pressed).first.click()
    if pressed == "Menú":
        rig.say(CHAT, "¿Qué pasó esta semana? Aquí está todo.", "Mis respuestas")

    expect(page.get_by_text("¿Qué pasó esta semana?")).to_be_in_viewport()


@pytest.mark.proof
def test_a_new_message_is_not_under_the_field_of_a_small_page(rig: Rig, open_page: Open) -> None:
    """At two hundred percent on a small phone, a message taller than the page begins at its top, in sight."""
    rig.say(CHAT, "Hola, Colibrí.")
    page = open_page(viewport={"width": 180, "height": 320}, device_scale_factor=2)
    rig.say(CHAT, "Antes de empezar: " + "una cosa larga que leer con calma. " * 12)
    expect(page.get_by_text("Antes de empezar")).to_be_attached()
    page.wait_for_timeout(300)
    box = page.locator(".theirs").last.bounding_box()

    assert box is not None
    assert -1 <= box["y"] <= 40


@pytest.mark.by_day("how", "path", why=CASES_ALIKE)
@pytest.mark.parametrize(
    "path", ["/chat", "/join/7KQ2M9ABCD", *(pytest.param(path, marks=pytest.mark.proof) for path in BESIDE)]
)
@pytest.mark.parametrize("how", ["zoomed", "large letters"])
def test_it_is_readable_at_two_hundred_percent(
    rig: Rig, asked: int, open_page: Open, path: str, how: str, troubles: list[str]
) -> None:
    """On a phone of 360 pixels, zoomed or with letters twice as large, nothing is cut off to the side."""
    troubles += ["410"] if path == "/join/NEVER" else []
    rig.invite("7KQ2M9ABCD")
    if how == "zoomed":
        page = open_page(path, viewport={"width": 180, "height": 370}, device_scale_factor=2)
    else:
        page = open_page(path)
        page.evaluate("document.documentElement.style.fontSize = '32px'")

    beyond = page.evaluate(
        "[...document.querySelectorAll('body *')].filter(e => e.checkVisibility() && !e.closest('.sr, svg')"
        " && e.getBoundingClientRect().right > document.documentElement.clientWidth + 1).map(e => e.className)"
    )

    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert beyond == []


def test_targets_are_large(rig: Rig, asked: int, open_page: Open) -> None:
    """Everything to press is at least 44 pixels high and wide."""
    rig.say(CHAT, "a", "1|2|3")
    page = open_page()
    expect(page.get_by_role("button", name="3", exact=True)).to_be_visible()

    sizes = page.evaluate(
        "[...document.querySelectorAll('button, textarea, a.lock, a.go')]"
        ".filter(e => e.checkVisibility()).map(e => e.getBoundingClientRect())"
        ".map(r => Math.min(r.width, r.height))"
    )

    assert len(sizes) == 15
    assert min(sizes) >= 44


def test_a_first_visit_is_light(rig: Rig, asked: int, open_page: Open, troubles: list[str]) -> None:
    """A whole first visit with a long conversation stays far under 60 kB on the wire, everything included."""
    troubles += ["404"]  # bare health has no icon
    for number in range(60):
        rig.say(CHAT, f"{number}. Una pregunta de las de siempre, con sus palabras y su tono.", "Sí|No")
    page = open_page("/health")
    wire = page.context.new_cdp_session(page)
    wire.send("Network.enable")
    sizes: list[float] = []
    wire.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))

    page.goto(f"{rig.address}/chat")
    page.wait_for_timeout(700)

    assert len(sizes) >= 3
    assert sum(sizes) < 28_000


def test_motion_is_optional(rig: Rig, asked: int, open_page: Open) -> None:
    """Whoever asked for less motion gets none; others see a message arrive."""
    moving = open_page(reduced_motion="no-preference")
    still = open_page(reduced_motion="reduce")
    seq = rig.say(CHAT, "llega")

    names = []
    for page in (moving, still):
        expect(page.get_by_text("llega")).to_be_visible()
        names.append(page.evaluate(f"getComputedStyle(document.getElementById('m{seq}')).animationName"))

    assert names == ["arrive", "none"]


def test_it_is_dark_where_the_phone_is(rig: Rig, asked: int, open_page: Open) -> None:
    """The page follows the phone from light to dark."""
    shades = []
    for scheme in ("light", "dark"):
        page = open_page(color_scheme=scheme)
        colour = page.evaluate("getComputedStyle(document.body).backgroundColor")
        shades.append(sum(map(int, re.findall(r"\d+", colour)[:3])))

    assert shades[0] > 600
    assert shades[1] < 150


def test_an_invite_is_one_press(rig: Rig, open_page: Open) -> None:
    """A person's link opens a page with one button, and behind it her conversation."""
    rig.invite("7KQ2M9ABCD")
    page = open_page("/join/7KQ2M9ABCD", token=None)

    page.get_by_role("button", name="Abrir mi conversación").click()
    expect(page.get_by_text("Ya lo guardé.")).to_be_visible()

    (cookie,) = page.context.cookies()
    assert page.url.endswith("/chat#end")
    assert (cookie["name"], cookie["httpOnly"], cookie["sameSite"]) == ("__Host-hilo", True, "Strict")
    assert [kept.text for kept in rig.kept] == ["/start 7KQ2M9ABCD"]


def test_whoever_is_asked_to_slow_down_keeps_their_words(
    rig: Rig, asked: int, open_page: Open, troubles: list[str]
) -> None:
    """Beyond the allowance a kind sentence stands there, the words stay on the page, and one tap later they go out."""
    troubles += ["429"]
    rig.limited("me quiere matar")
    page = open_page()
    assert rig.limits is not None
    for known in (True, False):
        while rig.limits.allowances.text(CHAT, rig.workers.now(), 1, known=known):
            pass
    write(page, "Esto lo escribí yo.")
    expect(page.get_by_text("espera medio minuto")).to_be_visible()
    own = page.locator(".own", has_text="Esto lo escribí yo.")
    expect(own).to_contain_text("Tócalo para mandarlo otra vez")
    assert rig.kept == []
    rig.ahead(minutes=5)
    page.get_by_text("Tócalo para mandarlo otra vez").click()
    expect(page.get_by_text("Ya lo guardé.")).to_be_visible()

    assert [kept.text for kept in rig.kept] == ["Esto lo escribí yo."]
    assert own.count() == 1


@pytest.mark.parametrize(("zone", "seen"), [("America/Tijuana", "America/Tijuana"), ("America/Guatemala", None)])
def test_the_page_tells_by_which_clock_it_goes(
    rig: Rig, asked: int, open_page: Open, zone: str, seen: str | None
) -> None:
    """A phone of another hour says so once, for the chat to ask about it; one of the same hour says nothing."""
    with_zone = open_page(timezone_id=zone)
    with_zone.wait_for_load_state("networkidle")

    def kept(unit: Unit) -> object:
        person = unit.people.at("web", CHAT)
        return person.preferences.get(own_zone.SEEN) if person else "nobody"

    assert rig.read(kept) == seen
