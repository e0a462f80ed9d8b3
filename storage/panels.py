"""Messages in the team's chats that change in place (`progress`) or are removed after a while (`page`, `media`)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, delete, insert, select, update

from storage.database import written
from storage.sealed_statements import Verified
from storage.store import Store
from storage.tables import outbox, panels
from storage.thread import TIDIED


@dataclass(frozen=True, slots=True)
class Panel:
    """One such message: `outbox_seq` is the outbox row that put it into the person's chat."""

    id: UUID
    person_id: UUID
    kind: str
    subject: UUID | None
    outbox_seq: int
    changed_at: datetime
    until: datetime | None
    shown: bytes | None


@dataclass(frozen=True, slots=True)
class PlacedPanel:
    """A panel, its messenger, and whether it is (or will be) in its chat."""

    panel: Panel
    messenger: str
    there: bool


ERASED: Final = UUID(int=0)
"""The subject of a page that named somebody who was erased since: it goes without a word."""
_THERE: Final = frozenset({"queued", "sending", "sent"})
_ADD: Final = insert(panels)
_ALL: Final = select(
    panels.c.id,
    panels.c.person_id,
    panels.c.kind,
    panels.c.subject,
    panels.c.outbox_seq,
    panels.c.changed_at,
    panels.c.until,
    panels.c.shown,
).order_by(panels.c.changed_at, panels.c.id)
_OF: Final = Verified(
    _ALL.where(panels.c.person_id == bindparam("person_id"), panels.c.kind == bindparam("kind")), panels
)
_AT: Final = select(panels.c.id).where(
    panels.c.person_id == bindparam("person_id"), panels.c.outbox_seq == bindparam("row")
)
_LIVE: Final = Verified(
    select(
        panels.c.id,
        panels.c.person_id,
        panels.c.kind,
        panels.c.subject,
        panels.c.outbox_seq,
        panels.c.changed_at,
        panels.c.until,
        panels.c.shown,
        outbox.c.messenger,
        outbox.c.state,
        outbox.c.reason,
    )
    .join(outbox, outbox.c.seq == panels.c.outbox_seq)
    .where(panels.c.kind == bindparam("kind"))
    .order_by(panels.c.changed_at, panels.c.id),
    panels,
)
# Only what was read is removed here; other panels with an end are ended elsewhere.
_DUE: Final = _ALL.where(panels.c.until <= bindparam("now"), panels.c.kind.in_(written("page", "media"))).limit(
    bindparam("limit")
)
_CHANGED: Final = (
    update(panels)
    .where(panels.c.id == bindparam("panel"))
    .values(changed_at=bindparam("now"), until=bindparam("until"))
)
_SHOWS: Final = (
    update(panels).where(panels.c.id == bindparam("panel")).values(changed_at=bindparam("now"), shown=bindparam("text"))
)
_MOVED: Final = (
    update(panels)
    .where(panels.c.person_id == bindparam("person"), panels.c.outbox_seq == bindparam("before"))
    .values(outbox_seq=bindparam("after"))
)
_DROP: Final = delete(panels).where(panels.c.id == bindparam("panel"))


class Panels(Store):
    """The panels."""

    __slots__ = ()

    def add(
        self,
        id: UUID,  # noqa: A002 -- the column's own name
        person_id: UUID,
        kind: str,
        outbox_seq: int,
        *,
        subject: UUID | None = None,
        until: datetime | None = None,
        text: str | None = None,
    ) -> None:
        """Add a message that will change, with the hash of what it says."""
        row = {"id": id, "person_id": person_id, "kind": kind, "outbox_seq": outbox_seq, "subject": subject}
        self._execute(_ADD, {**row, "changed_at": self._tx.now, "until": until, "shown": self._hash(text)})

    def of(self, person_id: UUID, kind: str) -> list[Panel]:
        """List a person's panels of a kind, the least recently changed first."""
        return [Panel(*row) for row in self._execute(_OF, {"person_id": person_id, "kind": kind})]

    def stand_at(self, person_id: UUID, row: int) -> bool:
        """Return whether a message is a panel of a person, of any kind."""
        return self._execute(_AT, {"person_id": person_id, "row": row}).first() is not None

    def placed(self, kind: str) -> list[PlacedPanel]:
        """List all panels of a kind with their messenger, the least recently changed first."""
        return [
            PlacedPanel(Panel(*row), messenger, state in _THERE and reason != TIDIED)
            for *row, messenger, state, reason in self._execute(_LIVE, {"kind": kind})
        ]

    def due(self, now: datetime, limit: int) -> list[Panel]:
        """List pages and media whose time is over."""
        return [Panel(*row) for row in self._execute(_DUE, {"now": now, "limit": limit})]

    def changed(self, id: UUID, until: datetime | None = None) -> None:  # noqa: A002 -- the column's own name
        """Record that a panel was changed now, and until when it may stay."""
        self._execute(_CHANGED, {"panel": id, "now": self._tx.now, "until": until})

    def moved(self, person_id: UUID, before: int, after: int) -> None:
        """Record that a person's panel was sent anew in another row."""
        self._execute(_MOVED, {"person": person_id, "before": before, "after": after})

    def says(self, panel: Panel, text: str) -> bool:
        """Return whether a panel shows this text."""
        return panel.shown is not None and panel.shown == self._hash(text)

    def shows(self, id: UUID, text: str) -> None:  # noqa: A002 -- the column's own name
        """Record that a panel was changed now and shows this text."""
        self._execute(_SHOWS, {"panel": id, "now": self._tx.now, "text": self._hash(text)})

    def _hash(self, text: str | None) -> bytes | None:
        return None if text is None else self._tx.vault.lookup("panel", text)

    def drop(self, id: UUID) -> None:  # noqa: A002 -- the column's own name
        """Delete a panel: it changes no more."""
        self._execute(_DROP, {"panel": id})
