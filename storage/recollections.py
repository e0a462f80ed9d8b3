"""Recollections: what somebody remembers who came in by a shared invite and no longer knows under which nickname.

It is somebody's who used that invite, and nobody knows whose. So it is sealed with the keys of all who did: once any of
them is erased it opens for nobody, in no copy, and its row goes as well.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, delete, insert, select

from storage.enclosing import disclosed, enclosed, key_of
from storage.sealed_statements import Verified
from storage.store import Store
from storage.tables import invite_uses, recollections

_ENCLOSED: Final = b"\0"  # begins what is sealed with their keys; what is written begins with no such byte


@dataclass(frozen=True, slots=True)
class Recollection:
    """An open one: by which invite somebody says that they came in, what they remember, and when they asked.

    `words` may be empty: then nothing was written, or what was written is damaged, or of somebody who was erased.
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
_CAME: Final = Verified(
    select(invite_uses.c.person_id).where(invite_uses.c.invite_id == bindparam("invite_id")), invite_uses
)
_DROP: Final = delete(recollections).where(recollections.c.id == bindparam("recollection"))
_OLD: Final = delete(recollections).where(recollections.c.asked_at < bindparam("before"))


class Recollections(Store):
    """The recollections that the team has not seen to yet: they are deleted as soon as it has."""

    __slots__ = ()

    def add(self, id: UUID, invite_id: UUID, words: str) -> None:  # noqa: A002 -- the column's own name
        """Add one."""
        came = self._execute(_CAME, {"invite_id": invite_id}).scalars()
        keys = {person_id: key for person_id in came if (key := key_of(self._tx, person_id)) is not None}
        closed = enclosed(self._tx, words.encode(), keys, "recollections", "words", id.hex)
        said = words.encode() if closed is None else _ENCLOSED + closed.encode()
        sealed = self._tx.vault.organisation_key.seal(said, "recollections", "words", id.hex)
        self._execute(_ADD, {"id": id, "invite_id": invite_id, "words": sealed, "asked_at": self._tx.now})

    def open(self) -> list[Recollection]:
        """List them, the one that waits longest first."""
        found = []
        for id_, invite_id, sealed, asked_at in self._execute(_OPEN):
            found.append(Recollection(id_, invite_id, self._words(sealed, id_.hex), asked_at))
        return found

    def _words(self, sealed: bytes, row: str) -> str:
        said = self._tx.opened(self._tx.vault.organisation_key, sealed, "recollections", "words", row)
        if said is not None and said.startswith(_ENCLOSED):
            said = disclosed(self._tx, said.removeprefix(_ENCLOSED).decode(), "recollections", "words", row)
        return "" if said is None else said.decode()

    def drop(self, recollection_id: UUID) -> bool:
        """Delete one; return False if it is gone."""
        return self._execute(_DROP, {"recollection": recollection_id}).rowcount > 0

    def forget(self, before: datetime) -> int:
        """Delete those that were asked before a moment; return how many there were."""
        return self._execute(_OLD, {"before": before}).rowcount
