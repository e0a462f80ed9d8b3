"""Telegram brings updates to a real bot, whole: nobody else is heard, nothing is lost, and nothing doubled.

That nobody polls beside it is seen by the double, which fails a test in which anybody does while an address is set.
"""

import socket
import time
from collections.abc import Callable

import httpx
import pytest

from bot.messengers.port import CONFLICT, WEBHOOK
from tests.by_day import CLIENTS_ALIKE
from tests.double import Double
from tests.storage.world import opened
from tests.thread import test_intruded as intruded
from tests.thread.bot import Hilo
from tests.thread.test_intruded import ELSEWHERE, PATIENCE, admin, noted, say, theft
from tests.thread.test_thread import COHORT, PURPOSE, WORDS, exported, join

pytestmark = pytest.mark.proof

HEADER = "X-Telegram-Bot-Api-Secret-Token"
SECRET = "a-secret-that-nobody-guesses"


def until(done: Callable[[], object], hilo: Hilo) -> None:
    """Wait until something is so."""
    end = time.monotonic() + PATIENCE
    while not done():
        assert time.monotonic() < end, hilo.log.read_text()
        time.sleep(0.05)


def brought(url: str, update: object, secret: str | None = SECRET) -> httpx.Response:
    """Bring something to a webhook."""
    headers = {HEADER: secret} if secret is not None else {}
    return httpx.post(url, json=update, headers=headers, trust_env=False, timeout=PATIENCE)


@pytest.mark.by_day("client", why=CLIENTS_ALIKE)
def test_a_check_in_is_asked_and_answered(install: Callable[..., Hilo], double: Double, client: str) -> None:
    """The bot sets its address by itself; while it is dead updates wait at Telegram, and come once it is back."""
    double.allow("message is not modified")  # an edit that was made, and not noted so, is made again
    hilo = install(client)
    url = hilo.hook()
    hilo.command("cohort", "add", COHORT)
    hilo.start()
    until(lambda: double.account.webhook.url == url, hilo)
    leader = double.user("Colibrí", "es")
    join(leader, hilo.invite(COHORT), WORDS["es"])
    hilo.command("broadcast", "check_in", "--to", COHORT, "--purpose", PURPOSE)
    leader.sees(WORDS["es"]["start"])
    leader.press(WORDS["es"]["start"])
    leader.sees("1 de 4")
    hilo.kill()
    leader.press(leader.last.labels[1])
    until(lambda: double.account.webhook.last_error, hilo)
    hilo.start()
    leader.sees("2 de 4", PATIENCE)
    leader.say("Hubo junta.")
    leader.press(leader.sees(WORDS["es"]["all"], PATIENCE).labels[0])
    leader.sees("3 de 4", PATIENCE)
    double.wait_confirmed()

    assert double.account.webhook.secret == SECRET
    assert [row["week"] for row in exported(hilo)] == ["Hubo junta."]
    assert hilo.rows("SELECT count(*) FROM inbox WHERE state <> 'done'") == [(0,)]
    assert f"Telegram brings messages to {url}" in hilo.command("status")
    assert f"· Telegram brings messages to {url}, though the last time it couldn't" in hilo.command(
        "doctor", fails=True
    )


@pytest.mark.by_day("client", why=CLIENTS_ALIKE)
def test_nobody_else_is_heard(install: Callable[..., Hilo], double: Double, client: str) -> None:
    """Without the secret, too large, no JSON: refused, nothing is kept, the log and the status say so."""
    hilo = install(client)
    url = hilo.hook()
    hilo.start()
    until(lambda: double.account.webhook.url == url, hilo)
    forged = {"update_id": 1, "message": {"message_id": 1, "chat": {"id": 5, "type": "private"}, "text": "/start"}}
    assert [brought(url, forged, secret).status_code for secret in (None, "", SECRET[:-1], SECRET + "x")] == [403] * 4
    assert httpx.get(url, trust_env=False).status_code == 403
    assert httpx.get(url, headers={HEADER: SECRET}, trust_env=False).status_code == 405
    head = f"POST /telegram HTTP/1.1\r\nHost: a\r\n{HEADER}: {SECRET}\r\n"
    with socket.create_connection(("127.0.0.1", hilo.port)) as line:
        # Ten megabytes are announced, and refused before one of them was sent.
        line.sendall(f"{head}Content-Length: 10000000\r\n\r\n".encode())
        assert line.recv(100).startswith(b"HTTP/1.1 413")
    with socket.create_connection(("127.0.0.1", hilo.port)) as line:
        line.sendall(f"{head}Transfer-Encoding: chunked\r\n\r\n".encode())
        refused = b""
        try:
            for _ in range(200):
                line.sendall(b"10000\r\n" + b" " * 0x10000 + b"\r\n")
        except OSError:  # hung up on in the middle of it
            refused = b"cut"
        assert refused or line.recv(100).startswith(b"HTTP/1.1 413")
    for odd in (b"", b"{", b"\xff\xfe", b"[" * 500_000, b"1" * 5_000):
        answer = httpx.post(url, content=odd, headers={HEADER: SECRET}, trust_env=False, timeout=PATIENCE)
        assert answer.status_code == 400, odd[:10]
    assert hilo.rows("SELECT count(*) FROM inbox") == [(0,)]
    double.allow("chat not found")  # whom it answers is nobody
    assert brought(url, forged).status_code == 200
    assert brought(url, forged).status_code == 200
    until(lambda: "5 requests to the webhook without its secret were refused" in hilo.log.read_text(), hilo)

    log, status = hilo.log.read_text(), hilo.command("status")
    assert hilo.rows("SELECT count(*) FROM inbox") == [(1,)]
    assert "1 updates came again, and are left as they were" in log
    assert "without its key, and were turned away: 5 " in status
    assert "messages again that were here already; each counts once: 1 " in status
    assert SECRET not in log + status
    assert "Traceback" not in log


@pytest.mark.by_day("client", why=CLIENTS_ALIKE)
def test_who_sets_another_webhook_or_removes_ours_is_told_of(
    install: Callable[..., Hilo], double: Double, client: str
) -> None:
    """Ours is set again within a minute, admins are told once, and nothing that was said meanwhile is lost."""
    hilo = install(client)
    url = hilo.hook()
    hilo.start()
    sol = admin(hilo, double, "Sol", "es")
    mark = sol.seen()
    assert theft(double, "setWebhook", url=ELSEWHERE).is_success
    sol.say("/menu")
    until(lambda: double.account.webhook.url == url, hilo)
    sol.sees(say(f"notice.{WEBHOOK}"), PATIENCE, since=mark)
    sol.sees("Necesito apoyo", PATIENCE, since=mark)
    assert theft(double, "deleteWebhook").is_success
    until(lambda: double.account.webhook.url == url, hilo)
    until(lambda: noted(hilo, CONFLICT) == 1, hilo)

    assert (intruded.told(sol, WEBHOOK, "es"), noted(hilo, WEBHOOK)) == (1, 1)
    assert "Someone else had this bot's messages" in hilo.command("status")
    assert ELSEWHERE not in hilo.log.read_text()


@pytest.mark.by_day("client", why=CLIENTS_ALIKE)
def test_without_the_setting_the_old_webhook_goes(install: Callable[..., Hilo], double: Double, client: str) -> None:
    """The bot knows its own address, so nobody is told of a theft; what waited is fetched."""
    hilo = install(client)
    url = hilo.hook()
    hilo.start()
    sol = admin(hilo, double, "Sol", "es")
    hilo.stop()
    assert double.account.webhook.url == url  # a platform that sleeps is woken by it
    hilo.unhook()
    assert f"· Telegram brings messages to {url}, the address from before" in hilo.command("doctor", fails=True)
    mark = sol.seen()
    sol.say("/menu")
    double.allow("can't use getUpdates")
    hilo.start()
    sol.sees("Necesito apoyo", PATIENCE, since=mark)

    assert double.account.webhook.url == ""
    assert (noted(hilo, WEBHOOK), noted(hilo, CONFLICT)) == (0, 0)
    assert "the webhook that was set before is removed" in hilo.log.read_text()


def test_a_database_that_cannot_write_loses_nothing(install: Callable[..., Hilo], double: Double) -> None:
    """Telegram is told to come again until it can; then everything is there, once."""
    hilo = install()
    url = hilo.hook()
    hilo.start()
    until(lambda: double.account.webhook.url == url, hilo)
    ana = double.user("Ana", "es")
    with opened(hilo.url) as database, database.write():
        for each in range(3):
            ana.say(f"hola {each}")
        until(lambda: double.account.webhook.last_error.endswith("503 Service Unavailable"), hilo)
        assert double.pending == 3
    double.wait_confirmed(PATIENCE)

    assert hilo.rows("SELECT count(*) FROM inbox") == [(3,)]
    assert "nothing can be written" in hilo.log.read_text()


def test_it_refuses_to_start_without_a_secret(install: Callable[..., Hilo]) -> None:
    """A webhook that anybody may call would let anybody answer for anybody."""
    hilo = install()
    for secret in ("", "not allowed!", "x" * 257):
        hilo.hook(secret)
        printed = hilo.command("run", fails=True)
        assert "openssl rand -hex 32" in printed
        assert not secret or secret not in printed
    hilo.hook()
    hilo.environment["HILO_WEBHOOK_URL"] = f"http://127.0.0.1:{hilo.port}/health"
    assert "a path of its own" in hilo.command("run", fails=True)
