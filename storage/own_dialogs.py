"""Own dialogs: those the organisation wrote or copied in chat, each in its present version."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, select

from storage.database import insert_new
from storage.sealed_statements import Change, Verified
from storage.store import Store
from storage.tables import dialog_versions, own_dialogs


@dataclass(frozen=True, slots=True)
class OwnDialog:
    """An own dialog: `source` is its JSON (which is also YAML), `base` the dialog it was copied from."""

    name: str
    hash: str
    source: str
    base: str | None
    changed_by: UUID | None
    changed_at: datetime


_ADD: Final = insert_new(own_dialogs)
_CHANGE: Final = Change(
    own_dialogs,
    own_dialogs.c.name == bindparam("dialog"),
    hash=bindparam("version"),
    changed_by=bindparam("by"),
    changed_at=bindparam("now"),
    retired_at=None,
)
_RETIRE: Final = Change(
    own_dialogs,
    own_dialogs.c.name == bindparam("dialog"),
    own_dialogs.c.retired_at.is_(None),
    retired_at=bindparam("now"),
)
_ALL: Final = Verified(
    select(
        own_dialogs.c.name,
        own_dialogs.c.hash,
        dialog_versions.c.source,
        own_dialogs.c.base,
        own_dialogs.c.changed_by,
        own_dialogs.c.changed_at,
    )
    .join(dialog_versions, dialog_versions.c.hash == own_dialogs.c.hash)
    .where(own_dialogs.c.retired_at.is_(None))
    .order_by(own_dialogs.c.changed_at.desc(), own_dialogs.c.name),
    own_dialogs,
    dialog_versions,
)
_VERSION: Final = Verified(
    select(own_dialogs.c.name, dialog_versions.c.hash)
    .join(dialog_versions, dialog_versions.c.name == own_dialogs.c.name)
    .where(dialog_versions.c.hash.like(bindparam("begins"))),
    own_dialogs,
    dialog_versions,
)


class OwnDialogs(Store):
    """The own dialogs."""

    __slots__ = ()

    def save(self, name: str, version: str, base: str | None, by: UUID | None) -> None:
        """Make `version` (the hash of a stored dialog version) the present one of this name."""
        row = {"name": name, "hash": version, "base": base, "changed_by": by, "changed_at": self._tx.now}
        if not self._execute(_ADD, {**row, "retired_at": None}).rowcount:
            self._execute(_CHANGE, {"dialog": name, "version": version, "by": by, "now": self._tx.now})

    def list(self) -> list[OwnDialog]:
        """List the own dialogs, the most recently changed first."""
        return [OwnDialog(*row) for row in self._execute(_ALL, {})]

    def version(self, begins: str) -> tuple[str, str] | None:
        """Return name and hash of a version of an own dialog, retired or not, by how its hash begins."""
        row = self._execute(_VERSION, {"begins": f"{begins}%"}).first()
        return row and (row[0], row[1])

    def retire(self, name: str) -> bool:
        """Retire an own dialog; return False when it was not offered. Its runs and answers stay."""
        return self._execute(_RETIRE, {"dialog": name, "now": self._tx.now}).rowcount > 0
