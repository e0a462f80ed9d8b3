"""A real browser: Debian's Chromium, driven by Playwright, and the web side with a scripted bot."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from bot.messengers.port import Incoming, Kind
from storage.unit import Unit
from tests.bot.web.conftest import CHAT, TOKEN
from tests.bot.web.rig import Rig, running, silent

HERE = Path(__file__).parent
NAMES = ("chromium", "chromium-browser", "google-chrome")
QUIET = (
    "--no-sandbox",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",
    "--disable-sync",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--no-first-run",
)
MOOD = ("1 · Muy bajo", "2 · Bajo", "3 · Regular", "4 · Bueno", "5 · Muy bueno")

Open = Callable[..., Page]


def chromium() -> str:
    """Find the browser; without one these tests are skipped on someone's machine and fail in CI, which installs it."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None and os.environ.get("CI"):
        pytest.fail("no Chromium here, and CI installs one: see .ci/run")
    if found is None:
        pytest.skip("needs Chromium (Debian and Ubuntu: apt install chromium)")
    return found


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the quick tests of a file with one worker, so that each file's browser is started once."""
    for item in items:
        if item.path.parent == HERE and item.get_closest_marker("proof") is None:
            item.add_marker(pytest.mark.xdist_group(item.path.stem))


def cookie_of(address: str, token: str) -> Any:
    """Return the cookie of a conversation; the browser is told that it came by https, as it asks of such names."""
    whose = {"name": "__Host-hilo", "value": token, "url": address.replace("http:", "https:")}
    return {**whose, "sameSite": "Strict", "secure": True}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser a file: Playwright's loop would be in the way of tests that have their own."""
    path = chromium()
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=path, args=list(QUIET))
        yield launched
        launched.close()


def check_in(rig: Rig, unit: Unit, incoming: Incoming) -> None:
    """Answer as a check-in would: a mood by buttons, then words, a list to tick."""
    chat = incoming.chat
    if incoming.kind in {Kind.VOICE, Kind.PHOTO}:
        silent(rig, unit, incoming)
    elif incoming.kind is Kind.TEXT:
        silent(rig, unit, incoming)
        rig.write(unit, chat, "Ya lo guardé. ¿Quieres agregar algo?", "Listo")
    elif (incoming.button or "").startswith("tick:"):
        rig.write(unit, chat, None, f"☑ Agua#{incoming.button}", "☐ Luz#tick:luz", kind="edit", edits=incoming.order)
    elif (incoming.button or "").startswith("id:"):
        label = (incoming.button or "").removeprefix("id:")
        rig.write(unit, chat, None, label, "Cambiar", kind="edit", edits=incoming.order)
        rig.write(unit, chat, "2 de 4 · ¿Qué pasó esta semana?", "Saltar|Regresar")


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    """The web side, whose bot asks one thing after another."""
    with running(tmp_path, script=check_in) as it:
        it.open(CHAT, TOKEN)
        yield it


@pytest.fixture
def troubles() -> list[str]:
    """What the browser may complain of in this test; anything else fails it."""
    return []


@pytest.fixture
def open_page(browser: Browser, rig: Rig, troubles: list[str]) -> Iterator[Open]:
    """Open pages as phones do; no page may throw, nor break its own policy."""
    contexts = []
    heard: list[str] = []

    def open_(path: str = "/chat", *, token: str | None = TOKEN, clock: bool = False, **options: Any) -> Page:
        settings = {"viewport": {"width": 360, "height": 740}, "locale": "es-MX"} | options
        context = browser.new_context(**settings)
        contexts.append(context)
        context.set_default_timeout(10_000)
        if token:
            context.add_cookies([cookie_of(rig.address, token)])
        page = context.new_page()
        if clock:
            page.clock.install()
        page.on("console", lambda said: heard.append(said.text) if said.type in {"error", "warning"} else None)
        page.on("pageerror", lambda error: heard.append(str(error)))
        page.goto(rig.address + path)
        return page

    yield open_
    for context in contexts:
        context.close()

    assert [said for said in heard if not any(trouble in said for trouble in troubles)] == []


@pytest.fixture
def asked(rig: Rig) -> int:
    """The number of a check-in's first question, which has been asked."""
    rig.person(CHAT, "es")
    rig.say(CHAT, "Hola, Colibrí. ¿Tienes dos minutos? Son 4 preguntas.")
    rig.say(CHAT, "Sí", kind="echo")
    return rig.say(CHAT, "1 de 4 · ¿Cómo andas de ánimo esta semana?", *MOOD)
