"""The double delivers by webhook as Telegram does, and can be talked to from a console."""

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest

from tests.double import TOKEN, Double, User
from tests.double.fixture import double

__all__ = ["double"]


class Hook:
    """Somebody's webhook: what it was given, and what it answers."""

    def __init__(self, double: Double, url: str) -> None:
        self.url = url
        self.given: list[dict[str, Any]] = []
        self.secrets: list[str | None] = []
        self.answers: list[int] = []  # statuses to give before 200
        self.pause = 0.0
        self._double = double

    def set(self, **params: Any) -> dict[str, Any]:
        api = f"{self._double.url}/bot{self._double.token}"
        answer = httpx.post(f"{api}/setWebhook", json={"url": self.url, **params}, trust_env=False).json()
        return dict(answer)

    def words(self) -> list[str]:
        return [update["message"]["text"] for update in self.given if "message" in update]

    def wait(self, number: int) -> None:
        end = time.monotonic() + 3
        while len(self.given) < number and time.monotonic() < end:
            time.sleep(0.01)
        assert len(self.given) == number


@pytest.fixture
def hook(double: Double) -> Iterator[Hook]:
    """A webhook that listens, and is not yet set."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            time.sleep(opened.pause)
            opened.given.append(httpx.Response(200, content=body).json())
            opened.secrets.append(self.headers.get("X-Telegram-Bot-Api-Secret-Token"))
            self.send_response(opened.answers.pop(0) if opened.answers else 200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Keep quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    opened = Hook(double, f"http://127.0.0.1:{server.server_address[1]}/hook")
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield opened
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def user(double: Double) -> User:
    """Somebody who opened the bot."""
    user = double.user()
    user.start()
    return user


def test_updates_arrive_with_the_secret(double: Double, hook: Hook, user: User) -> None:
    """What waited and what comes is delivered in order, each with the secret, and is done once taken."""
    assert hook.set(secret_token="s3cret")["ok"]
    hook.wait(1)
    user.say("una")
    user.say("dos")
    hook.wait(3)
    assert hook.words() == ["/start", "una", "dos"]
    assert set(hook.secrets) == {"s3cret"}
    double.wait_confirmed()


def test_a_refused_update_comes_again_before_the_next(double: Double, hook: Hook, user: User) -> None:
    """Until a chat's update is taken the chat's next one waits; the error is told."""
    hook.answers = [500, 503, 404]
    hook.set()
    user.say("una")
    hook.wait(5)
    double.wait_confirmed()
    assert hook.words() == ["/start"] * 4 + ["una"]


def test_a_press_may_overtake_words(double: Double, hook: Hook, user: User) -> None:
    """Words queue by chat and presses by person, so a press is delivered while earlier words still wait."""
    api = f"{double.url}/bot{double.token}"
    keys = {"inline_keyboard": [[{"text": "Sí", "callback_data": "yes"}]]}
    httpx.post(f"{api}/sendMessage", json={"chat_id": user.id, "text": "¿Sí?", "reply_markup": keys}, trust_env=False)
    hook.pause = 0.1
    hook.set()
    user.say("una")
    user.press("Sí")
    hook.wait(3)
    kinds = ["callback_query" if "callback_query" in update else "message" for update in hook.given]
    assert kinds.index("callback_query") < 2


def test_a_webhook_excludes_polling_and_can_be_taken_away(double: Double, hook: Hook, user: User) -> None:
    """While an address is set nobody can poll; once it is gone updates wait again."""
    api = f"{double.url}/bot{double.token}"
    hook.set(max_connections=2)
    hook.wait(1)
    with double.expecting("can't use getUpdates method while webhook is active"):
        assert httpx.post(f"{api}/getUpdates", trust_env=False).status_code == 409
    info = httpx.post(f"{api}/getWebhookInfo", trust_env=False).json()["result"]
    assert (info["url"], info["max_connections"], info["pending_update_count"]) == (hook.url, 2, 0)
    assert httpx.post(f"{api}/deleteWebhook", trust_env=False).json()["ok"]
    user.say("una")
    assert httpx.post(f"{api}/getUpdates", trust_env=False).json()["result"][0]["message"]["text"] == "una"
    assert hook.words() == ["/start"]


def test_an_address_must_be_safe(double: Double, hook: Hook) -> None:
    """Only HTTPS is taken, but for this machine itself."""
    with double.expecting("An HTTPS URL must be provided for webhook"):
        hook.url = "http://example.org/hook"
        hook.set()


def test_the_console_says_how_to_connect_and_what_happens() -> None:
    """Run by hand it prints address and token, and passes on what is typed and what the bot says."""
    command = [sys.executable, "-m", "tests.double", "--port", "0"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as console:
        assert console.stdin is not None
        assert console.stdout is not None
        address, token = (part.partition("=")[2] for part in console.stdout.readline().split())
        assert token == TOKEN
        api = f"{address}/bot{token}"
        console.stdin.write("hola\n[Nada]\n")
        console.stdin.flush()
        update = httpx.post(f"{api}/getUpdates", json={"timeout": 5}, trust_env=False).json()["result"][0]
        chat = update["message"]["chat"]["id"]
        assert "no button says 'Nada'" in console.stdout.readline()
        httpx.post(f"{api}/sendMessage", json={"chat_id": chat, "text": "¿Qué tal?"}, trust_env=False)
        assert console.stdout.readline() == "¿Qué tal?\n"
        console.stdin.close()
        assert console.wait(5) == 0
