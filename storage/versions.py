"""Every version of a dialog that was ever used."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import bindparam, select

from storage.database import insert_new
from storage.sealed_statements import Verified
from storage.store import Store
from storage.tables import dialog_versions


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a dialog; `source` is JSON."""

    hash: str
    name: str
    kind: str
    source: str
    created_at: datetime


_COLUMNS: Final = (
    dialog_versions.c.hash,
    dialog_versions.c.name,
    dialog_versions.c.kind,
    dialog_versions.c.source,
    dialog_versions.c.created_at,
)
_KEEP: Final = insert_new(dialog_versions)
_GET: Final = Verified(
    select(dialog_versions.c.source).where(dialog_versions.c.hash == bindparam("hash")), dialog_versions
)
_NAMED: Final = Verified(
    select(*_COLUMNS)
    .where(dialog_versions.c.name == bindparam("name"))
    .order_by(dialog_versions.c.created_at, dialog_versions.c.hash),
    dialog_versions,
)
_LATEST: Final = Verified(
    select(*_COLUMNS)
    .where(dialog_versions.c.name == bindparam("name"))
    .order_by(dialog_versions.c.created_at.desc(), dialog_versions.c.hash.desc()),
    dialog_versions,
)


_THAT_SAY: Final = Verified(
    select(*_COLUMNS).where(dialog_versions.c.kind != "staff", dialog_versions.c.source.contains(bindparam("words"))),
    dialog_versions,
)


class Versions(Store):
    """The dialog versions: stored once, never changed."""

    __slots__ = ()

    def save(self, hash: str, name: str, kind: str, source_json: str, now: datetime) -> None:  # noqa: A002 -- the column's own name
        """Store a version; storing it again changes nothing."""
        row = {"hash": hash, "name": name, "kind": kind, "source": source_json, "created_at": now}
        self._execute(_KEEP, row)

    def get(self, hash: str) -> str | None:  # noqa: A002 -- the column's own name
        """Return a version's JSON, or None."""
        source: str | None = self._execute(_GET, {"hash": hash}).scalar()
        return source

    def latest(self, name: str) -> Version | None:
        """Return the version of a dialog that was stored last, or None."""
        row = self._execute(_LATEST, {"name": name}).first()
        return row and Version(*row)

    def of(self, name: str) -> list[Version]:
        """List all versions of a dialog, the oldest first."""
        return [Version(*row) for row in self._execute(_NAMED, {"name": name})]

    def naming(self, step: str) -> list[Version]:
        """List the versions, other than wizards', in which something is called so; in no order."""
        return [Version(*row) for row in self._execute(_THAT_SAY, {"words": f'"{step}"'})]
