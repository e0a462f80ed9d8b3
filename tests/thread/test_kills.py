"""Killed again and again, its answers from Telegram cut: every answer is there once, no question comes a third time.

By polling and by webhook, on both databases and both clients, in one process and, on a server, in five. How often in
all, among how many, and at which moments: tests/amounts.py.
"""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest

from tests import amounts
from tests.by_day import CASES_ALIKE
from tests.double import Double, User
from tests.journeys.bot import UNFINISHED
from tests.storage.conftest import Databases, databases  # noqa: F401  a fixture is known where it is imported
from tests.thread.bot import Hilo
from tests.thread.test_redelivery import enter
from tests.thread.test_thread import COHORT, PURPOSE, exported
from tests.thread.test_thread import WORDS as ALL_WORDS
from tests.thread.ways import WAYS, Several

KILLS, SEED, PEOPLE = amounts.CRASHES.value, amounts.SEED.value, amounts.CROWD.value
MOST = max(4, PEOPLE // 5)  # kills in one check-in: many people are asked, and answer, for longer
TOGETHER = 10  # people who come in together
LONGEST = 1.2 + PEOPLE / 40  # seconds a life may last: at the pace of all chats many people need some
PATIENCE = 120.0 + PEOPLE * 2  # seconds
PATIENT = 25.0 + PEOPLE / 2  # seconds after which she looks into the menu
LOOKS = max(0.02, PEOPLE / 500)  # seconds between two looks of everybody at their phones
RATE = 30
DAYS = 2
SHARED_OVER = 1 if amounts.CRASHES.extended else DAYS
A_DAY = len(WAYS) // SHARED_OVER  # of the twelve ways
WORDS = ALL_WORDS["es"]
AGAIN = "Por si no te llegó:"
RESUME = "Seguir con las preguntas"
NOTHING = "1 · Nada por ahora"
AS_IT_IS = "Dejarla así"
STALE = "Ese botón era de una pregunta anterior"
ENDED = "Por hoy es todo. Gracias"
ENDED_ALL = "SELECT DISTINCT status FROM runs WHERE broadcast_id IS NOT NULL"
QUESTIONS = ("¿Tienes 2 minutos?", "1 de 4 ·", "2 de 4 ·", "3 de 4 ·")


@dataclass
class Leader:
    """Someone who does what she is shown, each thing once, whoever is dead meanwhile: nothing she did may be lost."""

    user: User
    chance: random.Random
    done: Counter[str] = field(default_factory=Counter)
    given: list[tuple[str, str]] = field(default_factory=list)
    seen: int = 0  # her newest message of the bot
    since: float = 0.0  # when it came
    mood: str = ""
    last: str = ""  # what she answered last
    before: int = 0  # the newest message as this check-in began: what was asked before is over
    newest: int = 0  # the newest message with buttons
    then: int = 0  # what it was when she answered last
    asked: int = 0  # how often she went to the menu, since nothing came

    def look(self, number: int) -> None:
        """Do what the newest message with buttons asks for, if she has not done so in this check-in."""
        shown = [message for message in self.user.said if message.keyboard and message.id > self.before]
        labels, words, self.newest = (shown[-1].labels, shown[-1].words, shown[-1].id) if shown else ([], "", 0)
        if self.user.last.id > self.seen:
            self.seen, self.since = self.user.last.id, time.monotonic()
        if self.may("start", number, WORDS["start"] in labels):
            self.user.press(WORDS["start"])
        elif self.may("mood", number, WORDS["low"] in labels):
            if len(self.given) < number:
                self.mood = self.chance.choice([WORDS["low"], WORDS["good"]])
                self.given.append((self.mood[0], f"Hubo junta {number}, dijo {self.user.id}."))
            self.user.press(self.mood)
        elif self.may("week", number, self.reads(2.2) and "2 de" in words and WORDS["all"] not in labels):
            self.user.say(self.given[-1][1])
        elif self.may("all", number, WORDS["all"] in labels):
            self.user.press(WORDS["all"])
        elif self.may("all", number, AS_IT_IS in labels):  # what would have offered that was lost, twice
            self.user.press(AS_IT_IS)
        elif self.may("need", number, NOTHING in labels):
            self.user.press(NOTHING)
        elif self.may("on", self.asked, RESUME in labels):
            self.user.press(RESUME)
        elif not self.over(number) and self.reads(PATIENT):
            # Two deaths in the middle of the same send: it may have come twice, so it does not come by itself again.
            self.since = time.monotonic()
            self.asked += 1
            self.user.say("/menu")

    def reads(self, seconds: float) -> bool:
        """Tell whether the newest message came so long ago: written at once, words answer nothing she had read."""
        return time.monotonic() - self.since > seconds

    def may(self, what: str, number: int, asked: bool) -> bool:
        """Tell whether something is asked for that she has not done; notes that she does it.

        What she answered last she presses once more where it is asked anew: the menu had done so meanwhile, and her
        button was old.
        """
        again = what == self.last != "week" and self.newest > self.then
        does = asked and (again or self.done[what] < number)
        if does:
            self.done[what] += not again
            if what != "on":
                self.last, self.then = what, self.newest
        return does

    def over(self, number: int) -> bool:
        """Tell whether she has done all of so many check-ins."""
        return self.done["need"] == number


@contextmanager
def answering(leaders: list[Leader], number: int) -> Iterator[None]:
    """Let everyone answer for as long as the block runs."""
    end = threading.Event()
    for leader in leaders:
        leader.before = leader.user.last.id

    def act() -> None:
        while not end.wait(LOOKS):
            for each in leaders:
                each.look(number)

    thread = threading.Thread(target=act)
    thread.start()
    try:
        yield
    finally:
        end.set()
        thread.join()


def until(done: Callable[[], bool], what: Callable[[], object]) -> None:
    """Wait until something is so."""
    end = time.monotonic() + PATIENCE
    while not done():
        assert time.monotonic() < end, what()
        time.sleep(0.02)


@contextmanager
def cutting(double: Double, chance: random.Random) -> Iterator[None]:
    """Cut one answer to a message in seven, after Telegram took it, and one in thirty before."""
    double.lose("sendMessage", times=None, share=1 / 7, seed=chance.randrange(10**6))
    double.lose("sendMessage", accepted=False, times=None, share=1 / 30, seed=chance.randrange(10**6))
    try:
        yield
    finally:
        double.calm()


def waiting(hilo: Hilo, leaders: list[Leader]) -> str:
    """Tell which runs are not completed, and show the phones of those who were not told that it is all."""
    counted = str(hilo.rows("SELECT status, prompt FROM runs WHERE broadcast_id IS NOT NULL AND status <> 'completed'"))
    return "\n--\n".join((counted, *(each.user.screen() for each in leaders if ENDED not in each.user.last.words)))


def unfinished(hilo: Hilo) -> int:
    """Count what is neither handled nor said."""
    ((found,),) = hilo.rows(UNFINISHED)
    return int(str(found))


@pytest.fixture(params=WAYS, ids=str)
def several(
    request: pytest.FixtureRequest, install: Callable[..., Hilo], double: Double
) -> Iterator[tuple[Several, int]]:
    """An installation in each of the twelve ways, and how often one of its processes is to be killed."""
    way, place = request.param, WAYS.index(request.param)
    found: Databases | None = request.getfixturevalue("databases") if way.server else None
    made = Several(way, install, double, found.create() if found else "")
    number = place // SHARED_OVER
    yield made, KILLS * (number + 1) // A_DAY - KILLS * number // A_DAY
    made.end()


def entered(several: Several, double: Double) -> list[Leader]:
    """Let everybody come in, some at a time: all who are nobody yet share an allowance."""
    several.first.command("cohort", "add", COHORT)
    several.start()
    code = several.first.invite(COHORT, uses=str(PEOPLE))
    users = [double.user(f"Persona {place}", "es") for place in range(PEOPLE)]
    begun = time.monotonic()
    for place in range(0, PEOPLE, TOGETHER):
        time.sleep(max(begun + place + TOGETHER - 20 - time.monotonic(), 0))
        enter(users[place : place + TOGETHER], code)
    return [Leader(user, random.Random(place)) for place, user in enumerate(users)]


@pytest.mark.by_day("several", days=DAYS, why=CASES_ALIKE)
@pytest.mark.proof
@pytest.mark.timeout(0 if amounts.CRASHES.extended else 300)
def test_killed_at_any_moment(several: tuple[Several, int], double: Double) -> None:
    """Every answer is there exactly once; a question comes twice at most, then saying so; nothing else comes twice."""
    double.allow("message is not modified")  # what changes nothing is simply done again
    if amounts.CROWD.extended:
        double.allow("query is too old")  # a press waits for its turn, and for whoever is dead
    double.allow("terminated by other getUpdates request")  # whoever takes over fetches while the dead one's poll ends
    chance = random.Random(SEED)
    bots, kills = several
    leaders = entered(bots, double)
    number = 0
    while kills:
        number += 1
        with cutting(double, chance), answering(leaders, number):
            bots.first.command("broadcast", "check_in", "--to", COHORT, "--purpose", PURPOSE)
            now = min(chance.randint(MOST // 2, MOST), kills) if kills > MOST else kills
            for _ in range(now):
                time.sleep(chance.uniform(0, LONGEST))
                bots.kill(chance)
            kills -= now
            until(
                lambda number=number: all(each.over(number) for each in leaders),  # type: ignore[misc]  # bound at once
                lambda: "\n--\n".join(each.user.screen() for each in leaders if not each.over(number)),  # noqa: B023  at once
            )
            # Whose last press was on an old button is asked anew, and presses again.
            until(lambda: bots.first.rows(ENDED_ALL) == [("completed",)], lambda: waiting(bots.first, leaders))
        until(lambda: not double.pending and not unfinished(bots.first), bots.logs)
    held(bots.first, leaders, number)
    assert double.busiest() <= RATE


def held(hilo: Hilo, leaders: list[Leader], number: int) -> None:
    """See that each update had one effect, each run is where it has to be, and nothing was said twice but what may."""
    assert hilo.rows("SELECT count(*) - count(DISTINCT update_key) FROM inbox") == [(0,)]
    assert hilo.rows("SELECT count(*) FROM inbox WHERE state <> 'done'") == [(0,)]
    kept = Counter((row["mood"], row["week"], row["need"], row["status"]) for row in exported(hilo))
    assert kept == Counter((*given, "nothing", "completed") for each in leaders for given in each.given)
    assert hilo.rows("SELECT max(revision), count(*) FROM answers") == [(1, 3 * number * len(leaders))]
    for leader in leaders:
        said = [message.versions[0][0] if message.versions else message.words for message in leader.user.said]
        old = sum(STALE in words for words in said)  # then what is open is shown anew
        for question in QUESTIONS:
            first = sum(question in words and AGAIN not in words for words in said)
            again = sum(question in words and AGAIN in words for words in said)
            assert first <= number + leader.asked + old, leader.user.screen()
            assert again <= number + old, leader.user.screen()
            # Cut before Telegram took it, and again when it was said once more: it is in the menu, where she went.
            assert first + again + leader.asked >= number, (leader.asked, leader.user.screen())
        assert sum(ENDED in words for words in said) <= number, leader.user.screen()
