"""Restore a backup: it is checked whole before anything is changed, and the old database is kept aside."""

import contextlib
import hashlib
import os
import shutil
import sqlite3
import tarfile
import tempfile
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any, Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import DatabaseError

from bot import clock
from bot.app import locked, open_storage
from bot.cli.operate.backup import DATABASE, KEYS, MANIFEST, BackupError, Progress, unsealed, write
from bot.cli.operate.keys import needed
from bot.config import Config, ConfigError
from bot.media.store import MediaStore
from bot.services import erasure_places
from bot.services.erasure import erase_unasked
from dialogs import wording
from storage import copies, epoch_change, key_ring, keys_files, leases, placing, resealing, rotation, sealing, settling
from storage.database import REVISIONS, Database, DatabaseDown, file_of
from storage.epochs import SUFFIX, Epoch, EpochMissing, Epochs, write_synced
from storage.tables import erasures, former_keys
from storage.unit import Storage
from storage.vault import DataKey, DecryptionError, Vault

CHUNK: Final = 1 << 20
_MANIFEST: Final = frozenset({"made_at", "revision", "files"})
MEDIA: Final = placing.MEDIA
EPOCHS: Final = "epochs"
_UNREADABLE: Final = (DatabaseDown, DatabaseError, sqlite3.Error, EpochMissing)
FOLDERS: Final = (MEDIA, placing.DIALOGS)


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore did: the backup's moment, how many people, who was erased again, where the old database lies.

    `unsealed`: how many rows had no seal, since the backup is older than these, and were taken as they are.
    """

    made_at: datetime
    people: int
    erased_again: int
    aside: Path | None
    unsealed: int


def keys_for(data: Path) -> Path:
    """Return the keys file for a data file: the newest beside it.

    Raises:
        BackupError: there is none.
    """
    found = sorted(data.parent.glob(f"hilo-*{KEYS}"), key=lambda path: path.name)
    if not found:
        raise BackupError("cli.restore.no_keys", path=data)
    return found[-1]


def unpack(
    vault: Vault, data: Path, keys: Path | tuple[Path, bytes], into: Path, *, media: bool = True
) -> dict[str, Any]:
    """Check a backup whole and unpack it into a folder, with the keys in the database; return its manifest.

    Args:
        vault: the organisation's. With epochs it makes a new one, which wraps the keys; its name is in `epoch` of what
            is returned.
        data: the data file.
        keys: a keys file made at the same time or later; one that is not written yet is given with its content.
        into: an empty folder.
        media: False to check voice notes and photos without writing them.

    Raises:
        BackupError: damaged, of another organisation, newer than this Hilo, or keys that are older than the data.
    """
    keys, written = (keys, _read(keys)) if isinstance(keys, Path) else keys
    sealed_keys = unsealed(vault, written, keys)
    if "tables" not in sealed_keys:  # a manifest, or something else that was sealed with this key
        raise BackupError("cli.backup.damaged", path=keys)
    vault = _with_former(vault, sealed_keys["tables"], keys)
    try:
        with data.open("rb") as file, tarfile.open(fileobj=file, mode="r:") as tar:
            found, manifest = _members(tar, into, media=media)
    except FileNotFoundError:
        raise BackupError("cli.restore.no_file", path=data) from None
    except (tarfile.TarError, EOFError):
        raise BackupError("cli.backup.damaged", path=data) from None
    content = unsealed(vault, manifest, data)
    if not content.keys() >= _MANIFEST:
        raise BackupError("cli.backup.damaged", path=data)
    if content["revision"] not in REVISIONS:
        raise BackupError("cli.backup.newer", path=data)
    if found != content["files"]:
        raise BackupError("cli.backup.damaged", path=data)
    if sealed_keys["made_at"] < content["made_at"]:
        raise BackupError("cli.restore.old_keys", path=keys)
    epoch = vault.epochs.make() if vault.epochs is not None else None
    try:
        tables = keys_files.tables_for(vault, sealed_keys, lambda key, owner: _wrapped(vault, epoch, key, owner))
        copies.put_keys(into / DATABASE, tables)
    except keys_files.NoKeysFile:
        raise BackupError("cli.backup.damaged", path=keys) from None
    except copies.NotADatabase as error:
        raise BackupError("cli.backup.damaged", path=data) from error
    return {**content, "keys": tables, "epoch": epoch and epoch.name}


def _wrapped(vault: Vault, epoch: Epoch | None, key: DataKey, owner: str) -> bytes:
    return vault.wrap(key, owner) if epoch is None else vault.wrap_with(epoch.key, key, owner)


def noted(vault: Vault, data: Path) -> dict[str, Any]:
    """Return the manifest of a backup without unpacking it, or checking its files; raises BackupError as `unpack`."""
    try:
        with data.open("rb") as file, tarfile.open(fileobj=file, mode="r:") as tar:
            found = tar.extractfile(MANIFEST)
            return unsealed(vault, found.read() if found else b"", data)
    except (tarfile.TarError, EOFError, KeyError):
        raise BackupError("cli.backup.damaged", path=data) from None


def _with_former(vault: Vault, tables: dict[str, Any], keys: Path) -> Vault:
    """Return a vault that also knows the former keys in a keys file: an older data file was made with one of them."""
    try:
        rows = [(int(number), bytes.fromhex(wrapped)) for number, wrapped, *_ in tables.get(former_keys.name, ())]
        found = Vault(vault.master, key_ring.unwrapped(vault.master, rows))
        found.epochs = vault.epochs
        return found  # noqa: TRY300  it is one step
    except (DecryptionError, ValueError, TypeError, AttributeError):
        raise BackupError("cli.backup.damaged", path=keys) from None


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise BackupError("cli.restore.no_file", path=path) from None


def _members(tar: tarfile.TarFile, into: Path, *, media: bool) -> tuple[dict[str, str], bytes]:
    """Write the files of a backup; return their hashes by name, and the manifest's text."""
    hashes, manifest = {}, b""
    for entry in tar:
        folder, _, name = entry.name.rpartition("/")
        # Before anything of it is read: a link leads elsewhere, and a sparse file of a kilobyte may be gigabytes long.
        source = tar.extractfile(entry) if entry.isreg() and not entry.issparse() else None
        wrong = folder not in {"", *FOLDERS} or name in {"", ".", ".."} or "\\" in name
        if source is None or wrong or (not folder and name not in {DATABASE, MANIFEST}):
            raise tarfile.ReadError(entry.name)
        if entry.name == MANIFEST:
            manifest = source.read()
            continue
        hashes[entry.name] = _write(source, None if folder == "media" and not media else into / folder / name)
    return hashes, manifest


def _write(source: IO[bytes], path: Path | None) -> str:
    """Write a file of a backup to a path, or nowhere; return its hash."""
    digest = hashlib.sha256()
    with contextlib.ExitStack() as stack:
        target = None
        if path is not None:
            path.parent.mkdir(exist_ok=True, mode=0o700)
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            target = stack.enter_context(os.fdopen(descriptor, "wb"))
        while chunk := source.read(CHUNK):
            digest.update(chunk)
            if target is not None:
                target.write(chunk)
    return digest.hexdigest()


def holds_anything(config: Config) -> bool:
    """Return whether there is a database here that a restore would replace."""
    file = file_of(config.database_url)
    if file is not None and not file.exists():
        return False
    database = Database.open(config.database_url)
    try:
        return database.version() is not None and database.holds_anything()
    except _UNREADABLE:
        if file is None:
            raise
        return True  # damaged: kept aside like any other
    finally:
        database.dispose()


def restore(config: Config, data: Path, keys: Path | None, progress: Progress) -> Restored:
    """Replace the database that is here, which is kept aside, by a backup; the caller has asked for confirmation.

    Raises:
        BackupError: it cannot be used; nothing was changed then.
        ConfigError: the bot is running, or the key cannot be used.
    """
    master = needed(config)
    config.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    placing.finish(config.home, config.database_url, config.dialogs)  # of a restore that was killed
    with tempfile.TemporaryDirectory(dir=config.home, prefix=".restore-") as folder, still(config):
        scratch = Path(folder)
        progress("verify", 0.0)
        vault = Vault(master)
        if config.epochs is not None:
            # Its number follows those that are here, since its file takes their place.
            vault.epochs = Epochs(scratch / EPOCHS, vault.organisation_key, after=Epochs.latest(config.epochs))
        content = unpack(vault, data, keys or keys_for(data), scratch)
        made_at = datetime.fromisoformat(content["made_at"])
        fresh = Database.open(f"sqlite:///{scratch / DATABASE}")
        try:
            fresh.migrate()
            copies.put_keys(scratch / DATABASE, content["keys"])
            _name_epoch(fresh, content["epoch"])
            place = config.epochs and scratch / EPOCHS
            storage = Storage(fresh, key_ring.open_vault(fresh, master, None, place, restored=True))
            resealing.hide_paths(storage, clock.now, wording.is_spare, restored=True)
            unsealed_rows = sealing.begin(storage, clock.now, restored=True)
            again = _prepare(storage, _erased_since(config, master, made_at), scratch, made_at)
            people = _people(storage)
        except DecryptionError as error:
            raise BackupError("cli.backup.damaged", path=data) from error
        finally:
            fresh.dispose()
        progress("verify", 1.0)
        aside = _put(config, master, scratch)
        _settle(config)
    return Restored(made_at, people, again, aside, unsealed_rows)


def _settle(config: Config) -> None:
    """Let the earlier epochs' files go, now that the database names another."""
    storage = open_storage(config)
    try:
        with storage.reading(clock.now()) as unit:
            places = erasure_places.places(unit, config.home)
        settling.settle(storage, clock.now, places)
    finally:
        storage.database.dispose()


def _name_epoch(fresh: Database, name: str | None) -> None:
    with fresh.write() as connection:
        if name is None:
            copies.unname_epoch(connection)
        else:
            copies.name_epoch(connection, name, clock.now() - epoch_change.AT_MOST_EVERY)


@contextlib.contextmanager
def still(config: Config) -> Iterator[None]:
    """Make sure that no bot runs, on any machine that uses this database; raises ConfigError."""
    with contextlib.ExitStack() as stack:
        stack.enter_context(locked(config))
        if file_of(config.database_url) is None:
            database = Database.open(config.database_url)
            stack.callback(database.dispose)
            free = stack.enter_context(database.alone(leases.RESTORE))
            if not free or (database.version() == database.head() and _alive(database)):
                raise ConfigError("cli.error.running", path=config.home)
        yield


def _alive(database: Database) -> bool:
    with database.read() as connection:
        return bool(leases.alive(connection))


def _people(storage: Storage) -> int:
    with storage.reading(clock.now()) as unit:
        return sum(1 for _ in unit.people.each())


def _prepare(storage: Storage, gone: set[UUID], scratch: Path, made_at: datetime) -> int:
    """Erase again the people erased since the backup, and doubt what may have been sent since; return their number.

    Of what was to be asked since, an admin is asked once the bot runs (`bot.services.restored`).
    """
    storage.delete_files = MediaStore(scratch, ()).delete
    with storage.unit(clock.now()) as unit:
        copies.unsettle(unit.connection, unit.now)
        unit.restores.add(clock.new_id(), made_at)
        known = {person.id for person in unit.people.each()}
        listed = set(unit.connection.execute(select(erasures.c.lookup)).scalars())
        forgotten = {each for each in known if epoch_change.erasure_lookup(unit, each) in listed}
        again = {*unit.people.keyless(), *(known & gone), *forgotten}
        for person_id in again:
            erase_unasked(unit, person_id)
            unit.audit.add("console", "person.erased", str(person_id), {"again": True})
        unit.audit.add("console", "backup.restored", "organisation", {"people_erased_again": len(again)})
    # What was written before the key got new words is sealed with a former one; and a backup is made before its end.
    deque(rotation.seal_again(storage, clock.now), maxlen=0)
    with storage.unit(clock.now()) as unit:
        rotation.finish(unit)
    return len(again)


def _erased_since(config: Config, master: bytes, since: datetime) -> set[UUID]:
    """Return the people whom the database here knows as erased since a moment; none where it cannot be read."""
    if not holds_anything(config):
        return set()
    database = Database.open(config.database_url)
    try:
        with Storage(database, key_ring.open_vault(database, master, None, config.epochs)).reading(clock.now()) as unit:
            return {UUID(subject) for _, _, subject in unit.audit.done("person.erased", since)}
    except (*_UNREADABLE, DecryptionError):
        return set()
    finally:
        database.dispose()


def _put(config: Config, master: bytes, scratch: Path) -> Path | None:
    """Put the unpacked backup in place; return where the old database lies, if there was one."""
    had, file = holds_anything(config), file_of(config.database_url)
    aside = config.home / f"before-restore-{clock.now():%Y-%m-%d-%H%M%S}"
    aside.mkdir(mode=0o700)
    _put_epoch(config, scratch, aside if had and file is not None else None)
    if file is None and had:
        database = Database.open(config.database_url)
        try:
            write(config, Storage(database, key_ring.open_vault(database, master, None, config.epochs)), aside)
        finally:
            database.dispose()
    placing.place(config.home, config.database_url, config.dialogs, scratch, aside)
    if not had:
        shutil.rmtree(aside)
    return aside if had else None


def _put_epoch(config: Config, scratch: Path, aside: Path | None) -> None:
    """Put the new epoch's file beside the earlier ones, before the database that names it; keep those with the old one.

    The earlier ones go once this one is settled. With their copies the old database can be put back, until somebody is
    erased.
    """
    if config.epochs is None:
        return
    if aside is not None:
        (aside / EPOCHS).mkdir(mode=0o700)
        for path in sorted(config.epochs.glob(f"*{SUFFIX}")):
            write_synced(aside / EPOCHS / path.name, path.read_bytes())
    config.epochs.mkdir(parents=True, exist_ok=True, mode=0o700)
    for path in sorted((scratch / EPOCHS).glob(f"*{SUFFIX}")):
        write_synced(config.epochs / path.name, path.read_bytes())
