"""Give the organisation's key new words: a new key takes its place, and seals anew what the former ones sealed.

Only what the master key itself seals is done again, in small batches beside a running bot: wrapped keys and the
organisation's own values. The details of the trail stay as they are, since its chain covers them. People's keys stay
the same, and so does what they seal.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import partial
from typing import Any, Final

from sqlalchemy import Column, CursorResult, func, insert, select, update

from storage import day_keys, key_ring, sealing
from storage import invite_keys as of_invites
from storage.damage_scan import ORGANISATION_SEALED, place_of, written
from storage.database import Database, serialise
from storage.key_ring import former_owner
from storage.people import key_owner
from storage.seal_rules import SEALED_TABLES
from storage.tables import audit, former_keys, inbox_keys, invite_keys, person_keys
from storage.unit import Storage, Unit
from storage.vault import DecryptionError, Vault

_BATCH: Final = 100
_HEAD: Final = 5
_WRAPPED: Final[dict[Column[Any], Callable[[Any], str]]] = {
    person_keys.c.wrapped: key_owner,
    inbox_keys.c.wrapped: day_keys.owner,
    invite_keys.c.wrapped: of_invites.owner,
}
_DONE_AGAIN: Final = (*_WRAPPED, *(column for column in ORGANISATION_SEALED if column is not audit.c.detail))
_ROWS: Final = select(former_keys.c.number, former_keys.c.wrapped).order_by(former_keys.c.number)
_UNFINISHED: Final = select(former_keys.c.replaced_at).where(former_keys.c.finished_at.is_(None))


def replace(unit: Unit, proposed: bytes) -> None:
    """Note that a proposed key holds from now on: with it alone, everything opens.

    The caller puts it in the key file's place after the commit.
    """
    serialise(unit.connection, "rotation")
    vault = unit.vault
    fresh, run = Vault(proposed, (*vault.former, vault.master)), unit.connection.execute
    number = 0
    for number, wrapped in run(_ROWS).all():
        again = fresh.wrap_former(vault.unwrap_former(wrapped, former_owner(number)), former_owner(number))
        run(update(former_keys).where(former_keys.c.number == number).values(wrapped=again))
    wrapped = fresh.wrap_former(vault.master, former_owner(number + 1))
    run(insert(former_keys).values(number=number + 1, wrapped=wrapped, replaced_at=unit.now))
    unit.erasing = True


def begun_at(unit: Unit) -> datetime | None:
    """Return when the rotation that is not finished was begun; None: every one is."""
    moment: datetime | None = unit.connection.execute(_UNFINISHED).scalar()
    return moment


def finish(unit: Unit) -> None:
    """Note that nothing is left to be done of any rotation."""
    unfinished = update(former_keys).where(former_keys.c.finished_at.is_(None))
    done: CursorResult[Any] = unit.connection.execute(unfinished.values(finished_at=unit.now))
    if done.rowcount and unit.organisation.get():
        # Encrypted, so that nobody makes a former key's seals count again by changing a row.
        unit.organisation.note(**{key_ring.OVER: len(unit.vault.former)})
    unit.vault.seals.end_former()


def left(unit: Unit) -> int:
    """Count the values that a former key sealed and the present one has not sealed again."""
    values = sum(len(_sealed_before(unit, column)) for column in _DONE_AGAIN)
    return values + sum(len(sealing.sealed_before(unit, table)) for table in SEALED_TABLES)


def seal_again(storage: Storage, now: Callable[[], datetime]) -> Iterator[float]:
    """Seal again whatever a former key sealed; yield how much is done after each batch, and 1 at the end.

    It may be cut off anywhere, and begun again. What was changed or erased meanwhile is left as it is; what is damaged
    too.
    """
    # Whoever used the former key when this began has committed before the rows are looked for.
    storage.vault.look()
    storage.database.await_others()
    with storage.reading(now()) as unit:
        values = [(column, rows) for column in _DONE_AGAIN if (rows := _sealed_before(unit, column))]
        seals = [(table, rows) for table in SEALED_TABLES if (rows := sealing.sealed_before(unit, table))]
    work: list[tuple[Callable[..., object], Sequence[Any]]] = []
    work += [(partial(_seal_again, column=column), rows) for column, rows in values]
    work += [(partial(sealing.seal_again, table=table), rows) for table, rows in seals]
    total, done = sum(len(rows) for _, rows in work) or 1, 0
    for again, rows in work:
        for start in range(0, len(rows), _BATCH):
            batch = rows[start : start + _BATCH]
            with storage.unit(now()) as unit:
                for row in batch:
                    again(unit, row=row)
            done += len(batch)
            yield min(done / total, 0.99)
    yield 1.0


def clean(database: Database) -> bool:
    """Take what the former keys sealed off the disk; False where a reader kept part of it in SQLite's log."""
    return database.clean(sorted({*(column.table.name for column in _DONE_AGAIN), *(t.name for t in SEALED_TABLES)}))


def _sealed_before(unit: Unit, column: Column[Any]) -> Sequence[Any]:
    """Return the ids of a column's rows whose value a former key sealed."""
    key = unit.vault.wrapping_key if column in _WRAPPED else unit.vault.organisation_key
    if not key.former_heads:
        return ()
    identity = next(iter(column.table.primary_key))
    began = func.substr(column, 1, _HEAD).in_(key.former_heads)
    return unit.connection.execute(select(identity).where(began)).scalars().all()


def _seal_again(unit: Unit, column: Column[Any], row: Any) -> bool:
    """Seal one value again, unless it was changed meanwhile or does not open."""
    identity = next(iter(column.table.primary_key))
    place = place_of(column)
    found = unit.connection.execute(select(place, column).where(identity == row)).first()
    if found is None or found[1] is None:
        return False
    sealed_for, blob = found
    try:
        if column in _WRAPPED:
            again = unit.vault.rewrap(blob, _WRAPPED[column](sealed_for))
        else:
            key, names = unit.vault.organisation_key, (column.table.name, column.name, written(sealed_for))
            again = key.seal(key.open(blob, *names), *names)
    except DecryptionError:
        return False
    changed: CursorResult[Any] = unit.connection.execute(
        update(column.table).where(identity == row, column == blob).values({column.name: again})
    )
    return changed.rowcount > 0
