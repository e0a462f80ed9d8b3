"""Who sends slowly, or much, or without having agreed, keeps nobody from being heard."""

import contextlib
import socket
import threading
import time
from pathlib import Path

import httpx
import pytest

from bot.messengers.port import Kind
from bot.web import flood, middleware, server
from tests.bot.web.conftest import CHAT, TOKEN
from tests.bot.web.page import Page
from tests.bot.web.rig import Rig, deaf, running
from tests.bot.web.test_album import SCRIPT, png

OTHER, THEIRS = "d0" * 20, "ab12" * 10
FORM = "application/x-www-form-urlencoded"


def shut(line: socket.socket, patience: float = 5.0) -> bytes:
    """Wait until the other side hangs up; returns what it said. Raises TimeoutError when it does not."""
    line.settimeout(patience)
    said = b""
    with line, contextlib.suppress(ConnectionError):  # whoever still sends then is told so harshly
        while part := line.recv(65536):
            said += part
    return said


def trickle(line: socket.socket) -> None:
    """Go on sending a byte every tenth of a second, until nobody takes it."""

    def send_on() -> None:
        with contextlib.suppress(OSError):
            while True:
                line.sendall(b"x")
                time.sleep(0.1)

    threading.Thread(target=send_on, daemon=True).start()


def begun(
    rig: Rig, token: str, path: str = "/chat/media?kind=photo&nonce=a1&seen=0", mime: str = FORM
) -> socket.socket:
    """Begin to send a body, and send one byte of it."""
    line = socket.create_connection(("127.0.0.1", rig.port))
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: __Host-hilo={token}\r\nContent-Length: 1000\r\n"
    line.sendall(f"{head}Accept: application/json\r\nContent-Type: {mime}\r\n\r\nx".encode())
    return line


def answered(rig: Rig, token: str) -> socket.socket:
    """Begin a request whose body never comes, and wait until it is being answered."""
    line = socket.create_connection(("127.0.0.1", rig.port))
    head = f"POST /chat HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: __Host-hilo={token}\r\nContent-Length: 1000\r\n"
    line.sendall(f"{head}Content-Type: {FORM}\r\nExpect: 100-continue\r\n\r\n".encode())
    assert line.recv(100).startswith(b"HTTP/1.1 100 ")
    return line


def files(folder: Path) -> list[str]:
    """List what lies on the shelf."""
    return [path.name for path in folder.glob("media/*")]


def test_nothing_a_stranger_sends_stays(rig: Rig, browser: httpx.Client, tmp_path: Path) -> None:
    """Before anybody agreed to anything a page may be opened by whoever likes: no file of theirs fills the disk."""
    rig.script = deaf
    asked = {"kind": "photo", "nonce": "a1", "seen": "0"}
    by_script = browser.post("/chat/media", params=asked, content=png(), headers=SCRIPT)
    form = next(form for form in Page(browser.get("/chat").text).forms if form.action == "/chat/media")
    plainly = browser.post(form.action, data=form.fields, files={"photo": ("x.png", png(), "image/png")})

    assert (by_script.status_code, plainly.status_code) == (204, 303)
    assert files(tmp_path) == []
    assert [(kept.chat, kept.file) for kept in rig.kept] == [(CHAT, None)] * 2  # and the bot can say what it waits for
    assert rig.kept[0].kind is Kind.PHOTO


@pytest.mark.parametrize("state", ["invited", "consenting", "declined", "naming", "active", "left"])
def test_files_are_kept_from_consent_on(rig: Rig, browser: httpx.Client, tmp_path: Path, state: str) -> None:
    """Until she has agreed a file is not kept; afterwards, and when she left, it is."""
    rig.script = deaf
    rig.person(CHAT, "es")
    rig.write_in(lambda unit: unit.people.change(unit.people.at("web", CHAT), participation=state))
    browser.post("/chat/media", params={"kind": "photo", "nonce": "a1", "seen": "0"}, content=png(), headers=SCRIPT)

    assert len(files(tmp_path)) == (state in {"active", "left"})


def test_one_who_sends_slowly_holds_one_place(rig: Rig, browser: httpx.Client) -> None:
    """However many files one conversation begins to send and never ends, another's go through."""
    rig.script = deaf
    for chat, token in ((CHAT, TOKEN), (OTHER, THEIRS)):
        rig.person(chat, "es")
        rig.open(chat, token)
    lines = [begun(rig, THEIRS) for _ in range(6)]
    time.sleep(0.3)

    asked = {"kind": "photo", "nonce": "a1", "seen": "0"}
    answer = browser.post("/chat/media", params=asked, content=png(), headers=SCRIPT, timeout=5)

    assert answer.status_code == 204
    for line in lines:
        line.close()


def test_a_body_that_stalls_is_not_waited_for(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a while without a byte the server says so and hangs up; nothing of it is kept."""
    monkeypatch.setattr(middleware, "STALLED", 0.3)
    rig.person(CHAT, "es")
    for path in ("/chat/media?kind=photo&nonce=a1&seen=0", "/chat", "/join/7KQ2M9ABCD"):
        assert shut(begun(rig, TOKEN, path)).startswith(b"HTTP/1.1 408 ")

    assert rig.kept == []


def test_a_body_that_trickles_is_not_waited_for(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """A byte now and then is no line of anybody's."""
    monkeypatch.setattr(middleware, "AT_LEAST", 0.5)
    monkeypatch.setattr(middleware, "SLOWEST", 10_000_000_000)
    line = begun(rig, TOKEN, "/chat")

    trickle(line)

    assert shut(line).startswith(b"HTTP/1.1 408 ")


def test_a_body_nobody_wants_is_not_waited_for(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is no form is refused unread, and the rest of it keeps no line open."""
    monkeypatch.setattr(server, "HEAD", 0.3)
    line = begun(rig, TOKEN, "/chat", "image/png")
    trickle(line)

    assert shut(line).startswith(b"HTTP/1.1 400 ")


def test_a_slow_body_is_waited_for(rig: Rig, browser: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """A phone in the hills that sends piece by piece, each in time, is heard to the end."""
    monkeypatch.setattr(middleware, "STALLED", 0.5)
    rig.script = deaf
    rig.person(CHAT, "es")
    line = socket.create_connection(("127.0.0.1", rig.port))
    body = png()
    head = f"POST /chat/media?kind=photo&nonce=a1&seen=0 HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: __Host-hilo={TOKEN}\r\n"
    line.sendall(f"{head}Accept: application/json\r\nConnection: close\r\nContent-Length: {len(body)}\r\n\r\n".encode())
    for start in range(0, len(body), 20):
        line.sendall(body[start : start + 20])
        time.sleep(0.2)

    assert shut(line).startswith(b"HTTP/1.1 204 ")
    assert rig.kept[0].size == len(body)


@pytest.mark.parametrize(
    "said", [b"", b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ", b"GET /health HTTP/1.1\r\nHost: x\r\n\r\nGET /"]
)
def test_a_request_that_never_comes_is_not_waited_for(rig: Rig, monkeypatch: pytest.MonkeyPatch, said: bytes) -> None:
    """Lines on which nothing is asked, or never all of it, the first time or later, are closed."""
    monkeypatch.setattr(server, "HEAD", 0.5)
    line = socket.create_connection(("127.0.0.1", rig.port))
    line.sendall(said)
    if said:
        trickle(line)
    before = time.monotonic()

    assert shut(line).startswith(b"HTTP/1.1 200 ") == (b"health" in said)
    assert time.monotonic() - before < 3


def test_an_open_page_is_not_hung_up_on(rig: Rig, browser: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stream of what is new stays open however long nothing is asked on its line."""
    monkeypatch.setattr(server, "HEAD", 0.3)
    monkeypatch.setattr(middleware, "STALLED", 0.3)
    with browser.stream("GET", "/chat/events?after=0") as stream:
        lines = stream.iter_lines()
        assert next(lines) == "retry: 2000"
        time.sleep(1)
        rig.say(CHAT, "Sigo aquí.")
        assert any("Sigo aquí." in line for line in lines)


def test_half_requests_take_nobodys_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where all lines are taken, the one that has waited longest for its request makes room for the next one."""
    monkeypatch.setattr(server, "MOST", server.FEWEST)
    with running(tmp_path) as rig:
        lines = [socket.create_connection(("127.0.0.1", rig.port)) for _ in range(3 * server.FEWEST)]
        for line in lines:
            with contextlib.suppress(OSError):  # cut already
                line.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\nX-Half: ")
        answers = [httpx.get(f"{rig.address}/health", timeout=5).status_code for _ in range(5)]
        left = rig._server.lines.open if rig._server else 0
        for line in lines:
            line.close()

    assert answers == [200] * 5
    assert left <= server.FEWEST + 1


def test_half_requests_of_one_place_cut_nobody_elses_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One place waits with half requests on a part of the lines: the lines of others stay, however slowly they ask."""
    monkeypatch.setattr(server, "MOST", 2 * server.FEWEST)
    with running(tmp_path) as rig:
        slowly = socket.create_connection(("127.0.0.1", rig.port), source_address=("127.0.2.1", 0))
        slowly.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\n")
        halves = []
        for _ in range(3 * server.FEWEST):
            halves.append(socket.create_connection(("127.0.0.1", rig.port), source_address=("127.0.1.1", 0)))
            with contextlib.suppress(OSError):  # cut already
                halves[-1].sendall(b"GET /health HTTP/1.1\r\nHost: x\r\nX-Half: ")
        time.sleep(0.3)
        left = rig._server.lines.open if rig._server else 0
        slowly.sendall(b"Connection: close\r\n\r\n")

        assert shut(slowly).startswith(b"HTTP/1.1 200 ")
        assert left <= server.FEWEST // 2 + 1
        for line in halves:
            line.close()


def test_half_bodies_of_one_asker_are_few(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever is in the middle of sending many bodies is turned away with the next; it ends with one of them."""
    monkeypatch.setattr(flood, "BODIES", (2, 3))
    rig.script = deaf
    rig.person(CHAT, "es")
    rig.open(CHAT, TOKEN)
    with httpx.Client(base_url=rig.address, cookies={"__Host-hilo": TOKEN}) as browser:
        assert browser.get("/chat").status_code == 200  # known from here on
    known = [begun(rig, TOKEN, "/chat") for _ in range(2)]
    strangers = [begun(rig, "00" * 20, "/enter") for _ in range(3)]
    time.sleep(0.3)

    assert shut(begun(rig, TOKEN, "/chat")).startswith(b"HTTP/1.1 429 ")
    assert shut(begun(rig, "00" * 20, "/enter")).startswith(b"HTTP/1.1 429 ")
    rig.invite()
    newcomer = httpx.post(f"{rig.address}/join/7kq2m-9abcd", data={"nonce": "1"}).status_code
    assert newcomer == 303  # whoever comes with a good code comes in, from that place too
    known[0].close()
    time.sleep(0.3)
    with begun(rig, TOKEN, "/chat") as again, pytest.raises(TimeoutError):
        shut(again, 0.3)
    for line in (*known, *strangers):
        line.close()


def test_lines_that_are_answered_are_not_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where every line is being answered, a new one is closed at once and an open page stays."""
    monkeypatch.setattr(server, "MOST", 2)
    monkeypatch.setattr(server, "FEWEST", 2)
    with running(tmp_path) as rig, httpx.Client(base_url=rig.address, cookies={"__Host-hilo": TOKEN}) as page:
        rig.open(CHAT, TOKEN)
        with page.stream("GET", "/chat/events?after=0") as stream, answered(rig, TOKEN):
            lines = stream.iter_lines()
            assert next(lines) == "retry: 2000"
            with pytest.raises(httpx.TransportError):
                httpx.get(f"{rig.address}/health")
            rig.say(CHAT, "Sigo aquí.")
            assert any("Sigo aquí." in line for line in lines)
