"""What people asked of the team (support, a call, to talk in person), until one of the team notes that it was done.

A row has the keyed hash of what it is: in the clear it would tell what somebody chose.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import bindparam, func, insert, select

from storage.sealed_statements import Change, Verified
from storage.store import Store
from storage.tables import answers, support_requests


@dataclass(frozen=True, slots=True)
class SupportRequest:
    """What one person asked for, in a run (`run_id`) or by a message (`message_id`), and who did it."""

    id: UUID
    person_id: UUID
    cohort_id: UUID | None
    kind: str
    run_id: UUID | None
    message_id: UUID | None
    asked_at: datetime
    done_at: datetime | None
    done_by: UUID | None


KINDS: Final = ("support", "call", "information", "in_person")
UNTOLD: Final = KINDS[0]
"""What the column `kind` says of every row."""
_ADD: Final = insert(support_requests)
_ALL: Final = select(
    support_requests.c.id,
    support_requests.c.person_id,
    support_requests.c.cohort_id,
    support_requests.c.kind,
    support_requests.c.run_id,
    support_requests.c.message_id,
    support_requests.c.asked_at,
    support_requests.c.done_at,
    support_requests.c.done_by,
    support_requests.c.asked_for,
).order_by(support_requests.c.asked_at, support_requests.c.id)
# Written exactly as in the index.
_OPEN: Final = Verified(_ALL.where(support_requests.c.done_at.is_(None)), support_requests)
_GET: Final = Verified(_ALL.where(support_requests.c.id == bindparam("id")), support_requests)
_OF: Final = Verified(_ALL.where(support_requests.c.person_id == bindparam("person_id")), support_requests)
_OPEN_IN: Final = Verified(
    _ALL.where(
        support_requests.c.person_id == bindparam("person_id"),
        support_requests.c.run_id == bindparam("in_run"),
        support_requests.c.done_at.is_(None),
    ),
    support_requests,
)
# A few of the first are enough: any of them tells that requests were noted by then.
_FIRST: Final = Verified(
    select(support_requests.c.run_id)
    .where(support_requests.c.run_id.is_not(None))
    .order_by(support_requests.c.asked_at)
    .limit(20),
    support_requests,
)
_NEWEST_OF: Final = (
    select(func.max(answers.c.seq))
    .where(answers.c.run_id.in_(bindparam("runs", expanding=True)))
    .group_by(answers.c.run_id)
)
_RUNS_IN: Final = select(support_requests.c.run_id).where(
    support_requests.c.run_id.is_not(None), support_requests.c.cohort_id == bindparam("cohort")
)
_RUNS: Final = select(support_requests.c.run_id).where(support_requests.c.run_id.in_(bindparam("runs", expanding=True)))
_MESSAGES: Final = select(support_requests.c.message_id).where(
    support_requests.c.message_id.in_(bindparam("messages", expanding=True))
)
_UNDONE_YET: Final = support_requests.c.id == bindparam("request"), support_requests.c.done_at.is_(None)
_CHANGED: Final = Change(support_requests, *_UNDONE_YET, asked_for=bindparam("what"))
_DONE: Final = Change(support_requests, *_UNDONE_YET, done_by=bindparam("by"), done_at=bindparam("now"))
_UNDONE: Final = Change(
    support_requests,
    support_requests.c.id == bindparam("request"),
    support_requests.c.done_at.is_not(None),
    done_by=None,
    done_at=None,
)


class SupportRequests(Store):
    """The support requests."""

    __slots__ = ()

    def add(
        self,
        id: UUID,  # noqa: A002 -- the column's own name
        person_id: UUID,
        cohort_id: UUID | None,
        kind: str,
        *,
        run_id: UUID | None = None,
        message_id: UUID | None = None,
    ) -> None:
        """Add a request: `support`, `call`, `information` or `in_person`."""
        row = {"id": id, "person_id": person_id, "cohort_id": cohort_id, "kind": UNTOLD, "asked_at": self._tx.now}
        about = {"run_id": run_id, "message_id": message_id, "asked_for": self._tx.vault.path_hash(id, kind)}
        self._execute(_ADD, {**row, **about})

    def get(self, id: UUID) -> SupportRequest | None:  # noqa: A002 -- the column's own name
        """Return a request, or None."""
        row = self._execute(_GET, {"id": id}).first()
        return row and self._told(row)

    def open(self) -> list[SupportRequest]:
        """List what is not done yet, the longest waiting first."""
        return [self._told(row) for row in self._execute(_OPEN, {})]

    def of(self, person_id: UUID) -> list[SupportRequest]:
        """List what a person asked for, the oldest first."""
        return [self._told(row) for row in self._execute(_OF, {"person_id": person_id})]

    def open_in(self, person_id: UUID, run_id: UUID) -> SupportRequest | None:
        """Return what a person asked for in a run, unless it is done."""
        row = self._execute(_OPEN_IN, {"person_id": person_id, "in_run": run_id}).first()
        return row and self._told(row)

    def in_runs(self, runs: Collection[UUID]) -> set[UUID]:
        """Return those runs in which something was asked for, done or not."""
        return set(self._tx.connection.execute(_RUNS, {"runs": list(runs)}).scalars()) if runs else set()

    def runs_in(self, cohort_id: UUID) -> list[UUID]:
        """List the runs of a cohort in which something was asked for, done or not."""
        return [*self._execute(_RUNS_IN, {"cohort": cohort_id}).scalars()]

    def noted_from(self) -> int | None:
        """Return the number of an answer from which on whatever was asked for is noted; None where nothing is.

        Earlier versions noted nothing. A request is written with the answer that makes it: whatever came after the
        answers of its run came to a version that notes it.
        """
        runs = [*self._execute(_FIRST, {}).scalars()]
        newest = self._tx.connection.execute(_NEWEST_OF, {"runs": runs}).scalars() if runs else ()
        return min(newest, default=None)

    def in_messages(self, messages: Collection[UUID]) -> set[UUID]:
        """Return those messages by which something was asked for, done or not."""
        found = self._tx.connection.execute(_MESSAGES, {"messages": list(messages)}) if messages else None
        return set(found.scalars()) if found is not None else set()

    def changed(self, id: UUID, kind: str) -> None:  # noqa: A002 -- the column's own name
        """Record that something else is asked for now, if it is not done yet."""
        self._execute(_CHANGED, {"request": id, "what": self._tx.vault.path_hash(id, kind)})

    def done(self, id: UUID, by: UUID) -> bool:  # noqa: A002 -- the column's own name
        """Record who did it; return False when somebody already had."""
        return self._execute(_DONE, {"request": id, "by": by, "now": self._tx.now}).rowcount > 0

    def undone(self, id: UUID) -> bool:  # noqa: A002 -- the column's own name
        """Open a request again; return False when it was open."""
        return self._execute(_UNDONE, {"request": id}).rowcount > 0

    def _told(self, row: Any) -> SupportRequest:
        *known, hashed = row
        found = SupportRequest(*known)
        hashes = {self._tx.vault.path_hash(found.id, kind): kind for kind in KINDS}
        return replace(found, kind=hashes.get(hashed, found.kind))
