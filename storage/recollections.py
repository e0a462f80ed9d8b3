"""Recollections: what somebody remembers who came in by a shared invite and no longer knows under which nickname."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, delete, insert, select

from storage.sealed_statements import Verified
from storage.store import Store
from storage.tables import recollections


@dataclass(frozen=True, slots=True)
class Recollection:
    """An open one: by which invite somebody says that they came in, what they remember, and when they asked.

    `words` may be empty: then nothing was written, or what was written is damaged.
    """

    id: UUID
    invite_id: UUID
    words: str
    asked_at: datetime


_ADD: Final = insert(recollections)
_OPEN: Final = Verified(
    select(recollections.c.id, recollections.c.invite_id, recollections.c.words, recollections.c.asked_at).order_by(
        recollections.c.asked_at, recollections.c.id
    ),
    recollections,
)
_DROP: Final = delete(recollections).where(recollections.c.id == bindparam("recollection"))
_OLD: Final = delete(recollections).where(recollections.c.asked_at < bindparam("before"))


class Recollections(Store):
    """The recollections that the team has not seen to yet: they are deleted as soon as it has."""

    __slots__ = ()

    def add(self, id: UUID, invite_id: UUID, words: str) -> None:  # noqa: A002 -- the column's own name
        """Add one."""
        sealed = self._tx.vault.organisation_key.seal(words.encode(), "recollections", "words", id.hex)
        self._execute(_ADD, {"id": id, "invite_id": invite_id, "words": sealed, "asked_at": self._tx.now})

    def open(self) -> list[Recollection]:
        """List them, the one that waits longest first."""
        key, found = self._tx.vault.organisation_key, []
        for id_, invite_id, sealed, asked_at in self._execute(_OPEN):
            words = self._tx.opened(key, sealed, "recollections", "words", id_.hex)
            found.append(Recollection(id_, invite_id, "" if words is None else words.decode(), asked_at))
        return found

    def drop(self, recollection_id: UUID) -> bool:
        """Delete one; return False if it is gone."""
        return self._execute(_DROP, {"recollection": recollection_id}).rowcount > 0

    def forget(self, before: datetime) -> int:
        """Delete those that were asked before a moment; return how many there were."""
        return self._execute(_OLD, {"before": before}).rowcount
