"""The organisation's keys: the newest from its file or setting, and the former ones, which the database keeps wrapped.

A rotation proposes a key in a file beside the key file. It holds once the database has the former key wrapped by it;
then the file takes the key file's place. Whatever opens the database in between does the second half itself.
"""

import os
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from sqlalchemy import inspect, select

from storage.database import Database
from storage.epochs import Epochs
from storage.sealed_files import MORE
from storage.tables import former_keys
from storage.vault import KEY_BYTES, BadKey, DecryptionError, KeyFile, Vault, load_key, settle

OVER: Final = "former_keys_over"
"""Where the record says how many former keys seal nothing any more."""
_WRAPPED: Final = MORE + KEY_BYTES
_ROWS: Final = select(
    former_keys.c.number, former_keys.c.wrapped, former_keys.c.replaced_at, former_keys.c.finished_at
).order_by(former_keys.c.number)


class RetiredKey(DecryptionError):
    """A key that was replaced by another, or is of another organisation; `at` is when the last one was replaced."""

    def __init__(self, at: datetime) -> None:
        super().__init__("another key took this one's place")
        self.at = at


class DamagedKey(DecryptionError):
    """A former key is damaged: without it nobody's chat is known, and a backup has to be restored."""


@dataclass(frozen=True, slots=True)
class FormerKey:
    """A former key: its number, itself wrapped, since when it is replaced, and when nothing of it was left."""

    number: int
    wrapped: bytes
    replaced_at: datetime
    finished_at: datetime | None


def former_owner(number: int) -> str:
    """Return the name of the owner that a former key is wrapped for."""
    return f"former key {number}"


def former(database: Database) -> list[FormerKey]:
    """List the former keys, the oldest first; none in a database that is older than rotations."""
    with database.read() as connection:
        if not inspect(connection).has_table(former_keys.name):
            return []
        return [FormerKey(*row) for row in connection.execute(_ROWS)]


def open_vault(
    database: Database,
    master: bytes,
    file: KeyFile | None = None,
    epochs: Path | None = None,
    *,
    restored: bool = False,
) -> Vault:
    """Return the vault of a database; a rotation that was cut off between its two halves is completed first.

    Args:
        database: where the former keys are.
        master: the organisation's key.
        file: the file it lies in, if it lies in one: a key that takes its place is then found while this one is used.
        epochs: the folder of the epochs' keys, if there is one.
        restored: rows that a former key sealed count, since a backup may be from before the key got new words.

    Raises:
        RetiredKey: another key took this one's place.
        DamagedKey: a former key is damaged.
    """
    rows = former(database)
    try:
        masters = [master, *_opened(master, rows)]
    except DecryptionError:
        head = Vault(master).wrapping_key.heads[0]
        # What has not the length of a wrapped key was wrapped by no key, whichever is given.
        if any(row.wrapped.startswith(head) or len(row.wrapped) != _WRAPPED for row in rows):
            raise DamagedKey("a former key is damaged") from None
        proposed = _proposed(file)
        if file is None or proposed is None or not _holds(proposed, rows):
            raise RetiredKey(rows[-1].replaced_at) from None
        adopt(file)
        return open_vault(database, proposed, KeyFile(file.path), epochs, restored=restored)

    def newer() -> Sequence[bytes]:
        found = file.newer() if file is not None else None
        if found is None:
            return ()
        rows = former(database)
        # A file that somebody put there, and the database knows nothing of it, is no key of this database.
        return (*_opened(found, rows), found) if _holds(found, rows) else ()

    vault = Vault(master, masters[1:], newer)
    if rows and not restored and all(row.finished_at is not None for row in rows):
        vault.seals.end_former()
    if epochs is not None:
        vault.epochs = Epochs(epochs, vault.organisation_key)
    return vault


def unwrapped(master: bytes, rows: Iterable[tuple[int, bytes]]) -> list[bytes]:
    """Open former keys, given as (number, wrapped), with the key that wrapped them; raise DecryptionError."""
    vault = Vault(master)
    return [vault.unwrap_former(wrapped, former_owner(number)) for number, wrapped in rows]


def _opened(master: bytes, rows: Sequence[FormerKey]) -> list[bytes]:
    return unwrapped(master, [(row.number, row.wrapped) for row in rows])


def adopt(file: KeyFile) -> None:
    """Put the proposed key in the key file's place: there is the one or the other, never none."""
    with suppress(FileNotFoundError):  # another process was quicker
        os.replace(file.proposed, file.path)  # noqa: PTH105 -- says what it does
    settle(file.path.parent)


def _proposed(file: KeyFile | None) -> bytes | None:
    if file is None:
        return None
    try:
        return load_key(file.proposed)
    except (OSError, BadKey):
        return None


def _holds(master: bytes, rows: Sequence[FormerKey]) -> bool:
    """Return whether the database says that this key took the place of those it has."""
    if not rows:
        return False
    try:
        _opened(master, rows)
    except DecryptionError:
        return False
    return True
