"""Files: who can read them, what lies where it should not, and what was kept for too long."""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from sqlalchemy.exc import DatabaseError

from bot.cli.operate.checks.finding import Finding
from bot.config import Config
from bot.services import way_back
from storage import marks
from storage.database import BadUrl, Database, file_of
from storage.marks import DatabaseMoved
from storage.placing import DATABASE

OTHERS: Final = 0o077
SMALL: Final = 4096  # bytes; a file with a key in it is smaller
DATA: Final = ".data"
EXPORTED: Final = frozenset({".csv", ".xlsx", ".sav", ".jsonl"})
ASIDE: Final = "before-restore-"
KEPT: Final = timedelta(days=7)
_STAMPED: Final = re.compile(r"\d{4}-\d\d-\d\d-\d{6}$")
OWN: Final = frozenset({"media", "practice", "backups", "dialogs", "exports"})  # of Hilo's, in its home
CODE: Final = frozenset({"bot", "build", "dialogs", "docs", "locales", "storage", "tests"})


def open_to_others(config: Config, places: Sequence[Path]) -> Iterator[Finding]:
    """Find what other accounts of this machine can get to: Hilo's folder, the database, backups."""
    folders = [config.home, *(place for place in places if place.is_dir())]
    for folder in dict.fromkeys(folders):
        if folder.stat().st_mode & OTHERS:
            yield Finding("home_open" if folder == config.home else "backups_open", "bad", {"path": folder})
    for path in (*_database(config), *(each for place in places for each in sorted(place.glob("hilo-*.*")))):
        if path.stat().st_mode & OTHERS:
            yield Finding("file_open", "bad", {"path": path})


def _database(config: Config) -> list[Path]:
    try:
        file = file_of(config.database_url)
    except BadUrl:
        return []  # reported where the database is opened
    names = [] if file is None else [file.with_name(f"{file.name}{end}") for end in ("", "-wal", "-shm")]
    return [path for path in names if path.exists()]


def key_beside_backup(config: Config, key: bytes | None, places: Sequence[Path]) -> Iterator[Finding]:
    """Find the organisation's key where a backup lies: whoever takes that folder away has both.

    Args:
        config: the settings.
        key: the key, or None where it is not here.
        places: folders that backups were made in.
    """
    beside = config.key_file.parent
    if not config.master_key and config.key_file.exists() and any(beside.glob(f"hilo-*{DATA}")):
        yield Finding("key_with_backup", "bad", {"path": config.key_file})
    if key is None:
        return
    written, own = key.hex().encode(), config.key_file.resolve()
    for path in (each for place in places for each in sorted(place.rglob("*"))):
        small = path.is_file() and path.stat().st_size <= SMALL and path.resolve() != own
        if small and written in path.read_bytes().lower():
            yield Finding("key_with_backup", "bad", {"path": path})


def exports_left(config: Config, noted: Sequence[Path]) -> Iterator[Finding]:
    """Find files of an export, which are no longer locked: in Hilo's folder, here, and where a command wrote them."""
    near = [config.home, *_below(config.home, OWN), Path(), *_below(Path(), CODE)]
    shared, seen = {config.home.resolve(), Path.cwd()}, set()
    for folder in dict.fromkeys(each.resolve() for each in (*near, *noted)):
        found = [path for path in _files(folder) if path.suffix in EXPORTED]
        # In a folder with other things each file is named; a folder made for the export goes whole.
        for path in found if folder in shared else [folder] if found else []:
            if path not in seen:
                yield Finding("export_left", "bad", {"path": path})
            seen.add(path)


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("*") if path.is_file()) if folder.is_dir() else []


def _below(folder: Path, known: frozenset[str]) -> list[Path]:
    """List the folders in a folder that are nobody's that we know."""
    ours = {*known, "var"}
    found = sorted(folder.glob("*")) if folder.is_dir() else []
    return [
        path
        for path in found
        if path.is_dir() and path.name not in ours and not path.name.startswith((".", "before-", "hilo."))
    ]


def kept_aside(config: Config, now: datetime) -> Iterator[Finding]:
    """Find what was there before a restore, with whoever was erased since; after seven days that is wrong."""
    for left in sorted(config.home.glob(f"{ASIDE}*")):
        if left.is_dir():
            old = now - _made_at(left) >= KEPT
            yield Finding("left_long" if old else "left", "bad" if old else "note", {"path": left})
    for left in way_back.folders(config.home):
        if now - way_back.made_at(left) >= KEPT + timedelta(days=1):
            yield Finding("way_back_old", "bad", {"path": left})


def left_behind(config: Config, now: datetime) -> Iterator[Finding]:
    """Find the file from which everything was moved, with whoever was erased since; after seven days that is wrong."""
    file = config.home / DATABASE
    try:
        used = file_of(config.database_url)
    except BadUrl:
        return  # reported where the database is opened
    if not file.exists() or (used is not None and used.absolute() == file.absolute()):
        return
    database = Database.open(f"sqlite:///{file}")
    try:
        with database.read() as connection:
            known = marks.find(connection)
    except DatabaseError:
        return  # something else
    finally:
        database.dispose()
    if isinstance(known, DatabaseMoved):
        yield Finding("left_behind", "bad" if now - known.mark.at >= KEPT else "note", {"path": file})


def _made_at(folder: Path) -> datetime:
    if found := _STAMPED.search(folder.name):
        return datetime.strptime(found[0], way_back.STAMP).replace(tzinfo=UTC)
    return datetime.fromtimestamp(folder.stat().st_mtime, UTC)
