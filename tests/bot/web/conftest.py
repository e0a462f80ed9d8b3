"""The web side, running, and an HTTP client in the place of a browser."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from bot.web import chat, pins
from tests.bot.web.rig import Rig, running

CHAT = "c0ffee" * 6 + "c0ff"
TOKEN = "5e55" * 10  # the cookie of the browser in which it is open
COOKIE = "__Host-hilo"  # its name, as browsers take it from this machine


class Phones:
    """Two practice phones that need no bot."""

    def __init__(self) -> None:
        self.round = 0
        self.opened: list[str] = []
        self.again_in: list[str] = []

    def chat(self, slot: str) -> str:
        """Return an address that changes with each round."""
        return f"{self.round:039x}{'1' if slot == 'leader' else '2'}"

    async def open(self, language: str) -> None:
        """Note in which language the phones were opened."""
        self.opened.append(language)

    async def visit(self, language: str) -> None:
        """Open both."""
        await self.open(language)

    async def restart(self, language: str) -> None:
        """Begin the next round."""
        self.round += 1
        self.again_in.append(language)


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Let a page wait a fifth of a second for an answer that nobody gives, and a PIN be hashed at once.

    Undone, both take as long as they do.
    """
    monkeypatch.setattr(chat, "ANSWER_WAIT", 0.2)
    monkeypatch.setattr(pins, "COST", 2**4)
    return monkeypatch


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    """The web side as an organisation runs it."""
    with running(tmp_path) as it:
        it.open(CHAT, TOKEN)
        yield it


@pytest.fixture
def phones() -> Phones:
    """The two phones of `practice`."""
    return Phones()


@pytest.fixture
def practice(tmp_path: Path, phones: Phones) -> Iterator[Rig]:
    """The web side in practice."""
    with running(tmp_path, phones) as it:
        yield it


@pytest.fixture
def client(rig: Rig) -> Iterator[httpx.Client]:
    """Someone without a conversation."""
    with httpx.Client(base_url=rig.address, headers={"accept-language": "es-MX"}) as it:
        yield it


@pytest.fixture
def browser(rig: Rig) -> Iterator[httpx.Client]:
    """Someone whose conversation is CHAT, open in her browser."""
    with httpx.Client(base_url=rig.address, headers={"accept-language": "es-MX"}, cookies={COOKIE: TOKEN}) as it:
        yield it


@pytest.fixture
def visitor(practice: Rig) -> Iterator[httpx.Client]:
    """Someone who practises."""
    with httpx.Client(base_url=practice.address, headers={"accept-language": "en-GB,en;q=0.9"}) as it:
        yield it
