"""Begin a new epoch: every key is wrapped again, and what was copied of an erased one before is noise from then on.

ADR 0039 says who holds which row, and in which order things reach the disk.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import CursorResult, bindparam, func, insert, select, text, update

from storage import day_keys
from storage import invite_keys as of_invites
from storage.database import insert_new, serialise
from storage.epochs import DayKey, Epoch, Epochs, mark_in, mark_of, number_of
from storage.people import key_owner
from storage.store import Transaction
from storage.tables import epoch, erasures, inbox, inbox_keys, invite_keys, outbox, person_keys
from storage.vault import DecryptionError

AT_MOST_EVERY: Final = timedelta(minutes=1)
_ID: Final = 1
_ROW: Final = select(epoch.c.name, epoch.c.begun_at, epoch.c.owed_at, epoch.c.settled_at, epoch.c.swept_at).where(
    epoch.c.id == _ID
)
_HELD: Final = _ROW.with_for_update()
_ERASED: Final = insert_new(erasures)
_WRAPPED: Final[tuple[tuple[Any, Any, Callable[[Any], str]], ...]] = (
    (person_keys.c.person_id, person_keys.c.wrapped, key_owner),
    (inbox_keys.c.day, inbox_keys.c.wrapped, day_keys.owner),
    (invite_keys.c.invite_id, invite_keys.c.wrapped, of_invites.owner),
)
_OF_DAYS: Final = (inbox, outbox)
_HEAD: Final = 5


@dataclass(frozen=True, slots=True)
class EpochRow:
    """What the database says of its epoch.

    Attributes:
        name: the current one.
        begun_at: since when.
        owed_at: since when another one is due, or None.
        settled_at: when older files went and keys files were written again, or None.
        swept_at: when nothing was left that the organisation's key itself had wrapped, or None.
    """

    name: str
    begun_at: datetime
    owed_at: datetime | None
    settled_at: datetime | None
    swept_at: datetime | None

    def is_due(self, now: datetime) -> bool:
        """Return whether another epoch may begin already: at most one does in a minute."""
        return not timedelta(0) <= now - self.begun_at < AT_MOST_EVERY


def row_of(tx: Transaction, *, held: bool = False) -> EpochRow | None:
    """Return the row, None where no epoch has begun; `held`: nobody wraps a key until this transaction ends."""
    found = tx.run(_HELD if held else _ROW).first()
    return None if found is None else EpochRow(*found)


def erasure_lookup(tx: Transaction, person_id: UUID) -> bytes:
    """Return the keyed hash by which an erased person's id is known again."""
    return tx.vault.lookup("erased", person_id.hex)


def note_erasure(tx: Transaction, person_id: UUID) -> None:
    """Note that somebody was erased: an older backup must not bring them back, and a new epoch has to begin."""
    tx.run(_ERASED, {"lookup": erasure_lookup(tx, person_id), "erased_at": tx.now})
    tx.erased = True


def conclude(tx: Transaction) -> None:
    """Begin a new epoch at the end of a transaction that erased somebody, or note that one is owed."""
    if not tx.erased:
        return
    row = row_of(tx, held=True)
    if row is None:
        return  # there are no epochs here, and `doctor` says so
    if row.is_due(tx.now) and tx.vault.epochs is not None:
        begin(tx)
    else:
        tx.run(_OWE, {"now": tx.now})


def begin(tx: Transaction) -> Epoch:
    """Begin a new epoch in this transaction; its file is on the disk before anything is wrapped.

    Raises:
        EpochMissing: the current epoch's file is not there.
    """
    epochs = tx.vault.epochs
    assert epochs is not None
    if tx.connection.dialect.name != "sqlite":
        serialise(tx.connection, "epoch")  # while there is no row that could be held
        tx.connection.execute(_SYNCED)  # the older file goes as soon as this is committed
    row = row_of(tx, held=True)
    if row is not None:
        epochs.await_named(row.name)
    fresh = epochs.make(number_of(row.name) if row else 0)
    for identity, column, owner in _WRAPPED:
        _wrap_again(tx, fresh, identity, column, owner)
    seal_days_again(tx)
    values = {"name": fresh.name, "begun_at": tx.now, "owed_at": None, "settled_at": None}
    if row is None:
        tx.connection.execute(insert(epoch).values(id=_ID, swept_at=None, **values))
    else:
        tx.connection.execute(update(epoch).values(**values))
    return fresh


def _wrap_again(tx: Transaction, fresh: Epoch, identity: Any, column: Any, owner: Callable[[Any], str]) -> None:
    """Wrap every key of a table again; one that is damaged is left as it is."""
    again = []
    for row, wrapped in tx.connection.execute(select(identity, column)):
        try:
            key = tx.vault.unwrap(wrapped, owner(row))
        except DecryptionError:
            continue
        again.append({"row": row, "blob": tx.vault.wrap_with(fresh.key, key, owner(row))})
    if again:
        statement = update(column.table).where(identity == bindparam("row")).values({column: bindparam("blob")})
        tx.connection.execute(statement, again)


def seal_days_again(tx: Transaction) -> int:
    """Seal again what waits sealed with a day's key of an earlier epoch; return how many rows."""
    done = 0
    for table in _OF_DAYS:
        mine = table.c.day.is_not(None) & table.c.body.is_not(None)
        if table is outbox:
            mine &= table.c.person_id.is_(None)
        found = select(table.c.seq, table.c.id, table.c.day, table.c.body).where(mine)
        for seq, id_, day, body in tx.connection.execute(found).all():
            key = day_keys.key_of(tx, day)
            if not isinstance(key, DayKey) or key.seals_as(body):
                continue
            try:
                again = key.seal(key.open(body, table.name, "body", id_.hex), table.name, "body", id_.hex)
            except DecryptionError:
                continue  # damaged, or its day is over
            changed: CursorResult[Any] = tx.connection.execute(
                update(table).where(table.c.seq == seq, table.c.body == body).values(body=again)
            )
            done += changed.rowcount
    return done


def unwrapped_by(tx: Transaction, name: str) -> bool:
    """Return whether an epoch opens every wrapped key that opens at all, and everything that days sealed."""
    mark = mark_in(name)
    for identity, column, owner in _WRAPPED:
        other = func.substr(column, 1, _HEAD).not_in([form + mark for form in (b"\x01", b"\x02")])
        for row, wrapped in tx.connection.execute(select(identity, column).where(other)):
            try:
                tx.vault.unwrap(wrapped, owner(row))
            except DecryptionError:
                continue
            if mark_of(wrapped) != mark:
                return False
    return True


def forget_older(epochs: Epochs, name: str, step: Callable[[], object] = lambda: None) -> int:
    """Delete the files of every epoch but the current one; the caller holds its row. Return how many."""
    return epochs.remove([each for each in epochs.files() if each != name], step)


_OWE: Final = update(epoch).where(epoch.c.owed_at.is_(None)).values(owed_at=bindparam("now"))
COUNTED_FROM: Final = update(epoch).values(begun_at=bindparam("at"))
SETTLED: Final = update(epoch).values(settled_at=bindparam("now"))
SWEPT: Final = update(epoch).values(swept_at=bindparam("now"))
_SYNCED: Final = text("SET LOCAL synchronous_commit = on")
