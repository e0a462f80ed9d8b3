"""Sealing the rows of a database that is older than their seals: once, by whoever opens it first with the key.

From then on a row without a seal that fits counts for nothing, so it must not be possible to have this done again: that
it was done is noted in the organisation's record, which is encrypted, and in a file beside the epochs' keys, where
nobody comes who can only write rows. Where neither says anything the trail is asked: it begins once rows are sealed,
and what is taken out of it is missed. `hilo restore` has it done for a backup that is older, and says so.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Table, bindparam, func, select, tuple_, update

from storage.damage_scan import put_back
from storage.database import serialise
from storage.key_ring import OVER
from storage.seal_rules import SEALED_TABLES, identity, rule_of, sealed_columns
from storage.sealed_statements import Change
from storage.seals import SEAL, RowSealing, Seals
from storage.store import from_json, to_json
from storage.unit import Storage, Unit
from storage.vault import DecryptionError, Vault, settle

NOTED: Final = "sealed_rows"
"""Where the record says of each table the number of the list of columns that its rows are sealed over."""
FILE: Final = "rows.sealed"
"""The file beside the epochs' keys that says the same."""
LONG_AGO: Final = datetime(2020, 1, 1, tzinfo=UTC)
_WITNESSES: Final = "rows.sealed", "audit.begun"
"""Actions that the trail has of every installation whose rows were sealed, once it has a record."""
_FIRST: Final = 1  # the number of a table's first list of columns
_AT_ONCE: Final = 1000
_NAMES: Final = "file", "rows", FILE
_MARK: Final = 2  # where the key's id begins in a seal, counted from 1
_Numbers = Mapping[str, int]
NUMBERS: Final[_Numbers] = {table.name: rule.number for table in SEALED_TABLES if (rule := rule_of(table)) is not None}
"""The number of each table's present list of columns."""


def begin(storage: Storage, now: Callable[[], datetime], *, restored: bool = False) -> int:
    """Seal the rows of tables that were not sealed before; return how many.

    It may be cut off anywhere, and begun again. `restored`: this is a backup that somebody with the key brings back, so
    the file of the database that was here before says nothing about it.
    """
    vault = storage.vault
    with storage.reading(now()) as unit:
        record = unit.organisation.stored()
    if not restored and (record or {}).get(OVER, 0) >= len(vault.former) > 0:
        vault.seals.end_former()  # whatever the rows of former keys say
    kept = read(vault)
    noted = _noted(storage, now, {} if restored else kept)
    done = sum(_seal_table(storage, now, table) for table in SEALED_TABLES if _lacks(noted, table))
    if record and _numbers_in(record) != NUMBERS:
        with storage.unit(now()) as unit:
            unit.organisation.note(**{NOTED: dict(NUMBERS)})
            if done:
                unit.audit.add("hilo", "rows.sealed", "organisation", {"rows": done})
    if kept != NUMBERS:
        _write(vault)
    with storage.reading(now()) as unit:
        storage.seals.put_back = put_back(unit)
    return done


def is_done(storage: Storage, now: Callable[[], datetime]) -> bool:
    """Return whether the rows of every table were sealed once: what came before that is over."""
    noted = _noted(storage, now, read(storage.vault))
    return not any(_lacks(noted, table) for table in SEALED_TABLES)


def _noted(storage: Storage, now: Callable[[], datetime], kept: _Numbers) -> _Numbers:
    """Return the numbers that were noted: of the file, which says `kept`, and of the record the greater one of each."""
    with storage.reading(now()) as unit:
        recorded = _numbers_in(unit.organisation.stored())
        if not kept and not recorded and any(unit.audit.done(action, LONG_AGO) for action in _WITNESSES):
            return dict.fromkeys(NUMBERS, _FIRST)  # whatever became of the notes
    return {name: max(kept.get(name, 0), recorded.get(name, 0)) for name in NUMBERS}


def _lacks(noted: _Numbers, table: Table) -> bool:
    return noted.get(table.name, 0) < NUMBERS[table.name]


def _numbers_in(record: Mapping[str, Any] | None) -> dict[str, int]:
    return dict((record or {}).get(NOTED) or {})


def _seal_table(storage: Storage, now: Callable[[], datetime], table: Table) -> int:
    """Give every row of a table that has no seal one, in batches."""
    done, after = 0, None
    while True:
        with storage.unit(now()) as unit:
            serialise(unit.connection, "sealing")
            found = _unsealed(unit, table, after)
            if not found:
                return done
            _seal_rows(unit, table, found, storage.seals)
        done += len(found)
        after = found[-1]


def _unsealed(unit: Unit, table: Table, after: Mapping[str, Any] | None) -> Sequence[Mapping[str, Any]]:
    keys = list(identity(table))
    statement = select(*sealed_columns(table)).where(table.c[SEAL].is_(None)).order_by(*keys).limit(_AT_ONCE)
    if after is not None:
        last = [after[key.name] for key in keys]
        statement = statement.where(tuple_(*keys) > tuple_(*last) if len(keys) > 1 else keys[0] > last[0])
    return [dict(row) for row in unit.connection.execute(statement).mappings()]


def _seal_rows(unit: Unit, table: Table, rows: Sequence[Mapping[str, Any]], seals: Seals) -> None:
    rule = rule_of(table)
    assert rule is not None
    sealing, keys = RowSealing(table, rule), identity(table)
    same = [key == bindparam(f"at_{key.name}") for key in keys]
    statement = update(table).where(*same, table.c[SEAL].is_(None)).values({SEAL: bindparam("made")})
    unit.connection.execute(
        statement,
        [{**{f"at_{key.name}": row[key.name] for key in keys}, "made": sealing.seal(seals, row)} for row in rows],
    )


# What the file says.


def read(vault: Vault) -> dict[str, int]:
    """Return what the file says; everything where it is damaged, and nothing where there is none."""
    path = _path(vault)
    try:
        sealed = b"" if path is None else path.read_bytes()
    except FileNotFoundError:
        sealed = b""
    if not sealed:
        return {}
    try:
        return dict(from_json(vault.organisation_key.open(sealed, *_NAMES)))
    except DecryptionError:
        return dict(NUMBERS)


def _write(vault: Vault) -> None:
    path = _path(vault)
    if path is None:
        return
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    unready = path.with_name(f"{path.name}.tmp")
    descriptor = os.open(unready, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(vault.organisation_key.seal(to_json(dict(NUMBERS)), *_NAMES))
        file.flush()
        os.fsync(file.fileno())
    unready.replace(path)
    settle(path.parent)


def _path(vault: Vault) -> Path | None:
    folder = None if vault.epochs is None else vault.epochs.folder
    return None if folder is None else folder / FILE


# What another key sealed.


def sealed_before(unit: Unit, table: Table) -> Sequence[Sequence[Any]]:
    """Return the primary keys of a table's rows that a former key sealed."""
    former = unit.vault.seals.former
    if not former:
        return ()
    theirs = func.substr(table.c[SEAL], _MARK, len(former[0])).in_(former)
    return unit.connection.execute(select(*table.primary_key.columns).where(theirs)).all()


_AGAIN: Final = {
    table: Change(table, *(key == bindparam(f"of_{key.name}") for key in table.primary_key.columns))
    for table in SEALED_TABLES
}


def seal_again(unit: Unit, table: Table, row: Sequence[Any]) -> bool:
    """Seal a row again with the newest key; False where its seal does not fit, or the row is gone."""
    keys = zip(table.primary_key.columns, row, strict=True)
    return unit.run(_AGAIN[table], {f"of_{key.name}": value for key, value in keys}).rowcount > 0
