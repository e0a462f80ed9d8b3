"""Own dialogs: those the organisation wrote or copied in chat, each in its present version."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, select

from storage.database import insert_new
from storage.sealed_statements import Change, Verified
from storage.store import Store
from storage.tables import broadcasts, dialog_versions, own_dialogs

STEP: Final = timedelta(microseconds=1)  # between two places in an order


@dataclass(frozen=True, slots=True)
class OwnDialog:
    """An own dialog.

    Attributes:
        name: its name.
        hash: its present version.
        source: its JSON, which is also YAML.
        base: the dialog it was copied from.
        cohort_id: the cohort it was made for; None: it is the house's.
        changed_by: who changed it last.
        changed_at: when.
        kept_at: since when it is kept to be used again.
    """

    name: str
    hash: str
    source: str
    base: str | None
    cohort_id: UUID | None
    changed_by: UUID | None
    changed_at: datetime
    kept_at: datetime | None


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
_COLUMNS: Final = select(
    own_dialogs.c.name,
    own_dialogs.c.hash,
    dialog_versions.c.source,
    own_dialogs.c.base,
    own_dialogs.c.cohort_id,
    own_dialogs.c.changed_by,
    own_dialogs.c.changed_at,
    own_dialogs.c.kept_at,
).join(dialog_versions, dialog_versions.c.hash == own_dialogs.c.hash)
_ONE: Final = Verified(_COLUMNS.where(own_dialogs.c.name == bindparam("dialog")), own_dialogs, dialog_versions)
_ALL: Final = Verified(
    _COLUMNS.where(own_dialogs.c.retired_at.is_(None)).order_by(
        own_dialogs.c.first_at.desc().nulls_last(), own_dialogs.c.changed_at.desc(), own_dialogs.c.name
    ),
    own_dialogs,
    dialog_versions,
)
_KEEP: Final = Change(own_dialogs, own_dialogs.c.name == bindparam("dialog"), kept_at=bindparam("now"))
_FIRST: Final = Change(own_dialogs, own_dialogs.c.name == bindparam("dialog"), first_at=bindparam("at"))
_SENT: Final = Verified(
    select(own_dialogs.c.name)
    .join(dialog_versions, dialog_versions.c.name == own_dialogs.c.name)
    .join(broadcasts, broadcasts.c.dialog_hash == dialog_versions.c.hash),
    own_dialogs,
    broadcasts,
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

    def save(self, name: str, version: str, base: str | None, by: UUID | None, cohort_id: UUID | None = None) -> None:
        """Make `version` (the hash of a stored dialog version) the present one of this name.

        A new one is made for a cohort or (None) for the house, and a copy is kept to be used again.
        """
        row = {"name": name, "hash": version, "base": base, "changed_by": by, "changed_at": self._tx.now}
        row |= {"cohort_id": cohort_id, "kept_at": self._tx.now if base else None, "first_at": None}
        if not self._execute(_ADD, {**row, "retired_at": None}).rowcount:
            self._execute(_CHANGE, {"dialog": name, "version": version, "by": by, "now": self._tx.now})

    def list(self) -> list[OwnDialog]:
        """List the own dialogs: those that were put first, then the most recently changed."""
        return [OwnDialog(*row) for row in self._execute(_ALL, {})]

    def find(self, name: str) -> OwnDialog | None:
        """Return an own dialog by its name, retired or not."""
        row = self._execute(_ONE, {"dialog": name}).first()
        return row and OwnDialog(*row)

    def version(self, begins: str) -> tuple[str, str] | None:
        """Return name and hash of a version of an own dialog, retired or not, by how its hash begins."""
        row = self._execute(_VERSION, {"begins": f"{begins}%"}).first()
        return row and (row[0], row[1])

    def sent(self) -> dict[str, int]:
        """Return in how many broadcasts each was sent; those that were in none are left out."""
        return dict(Counter(row[0] for row in self._execute(_SENT, {})))

    def keep(self, name: str) -> None:
        """Keep an own dialog to be used again."""
        self._execute(_KEEP, {"dialog": name, "now": self._tx.now})

    def put_first(self, name: str) -> None:
        """Let an own dialog stand before all others."""
        self._execute(_FIRST, {"dialog": name, "at": self._tx.now})

    def put_in_order(self, names: Sequence[str]) -> None:
        """Let own dialogs stand before all others, in this order."""
        for place, name in enumerate(names):
            self._execute(_FIRST, {"dialog": name, "at": self._tx.now - place * STEP})

    def retire(self, name: str) -> bool:
        """Retire an own dialog; return False when it was not offered. Its runs and answers stay."""
        return self._execute(_RETIRE, {"dialog": name, "now": self._tx.now}).rowcount > 0
