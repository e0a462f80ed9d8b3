"""Message notices: who was told by one of the team, with their own phone or in person, that a message is there."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, delete, exists, select

from storage.database import insert_new
from storage.sealed_statements import Verified
from storage.store import Store
from storage.tables import (
    addresses,
    message_notices,
    messages,
    people,
    person_addresses,
    web_sessions,
)


@dataclass(frozen=True, slots=True)
class SilentMessage:
    """A person's newest message from the team, of which nothing rang; `way` is how they were told, or None."""

    id: UUID
    person_id: UUID
    cohort_id: UUID | None
    way: str | None


_ADD: Final = insert_new(message_notices)
_DROP: Final = delete(message_notices).where(message_notices.c.message_id == bindparam("of_message"))
_theirs = person_addresses.c.person_id == messages.c.person_id, addresses.c.id == person_addresses.c.address_id
_newer = messages.alias("newer")
# They are at no address that rings, and no browser of theirs was open since.
_SILENT: Final = Verified(
    select(messages.c.id, messages.c.person_id, messages.c.cohort_id, message_notices.c.way)
    .join(people, people.c.id == messages.c.person_id)
    .outerjoin(message_notices, message_notices.c.message_id == messages.c.id)
    .where(
        messages.c.at >= bindparam("since"),
        messages.c.direction == "from_team",
        people.c.participation == "active",
        exists().where(person_addresses.c.person_id == messages.c.person_id),
        ~exists().where(*_theirs, addresses.c.messenger.not_in(bindparam("silent", expanding=True))),
        ~exists().where(*_theirs, web_sessions.c.address == addresses.c.lookup, web_sessions.c.seen_at > messages.c.at),
        ~exists().where(
            _newer.c.person_id == messages.c.person_id,
            _newer.c.direction == "from_team",
            _newer.c.seq > messages.c.seq,
        ),
    )
    .order_by(messages.c.seq),
    messages,
)


class MessageNotices(Store):
    """The notices by hand of single messages, one for each message at most."""

    __slots__ = ()

    def add(self, message_id: UUID, person_id: UUID, way: str, told_by: UUID) -> bool:
        """Note that a person was told (`hand_notices.MESSAGE`, `IN_PERSON`); return False if it was noted before."""
        row = {"message_id": message_id, "person_id": person_id, "way": way}
        return self._execute(_ADD, {**row, "told_by": told_by, "told_at": self._tx.now}).rowcount > 0

    def drop(self, message_id: UUID) -> bool:
        """Take a note back; return False if there was none."""
        return self._execute(_DROP, {"of_message": message_id}).rowcount > 0

    def silent(self, since: datetime, messengers: Collection[str]) -> list[SilentMessage]:
        """List the team's newest messages to people whom nothing rings and who have not come since.

        Args:
            since: older messages are left out.
            messengers: those that do not ring.
        """
        # The number of messengers varies, so this is not one of the statements compiled once.
        rows = self._tx.run.listed(_SILENT, {"since": since, "silent": [*messengers]})
        return [SilentMessage(*row) for row in rows]
