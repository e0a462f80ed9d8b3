"""What both Telegram clients make of HTTP itself: odd answers, slow ones, lines that break, and calls given up."""

import asyncio
import gzip
import json
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import unquote

import pytest

from bot.messengers import _telegram as telegram
from bot.messengers.aiogram import AiogramMessenger
from bot.messengers.port import Button, MessengerError, Outgoing, Rejected, RetryLater, TooLarge, Unknown, Unreachable
from bot.messengers.ptb import PtbMessenger
from tests.double import TOKEN

pytestmark = pytest.mark.anyio

Client = PtbMessenger | AiogramMessenger
HELLO = Outgoing("7", "hola")
SENT = {
    "message_id": 12,
    "date": 1_790_000_000,
    "chat": {"id": 7, "type": "private", "first_name": "Colibrí"},
    "text": "hola",
}
OK = json.dumps({"ok": True, "result": SENT}).encode()


@dataclass
class Line:
    """One request as it came, and the writer to answer on."""

    head: str
    body: bytes
    writer: asyncio.StreamWriter

    async def write(self, *parts: bytes, pause: float = 0.0) -> None:
        """Write an answer in parts."""
        for part in parts:
            self.writer.write(part)
            await self.writer.drain()
            await asyncio.sleep(pause)

    async def say(self, status: str, body: bytes = OK, *headers: str) -> None:
        """Answer whole."""
        told = "".join(f"{header}\r\n" for header in headers)
        await self.write(f"HTTP/1.1 {status}\r\n{told}Content-Length: {len(body)}\r\n\r\n".encode() + body)


Answer = Callable[[Line], Awaitable[object]]


@dataclass
class Server:
    """Something that answers as it is told; `lines` are the requests, `opened` counts connections."""

    answer: Answer
    lines: list[Line] = field(default_factory=list)
    opened: int = 0
    url: str = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve a connection until either side ends it."""
        self.opened += 1
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                known = [line for line in head.lower().split("\r\n") if line.startswith("content-length:")]
                body = await reader.readexactly(int(known[0].partition(":")[2])) if known else b""
                line = Line(head, body, writer)
                self.lines.append(line)
                await self.answer(line)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.transport.abort()


@asynccontextmanager
async def serving(answer: Answer) -> AsyncIterator[Server]:
    """Serve on a port of this machine."""
    server, served = Server(answer), set[asyncio.Task[None]]()

    def begin(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        served.add(asyncio.create_task(server.serve(reader, writer)))

    listener = await asyncio.start_server(begin, "127.0.0.1")
    server.url = f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}"
    yield server
    listener.close()
    for task in served:
        task.cancel()
    await asyncio.gather(*served, return_exceptions=True)


@pytest.fixture(params=[PtbMessenger, AiogramMessenger])
async def connect(request: pytest.FixtureRequest) -> AsyncIterator[Callable[[Server], Client]]:
    """Make a client of a server; closed at the end."""
    opened: list[Client] = []

    def connect(server: Server) -> Client:
        opened.append(request.param(TOKEN, server.url))
        return opened[-1]

    yield connect
    for client in opened:
        await client.close()


Connect = Callable[[Server], Client]


@pytest.mark.parametrize(
    ("header", "body"),
    [
        ("Content-Encoding: gzip", gzip.compress(OK, mtime=0)),
        ("Content-Encoding: deflate", zlib.compress(OK)),
        ("Content-Encoding: identity", OK),
        ("Content-Type: text/plain; charset=klingon", OK),
    ],
)
async def test_an_answer_may_come_packed(connect: Connect, header: str, body: bytes) -> None:
    """However a server in between packs or labels an answer, the message was sent and its number is read."""
    async with serving(lambda line: line.say("200 OK", body, header)) as server:
        assert await connect(server).send(HELLO) == 12


async def test_an_answer_may_come_in_pieces(connect: Connect) -> None:
    """A chunked answer is read whole."""
    chunks = [f"{len(part):x}\r\n".encode() + part + b"\r\n" for part in (OK[:9], OK[9:])]

    async def answer(line: Line) -> None:
        await line.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", *chunks, b"0\r\n\r\n", pause=0.01)

    async with serving(answer) as server:
        assert await connect(server).send(HELLO) == 12


@pytest.mark.parametrize(
    "result",
    [
        {**SENT, "hologram": {"deep": [1]}, "from": {"id": 1, "is_bot": True, "first_name": "Hilo", "aura": "blue"}},
        {"message_id": 12, "date": 1, "chat": {"id": 7, "type": "private"}},
        {"message_id": 12, "date": "2027-01-01T00:00:00Z", "chat": {"sort": "direct"}, "entities": {"bold": [0, 4]}},
    ],
)
async def test_an_answer_may_tell_more_or_less(connect: Connect, result: dict[str, object]) -> None:
    """Fields that nobody knows yet, that are not there any more, or are of another kind, make no message unsent."""
    body = json.dumps({"ok": True, "result": result, "mood": "good"}).encode()
    async with serving(lambda line: line.say("200 OK", body)) as server:
        assert await connect(server).send(HELLO) == 12


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        ("200 OK", b'{"ok":false,"error_code":400,"description":"Bad Request: message is too odd"}', Rejected),
        ("200 OK", b'{"ok":true}', Unknown),
        ("200 OK", b"", Unknown),
        ("200 OK", b"[]", Unknown),
        ("302 Found", b"<html>log in</html>", Unreachable),
        ("413 Request Entity Too Large", b"<html>nginx</html>", TooLarge),
        ("404 Not Found", b"<html>nginx</html>", Unreachable),
        ("502 Bad Gateway", b"<html>nginx</html>", RetryLater),
    ],
)
async def test_what_an_answer_means(connect: Connect, status: str, body: bytes, error: type[MessengerError]) -> None:
    """An answer counts for what it says: a page of somebody in between is no answer of Telegram's."""
    async with serving(lambda line: line.say(status, body, "Location: /login")) as server:
        with pytest.raises(error) as caught:
            await connect(server).send(HELLO)
        assert len(server.lines) == 1
    assert TOKEN not in repr(caught.value) + repr(caught.value.__cause__) + repr(caught.value.__context__)


@pytest.mark.parametrize(
    ("status", "answer", "seconds"),
    [
        (429, {"description": "Too Many Requests", "parameters": {"retry_after": 7}}, 7),
        (429, {"description": "Too Many Requests: retry after 9"}, 9),
        (429, {"description": "Too Many Requests"}, 5),
        (429, None, 5),
        (420, {"description": "FLOOD_WAIT_11"}, 11),
        (400, {"description": "Bad Request", "parameters": {"retry_after": 3}}, 3),
        (503, {"description": "Service Unavailable", "parameters": {"retry_after": 4}}, 4),
    ],
)
async def test_a_pause_is_kept_however_it_is_told(
    connect: Connect, status: int, answer: dict[str, object] | None, seconds: int
) -> None:
    """Telegram asks for a pause by a number or only in words, under one status or another."""
    body = b"<html>slow down</html>"
    if answer is not None:
        body = json.dumps({"ok": False, "error_code": status, **answer}).encode()
    async with serving(lambda line: line.say(f"{status} No", body)) as server:
        with pytest.raises(RetryLater) as caught:
            await connect(server).send(HELLO)
    assert caught.value.seconds == seconds


async def test_a_server_that_hangs_up_after_each_answer_loses_nothing(connect: Connect) -> None:
    """With or without a word about it, a line that ends after an answer is a new line for the next message."""

    async def answer(line: Line) -> None:
        told = ["Connection: close"] if len(server.lines) % 2 else []
        await line.say("200 OK", OK, *told)
        line.writer.close()

    async with serving(answer) as server:
        client = connect(server)
        for _ in range(6):
            assert await client.send(HELLO) == 12
            await asyncio.sleep(0.05)
        assert (len(server.lines), server.opened) == (6, 6)


async def test_a_line_that_breaks_after_the_request_leaves_doubt(connect: Connect) -> None:
    """On a kept line, too, a request that got no answer may have been taken: it is not sent again by itself."""

    async def answer(line: Line) -> None:
        if len(server.lines) == 2:
            line.writer.transport.abort()
        else:
            await line.say("200 OK")

    async with serving(answer) as server:
        client = connect(server)
        await client.send(HELLO)
        with pytest.raises(Unknown):
            await client.send(HELLO)
        assert await client.send(HELLO) == 12
        assert len(server.lines) == 3


async def test_an_answer_that_trickles_for_ever_ends(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    """A byte now and then keeps no message waiting for ever."""
    monkeypatch.setattr(telegram, "longest", lambda _: 0.5)
    parts = [b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n", *([b" "] * 200)]
    async with serving(lambda line: line.write(*parts, pause=0.1)) as server:
        begun = asyncio.get_running_loop().time()
        with pytest.raises(Unknown):
            await connect(server).send(HELLO)
        assert asyncio.get_running_loop().time() - begun < 10


async def test_calls_given_up_leave_room_for_others(connect: Connect) -> None:
    """However many calls are cancelled on their way, as at the end of a run, later ones find a line."""
    free = asyncio.Event()

    async def answer(line: Line) -> None:
        if not free.is_set():
            await free.wait()
        await line.say("200 OK")

    async with serving(answer) as server:
        client = connect(server)
        for _ in range(3):
            calls = [asyncio.ensure_future(client.send(HELLO)) for _ in range(40)]
            await asyncio.sleep(0.2)
            for call in calls:
                call.cancel()
            given_up = await asyncio.gather(*calls, return_exceptions=True)
            assert {type(each) for each in given_up} == {asyncio.CancelledError}
        free.set()
        async with asyncio.timeout(20):
            assert await asyncio.gather(*(client.send(HELLO) for _ in range(40))) == [12] * 40


async def test_many_wait_for_a_line_and_all_get_one(connect: Connect) -> None:
    """More calls than lines wait for their turn, and none is given up for it."""

    async def answer(line: Line) -> None:
        await asyncio.sleep(0.1)
        await line.say("200 OK")

    async with serving(answer) as server:
        assert await asyncio.gather(*(connect(server).send(HELLO) for _ in range(4))) == [12] * 4
        client = connect(server)
        assert await asyncio.gather(*(client.send(HELLO) for _ in range(100))) == [12] * 100


async def test_waiting_for_a_line_is_not_waiting_for_a_connection(
    connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where all lines are busy for longer than a connection may take, a message still waits for one."""
    monkeypatch.setattr(telegram, "CONNECT", 2.0)

    async def answer(line: Line) -> None:
        await asyncio.sleep(1.2)
        await line.say("200 OK")

    async with serving(answer) as server:
        client = connect(server)
        assert await asyncio.gather(*(client.send(HELLO) for _ in range(40))) == [12] * 40


async def test_words_travel_as_they_are(connect: Connect) -> None:
    """Marks of any markup, any script and as many as fit arrive unchanged, and so do buttons' labels."""
    words = "a<b>&amp; *_`[x](y) ~>#+-=|{}.! %41+%C3 ñ ā 🧵👩🏽‍🌾 \u202e\u00a0\n\tfin " + "ñ🌽" * 1300
    keyboard = ((Button("¿Sí & <no>? 50 % + 🌽", "a+b&c=d%41;é"),),)
    async with serving(lambda line: line.say("200 OK")) as server:
        await connect(server).send(Outgoing("7", words, keyboard))
        (line,) = server.lines
    assert "content-type: application/json" in line.head.lower()
    sent = json.loads(line.body)
    assert sent["text"] == words
    assert "parse_mode" not in sent
    assert sent["reply_markup"] == {
        "inline_keyboard": [[{"text": keyboard[0][0].label, "callback_data": keyboard[0][0].id}]]
    }


async def test_words_that_no_form_can_hold_never_leave(connect: Connect) -> None:
    """Half a surrogate pair cannot be written: that is told as such, and nothing is sent."""
    async with serving(lambda line: line.say("200 OK")) as server:
        with pytest.raises(Rejected):
            await connect(server).send(Outgoing("7", "hola \ud83e"))
        assert server.lines == []


@pytest.mark.parametrize("path", ["voice/file_1.oga", "documents/mi lista ñ#1?.pdf", "photos/100%25.jpg"])
async def test_a_file_is_fetched_by_the_path_that_was_told(connect: Connect, path: str) -> None:
    """Whatever a path is made of, the file is asked for by GET, with nothing else in the request."""

    async def answer(line: Line) -> None:
        found = {"file_id": "A", "file_unique_id": "a", "file_size": 4, "file_path": path}
        if line.head.startswith("POST"):
            await line.say("200 OK", json.dumps({"ok": True, "result": found}).encode())
        else:
            await line.say("200 OK", b"OggS")

    async with serving(answer) as server:
        assert await connect(server).download("A") == b"OggS"
        head = server.lines[1].head
    assert unquote(head.split()[1]) == f"/file/bot{TOKEN}/{path}"
    assert head.startswith("GET ")
    assert "content-type" not in head.lower()
    assert "content-length" not in head.lower()


PRESS = (b"callback_query_id=55", b'{"callback_query_id": "55"}')  # as a form, and as JSON


async def test_a_press_is_answered_once_more_where_nobody_took_it(connect: Connect) -> None:
    """An acknowledgement that Telegram refused for now is made again after its pause; one it took is not."""

    async def answer(line: Line) -> None:
        if len(server.lines) == 1:
            await line.say("429 No", b'{"ok":false,"error_code":429,"description":"x","parameters":{"retry_after":1}}')
        else:
            await line.say("200 OK", b'{"ok":true,"result":true}')

    async with serving(answer) as server:
        await connect(server).acknowledge("55")
        assert [line.body in PRESS for line in server.lines] == [True] * 2
