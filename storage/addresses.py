"""Addresses at which people can be reached: found by keyed hash, stored sealed."""

from datetime import datetime
from typing import TYPE_CHECKING, Final
from uuid import UUID

from sqlalchemy import bindparam, func, or_, select, update

from storage.database import insert_new, upsert
from storage.sealed_statements import Change, Verified
from storage.store import Store
from storage.tables import addresses, person_addresses
from storage.vault import Vault

if TYPE_CHECKING:
    from storage.people import Person

_ADD: Final = insert_new(addresses)
_FIND: Final = Verified(
    select(addresses.c.id).where(
        addresses.c.messenger == bindparam("messenger"), addresses.c.lookup == bindparam("lookup")
    ),
    addresses,
)
_HUSH: Final = Change(
    person_addresses,
    person_addresses.c.address_id == bindparam("at"),
    person_addresses.c.person_id != bindparam("speaker"),
    person_addresses.c.current.is_(True),
    current=False,
)
_before = person_addresses.alias("before")
_INSERT: Final = upsert(person_addresses).values(
    seq=select(func.coalesce(func.max(_before.c.seq), 0) + 1)
    .where(or_(_before.c.person_id == bindparam("whose"), _before.c.address_id == bindparam("where")))
    .scalar_subquery()
)
_LINK: Final = _INSERT.on_conflict_do_update(
    index_elements=["person_id", "address_id"],
    set_={
        "target": _INSERT.excluded.target,
        "current": _INSERT.excluded.current,
        "linked_at": _INSERT.excluded.linked_at,
        "seq": _INSERT.excluded.seq,
        "seal": _INSERT.excluded.seal,
    },
)
_OF: Final = Verified(
    select(addresses.c.id, addresses.c.messenger, person_addresses.c.target)
    .join(person_addresses, person_addresses.c.address_id == addresses.c.id)
    .where(person_addresses.c.person_id == bindparam("person_id"))
    .order_by(person_addresses.c.linked_at.desc(), person_addresses.c.seq.desc(), addresses.c.id),
    addresses,
    person_addresses,
)
_REACHABLE: Final = Verified(
    select(addresses.c.id)
    .join(person_addresses, person_addresses.c.address_id == addresses.c.id)
    .where(
        person_addresses.c.person_id == bindparam("person_id"),
        person_addresses.c.current.is_(True),
        addresses.c.unreachable_since.is_(None),
    ),
    addresses,
    person_addresses,
)
_SINCE: Final = (
    select(addresses.c.unreachable_since)
    .join(person_addresses, person_addresses.c.address_id == addresses.c.id)
    .where(person_addresses.c.person_id == bindparam("person_id"), addresses.c.unreachable_since.is_not(None))
    .order_by(addresses.c.unreachable_since)
)
_UNREACHABLE: Final = (
    update(addresses).where(addresses.c.id == bindparam("address_id")).values(unreachable_since=bindparam("since"))
)


class Addresses(Store):
    """The addresses. Several people may share one; then one of them at a time speaks there."""

    __slots__ = ()

    def link(self, person: "Person", messenger: str, chat: str, id: UUID) -> UUID:  # noqa: A002 -- the column's own name
        """Link a person to an address, and let them be the one who speaks there from now on.

        Args:
            person: the person.
            messenger: the adapter's name.
            chat: the address in the messenger's own terms.
            id: the address's id, if the address is new here.

        Returns:
            The address's id: the given one, or the one it already had.
        """
        address = {"messenger": messenger, "lookup": address_lookup(self._tx.vault, messenger, chat)}
        self._execute(_ADD, {**address, "id": id, "created_at": self._tx.now})
        address_id: UUID = self._execute(_FIND, address).scalar()
        self._execute(_HUSH, {"at": address_id, "speaker": person.id})
        self._execute(
            _LINK,
            {
                "person_id": person.id,
                "whose": person.id,
                "address_id": address_id,
                "where": address_id,
                "target": person.key.seal(chat.encode(), "person_addresses", "target", address_id.hex),
                "current": True,
                "linked_at": self._tx.now,
            },
        )
        return address_id

    def of(self, person: "Person") -> list[tuple[UUID, str, str]]:
        """List a person's addresses as (id, messenger, chat), the newest first; damaged ones are left out."""
        found = []
        for id_, messenger, target in self._execute(_OF, {"person_id": person.id}):
            chat = self._tx.opened(person.key, target, "person_addresses", "target", id_.hex, person_id=person.id)
            if chat is not None:
                found.append((id_, messenger, chat.decode()))
        return found

    def chat_in(self, person: "Person", messenger: str) -> str | None:
        """Return a person's newest chat in a messenger, or None."""
        return next((chat for _, own, chat in self.of(person) if own == messenger), None)

    def find(self, messenger: str, chat: str) -> UUID | None:
        """Return the id of an address, given in the messenger's own terms; None if it is not known."""
        lookup = address_lookup(self._tx.vault, messenger, chat)
        found: UUID | None = self._execute(_FIND, {"messenger": messenger, "lookup": lookup}).scalar()
        return found

    def reachable(self, person_id: UUID) -> bool:
        """Return whether a person can be reached at any of their current addresses."""
        return self._execute(_REACHABLE, {"person_id": person_id}).first() is not None

    def unreachable_since(self, person_id: UUID) -> datetime | None:
        """Return since when one of a person's addresses has been unreachable (the earliest such moment), or None."""
        since: datetime | None = self._execute(_SINCE, {"person_id": person_id}).scalar()
        return since

    def unreachable(self, address_id: UUID, since: datetime | None) -> None:
        """Record since when nothing can be sent to an address; None means that it can be reached again."""
        self._execute(_UNREACHABLE, {"address_id": address_id, "since": since})


def address_lookup(vault: Vault, messenger: str, chat: str) -> bytes:
    """Return the keyed hash of an address, by which the rows of one chat are found."""
    return vault.lookup(f"address {messenger}", chat)
