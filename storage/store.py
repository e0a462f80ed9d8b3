"""Basis of all stores: the transaction with its vault and moment, and helpers for sealing and JSON."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Connection, select

from dialogs.value_class import value_class
from storage.damage import Damage, Damaged
from storage.epochs import EpochMissing, mark_in, mark_of
from storage.statements import Runner
from storage.tables import epoch
from storage.vault import DataKey, DecryptionError, LostKey, Vault

LOST = LostKey()
"""The key of a person whose stored key is damaged."""
_CURRENT: Final = select(epoch.c.name).where(epoch.c.id == 1)
# Whoever wraps a key holds the row until the commit, so that no epoch begins in between and misses the key.
_CURRENT_HELD: Final = _CURRENT.with_for_update(read=True)


_QUOTABLE: Final = frozenset({"answers", "asides", "messages", "reach_notes"})
"""Tables of what people said: a screen that is put together after one of their rows was opened may quote it."""


@value_class
class Met:
    """Somebody whom a transaction has read: by which names a message may know them, and the own key.

    `invited`: it is whoever an invite is for, who has no row yet; the key is the invite's.
    """

    nickname: str | None
    pseudonym: str
    key: DataKey
    invited: bool = False


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
        fresh_keys: inbox keys made or read in this transaction; shared with the others once it is committed.
        erasing: whether something was erased, so that its bytes must leave the disk after the commit.
        erased: whether a person was erased, so that a new epoch has to begin.
        files: names of sealed files that are to be deleted after the commit.
        turn: number of the inbox row whose turn this is, or None.
        alert: the alert that this turn's words raised, until it is known where they are kept.
        said: the message with this turn's words: its row where the chat is kept here, else the messenger's own number.
        met: whom this transaction has read, so that a message that names one of them is known to.
        quotable: whose words it has read, each with the own key: a message that follows may quote them.
        others: keys of people that some words are about, None where there is none.
        signers: who signed a message of the team's that it has read, with how and the own key.
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
    erased: bool = False
    files: list[str] = field(default_factory=list)
    turn: int | None = None
    alert: UUID | None = None
    said: int | None = None
    met: dict[UUID, Met] = field(default_factory=dict)
    quotable: dict[UUID, DataKey] = field(default_factory=dict)
    others: dict[UUID, DataKey | None] = field(default_factory=dict)
    signers: dict[UUID, tuple[str, DataKey]] = field(default_factory=dict)
    damage: Damage = field(default_factory=Damage)

    def begin_turn(self, number: int) -> None:
        """Begin the turn of an inbox row; several turns in one transaction know nothing of each other."""
        self.turn, self.alert, self.said = number, None, None
        for known in (self.met, self.quotable, self.others, self.signers):
            known.clear()

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
        """Open one value; note it and return None where it is damaged, so that the caller can go on with others.

        Args:
            key: the key it was sealed with.
            blob: the stored bytes.
            table: the table it is in.
            column: the column it is in.
            row: the id it was sealed for.
            person_id: the person it belongs to.
            number: the row's number if it has one; otherwise the row is identified by `row`.
        """
        try:
            plain = key.open(blob, table, column, row)
        except DecryptionError:
            name = row if number is None else str(number)
            self.damage.note(Damaged(table, column, name, person_id))
            return None
        if table in _QUOTABLE and person_id is not None:
            self.quotable[person_id] = key
        return plain

    def unwrapped(self, wrapped: bytes, owner: str, person_id: UUID) -> DataKey:
        """Unwrap a person's key; note it and return `LOST` where it is damaged.

        Raises:
            EpochMissing: it is wrapped by the current epoch, whose file is not there.
        """
        try:
            return self.unwrap(wrapped, owner)
        except DecryptionError:
            self.damage.note(Damaged("person_keys", "wrapped", person_id.hex, person_id))
            return LOST

    def unwrap(self, wrapped: bytes, owner: str) -> DataKey:
        """Unwrap a key, waiting for the file of an epoch that is not known yet.

        Raises:
            DecryptionError: it is damaged.
            EpochMissing: it is wrapped by the current epoch, whose file is not there.
        """
        try:
            return self.vault.unwrap(wrapped, owner)
        except DecryptionError:
            name = self.run(_CURRENT).scalar()
            if name is None or mark_in(name) != mark_of(wrapped):
                raise
            epochs = self.vault.epochs
            if epochs is None:
                raise EpochMissing(None, name) from None
            epochs.await_named(name)
            return self.vault.unwrap(wrapped, owner)

    def wrap(self, key: DataKey, owner: str) -> bytes:
        """Wrap a key with the current epoch's, which stays the current one until this transaction ends.

        Raises:
            EpochMissing: its file is not there.
        """
        name = self.run(_CURRENT_HELD).scalar()
        epochs = self.vault.epochs
        if name is None:
            return self.vault.wrap(key, owner)
        if epochs is None:
            raise EpochMissing(None, name)
        return self.vault.wrap_with(epochs.await_named(name).key, key, owner)


class Store:
    """A group of statements on one transaction."""

    __slots__ = ("_execute", "_tx")

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx
        self._execute = tx.run


def alert_place(vault: Vault, about: UUID) -> bytes:
    """Return the keyed hash by which alerts about a run or a message are found."""
    return vault.lookup("alert", about.hex)


def bounded(rows: Iterable[Any], place: int, most: Mapping[Any, int]) -> Iterator[Any]:
    """Yield rows, but for each value at index `place` that is in `most` no more than that many."""
    left = dict(most)
    for row in rows:
        value = row[place]
        if value in left:
            left[value] -= 1
        if left.get(value, 0) >= 0:
            yield row


_DECODE = json.JSONDecoder().raw_decode
_ENCODE = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False).encode


def to_json(value: Any) -> bytes:
    """Return a value as compact JSON."""
    return _ENCODE(value).encode()


def from_json(data: bytes) -> Any:
    """Parse what `to_json` wrote, in a third of the time of `json.loads`, which first guesses the encoding."""
    return _DECODE(data.decode())[0]
