"""Putting a restored backup in the place of what was here: the old or the new, whenever it is cut off.

Everything is ready in a folder of its own before a note in Hilo's folder says so. From then on the new one holds:
whoever opens the database next finishes what was begun.
"""

import errno
import fcntl
import json
import shutil
from pathlib import Path
from typing import Final

from storage import copies
from storage.database import Database, file_of
from storage.epochs import write_synced
from storage.vault import settle

NOTE: Final = "restoring"
DATABASE: Final = "hilo.db"
MEDIA: Final = "media"
DIALOGS: Final = "dialogs"


def place(home: Path, url: str, dialogs: Path, ready: Path, aside: Path) -> None:
    """Put what lies ready in its place, and what was there aside.

    Args:
        home: Hilo's folder, in which `ready` and `aside` are.
        url: of the database.
        dialogs: the organisation's own dialogs; one that is there stays.
        ready: a folder with the database, the media and the dialogs.
        aside: the folder where the old ones are kept.
    """
    (ready / MEDIA).mkdir(exist_ok=True, mode=0o700)
    for path in sorted(ready.rglob("*"), reverse=True):
        settle(path)
    settle(ready)
    write_synced(home / NOTE, json.dumps({"ready": ready.name, "aside": aside.name}).encode())
    finish(home, url, dialogs)


def finish(home: Path, url: str, dialogs: Path) -> bool:
    """Finish what was begun, if a note says so; return whether it was. Others wait meanwhile."""
    try:
        note = (home / NOTE).open("rb")
    except FileNotFoundError:
        return False
    with note:
        fcntl.flock(note, fcntl.LOCK_EX)
        if not (home / NOTE).exists():
            return False
        told = json.load(note)
        ready, aside = home / told["ready"], home / told["aside"]
        _database(url, ready / DATABASE, aside)
        if (ready / MEDIA).is_dir():
            if (home / MEDIA).exists() and not (aside / MEDIA).exists():
                _move(home / MEDIA, aside / MEDIA)
            _move(ready / MEDIA, home / MEDIA)
        for path in sorted((ready / DIALOGS).glob("*")):
            dialogs.mkdir(parents=True, exist_ok=True)
            if not (dialogs / path.name).exists():
                write_synced(dialogs / path.name, path.read_bytes())
        (home / NOTE).unlink()
        settle(home)
        shutil.rmtree(ready, ignore_errors=True)
    return True


def _database(url: str, new: Path, aside: Path) -> None:
    if not new.exists():
        return
    file = file_of(url)
    if file is None:
        database = Database.open(url)
        try:
            copies.load(new, database)  # in one transaction
        finally:
            database.dispose()
        new.unlink()
        return
    for suffix in ("", "-wal", "-shm"):
        old = file.with_name(file.name + suffix)
        if old.exists():
            kept = aside / old.name
            # Whoever looked meanwhile may have made an empty one.
            _move(old, kept.with_name(f"{kept.name}.later") if kept.exists() else kept)
    _move(new, file)


def _move(path: Path, to: Path) -> None:
    """Move a file or folder; what lies on another disk is copied whole before it takes its place."""
    to.parent.mkdir(parents=True, exist_ok=True)
    try:
        path.rename(to)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        beside = to.with_name(f".{to.name}.part")
        shutil.rmtree(beside, ignore_errors=True)
        if path.is_dir():
            shutil.copytree(path, beside)
        else:
            shutil.copyfile(path, beside)
            beside.chmod(0o600)
            settle(beside)
        beside.rename(to)
        settle(to.parent)
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
    settle(to.parent)
    settle(path.parent)
