"""Several processes over one PostgreSQL: whichever dies or is stopped, another goes on within twenty seconds.

Meanwhile leaders answer. Every answer is there exactly once, no question comes a third time, nothing else comes twice.
"""

import random
import shutil
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from bot import clock
from storage.unit import Storage
from tests import amounts
from tests.bot.ready import ready, vault_of
from tests.double import Double
from tests.storage.conftest import Databases, databases  # noqa: F401  a fixture is known where it is imported
from tests.storage.test_cut_server import Server, server  # noqa: F401  the same
from tests.storage.world import opened
from tests.thread.bot import Hilo
from tests.thread.line import Line, NoNetworks
from tests.thread.test_kills import (
    AGAIN,
    ENDED,
    QUESTIONS,
    RATE,
    WORDS,
    Leader,
    answering,
    unfinished,
    until,
)
from tests.thread.test_privacy import came_in
from tests.thread.test_thread import COHORT, PURPOSE, exported, join

TAKEOVERS, SEED = amounts.TAKEOVERS.value, amounts.SEED.value
PEOPLE = 3
IN_TIME = 15.0  # seconds for the whole way in, of six replies
BEAT = 3.0
# Seconds after which another has to go on; the short form shares its processors with other proofs.
WITHIN = 20.0 if amounts.TAKEOVERS.extended else 40.0
EVERY = {"courier", "tick", "poll telegram"}
LISTED = "SELECT id, EXTRACT(epoch FROM clock_timestamp() - seen_at) < 10 FROM processes ORDER BY began_at"
HELD = "SELECT name, holder FROM leases WHERE until > clock_timestamp()"
HEARS = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%%'"
DEAF, AWAY = "other processes are not woken for a while", "the database cannot be reached"


class Fleet:
    """Processes of one installation, each with a port of its own."""

    def __init__(self, first: Hilo, client: str, double: Double) -> None:
        self.first = first
        self.more = Hilo(first.home, double, client, HILO_DATABASE_URL=first.url)
        self.more.log = first.home.parent / "more.log"
        self.all = [first, self.more]
        self.ids: dict[int, str] = {}

    def start(self, place: int, *options: str) -> None:
        """Start one, and learn which of the listed ones it is."""
        before = {id_ for id_, _ in self.listed()}
        self.all[place].start(*options)
        (self.ids[place],) = {id_ for id_, _ in self.listed()} - before

    def listed(self) -> list[tuple[str, bool]]:
        """List the processes, each with whether it lives."""
        return [(str(id_).replace("-", ""), bool(lives)) for id_, lives in self.first.rows(LISTED)]

    def holds(self, place: int) -> set[str]:
        """Return what one of them does."""
        return {str(name) for name, holder in self.first.rows(HELD) if holder == self.ids[place]}

    def at_work(self) -> int:
        """Return which one does all that one alone may do, once one does."""
        until(lambda: any(self.holds(place) >= EVERY for place in self.ids), self.logs)
        return next(place for place in self.ids if self.holds(place) >= EVERY)

    def logs(self) -> str:
        """Return what all of them logged."""
        return "\n".join(each.log.read_text("utf-8") for each in self.all if each.log.exists())

    def signal(self, place: int, number: signal.Signals) -> None:
        """Send one of them a signal."""
        process = self.all[place].process
        assert process is not None
        process.send_signal(number)


@contextmanager
def living(install: Callable[..., Hilo], url: str, double: Double) -> Iterator[Fleet]:
    """Yield two processes on one database, the first one awake; they end with the block."""
    first = install("ptb", HILO_DATABASE_URL=url)
    ready(first.home, url=first.url)
    with opened(url) as database, Storage(database, vault_of(first.home)).unit(clock.now()) as unit:
        # They are asked again and again, which is more than anybody is asked in a week.
        unit.organisation.set(unit.organisation.get() | {"askings_a_week": 100, "messages_a_week": 200})
    made = Fleet(first, "ptb", double)
    first.command("cohort", "add", COHORT)
    made.start(0)
    yield made
    for place, each in enumerate(made.all):
        if each.process is not None and each.process.poll() is None:
            made.signal(place, signal.SIGCONT)
            each.kill()


@pytest.fixture
def fleet(
    install: Callable[..., Hilo],
    double: Double,
    databases: Databases,  # noqa: F811  pytest's way of asking for it
) -> Iterator[Fleet]:
    """Two processes on one database."""
    with living(install, databases.create(), double) as made:
        yield made


def checked(fleet: Fleet, double: Double, leaders: list[Leader], number: int) -> None:
    """Check that each answer is there once, and that nothing was said twice but what may be."""
    until(lambda: not double.pending and not unfinished(fleet.first), fleet.logs)
    kept = Counter((row["mood"], row["week"], row["need"], row["status"]) for row in exported(fleet.first))
    assert kept == Counter((*given, "nothing", "completed") for each in leaders for given in each.given)
    assert fleet.first.rows("SELECT max(revision), count(*) FROM answers") == [(1, 3 * number * len(leaders))]
    for leader in leaders:
        said = [message.versions[0][0] if message.versions else message.words for message in leader.user.said]
        for question in QUESTIONS:
            first = sum(question in words and AGAIN not in words for words in said)
            assert first <= number + leader.asked, leader.user.screen()
            assert sum(question in words and AGAIN in words for words in said) <= number, leader.user.screen()
        assert sum(ENDED in words for words in said) <= number, leader.user.screen()
    assert double.busiest() <= RATE
    assert "Traceback" not in fleet.logs()
    assert "someone else fetches" not in fleet.logs()


@pytest.mark.proof
@pytest.mark.timeout(0 if amounts.TAKEOVERS.extended else 180)
def test_another_goes_on(fleet: Fleet, double: Double) -> None:
    """Whoever does the work is killed, or stopped and woken later, while leaders answer; another does it in time."""
    double.allow("message is not modified")
    double.allow("terminated by other getUpdates request")  # the poll of the one that is stopped
    chance = random.Random(SEED)
    leaders = [Leader(double.user(f"Persona {place}", "es"), random.Random(place)) for place in range(PEOPLE)]
    fleet.start(1)
    for leader in leaders:
        join(leader.user, fleet.first.invite(COHORT), WORDS)
    waits, number, stopped = [], 0, None
    for taking in range(TAKEOVERS):
        number += 1
        fleet.first.command("broadcast", "check_in", "--to", COHORT, "--purpose", PURPOSE)
        with answering(leaders, number):
            time.sleep(chance.uniform(0, 1.2))
            at_work = fleet.at_work()
            other = 1 - at_work
            if taking % 2:
                fleet.signal(at_work, signal.SIGSTOP)
                stopped = at_work
            else:
                fleet.all[at_work].kill()
            began = time.monotonic()
            until(lambda other=other: fleet.holds(other) >= EVERY, fleet.logs)  # type: ignore[misc]  # bound at once
            waits.append(time.monotonic() - began)
            if stopped is not None:
                fleet.signal(stopped, signal.SIGCONT)
                stopped = None
            else:
                fleet.start(at_work)
            until(
                lambda number=number: all(each.over(number) for each in leaders),  # type: ignore[misc]  # bound at once
                lambda: "\n--\n".join([*(each.user.screen() for each in leaders), fleet.logs()]),
            )
    said = fleet.first.command("status")
    assert said.count("A process that does everything, version") >= 2, said
    assert "It answers; besides, it receives from Telegram, sends, and keeps the hours." in said, said
    assert "It answers, and stands by for the rest." in said, said
    print(f"another went on after {', '.join(f'{each:.1f}' for each in waits)} s")
    assert max(waits) < WITHIN
    checked(fleet, double, leaders, number)


@pytest.mark.proof
@pytest.mark.timeout(180)
def test_the_server_goes_away_and_comes_back(install: Callable[..., Hilo], server: Server, double: Double) -> None:  # noqa: F811  pytest's way of asking for it
    """PostgreSQL stops as without power while leaders answer: all wait, none ends, and they go on once it is back."""
    double.allow("message is not modified")
    double.allow("terminated by other getUpdates request")  # the poll of one that lost its lease meanwhile
    with living(install, server.databases.create(), double) as fleet:
        leaders = [Leader(double.user(f"Persona {place}", "es"), random.Random(place)) for place in range(PEOPLE)]
        fleet.start(1)
        for leader in leaders:
            join(leader.user, fleet.first.invite(COHORT), WORDS)
        fleet.first.command("broadcast", "check_in", "--to", COHORT, "--purpose", PURPOSE)
        with answering(leaders, 1):
            time.sleep(1)
            server.cut()
            time.sleep(5)
            server.start()
            until(lambda: all(each.over(1) for each in leaders), fleet.logs)
        checked(fleet, double, leaders, 1)
        assert all(each.process is not None and each.process.poll() is None for each in fleet.all)
        assert "the database works again" in fleet.logs()


@pytest.fixture
def line(fleet: Fleet, double: Double) -> Iterator[Line]:
    """A way to the server on which packets can vanish."""
    try:
        made = Line(fleet.first.url, double.url)
    except NoNetworks as error:
        pytest.skip(f"no networks can be made here: {error}")
    with made:
        yield made


@pytest.mark.proof
@pytest.mark.timeout(180)
def test_the_line_to_the_server_is_cut(fleet: Fleet, line: Line, double: Double) -> None:
    """Packets to the server vanish, those to Telegram do not: another does the work, and the first sends nothing more.

    It gives up each connection by itself, is there again once packets arrive, and does nothing with what it held.
    """
    double.allow("message is not modified")
    double.allow("terminated by other getUpdates request")
    leaders = [Leader(double.user(f"Persona {place}", "es"), random.Random(place)) for place in range(2)]
    for leader in leaders:
        join(leader.user, fleet.first.invite(COHORT), WORDS)
    fleet.more.environment["HILO_DATABASE_URL"] = line.url
    line.within(fleet.start, 1)
    fleet.first.stop()
    assert fleet.at_work() == 1  # before another begins, which would be as quick
    fleet.start(0)
    fleet.first.command("broadcast", "check_in", "--to", COHORT, "--purpose", PURPOSE)
    with answering(leaders, 1):
        time.sleep(1)
        line.cut()
        began = time.monotonic()
        until(lambda: fleet.holds(0) >= EVERY, fleet.logs)
        waited = time.monotonic() - began
        until(lambda: all(each.over(1) for each in leaders), fleet.logs)
    print(f"another went on after {waited:.1f} s")
    assert waited < WITHIN
    # It notices by itself on every connection, that one included on which it only listens.
    until(lambda: all(each in fleet.more.log.read_text("utf-8") for each in (DEAF, AWAY)), fleet.logs)
    given_up = time.monotonic() - began
    ((mended_at,),) = fleet.first.rows("SELECT CAST(clock_timestamp() AS text)")
    line.mend()
    until(lambda: dict(fleet.listed())[fleet.ids[1]], fleet.logs)
    until(lambda: fleet.first.rows(f"{HEARS} AND backend_start > '{mended_at}'") == [(1,)], fleet.logs)
    print(f"it gave up its connections after {given_up:.1f} s, and heard again at {time.monotonic() - began:.1f} s")
    checked(fleet, double, leaders, 1)
    assert fleet.holds(1) == set()
    fleet.more.kill()


@pytest.mark.proof
def test_pages_alone(fleet: Fleet) -> None:
    """A process for pages serves somebody the whole way in; another one answers, and its pages are woken in time."""
    fleet.start(1, "--only", "web")
    code = fleet.first.invite(COHORT)
    began = time.monotonic()
    came_in(fleet.more, code).client.close()
    assert time.monotonic() - began < IN_TIME
    time.sleep(2 * BEAT)
    did = {part: counts for part, *counts in fleet.first.rows("SELECT part, kept, turns, sent, due FROM processes")}
    assert did["web"][0] >= 4
    assert did["web"][1:] == [0, 0, 0]
    assert int(str(did["run"][1])) >= int(str(did["web"][0]))
    assert fleet.holds(1) == set()
    said = fleet.first.command("status")
    assert "A process for pages, version" in said, said
    assert "It serves pages. It received" in said, said


@pytest.mark.proof
def test_who_sees_a_copy_of_the_folder_does_not_start(fleet: Fleet) -> None:
    """A process with a copy of the folder of epochs says so and ends; the one that is awake goes on."""
    copy = fleet.first.home.parent / "copy.epochs"
    shutil.copytree(fleet.first.home / "hilo.key.epochs", copy)
    fleet.first.stop()  # whoever is first puts a new word into the folder, which the copy has not
    fleet.start(0)
    fleet.more.environment["HILO_EPOCHS"] = str(copy)
    said = fleet.more.command("run", fails=True)
    assert "it looks like a copy" in said, said
    assert fleet.at_work() == 0
