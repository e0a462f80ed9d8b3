"""The audit trail: who did what, and when. Append-only; each row's hash covers the one before it.

A row of its own, sealed, knows which of the trail's rows is the newest: rows that are cut off at the end are missed.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Literal
from uuid import UUID

from sqlalchemy import bindparam, exists, func, insert, select, update

from storage.database import serialise, upsert
from storage.organisation import Organisation
from storage.store import Store, from_json, to_json
from storage.tables import audit, audit_head, former_keys, to_minute
from storage.vault import DecryptionError

BEGUN: Final = "trail_since"  # in the organisation's record: the moment of the trail's first row with a head
NOTED: Final = "noted"
"""The action of a row whose actor, action and subject are sealed with its detail."""
_UNTOLD: Final = ("alerts.", "request.asked", "request.done", "request.reopened")
"""How actions begin that only the key tells: that somebody is in danger or asked for something, and when."""
_START: Final = bytes(32)
_ADD: Final = insert(audit).inline()
_LAST: Final = select(audit.c.hash).order_by(audit.c.seq.desc()).limit(1)
NEWEST: Final = select(audit.c.seq, audit.c.hash).order_by(audit.c.seq.desc()).limit(1)
"""Selects the number and the hash of the trail's newest row, which a backup notes."""
_HEAD_ID: Final = 1
_HEAD: Final = select(audit_head.c.head).where(audit_head.c.id == _HEAD_ID)
_MOVE: Final = update(audit_head).where(audit_head.c.id == _HEAD_ID).values(head=bindparam("sealed"))
_begin = upsert(audit_head)
_BEGIN: Final = _begin.on_conflict_do_update(index_elements=["id"], set_={"head": _begin.excluded.head})
_ROTATING: Final = select(exists().where(former_keys.c.finished_at.is_(None)))
_HASH_OF: Final = select(audit.c.hash).where(audit.c.seq == bindparam("seq"))
_COUNT: Final = select(func.count()).select_from(audit)
_COLUMNS: Final = (
    audit.c.seq,
    audit.c.at,
    audit.c.actor,
    audit.c.action,
    audit.c.subject,
    audit.c.detail,
    audit.c.previous,
    audit.c.hash,
)
_ALL: Final = select(*_COLUMNS).order_by(audit.c.seq)
_PAGE: Final = select(*_COLUMNS).order_by(audit.c.seq.desc()).limit(bindparam("limit")).offset(bindparam("offset"))

_DONE: Final = (
    select(audit.c.at, audit.c.actor, audit.c.subject)
    .where(audit.c.action == bindparam("action"), audit.c.at >= bindparam("since"))
    .order_by(audit.c.seq.desc())
)
_NUMBER: Final = select(func.max(audit.c.seq))
_SINCE: Final = (
    select(audit.c.seq)
    .where(audit.c.seq > bindparam("number"), audit.c.action.in_(bindparam("actions", expanding=True)))
    .limit(1)
)
_DONE_TO: Final = _DONE.where(audit.c.subject.in_(bindparam("subjects", expanding=True)))


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One audited act. `actor` is a person's id or `console`; `subject` is what it was done to.

    Where `detail` is damaged, it is empty.
    """

    seq: int
    at: datetime
    actor: str
    action: str
    subject: str
    detail: dict[str, Any]


@dataclass(frozen=True, slots=True)
class TrailFault:
    """What was done to the trail by somebody without the key.

    Attributes:
        kind: `changed`: a row that does not fit, or before which one is missing; `cut`: rows are missing at the end, or
            the head is; `emptied`: rows are missing at the beginning, and others were written since.
        row: the number of the first row that does not fit, or after which rows are missing.
        at: the moment of the newest row that was written, as far as that is known.
    """

    kind: Literal["changed", "cut", "emptied"]
    row: int
    at: datetime | None = None


class Audit(Store):
    """The audit trail.

    The hash chain is keyed: without the key, even somebody who can write to the database cannot change, add, move or
    remove a row unnoticed. An older state of the whole database, put back, is found by the backups made since.
    """

    __slots__ = ()

    def add(self, actor: UUID | str, action: str, subject: UUID | str, detail: dict[str, Any]) -> None:
        """Record that `actor` (a person's id, or `console`) did something to `subject`, as of this unit's moment.

        What was done about alerts and requests is sealed whole: the row itself says that something was noted.
        """
        if action.startswith(_UNTOLD):
            detail = {**detail, NOTED: [str(actor), action, str(subject)]}
            actor, action, subject = "hilo", NOTED, ""
        serialise(self._tx.connection, "audit")
        previous, headed = self._newest()
        # The row has no number yet, so it is sealed for the hash of the row before it, which is unique.
        sealed = self._tx.vault.organisation_key.seal(to_json(detail), "audit", "detail", previous.hex())
        row = (to_minute(self._tx.now), str(actor), action, str(subject), sealed)
        fresh = self._tx.vault.chain(_hashed(previous, *row))
        self._execute(
            _ADD,
            {
                **dict(zip(("at", "actor", "action", "subject", "detail"), row, strict=True)),
                "previous": previous,
                "hash": fresh,
            },
        )
        if headed:
            self._execute(_MOVE, {"sealed": self._sealed_head(fresh)})
        elif previous == _START:
            self._execute(_BEGIN, {"id": _HEAD_ID, "head": self._sealed_head(fresh)})

    def unbegun(self) -> bool:
        """Return whether `begin` has something to do."""
        record = Organisation(self._tx).stored()
        return bool(record and BEGUN not in record)

    def begin(self) -> bool:
        """Give a trail its head, once: from then on a missing head is a fault; return whether it was done now.

        The organisation's record keeps since when. As long as the record is empty or damaged, nothing is done.
        """
        if not self.unbegun():
            return False
        serialise(self._tx.connection, "audit")
        newest = self._execute(_LAST).scalar()
        if newest is not None and self._head() is None:
            self._execute(_BEGIN, {"id": _HEAD_ID, "head": self._sealed_head(newest)})
        self.add("hilo", "audit.begun", "organisation", {})
        Organisation(self._tx).note(**{BEGUN: to_minute(self._tx.now).isoformat()})
        return True

    def verify(self) -> TrailFault | None:
        """Verify the whole trail; return the first fault, or None.

        Once a row was hashed with a newer key, a former key's hash counts no more: whoever has old words adds nothing.
        """
        expected, oldest, first, last = _START, None, None, 0
        for seq, at, actor, action, subject, sealed, previous, found in self._stream():
            age = self._tx.vault.chained_by(_hashed(previous, at, actor, action, subject, sealed), found)
            if previous != expected or age is None or (oldest is not None and age > oldest):
                return TrailFault("changed", int(seq))
            expected, oldest, first, last = found, age, first or at, int(seq)
        return self._cut(expected, first, last)

    def _cut(self, newest: bytes, first: datetime | None, last: int) -> TrailFault | None:
        """Return the fault of a trail whose rows fit, of which the newest has this hash and the first this moment."""
        begun = (Organisation(self._tx).stored() or {}).get(BEGUN)
        found = self._head()
        if found is None:
            return TrailFault("cut", last) if begun else None
        hash_, at = found
        if hash_ != newest:
            return TrailFault("cut", last, at)
        if begun and first is not None and first > datetime.fromisoformat(begun):
            return TrailFault("emptied", last, at)
        return None

    def holds(self, seq: int, hash_: bytes) -> bool:
        """Return whether a row is there as it was: what a backup noted of its trail's newest row."""
        return bool(self._execute(_HASH_OF, {"seq": seq}).scalar() == hash_)

    def count(self) -> int:
        """Count the entries."""
        return int(self._execute(_COUNT).scalar() or 0)

    def list(self, limit: int = 100, offset: int = 0) -> list[AuditEntry]:
        """List the newest entries, the newest first, after leaving out as many as `offset`."""
        key, found = self._tx.vault.organisation_key, []
        rows = self._execute(_PAGE, {"limit": limit, "offset": offset})
        for seq, at, *told, sealed, previous, _ in rows:
            opened = self._tx.opened(key, sealed, "audit", "detail", previous.hex(), number=seq)
            detail = {} if opened is None else from_json(opened)
            actor, action, subject = detail.pop(NOTED, told) if told[1] == NOTED else told
            found.append(AuditEntry(seq, at, actor, action, subject, detail))
        return found

    def done(
        self, action: str, since: datetime, subjects: Collection[str] | None = None
    ) -> Sequence[tuple[datetime, str, str]]:
        """List who did an action since a moment, as (moment, actor, subject), the newest first.

        With `subjects`, only what was done to these; None means any. What only the key tells is not found.
        """
        if subjects is None:
            rows: Iterable[Any] = self._execute(_DONE, {"action": action, "since": since})
        else:
            parameters = {"action": action, "since": since, "subjects": [*subjects]}
            rows = self._tx.connection.execute(_DONE_TO, parameters)
        return [(at, actor, subject) for at, actor, subject in rows]

    def number(self) -> int:
        """Return the number of the newest entry, 0 where there is none."""
        return self._execute(_NUMBER).scalar() or 0

    def any_after(self, number: int, actions: Collection[str]) -> bool:
        """Return whether any of these actions was done after an entry of this number."""
        rows = self._tx.connection.execute(_SINCE, {"number": number, "actions": [*actions]})
        return rows.first() is not None

    def _newest(self) -> tuple[bytes, bool]:
        """Return the hash that the next row covers, and whether there is a head.

        It is the head's, not that of the newest row there is: once rows were cut off, none fits any more.
        """
        found = self._head()
        if found is None:
            return self._execute(_LAST).scalar() or _START, False
        return found[0] or _START, True

    def _head(self) -> tuple[bytes, datetime | None] | None:
        """Return the hash and the moment of the newest row as the head has them; None without a head.

        A head that does not open, or that a former key sealed though no rotation is under way, has a hash that no row
        has.
        """
        sealed = self._execute(_HEAD).scalar()
        if sealed is None:
            return None
        key = self._tx.vault.organisation_key
        try:
            opened = from_json(key.open(sealed, "audit_head", "head", str(_HEAD_ID)))
        except DecryptionError:
            return b"", None
        if sealed.startswith(tuple(key.former_heads)) and not self._execute(_ROTATING).scalar():
            return b"", None
        return bytes.fromhex(opened["hash"]), datetime.fromisoformat(opened["at"])

    def _sealed_head(self, hash_: bytes) -> bytes:
        content = to_json({"hash": hash_.hex(), "at": self._tx.now.isoformat()})
        return self._tx.vault.organisation_key.seal(content, "audit_head", "head", str(_HEAD_ID))

    def _stream(self) -> Iterator[Any]:
        with self._tx.connection.execute(_ALL, execution_options={"yield_per": 500}) as rows:
            yield from rows


def _hashed(previous: bytes, at: datetime, *fields: str | bytes) -> bytes:
    parts = [previous, at.astimezone(UTC).isoformat().encode()]
    parts += [field.encode() if isinstance(field, str) else field for field in fields]
    # Each part is preceded by its length, so that no two different rows give the same bytes.
    return b"".join(len(part).to_bytes(4) + part for part in parts)
