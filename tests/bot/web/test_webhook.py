"""The door for what a messenger brings: who is let in, what it costs, and that it is confirmed once it is kept."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from bot import clock
from bot.config import ConfigError
from bot.messengers.letterbox import Letterbox
from bot.messengers.ptb import PtbMessenger
from bot.messengers.webhook import Hook, Webhook
from bot.pipeline.gate import Gate
from bot.pipeline.loops import Poller
from bot.services.allowances import STRANGER, Allowances, Disk
from bot.web import webhook as door
from tests.bot.rig import Rig

SECRET = "s3cret"
HEADER = "X-Secret"
PATH = "/telegram"
SHOWN = {HEADER: SECRET}


class Door:
    """A door that is open, with the loop behind it."""

    def __init__(self, rig: Rig) -> None:
        self.rig = rig
        self.source = Webhook(PtbMessenger("1:abc"), Hook(f"https://hilo.example.org{PATH}", SECRET, HEADER))
        self.app = Starlette(routes=[Route("/page", lambda _request: PlainTextResponse("a page"), methods=["POST"])])
        door.take(self.app, [self.source])

    def client(self) -> httpx.AsyncClient:
        """Make a client that knows the secret."""
        transport = httpx.ASGITransport(self.app)
        return httpx.AsyncClient(transport=transport, base_url="http://hilo", headers=SHOWN)

    @asynccontextmanager
    async def open(self) -> AsyncIterator[httpx.AsyncClient]:
        """Let updates in."""
        poller = asyncio.create_task(Poller(self.source, self.rig.workers, self.rig.receive, brought=True).run())
        try:
            async with self.client() as client:
                yield client
        finally:
            poller.cancel()
            await asyncio.gather(poller, return_exceptions=True)

    def bring(self, *updates: dict[str, Any]) -> list[int]:
        """Bring updates, all at once; returns how each was answered."""

        async def whole() -> list[int]:
            async with self.open() as client:
                found = await asyncio.gather(*(client.post(PATH, json=update) for update in updates))
                return [each.status_code for each in found]

        return self.rig.run(whole())

    def ask(self, **request: Any) -> httpx.Response:
        """Make one request."""

        async def whole() -> httpx.Response:
            async with self.open() as client:
                return await client.request(**{"method": "POST", "url": PATH, **request})

        return self.rig.run(whole())


def said(number: int, text: str = "hola", chat: int = 77) -> dict[str, Any]:
    """An update as Telegram brings it."""
    person = {"id": chat, "is_bot": False, "first_name": "Ana"}
    message = {"message_id": number, "date": int(clock.now().timestamp()), "from": person, "text": text}
    return {"update_id": number, "message": message | {"chat": {"id": chat, "type": "private"}}}


@pytest.fixture
def at(tmp_path: Path) -> Iterator[Door]:
    """A door of a whole installation."""
    rig = Rig(tmp_path, now=clock.now())
    yield Door(rig)
    rig.close()


def test_an_update_is_confirmed_once_it_is_kept(at: Door) -> None:
    """Many at once share a transaction; each is there when its answer comes."""
    assert at.bring(*(said(number, chat=number) for number in range(1, 31))) == [200] * 30
    assert at.rig.rows("SELECT count(*), min(messenger) FROM inbox") == [(30, "telegram")]


def test_what_comes_again_is_confirmed_and_left_out(at: Door) -> None:
    """Side by side, one after the other, after a restart: it is counted, and takes nothing of the chat's allowance."""
    at.rig.receive.gate = Gate(at.rig.turns, Allowances(Disk(at.rig.folder)))
    most = int(STRANGER.texts.at_once)
    assert at.bring(*([said(1)] * 30)) == [200] * 30
    for _ in range(2 * most):
        assert at.bring(said(1)) == [200]
    assert at.bring(*(said(number) for number in range(2, most + 1))) == [200] * (most - 1)

    assert at.rig.rows("SELECT update_key FROM inbox ORDER BY seq") == [(str(each),) for each in range(1, most + 1)]
    assert at.rig.rows("SELECT repeated FROM webhooks") == []  # nobody looks after this one
    with at.rig.unit() as unit:
        unit.webhooks.note_set("telegram", at.source.hook.url)
    at.bring(said(1), said(2), said(2))
    assert at.rig.rows("SELECT repeated FROM webhooks") == [(3,)]


def test_without_the_secret_nothing_is_read(at: Door) -> None:
    """No look at a body, whatever it is; a page's path is left to pages."""
    read = []

    async def body() -> AsyncIterator[bytes]:
        read.append(True)
        yield b"{}"

    for wrong in ("", "s3cre", "s3cret ", "S3CRET", "s3cret\xff".encode("latin-1")):
        answer = at.ask(content=body(), headers={HEADER: wrong})
        assert (answer.status_code, answer.headers["connection"], answer.content) == (403, "close", b"")
    assert (read, at.source.refused) == ([], 5)
    assert at.ask(url="/page", headers={HEADER: ""}).text == "a page"
    assert at.ask(method="GET").status_code == 405


@pytest.mark.parametrize("odd", [b"", b"{", b"\xff\xfe\xfd", b"[" * 200_000, b"1" * 5_000], ids=range(5))
def test_what_is_no_json_is_refused(at: Door, odd: bytes) -> None:
    """It never is Telegram's, so nothing is lost by it."""
    assert at.ask(content=odd).status_code == 400
    assert at.rig.count("inbox") == 0


@pytest.mark.parametrize(
    "odd", ["[]", "null", '"a"', "{}", '{"update_id": "x"}', '{"message": {"chat": []}}'], ids=repr
)
def test_what_is_no_update_of_ours_is_kept_and_confirmed(at: Door, odd: str) -> None:
    """A kind that nobody knows yet would else come again for a day, and hold back its chat."""
    assert at.ask(content=odd).status_code == 200
    at.rig.settle()
    assert at.rig.rows("SELECT count(*) FROM inbox WHERE state = 'done'") == [(1,)]


def test_a_body_that_is_too_large_is_not_kept(at: Door) -> None:
    """One that says so is not read; one that says nothing is read as far as the limit."""
    read = 0

    async def much() -> AsyncIterator[bytes]:
        nonlocal read
        for _ in range(100):
            read += 100_000
            yield b" " * 100_000

    assert at.ask(content=much(), headers={"content-length": "10000000"}).status_code == 413
    assert read == 0
    assert at.ask(content=much()).status_code == 413
    assert read <= door.LARGEST + 200_000
    assert at.ask(content=b"{}", headers={"content-length": "ten"}).status_code == 413


def test_what_cannot_be_kept_comes_again(at: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nothing can be written the answer is an error, and says when to try again."""
    monkeypatch.setattr(Letterbox.hand_over, "__defaults__", (0.2,))

    async def unkept() -> httpx.Response:
        async with at.client() as client:
            return await client.post(PATH, json=said(1))

    answer = at.rig.run(unkept())
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
    at.source.close()
    assert at.rig.run(unkept()).status_code == 503
    assert at.rig.count("inbox") == 0


def test_a_body_that_stalls_is_given_up(at: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody holds a line for ever, with the secret either."""
    monkeypatch.setattr(door, "PATIENCE", 0.1)

    async def slow() -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.sleep(5)

    assert at.ask(content=slow()).status_code == 408


def test_a_page_keeps_its_path(at: Door) -> None:
    """A webhook with the path of a page is refused before anything is served."""
    app = Starlette(routes=[Route("/telegram", lambda _request: PlainTextResponse("a page"))])
    with pytest.raises(ConfigError) as refused:
        door.take(app, [at.source])
    assert refused.value.code == "config.webhook"
