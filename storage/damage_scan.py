"""A scan that opens everything sealed to find what is damaged, and tells a wrong key from damage.

The columns are taken from the schema, so a sealed column that is added later is scanned without further work.
"""

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Column, Table, null, select

from storage import day_keys, tables
from storage import invite_keys as of_invites
from storage.damage import Damaged
from storage.epochs import EpochMissing
from storage.key_ring import former_owner
from storage.people import key_owner
from storage.rule_kinds import ColumnContent
from storage.seal_rules import SEALED_TABLES, sealed_columns
from storage.sealed_files import HEAD
from storage.seals import SEAL, RowCheck
from storage.store import LOST, Transaction
from storage.table_rules import RULES
from storage.tables import (
    audit,
    cohorts,
    former_keys,
    inbox,
    inbox_keys,
    invite_keys,
    invites,
    media,
    metadata,
    organisation,
    outbox,
    people,
    person_addresses,
    person_keys,
    roles,
    web_pins,
)
from storage.vault import DataKey, DecryptionError

SEALED: Final[tuple[Column[Any], ...]] = tuple(
    column
    for table in metadata.sorted_tables
    for column in table.columns
    if isinstance(column.type, tables.Sealed | tables.Wrapped)
)
"""Every column whose values are sealed, or are keys."""
SEALED_ELSEWHERE: Final = frozenset(
    table.c[name]
    for table, rule in RULES.items()
    for name, content in rule.columns.items()
    if content is ColumnContent.BROWSER_SEALED
)
"""The sealed columns whose key is only in a browser's cookie. If the cookie does not open the value, a link is needed.
"""
_BATCH: Final = 500
_KEYS: Final = 4096
_WITNESSES: Final = 20
# What a value was sealed for, where that is not its row's id.
_PLACES: Final[dict[Column[Any], Column[Any]]] = {
    person_addresses.c.target: person_addresses.c.address_id,
    web_pins.c.pin: web_pins.c.person_id,
    audit.c.detail: audit.c.previous,
}
_BY_DAY: Final = frozenset({inbox, outbox})
_NUMBERED: Final = frozenset({inbox, outbox, audit})
"""Tables whose rows are identified by their number."""

ORGANISATION_SEALED: Final[tuple[Column[Any], ...]] = tuple(
    column
    for column in SEALED
    if isinstance(column.type, tables.Sealed)
    and column not in SEALED_ELSEWHERE
    and column.table not in {people, invites, *_BY_DAY}
    and "person_id" not in column.table.c
)
"""The columns that the organisation's own key seals."""

Reader = Callable[[str], bytes]
"""Reads a sealed file by its name; raises OSError if there is none."""


class WrongKey(DecryptionError):
    """There are sealed values here, and the organisation's key opens none of them."""


def check_key(tx: Transaction) -> None:
    """Check that the organisation's key fits this database: that it opens at least one sealed value.

    Raises:
        WrongKey: it opened none of the values tried.
    """
    looked = 0
    for opens in _witnesses(tx):
        try:
            opens()
        except DecryptionError:
            looked += 1
        except EpochMissing:
            break  # with a wrong key no epoch's file opens either
        else:
            return
    if looked:
        raise WrongKey("the organisation's key opens nothing here")


def _witnesses(tx: Transaction) -> Iterator[Callable[[], object]]:
    vault, run = tx.vault, tx.connection.execute
    key = vault.organisation_key
    for id_, record in run(select(organisation.c.id, organisation.c.record)):
        yield lambda row=id_, blob=record: key.open(blob, "organisation", "record", str(row))  # type: ignore[misc]  # bound at once
    for id_, name in run(select(cohorts.c.id, cohorts.c.name).limit(_WITNESSES)):
        yield lambda row=id_, blob=name: key.open(blob, "cohorts", "name", row.hex)  # type: ignore[misc]  # bound at once
    newest = select(audit.c.previous, audit.c.detail).order_by(audit.c.seq.desc()).limit(_WITNESSES)
    for previous, detail in run(newest):
        yield lambda row=previous, blob=detail: key.open(blob, "audit", "detail", row.hex())  # type: ignore[misc]  # bound at once
    # Last, since these need the epoch's file as well.
    for id_, wrapped in run(select(person_keys.c.person_id, person_keys.c.wrapped).limit(_WITNESSES)):
        yield lambda row=id_, blob=wrapped: tx.unwrap(blob, key_owner(row))  # type: ignore[misc]  # bound at once


def scan(tx: Transaction, file: Reader | None = None, breathe: Callable[[], object] = lambda: None) -> list[Damaged]:
    """Open every sealed value, every key and every file, check every seal, and return what does not open or fit.

    Where a person's key is damaged, only the key is returned, not everything it would open.

    Args:
        tx: an open unit, preferably a reading one.
        file: reads the sealed files; None leaves them out.
        breathe: called after every value and file; a scan beside a running bot pauses there.
    """
    return list(_Scan(tx, file, breathe).all())


_ENDS: Final = ((roles, "grant.ended"), (invites, "invite.ended"))


def put_back(tx: Transaction) -> frozenset[Damaged]:
    """Find roles and invites that hold although the trail says that they ended: an old state was put back."""
    found = []
    for table, action in _ENDS:
        ended = set(tx.connection.execute(select(audit.c.subject).where(audit.c.action == action)).scalars())
        person = table.c.get("person_id", null())
        still = select(table.c.id, person).where(table.c.revoked_at.is_(None))
        rows = tx.connection.execute(still) if ended else ()
        found += [Damaged(table.name, SEAL, id_.hex, person_id) for id_, person_id in rows if str(id_) in ended]
    return frozenset(found)


class _Scan:
    def __init__(self, tx: Transaction, file: Reader | None, breathe: Callable[[], object]) -> None:
        self._tx = tx
        self._file = file
        self._breathe = breathe
        self._known = lru_cache(_KEYS)(self._unwrapped)

    def all(self) -> Iterator[Damaged]:
        for column in SEALED:
            if column not in SEALED_ELSEWHERE:
                yield from self._column(column)
        self._tx.run.seals.put_back = put_back(self._tx)
        for table in SEALED_TABLES:
            yield from self._foreign(table)
        if self._file is not None:
            yield from self._files(self._file)

    def _foreign(self, table: Table) -> Iterator[Damaged]:
        """Find the rows of a table whose seals do not fit."""
        check = RowCheck(table, 0, None)
        statement = select(*sealed_columns(table), table.c[SEAL])
        with self._tx.connection.execute(statement, execution_options={"yield_per": _BATCH}) as rows:
            for row in rows:
                fault = check.fault(self._tx.run.seals, row)
                self._breathe()
                if fault is not None:
                    yield fault

    def _column(self, column: Column[Any]) -> Iterator[Damaged]:
        table, name = column.table.name, column.name
        for row, number, person_id, day, wrapped, blob in self._rows(column):
            if column is person_keys.c.wrapped:
                fine = self._known(person_id, blob) is not LOST
            elif column is inbox_keys.c.wrapped:
                fine = self._opens(lambda blob=blob, row=row: self._tx.unwrap(blob, day_keys.owner(row)))  # type: ignore[misc]  # bound at once
            elif column is invite_keys.c.wrapped:
                fine = self._opens(lambda blob=blob, row=row: self._tx.unwrap(blob, of_invites.owner(row)))  # type: ignore[misc]  # bound at once
            elif column is invites.c.nickname:
                fine = self._of_invite(row, blob)
            elif column is former_keys.c.wrapped:
                fine = self._opens(lambda blob=blob, row=row: self._tx.vault.unwrap(blob, former_owner(row)))  # type: ignore[misc]  # bound at once
            elif "person_id" in column.table.c or column.table is people:
                key = day_keys.key_of(self._tx, day) if person_id is None else self._known(person_id, wrapped)
                fine = key is LOST or self._fits(key, blob, table, name, row)
            elif column.table in _BY_DAY:
                fine = self._fits(day_keys.key_of(self._tx, day), blob, table, name, row)
            else:
                fine = self._fits(self._tx.vault.organisation_key, blob, table, name, row)
            if not fine:
                yield Damaged(table, name, str(number) if number is not None else written(row), person_id)

    def _rows(self, column: Column[Any]) -> Iterator[Any]:
        """Yield (what it was sealed for, number, person, day, the person's wrapped key, value) for each row."""
        table = column.table
        row = place_of(column)
        person = table.c.get("person_id") if table is not people else people.c.id
        found = [row, table.c.seq if table in _NUMBERED else None, person, table.c.get("day")]
        chosen = [each for each in found if each is not None]
        statement = select(*(each.label(f"c{place}") for place, each in enumerate(chosen)), column.label("blob"))
        source: Any = table
        if person is not None and table is not person_keys:
            statement = statement.add_columns(person_keys.c.wrapped.label("key"))
            source = table.outerjoin(person_keys, person_keys.c.person_id == person)
        statement = statement.select_from(source).where(column.is_not(None))
        if person is not None and table is not outbox and table is not person_keys:
            # A person without a key was erased and comes from an older backup: nothing of theirs is to be opened.
            statement = statement.where(person_keys.c.person_id.is_not(None))
        with self._tx.connection.execute(statement, execution_options={"yield_per": _BATCH}) as rows:
            for each in rows:
                given = iter(each)
                facts = [None if kind is None else next(given) for kind in found]
                blob = next(given)
                self._breathe()
                yield *facts, next(given, None), blob

    def _files(self, read: Reader) -> Iterator[Damaged]:
        statement = (
            select(media.c.id, media.c.person_id, media.c.file, person_keys.c.wrapped)
            .join(person_keys, person_keys.c.person_id == media.c.person_id)
            .where(media.c.file.is_not(None))
        )
        for id_, person_id, file, wrapped in self._tx.connection.execute(statement).all():
            key = self._known(person_id, wrapped)
            try:
                fine = key is LOST or self._fits(key, read(file), "media", "file", id_)
            except OSError:
                fine = False
            self._breathe()
            if not fine:
                yield Damaged("media", "file", id_.hex, person_id)

    def _unwrapped(self, person_id: UUID, wrapped: bytes) -> DataKey:
        try:
            return self._tx.unwrap(wrapped, key_owner(person_id))
        except DecryptionError:
            return LOST

    def _of_invite(self, invite_id: UUID, blob: bytes) -> bool:
        """Return whether a nickname opens, or cannot any more: an older backup has it, and its key went."""
        key = of_invites.key_of(self._tx, invite_id)  # where that is damaged, it is told of the key
        if key is None and blob[:HEAD] in self._tx.vault.organisation_key.heads:
            key = self._tx.vault.organisation_key  # from before invites had keys
        return key is None or key is LOST or self._fits(key, blob, "invites", "nickname", invite_id)

    def _fits(self, key: DataKey | None, blob: bytes, table: str, column: str, row: Any) -> bool:
        return key is not None and self._opens(lambda: key.open(blob, table, column, written(row)))

    def _opens(self, opening: Callable[[], object]) -> bool:
        try:
            opening()
        except DecryptionError:
            return False
        return True


def place_of(column: Column[Any]) -> Column[Any]:
    """Return the column that says what a sealed column's value was sealed for: its row's id, as a rule."""
    table = column.table
    return _PLACES.get(column, next(iter(table.primary_key)) if "id" not in table.c else table.c.id)


def written(row: Any) -> str:
    """Return what a value was sealed for, written as its store writes it."""
    if isinstance(row, UUID):
        return row.hex
    return row.hex() if isinstance(row, bytes) else str(row)
