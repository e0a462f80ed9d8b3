"""Every page against axe, in light and dark: contrast, names, roles, languages."""

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.bot.web.conftest import Phones
from tests.bot.web.rig import Rig, running
from tests.browser.conftest import CHAT, Open
from tests.by_day import LOOKS_ALIKE

SCHEMES = ["light", pytest.param("dark", marks=pytest.mark.proof)]
PAGES = ["/", "/join/7KQ2M9ABCD", "/chat"]
BESIDE = ["/join/NEVER", "/nothing", "/l/NEVER", "/cal"]
RULES = {
    "resultTypes": ["violations", "incomplete"],
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
}
PLAIN = "const sheet = new CSSStyleSheet(); sheet.replaceSync(css); document.adoptedStyleSheets = [sheet];"
PAPER = """
*, *::before, *::after { background-image: none !important; }
*::before, *::after { content: none !important; }
body, .top, .dock { background-color: var(--paper, Canvas) !important; }
"""
"""A pattern or an ornament behind words leaves their contrast undecided: here the paper is plain."""
COVERED = {"elmPartiallyObscured", "elmPartiallyObscuring", "bgOverlap", "shortTextContent"}
"""Why axe cannot tell a contrast that is none of the words': the bars above and below lie over them, or one letter."""


def problems(page: Page, *, scrolled: bool = False) -> str:
    """Return what axe finds, readable; nothing when all is well.

    `scrolled`: a long page, of which some button lies half under the header now, which axe takes for a small one.
    """
    if scrolled:
        page.evaluate("document.querySelectorAll('.top, .dock').forEach(e => { e.style.position = 'static' })")
    page.evaluate(f"(css) => {{ {PLAIN} }}", PAPER)
    found = Axe().run(page, options=RULES)
    undecided = [
        f"{node['html']}: {node['any'][0]['message']}"
        for rule in found.response["incomplete"]
        if rule["id"] == "color-contrast"
        for node in rule["nodes"]
        if node["any"] and node["any"][0]["data"].get("messageKey") not in COVERED
    ]
    return "\n".join([*([found.generate_report()] if found.violations_count else []), *undecided])


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_conversation_is_accessible(rig: Rig, asked: int, open_page: Open, scheme: str) -> None:
    """A conversation in use has no fault that axe knows, in either colour scheme."""
    page = open_page(color_scheme=scheme)
    rig.say(CHAT, "In another language.", "Yes|No", language="en")
    page.get_by_role("button", name="2 · Bajo").click()
    expect(page.get_by_text("¿Qué pasó esta semana?")).to_be_visible()
    page.fill("#text", " ")
    page.get_by_role("button", name="Mandar mensaje").click()
    expect(page.get_by_role("alert")).to_be_visible()
    page.wait_for_timeout(400)  # until nothing moves

    assert problems(page) == ""


@pytest.mark.by_day("path", "scheme", why=LOOKS_ALIKE)
@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("path", [*PAGES, *(pytest.param(path, marks=pytest.mark.proof) for path in BESIDE)])
def test_small_pages_are_accessible(rig: Rig, open_page: Open, path: str, scheme: str, troubles: list[str]) -> None:
    """The pages around the conversation have no fault that axe knows."""
    troubles += ["403", "404", "410"]
    rig.invite("7KQ2M9ABCD")

    assert problems(open_page(path, token=None, color_scheme=scheme)) == ""


@pytest.mark.by_day("kind", "scheme", why=LOOKS_ALIKE)
@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("kind", ["digits", pytest.param("pictures", marks=pytest.mark.proof)])
def test_locks_are_accessible(
    rig: Rig, asked: int, open_page: Open, kind: str, scheme: str, troubles: list[str]
) -> None:
    """Choosing a PIN, its link, and being asked for it: no fault that axe knows, for digits and for pictures."""
    troubles += ["422"]
    page = open_page(f"/chat/pin?kind={kind}", color_scheme=scheme)
    found = [problems(page)]
    if kind == "digits":
        page.get_by_label("PIN").fill("1234")
        page.get_by_label("Otra vez").fill("1234")
        page.get_by_role("button", name="Guardar").click()
        expect(page.get_by_role("alert")).to_be_visible()
        found.append(problems(page))
        page.get_by_label("PIN").fill("4713")
        page.get_by_label("Otra vez").fill("4713")
        page.get_by_role("button", name="Guardar").click()
    else:
        for name in ("luna", "taza", "sol", "pez") * 2:
            page.get_by_role("button", name=name, exact=True).click()
    expect(page.get_by_role("heading", name="Ya tiene llave")).to_be_visible()
    found.append(problems(page))
    page.goto(f"{rig.address}/chat")
    page.get_by_role("button", name="Cerrar con llave").click()
    expect(page.get_by_role("heading", name="Está con llave")).to_be_visible()
    found.append(problems(page))

    assert "".join(found) == ""


@pytest.mark.parametrize("scheme", SCHEMES)
def test_voice_and_photos_are_accessible(rig: Rig, asked: int, open_page: Open, scheme: str) -> None:
    """A voice note and a photo in the thread, the recorder, and the plain form: no fault that axe knows."""
    for kind in ("voice", "photo"):
        rig.say(CHAT, None, kind="echo", media={"id": "a" * 32, "kind": kind, "seconds": 24})
    page = open_page(color_scheme=scheme)
    page.locator("#attach").evaluate("e => { e.hidden = false; e.open = true }")
    found = problems(page)
    page.get_by_role("button", name="Grabar un audio").click()
    expect(page.get_by_role("timer")).to_be_visible()

    assert found + problems(page) == ""


@pytest.mark.by_day("width", "scheme", why=LOOKS_ALIKE)
@pytest.mark.proof
@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", [360, 1280])
def test_practice_is_accessible(browser: Browser, tmp_path: Path, width: int, scheme: str) -> None:
    """Both phones of practice, and the table they lie on, have no fault that axe knows; wide, they lie side by side."""
    phones = Phones()
    with running(tmp_path, phones) as rig:
        rig.say(phones.chat("leader"), "Hola.", "Sí|No")
        context = browser.new_context(viewport={"width": width, "height": 860}, locale="es-MX", color_scheme=scheme)
        page = context.new_page()
        page.goto(rig.address)
        leader, facilitator = (page.get_by_title(f"El teléfono de quien {who}") for who in ("participa", "facilita"))
        expect(leader.content_frame.get_by_text("Hola.")).to_be_visible()
        expect(page.get_by_text("Esto es práctica: nada sale de esta máquina.")).to_be_visible()
        found = problems(page)
        boxes = [phone.bounding_box() for phone in (leader, facilitator)]
        page.get_by_role("button", name="Empezar de nuevo").click()
        expect(leader.content_frame.get_by_text("Hola.")).to_have_count(0)
        context.close()

    assert found == ""
    assert all(boxes)
    first, second = (box for box in boxes if box)
    assert (first["y"] == second["y"], first["x"] == second["x"]) == (width == 1280, width == 360)


def test_at_twice_the_size_the_conversation_has_the_screen(rig: Rig, asked: int, open_page: Open) -> None:
    """On a small phone at 200 % what is asked is read between no bars, nothing hangs over the side."""
    page = open_page()
    page.set_viewport_size({"width": 180, "height": 320})
    page.locator(".said .key").first.scroll_into_view_if_needed()
    page.evaluate("document.querySelector('.said .key').scrollIntoView({ block: 'center' })")
    bars = page.evaluate(
        """() => ['.top', '.dock'].map((name) => {
          const box = document.querySelector(name).getBoundingClientRect();
          return Math.max(0, Math.min(innerHeight, box.bottom) - Math.max(0, box.top));
        })"""
    )

    assert sum(bars) < 320 / 4, bars
    assert page.evaluate("document.documentElement.scrollWidth") <= 180
    for name in ("Menú", "Salir rápido", "Mandar mensaje"):
        expect(page.get_by_role("button", name=name)).to_be_visible()
