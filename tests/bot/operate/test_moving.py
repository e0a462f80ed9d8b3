"""`hilo move`: what it says before and after, what it refuses, and that the database left behind wakes no more."""

import contextlib
import os
import re
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from bot import clock
from bot.app import locked, open_storage
from bot.cli.operate import moving as acts
from bot.config import Config
from storage import copies, moving
from storage.database import HEAD
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
    ("move", "--to", "sqlite:///third.db", "--yes"),
)


def test_what_was_left_says_where_everything_went(console: Shell, databases: Databases) -> None:
    """`hilo run`, and every command: in one sentence, with what to do, and without the password."""
    filled(console)
    url = address(databases)
    console.good("move", "--to", url, "--yes")
    (console.folder / "answers.yaml").write_text("name: Otra\n", "utf-8")
    before = digests(f"sqlite:///{console.folder / 'hilo.db'}")
    said = console.says("cli.error.moved", place=moving.place_of(url), day=f"{clock.now():%Y-%m-%d}")
    assert SECRET not in said
    assert {words: console.refused(*words) for words in COMMANDS} == dict.fromkeys(COMMANDS, said)
    facts = {"place": moving.place_of(url), "day": f"{clock.now():%Y-%m-%d}"}
    assert console.says("cli.doctor.moved", **facts) in console("doctor").out
    assert digests(f"sqlite:///{console.folder / 'hilo.db'}") == before


def test_back_again_to_where_it_was(console: Shell, databases: Databases) -> None:
    """What happened on the server comes back into the file that was left, whose old rows give way."""
    filled(console)
    url, old = address(databases), f"sqlite:///{console.folder / 'hilo.db'}"
    console.good("move", "--to", url, "--yes")
    console.settings["HILO_DATABASE_URL"] = url
    console.good("cohort", "add", "Río Abajo")
    printed = console.good("move", "--to", old, "--yes")

    assert console.says("cli.move.former", place=old) in printed
    assert f"HILO_DATABASE_URL={old}\n" in printed
    assert digests(old) == digests(url)
    del console.settings["HILO_DATABASE_URL"]
    assert "Río Abajo" in console.good("cohort", "list")
    assert (console.folder / "hilo.db").stat().st_mode & 0o777 == 0o600
    console.settings["HILO_DATABASE_URL"] = url
    assert moving.place_of(old) in console.refused("status")


def test_undone_where_the_new_one_was_never_used(console: Shell, databases: Databases) -> None:
    """The old one wakes again and the new one does not; a new one in which anything happened is not given up."""
    filled(console)
    url, other = databases.create(), databases.create()
    assert console.refused("move", "--undo", "--yes") == console.says("cli.move.not_moved")
    console.good("move", "--to", url, "--yes")
    printed = console.good("move", "--undo", "--yes")
    assert console.says("cli.move.undo.same", place=moving.place_of(url)) in printed
    assert "Sierra" in console.good("cohort", "list")
    with opened(url) as new, pytest.raises(DatabaseMoved):
        new.version()

    console.good("move", "--to", url, "--yes")  # what the first left gives way
    console.settings["HILO_DATABASE_URL"] = url
    console.good("move", "--to", other, "--yes")
    console.settings["HILO_DATABASE_URL"] = other
    console.good("cohort", "add", "Río Abajo")
    console.settings["HILO_DATABASE_URL"] = url
    assert console.refused("move", "--undo", "--yes") == console.says("cli.move.used", place=moving.place_of(other))
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


def test_killed_between_the_two_marks_neither_wakes_until_it_is_finished(console: Shell, databases: Databases) -> None:
    """The old one is marked and the new one not yet opened: the same command finishes, and nothing is lost."""
    filled(console)
    url, old = address(databases), f"sqlite:///{console.folder / 'hilo.db'}"
    dies = (
        "import os; from storage import moving; moving.arrive = lambda _: os.kill(os.getpid(), 9);"
        "from bot.cli.main import main; main()"
    )
    died = subprocess.run(
        [sys.executable, "-c", dies, "move", "--to", url, "--yes"],
        cwd=console.folder,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **console.settings},
        capture_output=True,
        check=False,
    )
    assert died.returncode == -9, died.stderr
    before = digests(old)
    assert console.says("cli.error.moved", place=moving.place_of(url), day=f"{clock.now():%Y-%m-%d}") == (
        console.refused("status")
    )
    console.settings["HILO_DATABASE_URL"] = url
    assert console.refused("status") == console.says("cli.error.move_unfinished", place=old)
    assert console.says("cli.doctor.move_unfinished", place=old) in console("doctor").out
    del console.settings["HILO_DATABASE_URL"]

    printed = console.good("move", "--to", url, "--yes")
    assert f"HILO_DATABASE_URL={moving.place_of(url)}\n" in printed
    assert digests(url) == digests(old) == before
    with opened(url) as new:
        assert new.version() == HEAD


def test_not_while_the_bot_runs(console: Shell, databases: Databases) -> None:
    """Nor while another command moves to the same database."""
    filled(console)
    url = databases.create()
    with locked(config(console)):
        said = console.refused("move", "--to", url, "--yes")
    assert said == console.says("cli.error.running", path=console.folder)
    with opened(url) as there:
        there.migrate()
        with there.alone(acts.MOVING) as free:
            assert free
            assert console.refused("move", "--to", url, "--yes") == (
                console.says("cli.move.busy", place=moving.place_of(url))
            )
    console.good("move", "--to", url, "--yes")


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
