"""Notices by hand: who was told by one of the team, with their own phone or in person, that something is there."""

from collections.abc import Collection
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, delete, exists, func, select

from storage.database import insert_new
from storage.following import EACH
from storage.sealed_statements import Verified
from storage.store import Store
from storage.tables import addresses, deliveries, hand_notices, memberships, people, person_addresses

MESSAGE, IN_PERSON = "message", "in_person"

_ADD: Final = insert_new(hand_notices)
_DROP: Final = delete(hand_notices).where(
    hand_notices.c.broadcast_id == bindparam("of_broadcast"), hand_notices.c.person_id == bindparam("of_person")
)
_OF: Final = select(hand_notices.c.person_id, hand_notices.c.way).where(
    hand_notices.c.broadcast_id == bindparam("broadcast")
)
# They are asked something, have not come to it, and are at no address that rings.
_SILENT: Final = Verified(
    select(EACH.c.person_id, EACH.c.standing, EACH.c.due_at)
    .join(deliveries, deliveries.c.id == EACH.c.id)
    .where(
        EACH.c.standing.in_(bindparam("standings", expanding=True)),
        EACH.c.participation == "active",
        exists().where(person_addresses.c.person_id == EACH.c.person_id),
        ~exists().where(
            person_addresses.c.person_id == EACH.c.person_id,
            addresses.c.id == person_addresses.c.address_id,
            addresses.c.messenger.not_in(bindparam("silent", expanding=True)),
        ),
    )
    .order_by(EACH.c.id),
    deliveries,
)


_ONLY: Final = (
    select(func.count())
    .select_from(memberships)
    .join(people, people.c.id == memberships.c.person_id)
    .where(
        memberships.c.cohort_id == bindparam("cohort"),
        memberships.c.left_at.is_(None),
        memberships.c.waiting.is_(False),
        people.c.participation == "active",
        exists().where(person_addresses.c.person_id == people.c.id),
        ~exists().where(
            person_addresses.c.person_id == people.c.id,
            addresses.c.id == person_addresses.c.address_id,
            addresses.c.messenger.not_in(bindparam("silent", expanding=True)),
        ),
    )
)


class HandNotices(Store):
    """The notices by hand, one for each person of a broadcast at most."""

    __slots__ = ()

    def add(self, broadcast_id: UUID, person_id: UUID, way: str, told_by: UUID) -> bool:
        """Note that a person was told (`MESSAGE`, `IN_PERSON`); return False if that was noted before."""
        row = {
            "broadcast_id": broadcast_id,
            "person_id": person_id,
            "way": way,
            "told_by": told_by,
            "told_at": self._tx.now,
        }
        return self._execute(_ADD, row).rowcount > 0

    def drop(self, broadcast_id: UUID, person_id: UUID) -> bool:
        """Take a note back; return False if there was none."""
        return self._execute(_DROP, {"of_broadcast": broadcast_id, "of_person": person_id}).rowcount > 0

    def of(self, broadcast_id: UUID) -> dict[UUID, str]:
        """Return who was told of a broadcast, and how."""
        return dict(iter(self._execute(_OF, {"broadcast": broadcast_id})))

    def unrung(self, cohort_id: UUID, messengers: Collection[str]) -> int:
        """Count those of a cohort whom a broadcast may reach and whom nothing rings; `messengers` as in `silent`."""
        wanted = {"cohort": cohort_id, "silent": [*messengers]}
        return int(self._tx.connection.execute(_ONLY, wanted).scalar() or 0)

    def silent(self, broadcast_id: UUID, messengers: Collection[str]) -> tuple[list[UUID], list[UUID]]:
        """List who was not told by any ringing of what a broadcast asks, told by hand or not.

        Args:
            broadcast_id: the broadcast.
            messengers: those that do not ring; an address at any other rings.

        Returns:
            Those for whom it is there now, and those to whom it goes later.
        """
        wanted = {"broadcast": broadcast_id, "standings": ["waiting", "queued"], "silent": [*messengers]}
        now: list[UUID] = []
        later: list[UUID] = []
        # The number of messengers varies, so this is not one of the statements compiled once.
        for person_id, standing, due_at in self._tx.run.listed(_SILENT, wanted):
            (now if standing == "waiting" or due_at <= self._tx.now else later).append(person_id)
        return now, later
