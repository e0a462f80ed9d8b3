"""Moved in the middle of a check-in, by a process of its own that is killed again and again: the talk just goes on.

How often, and at which moments: tests/amounts.py.
"""

import random
import subprocess
import sys
from collections.abc import Callable

import pytest
from sqlalchemy import inspect

from bot import clock
from storage import copies, moving
from storage.database import HEAD
from storage.tables import metadata
from storage.unit import Storage
from tests import amounts
from tests.bench.meter import measured
from tests.bot.ready import ready, vault_of
from tests.by_day import DATABASES_ALIKE
from tests.double import Double
from tests.storage.conftest import Databases, databases  # noqa: F401  a fixture is known where it is imported
from tests.storage.world import HASH, SOURCE, opened
from tests.thread.bot import Hilo
from tests.thread.test_thread import COHORT, PURPOSE, exported, join
from tests.thread.test_thread import WORDS as ALL_WORDS

WORDS = ALL_WORDS["es"]
CROWD = 400  # people who answered long ago, so that it takes a while
ANSWERS = 10  # of each of them
KILLS, SEED = amounts.KILLS.value, amounts.SEED.value
LONGEST = 1.5  # seconds that a move may last until it is killed


def crowd(hilo: Hilo, people: int = CROWD) -> None:
    """Add people whom nobody sees, and what they answered."""
    with opened(hilo.url) as database:
        storage = Storage(database, vault_of(hilo.home))
        for first in range(0, people, CROWD):
            with storage.unit(clock.now()) as unit:
                unit.versions.save(HASH, "crowd", "check_in", SOURCE, unit.now)
                for _ in range(first, min(first + CROWD, people)):
                    person = unit.people.create(clock.new_id(), unit.now, "active", "es")
                    run = clock.new_id()
                    unit.runs.create(run, person, HASH, "person", {"v": 1}, "completed", "es", None)
                    for number in range(ANSWERS):
                        unit.answers.add(clock.new_id(), run, f"q{number}", person, '{"value":2}', unit.now)


def digests(url: str) -> dict[str, tuple[int, str]]:
    with opened(url) as database, database.read() as connection:
        return copies.digests(connection)


def move(hilo: Hilo, to: str, seconds: float | None) -> bool:
    """Move in a process that is killed so many seconds after it began to; return whether it was."""
    process = subprocess.Popen(
        [sys.executable, "-m", "bot", "move", "--to", to, "--yes"],
        cwd=hilo.home.parent,
        env={**hilo.environment, "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    while not process.stdout.readline().startswith("Hilo sleeps meanwhile") and process.poll() is None:
        pass  # it begins after that
    try:
        said, _ = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        return True
    assert process.returncode == 0, said
    return False


def wrong(hilo: Hilo) -> set[str]:
    """Give what `doctor` finds wrong here; whether Telegram answers in time is another question."""
    token = hilo.environment.pop("HILO_TELEGRAM_TOKEN")
    try:
        return {line for line in hilo.command("doctor", fails=True).splitlines() if line.startswith("✗")}
    finally:
        hilo.environment["HILO_TELEGRAM_TOKEN"] = token


def goes_on_at(hilo: Hilo, url: str) -> None:
    """Change the one setting."""
    hilo.url = hilo.environment["HILO_DATABASE_URL"] = url


@pytest.mark.proof
def test_the_talk_goes_on_where_everything_was_moved_to(
    install: Callable[..., Hilo],
    double: Double,
    databases: Databases,  # noqa: F811  pytest's way of asking for it
) -> None:
    """Half a check-in in a file, a question more on a server, the rest in the file again; all of it is exported."""
    hilo = install("ptb")
    ready(hilo.home)
    hilo.command("cohort", "add", COHORT)
    hilo.start()
    user = double.user("Colibrí", "es")
    join(user, hilo.invite(COHORT), WORDS)
    hilo.command("broadcast", "check_in", "--to", COHORT, "--purpose", PURPOSE)
    user.sees(WORDS["start"])
    user.press(WORDS["start"])
    user.sees(WORDS["mood"])
    user.press(WORDS["good"])
    user.sees(WORDS["week"])
    file, server, found = hilo.url, databases.create(), wrong(hilo)
    assert "Another Hilo is already running" in hilo.command("move", "--to", server, "--yes", fails=True)
    hilo.stop()

    user.say("Hubo junta.")  # while it sleeps
    hilo.command("move", "--to", server, "--yes")
    assert digests(server) == digests(file)
    assert "moved to postgresql://" in hilo.command("run", fails=True)
    goes_on_at(hilo, server)
    hilo.start()
    user.sees(WORDS["saved"])
    user.press(WORDS["all"])
    user.sees(WORDS["need"])
    assert wrong(hilo) == found
    hilo.stop()

    hilo.command("move", "--to", file, "--yes")
    assert digests(server) == digests(file)
    goes_on_at(hilo, file)
    hilo.start()
    user.press(WORDS["call"])
    user.sees(WORDS["about"])
    user.say("agua")
    user.sees(WORDS["finished"])
    assert wrong(hilo) == found
    (row,) = exported(hilo)
    assert "Hubo junta." in row.values()
    assert "agua" in row.values()
    hilo.stop()


@pytest.mark.by_day("way", why=DATABASES_ALIKE)
@pytest.mark.proof
@pytest.mark.timeout(0)  # on a busy machine each start takes long, and there are many
@pytest.mark.parametrize("way", ["to the server", "back to a file"])
def test_killed_at_any_moment_and_begun_again(
    install: Callable[..., Hilo],
    double: Double,
    databases: Databases,  # noqa: F811  pytest's way of asking for it
    way: str,
) -> None:
    """Every row arrives as it was, only once, and at no moment do both databases open."""
    chance = random.Random(SEED)
    hilo = install("ptb", **({} if way == "to the server" else {"HILO_DATABASE_URL": databases.create()}))
    ready(hilo.home, url=hilo.url)
    crowd(hilo)
    hilo.command("cohort", "add", COHORT)
    killed, moved = 0, 0
    while killed < KILLS:
        old = hilo.url
        new = databases.create() if old.startswith("sqlite") else f"sqlite:///{hilo.home / f'moved{moved}.db'}"
        before = {name: found for name, found in digests(old).items() if not name.startswith("audit")}
        while cut := move(hilo, new, chance.uniform(0, LONGEST) if killed < KILLS else None):
            killed += cut
            opens = [url for url in (old, new) if revision(url) == HEAD and count(url)]
            assert len(opens) < 2
            if opens == [new]:  # it was killed behind its last step
                assert f"moved to {moving.place_of(new)}" in hilo.command("move", "--to", new, "--yes", fails=True)
                break
        after = digests(new)
        assert after == digests(old)
        assert {name: found for name, found in after.items() if not name.startswith("audit")} == before
        moved += 1
        goes_on_at(hilo, new)
        assert COHORT in hilo.command("cohort", "list")
    assert moved


@pytest.mark.proof
@pytest.mark.timeout(0)
def test_memory_is_the_same_however_much_is_moved(
    install: Callable[..., Hilo],
    databases: Databases,  # noqa: F811  pytest's way of asking for it
) -> None:
    """There and back with a tenth of the answers and with all of them: at the most 5 MB more."""
    peaks: dict[str, list[float]] = {"there": [], "back": []}
    for people in (amounts.MOVED.value // ANSWERS // 10, amounts.MOVED.value // ANSWERS):
        hilo = install("ptb")
        ready(hilo.home)
        crowd(hilo, people)
        server = databases.create()
        for way, url in (("there", server), ("back", f"sqlite:///{hilo.home / 'back.db'}")):
            rows = count(hilo.url)
            used = measured([sys.executable, "-m", "bot", "move", "--to", url, "--yes"], hilo.environment)
            peaks[way].append(used.peak / 1e6)
            print(f"{way}: {rows} rows in {used.wall:.1f} s, {used.cpu:.1f} of a processor, {used.peak / 1e6:.1f} MB")
            goes_on_at(hilo, url)
    assert max(many - few for few, many in peaks.values()) < 5, peaks


def revision(url: str) -> str | None:
    """Give what stands for the revision of a database."""
    with opened(url) as database, database.read() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        return str(connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar())


def count(url: str) -> int:
    """Give how many rows there are."""
    with opened(url) as database, database.read() as connection:
        return sum(
            int(connection.exec_driver_sql(f"SELECT count(*) FROM {table.name}").scalar() or 0)  # noqa: S608  our own names
            for table in metadata.sorted_tables
        )
