"""Requests for a link: somebody on a page gave a nickname and asked the team for the way back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, insert, select, update

from storage.store import Store
from storage.tables import link_requests


@dataclass(frozen=True, slots=True)
class LinkRequest:
    """An open request: whose link was asked for, and when."""

    id: UUID
    person_id: UUID
    asked_at: datetime


_ADD: Final = insert(link_requests)
_OPEN: Final = (
    select(link_requests.c.id, link_requests.c.person_id, link_requests.c.asked_at)
    .where(link_requests.c.closed_at.is_(None))
    .order_by(link_requests.c.asked_at, link_requests.c.id)
)
_OPEN_OF: Final = _OPEN.where(link_requests.c.person_id == bindparam("person_id"))
_CLOSE: Final = (
    update(link_requests)
    .where(link_requests.c.person_id == bindparam("of_person"), link_requests.c.closed_at.is_(None))
    .values(closed_at=bindparam("at"), closed_by=bindparam("by"))
)


class LinkRequests(Store):
    """The requests for a link, at most one open for each person."""

    __slots__ = ()

    def add(self, id: UUID, person_id: UUID) -> bool:  # noqa: A002 -- the column's own name
        """Add a request; return False if one is open already."""
        if self._execute(_OPEN_OF, {"person_id": person_id}).first() is not None:
            return False
        self._execute(_ADD, {"id": id, "person_id": person_id, "asked_at": self._tx.now})
        return True

    def open(self) -> Sequence[LinkRequest]:
        """List the open requests, the one that waits longest first."""
        return [LinkRequest(*row) for row in self._execute(_OPEN)]

    def close(self, person_id: UUID, by: UUID | None) -> bool:
        """Close a person's request, by one of the team or (None) at the console; return False if none is open."""
        return self._execute(_CLOSE, {"of_person": person_id, "at": self._tx.now, "by": by}).rowcount > 0
