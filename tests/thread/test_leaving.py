"""Somebody of the team leaves at the console while the bot is awake: her browser is shut, and what was due is said."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bot.ready import ready
from tests.bot.web.page import Page
from tests.thread.bot import Hilo
from tests.thread.test_privacy import Web

COHORT = "Sierra Norte"
NAME = "Ana de la sierra"


@pytest.fixture
def hilo(tmp_path: Path) -> Iterator[Hilo]:
    """A bot on the web alone, awake, with an admin."""
    it = Hilo(tmp_path / "home", None)
    ready(it.home)
    it.command("cohort", "add", COHORT)
    it.start()
    yield it
    it.stop()


def facilitator(hilo: Hilo) -> Web:
    """Let somebody come onto the team in a browser."""
    code = hilo.invite(COHORT, role="facilitator")
    web = Web(f"http://127.0.0.1:{hilo.port}")
    form = Page(web.client.get(f"/join/{code}").text).forms[0]
    web.client.post(form.action, data=form.fields)
    web.presses("1 · Español")
    web.sees("¿Cómo te digo?")
    web.says(NAME)
    web.sees("Mensajes")
    return web


@pytest.mark.proof
def test_whoever_leaves_has_no_browser_open(hilo: Hilo) -> None:
    """By what was typed, she holds the server; she leaves, her page asks for a way in, and three things are due."""
    web = facilitator(hilo)
    assert "Mensajes" in web.client.get("/chat").text
    hilo.typed = f"Rosa\nRosa\n{NAME}\n\n2099-01-01\nRosa\nRosa\n"
    assert NAME in hilo.command("handover")
    hilo.typed = ""
    said = hilo.command("handover", "--leaving", NAME, "--yes")

    assert all(what in said for what in ("☐ the token", "☐ the ways into the server", "☐ the words of the key"))
    assert NAME not in hilo.command("role", "list")
    after = web.client.get("/chat", follow_redirects=True).text
    assert "Mensajes" not in after
    assert NAME not in after
    web.client.close()
    assert hilo.rows("SELECT count(*) FROM web_sessions WHERE revoked_at IS NULL") == [(0,)]
