"""What every store stands on: one transaction, the vault, the moment, and a few ways to seal."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from storage.damage import Damage, Damaged
from storage.statements import Runner
from storage.vault import DataKey, DecryptionError, LostKey, Vault

LOST = LostKey()
"""The key of whoever's key is damaged."""


@dataclass(slots=True)
class Transaction:
    """One open transaction and what its stores share.

    Attributes:
        connection: the open connection, already in a transaction.
        run: runs the stores' statements on it.
        vault: keys and keyed hashes.
        now: the moment of this unit of work, aware, UTC.
        writing: False in a read-only unit, which must not lock rows.
        day_keys: inbox keys by day that are known to be committed; shared by all units of a process.
        fresh_keys: inbox keys made in this transaction; shared with the others only once it is committed.
        erasing: something was erased, so its bytes are to leave the disk once this is committed.
        files: names of sealed files that are to be deleted once this is committed.
        turn: number of the inbox row whose turn is being played, or None.
        damage: what did not open; shared by all units of a process.
    """

    connection: Connection
    run: Runner
    vault: Vault
    now: datetime
    writing: bool
    day_keys: dict[date, DataKey]
    fresh_keys: dict[date, DataKey] = field(default_factory=dict)
    erasing: bool = False
    files: list[str] = field(default_factory=list)
    turn: int | None = None
    damage: Damage = field(default_factory=Damage)

    def opened(
        self,
        key: DataKey,
        blob: bytes,
        table: str,
        column: str,
        row: str,
        *,
        person_id: UUID | None = None,
        number: int | None = None,
    ) -> bytes | None:
        """Open one value; None, and noted, where it is damaged: whoever asks goes on with the others.

        Args:
            key: what it was sealed with.
            blob: what is stored.
            table: where it lies.
            column: the same.
            row: the id it was sealed for.
            person_id: whose it is.
            number: the row's number, where it has one; else it is known by `row`.
        """
        try:
            return key.open(blob, table, column, row)
        except DecryptionError:
            name = row if number is None else str(number)
            self.damage.note(Damaged(table, column, name, person_id))
            return None

    def unwrapped(self, wrapped: bytes, owner: str, person_id: UUID) -> DataKey:
        """Unwrap a person's key; `LOST`, and noted, where it is damaged."""
        try:
            return self.vault.unwrap(wrapped, owner)
        except DecryptionError:
            self.damage.note(Damaged("person_keys", "wrapped", person_id.hex, person_id))
            return LOST


class Store:
    """A group of statements on one transaction."""

    __slots__ = ("_execute", "_tx")

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx
        self._execute = tx.run


def bounded(rows: Iterable[Any], place: int, most: Mapping[Any, int]) -> Iterator[Any]:
    """Give rows, but no more than so many of those that have a value in a place, where that is bounded."""
    left = dict(most)
    for row in rows:
        value = row[place]
        if value in left:
            left[value] -= 1
        if left.get(value, 0) >= 0:
            yield row


_DECODE = json.JSONDecoder().raw_decode
_ENCODE = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def to_json(value: Any) -> bytes:
    """Write JSON as compactly as it goes."""
    return _ENCODE(value).encode()


def from_json(data: bytes) -> Any:
    """Read what `to_json` wrote; a third of what `json.loads` takes, which first guesses the encoding."""
    return _DECODE(data.decode())[0]
