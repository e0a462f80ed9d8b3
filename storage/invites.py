"""Invites: found by the keyed hash of their code, used a limited number of times.

What the team calls whoever an invite is for is sealed with a key of the invite's own (`storage.invite_keys`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import bindparam, insert, select, update

from storage import invite_keys
from storage.database import insert_new
from storage.sealed_statements import Change, Verified
from storage.store import LOST, Met, Store
from storage.tables import invite_keys as key_rows
from storage.tables import invite_uses, invites
from storage.vault import DataKey, DecryptionError


@dataclass(frozen=True, slots=True)
class Invite:
    """An invite; its code itself is not stored.

    `nickname` is what the team calls the one person it is for; None once it was used or is over, and for any other.
    """

    id: UUID
    role: str
    cohort_id: UUID | None
    uses: int
    used: int
    created_by: UUID | None
    expires_at: datetime | None
    revoked_at: datetime | None
    nickname: str | None = None


_COLUMNS: Final = (
    invites.c.id,
    invites.c.role,
    invites.c.cohort_id,
    invites.c.uses,
    invites.c.used,
    invites.c.created_by,
    invites.c.expires_at,
    invites.c.revoked_at,
    invites.c.nickname,
    key_rows.c.wrapped,
)
_FROM: Final = invites.outerjoin(key_rows, key_rows.c.invite_id == invites.c.id)
_SELECT: Final = select(*_COLUMNS).select_from(_FROM)
_ADD: Final = insert(invites)
_FIND: Final = Verified(_SELECT.where(invites.c.lookup == bindparam("lookup")), invites)
_LOOKUPS: Final = Verified(
    select(invites.c.lookup, invites.c.id, invites.c.uses, invites.c.used, invites.c.expires_at, invites.c.revoked_at),
    invites,
)
_LIST: Final = Verified(_SELECT.order_by(invites.c.created_at, invites.c.id), invites)
_HOLD: Final = Verified(
    select(invites.c.uses, invites.c.used).where(invites.c.id == bindparam("invite_id")).with_for_update(), invites
)
_WHO: Final = Verified(
    select(invite_uses.c.person_id)
    .where(invite_uses.c.invite_id == bindparam("invite_id"))
    .order_by(invite_uses.c.used_at, invite_uses.c.person_id),
    invite_uses,
)
_OWNER: Final = Verified(
    select(invite_uses.c.person_id)
    .join(invites, invites.c.id == invite_uses.c.invite_id)
    .where(invites.c.lookup == bindparam("lookup"), invites.c.uses == 1, invites.c.revoked_at.is_(None)),
    invite_uses,
    invites,
)
_GET: Final = Verified(_SELECT.where(invites.c.id == bindparam("invite")), invites)
_USED_BY_PERSON: Final = Verified(
    select(invite_uses.c.used_at).where(
        invite_uses.c.invite_id == bindparam("invite_id"), invite_uses.c.person_id == bindparam("person_id")
    ),
    invite_uses,
)
_USE: Final = insert_new(invite_uses)
_COUNT: Final = Change(invites, invites.c.id == bindparam("invite_id"), used=lambda row: row["used"] + 1, nickname=None)
_REVOKE: Final = Change(
    invites,
    invites.c.id == bindparam("invite_id"),
    invites.c.revoked_at.is_(None),
    revoked_at=bindparam("at"),
    nickname=None,
)
_FORGET: Final = (
    update(invites)
    .where(invites.c.nickname.is_not(None), invites.c.expires_at <= bindparam("now"))
    .values(nickname=None)
)

_WITHOUT_KEY: Final = select(invites.c.id, invites.c.nickname).where(
    invites.c.nickname.is_not(None), invites.c.id.not_in(select(key_rows.c.invite_id))
)
_SEAL: Final = update(invites).where(invites.c.id == bindparam("invite")).values(nickname=bindparam("sealed"))


class Invites(Store):
    """The invites."""

    __slots__ = ()

    def create(
        self,
        id: UUID,  # noqa: A002 -- the column's own name
        code: str,
        role: str,
        cohort_id: UUID | None,
        uses: int,
        expires_at: datetime | None,
        created_by: UUID | None,
        nickname: str | None = None,
    ) -> None:
        """Add an invite for a leader, facilitator, translator or admin; `nickname`: of the one person it is for."""
        sealed = None
        if nickname:
            key = invite_keys.make(self._tx, id)
            sealed = key.seal(nickname.encode(), "invites", "nickname", id.hex)
            self._meet(id, nickname, key)
        self._execute(
            _ADD,
            {
                "id": id,
                "lookup": self._tx.vault.lookup("invite", code),
                "role": role,
                "cohort_id": cohort_id,
                "uses": uses,
                "expires_at": expires_at,
                "created_by": created_by,
                "created_at": self._tx.now,
                "nickname": sealed,
            },
        )

    def find(self, code: str) -> Invite | None:
        """Return an invite by its code, even if it is used up, expired or revoked; None if there is none."""
        row = self._execute(_FIND, {"lookup": self._tx.vault.lookup("invite", code)}).first()
        return row and self._invite(row)

    def get(self, invite_id: UUID) -> Invite | None:
        """Return an invite by its id, or None."""
        row = self._execute(_GET, {"invite": invite_id}).first()
        return row and self._invite(row)

    def used_by(self, invite_id: UUID) -> Sequence[UUID]:
        """List the people who came in by an invite, the earliest first."""
        return self._execute(_WHO, {"invite_id": invite_id}).scalars()

    def owner(self, code: str) -> UUID | None:
        """Return who came in by an invite that is for one person alone and not revoked, or None."""
        owner: UUID | None = self._execute(_OWNER, {"lookup": self._tx.vault.lookup("invite", code)}).scalar()
        return owner

    def list(self) -> list[Invite]:
        """List all invites in the order they were made."""
        return [self._invite(row) for row in self._execute(_LIST)]

    def lookups(self) -> dict[bytes, tuple[UUID, bool]]:
        """Return the keyed hash of every code that ever was, with its invite's id and whether it seems to be open."""
        now = self._tx.now
        return {
            bytes(lookup): (id_, revoked_at is None and used < uses and (expires_at is None or expires_at > now))
            for lookup, id_, uses, used, expires_at, revoked_at in self._execute(_LOOKUPS)
        }

    def use(self, invite_id: UUID, person_id: UUID) -> bool:
        """Use an invite; return False when it is used up. A person who uses it again is counted once."""
        held = self._execute(_HOLD, {"invite_id": invite_id}).first()
        if held is None:
            return False
        uses, used = held
        if self._execute(_USED_BY_PERSON, {"invite_id": invite_id, "person_id": person_id}).first() is not None:
            return True
        if used >= uses:
            return False
        self._execute(_USE, {"invite_id": invite_id, "person_id": person_id, "used_at": self._tx.now})
        self._execute(_COUNT, {"invite_id": invite_id})
        return True

    def revoke(self, invite_id: UUID) -> bool:
        """Revoke an invite; return False when it was revoked before."""
        return self._execute(_REVOKE, {"invite_id": invite_id, "at": self._tx.now}).rowcount > 0

    def forget_nicknames(self) -> int:
        """Delete the nicknames of invites whose time is over, and the keys of those that nobody used.

        Return how many nicknames there were. Until then a screen that tells the links of several invites can be read,
        though one of them was ended.
        """
        invite_keys.drop_over(self._tx)
        for id_, sealed in list(self._execute(_WITHOUT_KEY)):
            if (nickname := self._of_before(id_, sealed)) is not None:
                again = invite_keys.make(self._tx, id_).seal(nickname.encode(), "invites", "nickname", id_.hex)
                self._execute(_SEAL, {"invite": id_, "sealed": again})
        return self._execute(_FORGET, {"now": self._tx.now}).rowcount

    def _invite(self, row: Sequence[Any]) -> Invite:
        *told, sealed, wrapped = row
        found = Invite(*told)
        if sealed is None:
            return found
        if wrapped is None:
            return replace(found, nickname=self._of_before(found.id, sealed))
        key = invite_keys.unwrapped(self._tx, found.id, wrapped)
        opened = None if key is LOST else self._tx.opened(key, sealed, "invites", "nickname", found.id.hex)
        if opened is None:
            return found
        self._meet(found.id, opened.decode(), key)
        return replace(found, nickname=opened.decode())

    def _of_before(self, invite_id: UUID, sealed: bytes) -> str | None:
        """Return a nickname from before invites had keys; None where its key went with whoever was erased."""
        try:
            return self._tx.vault.organisation_key.open(sealed, "invites", "nickname", invite_id.hex).decode()
        except DecryptionError:
            return None

    def _meet(self, invite_id: UUID, nickname: str, key: DataKey) -> None:
        """Let a screen that tells the nickname go with it."""
        self._tx.met[invite_id] = Met(nickname, self._tx.vault.pseudonym(invite_id), key, invited=True)
