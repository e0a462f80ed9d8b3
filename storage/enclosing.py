"""Words about other people than the one whose row they are in: they go with any of them.

What names or quotes somebody is sealed with a key that only the keys of all of them together give, and what comes of
that with the key of the row's owner, as everything of the owner's is. Once one of them is erased, the words open for
nobody: not in the row, and not in any copy of it that was made before.
"""

from base64 import b64decode, b64encode
from collections.abc import Mapping
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, select

from storage import invite_keys
from storage.people import key_owner
from storage.store import LOST, Transaction
from storage.tables import person_keys
from storage.vault import DataKey, DecryptionError

_WRAPPED: Final = select(person_keys.c.wrapped).where(person_keys.c.person_id == bindparam("person"))
_BETWEEN: Final = ":"


def enclosed(
    tx: Transaction, words: bytes, about: Mapping[UUID, DataKey], table: str, column: str, row: str
) -> str | None:
    """Seal words with a key made of all these keys; None where there is none that could seal.

    Args:
        tx: the transaction.
        words: what is said.
        about: whom it names or quotes, each with the own key; one whose key is damaged is left out.
        table: the table it is for.
        column: the column it is for.
        row: the id of its row.
    """
    known = {id_: key for id_, key in sorted(about.items()) if key is not LOST}
    if not known:
        return None
    sealed = tx.vault.joint_key(known.values()).seal(words, table, column, row)
    return ",".join(id_.hex for id_ in known) + _BETWEEN + b64encode(sealed).decode()


def disclosed(tx: Transaction, text: str, table: str, column: str, row: str) -> bytes | None:
    """Open what `enclosed` returned; None once one of those whom it is about was erased, or a key is damaged."""
    names, _, sealed = text.partition(_BETWEEN)
    keys = []
    for id_ in map(UUID, names.split(",")):
        key = key_of(tx, id_)
        if key is None or key is LOST:
            return None
        keys.append(key)
    try:
        return tx.vault.joint_key(keys).open(b64decode(sealed), table, column, row)
    except DecryptionError:
        return None


def key_of(tx: Transaction, person_id: UUID) -> DataKey | None:
    """Return a person's key, or that of an invite; `LOST` if it is damaged, None once there is none."""
    if (met := tx.met.get(person_id)) is not None:
        return met.key
    if person_id not in tx.others:
        wrapped = tx.run(_WRAPPED, {"person": person_id}).scalar()
        if wrapped is not None:
            tx.others[person_id] = tx.unwrapped(wrapped, key_owner(person_id), person_id)
        else:
            tx.others[person_id] = invite_keys.key_of(tx, person_id)
    return tx.others[person_id]
