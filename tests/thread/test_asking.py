"""A question recorded on a facilitator's phone, over HTTP, on both Telegram clients, to an answer in a file."""

import csv
from collections.abc import Callable

import pytest

from bot.rendering.texts import catalogs
from tests.bot import samples
from tests.by_day import CLIENTS_ALIKE
from tests.double import Double, User
from tests.thread.bot import Hilo
from tests.thread.test_thread import COHORT, PURPOSE, WORDS, began, join

TEXTS = catalogs()
ASKED = "¿Fuiste a la asamblea?"


def words(code: str, **facts: object) -> str:
    """Return a sentence of the Spanish catalog."""
    return TEXTS.say(code, "es", **facts)


def tap(user: User, label: str, then: str) -> None:
    """Press a button and wait for what comes of it."""
    user.press(label)
    user.sees(then)


@pytest.mark.by_day("client", why=CLIENTS_ALIKE)
@pytest.mark.proof
def test_a_recorded_question_is_heard_and_answered(install: Callable[..., Hilo], double: Double, client: str) -> None:
    """Recorded, looked at, tried, sent from a phone; who listens hears it, answers, and it stands in an export."""
    hilo = began(install, client)
    leader, ana = double.user("Colibrí", "es"), double.user("Ana", "es")
    join(leader, hilo.invite(COHORT), WORDS["es"])
    leader.say("/voz")
    leader.sees(words("leader.voice"))
    tap(leader, words("leader.voice.listen"), words("leader.voice"))
    ana.start(hilo.invite(COHORT, role="facilitator"))
    ana.sees(WORDS["es"]["language"])
    tap(ana, WORDS["es"]["language"], words("join.name.staff"))
    ana.say("Ana")
    ana.sees(words("join.done.staff"))

    ana.say("/preguntar")
    ana.sees(words("ask.what"))
    tap(ana, words("button.ask_own"), "o mándala en nota de voz")
    ana.voice(samples.ogg(), 4)
    ana.sees("escrita en pocas palabras")
    ana.say(ASKED)
    ana.sees("¿Cómo se va a contestar?")
    tap(ana, "2 · Sí o no", words("own.ready.voice", words=ASKED))
    tap(ana, words("button.own_done"), "¿Para qué quieres preguntar esto?")
    ana.say(PURPOSE)
    ana.sees("¿A quién le va a servir")
    tap(ana, "Saltar", "¿Y cómo se va a usar?")
    tap(ana, "Saltar", "¿Hasta cuándo")
    tap(ana, "1 · Nada más esta vez", words("ask.data.below"))
    tap(ana, words("button.ask_look.one"), "Hola, Colibrí.")
    tap(ana, words("button.ask_back"), words("ask.data.below"))
    tap(ana, words("button.ask_test"), "Es una pregunta.")
    tap(ana, words("button.start"), ASKED)
    tap(ana, "1 · Sí", words("ask.test.over"))
    tap(ana, words("button.ask_back"), words("ask.data.below"))
    tap(ana, words("button.ask_send"), "Ya va en camino a una persona")

    leader.sees(words("button.start"))
    tap(leader, words("button.start"), ASKED)
    assert [message for message in leader.said if "voice" in message.content]
    tap(leader, "1 · Sí", "Contestaste 1 de 1")
    hilo.command("export", "--out", str(hilo.home / "out"), "--format", "csv")
    (path,) = [path for path in (hilo.home / "out").glob("*.csv") if "codebook" not in path.name]
    with path.open(encoding="utf-8-sig", newline="") as file:
        (row,) = csv.DictReader(file)

    assert row["answer"] == "yes"
    assert [message for message in ana.said if "voice" in message.content] == []
