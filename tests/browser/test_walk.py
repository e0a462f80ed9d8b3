"""The whole walk with the real bot: practice in a browser, both phones, both languages."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, FrameLocator, Locator, Page, expect

from bot import clock
from bot.app import open_storage
from bot.config import Config
from bot.content import Content
from bot.rendering.texts import catalogs
from tests.by_day import LANGUAGES_ALIKE

pytestmark = pytest.mark.proof

ROOT = Path(__file__).parents[2]
WIZARDS = ROOT / "dialogs" / "library" / "staff"
SOON = 15_000  # milliseconds
EVENING = {"es": "Mañana a las 7 de la tarde", "en": "Tomorrow at 7 in the evening"}
TEXTS = catalogs()


@contextmanager
def hilo(home: Path, *options: str, **given: str) -> Iterator[str]:
    """Run `hilo run` as a console does, with these settings, and end it so; gives its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = _bare() | {"HILO_HOME": str(home), "PORT": str(port)} | given
    address = f"http://127.0.0.1:{port}"
    with (home / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "bot", "run", *options], cwd=ROOT, env=settings, stdout=log, stderr=log
        )
        try:
            _wait(process, address)
            yield address
        finally:
            process.send_signal(signal.SIGINT)
            ended = process.wait(20)
    log_text = (home / "log").read_text("utf-8")

    assert "Traceback" not in log_text, log_text
    assert ended == 0, log_text


def _bare() -> dict[str, str]:
    """The environment, without settings of whoever runs the tests."""
    return {name: value for name, value in os.environ.items() if not name.startswith("HILO_")}


def _wait(process: subprocess.Popen[bytes], address: str) -> None:
    deadline = time.monotonic() + 120  # beside other work the first start takes a while
    while time.monotonic() < deadline and process.poll() is None:
        try:
            urllib.request.urlopen(f"{address}/health", timeout=1).close()  # noqa: S310  our own address
        except OSError:
            time.sleep(0.1)
        else:
            return
    pytest.fail("the bot did not start")


class Phone:
    """One of the two phones, held by someone who speaks a language."""

    def __init__(self, page: Page, slot: str, language: str) -> None:
        self.frame: FrameLocator = page.locator(f".phone.{slot} iframe").content_frame
        self.language = language
        self._steps = Content(ROOT / "none").in_files().dialog("check_in")

    def words(self, code: str, **facts: object) -> str:
        """Return a sentence of the catalogs in her language."""
        return TEXTS.say(code, self.language, **facts)

    def label(self, step: str) -> str:
        """Return a question of the check-in."""
        return self._steps.step(step).label[self.language]

    def choice(self, step: str, name: str) -> str:
        """Return a choice of the check-in."""
        return next(choice.label[self.language] for choice in self._steps.step(step).choices if choice.name == name)

    def hears(self, text: str) -> Locator:
        """Wait until the newest message holds these words."""
        newest = self.frame.locator(".theirs").last
        expect(newest).to_contain_text(text, timeout=SOON)
        return newest

    def press(self, label: str, under: Locator | None = None) -> None:
        """Press the newest button of this label, whatever digit stands before it."""
        place = under if under is not None else self.frame.locator("body")
        named = re.compile(rf"^(\d+ · )?{re.escape(label)}$")
        if under is not None and (spent := under.locator("details.before:not([open]) > summary")).count():
            spent.first.click()
        place.get_by_role("button", name=named).last.click(timeout=SOON)

    def under(self, text: str) -> Locator:
        """Return the first message that holds these words."""
        return self.frame.locator(".theirs", has_text=text).first

    def write(self, text: str) -> None:
        """Write and send."""
        self.frame.locator("#text").fill(text)
        self.frame.locator("#composer .send").click()
        expect(self.frame.locator(".own").last).to_contain_text(text)


def join(leader: Phone) -> None:
    """Come in: language, consent, nickname."""
    leader.press({"es": "Español", "en": "English"}[leader.language])
    leader.hears(leader.words("join.risk.web"))
    leader.press(leader.words("button.agree"))
    leader.hears(leader.words("join.name"))
    leader.write("Colibrí")
    leader.hears(leader.words("join.tomorrow.named.quiet", name="Colibrí", when=EVENING[leader.language]))


def ask(facilitator: Phone, title: str, purpose: str, before: Callable[[], None] = lambda: None) -> None:
    """Send the check-in to the group, by buttons and one sentence."""
    facilitator.press(facilitator.words("button.ask"))
    facilitator.press(title)
    steps = Content(WIZARDS).in_files().dialog("ask_purpose")
    facilitator.hears(steps.step("why").label[facilitator.language].partition("${")[0].strip())
    facilitator.write(purpose)
    for name in ("whom", "use"):
        asked = facilitator.hears(steps.step(name).label[facilitator.language])
        facilitator.press(facilitator.words("button.skip"), asked)
    facilitator.press(steps.step("until").choices[0].label[facilitator.language])
    newest = facilitator.hears(purpose)
    before()
    facilitator.press(facilitator.words("button.ask_send"), newest)


def answer(leader: Phone, story: str) -> None:
    """Answer the check-in: by button, in words, going back, changing."""
    leader.hears(leader.words("offer.hello.named", name="Colibrí"))
    leader.press(leader.words("button.start"))
    leader.hears(leader.label("mood"))
    leader.press(leader.choice("mood", "2"))
    leader.hears(leader.label("week"))
    leader.write(story)
    leader.hears(leader.words("run.collected"))
    leader.press(leader.words("button.all"))
    leader.hears(leader.label("need"))
    leader.press(leader.words("button.back"))
    leader.hears(leader.label("week"))  # without what she answered: nobody has asked yet who sees her phone
    leader.press(leader.words("button.keep"))
    leader.hears(leader.label("need"))
    leader.press(leader.words("button.change"), leader.under(leader.label("mood")))
    leader.hears(leader.label("mood"))
    leader.press(leader.choice("mood", "4"))
    leader.hears(leader.label("need"))
    leader.press(leader.choice("need", "nothing"))
    leader.hears(leader.words("run.completed", answered=3, total=3))


def read(facilitator: Phone) -> Locator:
    """Open what is new, from the menu: what stood above it is folded by now."""
    facilitator.write("/menu")
    facilitator.hears(facilitator.words("menu.alert"))
    facilitator.press(facilitator.words("menu.read"))
    newest = facilitator.hears(facilitator.words("read.hub"))
    newest.get_by_role("button", name=facilitator.words("button.read_next")).click()
    return facilitator.frame.locator(".thread")


def saved(page: Page, facilitator: Phone) -> str:
    """Have the answers made into a file, and download it; returns what stands in it."""
    facilitator.write("/exportar")
    facilitator.press(facilitator.words("button.export.forms"))
    facilitator.press(facilitator.words("export.form.jsonl"))
    facilitator.press(facilitator.words("button.export.make"))
    link = facilitator.frame.locator("a.document").last
    with page.expect_download(timeout=SOON) as download:
        link.click(timeout=SOON)
    with zipfile.ZipFile(download.value.path()) as archive:
        return archive.read("check_in.jsonl").decode()


@pytest.mark.by_day("language", why=LANGUAGES_ALIKE)
@pytest.mark.parametrize(
    ("language", "locale", "story"),
    [("es", "es-MX", "El comité del agua por fin avanzó."), ("en", "en-US", "The water committee moved at last.")],
)
def test_practice_is_walked_from_end_to_end(
    browser: Browser, tmp_path: Path, language: str, locale: str, story: str
) -> None:
    """A visitor sends a check-in, answers it with a change of mind, reads it, and starts over."""
    title = Content(ROOT / "none").in_files().dialog("check_in").title[language]
    with hilo(tmp_path, "--practice") as address:
        context = browser.new_context(locale=locale, viewport={"width": 1280, "height": 900})
        complaints: list[str] = []
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        page.goto(address)
        leader, facilitator = (Phone(page, slot, language) for slot in ("leader", "facilitator"))

        join(leader)
        ask(facilitator, title, "Para acompañarnos mejor esta semana.")
        answer(leader, story)
        answers = read(facilitator)
        expect(answers).to_contain_text(story)
        expect(answers).to_contain_text(leader.choice("mood", "4"))
        expect(answers).not_to_contain_text(leader.choice("mood", "2"))
        assert story in saved(page, facilitator)
        page.reload()
        expect(leader.frame.get_by_text(story).first).to_be_attached()
        page.get_by_role("button", name=TEXTS.say("web.practice.again", language)).click()
        expect(leader.frame.locator(".said")).to_have_count(1, timeout=SOON)
        expect(leader.frame.get_by_text(story)).to_have_count(0)
        context.close()

    assert complaints == []


def test_the_walk_needs_no_script(browser: Browser, tmp_path: Path) -> None:
    """With JavaScript off, joining and the first question go by plain forms, each page showing the answer."""
    with hilo(tmp_path, "--practice") as address:
        context = browser.new_context(locale="es-MX", java_script_enabled=False)
        page = context.new_page()
        page.goto(address)
        leader = Phone(page, "leader", "es")

        leader.press("Español")
        leader.press(leader.words("button.agree"))
        leader.hears(leader.words("join.name"))
        leader.frame.locator("#text").fill("Ceiba")
        leader.frame.locator("#composer .send").click()
        leader.hears(leader.words("join.tomorrow.named.quiet", name="Ceiba", when=EVENING["es"]))
        context.close()


def test_she_turns_the_conversation_to_english(browser: Browser, tmp_path: Path) -> None:
    """In the middle of a question she changes her language: page and conversation go on in English."""
    with hilo(tmp_path, "--practice") as address:
        context = browser.new_context(locale="es-MX", viewport={"width": 1280, "height": 900})
        page = context.new_page()
        page.goto(address)
        leader = Phone(page, "leader", "es")
        join(leader)

        leader.write("/idioma")
        leader.hears(leader.words("home.languages"))
        leader.press("English")
        leader.language = "en"
        expect(leader.frame.locator("html")).to_have_attribute("lang", "en", timeout=SOON)
        expect(leader.frame.get_by_text(leader.words("home.language_changed"))).to_be_visible()
        expect(leader.frame.get_by_role("button", name="Send message")).to_be_visible()
        context.close()


def invite(home: Path, code: str) -> None:
    """Found a group in the real database, with an invite for one."""
    storage = open_storage(Config.load({"HILO_HOME": str(home)}, folder=home))
    with storage.unit(clock.now()) as unit:
        unit.organisation.set({"name": "la Escuela", "zone": "America/Mexico_City", "reading_days": [3]})
        cohort = unit.cohorts.add(clock.new_id(), "Sierra Norte", ("es", "en"), "America/Mexico_City")
        unit.invites.create(clock.new_id(), code, "leader", cohort.id, 1, None, None)
    storage.database.dispose()


class Own(Phone):
    """Her own phone, whose page is no frame."""

    def __init__(self, page: Page, language: str) -> None:
        super().__init__(page, "leader", language)
        self.frame = page  # type: ignore[assignment]  # a page finds what a frame finds

    def give(self, pin: str, go: str = "web.pin.go") -> None:
        """Give the PIN, and press the button of a code."""
        self.frame.get_by_label("PIN").fill(pin)
        self.frame.get_by_role("button", name=self.words(go), exact=True).click()


def test_a_leader_goes_and_comes_back(browser: Browser, tmp_path: Path) -> None:
    """The real bot: in by an invite, a PIN, quickly away, and back by her link or her invite with the PIN."""
    invite(tmp_path, "7KQ2M9ABCD")
    with hilo(tmp_path) as address:
        context = browser.new_context(locale="es-MX", viewport={"width": 360, "height": 740})
        page = context.new_page()
        leader = Own(page, "es")
        page.goto(f"{address}/join/7KQ2M9ABCD")
        page.get_by_role("button", name=leader.words("web.join.go")).click()
        join(leader)
        page.get_by_role("link", name=leader.words("web.lock.choose")).click()
        for label in (leader.words("web.pin.field"), leader.words("web.pin.field.again")):
            page.get_by_label(label).fill("4713")
        page.get_by_role("button", name=leader.words("web.pin.keep")).click()
        link = page.locator(".link").inner_text()
        page.get_by_role("button", name=leader.words("web.leave")).click()
        expect(page).to_have_url(f"{address}/cal")

        for door, go, wrong in (
            (link, "web.pin.go", "web.pin.wrong"),
            (f"{address}/join/7KQ2M9ABCD", "web.enter.go", "web.enter.wrong"),
        ):
            page.goto(door)
            if door != link:  # a used code: one page, with one way for who was in before
                page.get_by_role("link", name=leader.words("web.ended.go")).click()
            leader.give("4173", go)
            expect(page.get_by_role("alert")).to_contain_text(leader.words(wrong))
            leader.give("4713", go)
            expect(page.get_by_text("Colibrí").first).to_be_visible(timeout=SOON)
            page.get_by_role("button", name=leader.words("web.leave")).click()
            expect(page).to_have_url(f"{address}/cal")
        left = context.cookies()
        context.close()

    assert left == []
