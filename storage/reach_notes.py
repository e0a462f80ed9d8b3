"""How a person wants to be reached: one note a person, sealed with the person's key."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from sqlalchemy import bindparam, delete, exists, or_, select

from storage.database import upsert
from storage.store import Store, from_json, to_json
from storage.tables import reach_notes, support_requests

if TYPE_CHECKING:
    from storage.people import Person


@dataclass(frozen=True, slots=True)
class ReachNote:
    """What the note says, by question; `damaged`: it does not open any more."""

    said: Mapping[str, Any]
    changed_at: datetime
    damaged: bool = False


_GET: Final = select(reach_notes.c.id, reach_notes.c.body, reach_notes.c.changed_at).where(
    reach_notes.c.person_id == bindparam("person_id")
)
_INSERT: Final = upsert(reach_notes)
_WRITE: Final = _INSERT.on_conflict_do_update(
    index_elements=["person_id"], set_={name: _INSERT.excluded[name] for name in ("id", "body", "changed_at")}
)
_DROP: Final = delete(reach_notes).where(reach_notes.c.person_id == bindparam("person"))
_NEEDED: Final = exists().where(
    support_requests.c.person_id == reach_notes.c.person_id,
    or_(support_requests.c.done_at.is_(None), support_requests.c.done_at >= bindparam("before")),
)
_UNNEEDED: Final = select(reach_notes.c.person_id).where(reach_notes.c.changed_at < bindparam("before"), ~_NEEDED)


class ReachNotes(Store):
    """The notes."""

    __slots__ = ()

    def get(self, person: "Person") -> ReachNote | None:
        """Return a person's note, or None."""
        row = self._execute(_GET, {"person_id": person.id}).first()
        if row is None:
            return None
        id_, body, changed_at = row
        opened = self._tx.opened(person.key, body, "reach_notes", "body", id_.hex, person_id=person.id)
        return ReachNote({} if opened is None else from_json(opened), changed_at, damaged=opened is None)

    def write(self, id: UUID, person: "Person", said: Mapping[str, Any]) -> None:  # noqa: A002 -- the column's own name
        """Put a note in the place of the one before."""
        sealed = person.key.seal(to_json(dict(said)), "reach_notes", "body", id.hex)
        self._execute(_WRITE, {"id": id, "person_id": person.id, "body": sealed, "changed_at": self._tx.now})

    def drop(self, person_id: UUID) -> bool:
        """Erase a person's note; return False when there was none."""
        gone: int = self._execute(_DROP, {"person": person_id}).rowcount
        self._tx.erasing = self._tx.erasing or gone > 0
        return gone > 0

    def unneeded(self, before: datetime) -> list[UUID]:
        """List whose notes nothing open has needed since a moment."""
        return list(self._execute(_UNNEEDED, {"before": before}).scalars())
