"""What others do to the bot, whole: a refused or cut send, a webhook or a poller of somebody who has the token."""

import time
from collections.abc import Callable

import httpx
import pytest

from bot.app import open_storage
from bot.clock import now
from bot.config import Config
from bot.messengers.port import CONFLICT, WEBHOOK
from tests.bot.rig import texts
from tests.by_day import CLIENTS_ALIKE
from tests.double import Double, User
from tests.thread.bot import Hilo
from tests.thread.test_talking import began
from tests.thread.test_thread import WORDS, alone

pytestmark = pytest.mark.proof

PATIENCE = 30.0
ELSEWHERE = "https://thief.example.org/hook"
ADMIN = {"es": WORDS["es"]["language"], "en": WORDS["en"]["language"]}


def say(code: str, language: str = "es", **facts: object) -> str:
    """Return the sentence of a code."""
    return texts().say(code, language, **facts)


def admin(hilo: Hilo, double: Double, name: str, language: str) -> User:
    """Let an admin come in."""
    user = double.user(name, language)
    user.start(
        next(
            line.removeprefix("code: ")
            for line in hilo.command("invite", "--role", "admin").splitlines()
            if line.startswith("code: ")
        )
    )
    user.sees(ADMIN[language])
    user.press(ADMIN[language])
    user.sees({"es": "¿Cómo te digo?", "en": "What would you like to be called?"}[language])
    user.say(name)
    user.sees({"es": "Menú", "en": "Menu"}[language])
    return user


def noted(hilo: Hilo, code: str) -> int:
    """Count how often something is on the trail."""
    storage = open_storage(Config.load(hilo.environment, folder=hilo.home.parent))
    with storage.reading(now()) as unit:
        found = sum(entry.action == code for entry in unit.audit.list(1000))
    storage.database.dispose()
    return found


def told(user: User, code: str, language: str) -> int:
    """Count how often one was told."""
    return sum(say(f"notice.{code}", language) in (message.words or "") for message in user.said)


def theft(double: Double, method: str, **body: object) -> httpx.Response:
    """Call the Bot API with the stolen token."""
    return httpx.post(f"{double.url}/bot{double.token}/{method}", json=body, trust_env=False, timeout=PATIENCE)


@pytest.mark.by_day("client", why=CLIENTS_ALIKE)
def test_admins_are_told_of_a_webhook_of_somebody_elses(
    install: Callable[..., Hilo], double: Double, client: str
) -> None:
    """Each in her language, with what to do and a way on; once an hour, however often it is done; and all goes on."""
    hilo = install(client)
    hilo.start()
    sol, kim = admin(hilo, double, "Sol", "es"), admin(hilo, double, "Kim", "en")
    marks = sol.seen(), kim.seen()
    double.allow("can't use getUpdates", "terminated by")
    for _ in range(2):
        assert theft(double, "setWebhook", url=ELSEWHERE).is_success
        end = time.monotonic() + PATIENCE
        while double.account.webhook.url:
            assert time.monotonic() < end, hilo.log.read_text()
            time.sleep(0.1)
    sol.sees(say(f"notice.{WEBHOOK}"), PATIENCE, since=marks[0])
    kim.sees(say(f"notice.{WEBHOOK}", "en"), PATIENCE, since=marks[1])
    kim.press(say("menu.checklist", "en"))
    kim.sees(say("checklist", "en").split("{", maxsplit=1)[0], PATIENCE)
    sol.say("/menu")
    sol.sees("Necesito apoyo", PATIENCE)
    hilo.stop()

    assert (told(sol, WEBHOOK, "es"), told(kim, WEBHOOK, "en")) == (1, 1)
    assert told(sol, CONFLICT, "es") == 0
    assert (noted(hilo, WEBHOOK), noted(hilo, CONFLICT)) == (1, 0)
    assert ELSEWHERE not in hilo.log.read_text()


@pytest.mark.by_day("client", why=CLIENTS_ALIKE)
def test_admins_are_told_of_somebody_who_fetches(install: Callable[..., Hilo], double: Double, client: str) -> None:
    """A foreign poller is told of once, and what it leaves is handled."""
    hilo = install(client)
    hilo.start()
    sol = admin(hilo, double, "Sol", "es")
    mark = sol.seen()
    double.allow("terminated by other getUpdates")
    for _ in range(3):
        theft(double, "getUpdates", timeout=1)
    sol.sees(say(f"notice.{CONFLICT}"), PATIENCE, since=mark)
    sol.say("/menu")
    sol.sees("Necesito apoyo", PATIENCE)
    status = hilo.command("status")
    hilo.stop()

    assert "Someone else had this bot's messages" in status
    assert told(sol, CONFLICT, "es") == 1
    assert (noted(hilo, WEBHOOK), noted(hilo, CONFLICT)) == (0, 1)


@pytest.mark.by_day("client", why=CLIENTS_ALIKE)
@pytest.mark.parametrize(("client", "cut"), [("ptb", False), ("aiogram", True)])
def test_what_telegram_refused_or_left_unanswered_is_sent_again(
    install: Callable[..., Hilo], double: Double, client: str, cut: bool
) -> None:
    """From the menu: who it was for, what it was; then it is there, and says so where it may have been before."""
    hilo, leader, (ana,) = began(install, client, double, "Ana")
    alone(leader, "es")  # elsewhere nothing is sent again out of turn
    if cut:
        double.lose("sendMessage", chat=leader.id)
    else:
        double.allow("Bad Request")
        double.refuse("sendMessage", status=400, description="Bad Request: too odd", chat=leader.id)
    before = len(leader.said)
    leader.say("/ayuda")
    end = time.monotonic() + PATIENCE
    ana.say("/menu")
    ana.sees("Más")
    ana.press(say("menu.alert"))
    while say("menu.unsent") not in ana.sees(say("button.mail_closed")).labels:
        assert time.monotonic() < end, hilo.log.read_text()
        time.sleep(0.5)
        ana.say("/avisos")
    assert len(leader.said) == before + cut
    ana.press(say("menu.unsent"))
    ana.sees(
        "No sé si salió: una respuesta de Hilo para Colibrí" if cut else "No salió: una respuesta de Hilo para Colibrí"
    )
    ana.press("1 · Colibrí")
    ana.sees(say("button.unsent_resend"))
    mark = leader.seen()
    ana.press(say("button.unsent_resend"))
    ana.sees(say("unsent.resent"))
    again = leader.sees("Menú", since=mark)

    assert again.words.startswith("Por si no te llegó:") is cut
    assert len(leader.said) == before + cut + 1
