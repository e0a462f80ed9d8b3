"""Links: a person's own way back into the web chat."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, insert, select

from storage.sealed_statements import Change, Verified
from storage.store import Store
from storage.tables import web_links


@dataclass(frozen=True, slots=True)
class WebLink:
    """A link: the person, when it expires, and whether it was opened or revoked."""

    id: UUID
    person_id: UUID
    expires_at: datetime
    opened_at: datetime | None
    revoked_at: datetime | None


_ADD: Final = insert(web_links)
_FIND: Final = Verified(
    select(
        web_links.c.id, web_links.c.person_id, web_links.c.expires_at, web_links.c.opened_at, web_links.c.revoked_at
    ).where(web_links.c.lookup == bindparam("lookup")),
    web_links,
)
_FRESH: Final = Verified(
    select(web_links.c.lookup, web_links.c.id).where(
        web_links.c.opened_at.is_(None), web_links.c.revoked_at.is_(None), web_links.c.expires_at > bindparam("now")
    ),
    web_links,
)
_OPEN: Final = Change(
    web_links,
    web_links.c.id == bindparam("link"),
    web_links.c.opened_at.is_(None),
    web_links.c.revoked_at.is_(None),
    web_links.c.expires_at > bindparam("now"),
    opened_at=bindparam("at"),
)
_REVOKE_UNOPENED: Final = Change(
    web_links,
    web_links.c.person_id == bindparam("person"),
    web_links.c.opened_at.is_(None),
    revoked_at=bindparam("now"),
)
_REVOKE: Final = Change(
    web_links,
    web_links.c.person_id == bindparam("person"),
    web_links.c.revoked_at.is_(None),
    revoked_at=bindparam("now"),
)


class WebLinks(Store):
    """The links. A code is stored nowhere: its keyed hash finds the row."""

    __slots__ = ()

    def add(self, id: UUID, person_id: UUID, code: str, expires_at: datetime) -> None:  # noqa: A002 -- the column's own name
        """Add a link; earlier ones of the person that were never opened are revoked."""
        self._execute(_REVOKE_UNOPENED, {"person": person_id, "now": self._tx.now})
        lookup = self._tx.vault.lookup("web link", code)
        row = {"id": id, "person_id": person_id, "lookup": lookup, "made_at": self._tx.now, "expires_at": expires_at}
        self._execute(_ADD, row)

    def find(self, code: str) -> WebLink | None:
        """Return a link by its code, even if it is opened, expired or revoked; None if there is none."""
        row = self._execute(_FIND, {"lookup": self._tx.vault.lookup("web link", code)}).first()
        return row and WebLink(*row)

    def fresh(self) -> dict[bytes, tuple[UUID, bool]]:
        """Return the keyed hash of every code that opens and was not used yet, with its link's id."""
        return {bytes(lookup): (id_, True) for lookup, id_ in self._execute(_FRESH, {"now": self._tx.now})}

    def open(self, link_id: UUID) -> bool:
        """Open a link for the first time; return False when it was opened before, is expired or was revoked."""
        now = self._tx.now
        return self._execute(_OPEN, {"link": link_id, "now": now, "at": now}).rowcount > 0

    def revoke_all(self, person_id: UUID) -> None:
        """Revoke all links of a person."""
        self._execute(_REVOKE, {"person": person_id, "now": self._tx.now})
