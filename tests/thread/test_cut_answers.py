"""Telegram took a question, and its number was never known: what she says then is not lost, over HTTP, on both clients.

The answer to one send is cut, or the process dies between Telegram's yes and its own note of it.
"""

import json
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing

import pytest

from tests.bot.ready import ready
from tests.by_day import CLIENTS_ALIKE
from tests.double import Double, User
from tests.thread.bot import Hilo
from tests.thread.test_thread import COHORT, PURPOSE, WORDS, exported, join

pytestmark = pytest.mark.proof

ES = WORDS["es"]
STORY = "Hubo junta y se habló del agua; faltaron las de arriba."
AGAIN = "Por si no te llegó:"
A_WHILE = 2.2  # seconds in which one reads a question
DIALOG = """
spec: 1
name: water
kind: reflection
languages: [es]
title: { es: El agua }
why: { es: Para saber del agua. }
minutes: 2
steps:
  - type: integer
    name: days
    label: { es: "¿Cuántos días hubo agua?" }
  - type: text
    name: story
    label: { es: "¿Qué pasó?" }
  - type: integer
    name: people
    label: { es: "¿Cuántas personas fueron?" }
  - type: text
    name: more
    label: { es: "¿Algo más?" }
"""


def asked(install: Callable[..., Hilo], double: Double, client: str, names: tuple[str, ...]) -> tuple[Hilo, list[User]]:
    """Start a bot and bring everyone named to the first question, which wants a number."""
    hilo = install(client)
    ready(hilo.home)
    (hilo.home / "dialogs").mkdir(exist_ok=True)
    (hilo.home / "dialogs" / "water.yaml").write_text(DIALOG, "utf-8")
    hilo.command("cohort", "add", COHORT)
    hilo.start()
    users = [double.user(name, "es") for name in names]
    for user in users:
        join(user, hilo.invite(COHORT), ES)
    hilo.command("broadcast", "water", "--to", COHORT, "--purpose", PURPOSE)
    for user in users:
        user.sees(ES["start"])
        user.press(ES["start"])
        user.sees("¿Cuántos días")
    return hilo, users


def given(hilo: Hilo) -> list[dict[str, str]]:
    """Return what the exported rows say, in the order of the people."""
    rows = exported(hilo, "water")
    return [{path: row[path] for path in ("days", "story", "people", "more")} for row in rows]


def settled(hilo: Hilo) -> None:
    """Wait until everything is said."""
    end = time.monotonic() + 20
    with closing(sqlite3.connect(hilo.home / "hilo.db")) as database:
        while database.execute("SELECT count(*) FROM outbox WHERE state IN ('queued', 'sending')").fetchone() != (0,):
            assert time.monotonic() < end, hilo.log.read_text("utf-8")
            time.sleep(0.05)


def doubted(hilo: Hilo) -> int:
    """Count the questions whose number is in doubt."""
    with closing(sqlite3.connect(hilo.home / "hilo.db")) as database:
        return int(database.execute("SELECT count(*) FROM outbox WHERE reason = 'answer_lost'").fetchone()[0])


def in_doubt(hilo: Hilo, number: int = 1) -> None:
    """Wait until it is known that nobody knows the number of a question."""
    end = time.monotonic() + 20
    while doubted(hilo) < number:
        assert time.monotonic() < end, hilo.log.read_text("utf-8")
        time.sleep(0.02)


@pytest.mark.by_day("client", why=CLIENTS_ALIKE)
@pytest.mark.timeout(120)
def test_a_story_to_a_question_without_a_number(install: Callable[..., Hilo], double: Double, client: str) -> None:
    """She saw the question, its answer was cut, and before it comes again she tells her story: it is the answer.

    It is hers at once, and the question does not come again; what she says after is exact.
    """
    hilo, (user,) = asked(install, double, client, ("Colibrí",))
    double.lose("sendMessage", chat=user.id)
    user.say("3")
    user.sees("¿Qué pasó?")
    in_doubt(hilo)
    user.say(STORY)
    user.sees("¿Cuántas personas")
    user.say("14")
    user.sees("¿Algo más?")
    user.say("No.")
    user.sees("Contestaste 4 de 4")
    settled(hilo)

    assert given(hilo) == [{"days": "3", "story": STORY, "people": "14", "more": "No."}]
    assert "Necesito un número" not in user.screen()
    assert user.screen().count("¿Qué pasó?") == 1, user.screen()
    hilo.stop()


@pytest.mark.by_day("client", why=CLIENTS_ALIKE)
@pytest.mark.timeout(120)
def test_a_story_once_the_question_came_again(install: Callable[..., Hilo], double: Double, client: str) -> None:
    """Her story is older than the repetition, in Telegram's own order, and still answers the question she had seen."""
    hilo, (user,) = asked(install, double, client, ("Colibrí",))
    double.lose("sendMessage", chat=user.id)
    double.slow("getUpdates", seconds=5.0)  # what she says next is on its way for so long
    user.say("3")
    user.sees("¿Qué pasó?")
    since = user.seen()
    user.say(STORY)
    user.sees(AGAIN, 10.0, since=since)
    user.sees("¿Cuántas personas", 20.0)
    settled(hilo)

    assert given(hilo) == [{"days": "3", "story": STORY, "people": "", "more": ""}]
    assert "Necesito un número" not in user.screen()
    hilo.stop()


@pytest.mark.by_day("client", why=CLIENTS_ALIKE)
@pytest.mark.timeout(120)
def test_a_number_to_a_question_without_a_number(install: Callable[..., Hilo], double: Double, client: str) -> None:
    """A further line of her story goes into the story; a number, once she could read the question, answers that."""
    double.allow("message is not modified")  # a line added to an answer changes nothing on its keyboard
    hilo, (user,) = asked(install, double, client, ("Colibrí",))
    user.say("3")
    user.sees("¿Qué pasó?")
    double.lose("sendMessage", chat=user.id)
    user.say(STORY)
    user.sees("¿Cuántas personas")
    in_doubt(hilo)
    user.say("Y hubo tortillas.")
    user.sees(AGAIN, 10.0)
    settled(hilo)
    assert given(hilo)[0]["story"] == f"{STORY}\nY hubo tortillas."

    user.say("14")
    user.sees("¿Algo más?")
    assert given(hilo)[0]["people"] == "14"
    assert "Necesito un número" not in user.screen()
    hilo.stop()


@pytest.mark.by_day("client", why=CLIENTS_ALIKE)
@pytest.mark.timeout(120)
def test_killed_between_telegrams_yes_and_its_note(install: Callable[..., Hilo], double: Double, client: str) -> None:
    """The process dies with the question on her screen; what she wrote meanwhile is taken when the bot is back."""
    double.allow("message is not modified")  # an edit that was made, and not noted so, is made again
    hilo, (user,) = asked(install, double, client, ("Colibrí",))
    double.slow("sendMessage", seconds=30.0, chat=user.id)
    user.say("3")
    user.sees("¿Qué pasó?")
    time.sleep(A_WHILE)
    hilo.kill()
    user.say(STORY)
    hilo.start()
    user.sees("¿Cuántas personas", 20.0)
    settled(hilo)

    assert given(hilo) == [{"days": "3", "story": STORY, "people": "", "more": ""}]
    assert "Necesito un número" not in user.screen()
    hilo.stop()


@pytest.mark.by_day("client", why=CLIENTS_ALIKE)
@pytest.mark.timeout(120)
def test_killed_twice_in_the_same_question(install: Callable[..., Hilo], double: Double, client: str) -> None:
    """After two deaths it does not come a third time by itself; whenever she answers, she is understood."""
    double.allow("message is not modified")  # an edit that was made, and not noted so, is made again
    hilo, (user,) = asked(install, double, client, ("Colibrí",))
    for _ in range(2):
        double.slow("sendMessage", seconds=30.0, chat=user.id)
    user.say("3")
    user.sees("¿Qué pasó?")
    hilo.kill()
    since = user.seen()
    hilo.start()
    user.sees(AGAIN, 20.0, since=since)
    hilo.kill()
    hilo.start()
    time.sleep(A_WHILE)
    user.say(STORY)
    user.sees("¿Cuántas personas", 20.0)

    assert given(hilo) == [{"days": "3", "story": STORY, "people": "", "more": ""}]
    assert json.dumps(user.screen(), ensure_ascii=False).count("¿Qué pasó?") == 2
    hilo.stop()
