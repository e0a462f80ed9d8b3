"""`hilo key put FILE`: bring people's keys back from a backup's keys file, where the folder of epochs is lost.

The organisation's key and the database are there, and open nothing: the words and the newest keys file do.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert, select, update

from bot import clock
from bot.app import EpochAway
from bot.cli.operate.backup import BackupError, unsealed
from bot.cli.operate.keys import KeyProblem, needed
from bot.cli.operate.restore import still
from bot.config import Config
from bot.services import erasure_places
from storage import epoch_change, key_ring, keys_files, settling
from storage.database import Database, insert_new
from storage.epochs import Epoch, Epochs, number_of
from storage.erasure import erase
from storage.keys_files import NoKeysFile, Tables
from storage.tables import epoch as epoch_row
from storage.tables import erasures, inbox_keys, invite_keys, invites, people, person_keys
from storage.unit import Storage, Unit


@dataclass(frozen=True, slots=True)
class Put:
    """How many people's keys are back, and how many people's rows were erased since no key opens them."""

    people: int
    lost: int


def put(config: Config, path: Path, sure: Callable[[int], bool]) -> Put | None:
    """Bring the keys back; None where `sure`, which is told how many people are in no key of the file, said no.

    Raises:
        KeyProblem: nothing is to be brought back.
        BackupError: the file cannot be used.
        EpochAway: it is not said where the epochs' folder is to be.
        ConfigError: the bot runs, or there is no key.
    """
    if config.epochs is None:
        raise EpochAway("config.epochs_unset")
    master = needed(config)
    with still(config):
        database = Database.open(config.database_url)
        try:
            vault = key_ring.open_vault(database, master, None, config.epochs)
            epochs = vault.epochs
            assert epochs is not None
            storage = Storage(database, vault)
            with storage.reading(clock.now()) as unit:
                row = epoch_change.row_of(unit)
                if row is None or epochs.named(row.name) is not None:
                    raise KeyProblem("cli.key.put.needless", path=config.epochs)
                there = set(unit.connection.execute(select(people.c.id)).scalars())
            content = unsealed(vault, _read(path), path)
            keyed = {UUID(each[0]) for each in content["tables"][person_keys.name]}
            if (lost := there - keyed) and not sure(len(lost)):
                return None
            _put(storage, epochs, number_of(row.name), content, path, lost)
            with storage.reading(clock.now()) as unit:
                places = erasure_places.places(unit, config.home)
            settling.settle(storage, clock.now, places)
        finally:
            database.dispose()
    return Put(len(there & keyed), len(lost))


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise BackupError("cli.restore.no_file", path=path) from None


def _put(storage: Storage, epochs: Epochs, after: int, content: dict[str, Any], path: Path, lost: set[UUID]) -> None:
    """Wrap the file's keys with a new epoch's, in one transaction; whoever no key opens is erased in it."""
    with storage.unit(clock.now()) as unit:
        epoch_change.row_of(unit, held=True)
        fresh = epochs.make(after)
        try:
            tables = keys_files.tables_for(
                storage.vault, content, lambda key, owner: storage.vault.wrap_with(fresh.key, key, owner)
            )
        except NoKeysFile:
            raise BackupError("cli.backup.damaged", path=path) from None
        _insert(unit, tables)
        _name(unit, fresh)
        for person_id in lost:
            erase(unit, person_id)
        unit.audit.add("console", "keys.put", "organisation", {"people_lost": len(lost)})


def _insert(unit: Unit, tables: Tables) -> None:
    run = unit.connection.execute
    gone = [{"lookup": bytes.fromhex(row[0]), "erased_at": _moment(row[1])} for row in tables.get(erasures.name, ())]
    if gone:
        run(insert_new(erasures), gone)
    erased = set(run(select(erasures.c.lookup)).scalars())
    there = set(run(select(people.c.id)).scalars())
    kept = [
        {"person_id": UUID(row[0]), "wrapped": bytes.fromhex(row[1]), "created_at": _moment(row[2])}
        for row in tables[person_keys.name]
        if UUID(row[0]) in there and epoch_change.erasure_lookup(unit, UUID(row[0])) not in erased
    ]
    days = [{"day": date.fromisoformat(row[0]), "wrapped": bytes.fromhex(row[1])} for row in tables[inbox_keys.name]]
    known = set(run(select(invites.c.id)).scalars())
    of_invites = [
        {"invite_id": UUID(row[0]), "wrapped": bytes.fromhex(row[1])}
        for row in tables.get(invite_keys.name, ())
        if UUID(row[0]) in known
    ]
    for table, rows in ((person_keys, kept), (inbox_keys, days), (invite_keys, of_invites)):
        run(delete(table))
        if rows:
            run(insert(table), rows)


def _name(unit: Unit, fresh: Epoch) -> None:
    values = {"name": fresh.name, "begun_at": unit.now - epoch_change.AT_MOST_EVERY, "owed_at": None}
    unit.connection.execute(update(epoch_row).values(**values, settled_at=None, swept_at=unit.now))


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
