"""What every answer carries, and what is refused before any page sees it."""

import gzip
import html
import logging
import re
import time

import httpx
import pytest

from bot.redaction import FORMAT, RedactingFormatter
from bot.rendering.texts import catalogs
from bot.web.app import create
from tests.bot.web.conftest import CHAT, TOKEN
from tests.bot.web.page import Page
from tests.bot.web.rig import Rig


@pytest.mark.parametrize("path", ["/", "/chat", "/join/7KQ2M9ABCD", "/health", "/nothing"])
def test_every_answer_is_guarded(browser: httpx.Client, path: str) -> None:
    """No answer may be framed, stored, sniffed, or tell another site where it was read."""
    headers = browser.get(path).headers

    assert headers["cache-control"] == "no-store"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-frame-options"] == "DENY"
    assert "server" not in headers


def test_practice_frames_its_own_pages_only(visitor: httpx.Client) -> None:
    """The two phones stand in frames of the same site."""
    policy = visitor.get("/practice/leader").headers["content-security-policy"]

    assert "frame-ancestors 'self'" in policy
    assert "frame-src 'self'" in policy


def test_pages_hold_no_script_and_no_style(browser: httpx.Client, visitor: httpx.Client) -> None:
    """What the policy forbids is not there: scripts and styles are files."""
    for text in (browser.get("/chat").text, browser.get("/").text, visitor.get("/").text):
        assert re.findall(r"<script(?! src=)|<style|\sstyle=|\son\w+=", text) == []


def test_files_are_kept_for_good_under_their_content(browser: httpx.Client) -> None:
    """Style and script have names that change with their content, and travel compressed."""
    text = browser.get("/chat").text
    names = re.findall(r'(?:href|src)="(/static/[^"]+)"', text)

    answers = [browser.get(name) for name in names]

    assert len(names) == 6
    assert all(re.fullmatch(r"/static/\w+\.[0-9a-f]{12}\.(css|js|svg)", name) for name in names)
    assert {answer.headers["cache-control"] for answer in answers} == {"public, max-age=31536000, immutable"}
    assert {answer.headers["content-type"].partition(";")[0] for answer in answers} == {
        "image/svg+xml",
        "text/css",
        "text/javascript",
    }
    assert sum(len(gzip.compress(answer.content)) for answer in answers) < 20_000
    lines = [line for answer in answers for line in answer.text.splitlines()]
    assert [line for line in lines if line.startswith((" ", "//", "/*"))] == []  # what explains a file does not travel


@pytest.mark.parametrize(
    ("headers", "passes"),
    [
        ({}, True),
        ({"sec-fetch-site": "same-origin"}, True),
        ({"sec-fetch-site": "none"}, True),
        ({"sec-fetch-site": "cross-site"}, False),
        ({"sec-fetch-site": "same-site"}, False),
        ({"sec-fetch-site": "cross-site", "origin": "http://{host}"}, False),
        ({"origin": "http://{host}"}, True),
        ({"origin": "https://evil.example"}, False),
        ({"origin": "null"}, True),
    ],
)
def test_another_site_cannot_post(rig: Rig, browser: httpx.Client, headers: dict[str, str], passes: bool) -> None:
    """A post that another site's page made is refused, by either header a browser sends."""
    composer = Page(browser.get("/chat").text).composer
    named = {name: value.format(host=f"127.0.0.1:{rig.port}") for name, value in headers.items()}

    answer = browser.post("/chat", data=composer.written("hola"), headers=named)

    assert answer.status_code == (303 if passes else 403)
    assert len(rig.kept) == passes


def test_practice_trusts_no_origin_it_cannot_read(practice: Rig, visitor: httpx.Client) -> None:
    """Practice has no cookie that would prove who asks, so a page that hides where it comes from is refused."""
    answer = visitor.post("/practice/again", headers={"origin": "null"})

    assert answer.status_code == 403


@pytest.mark.parametrize(
    ("host", "status"),
    [("localhost:{port}", 200), ("127.0.0.1", 200), ("evil.example", 400), ("127.0.0.1.evil.example", 400)],
)
def test_practice_answers_to_this_machine_only(practice: Rig, visitor: httpx.Client, host: str, status: int) -> None:
    """A name that another site points at this machine is refused in practice."""
    answer = visitor.get("/", headers={"host": host.format(port=practice.port)})

    assert answer.status_code == status
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_the_real_side_answers_to_any_name(client: httpx.Client) -> None:
    """The organisation's own name is the proxy's business."""
    assert client.get("/health", headers={"host": "hilo.example.org"}).status_code == 200


def test_a_body_beyond_reason_is_refused(rig: Rig, browser: httpx.Client) -> None:
    """More than a megabyte is no message, and a page says so."""
    answer = browser.post("/chat", data={"text": "x" * 1_100_000, "nonce": "1", "seen": "0"})

    assert answer.status_code == 413
    assert "Es muy grande" in answer.text
    assert "That's too big" in html.unescape(answer.text)
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert rig.kept == []


def test_no_log_holds_an_address_or_words(rig: Rig, browser: httpx.Client, caplog: pytest.LogCaptureFixture) -> None:
    """Whatever is logged, it is neither a conversation's secret address nor anything said in it."""
    with caplog.at_level(logging.DEBUG):
        composer = Page(browser.get("/chat").text).composer
        browser.post("/chat", data=composer.written("secreto del agua"))
        browser.get("/join/SECRETCODE")
    ours = [record for record in caplog.records if not record.name.startswith(("httpx", "httpcore"))]

    assert CHAT not in str([record.getMessage() for record in ours])
    assert TOKEN not in str([record.getMessage() for record in ours])
    assert "secreto del agua" not in str([record.getMessage() for record in ours])
    assert "SECRETCODE" not in str([record.getMessage() for record in ours])


def test_a_failure_of_ours_is_said_kindly(
    rig: Rig, browser: httpx.Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """An error inside answers with a guarded page that blames nobody, and the log names its kind only."""

    async def fail(*args: object) -> None:
        raise RuntimeError("inside")

    monkeypatch.setattr(rig.workers, "read", fail)

    answer = browser.get("/chat")

    assert answer.status_code == 500
    assert "Algo falló de nuestro lado" in answer.text
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cache-control"] == "no-store"
    assert "a page failed: RuntimeError" in caplog.text

    # The server below logs the error whole once the answer is on its way; what a running bot writes of it does not.
    end = time.monotonic() + 5
    while not any(record.exc_info for record in caplog.records):
        assert time.monotonic() < end
        time.sleep(0.01)
    written = "\n".join(map(RedactingFormatter(FORMAT).format, list(caplog.records)))
    assert "RuntimeError\n" in written
    assert "inside" not in written


@pytest.mark.parametrize(("public_url", "https"), [("https://hilo.example.org", True), ("http://hilo.local", False)])
def test_a_public_address_of_https_is_never_left(rig: Rig, public_url: str, https: bool) -> None:
    """Where pages are had by https alone, cookies travel by nothing else and browsers ask for nothing else."""
    rig.invite("7KQ2M9ABCD")
    site = create(rig.workers, rig.messenger, catalogs(), public_url=public_url)

    async def ask() -> httpx.Response:
        # As by a proxy that does not say what it was asked by itself.
        async with httpx.AsyncClient(transport=httpx.ASGITransport(site), base_url="http://hilo.local") as client:
            return await client.get("/join/7KQ2M9ABCD")

    answer = rig.call(ask())

    assert ("; Secure" in answer.headers["set-cookie"]) is https
    assert answer.headers.get("strict-transport-security") == ("max-age=31536000" if https else None)
