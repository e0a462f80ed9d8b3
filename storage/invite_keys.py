"""Keys of invites: what the team calls whoever an invite is for is sealed with one, as nobody's own key is there yet.

Who comes in by the invite has that key as well. Once that person is erased the nickname opens in no copy.
"""

from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, delete, insert, select

from storage.damage import Damaged
from storage.store import LOST, Transaction
from storage.tables import invite_keys, invite_uses, invites
from storage.vault import DataKey, DecryptionError

_ADD: Final = insert(invite_keys)
_WRAPPED: Final = select(invite_keys.c.wrapped).where(invite_keys.c.invite_id == bindparam("invite"))
_OF: Final = delete(invite_keys).where(
    invite_keys.c.invite_id.in_(select(invite_uses.c.invite_id).where(invite_uses.c.person_id == bindparam("person")))
)
_OVER: Final = delete(invite_keys).where(
    invite_keys.c.invite_id.not_in(select(invite_uses.c.invite_id)),
    invite_keys.c.invite_id.in_(select(invites.c.id).where(invites.c.expires_at <= bindparam("now"))),
)


def owner(invite_id: UUID) -> str:
    """Return the name of the owner that an invite's key is wrapped for."""
    return f"invite {invite_id.hex}"


def make(tx: Transaction, invite_id: UUID) -> DataKey:
    """Make the key of an invite."""
    key = tx.vault.new_key()
    tx.run(_ADD, {"invite_id": invite_id, "wrapped": tx.wrap(key, owner(invite_id))})
    return key


def key_of(tx: Transaction, invite_id: UUID) -> DataKey | None:
    """Return an invite's key, `LOST` if it is damaged, None once there is none."""
    wrapped = tx.run(_WRAPPED, {"invite": invite_id}).scalar()
    return None if wrapped is None else unwrapped(tx, invite_id, wrapped)


def unwrapped(tx: Transaction, invite_id: UUID, wrapped: bytes) -> DataKey:
    """Unwrap an invite's key; note it and return `LOST` where it is damaged."""
    try:
        return tx.unwrap(wrapped, owner(invite_id))
    except DecryptionError:
        tx.damage.note(Damaged("invite_keys", "wrapped", invite_id.hex))
        return LOST


def drop_of(tx: Transaction, person_id: UUID) -> int:
    """Delete the keys of the invites that a person came in by; return how many."""
    return tx.run(_OF, {"person": person_id}).rowcount


def drop_over(tx: Transaction) -> int:
    """Delete the keys of invites whose time is over and that nobody used; return how many."""
    return tx.run(_OVER, {"now": tx.now}).rowcount
