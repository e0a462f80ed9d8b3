"""The machine fails, and the real bot goes on: a lock held, a full disk, another file, another hour."""

import resource
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from tests import amounts, paths
from tests.bot.ready import ready
from tests.double import Double, User
from tests.thread.bot import ROOT, Hilo
from tests.thread.test_thread import COHORT, PURPOSE, WORDS, exported, join

ES = WORDS["es"]
LOCKED = float(amounts.LOCKED.value)
BUSY = 0.25  # of a processor: more than that is a loop that does not wait
PATIENCE = 30.0
CLOCK = """
import datetime, os, pathlib
import bot.clock

class Wrong(datetime.datetime):
    @classmethod
    def now(cls, tz=None):
        wrong = float(pathlib.Path(os.environ["SHIFT"]).read_text())
        return datetime.datetime.now(tz) + datetime.timedelta(seconds=wrong)

bot.clock.datetime = Wrong
"""


def asked(hilo: Hilo, double: Double) -> User:
    """A bot that is awake, and someone who was offered a check-in."""
    ready(hilo.home)
    hilo.command("cohort", "add", COHORT)
    hilo.start()
    user = double.user("Colibrí", "es")
    join(user, hilo.invite(COHORT), ES)
    hilo.command("broadcast", "check_in", "--to", COHORT, "--purpose", PURPOSE)
    user.sees(ES["start"])
    return user


def rest(user: User) -> None:
    """Answer what comes after the first question."""
    user.sees(ES["week"], PATIENCE)
    user.say("Hubo junta.")
    user.sees(ES["saved"])
    user.press(ES["all"])
    user.sees(ES["need"])
    user.press("1 · Nada por ahora")
    user.sees("Contestaste")


def revisions(hilo: Hilo) -> list[tuple[str, int]]:
    """Count the revisions of every answer."""
    with sqlite3.connect(hilo.home / "hilo.db") as database:
        found = database.execute("SELECT run_id, path, COUNT(*) FROM answers GROUP BY run_id, path").fetchall()
    database.close()
    return paths.revisions(hilo.home, found)


ONCE = [("mood", 1), ("need", 1), ("week", 1)]


@contextmanager
def watched(hilo: Hilo) -> Iterator[None]:
    """While something is in the way the bot waits, and does not spin."""
    assert hilo.process is not None
    process = psutil.Process(hilo.process.pid)
    before, began = process.cpu_times(), time.monotonic()
    yield
    after, took = process.cpu_times(), time.monotonic() - began
    used = after.user + after.system - before.user - before.system
    assert used < BUSY * took, f"{used:.1f} s of CPU in {took:.1f} s"


def holds(hilo: Hilo, *words: str) -> None:
    """The log tells what was the matter, a few lines at most, and nothing that anybody said."""
    lines = hilo.log.read_text("utf-8").splitlines()
    for each in words:
        assert any(each in line for line in lines), lines
    assert len(lines) < 30, lines
    assert "Hubo junta" not in "".join(lines)
    assert "Traceback" not in "".join(lines)


@pytest.mark.proof
def test_a_lock_held_for_long_is_waited_for(install: Callable[..., Hilo], double: Double) -> None:
    """Another process writes for a while: what she says meanwhile is kept and answered after, once."""
    hilo = install()
    user = asked(hilo, double)
    user.press(ES["start"])
    user.sees(ES["mood"])
    other = sqlite3.connect(hilo.home / "hilo.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with watched(hilo):
        user.press(ES["low"])
        time.sleep(LOCKED)
    assert hilo.process is not None
    assert hilo.process.poll() is None, hilo.log.read_text()
    other.execute("ROLLBACK")
    other.close()
    rest(user)
    hilo.stop()

    assert revisions(hilo) == ONCE
    holds(hilo, "another process holds the database", "the database works again")


@pytest.mark.proof
def test_a_full_disk_is_waited_for(install: Callable[..., Hilo], double: Double) -> None:
    """While nothing can be written nothing is confirmed to Telegram; with room again all of it is there, once."""
    hilo = install()
    user = asked(hilo, double)
    user.press(ES["start"])
    user.sees(ES["mood"])
    assert hilo.process is not None
    before = resource.prlimit(hilo.process.pid, resource.RLIMIT_FSIZE, (8192, resource.RLIM_INFINITY))
    with watched(hilo):
        user.press(ES["low"])
        time.sleep(5)
    assert hilo.process.poll() is None, hilo.log.read_text()
    assert double.pending
    resource.prlimit(hilo.process.pid, resource.RLIMIT_FSIZE, before)
    rest(user)
    hilo.stop()

    assert revisions(hilo) == ONCE
    holds(hilo, "the disk cannot be written", "the database works again")


@pytest.mark.proof
def test_a_disk_that_is_read_only_is_waited_for(install: Callable[..., Hilo], double: Double, tmp_path: Path) -> None:
    """The system makes the disk read-only, as after an error: nothing is confirmed, and later all of it is there."""
    made, flag = tmp_path / "faults.so", tmp_path / "read-only"
    subprocess.run(["cc", "-O1", "-shared", "-fPIC", "-o", made, ROOT / "tests" / "faults.c", "-ldl"], check=True)
    hilo = install(FAULTS_READ_ONLY=str(flag))
    hilo.environment |= {"FAULTS_FOLDER": str(hilo.home)}
    user = asked(hilo, double)
    hilo.stop()
    hilo.environment["LD_PRELOAD"] = str(made)  # the bot alone, and no command before it
    hilo.start()
    other = double.user("Luna", "es")
    user.press(ES["start"])
    user.sees(ES["mood"])
    flag.touch()
    with watched(hilo):
        user.press(ES["low"])
        other.say("/start")
        time.sleep(5)
    assert hilo.process is not None
    assert hilo.process.poll() is None, hilo.log.read_text()
    assert double.pending
    flag.unlink()
    rest(user)
    other.sees("Aquí se entra con invitación", PATIENCE)
    hilo.stop()

    assert revisions(hilo) == ONCE
    holds(hilo, "the database works again")


@pytest.mark.proof
def test_nothing_is_written_into_a_file_that_is_gone(install: Callable[..., Hilo], double: Double) -> None:
    """A copy moved over the open database ends the bot at once, and nothing of the old file gets into the new one."""
    hilo = install()
    user = asked(hilo, double)
    copy, there = hilo.home / "copy.db", hilo.home / "hilo.db"
    with sqlite3.connect(there) as source, sqlite3.connect(copy) as target:
        source.backup(target)
    source.close()
    target.close()
    user.press(ES["start"])
    user.sees(ES["mood"])
    user.press(ES["low"])
    user.sees(ES["week"])
    copy.replace(there)
    assert hilo.process is not None
    assert hilo.process.wait(PATIENCE) == 1
    hilo.process = None
    user.say("Dicho mientras nadie oía.")
    hilo.start()
    user.sees("equipo", PATIENCE)

    holds(hilo, "the database file was replaced")
    assert revisions(hilo) == []
    with sqlite3.connect(there) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    database.close()


@pytest.fixture
def shifted(install: Callable[..., Hilo], tmp_path: Path) -> tuple[Hilo, Path]:
    """An installation on a machine whose clock can be put back: a file tells by how many seconds it is wrong."""
    shift = tmp_path / "shift"
    shift.write_text("0")
    (tmp_path / "clock").mkdir()
    (tmp_path / "clock" / "sitecustomize.py").write_text(CLOCK)
    return install(SHIFT=str(shift), PYTHONPATH=f"{tmp_path / 'clock'}:{ROOT}"), shift


@pytest.mark.proof
def test_the_clock_may_go_back_an_hour(shifted: tuple[Hilo, Path], double: Double) -> None:
    """Put back while a question is on its way to her and the process dies: it comes again, and she answers it."""
    double.allow("message is not modified")  # an edit that was made, and not noted so, is made again
    hilo, shift = shifted
    user = asked(hilo, double)
    double.slow("sendMessage", seconds=20, chat=user.id)
    user.press(ES["start"])
    user.sees(ES["mood"])
    hilo.kill()
    shift.write_text("-3600")
    hilo.start()
    user.sees("Por si no te llegó", PATIENCE)
    user.press(ES["low"])
    rest(user)

    assert revisions(hilo) == ONCE
    (row,) = exported(hilo)
    assert row["status"] == "completed"
