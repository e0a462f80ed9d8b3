"""`hilo move`: what it says before and after, what it refuses, and that the database left behind wakes no more."""

import contextlib
import gc
import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot import clock
from bot.app import locked, open_storage
from bot.cli.operate import moving as acts
from bot.config import Config
from storage import copies, marks, moving
from storage.database import HEAD, REVISIONS
from storage.marks import DatabaseMoved
from tests.bot.rig import Rig
from tests.bot.shell import ROOT, Shell
from tests.storage.conftest import Databases
from tests.storage.world import opened

SECRET = "s3cret"


def filled(shell: Shell) -> None:
    """An installation in which somebody answered."""
    with contextlib.closing(Rig(shell.folder, now=clock.now() - timedelta(minutes=5))) as hilo:
        phone = hilo.join()
        hilo.ask(phone)
        phone.say("2")
        phone.say("Hubo junta del agua.")
    shell.good("status", "--asleep")  # which seals, begins the trail, and whatever a start does


def address(databases: Databases) -> str:
    """Give an empty database on a server, with a password in its address."""
    url = databases.create()
    return url.replace("postgres:@", f"postgres:{SECRET}@")


def digests(url: str) -> dict[str, tuple[int, str]]:
    with opened(url) as database, database.read() as connection:
        return copies.digests(connection)


def config(shell: Shell) -> Config:
    return Config.load(shell.settings, folder=shell.folder)


def test_it_says_what_happens_asks_once_and_says_what_to_change(console: Shell, databases: Databases) -> None:
    """How much, how long, what stays; then the one setting, without the password; and `doctor` is content there."""
    filled(console)
    old, url = f"sqlite:///{console.folder / 'hilo.db'}", address(databases)
    place = moving.place_of(url)
    wrong = [line for line in console("doctor").out.splitlines() if line.startswith("✗")]
    no = console("move", "--to", url, typed="no\n")
    assert (no.code, no.err) == (1, f"✗ {console.says('cli.nothing_done')}\n")
    assert console.says("cli.move.meanwhile") in no.out
    with opened(url) as untouched:
        assert untouched.version() is None

    printed = console.good("move", "--to", url, typed=f"{console.says('cli.yes')}\n")
    assert SECRET not in printed
    assert f"HILO_DATABASE_URL={place}\n" in printed
    assert console.says("cli.move.password") in printed
    assert console.says("cli.move.old", source=old) in printed
    (told,) = re.findall(r"(\d+) (?:rows|renglones)", printed.split(console.says("cli.move.sure"))[1])
    found = digests(url)
    assert found == digests(old)
    assert int(told) == sum(number for number, _ in found.values())

    console.settings["HILO_DATABASE_URL"] = url
    doctor = console("doctor")
    assert console.says("cli.doctor.database", version=HEAD) in doctor.out
    assert console.says("cli.doctor.left_behind", path=console.folder / "hilo.db") in doctor.out
    assert [line for line in doctor.out.splitlines() if line.startswith("✗")] == wrong
    storage = open_storage(config(console))
    with storage.unit(clock.now()) as unit:
        assert [subject for _, _, subject in unit.audit.done(acts.MOVED, clock.now() - timedelta(hours=1))]
        assert unit.audit.verify() is None
    storage.database.dispose()


COMMANDS = (
    ("run",),
    ("status",),
    ("inherited",),
    ("migrate",),
    ("invite",),
    ("cohort", "list"),
    ("people", "list"),
    ("orders",),
    ("backup",),
    ("export", "--out", "out"),
    ("audit", "list"),
    ("inbox", "list"),
    ("handover", "--show"),
    ("erase", "somebody", "--yes"),
    ("key", "show"),
    ("setup", "--from", "answers.yaml"),
    ("restore", "some.data", "--keys", "some.keys"),
    ("move", "--to", "sqlite:///third.db", "--yes"),
)


def test_what_was_left_says_where_everything_went(console: Shell, databases: Databases) -> None:
    """`hilo run`, and every command: in one sentence, with what to do, and without the password."""
    filled(console)
    url = address(databases)
    console.good("move", "--to", url, "--yes")
    for name in ("answers.yaml", "some.data", "some.keys"):
        (console.folder / name).write_text("name: Otra\n", "utf-8")
    before = digests(f"sqlite:///{console.folder / 'hilo.db'}")
    said = console.says("cli.error.moved", place=moving.place_of(url), day=f"{clock.now():%Y-%m-%d}")
    assert SECRET not in said
    assert {words: console.refused(*words) for words in COMMANDS} == dict.fromkeys(COMMANDS, said)
    facts = {"place": moving.place_of(url), "day": f"{clock.now():%Y-%m-%d}"}
    assert console.says("cli.doctor.moved", **facts) in console("doctor").out
    assert digests(f"sqlite:///{console.folder / 'hilo.db'}") == before


def test_back_again_to_where_it_was(shell: Shell, databases: Databases) -> None:
    """What happened on the server comes back into the file that was left, whose old rows give way."""
    filled(shell)
    url, old = address(databases), f"sqlite:///{shell.folder / 'hilo.db'}"
    shell.good("move", "--to", url, "--yes")
    shell.settings["HILO_DATABASE_URL"] = url
    shell.good("cohort", "add", "Río Abajo")
    printed = shell.good("move", "--to", old, "--yes")

    assert shell.says("cli.move.former", place=old) in printed
    assert f"HILO_DATABASE_URL={old}\n" in printed
    assert digests(old) == digests(url)
    del shell.settings["HILO_DATABASE_URL"]
    assert "Río Abajo" in shell.good("cohort", "list")
    assert (shell.folder / "hilo.db").stat().st_mode & 0o777 == 0o600
    shell.settings["HILO_DATABASE_URL"] = url
    assert moving.place_of(old) in shell.refused("status")


@pytest.mark.proof
def test_undone_where_the_new_one_was_never_used(shell: Shell, databases: Databases) -> None:
    """The old one wakes again and the new one does not; a new one in which anything happened is not given up."""
    filled(shell)
    url, other = databases.create(), databases.create()
    assert shell.refused("move", "--undo", "--yes") == shell.says("cli.move.not_moved")
    shell.good("move", "--to", url, "--yes")
    printed = shell.good("move", "--undo", "--yes")
    assert shell.says("cli.move.undo.same", place=moving.place_of(url)) in printed
    assert "Sierra" in shell.good("cohort", "list")
    with opened(url) as new, pytest.raises(DatabaseMoved):
        new.version()

    shell.good("move", "--to", url, "--yes")  # what the first left gives way
    shell.settings["HILO_DATABASE_URL"] = url
    shell.good("move", "--to", other, "--yes")
    shell.settings["HILO_DATABASE_URL"] = other
    shell.good("cohort", "add", "Río Abajo")
    shell.settings["HILO_DATABASE_URL"] = url
    assert shell.refused("move", "--undo", "--yes") == shell.says("cli.move.used", place=moving.place_of(other))
    with opened(url) as old, pytest.raises(DatabaseMoved):
        old.version()


def test_undone_blindly_only_by_a_yes(console: Shell, tmp_path: Path) -> None:
    """Where the new one cannot be looked at, it is said what that may mean, and asked."""
    filled(console)
    there = tmp_path / "there.db"
    console.good("move", "--to", f"sqlite:///{there}", "--yes")
    there.unlink()
    ended = console("move", "--undo", typed="no\n")
    assert console.says("cli.move.undo.unknown", place=f"sqlite:///{there}") in ended.out
    assert ended.err == f"✗ {console.says('cli.nothing_done')}\n"
    console.good("move", "--undo", typed=f"{console.says('cli.yes')}\n")
    assert "Sierra" in console.good("cohort", "list")
    assert not there.exists()


@pytest.mark.proof
def test_what_was_left_opens_nothing_once_somebody_was_erased(shell: Shell, tmp_path: Path) -> None:
    """An erasure in the new database is one in the old, too: it says so, and its mark stays."""
    filled(shell)
    there, old = f"sqlite:///{tmp_path / 'there.db'}", f"sqlite:///{shell.folder / 'hilo.db'}"
    shell.good("move", "--to", there, "--yes")
    shell.settings["HILO_DATABASE_URL"] = there
    shell.good("erase", "Colibrí", "--yes")
    del shell.settings["HILO_DATABASE_URL"]
    assert shell.refused("move", "--undo", "--yes") == shell.says("cli.move.over", place=there)
    (tmp_path / "there.db").unlink()
    assert shell.refused("move", "--undo", "--yes") == shell.says("cli.move.over", place=there)
    with opened(old) as left, pytest.raises(DatabaseMoved):
        left.version()


def test_killed_between_the_two_marks_neither_wakes_until_it_is_finished(shell: Shell, databases: Databases) -> None:
    """The old one is marked and the new one not yet opened: the same command finishes, and nothing is lost."""
    filled(shell)
    url, old = address(databases), f"sqlite:///{shell.folder / 'hilo.db'}"
    dies = (
        "import os; from storage import moving; moving.arrive = lambda _: os.kill(os.getpid(), 9);"
        "from bot.cli.main import main; main()"
    )
    died = apart(shell, dies, "move", "--to", url, "--yes")
    assert died.returncode == -9, died.stderr
    before = digests(old)
    assert shell.says("cli.error.moved", place=moving.place_of(url), day=f"{clock.now():%Y-%m-%d}") == (
        shell.refused("status")
    )
    shell.settings["HILO_DATABASE_URL"] = url
    assert shell.refused("status") == shell.says("cli.error.move_unfinished", place=old)
    assert shell.says("cli.doctor.move_unfinished", place=old) in shell("doctor").out
    del shell.settings["HILO_DATABASE_URL"]

    printed = shell.good("move", "--to", url, "--yes")
    assert f"HILO_DATABASE_URL={moving.place_of(url)}\n" in printed
    assert digests(url) == digests(old) == before
    with opened(url) as new:
        assert new.version() == HEAD


def test_updated_before_the_last_step(shell: Shell, tmp_path: Path) -> None:
    """Killed between the two marks, and then another version: it says the way, and that way works."""
    filled(shell)
    there, old = f"sqlite:///{tmp_path / 'there.db'}", f"sqlite:///{shell.folder / 'hilo.db'}"
    shell.good("move", "--to", there, "--yes")
    with opened(old) as database, database.write() as connection:
        left = marks.find(connection)
        assert left is not None
        earlier = replace(left.mark, revision=REVISIONS[-2])
        marks.lift(connection)
        marks.put(connection, marks.LEFT, earlier)
    (tmp_path / "there.db").unlink()
    with opened(there) as database:
        database.migrate(known=REVISIONS[:-1])
        with database.write() as connection:
            marks.put(connection, marks.COMING, earlier)
    assert shell.refused("move", "--to", there, "--yes") == shell.says("cli.move.updated", place=there)
    with opened(old) as database, database.write() as connection:  # as it is: its schema is that of this version
        marks.lift(connection)
        marks.put(connection, marks.LEFT, left.mark)
    shell.good("move", "--undo", "--yes")
    assert shell.says("cli.move.unfinished", place=there) in shell.good("move", "--to", there, "--yes")
    assert digests(there) == digests(old)


def broken_after(times: int, breaks: Callable[[], None]) -> Callable[[str, float], None]:
    """Give a progress that breaks something when it has been told so many times how far it is."""
    left = iter(range(times))

    def told(_step: str, _done: float) -> None:
        if next(left, None) is None:
            breaks()

    return told


# SQLAlchemy closes no cursor whose connection is gone; the command ends right after.
@pytest.mark.proof
@pytest.mark.filterwarnings("ignore:.*ServerCursor:pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("way", ["there", "back"])
def test_a_server_that_goes_away_in_the_middle(shell: Shell, databases: Databases, tmp_path: Path, way: str) -> None:
    """Every connection is cut: a sentence, both as they were, and the next try goes on."""
    filled(shell)
    url, old = databases.create(), f"sqlite:///{shell.folder / 'hilo.db'}"
    if way == "back":
        shell.good("move", "--to", url, "--yes")
        shell.settings["HILO_DATABASE_URL"] = url
    new = url if way == "there" else f"sqlite:///{tmp_path / 'back.db'}"
    source = old if way == "there" else url

    def cut() -> None:
        with opened(url) as database, database.write() as connection:
            connection.exec_driver_sql(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )

    with pytest.raises(acts.MoveError) as caught:
        acts.move(config(shell), new, lambda _: True, broken_after(30, cut))
    assert caught.value.code == "cli.move.stopped"
    del caught
    gc.collect()  # here and not in the next test
    shell.good("cohort", "list")
    assert shell.says("cli.move.unfinished", place=moving.place_of(new)) in shell.good("move", "--to", new, "--yes")
    assert digests(new) == digests(source)


@pytest.mark.proof
def test_a_disk_that_is_full_in_the_middle(shell: Shell, databases: Databases, tmp_path: Path) -> None:
    """No file of the process may grow beyond a size, as if the disk ended there: a sentence, and nothing is lost."""
    filled(shell)
    url, there = databases.create(), f"sqlite:///{tmp_path / 'there.db'}"
    shell.good("move", "--to", url, "--yes")
    shell.settings["HILO_DATABASE_URL"] = url
    full = (
        "import resource; from storage import moving; received = moving.receive\n"
        "def receive(*given):\n"
        "    found = received(*given); resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096)); return found\n"
        "moving.receive = receive\n"
        "from bot.cli.main import main; main()"
    )
    ended = apart(shell, full, "move", "--to", there, "--yes")
    begins, _, ends = shell.says("cli.move.stopped", problem="…").partition("…")
    assert ended.returncode == 1
    assert ended.stderr.startswith(f"✗ {begins}")
    assert ended.stderr.endswith(f"{ends}\n")
    shell.good("cohort", "list")
    shell.good("move", "--to", there, "--yes")
    assert digests(there) == digests(url)


def apart(shell: Shell, program: str, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a program with the words of a command, in a process of its own."""
    return subprocess.run(
        [sys.executable, "-c", program, *words],
        cwd=shell.folder,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **shell.settings},
        capture_output=True,
        text=True,
        check=False,
    )


def test_not_while_the_bot_runs(shell: Shell, databases: Databases) -> None:
    """Nor while another command moves to the same database."""
    filled(shell)
    url = databases.create()
    with locked(config(shell)):
        said = shell.refused("move", "--to", url, "--yes")
    assert said == shell.says("cli.error.running", path=shell.folder)
    with opened(url) as there:
        there.migrate()
        with there.alone(acts.MOVING) as free:
            assert free
            assert shell.refused("move", "--to", url, "--yes") == (
                shell.says("cli.move.busy", place=moving.place_of(url))
            )
    shell.good("move", "--to", url, "--yes")


def test_nothing_is_lost_by_a_wrong_address(console: Shell, databases: Databases, tmp_path: Path) -> None:
    """Each wrong one has its sentence; everything is where it was."""
    filled(console)
    old = f"sqlite:///{console.folder / 'hilo.db'}"
    before = digests(old)
    taken = databases.create()
    with opened(taken) as database:
        database.migrate()
        with database.write() as connection:
            connection.exec_driver_sql("INSERT INTO leases (name, holder, until) VALUES ('a', 'b', '2026-01-01 00:00')")
    other = tmp_path / "words.db"
    other.write_text("no database at all, whatever its name says", "utf-8")
    for wrong, code in (
        ("mysql://root@localhost/hilo", "cli.move.url"),
        ("hilo", "cli.move.url"),
        (taken, "cli.move.refused.rows"),
        (old, "cli.move.refused.same"),
        (f"postgresql://hilo:{SECRET}@127.0.0.1:1/hilo", "cli.move.unreachable"),
        (f"sqlite:///{tmp_path / 'nowhere' / 'hilo.db'}", "cli.move.unreachable"),
        (f"sqlite:///{other}", "cli.move.unreachable"),
    ):
        place = "" if code == "cli.move.url" else moving.place_of(wrong)
        begins, _, ends = console.says(code, place=place, problem="…").partition("…")
        sentence = console.refused("move", "--to", wrong, "--yes")
        assert sentence.startswith(begins), (wrong, sentence)
        assert sentence.endswith(ends), (wrong, sentence)
        assert SECRET not in sentence
    assert digests(old) == before
    with opened(old) as database:
        assert database.version() == HEAD


def test_an_address_that_is_not_given_is_asked_for(console: Shell, tmp_path: Path) -> None:
    """So that a password stays out of the shell's history."""
    filled(console)
    there = tmp_path / "there.db"
    printed = console.good("move", typed=f"sqlite:///{there}\n{console.says('cli.yes')}\n")
    assert printed.startswith(console.says("cli.move.where"))
    assert there.stat().st_mode & 0o777 == 0o600


def test_there_is_nothing_to_move_yet(console: Shell, tmp_path: Path) -> None:
    """A folder without data: it begins on the server, by a setting alone."""
    assert console.refused("move", "--to", f"sqlite:///{tmp_path / 'x.db'}", "--yes") == console.says(
        "cli.move.nothing"
    )
