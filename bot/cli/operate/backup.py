"""A backup: two files, data and keys, made while the bot runs, and verified by restoring them into a scratch folder.

The data file is a tar: the database as one SQLite file without its wrapped keys, the sealed voice notes and photos,
the organisation's own dialogs, and last a manifest sealed with the organisation's key. The keys file
(`storage.keys_files`) holds the wrapped keys; only the newest two are kept, and an older data file opens with a newer
keys file, so a person erased in between stays erased. The organisation's key itself is in neither.
"""

import hashlib
import io
import json
import math
import os
import shutil
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import IO, Any, Final
from uuid import UUID

from bot import clock
from bot.config import Config
from bot.errors import Problem
from bot.services import erasure_places, way_back
from storage import copies, epoch_change, keys_files, resealing, settling
from storage.audit import NEWEST
from storage.database import HEAD, Database
from storage.epochs import Epochs
from storage.keys_files import NoKeysFile
from storage.pace import DiskPace
from storage.table_rules import KEY_TABLES
from storage.unit import Storage
from storage.vault import Vault

DATA, KEYS = ".data", keys_files.SUFFIX
KEYS_KEPT: Final = 2
DATA_KEPT: Final = 7
DATABASE: Final = "hilo.db"
MANIFEST: Final = "manifest.json"
PADDED: Final = "padded"  # in the manifest: no value in it tells by its length what it says
PLACES: Final = erasure_places.BACKUPS
MADE: Final = "backups_at"  # in the record: when the last few were made
REMEMBERED: Final = 4
SPARE: Final = 50_000_000  # bytes of disk that should stay free
TRIES: Final = 3  # how often a backup is made anew because somebody was erased meanwhile
_REFUSED: Final = {"damaged": "cli.backup.damaged", "newer": "cli.backup.newer", "foreign": "cli.backup.foreign"}
_KEYED: Final = frozenset(table.name for table in KEY_TABLES)

Progress = Callable[[str, float], None]
"""Called with a step (`copy`, `files`, `verify`) and how much of it is done, 0 to 1."""


class BackupError(Problem):
    """A backup that cannot be made, or cannot be used."""


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup that was made and verified; `damaged` people in it have keys that do not open, here as there."""

    data: Path
    keys: Path
    people: int
    files: int
    size: int
    damaged: int = 0


def default_place(config: Config) -> Path:
    """Return the folder where backups go when none is given."""
    return config.home / "backups"


def make(config: Config, storage: Storage, to: Path | None, progress: Progress) -> Backup:
    """Make a backup in a folder and verify it; keys files older than the newest two are deleted in every known folder.

    Raises:
        BackupError: no room, a folder that cannot be written, or a backup that differs from the data.
    """
    place = (to or default_place(config)).absolute()
    with _writing(place):
        place.mkdir(parents=True, exist_ok=True, mode=0o700)
        _room(config, place)
        data, keys, counts = write(config, storage, place, progress)
    with storage.unit(clock.now()) as unit:
        record = unit.organisation.get()
        places = sorted({str(place), *record.get(PLACES, [])})
        made_at = [*record.get(MADE, []), unit.now.isoformat()][-REMEMBERED:]
        kept = {PLACES: places, MADE: made_at, "backup_days": apart(made_at)}
        unit.organisation.note(**kept)
        unit.organisation.verify_backup()
        people = counts["people"][0]
        unit.audit.add("console", "backup.verified", data.stem, {"people": people})
    prune([Path(each) for each in places])
    settling.settle(storage, clock.now, _places(config, storage))
    return Backup(
        data, keys, people, counts["media"][0], data.stat().st_size + keys.stat().st_size, len(_lost(storage))
    )


def _places(config: Config, storage: Storage) -> settling.Places:
    with storage.reading(clock.now()) as unit:
        return erasure_places.places(unit, config.home)


def make_aside(config: Config, storage: Storage, place: Path, progress: Progress) -> Path:
    """Make a pair of files in a folder of its own, as the way back from an update; return its data file.

    No backup follows on it: `way_back` says until when it is kept.

    Raises:
        BackupError: no room, a folder that cannot be written, or a backup that differs from the data.
    """
    with _writing(place):
        place.mkdir(parents=True, exist_ok=True, mode=0o700)
        _room(config, place)
        data, _, counts = write(config, storage, place, progress)
    with storage.unit(clock.now()) as unit:
        way_back.kept(unit)
        unit.audit.add("console", "update.begun", data.stem, {"people": counts["people"][0]})
    return data


def apart(made_at: list[str]) -> int:
    """Return the longest gap between the last few backups, in days: what an erasure receipt may promise."""
    moments = [datetime.fromisoformat(each) for each in made_at]
    gaps = [later - earlier for earlier, later in pairwise(moments)]
    return max([1, *(math.ceil(gap / timedelta(days=1, hours=1)) for gap in gaps)])


def write(
    config: Config, storage: Storage, place: Path, progress: Progress = lambda *_: None
) -> tuple[Path, Path, dict[str, tuple[int, str]]]:
    """Write and verify a backup in a folder that exists; return both files, and the digests of every table.

    The keys are taken last, and from the database as it is then: whoever is erased meanwhile is in no keys file. The
    data is copied again then, so that it does not have that person's rows either.
    """
    for left in reversed(range(TRIES)):
        now = clock.now()
        with tempfile.TemporaryDirectory(dir=place, prefix=".hilo-") as folder:
            scratch = Path(folder)
            began = _epoch(storage)
            counts = _write(config, storage, now, scratch, progress)
            with _keys_held(storage):
                own, tables = _keys(storage)
                if left and _epoch(storage) != began:
                    continue
                content = {"made_at": now.isoformat(), "wrapping": own, "tables": tables}
                written = keys_files.sealed(storage.vault, content)
                _verify(storage, scratch, written, counts, progress)
                data, keys = _named(place, now)
                keys_files.write(storage.vault, keys, content)
                (scratch / f"b{DATA}").replace(data)
                _settle(place)
        return data, keys, counts
    raise AssertionError("the last try always returns")


@contextmanager
def _keys_held(storage: Storage) -> Iterator[None]:
    """Let nobody write other keys files meanwhile: one that is written later has to know who was erased."""
    epochs = storage.vault.epochs
    if epochs is None:
        yield
        return
    with settling.alone(epochs):
        yield


def _epoch(storage: Storage) -> str | None:
    with storage.reading(clock.now()) as unit:
        row = epoch_change.row_of(unit)
    return None if row is None else f"{row.name} {row.owed_at}"


def _keys(storage: Storage) -> tuple[str, keys_files.Tables]:
    """Take the keys out of the database as it is now."""
    with storage.unit(clock.now()) as unit:
        epoch_change.row_of(unit, held=True)
        return keys_files.collect(unit)


def _named(place: Path, now: datetime) -> tuple[Path, Path]:
    """Return the names of a backup's files: by its second, or the next one that no other backup has taken."""
    while True:
        stem = f"hilo-{now:%Y-%m-%d-%H%M%S}"
        keys = place / f"{stem}{KEYS}"
        try:
            keys.touch(0o600, exist_ok=False)  # nobody else can take it from here on
        except FileExistsError:
            now += timedelta(seconds=1)
        else:
            return place / f"{stem}{DATA}", keys


@contextmanager
def _writing(place: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise BackupError("cli.backup.write", path=place, problem=error) from error


def _room(config: Config, place: Path) -> None:
    media = config.home / "media"
    large = sum(each.stat().st_size for each in media.glob("*")) if media.is_dir() else 0
    file = config.home / DATABASE
    need = large + 3 * (file.stat().st_size if file.exists() else 0) + SPARE
    free = shutil.disk_usage(place).free
    if free < need:
        raise BackupError("cli.backup.room", path=place, need=f"{need / 1e6:.0f}", free=f"{free / 1e6:.0f}")


def _write(
    config: Config, storage: Storage, now: datetime, scratch: Path, progress: Progress
) -> dict[str, tuple[int, str]]:
    """Write both files into the scratch folder; return the digests of the data they were made of."""
    copy = scratch / DATABASE
    with storage.database.read() as connection:
        # Another kind of database is copied row by row, and the copy may differ.
        given = None if storage.database.dialect == "sqlite" else copies.digests(connection)
        copies.copy(connection, copy, lambda done: progress("copy", done))
    # What takes long is read in the copy: SQLite's log grows for as long as somebody reads on an old snapshot.
    copied = Database.open(f"sqlite:///{copy}")
    try:
        with copied.read() as connection:
            padded = resealing.stage_of(connection) == "done"
            counts = given or copies.digests(connection)
            named = copies.files(connection)
            newest = connection.execute(NEWEST).first()
    finally:
        copied.dispose()
    copies.take_keys(copy)
    hashes: dict[str, str] = {}
    with _tar(scratch / f"b{DATA}") as (tar, pace):
        hashes[DATABASE] = _add(tar, pace, DATABASE, copy)
        for place, name in enumerate(named):
            with suppress(FileNotFoundError):  # erased since the rows were copied
                hashes[f"media/{name}"] = _add(tar, pace, f"media/{name}", config.home / "media" / name)
            progress("files", (place + 1) / len(named))
        for path in sorted(config.dialogs.glob("*.y*ml")) if config.dialogs.is_dir() else ():
            hashes[f"dialogs/{path.name}"] = _add(tar, pace, f"dialogs/{path.name}", path)
        manifest = {
            "made_at": now.isoformat(),
            "revision": HEAD,
            "rows": {name: number for name, (number, _) in counts.items()},
            "files": hashes,
            PADDED: padded,
            "trail": {"row": newest.seq, "hash": newest.hash.hex()} if newest else None,
        }
        _member(tar, MANIFEST, keys_files.sealed(storage.vault, manifest))
    copy.unlink()
    return counts


@contextmanager
def _tar(path: Path) -> Iterator[tuple[tarfile.TarFile, DiskPace]]:
    _private(path, b"")
    with path.open("r+b") as file:
        with tarfile.open(fileobj=file, mode="w") as tar:
            yield tar, DiskPace(file.fileno())
        file.flush()
        os.fsync(file.fileno())


def _private(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _settle(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _add(tar: tarfile.TarFile, pace: DiskPace, name: str, path: Path) -> str:
    """Add a file and return the hash of its content."""
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
        file.seek(0)
        entry = tarfile.TarInfo(name)
        entry.size, entry.mode = path.stat().st_size, 0o600
        tar.addfile(entry, _Settling(file, tar, pace))
    return found


class _Settling:
    """A file that is being added to a tar, which is brought to the disk a little at a time.

    A turn's commit beside it waits for whatever is still to be written there.
    """

    def __init__(self, file: IO[bytes], tar: tarfile.TarFile, pace: DiskPace) -> None:
        self._file, self._pace = file, pace
        self._target: Any = tar.fileobj

    def read(self, size: int = -1) -> bytes:
        """Read, and settle what was added so far, if it is much."""
        self._target.flush()
        self._pace.wrote(max(size, 0))
        return self._file.read(size)


def _member(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(content), 0o600
    tar.addfile(entry, io.BytesIO(content))


def key_marks(vault: Vault) -> list[str]:
    """Return a mark of each of the organisation's keys, the newest first, which reveals nothing else."""
    return keys_files.marks(vault)


def key_mark(path: Path) -> str | None:
    """Return the mark of the key that a keys file was made with; None where it cannot be read."""
    try:
        return str(json.loads(path.read_bytes())["key"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def unsealed(vault: Vault, written: bytes, path: Path) -> dict[str, Any]:
    """Read a manifest or a keys file.

    Raises:
        BackupError: it is damaged, was made with another organisation's key, or by a newer Hilo.
    """
    try:
        return keys_files.unsealed(vault, written)
    except NoKeysFile as error:
        raise BackupError(_REFUSED[error.why], path=path) from None


def _verify(
    storage: Storage, scratch: Path, keys: bytes, counts: dict[str, tuple[int, str]], progress: Progress
) -> None:
    """Restore the new backup into a scratch folder and compare it with the data it was made of.

    The keys are wrapped there by an epoch whose key is in memory alone.
    """
    from bot.cli.operate.restore import unpack  # noqa: PLC0415  the two import each other

    progress("verify", 0.0)
    place = scratch / "verify"
    place.mkdir(mode=0o700)
    vault = Vault(storage.vault.master, storage.vault.former)
    vault.epochs = Epochs(None, vault.organisation_key)
    unpack(vault, scratch / f"b{DATA}", (scratch / f"b{KEYS}", keys), place, media=False)
    database = Database.open(f"sqlite:///{place / DATABASE}")
    try:
        with database.read() as connection:
            found = copies.digests(connection)
        with Storage(database, vault).reading(clock.now()) as unit:
            lost = {person.id for person in unit.people.each() if person.lost}
    finally:
        database.dispose()
    given = json.loads(keys)["tables"]
    for table, digest in found.items():
        # Keys are wrapped otherwise there: how many there are has to be the same, and that they open.
        if (digest[0] != len(given[table])) if table in _KEYED else digest != counts[table]:
            raise BackupError("cli.backup.differs", table=table)
    # What is damaged here is damaged in its copy, but nothing more than that may be.
    if lost - _lost(storage):
        raise BackupError("cli.backup.differs", table="people")
    progress("verify", 1.0)


def _lost(storage: Storage) -> set[UUID]:
    """Return the people whose keys do not open here."""
    with storage.reading(clock.now()) as unit:
        return {person.id for person in unit.people.each() if person.lost}


def prune(places: list[Path]) -> None:
    """Keep the newest two keys files over all these folders that exist, and in each the newest data files."""
    with suppress(OSError):
        there = [place for place in places if place.is_dir()]
        keys = sorted((path for place in there for path in place.glob(f"hilo-*{KEYS}")), key=lambda path: path.name)
        for path in keys[:-KEYS_KEPT]:
            path.unlink(missing_ok=True)
        for place in there:
            for path in sorted(place.glob(f"hilo-*{DATA}"))[:-DATA_KEPT]:
                path.unlink(missing_ok=True)
