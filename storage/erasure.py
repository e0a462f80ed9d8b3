"""Forgetting a person. Nothing cascades: the tables are named here, one by one."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import Delete, Table, bindparam, delete, exists, select

from storage.database import lock_person
from storage.store import Transaction
from storage.tables import (
    addresses,
    answers,
    consents,
    deliveries,
    inbox,
    invite_uses,
    media,
    memberships,
    messages,
    outbox,
    people,
    person_addresses,
    person_keys,
    roles,
    runs,
)


@dataclass(frozen=True, slots=True)
class Erased:
    """What went: rows by table, and the names of the sealed files that are still to be deleted."""

    rows: dict[str, int]
    files: tuple[str, ...]


_shared = person_addresses.alias("shared")
_ALONE: Final = (
    select(addresses.c.messenger, addresses.c.lookup)
    .join(person_addresses, person_addresses.c.address_id == addresses.c.id)
    .where(
        person_addresses.c.person_id == bindparam("person_id"),
        ~exists().where(_shared.c.address_id == addresses.c.id, _shared.c.person_id != bindparam("person_id")),
    )
)
_FILES: Final = select(media.c.file).where(media.c.person_id == bindparam("person_id"), media.c.file.is_not(None))
_HERS: Final = (
    # Her key first: without it nothing of hers can be read, whatever happens next.
    person_keys,
    outbox,
    answers,
    media,
    messages,
    runs,
    deliveries,
    invite_uses,
    consents,
    memberships,
    roles,
    person_addresses,
)
_NOBODYS: Final = delete(addresses).where(~exists().where(_shared.c.address_id == addresses.c.id))
_SELF: Final = delete(people).where(people.c.id == bindparam("person"))


def erase(tx: Transaction, person_id: UUID) -> Erased:
    """Erase a person: her key, and every row that is hers, updates that wait and earlier strangers' rows too.

    What stays: the audit trail, which knows ids only. After the commit the caller deletes the files and calls
    `Database.checkpoint`, so that the bytes are gone from SQLite's log as well.
    """
    connection = tx.connection
    lock_person(connection, person_id)
    files = tuple(tx.run(_FILES, {"person_id": person_id}).scalars())
    chats = list(tx.run(_ALONE, {"person_id": person_id}))
    rows = {table.name: tx.run(_OF[table], {"person": person_id}).rowcount for table in _HERS}
    for table in (inbox, outbox):
        for messenger, lookup in chats:
            gone = tx.run(_AT[table], {"at": messenger, "hash": lookup}).rowcount
            rows[table.name] = rows.get(table.name, 0) + gone
    rows[addresses.name] = tx.run(_NOBODYS).rowcount
    rows[people.name] = tx.run(_SELF, {"person": person_id}).rowcount
    return Erased(rows, files)


def _at(table: Table) -> Delete:
    return delete(table).where(table.c.messenger == bindparam("at"), table.c.lookup == bindparam("hash"))


_OF: Final = {table: delete(table).where(table.c.person_id == bindparam("person")) for table in _HERS}
_AT: Final = {table: _at(table) for table in (inbox, outbox)}
