"""The thread, whole: an order, a leader on Telegram, her answers in a file; over HTTP, on both clients."""

import csv
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests import paths
from tests.bot.ready import ready
from tests.bot.rig import texts
from tests.by_day import CLIENTS_ALIKE
from tests.double import Double, User
from tests.thread.bot import Hilo

COHORT = "Sierra Norte"
PURPOSE = "Para saber cómo va la semana"

WORDS = {
    "es": {
        "language": "1 · Español",
        "agree": "Sí, quiero participar",
        "name?": "apodo",
        "joined": "Por hoy es todo",
        "start": "Sí, ahora",
        "mood": "1 de 4",
        "low": "2 · 🙁 Bajo",
        "good": "4 · 🙂 Bueno",
        "week": "2 de",
        "back": "Regresar",
        "before": "Antes contestaste",
        "keep": "Dejarla así",
        "saved": "Ya lo guardé",
        "all": "Listo",
        "need": "3 de",
        "call": "2 · Que me llamen",
        "about": "4 de 4",
        "finished": "Contestaste 4 de 4",
    },
    "en": {
        "language": "2 · English",
        "agree": "Yes, I want to take part",
        "name?": "nickname",
        "joined": "That's all for today",
        "start": "Yes, now",
        "mood": "1 of 4",
        "low": "2 · 🙁 Low",
        "good": "4 · 🙂 Good",
        "week": "2 of",
        "back": "Back",
        "before": "Your answer before",
        "keep": "Leave it as it is",
        "saved": "Saved. Anything to add?",
        "all": "Done",
        "need": "3 of",
        "call": "2 · A call",
        "about": "4 of 4",
        "finished": "You answered 4 of 4",
    },
}


def join(user: User, code: str, words: dict[str, str]) -> None:
    """Go the way in, from the link to a nickname."""
    user.start(code)
    user.sees(words["language"])
    user.press(words["language"])
    user.sees(words["agree"])
    user.press(words["agree"])
    user.sees(words["name?"])
    user.say(user.person.first_name)
    user.sees(words["joined"])


def alone(user: User, language: str) -> None:
    """Say that nobody else sees this phone, from the menu."""
    user.say("/menu")
    for code in ("button.how", "button.phone", "leader.phone.mine"):
        label = texts().say(code, language)
        user.sees(label)
        user.press(label)
    user.sees(f"✓ {label}")


def answer(user: User, words: dict[str, str], between: Callable[[], None] = lambda: None) -> None:
    """Answer the check-in, going back once to change the first answer; `between` happens in the middle."""
    user.sees(words["start"])
    user.press(words["start"])
    user.sees(words["mood"])
    user.press(words["low"])
    user.sees(words["week"])
    user.press(words["back"])
    # Nobody has asked yet who sees this phone: what was answered is kept, and does not stand on it.
    assert words["before"] not in user.sees(words["keep"]).words
    user.press(words["good"])
    user.sees(words["week"])
    between()
    user.say("Hubo junta.")
    user.sees(words["saved"])
    user.press(words["all"])
    user.sees(words["need"])
    user.press(words["call"])
    user.sees(words["about"])
    user.say("=HYPERLINK agua")
    user.sees(words["finished"])


def exported(hilo: Hilo, dialog: str = "check_in") -> list[dict[str, str]]:
    """Export all answers, and read those to a dialog."""
    out = hilo.home / "out"
    hilo.command("export", "--out", str(out), "--format", "csv", "--language", "es")
    with (out / f"{dialog}.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def began(install: Callable[..., Hilo], client: str) -> Hilo:
    """An installation with a cohort, awake."""
    hilo = install(client)
    ready(hilo.home)
    hilo.command("cohort", "add", COHORT)
    hilo.start()
    return hilo


@pytest.mark.by_day("client", why=CLIENTS_ALIKE)
@pytest.mark.proof
def test_a_check_in_goes_out_is_answered_in_both_languages_and_exported(
    install: Callable[..., Hilo], double: Double, client: str
) -> None:
    """Two leaders, one in each language, join, answer, go back and change; their answers stand in the file."""
    hilo = began(install, client)
    people = {"es": double.user("Colibrí", "es"), "en": double.user("Firefly", "en")}
    for language, user in people.items():
        join(user, hilo.invite(COHORT), WORDS[language])
    hilo.command("broadcast", "check_in", "--to", COHORT, "--purpose", PURPOSE)
    for language, user in people.items():
        answer(user, WORDS[language])

    rows = exported(hilo)

    assert {(row["language"], row["mood"], row["need"]) for row in rows} == {("es", "4", "call"), ("en", "4", "call")}
    assert {row["week"] for row in rows} == {"Hubo junta."}
    assert {row["need_about"] for row in rows} == {"'=HYPERLINK agua"}
    assert {row["status"] for row in rows} == {"completed"}
    assert all(press.answered for press in double.account.presses.values())


@pytest.mark.by_day("client", why=CLIENTS_ALIKE)
@pytest.mark.proof
def test_killed_in_the_middle_nothing_is_lost_or_doubled(
    install: Callable[..., Hilo], double: Double, client: str
) -> None:
    """SIGKILL between two answers, with words said while nobody listens: all of it is there once afterwards."""
    double.allow("message is not modified")  # an edit that was made, and not noted so, is made again
    hilo = began(install, client)
    user = double.user("Colibrí", "es")
    join(user, hilo.invite(COHORT), WORDS["es"])
    hilo.command("broadcast", "check_in", "--to", COHORT, "--purpose", PURPOSE)

    def death() -> None:
        hilo.kill()
        time.sleep(2.1)  # long enough to have read the question
        user.say("Dicho mientras nadie oía.")
        hilo.start()
        user.sees("Ya lo guardé")

    answer(user, WORDS["es"], death)

    (row,) = exported(hilo)
    assert row["week"] == "Dicho mientras nadie oía.\nHubo junta."
    assert (row["mood"], row["need"], row["status"]) == ("4", "call", "completed")
    with sqlite3.connect(hilo.home / "hilo.db") as database:
        found = database.execute("SELECT run_id, path, COUNT(*) FROM answers GROUP BY run_id, path").fetchall()
    database.close()
    assert paths.revisions(hilo.home, found) == [("mood", 2), ("need", 1), ("need_about", 1), ("week", 2)]


def cry(user: User) -> None:
    """Say words of danger when nothing is open, pass them on, ask to be looked for, and say where."""
    user.say("Ayer me amenazaron en Tlalixcoyan")
    user.sees("Por si hace falta:")
    user.sees("Si me dices que sí, se lo paso.")
    user.press("Sí")
    user.sees("Ya se lo pasé al equipo")
    user.press("Necesito apoyo")
    user.sees("Que me busquen")
    user.press("Que me busquen")
    user.sees("✓ Anotado.")
    user.press("Cómo quieres que te busquen")
    user.sees("¿Dónde te buscan?")
    user.press("¿Dónde te buscan?")
    user.sees("a qué número")
    user.say("Con mi tía Tlacotepec")
    user.sees("· Dónde: ✓ Anotado")


@pytest.mark.proof
def test_nothing_personal_stands_in_any_file(install: Callable[..., Hilo], double: Double, tmp_path: Path) -> None:
    """Names, words, a cry, a place and the chat's number are in no byte of the folder or the log, the key aside."""
    hilo = began(install, "ptb")
    user = double.user("Xochiquetzal", "es", username="xochi_canary")
    join(user, hilo.invite(COHORT), WORDS["es"])
    ana = double.user("Citlalmina", "es")
    ana.start(hilo.invite(COHORT, role="facilitator"))
    ana.sees("1 · Español")
    ana.press("1 · Español")
    ana.sees("¿Cómo te digo?")
    ana.say("Citlalmina")
    ana.sees("Menú")
    hilo.command("broadcast", "check_in", "--to", COHORT, "--purpose", PURPOSE)
    answer(user, WORDS["es"])
    cry(user)
    hilo.stop()

    read = [path for path in tmp_path.rglob("*") if path.is_file()]
    everything = b"".join(path.read_bytes() for path in read)

    assert len(read) >= 3
    words = ("Hubo junta", "HYPERLINK", "Tlalixcoyan", "Tlacotepec")
    for secret in ("Xochiquetzal", "xochi_canary", "Citlalmina", *words, COHORT, PURPOSE, double.token):
        assert secret.encode() not in everything, secret
        assert secret.encode("utf-16-le") not in everything, secret
    # The number is short: it is looked for where a text or log would have it.
    assert str(user.id).encode() not in everything
