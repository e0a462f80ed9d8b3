"""The organisation's record, and when its key and backup were last confirmed."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import bindparam, select

from storage import record_names
from storage.database import insert_new, upsert
from storage.people import People
from storage.sealed_statements import Change, Verified
from storage.store import Store, Transaction, from_json, to_json
from storage.tables import organisation

_ID: Final = 1
_GET: Final = select(organisation.c.record)
_CARE: Final = Verified(select(organisation.c.key_confirmed_at, organisation.c.backup_verified_at), organisation)


def _set(*names: str) -> Any:
    insert = upsert(organisation)
    return insert.on_conflict_do_update(index_elements=["id"], set_={name: insert.excluded[name] for name in names})


_BEGIN: Final = insert_new(organisation)
_SET: Final = _set("record", "changed_at")
_CONFIRM: Final = Change(organisation, organisation.c.id == bindparam("row"), key_confirmed_at=bindparam("now"))
_VERIFY: Final = Change(organisation, organisation.c.id == bindparam("row"), backup_verified_at=bindparam("now"))


@dataclass(frozen=True, slots=True)
class Care:
    """When the key was confirmed as kept, and when a backup was last verified; None means never."""

    key_confirmed_at: datetime | None
    backup_verified_at: datetime | None


class Organisation(Store):
    """The one organisation of this installation."""

    __slots__ = ("written",)

    def __init__(self, tx: Transaction) -> None:
        """Begin with `written` False; it is True once the record was changed in this transaction."""
        super().__init__(tx)
        self.written = False

    def get(self) -> dict[str, Any]:
        """Return the record; empty when nothing was filled in yet, or where it is damaged."""
        return self.stored() or {}

    def note(self, **facts: Any) -> None:
        """Add facts to the record that the program keeps by itself; a damaged record is left unchanged."""
        record = self.stored()
        if record is not None:
            self.set({**record, **facts})

    def stored(self) -> dict[str, Any] | None:
        """Return the record; None where it is damaged. A name that went with its person is ''."""
        record = self._sealed()
        return None if record is None else record_names.opened(self._tx, record)

    def _sealed(self) -> dict[str, Any] | None:
        """Return the record with the team's names as they are kept; None where it is damaged."""
        sealed = self._execute(_GET).scalar()
        if sealed is None:
            return {}
        opened = self._tx.opened(self._tx.vault.organisation_key, sealed, "organisation", "record", str(_ID))
        record: dict[str, Any] | None = None if opened is None else from_json(opened)
        return record

    def set(self, record: dict[str, Any]) -> None:
        """Store the whole record."""
        self.written = True
        self._execute(_SET, self._row(record_names.closed(self._tx, record, self._sealed() or {})))
        People(self._tx).look_again()

    def enclose_names(self) -> bool:
        """Enclose names of the team's people that are not yet: of who came in later; return whether there were any."""
        before = self._sealed() or {}
        record = record_names.closed(self._tx, record_names.opened(self._tx, before), before)
        if record == before:
            return False
        self._execute(_SET, self._row(record))
        return True

    def care(self) -> Care:
        """Return when the key was confirmed as kept and when a backup was verified."""
        row = self._execute(_CARE).first()
        return Care(*row) if row else Care(None, None)

    def confirm_key(self) -> None:
        """Record that the key is kept in a safe place, as of this unit's moment."""
        self._note_moment(_CONFIRM)

    def verify_backup(self) -> None:
        """Record that a backup was restored and read, as of this unit's moment."""
        self._note_moment(_VERIFY)

    def _note_moment(self, change: Change) -> None:
        moment = {"row": _ID, "now": self._tx.now}
        if not self._execute(change, moment).rowcount:
            self._execute(_BEGIN, self._row({}))
            self._execute(change, moment)

    def _row(self, record: dict[str, Any]) -> dict[str, Any]:
        seal = self._tx.vault.organisation_key.seal
        sealed = seal(to_json(record), "organisation", "record", str(_ID))
        return {"id": _ID, "record": sealed, "changed_at": self._tx.now}
