"""A real process is asked on its own port: ready once it does its part, and it says where the database is away."""

import time
from collections.abc import Callable

import httpx
import pytest

from tests.bot.test_monitor import figures
from tests.double import Double
from tests.storage.conftest import databases  # noqa: F401  a fixture is known where it is imported
from tests.storage.test_cut_server import Server, server  # noqa: F401  the same
from tests.thread.bot import Hilo, free_port
from tests.thread.test_kills import until
from tests.thread.test_thread import COHORT, WORDS, join

pytestmark = pytest.mark.proof

WITHIN = 10.0  # seconds for an answer, of a machine that is busy


def asked(hilo: Hilo, page: str) -> httpx.Response:
    """Ask a process on the port of its own."""
    url = f"http://127.0.0.1:{hilo.environment['HILO_METRICS_PORT']}{page}"
    try:
        return httpx.get(url, trust_env=False, timeout=WITHIN)
    except httpx.TransportError:
        raise AssertionError(hilo.log.read_text()) from None


def test_a_process_tells_how_it_stands(install: Callable[..., Hilo], double: Double) -> None:
    """What it did is counted, what nobody set stands open to nobody, and a port that is taken is said to be."""
    hilo = install(HILO_METRICS_PORT=str(free_port()))
    hilo.command("cohort", "add", COHORT)
    hilo.start()
    leader = double.user("Colibrí", "es")
    join(leader, hilo.invite(COHORT), WORDS["es"])
    double.wait_confirmed()
    ready, page = asked(hilo, "/readyz"), asked(hilo, "/metrics").text
    found = figures(page)

    assert (ready.status_code, ready.text) == (200, "ready\n")
    assert found["hilo_turns_played_total", ""] == found["hilo_updates_kept_total", ""] >= 4
    assert found["hilo_messages_sent_total", ""] >= 4
    assert found["hilo_inbox_waiting", ""] == 0
    assert found["hilo_fetched_seconds", "telegram"] < WITHIN + 30
    assert [found["hilo_lease_held", name] for name in ("courier", "tick", "poll telegram")] == [1, 1, 1]
    assert not [each for each in ("Colibrí", str(leader.id), COHORT) if each in page]
    for path in ("/readyz", "/metrics"):
        assert httpx.get(f"http://127.0.0.1:{hilo.port}{path}", trust_env=False).status_code == 404
    other = install(HILO_METRICS_PORT=hilo.environment["HILO_METRICS_PORT"])
    assert "HILO_METRICS_PORT" in other.command("run", fails=True)


def test_a_database_that_is_away_is_said(install: Callable[..., Hilo], server: Server) -> None:  # noqa: F811  pytest's way of asking for it
    """503 and one word within seconds while PostgreSQL is away, figures all the same, and ready again afterwards."""
    hilo = install(HILO_DATABASE_URL=server.databases.create(), HILO_METRICS_PORT=str(free_port()))
    hilo.command("cohort", "add", COHORT)
    hilo.start()
    until(lambda: asked(hilo, "/readyz").text == "ready\n", hilo.log.read_text)
    server.cut()
    began = time.monotonic()
    away = asked(hilo, "/readyz")
    took = time.monotonic() - began
    up = figures(asked(hilo, "/metrics").text)["hilo_database_up", ""]
    server.start()

    assert (away.status_code, away.text, up) == (503, "database\n", 0)
    assert took < WITHIN
    until(lambda: asked(hilo, "/readyz").text == "ready\n", hilo.log.read_text)
    assert figures(asked(hilo, "/metrics").text)["hilo_database_up", ""] == 1
