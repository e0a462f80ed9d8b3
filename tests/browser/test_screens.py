"""Every screen of the web chat in both languages, as a phone of 360 pixels shows it.

`pytest tests/browser/test_screens.py --screenshots` writes them into docs/screenshots; without it they are made and
looked at by a test alone.
"""

import base64
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from bot.content import Content
from bot.rendering.texts import catalogs
from tests import media_rows
from tests.bot.web.conftest import CHAT, TOKEN, Phones
from tests.bot.web.rig import Rig, running
from tests.bot.web.test_album import png
from tests.browser.conftest import cookie_of
from tests.browser.test_accessible import problems
from tests.by_day import LANGUAGES_ALIKE

ROOT = Path(__file__).parents[2]
SHOWN = ROOT / "docs" / "screenshots"
TEXTS = catalogs()
QUALITY = 70  # sharp enough to read, and light enough to carry along
CODE = "7KQ2M9ABCD"
LINK = CODE * 2
TOO_LARGE = """(field) => {
  const files = new DataTransfer();
  files.items.add(new File([new Uint8Array(22e6)], "x.png", { type: "image/png" }));
  field.files = files.files;
}"""
COLOURS = """async (data) => {
  const picture = await createImageBitmap(await (await fetch("data:image/jpeg;base64," + data)).blob());
  const canvas = new OffscreenCanvas(picture.width, picture.height), pen = canvas.getContext("2d");
  pen.drawImage(picture, 0, 0);
  return new Set(new Uint32Array(pen.getImageData(0, 0, picture.width, picture.height).data.buffer)).size;
}"""


@dataclass
class Screen:
    """One phone, what is said on it, and where its pictures go."""

    rig: Rig
    context: BrowserContext
    page: Page
    language: str
    folder: Path
    faults: list[str] = field(default_factory=list)

    def words(self, code: str, **facts: object) -> str:
        """Return a sentence of the catalogs."""
        return TEXTS.say(code, self.language, **facts)

    def say(self, text: str | None, *rows: str, **more: Any) -> int:
        """Let the bot say something."""
        return self.rig.say(CHAT, text, *rows, language=self.language, **more)

    def open(self, path: str, *, known: bool = False, again: bool = False) -> None:
        """Open a page, in the browser where the conversation is open (`again`: as it is by now) or in another."""
        if not again:
            self.page.goto("about:blank")  # a conversation that is open would see itself shut out, and load anew
            self.context.clear_cookies()
        if known:
            self.context.add_cookies([cookie_of(self.rig.address, TOKEN)])
        self.page.goto(self.rig.address + path)
        self.page.wait_for_timeout(300)

    def picture(self, name: str) -> None:
        """Take the picture of what is in sight."""
        self.page.wait_for_timeout(300)
        path = self.folder / f"{name}.{self.language}.jpg"
        self.page.screenshot(path=path, type="jpeg", quality=QUALITY, animations="disabled", caret="hide")
        if told := problems(self.page):
            self.faults.append(f"{name}: {told}")


def the_way_in(screen: Screen) -> None:
    """Front page, invite, languages, consent."""
    screen.open("/")
    screen.picture("front")
    screen.rig.invite(CODE)
    screen.open(f"/join/{CODE}")
    screen.picture("join")
    for chat in ("b2" * 10, "c3" * 10):
        screen.rig.person(chat, "es")
        screen.rig.write_in(
            lambda unit, chat=chat: unit.invites.use(unit.invites.list()[0].id, unit.people.at("web", chat).id)
        )
    screen.open(f"/join/{CODE}")
    screen.picture("join-first")
    screen.open(f"/join/{CODE}/back")
    screen.picture("came-before")
    first, second = ("es", "en") if screen.language == "es" else ("en", "es")
    hello = "\n\n".join(TEXTS.say("join.hello", tag) for tag in (first, second))
    screen.say(hello, "1 · Español", "2 · English")
    screen.open("/chat", known=True)
    screen.picture("languages")
    school = {"es": "la Escuela de Liderazgo", "en": "the Leadership School"}[screen.language]
    screen.say(f"{screen.words('join.invited', organisation=school)} {screen.words('join.what')}")
    days = {"es": "los jueves", "en": "on Thursdays"}[screen.language]
    who = f"{TEXTS.count('fact.readers', screen.language, 3)}, {days}."
    year = TEXTS.count("fact.years", screen.language, 1)
    kept = (screen.words("join.watched"), screen.words("fact.kept_for", time=year), screen.words("join.at_will"))
    screen.say(" ".join((who, *kept)), screen.words("button.readers"))
    screen.say(f"{screen.words('join.risk.web')} {screen.words('join.no_harm')}", *_consent(screen))
    screen.open("/chat", known=True)
    screen.picture("consent")


def _consent(screen: Screen) -> list[str]:
    return [screen.words(f"button.{name}") for name in ("agree", "doubts", "decline")]


def a_check_in(screen: Screen) -> None:
    """Questions by buttons, an open one, a voice note and a photo, recording, and no signal."""
    check_in = Content(ROOT / "none").in_files().dialog("check_in")
    mood, week = check_in.step("mood"), check_in.step("week")
    screen.rig.person(CHAT, screen.language)
    screen.rig.lock(CHAT, *"4713")
    choices = [f"{place} · {choice.label[screen.language]}" for place, choice in enumerate(mood.choices, 1)]
    asked = screen.say(f"1 / 4 · {mood.label[screen.language]}", *choices)
    screen.open("/chat", known=True)
    screen.picture("question")
    screen.say(None, choices[3], screen.words("button.change"), edits=asked)
    screen.say(
        f"2 / 4 · {week.label[screen.language]}", "|".join(screen.words(f"button.{name}") for name in ("skip", "back"))
    )
    said = {"es": "El comité del agua por fin avanzó.", "en": "The water committee moved at last."}
    screen.say(said[screen.language], kind="echo")
    screen.say(None, kind="echo", media={"id": "a" * 32, "kind": "voice", "seconds": 24})
    screen.say(None, kind="echo", media={"id": _photo(screen), "kind": "photo"})
    screen.say(screen.words("run.collected"), screen.words("button.all"))
    screen.open("/chat", known=True)
    screen.picture("open-question")
    screen.page.locator("#voice").click()
    screen.page.locator("#recorder").wait_for()
    screen.page.wait_for_timeout(2100)
    screen.picture("recording")
    screen.page.locator("#discard").click()
    screen.rig.stop()
    screen.page.fill("#text", {"es": "Y también lo de la luz.", "en": "And the light, too."}[screen.language])
    screen.page.locator("#composer .send").click()
    screen.page.wait_for_timeout(3500)
    screen.picture("no-signal")
    screen.rig.start()


def _photo(screen: Screen) -> str:
    def keep(unit: Any) -> str:
        return str(media_rows.keep(screen.rig.media_store, unit, unit.people.at("web", CHAT), png()).hex)

    return screen.rig.write_in(keep)


def a_lock(screen: Screen) -> None:
    """Choosing by digits and pictures, the link that leads back, being asked, having to wait."""
    screen.rig.person(CHAT, screen.language)
    when = screen.words("time.tomorrow").capitalize()
    screen.say(screen.words("join.tomorrow.named", name="Colibrí", when=when), screen.words("button.welcome"))
    screen.open("/chat/pin", known=True)
    screen.picture("lock-digits")
    screen.open("/chat/pin?kind=pictures", known=True)
    for name in ("sun", "fish"):
        screen.page.locator(f"[value={name}]").click()
    screen.picture("lock-pictures")
    for name in ("key", "hill"):
        screen.page.locator(f"[value={name}]").click()
    screen.page.wait_for_timeout(300)
    screen.picture("lock-again")
    for name in ("sun", "fish", "key", "hill"):
        screen.page.locator(f"[value={name}]").click()
    screen.page.locator(".link").evaluate(f"e => e.textContent = 'https://hilo.example.org/l/{LINK}'")
    screen.picture("lock-kept")
    screen.rig.ahead(minutes=11)
    screen.open("/chat", again=True)  # by the session that began with the lock
    screen.page.get_by_role("heading", name=screen.words("web.pin.ask.title")).wait_for()
    screen.picture("locked-pictures")
    screen.rig.lock(CHAT, *"4713")
    screen.open("/chat", again=True)
    screen.picture("locked-digits")
    screen.open("/chat/support", again=True)
    screen.picture("lock-support")
    screen.open("/chat", again=True)
    for pause in (0, 0, 0, 11, 31):
        screen.rig.ahead(seconds=pause)
        screen.page.fill("#pin", "9286")
        screen.page.locator(".go").click()
    screen.picture("locked-waiting")


def what_is_not_there(screen: Screen) -> None:
    """A link by SMS, links that open nothing, a page that is not there, a file too large, no script, leaving."""
    screen.rig.person(CHAT, screen.language)
    screen.rig.link(CHAT, LINK)
    screen.open(f"/l/{LINK}/sms")
    screen.picture("link-sms")
    screen.rig.write_in(lambda unit: unit.web_links.open(unit.web_links.find(LINK).id))
    for name, path in (
        ("link-used", f"/l/{LINK}"),
        ("link-gone", "/l/NEVER"),
        ("not-open", "/chat"),
        ("missing", "/nothing"),
        ("code-ended", "/join/ZZZZZZZZZZ"),
        ("calendar", "/cal"),
    ):
        screen.open(path)
        screen.picture(name)
    screen.open("/chat", known=True)
    screen.page.locator("#attach").evaluate("e => { e.hidden = false; e.open = true }")
    screen.page.locator("#photo, #voice").evaluate_all("all => all.forEach(e => e.remove())")
    screen.picture("without-script")
    screen.page.locator("#file-photo").evaluate(TOO_LARGE)
    screen.page.locator("#attach .go").click()
    screen.page.locator(".sheet").wait_for()
    screen.picture("too-large")


SCENES = (the_way_in, a_check_in, a_lock, what_is_not_there)


@pytest.fixture
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Where the pictures go."""
    if not request.config.getoption("--screenshots"):
        return tmp_path
    SHOWN.mkdir(parents=True, exist_ok=True)
    return SHOWN


@pytest.fixture(params=["es", "en"])
def screen(request: pytest.FixtureRequest, browser: Browser, tmp_path: Path, folder: Path) -> Iterator[Screen]:
    """A phone in each language."""
    language = request.param
    (tmp_path / "home").mkdir()
    with running(tmp_path / "home") as rig:
        rig.open(CHAT, TOKEN)
        context = browser.new_context(
            viewport={"width": 360, "height": 740},
            device_scale_factor=1.5,
            locale={"es": "es-MX", "en": "en-GB"}[language],
            permissions=["microphone"],
            reduced_motion="reduce",
        )
        context.set_default_timeout(10_000)
        yield Screen(rig, context, context.new_page(), language, folder)
        context.close()


@pytest.mark.by_day("screen", "scene", why=LANGUAGES_ALIKE)
@pytest.mark.proof
@pytest.mark.parametrize("scene", SCENES)
def test_every_screen_has_its_picture(screen: Screen, scene: Callable[[Screen], None]) -> None:
    """Each screen can be reached and photographed, axe finds no fault in it, and none of the pictures is blank."""
    before = {path: path.stat().st_mtime_ns for path in screen.folder.glob("*.jpg")}
    scene(screen)
    made = [path for path in screen.folder.glob("*.jpg") if before.get(path) != path.stat().st_mtime_ns]

    screen.page.goto("about:blank")
    colours = {path.name: screen.page.evaluate(COLOURS, base64.b64encode(path.read_bytes()).decode()) for path in made}

    assert not screen.faults, "\n".join(screen.faults)
    assert len(made) >= 4
    assert set(colours) <= {path.name for path in SHOWN.glob("*.jpg")}, "run with --screenshots"
    assert {name: count for name, count in colours.items() if count < 20} == {}


@pytest.mark.by_day("language", why=LANGUAGES_ALIKE)
@pytest.mark.proof
@pytest.mark.parametrize("language", ["es", "en"])
def test_practice_has_its_picture(browser: Browser, tmp_path: Path, folder: Path, language: str) -> None:
    """Practice on a wide screen: two phones side by side."""
    phones = Phones()
    (tmp_path / "home").mkdir()
    with running(tmp_path / "home", phones) as rig:
        hello = TEXTS.say("join.hello", language)
        rig.say(phones.chat("leader"), hello, "1 · Español", "2 · English", language=language)
        menu = [TEXTS.say(f"button.{name}", language) for name in ("ask", "read")]
        rig.say(phones.chat("facilitator"), TEXTS.say("practice.hello", language), *menu, language=language)
        context = browser.new_context(
            viewport={"width": 1100, "height": 760}, locale={"es": "es-MX", "en": "en-GB"}[language]
        )
        page = context.new_page()
        page.goto(rig.address)
        page.locator(".phone.leader iframe").content_frame.locator(".said").first.wait_for()
        page.wait_for_timeout(400)
        path = folder / f"practice.{language}.jpg"
        page.screenshot(path=path, type="jpeg", quality=QUALITY, animations="disabled", caret="hide")
        page.goto("about:blank")
        colours = page.evaluate(COLOURS, base64.b64encode(path.read_bytes()).decode())
        context.close()

    assert colours >= 20
