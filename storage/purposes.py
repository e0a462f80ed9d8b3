"""Purpose cards: for what, for whom and until when something is asked."""

from typing import Any, Final
from uuid import UUID

from sqlalchemy import bindparam, exists, select

from storage.database import insert_new
from storage.store import Store, from_json, to_json
from storage.tables import broadcasts, purposes

_ADD: Final = insert_new(purposes)
_CARD: Final = select(purposes.c.card).where(purposes.c.id == bindparam("purpose"))
_DROP: Final = purposes.delete().where(
    purposes.c.id == bindparam("purpose"), ~exists().where(broadcasts.c.purpose_id == purposes.c.id)
)


class Purposes(Store):
    """Purpose cards, sealed with the organisation's key."""

    __slots__ = ()

    def keep(self, id_: UUID, purpose: dict[str, Any], created_by: UUID | None) -> None:
        """Store a purpose card, unless one with its id is stored."""
        card = self._tx.vault.organisation_key.seal(to_json(purpose), "purposes", "card", id_.hex)
        row = {"id": id_, "card": card, "created_by": created_by, "created_at": self._tx.now}
        self._execute(_ADD, row)

    def get(self, id: UUID) -> dict[str, Any]:  # noqa: A002 -- the column's own name
        """Return a stored purpose card; empty where there is none or it is damaged."""
        card = self._execute(_CARD, {"purpose": id}).scalar()
        return self.opened(id, card) if card else {}

    def opened(self, id_: UUID, card: bytes) -> dict[str, Any]:
        """Return a purpose card as it was written; empty where it is damaged."""
        opened = self._tx.opened(self._tx.vault.organisation_key, card, "purposes", "card", id_.hex)
        return {} if opened is None else from_json(opened)

    def drop(self, id_: UUID) -> None:
        """Remove a purpose card that no broadcast has."""
        self._execute(_DROP, {"purpose": id_})
