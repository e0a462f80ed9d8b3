"""Following an order on Telegram, on both clients: with a real bot, and with a clock that can be moved."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.messengers.aiogram import AiogramMessenger
from bot.messengers.ptb import PtbMessenger
from tests.bot.rig import SIERRA, Rig, texts
from tests.by_day import CLIENTS_ALIKE
from tests.double import Double, User
from tests.thread.bot import Hilo
from tests.thread.test_thread import COHORT, PURPOSE, WORDS, join

CLIENTS = {"ptb": PtbMessenger, "aiogram": AiogramMessenger}
TITLES = {"es": f"¿Cómo vas? · {SIERRA}", "en": f"How is it going? · {SIERRA}"}


def say(code: str, language: str = "es") -> str:
    """Return the sentence of a code."""
    return texts().say(code, language)


def titled(user: User, language: str) -> str:
    """Return the label of the newest order's button."""
    return next(label for label in user.labels if label.startswith(TITLES[language]))


def facilitate(user: User, code: str, language: str) -> None:
    """Come in as one of the team."""
    user.start(code)
    user.sees(WORDS[language]["language"])
    user.press(WORDS[language]["language"])
    user.sees(say("join.name.staff", language))
    user.say(user.person.first_name)
    user.sees(say("join.done.staff", language))


@pytest.mark.by_day("client", why=CLIENTS_ALIKE)
@pytest.mark.proof
def test_two_facilitators_follow_one_order(install: Callable[..., Hilo], double: Double, client: str) -> None:
    """Each in her language sees who is missing; what one does stands in the other's panel at once, with her name."""
    hilo = install(client)
    hilo.command("cohort", "add", COHORT)
    hilo.start()
    ana, eva = double.user("Ana", "es"), double.user("Eva", "en")
    facilitate(ana, hilo.invite(COHORT, role="facilitator"), "es")
    facilitate(eva, hilo.invite(COHORT, role="facilitator"), "en")
    half, idle = double.user("Colibrí", "es"), double.user("Firefly", "en")
    join(half, hilo.invite(COHORT), WORDS["es"])
    join(idle, hilo.invite(COHORT), WORDS["en"])
    hilo.command("broadcast", "check_in", "--to", COHORT, "--purpose", PURPOSE)
    half.sees(WORDS["es"]["start"])
    half.press(WORDS["es"]["start"])
    half.sees(WORDS["es"]["mood"])
    half.press(WORDS["es"]["low"])
    half.sees(WORDS["es"]["week"])
    idle.sees(WORDS["en"]["start"])

    ana.say("/avance")
    ana.sees(say("progress.which"))
    ana.press(titled(ana, "es"))
    mine = ana.sees("Se envió a 2 de 2 · 1 va a la mitad · 1 no ha empezado")
    eva.say("/progress")
    eva.sees(say("progress.which", "en"))
    eva.press(titled(eva, "en"))
    hers = eva.sees("Sent to 2 of 2 · 1 is halfway · 1 hasn't started")
    ana.press(say("button.order_who"))
    assert ana.sees("Colibrí: se quedó en la pregunta 2 hoy").id == mine.id
    assert "Firefly: se le envió hoy y no ha empezado" in ana.screen()
    ana.press(say("button.order_back"))
    ana.sees("Se envió a 2 de 2")
    ana.press(say("button.order_nudge"))
    ana.sees("¿Les recuerdo a 2 personas?")
    since = eva.seen()
    ana.press(say("button.order_nudge_yes"))
    ana.sees("Va un recordatorio para 2 personas")
    assert eva.sees("The reminder went out today. Ana did it.", since=since).id == hers.id
    eva.press(say("button.order_end", "en"))
    eva.sees(say("end.ask", "en"))
    since, there = ana.seen(), half.seen()
    eva.press(say("button.order_end_yes", "en"))
    eva.sees(say("end.done", "en"))
    assert ana.sees("Se cerró hoy. Lo hizo Eva.", since=since).id == mine.id
    half.sees(say("progress.over"), since=there)

    idle.press(WORDS["en"]["start"])
    idle.sees(say("misplaced.closed", "en"))
    assert all(press.answered for press in double.account.presses.values())


class Wire(Rig):
    """The whole bot in this process, with Telegram's double at the other end of a real client."""

    def __init__(self, folder: Path, client: str, double: Double) -> None:
        super().__init__(folder)
        self.telegram = CLIENTS[client](double.token, double.url)
        self.messenger = self.telegram  # type: ignore[assignment]  # the port, which is all that is used of it here

    def close(self) -> None:
        """Hang up, and let go of the database."""
        self._loop.run_until_complete(self.telegram.close())
        super().close()

    def does(self, act: Callable[[str], object], *words: str) -> None:
        """Let someone say or press these, one after the other, each answered before the next."""
        for each in words:
            act(each)
            self.settle()

    def comes(self, user: User, language: str, role: str = "leader") -> None:
        """Let someone come in."""
        self.does(user.say, f"/start {self.invite(role)}")
        self.does(user.press, WORDS[language]["language"])
        if role == "leader":
            self.does(user.press, WORDS[language]["agree"])
        self.does(user.say, user.person.first_name)


@pytest.fixture
def wire(tmp_path: Path, double: Double, client: str) -> Iterator[Wire]:
    """The bot in this process, on each client in turn."""
    it = Wire(tmp_path, client, double)
    yield it
    it.close()


def test_a_panel_is_edited_as_people_answer(wire: Wire, double: Double) -> None:
    """The same message changes when the counts did, twice a minute at most, and never once the order is closed."""
    ana, leader = double.user("Ana", "es"), double.user("Colibrí", "es")
    wire.comes(ana, "es", "facilitator")
    wire.comes(leader, "es")
    wire.order()
    wire.tick()
    wire.does(ana.say, "/avance")
    wire.does(ana.press, titled(ana, "es"))
    panel = ana.said[-1]
    assert "1 no ha empezado" in panel.words
    before = len(double.calls("editMessageText", ana.id))
    wire.does(leader.press, WORDS["es"]["start"], WORDS["es"]["low"])
    for _ in range(29):
        wire.advance(seconds=1)
        wire.tick()
    assert len(double.calls("editMessageText", ana.id)) == before
    for _ in range(90):
        wire.advance(seconds=1)
        wire.tick()
    assert len(double.calls("editMessageText", ana.id)) == before + 1
    assert "1 va a la mitad" in ana.said[-1].words
    assert ana.said[-1].id == panel.id
    wire.does(ana.press, say("button.order_end"), say("button.order_end_yes"))
    closed = len(double.calls("editMessageText", ana.id))
    for _ in range(90):
        wire.advance(seconds=1)
        wire.tick()

    assert len(double.calls("editMessageText", ana.id)) == closed
    assert leader.said[-1].words == say("progress.over")


@pytest.mark.parametrize("language", ["es", "en"])
def test_a_reminder_on_telegram(wire: Wire, double: Double, language: str) -> None:
    """Once, after four silent hours: nobody asked yet who sees her phone, so the question comes when she opens it."""
    words = WORDS[language]
    ana, leader = double.user("Ana", "es"), double.user("Colibrí", language)
    wire.comes(ana, "es", "facilitator")
    wire.comes(leader, language)
    wire.order()
    wire.tick()
    wire.does(leader.press, words["start"])
    wire.does(ana.say, "/avance")
    wire.does(ana.press, titled(ana, "es"), say("button.order_nudge"), say("button.order_nudge_yes"))
    heard = len(leader.said)
    for _ in range(3):
        wire.advance(hours=1)
        wire.tick()
    assert len(leader.said) == heard
    wire.advance(hours=1, minutes=1)
    wire.tick()
    assert leader.said[-1].words == say("leader.notice", language)
    wire.now += timedelta(hours=5)
    wire.tick()
    assert len(leader.said) == heard + 1
    wire.does(leader.press, say("button.resume", language))
    assert words["mood"] in leader.said[-1].words
    wire.does(leader.press, words["good"])

    assert words["week"] in leader.said[-1].words
