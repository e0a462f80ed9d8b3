"""Under load: updates at a rate on a large SQLite database, and as many as two processors carry on PostgreSQL.

They come whether or not the last one was answered, and each wait counts from the moment its update was due. For how
long, and among how many answers: tests/amounts.py. Speed is judged in the long form alone: the short one shares its
processors with other tests, and sees that nothing is lost or doubled.
"""

import os
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from statistics import median

import psutil
import pytest

from tests.amounts import FILLED, LOAD
from tests.bot.ready import ready
from tests.load.crowd import ACTS
from tests.load.filled import Filled
from tests.load.side import Load, Telegram, spent
from tests.storage.test_cut_server import Server, server  # noqa: F401  a fixture is known where it is imported
from tests.storage.world import opened
from tests.thread.bot import Hilo, free_port
from tests.thread.test_kills import unfinished, until
from tests.thread.test_webhook import SECRET
from tests.thread.test_workers import Worker

pytestmark = pytest.mark.proof

LONG = LOAD.extended
SOON = 1.0 if LONG else 10.0  # seconds that 95 in a hundred replies take at most
RATE, MOST = (50, 100) if LONG else (10, 10)  # updates a second, on SQLite and at most on PostgreSQL
FULL = LOAD.value * 10  # updates at full load
STEADY = LOAD.value / 2  # seconds
TOGETHER = 200 if LONG else 12  # who are at it at once at full load
FLAT = 4.0  # megabytes by which the last third of a run may lie above the one before
# A part is compared with its like: who receives keeps updates, who works plays turns, and one of them sends besides.
CARRIES, SHARE = 0.8, 0.2
SETTINGS = {"HILO_SEND_RATE": "1000"}
CORES = 2
KEPT = "SELECT count(*), count(DISTINCT update_key), sum(attempts) FROM inbox WHERE state = 'done'"
DONE = "SELECT count(*) FROM runs WHERE started_by = 'person' AND status = 'completed'"
PARTS = ("a receiver", "the other", "a worker", "its other")
DID = "SELECT part, kept, turns FROM processes"
OUTBOX = "SELECT kind, state, reason, count(*) FROM outbox GROUP BY kind, state, reason"
TWICE = "SELECT max(revision) FROM answers"


def needed(updates: int) -> int:
    """Return among how many people so many updates are spread: each acts but a few times."""
    return updates // len(ACTS) + TOGETHER


@contextmanager
def installed(folder: Path, people: int, answers: int, url: str = "") -> Iterator[tuple[Telegram, Hilo]]:
    """Begin Telegram, and fill the database of a bot that is not begun yet."""
    with closing(Telegram(people)) as telegram:
        settings = SETTINGS | telegram.settings | ({"HILO_DATABASE_URL": url} if url else {})
        hilo = Hilo(folder / "home", None, **settings)
        ready(hilo.home, url=hilo.url)
        began = time.monotonic()
        with Filled(hilo.home, url) as office:
            office.settle(telegram.chats, answers)
        print(f"{people} people, {answers} answers, filled in {time.monotonic() - began:.0f} s")
        yield telegram, hilo


@contextmanager
def awake(*started: tuple[Hilo, Sequence[str]]) -> Iterator[list[int]]:
    """Let processes run until the block ends."""
    try:
        for hilo, options in started:
            hilo.begin(*options)
        for hilo, _ in started:
            hilo.wait()
        yield [hilo.process.pid for hilo, _ in started if hilo.process is not None]
    finally:
        for hilo, _ in started:
            if hilo.process is not None and hilo.process.poll() is None:
                hilo.stop()


def held(hilo: Hilo, loads: Sequence[Load]) -> None:
    """See that each update had one effect, and one answer."""
    logs = "\n".join(log.read_text("utf-8") for log in hilo.home.parent.glob("*.log"))
    for load in loads:
        load.check(f"{logs}\n{hilo.rows(OUTBOX)}")
    given, finished = sum(load.given for load in loads), sum(load.finished for load in loads)
    until(lambda: not unfinished(hilo), lambda: logs)
    assert hilo.rows(KEPT) == [(given, given, 0)]
    assert hilo.rows(DONE) == [(finished,)]
    assert hilo.rows(TWICE) == [(1,)]
    assert "Traceback" not in logs


@pytest.mark.timeout(0 if LONG else 120)
def test_sqlite_answers_at_a_rate(tmp_path: Path) -> None:
    """One process: 95 in a hundred replies in time, its memory is flat, nothing is lost and nothing comes twice."""
    people = max(FILLED.value // 100, needed(RATE * LOAD.value))
    with installed(tmp_path, people, FILLED.value) as (telegram, hilo), awake((hilo, ())) as (process,):
        telegram.others["the bot"] = spent(process)
        telegram.memory_of = process
        load = telegram.run(people, LOAD.value * RATE, rate=RATE)
        third = len(load.memory) // 3
        middle, last = median(load.memory[third : 2 * third]), median(load.memory[-third:])
        print(f"{load}; memory {load.memory[0]:.1f}, {middle:.1f} and {last:.1f} MB; load {os.getloadavg()[0]:.1f}")
        held(hilo, [load])
    assert load.at(95) < SOON
    if LONG:
        assert last < middle + FLAT


@pytest.mark.timeout(0 if LONG else 300)
def test_postgresql_carries_more_in_parts(tmp_path: Path, server: Server) -> None:  # noqa: F811  pytest's way of asking for it
    """Two that receive and two that work carry their share of two processors, each its part, and go on in time."""
    url = server.databases.create()
    each = needed(FULL)
    people = 2 * each + needed(int(STEADY * MOST))
    with installed(tmp_path, people, people, url) as (telegram, hilo):
        postgresql = spent(parent(hilo))
        telegram.others["PostgreSQL"] = postgresql
        hilo.hook(SECRET)
        with awake((hilo, ())) as pids:
            telegram.others["the bot"] = spent(*pids)
            alone = telegram.run(each, FULL, TOGETHER, urls=addresses(hilo), secret=SECRET)
            held(hilo, [alone])
        print(f"one process: {alone}")
        receivers, workers = parts(hilo)
        with awake(*((one, ("--only", "web")) for one in receivers), *((one, ()) for one in workers)) as pids:
            telegram.others |= {"the bot": spent(*pids), **dict(zip(PARTS, map(spent, pids), strict=True))}
            several = telegram.run(each, FULL, TOGETHER, urls=addresses(*receivers), secret=SECRET)
            print(f"two that receive and two that work: {several}")
            held(hilo, [alone, several])
            until(lambda: sum(turns for _, _, turns in did(hilo)) == several.given, lambda: did(hilo))
            shares = did(hilo)
            print(f"kept and played by each: {shares}")
            c, s = alone.each("the bot"), alone.each("PostgreSQL")
            rate = min(MOST, CARRIES * CORES / (c + s))
            updates = int(STEADY * rate)
            steady = telegram.run(needed(updates), updates, rate=rate, urls=addresses(*receivers), secret=SECRET)
            print(f"{rate:.0f} a second: {steady}")
            held(hilo, [alone, several, steady])
        asked = CARRIES * CORES * c / (c + s)
        print(f"{several.rate / alone.rate:.2f} times as many as one, {asked:.2f} asked; load {os.getloadavg()[0]:.1f}")
    assert steady.at(95) < SOON
    if LONG:
        assert several.rate >= asked * alone.rate
        assert all(kept >= SHARE * several.given for part, kept, _ in shares if part == "web"), shares
        assert all(turns >= SHARE * several.given for part, _, turns in shares if part == "worker"), shares


def parent(hilo: Hilo) -> int:
    """Return the number of the process that all of PostgreSQL's are children of."""
    with opened(hilo.url) as database, database.read() as connection:
        (own,) = connection.exec_driver_sql("SELECT pg_backend_pid()").one()
        return psutil.Process(own).ppid()


def parts(first: Hilo) -> tuple[list[Hilo], list[Worker]]:
    """Return two processes that receive and two that work, beside one that has stopped."""
    ports = [{"HILO_METRICS_PORT": str(free_port())} for _ in range(2)]
    own = {name: value for name, value in first.environment.items() if name.startswith("HILO_TELEGRAM")}
    more = SETTINGS | own | {"HILO_DATABASE_URL": first.url}
    receivers = [first, Hilo(first.home, None, **more)]
    workers = [Worker(first.home, None, **more, **port) for port in ports]
    for place, each in enumerate([*receivers[1:], *workers]):
        each.log = first.home.parent / f"more{place}.log"
        each.environment |= {name: first.environment[name] for name in ("HILO_WEBHOOK_URL", "HILO_WEBHOOK_SECRET")}
    return receivers, workers


def addresses(*receivers: Hilo) -> list[str]:
    """Return where updates are brought."""
    return [f"http://127.0.0.1:{each.port}/telegram" for each in receivers]


def did(hilo: Hilo) -> list[tuple[str, int, int]]:
    """Return what each process that lives has kept and played."""
    return [(str(part), int(str(kept)), int(str(turns))) for part, kept, turns in hilo.rows(DID)]
