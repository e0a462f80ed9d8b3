"""After a new epoch has begun: keys files are written again, and only then the files of earlier epochs go.

A running bot does it in its threads (`bot.epoch_keeper`), a command at its end, a start for whoever was cut off. Every
step may be done twice, and whatever is not done is found by the next one: see ADR 0039.
"""

import contextlib
import fcntl
import logging
import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from storage import epoch_change, keys_files
from storage.database import Database
from storage.epoch_change import EpochRow
from storage.epochs import Epochs
from storage.keys_files import NoKeysFile, Tables
from storage.tables import erasures, inbox_keys, invite_keys, person_keys, to_minute
from storage.unit import Storage, Unit
from storage.vault import settle as sync_folder

log = logging.getLogger(__name__)

Now = Callable[[], datetime]
PATIENCE: Final = 30.0  # seconds that transactions which began before a new epoch are waited for
STAMP: Final = "%Y-%m-%d-%H%M%S"
ASIDE: Final = "before-restore-"
_EPOCHS_WRAP: Final = (person_keys, inbox_keys, invite_keys)
_STAMPED: Final = re.compile(r"\d{4}-\d\d-\d\d-\d{6}")


@dataclass(slots=True)
class Places:
    """Where something of an erased person may lie beside the database.

    Attributes:
        backups: folders with keys files; those that are not within reach are passed over.
        home: the folder with what was kept before a restore.
    """

    backups: Sequence[Path]
    home: Path


@dataclass(slots=True)
class Gathered:
    """What was read while the row of `epoch` was held: the current epoch, and what its keys files are to have."""

    row: EpochRow
    keys: dict[str, Any]
    gone: dict[bytes, datetime]
    tables: Tables
    failed: list[Path] = field(default_factory=list)


def lock_of(folder: Path) -> Path:
    """Return the file that is locked while a folder of epochs is written to."""
    return folder.with_name(f"{folder.name}.lock")


@contextlib.contextmanager
def alone(epochs: Epochs) -> Iterator[None]:
    """Hold the lock of whoever writes keys files or deletes epochs, waiting for it: one process does so at a time."""
    if epochs.folder is None:
        yield
        return
    epochs.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    # Beside the folder and not in it: every change there makes all processes read it again.
    with lock_of(epochs.folder).open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def is_needed(unit: Unit) -> bool:
    """Return whether anything is left to be done: an epoch that is owed and may begin, or one that is not settled."""
    row, epochs = epoch_change.row_of(unit), unit.vault.epochs
    if row is None or epochs is None:
        return False
    owed = row.owed_at is not None and row.is_due(unit.now)
    return owed or row.settled_at is None or epochs.files() != [row.name]


def is_owed(unit: Unit) -> bool:
    """Return whether an epoch is owed that may not begin yet, or is not settled."""
    row = epoch_change.row_of(unit)
    return row is not None and (row.owed_at is not None or row.settled_at is None)


def begin_owed(unit: Unit) -> None:
    """Begin the epoch that is owed, or that somebody tried to begin and could not."""
    row, epochs = epoch_change.row_of(unit, held=True), unit.vault.epochs
    if row is None or epochs is None:
        return
    left_over = any(name > row.name for name in epochs.files())
    if (row.owed_at is not None or left_over) and row.is_due(unit.now):
        epoch_change.begin(unit)


def gather(unit: Unit) -> Gathered | None:
    """Seal again what days sealed before, and take what keys files need; None where nothing is to do."""
    row = epoch_change.row_of(unit, held=True)
    if row is None:
        return None
    epoch_change.seal_days_again(unit)
    own, tables = keys_files.collect(unit)
    found = unit.connection.execute(select(erasures.c.lookup, erasures.c.erased_at))
    gone = {row.lookup: row.erased_at for row in found}
    content = {"made_at": unit.now.isoformat(), "wrapping": own, "tables": tables}
    return Gathered(row, content, gone, tables)


def write_keys(storage: Storage, gathered: Gathered, places: Places, step: Callable[[], object] = lambda: None) -> None:
    """Write keys files again without whoever was erased, a fresh one beside them, and delete databases kept aside."""
    made_at = str(gathered.keys["made_at"])
    stem = f"hilo-{datetime.fromisoformat(made_at):{STAMP}}"
    for place in places.backups:
        try:
            _of_place(storage, gathered, place, stem, step)
        except OSError as error:
            log.warning("keys files in %s could not be written: %s", place, error)
            gathered.failed.append(place)
    for aside in kept_aside(places.home):
        if any(at >= to_minute(moment_of(aside)) for at in gathered.gone.values()):
            forget_aside(aside)
            step()


def _of_place(storage: Storage, gathered: Gathered, place: Path, stem: str, step: Callable[[], object]) -> None:
    if not place.is_dir():
        return
    for path in place.glob(f"hilo-*{keys_files.SUFFIX}.tmp"):
        path.unlink(missing_ok=True)
    found = sorted(place.glob(f"hilo-*{keys_files.SUFFIX}"))
    again = False
    for path in found:
        try:
            again |= keys_files.without(storage.vault, path, gathered.gone.keys(), gathered.tables)
        except NoKeysFile as error:
            log.warning("keys file %s is %s: it is left as it is", path, error.why)
        step()
    fresh = place / f"{stem}{keys_files.SUFFIX}"
    if again and not fresh.exists():
        keys_files.write(storage.vault, fresh, gathered.keys)
        step()


def kept_aside(home: Path) -> list[Path]:
    """List the folders with a database that a restore replaced."""
    return sorted(path for path in home.glob(f"{ASIDE}*") if path.is_dir())


def moment_of(aside: Path) -> datetime:
    """Return when a folder was put aside."""
    found = _STAMPED.search(aside.name)
    if found is None:
        return datetime.fromtimestamp(0, UTC)
    return datetime.strptime(found[0], STAMP).replace(tzinfo=UTC)


def forget_aside(aside: Path) -> None:
    """Delete a folder with a database that was kept before a restore."""
    shutil.rmtree(aside)
    sync_folder(aside.parent)


def finish(unit: Unit, gathered: Gathered, step: Callable[[], object] = lambda: None) -> bool:
    """Delete the files of earlier epochs, and note that this one is settled; False where another has begun since."""
    row, epochs = epoch_change.row_of(unit, held=True), unit.vault.epochs
    if row is None or epochs is None or row.name != gathered.row.name:
        return False
    if epoch_change.seal_days_again(unit) or not epoch_change.unwrapped_by(unit, row.name):
        return False  # what was sealed again has to be on the disk first
    epoch_change.forget_older(epochs, row.name, step)
    unit.run(epoch_change.SETTLED, {"now": unit.now})
    return True


def settle(storage: Storage, now: Now, places: Places, step: Callable[[], object] = lambda: None) -> bool:
    """Do all that is left to be done, and return whether nothing is; for a process that may wait.

    `step` is called after each thing that reached the disk.
    """
    epochs = storage.vault.epochs
    if epochs is None:
        return True
    with storage.unit(now()) as unit:
        begin_owed(unit)
    step()
    storage.database.await_others(PATIENCE)
    with alone(epochs):
        with storage.unit(now()) as unit:
            gathered = gather(unit)
        if gathered is None:
            return True
        write_keys(storage, gathered, places, step)
        with storage.unit(now()) as unit:
            done = finish(unit, gathered, step)
    with storage.reading(now()) as unit:
        return done and not is_owed(unit)


def adopt(storage: Storage, now: Now, places: Places) -> None:
    """Begin the first epoch of a database, and take what the organisation's key itself wrapped off the disk.

    Called at every start: where there is an epoch already and nothing is left of before, it does nothing.
    """
    if storage.vault.epochs is None:
        return
    with storage.reading(now()) as unit:
        row = epoch_change.row_of(unit)
    if row is None:
        with storage.unit(now()) as unit:
            if epoch_change.row_of(unit) is None:
                epoch_change.begin(unit)
                # Nobody was erased: the first erasure has to wait for nothing.
                unit.run(epoch_change.COUNTED_FROM, {"at": unit.now - epoch_change.AT_MOST_EVERY})
                if not _any_keys(unit):
                    unit.run(epoch_change.SWEPT, {"now": unit.now})
        settle(storage, now, places)
        with storage.reading(now()) as unit:
            row = epoch_change.row_of(unit)
    if row is not None and row.swept_at is None and sweep(storage.database):
        with storage.unit(now()) as unit:
            unit.run(epoch_change.SWEPT, {"now": unit.now})


def _any_keys(unit: Unit) -> bool:
    return any(unit.connection.execute(select(func.count()).select_from(table)).scalar() for table in _EPOCHS_WRAP)


def sweep(database: Database) -> bool:
    """Write tables of keys anew, on SQLite the whole file, so that no earlier row stays in them, and switch the log.

    Return False where a reader kept part of SQLite's log. PostgreSQL switches its log only for whoever may.
    """
    done = database.compact([table.name for table in _EPOCHS_WRAP])
    if database.dialect != "sqlite":
        with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            for command in ("SELECT pg_switch_wal()", "CHECKPOINT"):
                try:
                    connection.execute(text(command))
                except DBAPIError:
                    log.warning("the database's owner has to do this: %s", command)
    return done
