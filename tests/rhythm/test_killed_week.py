"""A week of what comes back, through Telegram's strict double: killed between every two durable steps of an occurrence.

Made a day ahead, told of, sent, answered, closed with its window. Each step is another week, on the same installation.
At how many steps: tests/amounts.py; in the long form at each, until an occurrence is through before its step comes.
"""

import contextlib
import random
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from bot import clock
from bot.services.members import WELCOME_AT
from bot.services.week import TELLING_WAITS
from storage.database import Database
from storage.unit import Storage, Unit
from tests import amounts
from tests.bot.ready import ready, vault_of
from tests.by_day import CLIENTS_ALIKE
from tests.double import Double, User
from tests.double.fixture import double  # noqa: F401  a fixture is known where it is imported
from tests.journeys.bot import UNFINISHED
from tests.rhythm.process import CLOCK, LAST
from tests.thread.bot import Hilo
from tests.thread.conftest import client  # noqa: F401  the same
from tests.thread.test_kills import AGAIN, PATIENCE, Leader, answering
from tests.thread.test_thread import COHORT, PURPOSE, WORDS, join

STEPS = amounts.OCCURRENCES
CLIENTS = ("ptb", "aiogram")
SPREAD = 40  # durable steps of an occurrence, or more: the short form takes some of them
ASKED, TOLD = "¿Tienes 2 minutos?", "Tú decides cómo."
MEXICO = ZoneInfo("America/Mexico_City")
OPEN = "SELECT count(*) FROM runs WHERE status IN ('offered', 'open', 'postponed')"
DAY, A_MINUTE = timedelta(days=1), timedelta(minutes=1)
FINISHED, HALFWAY = 2, 1  # leaders who answer all of it, and who stop after the first question


class Rehearsal(Hilo):
    """An installation whose clock can be shifted, and that can be told at which step to die."""

    module = "tests.rhythm.process"

    def __init__(self, home: Path, double: Double, client: str) -> None:  # noqa: F811  what it was made with
        self.double = double
        self.clock, self.last = home.parent / "clock", home.parent / "last"
        self.ahead = timedelta(0)
        self.clock.write_text("0")
        super().__init__(home, double, client, **{CLOCK: str(self.clock), LAST: str(self.last)})
        self.deaths = 0

    @property
    def now(self) -> datetime:
        """What the installation takes the time to be."""
        return clock.now() + self.ahead

    def go_to(self, moment: datetime) -> None:
        """Let it be this moment, here and at Telegram's."""
        later = moment - self.now
        self.ahead += later
        self.double.advance(later.total_seconds())
        fresh = self.clock.with_suffix(".new")
        fresh.write_text(str(self.ahead.total_seconds()))
        fresh.replace(self.clock)

    def until(self, done: Callable[[], bool], what: str) -> None:
        """Wait until something is so; whoever died meanwhile begins again."""
        end = time.monotonic() + PATIENCE
        while not done():
            assert time.monotonic() < end, f"{what}\n{self.log.read_text('utf-8')[-2000:]}"
            assert self.process is not None
            if self.process.poll() is not None:
                self.deaths += 1
                self.last.unlink(missing_ok=True)
                self.start()
            time.sleep(0.1)

    def counted(self, query: str) -> int:
        """Count, beside the bot."""
        file = f"file:{self.home / 'hilo.db'}?mode=ro"
        with contextlib.closing(sqlite3.connect(file, uri=True)) as database:
            ((found,),) = database.execute(query)
        return int(found)


@contextlib.contextmanager
def beside(hilo: Rehearsal) -> Iterator[Unit]:
    """Write beside the bot."""
    database = Database.open(hilo.url)
    with Storage(database, vault_of(hilo.home)).unit(clock.now()) as unit:
        yield unit
    database.dispose()


def welcomed(hilo: Rehearsal) -> None:
    """Let everybody have been welcomed before."""
    with beside(hilo) as unit:
        for (person_id,) in unit.connection.exec_driver_sql("SELECT id FROM people").fetchall():
            person = unit.people.get(UUID(person_id))
            if person is not None and WELCOME_AT in person.preferences:
                unit.people.prefer(person, **{WELCOME_AT: None})


@pytest.fixture
def hilo(tmp_path: Path, double: Double, client: str) -> Iterator[Rehearsal]:  # noqa: F811  pytest's way of asking
    """An installation, stopped at the end."""
    made = Rehearsal(tmp_path / "home", double, client)
    yield made
    if made.process is not None and made.process.poll() is None:
        made.stop()


@pytest.mark.by_day("client", why=CLIENTS_ALIKE)
@pytest.mark.proof
@pytest.mark.timeout(0 if STEPS.extended else 600)
def test_killed_between_every_two_steps_of_an_occurrence(hilo: Rehearsal, double: Double, client: str) -> None:  # noqa: F811  the same
    """Made once, asked once, answered once, closed once; a question comes twice at most, and then says so."""
    double.allow("message is not modified")  # what changes nothing is simply done again
    ready(hilo.home, url=hilo.url)
    with beside(hilo) as unit:  # the long form takes more than a year, after which answers would go
        unit.organisation.set({**unit.organisation.get(), "retention_months": 24})
    hilo.command("cohort", "add", COHORT)
    hilo.start()
    leaders = [Leader(double.user(f"Flor {place}", "es"), random.Random(place)) for place in range(FINISHED)]
    stops = double.user("Ceiba", "es")
    for user in (*(each.user for each in leaders), stops):
        join(user, hilo.invite(COHORT), WORDS["es"])
    hilo.stop()
    welcomed(hilo)
    hilo.start()
    spread = [(1 + 2 * place) * SPREAD // STEPS.value // 2 for place in range(STEPS.value)]
    steps = range(STEPS.value) if STEPS.extended else spread[CLIENTS.index(client) :: len(CLIENTS)]
    for number, step in enumerate(steps, 1):
        deaths = hilo.deaths
        occurs(hilo, step, number, leaders, stops)
        if hilo.deaths == deaths:
            assert STEPS.extended, "the step never came"
            break

    assert hilo.deaths >= (SPREAD // 2 if STEPS.extended else len(steps))
    assert double.busiest() <= 30


def occurs(hilo: Rehearsal, step: int, number: int, leaders: list[Leader], stops: User) -> None:
    """Let one occurrence come and go, and the process die at one of its steps.

    Who `stops` begins each time, and no more: whoever left three alone would rest.
    """
    before = len(stops.said)
    local = (hilo.now + 3 * DAY).astimezone(MEXICO).replace(hour=19, minute=0, second=0, microsecond=0)
    at = local.astimezone(UTC)
    day = ("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo")[local.weekday()]
    hilo.command(
        "broadcast",
        "check_in",
        "--to",
        COHORT,
        "--purpose",
        PURPOSE,
        "--every",
        f"cada {day} a las 19:00",
        "--times",
        "1",
    )
    seen = {each.user: len(each.user.said) for each in leaders}
    hilo.last.write_text(str(step))
    hilo.go_to(at - 22 * timedelta(hours=1))
    hilo.until(lambda: hilo.counted("SELECT count(*) FROM broadcasts") == number, "not made")
    hilo.go_to(at + A_MINUTE)
    hilo.until(
        lambda: all(any(TOLD in message.words for message in user.said[since:]) for user, since in seen.items()),
        "not told",
    )
    hilo.go_to(at + 2 * A_MINUTE + TELLING_WAITS)
    with answering(leaders, number):
        hilo.until(lambda: all(each.over(number) for each in leaders), "not answered")
        hilo.until(lambda: any(WORDS["es"]["start"] in message.labels for message in stops.said[before:]), "not asked")
        stops.press(WORDS["es"]["start"])
        hilo.until(lambda: any("1 de 4" in message.words for message in stops.said[before:]), "not begun")
    hilo.until(lambda: not hilo.double.pending and not hilo.counted(UNFINISHED), "not settled")
    hilo.go_to(at + 3 * DAY + 2 * A_MINUTE)
    hilo.until(
        lambda: hilo.counted("SELECT count(*) FROM broadcasts WHERE closed_at IS NOT NULL") == number, "not closed"
    )
    hilo.until(lambda: hilo.counted(OPEN) == 0, "not ended")  # in the step after the one that closed it
    hilo.last.unlink(missing_ok=True)

    assert hilo.counted("SELECT count(*) FROM runs WHERE broadcast_id IS NOT NULL") == 3 * number
    assert hilo.counted("SELECT count(*) FROM deliveries WHERE state = 'started'") == 3 * number
    assert hilo.counted("SELECT count(*) FROM answers") == number * 3 * FINISHED
    noted = Counter(action for (action,) in hilo.rows("SELECT action FROM audit"))
    assert [noted[each] for each in ("schedule.occurred", "broadcast.closed", "schedule.ended")] == [number] * 3
    for each in leaders:
        told = [message.versions[0][0] if message.versions else message.words for message in each.user.said][
            seen[each.user] :
        ]
        first = sum(ASKED in words and AGAIN not in words for words in told)
        again = sum(ASKED in words and AGAIN in words for words in told)
        assert (first, again) in {(1, 0), (1, 1), (0, 1)}, each.user.screen()
