"""The keys file of a backup: every wrapped key, each sealed with a key of the file's own, and the list of erasures.

The file's key is sealed with the organisation's key and is no epoch's, so a keys file that lies anywhere opens nothing
that was wrapped in the database before. Format 1, of versions before 0.2.0, has the keys as the database had them.
"""

import hmac
import json
from collections.abc import Callable, Collection
from datetime import date
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Table, select
from sqlalchemy.dialects import sqlite

from storage import day_keys
from storage import invite_keys as of_invites
from storage.epochs import DayKey, write_synced
from storage.people import key_owner
from storage.store import Transaction
from storage.table_rules import KEY_TABLES
from storage.tables import erasures, inbox_keys, invite_keys, person_keys
from storage.vault import DataKey, DecryptionError, Vault

FORMAT: Final = 2
SUFFIX: Final = ".keys"
_OWN: Final = "keys file"
# In the place of a key that does not open: it bears the mark of no epoch, or it would be waited for.
_DAMAGED: Final = "00" * 65
_DIALECT: Final = sqlite.dialect()

Tables = dict[str, list[list[Any]]]
"""The rows of every table of keys, as SQLite stores them, bytes in hex."""


class NoKeysFile(Exception):
    """A file that cannot be used: `damaged`, made with another organisation's key (`foreign`), or by a `newer` Hilo."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def collect(tx: Transaction) -> tuple[str, Tables]:
    """Take every key out of the database for a file of its own; return the sealed key of the file, and the tables.

    Whoever calls this holds the row of `epoch`, so that nobody is erased between this and the next epoch.
    """
    own = tx.vault.new_key()
    tables: Tables = {}
    for table in KEY_TABLES:
        tables[table.name] = [_plain(table, row) for row in tx.connection.execute(select(table))]
    for name, owner in _OWNERS.items():
        for row in tables[name]:
            try:
                key = tx.vault.unwrap(bytes.fromhex(row[1]), owner(row[0]))
            except DecryptionError:
                row[1] = _DAMAGED  # here as there
                continue
            if name == inbox_keys.name and isinstance(day := tx.vault.day_key(key), DayKey):
                key = day.now()  # what waits is sealed with the day's key of this epoch
            row[1] = tx.vault.wrap_with(own, key, owner(row[0])).hex()
    return _sealed_own(tx.vault, own), tables


def sealed(vault: Vault, content: dict[str, Any]) -> bytes:
    """Return the text of a keys file or a manifest, with the mark of the organisation's key and a seal over it all."""
    whole = {"format": FORMAT, "key": marks(vault)[0], **content}
    return json.dumps({**whole, "seal": vault.marks(json.dumps(whole, sort_keys=True))[0].hex()}).encode()


def write(vault: Vault, path: Path, content: dict[str, Any]) -> None:
    """Write a keys file, whole or not at all; it is on the disk before this returns."""
    write_synced(path, sealed(vault, content))


def marks(vault: Vault) -> list[str]:
    """Return a mark of each of the organisation's keys, the newest first, which reveals nothing else."""
    return [mark.hex()[:16] for mark in vault.marks("key")]


def unsealed(vault: Vault, text: bytes) -> dict[str, Any]:
    """Read what `sealed` wrote; raises NoKeysFile."""
    try:
        content = json.loads(text)
        seal, form, mark = content.pop("seal"), int(content["format"]), content["key"]
    except (ValueError, KeyError, TypeError, AttributeError):
        raise NoKeysFile("damaged") from None
    if form > FORMAT:
        raise NoKeysFile("newer")
    known = marks(vault)
    if mark not in known:
        raise NoKeysFile("foreign")
    made = vault.marks(json.dumps(content, sort_keys=True))[known.index(mark)]
    if not hmac.compare_digest(made.hex(), str(seal)):
        raise NoKeysFile("damaged")
    return dict(content)


def tables_for(vault: Vault, content: dict[str, Any], wrap: Callable[[DataKey, str], bytes]) -> Tables:
    """Return a keys file's tables with every key wrapped for a database; one that does not open stays damaged.

    Args:
        vault: the organisation's, with the former keys.
        content: what `unsealed` returned.
        wrap: wraps a key for its owner.

    Raises:
        NoKeysFile: it is damaged.
    """
    try:
        own = _own(vault, content)
        tables: Tables = {name: [list(row) for row in rows] for name, rows in content["tables"].items()}
        for name, owner in _OWNERS.items():
            for row in tables.get(name, ()):
                whose = owner(row[0])
                try:
                    row[1] = wrap(_unwrapped(vault, own, bytes.fromhex(row[1]), whose), whose).hex()
                except DecryptionError:
                    row[1] = _DAMAGED
    except (DecryptionError, KeyError, ValueError, TypeError, AttributeError):
        raise NoKeysFile("damaged") from None
    return tables


def erased_in(content: dict[str, Any]) -> set[bytes]:
    """Return the keyed hashes of those whom a keys file knows as erased."""
    return {bytes.fromhex(row[0]) for row in content["tables"].get(erasures.name, ())}


def without(vault: Vault, path: Path, gone: Collection[bytes], present: Tables) -> bool:
    """Write a keys file again without the keys of people who were erased; False where it has none already.

    A day's keys go as well: they open what waited in an older backup, of whoever wrote it. So do the keys of invites
    that the database has none of any more: the nickname on one is that of whoever came in by it.

    Args:
        vault: the organisation's.
        path: the file.
        gone: keyed hashes of the erased.
        present: the tables of keys as the database has them.

    Raises:
        NoKeysFile: it cannot be used.
        OSError: it cannot be read or written.
    """
    content = unsealed(vault, path.read_bytes())
    known = erased_in(content)
    if known.issuperset(gone):
        return False
    all_gone = known | set(gone)
    if int(content["format"]) < FORMAT:
        # The version that made it has to be able to read it: it is the way back from an update.
        again, tables = {"format": content["format"]}, dict(content["tables"])
    else:
        own = vault.new_key()
        again = {"wrapping": _sealed_own(vault, own)}
        tables = tables_for(vault, content, lambda key, owner: vault.wrap_with(own, key, owner))
    tables[person_keys.name] = [
        row for row in tables[person_keys.name] if vault.lookup("erased", UUID(row[0]).hex) not in all_gone
    ]
    tables[inbox_keys.name] = []
    kept = {row[0] for row in present[invite_keys.name]}
    tables[invite_keys.name] = [row for row in tables.get(invite_keys.name, ()) if row[0] in kept]
    listed = {row[0]: row for row in (*tables.get(erasures.name, ()), *present[erasures.name])}
    tables[erasures.name] = list(listed.values())
    text = sealed(vault, {"made_at": content["made_at"], **again, "tables": tables})
    write_synced(path, text)
    return True


def _unwrapped(vault: Vault, own: DataKey | None, blob: bytes, owner: str) -> DataKey:
    return vault.unwrap(blob, owner) if own is None else DataKey(own.open(blob, "key", "wrapped", owner))


def _own(vault: Vault, content: dict[str, Any]) -> DataKey | None:
    """Return the key of a file's own; None in format 1, which has none."""
    if int(content["format"]) < FORMAT:
        return None
    return DataKey(vault.organisation_key.open(bytes.fromhex(content["wrapping"]), "key", "wrapped", _OWN))


def _sealed_own(vault: Vault, own: DataKey) -> str:
    return vault.wrap_with(vault.organisation_key, own, _OWN).hex()


def _plain(table: Table, row: Any) -> list[Any]:
    """Return a row as SQLite stores it, with bytes in hex."""
    values = []
    for column, value in zip(table.columns, row, strict=True):
        into = column.type.dialect_impl(_DIALECT).bind_processor(_DIALECT)
        stored = into(value) if into is not None and value is not None else value
        values.append(stored.hex() if isinstance(stored, bytes | memoryview) else stored)
    return values


_OWNERS: Final[dict[str, Callable[[str], str]]] = {
    person_keys.name: lambda row: key_owner(UUID(row)),
    inbox_keys.name: lambda row: day_keys.owner(date.fromisoformat(row)),
    invite_keys.name: lambda row: of_invites.owner(UUID(row)),
}
