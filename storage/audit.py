"""The audit trail: who did what, and when. Append-only; each row's hash covers the one before it."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import bindparam, func, insert, select

from storage.database import serialise
from storage.store import Store, from_json, to_json
from storage.tables import audit

_START: Final = bytes(32)
_ADD: Final = insert(audit).inline()
_LAST: Final = select(audit.c.hash).order_by(audit.c.seq.desc()).limit(1)
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
_NEWEST: Final = select(*_COLUMNS).order_by(audit.c.seq.desc()).limit(bindparam("limit"))

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


class Audit(Store):
    """The audit trail.

    The hash chain is keyed: without the key, even somebody who can write to the database cannot change, add, move or
    remove a row unnoticed. Only rows cut off at the end leave no trace.
    """

    __slots__ = ()

    def add(self, actor: UUID | str, action: str, subject: UUID | str, detail: dict[str, Any]) -> None:
        """Record that `actor` (a person's id, or `console`) did something to `subject`, as of this unit's moment."""
        serialise(self._tx.connection, "audit")
        previous = self._execute(_LAST).scalar() or _START
        # The row has no number yet, so it is sealed for the hash of the row before it, which is unique.
        sealed = self._tx.vault.organisation_key.seal(to_json(detail), "audit", "detail", previous.hex())
        row = (self._tx.now, str(actor), action, str(subject), sealed)
        self._execute(
            _ADD,
            {
                **dict(zip(("at", "actor", "action", "subject", "detail"), row, strict=True)),
                "previous": previous,
                "hash": self._tx.vault.chain(_hashed(previous, *row)),
            },
        )

    def verify(self) -> int | None:
        """Verify the whole trail; return the number of the first row that was changed, or None.

        Once a row was hashed with a newer key, a former key's hash counts no more: whoever has old words adds nothing.
        """
        expected, oldest = _START, None
        for seq, at, actor, action, subject, sealed, previous, found in self._stream():
            age = self._tx.vault.chained_by(_hashed(previous, at, actor, action, subject, sealed), found)
            if previous != expected or age is None or (oldest is not None and age > oldest):
                return int(seq)
            expected, oldest = found, age
        return None

    def list(self, limit: int = 100) -> list[AuditEntry]:
        """List the newest entries, the newest first."""
        key, found = self._tx.vault.organisation_key, []
        for seq, at, actor, action, subject, sealed, previous, _ in self._execute(_NEWEST, {"limit": limit}):
            detail = self._tx.opened(key, sealed, "audit", "detail", previous.hex(), number=seq)
            found.append(AuditEntry(seq, at, actor, action, subject, {} if detail is None else from_json(detail)))
        return found

    def done(
        self, action: str, since: datetime, subjects: Collection[str] | None = None
    ) -> Sequence[tuple[datetime, str, str]]:
        """List who did an action since a moment, as (moment, actor, subject), the newest first.

        With `subjects`, only what was done to these; None means any.
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

    def _stream(self) -> Iterator[Any]:
        with self._tx.connection.execute(_ALL, execution_options={"yield_per": 500}) as rows:
            yield from rows


def _hashed(previous: bytes, at: datetime, *fields: str | bytes) -> bytes:
    parts = [previous, at.astimezone(UTC).isoformat().encode()]
    parts += [field.encode() if isinstance(field, str) else field for field in fields]
    # Each part is preceded by its length, so that no two different rows give the same bytes.
    return b"".join(len(part).to_bytes(4) + part for part in parts)
