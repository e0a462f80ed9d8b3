"""A role ends at the terminal, or rests by a colleague's two taps, while the bot is awake: within five seconds nothing
of the team's is left to see, on Telegram, on a page, and in a stream that was open.
"""

import threading
import time
from collections.abc import Callable

import httpx
import pytest

from bot.rendering.texts import catalogs
from tests.bot.web.page import Page
from tests.by_day import CLIENTS_ALIKE
from tests.double import Double, User
from tests.thread.bot import Hilo
from tests.thread.test_leaving import facilitator
from tests.thread.test_privacy import Web
from tests.thread.test_talking import began
from tests.thread.test_thread import COHORT

WORDS = "Se cayó el puente de la canoa"
WITHIN = 5.0
TEXTS = catalogs()


def gone(shows: Callable[[], str], since: float) -> float:
    """Wait until the words are not to be seen any more; return after how many seconds."""
    while WORDS in shows():
        assert time.monotonic() - since < WITHIN, "still there"
        time.sleep(0.05)
    return time.monotonic() - since


def presses(member: User, label: str) -> None:
    """Wait for a button, and press it."""
    end = time.monotonic() + 10
    while not any(label in message.labels for message in member.said):
        assert time.monotonic() < end, member.screen()
        time.sleep(0.05)
    member.press(label)


def opens(member: User) -> None:
    """Open what the leader wrote, on Telegram."""
    member.say("/mensajes")
    member.press(next(label for label in member.sees("Esto está por atender").labels if "Colibrí" in label))
    member.sees(WORDS)


def opens_page(web: Web) -> None:
    """Open what the leader wrote, on a page."""
    web.says("/mensajes")
    label = next(
        each for form in Page(web.sees("Esto está por atender")).forms for each in form.buttons if "Col" in each
    )
    web.presses(label)
    web.sees(WORDS)


class OpenPage:
    """The stream of a page that is open, and all that it told."""

    def __init__(self, web: Web) -> None:
        self.told: list[str] = []
        self._client = httpx.Client(base_url=web.client.base_url, cookies=web.client.cookies, timeout=30)
        self._thread = threading.Thread(target=self._hear, daemon=True)
        self._thread.start()

    def _hear(self) -> None:
        with self._client, self._client.stream("GET", "/chat/events?after=1") as heard:
            for line in heard.iter_lines():
                self.told.append(line)

    def heard(self, event: str, since: float) -> float:
        """Wait for an event; return after how many seconds it came."""
        while f"event: {event}" not in self.told:
            assert time.monotonic() - since < WITHIN, self.told
            time.sleep(0.05)
        return time.monotonic() - since


@pytest.mark.by_day("client", why=CLIENTS_ALIKE)
@pytest.mark.proof
def test_what_is_open_closes_within_five_seconds(install: Callable[..., Hilo], double: Double, client: str) -> None:
    """At the terminal: Ana on Telegram, Eva on a page with a stream. By two taps: Sol, whose phone was taken."""
    hilo, leader, (ana, sol, luz) = began(install, client, double, "Ana", "Sol", "Luz")
    eva = facilitator(hilo)
    root = double.user("Rosa", "es")
    root.start(hilo.invite(COHORT, role="admin"))
    root.sees("1 · Español")
    root.press("1 · Español")
    root.sees("¿Cómo te digo?")
    root.say("Rosa")
    leader.say(WORDS)
    leader.sees("Si me dices que sí, se lo paso.")
    leader.press("Sí")
    leader.sees("Ya se lo pasé al equipo")
    for member in (ana, sol):
        opens(member)
    opens_page(eva)
    stream = OpenPage(eva)
    stream.heard("bubble", time.monotonic())
    took = {}

    hilo.command("role", "revoke", "Ana", "facilitator")
    took["telegram"] = gone(ana.screen, time.monotonic())
    ana.sees("Ya no tienes este permiso")
    hilo.command("role", "revoke", "Ana de la sierra", "facilitator")
    since = time.monotonic()
    took["stream"] = stream.heard("gone", since)
    took["page"] = gone(lambda: eva.client.get("/chat").text, since)

    luz.say("/menu")
    presses(luz, TEXTS.say("menu.role_rest", "es"))
    presses(luz, "Sol")
    since = time.monotonic()
    took["rest"] = gone(sol.screen, since)
    sol.sees(TEXTS.say("rest.told", "es"))
    root.sees(TEXTS.say("rest.asked", "es"))
    assert "Colibrí" not in sol.screen()
    sol.say("/mensajes")
    sol.sees(TEXTS.say("staff.not_allowed", "es"))
    hilo.command("role", "resume", "Sol")
    sol.sees(TEXTS.say("rest.over", "es"))
    opens(sol)
    print({name: round(seconds, 2) for name, seconds in took.items()})
    eva.client.close()
