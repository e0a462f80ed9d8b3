"""Keys of the day: what strangers send, and what is said to them, is sealed with one and lost when it is destroyed."""

from datetime import date
from typing import Final, cast

from sqlalchemy import bindparam, delete, select, update

from storage.damage import Damaged
from storage.database import insert_new
from storage.store import Transaction
from storage.tables import inbox_keys
from storage.vault import DataKey, DecryptionError

_ADD = insert_new(inbox_keys)
_GET = select(inbox_keys.c.wrapped).where(inbox_keys.c.day == bindparam("day"))
_REPLACE: Final = update(inbox_keys).where(inbox_keys.c.day == bindparam("of")).values(wrapped=bindparam("made"))
_DAYS: Final = select(inbox_keys.c.day)
_FORGET = delete(inbox_keys).where(inbox_keys.c.day < bindparam("before"))


def today(tx: Transaction) -> tuple[date, DataKey]:
    """Return the day of this unit and its key, made on demand; a damaged key is replaced, or nothing could come in."""
    day = tx.now.date()
    key = tx.day_keys.get(day) or key_of(tx, day)
    if key is None:
        made = tx.wrap(tx.vault.new_key(), owner(day))
        if not tx.run(_ADD, {"day": day, "wrapped": made}).rowcount and key_of(tx, day) is None:
            tx.run(_REPLACE, {"of": day, "made": made})
        # Read it back: another process may have stored one first.
        key = cast("DataKey", key_of(tx, day))
    return day, key


def key_of(tx: Transaction, day: date) -> DataKey | None:
    """Return the key of a day, or None when it was destroyed or is damaged."""
    key = tx.day_keys.get(day) or tx.fresh_keys.get(day)
    if key is None:
        wrapped = tx.run(_GET, {"day": day}).scalar()
        if wrapped is None:
            return None
        try:
            key = tx.fresh_keys[day] = tx.vault.day_key(tx.unwrap(wrapped, owner(day)))
        except DecryptionError:
            tx.damage.note(Damaged("inbox_keys", "wrapped", day.isoformat()))
            return None
    return key


def destroy(tx: Transaction, before: date) -> int:
    """Destroy the keys of all days before this one, in memory too; return how many rows were deleted."""
    for known in (tx.day_keys, tx.fresh_keys):
        for day in [day for day in known if day < before]:
            del known[day]
    return tx.run(_FORGET, {"before": before}).rowcount


def lose_destroyed(tx: Transaction) -> None:
    """Lose the keys of days in this process's memory that another process destroyed."""
    known = list(tx.day_keys)
    kept = set(tx.run(_DAYS).scalars())
    for day in known:
        if day not in kept:
            tx.day_keys.pop(day, None)


def owner(day: date) -> str:
    """Return the name of the owner that a day's key is wrapped for."""
    return f"inbox {day.isoformat()}"
