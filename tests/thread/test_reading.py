"""A facilitator reads, whole: over HTTP, on both Telegram clients, with the real process and its end."""

import contextlib
import sqlite3
import time
from collections.abc import Callable

import pytest

from tests.bot import samples
from tests.bot.rig import texts
from tests.by_day import CLIENTS_ALIKE
from tests.double import Double, User
from tests.thread.bot import Hilo
from tests.thread.test_thread import COHORT, PURPOSE, WORDS, join

PATIENCE = 10.0
SPOKEN = {"ptb": "es", "aiogram": "en"}
STORY = {"es": "Se habló del agua.", "en": "We talked about water."}
GREETING = {"es": "¿Cómo te digo?", "en": "What would you like to be called?"}
NEWS = {
    "es": f"1 respuesta nueva en {COHORT} (24 segundos de audio)",
    "en": f"1 new answer in {COHORT} (24 seconds of audio)",
}


def until(user: User, text: str, *, there: bool) -> None:
    """Wait until something is in a chat, or nowhere in it any more."""
    end = time.monotonic() + PATIENCE
    while (text in user.screen()) is not there:
        assert time.monotonic() < end, user.screen()
        time.sleep(0.05)


def half_an_hour_asleep(hilo: Hilo) -> None:
    """End the process without any warning once all is said, and start another when pages have had their time."""
    with contextlib.closing(sqlite3.connect(hilo.home / "hilo.db", isolation_level=None)) as database:
        end = time.monotonic() + PATIENCE
        while database.execute("SELECT 1 FROM outbox WHERE state IN ('queued', 'sending')").fetchone():
            assert time.monotonic() < end
            time.sleep(0.05)
        hilo.kill()
        database.execute("UPDATE panels SET until = changed_at")
    hilo.start()


def answered(leader: User, words: dict[str, str], story: str) -> None:
    """Take up the check-in, and answer its open question in words and by voice."""
    leader.sees(words["start"], PATIENCE)
    leader.press(words["start"])
    leader.sees(words["mood"])
    leader.press(words["low"])
    leader.sees(words["week"])
    leader.say(story)
    leader.sees(words["saved"])
    leader.voice(samples.ogg(), seconds=24)
    leader.sees(words["saved"])


def team(user: User, code: str, language: str) -> None:
    """Come in as one of the team, and open the menu."""
    user.start(code)
    user.sees(WORDS[language]["language"])
    user.press(WORDS[language]["language"])
    user.sees(GREETING[language])
    user.say(user.person.first_name)
    user.sees(texts().say("button.menu", language))
    user.press(texts().say("button.menu", language))


@pytest.mark.by_day("client", why=CLIENTS_ALIKE)
@pytest.mark.proof
def test_what_was_read_and_heard_leaves_the_chat(install: Callable[..., Hilo], double: Double, client: str) -> None:
    """The menu tells what is new; it is read and heard in place; closing, and a restart, leave nothing of it."""
    language = SPOKEN[client]
    words = WORDS[language]

    def say(code: str) -> str:
        return texts().say(code, language)

    hilo = install(client)
    hilo.command("cohort", "add", COHORT)
    hilo.start()
    leader, ana = double.user("Ceiba", language), double.user("Ana", language)
    join(leader, hilo.invite(COHORT), words)
    hilo.command("broadcast", "check_in", "--to", COHORT, "--purpose", PURPOSE)
    answered(leader, words, STORY[language])
    team(ana, hilo.invite(COHORT, role="facilitator"), language)
    ana.sees(NEWS[language])
    ana.press(say("menu.read"))
    page = ana.sees(say("button.read_next"))
    ana.press(say("button.read_next"))
    assert ana.sees(f"→ {STORY[language]}").id == page.id
    ana.press("🔊 Ceiba · 0:24")
    until(ana, "(voice)", there=True)
    ana.press(say("button.close"))
    ana.sees(say("read.closed"))
    until(ana, STORY[language], there=False)
    until(ana, "(voice)", there=False)

    ana.press(say("button.read_on"))
    ana.sees(say("button.by_person"))
    ana.press(say("button.by_person"))
    ana.sees("Ceiba")
    ana.press("Ceiba")
    ana.sees(f"→ {STORY[language]}")
    half_an_hour_asleep(hilo)
    until(ana, STORY[language], there=False)
    leader.say("/quien")
    leader.sees("· Ana, «" if language == "es" else "· Ana, “", PATIENCE)
    hilo.stop()
