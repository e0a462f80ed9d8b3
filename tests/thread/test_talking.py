"""Leaders and the team talk to each other, whole: over HTTP, on both Telegram clients, with the real process."""

from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from tests.bot import samples
from tests.by_day import CLIENTS_ALIKE
from tests.double import Double, User
from tests.thread.bot import Hilo
from tests.thread.test_thread import COHORT, WORDS, join

SETUP = {
    "name": "la Escuela",
    "danger_words": {"es": ["me pegó"]},
    "danger_protocol": {"es": "Llamar hoy a Rosa."},
}
CANARY = "me pego mi primo Xochitl"


def team(user: User, code: str) -> None:
    """Let someone of the team come in."""
    user.start(code)
    user.sees("1 · Español")
    user.press("1 · Español")
    user.sees("¿Cómo te digo?")
    user.say(user.person.first_name)
    user.sees("Menú")


def began(install: Callable[..., Hilo], client: str, double: Double, *names: str) -> tuple[Hilo, User, list[User]]:
    """An installation awake, with a leader and as many of the team as are named."""
    hilo = install(client)
    file = hilo.home.parent / "answers.yaml"
    file.write_text(yaml.safe_dump(SETUP, allow_unicode=True), "utf-8")
    hilo.command("setup", "--from", str(file))
    hilo.command("cohort", "add", COHORT)
    hilo.start()
    leader = double.user("Colibrí", "es")
    join(leader, hilo.invite(COHORT), WORDS["es"])
    members = [double.user(name, "es") for name in names]
    for member in members:
        team(member, hilo.invite(COHORT, role="facilitator"))
    return hilo, leader, members


@pytest.mark.by_day("client", why=CLIENTS_ALIKE)
@pytest.mark.proof
def test_a_voice_note_is_answered_by_voice(install: Callable[..., Hilo], double: Double, client: str) -> None:
    """Said when nothing is open, passed on, heard in place by one of two, answered, and answered again."""
    _, leader, (ana, eva) = began(install, client, double, "Ana", "Eva")
    before = [ana.seen(), eva.seen()]
    leader.voice(samples.ogg(), seconds=24)
    leader.sees("Si me dices que sí, se lo paso.")
    leader.press("Sí")
    leader.sees("Ya se lo pasé al equipo")
    for member, mark in zip((ana, eva), before, strict=True):
        member.sees(f"{COHORT}: hay un mensaje nuevo.", since=mark)
        member.press("Por atender")
        member.press(next(label for label in member.sees("Esto está por atender").labels if "Colibrí" in label))
        member.sees("nota de voz, 0:24")
    ana.press("🔊 Oír la nota de voz")
    ana.press("Contestar")
    ana.sees("¿Qué le quieres decir a Colibrí?")
    assert "(voice)" in ana.screen()
    eva.press("Yo me encargo")
    eva.sees("Ya lo tomó Ana.")
    ana.voice(samples.ogg(), seconds=5)
    ana.sees("¿Lo envío?")
    mark = leader.seen()
    ana.press("1 · Mandar a nombre del equipo")
    ana.sees("Ya va tu mensaje para Colibrí.")
    # Nobody has asked who sees this phone: first comes that there is something, and her tap opens it.
    leader.sees("Hay algo para ti.", since=mark)
    assert leader.said[-1].content.get("voice") is None
    leader.press("Abrir")
    told = leader.sees("Un mensaje del equipo.")
    assert "voice" in told.content
    assert told.labels == ["Contestar", "Necesito apoyo", "Menú"]
    leader.press("Contestar")
    leader.sees("Escribe lo que le quieras decir al equipo")
    leader.say("Gracias.")
    leader.sees("Ya se lo pasé al equipo")
    ana.say("/mensajes")
    ana.press(next(label for label in ana.sees("Esto está por atender").labels if "lo tiene Ana" in label))

    ana.sees("Gracias.")
    assert "Ana" not in leader.screen()


@pytest.mark.by_day("client", why=CLIENTS_ALIKE)
@pytest.mark.proof
def test_words_of_danger_are_seen_to_by_one(
    install: Callable[..., Hilo], double: Double, client: str, tmp_path: Path
) -> None:
    """Both are told at once, without a name or a word; one sees to it; nothing of it stands in the log."""
    hilo, leader, (ana, eva) = began(install, client, double, "Ana", "Eva")
    marks = [ana.seen(), eva.seen()]
    hilo.command("broadcast", "check_in", "--to", COHORT, "--purpose", "Para saber cómo va la semana")
    leader.sees("Sí, ahora")
    leader.press("Sí, ahora")
    leader.sees("1 de 4")
    leader.press("2 · 🙁 Bajo")
    leader.sees("2 de")
    leader.say(CANARY)
    leader.sees("Ya lo guardé")
    for member, mark in zip((ana, eva), marks, strict=True):
        notice = member.sees(f"{COHORT}: hay algo que atender.", since=mark)
        assert "Llamar hoy a Rosa." in notice.words
        assert "Xochitl" not in notice.words
        assert "Colibrí" not in notice.words
    mark = eva.seen()
    ana.press("Abrir")
    ana.sees(CANARY)
    ana.press("Ya lo leí")
    ana.sees("ya lo leíste")
    eva.sees("Ana ya leyó lo que había que atender.", since=mark)
    eva.press("Abrir")
    eva.sees("Lo leyó Ana.")
    hilo.stop()

    everything = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert b"Xochitl" not in everything
