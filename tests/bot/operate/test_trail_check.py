"""The trail at the terminal: what is listed, and what the backups and doctor find of one that was cut or put back."""

from pathlib import Path

import pytest
from sqlalchemy import text

from storage.database import Database
from tests.bot.ready import ready
from tests.bot.rig import SIERRA
from tests.bot.shell import Shell


@pytest.fixture
def installed(console: Shell) -> Shell:
    """An organisation that is ready, with a group and a backup."""
    ready(console.folder)
    console.good("cohort", "add", SIERRA)
    console.good("backup")
    return console


def cut(folder: Path, *, head: bool) -> None:
    """Delete the newest rows as somebody with the database does; with the head, as an older state put back has it."""
    database = Database.open(f"sqlite:///{folder / 'hilo.db'}")
    with database.write() as connection:
        if head:
            connection.execute(text("DELETE FROM audit_head"))
        connection.execute(text("DELETE FROM audit WHERE seq > 1"))
    database.dispose()


def test_it_is_listed_in_words(installed: Shell) -> None:
    """Who did what stands there in the console's language, and looking is a row of its own."""
    installed.good("people", "list")
    listed = installed.good("audit", "list")
    assert installed.says("trail.by.console") in listed
    assert installed.says("trail.act.member.listed") in listed
    assert installed.says("trail.act.audit.read") not in listed
    assert installed.says("trail.act.audit.read") in installed.good("audit", "list", "--limit", "1")
    assert len(installed.good("audit", "list", "--limit", "1").splitlines()) == 2


def test_a_whole_one_is_said_to_be(installed: Shell) -> None:
    """After ordinary use, and after a backup of it was restored, nothing is missed."""
    number = len(installed.good("audit", "list", "--limit", "1000").splitlines())
    assert f"{number} " in installed.good("audit", "verify")


def test_rows_cut_off_are_told(installed: Shell) -> None:
    """Both the check and doctor say so, and end with 1."""
    cut(installed.folder, head=False)
    checked = installed("audit", "verify")
    assert checked.code == 1
    assert installed.says("trail.fault.cut", row=1, at="…").partition("…")[0] in checked.err
    assert "Traceback" not in checked.err
    ended = installed("doctor")
    assert ended.code == 1
    assert installed.says("cli.doctor.trail_cut", row=1, at="…").partition("…")[0] in ended.out


def test_an_older_state_is_known_by_a_backup(installed: Shell, tmp_path: Path) -> None:
    """The whole database of before is put back, head and all: the backup made since knows what is missing."""
    file = installed.folder / "hilo.db"
    older = file.read_bytes()
    installed.good("people", "list")
    installed.good("backup")
    assert installed("audit", "verify").code == 0
    for each in installed.folder.glob("hilo.db*"):
        each.unlink()
    file.write_bytes(older)

    refused = installed.refused("audit", "verify")
    assert installed.says("trail.fault.backup", path="…").partition("…")[0] in refused
    newest = max((installed.folder / "backups").glob("*.data"))
    assert str(newest) in refused
    assert installed.says("cli.doctor.trail_backup", path=newest) in installed("doctor").out


def test_a_backup_that_was_restored_is_no_fault(installed: Shell) -> None:
    """Restoring an older backup on purpose is on the trail, and the newer backup says nothing then."""
    older = max((installed.folder / "backups").glob("*.data"))
    installed.good("people", "list")
    keys = older.with_suffix(".keys")
    kept = older.read_bytes(), keys.read_bytes()
    installed.good("backup")
    older.write_bytes(kept[0])
    keys.write_bytes(kept[1])
    installed.good("restore", str(older), "--keys", str(keys), "--yes")
    installed.good("audit", "verify")
