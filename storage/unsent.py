"""Unsent messages, which were not sent or may not have been, and what the team decides about them.

Such a row keeps its words, sealed, for as long as it can be sent again; a row without words is decided.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Boolean, Select, bindparam, exists, func, literal_column, or_, select, update

from storage.database import written
from storage.sealed_statements import Verified
from storage.tables import memberships, outbox, people, person_keys, runs
from storage.thread import Thread, body_of
from storage.vault import DecryptionError

RESENT: Final = "resent"
LEFT: Final = "left"


@dataclass(frozen=True, slots=True)
class UnsentRow:
    """A message that was not sent, or may not have been.

    Attributes:
        seq: its number in the outbox.
        id: the row's id, used in the audit trail.
        person_id: the recipient; None for someone who is not a person here.
        messenger: the adapter's name.
        lane: as in the outbox.
        run_id: the run it belongs to.
        prompt: the prompt it shows.
        repeatable: as in the outbox.
        known: True if it certainly was not sent, False if it may have been.
        at: when it was last tried.
        current_prompt: the newest prompt of its run.
        run_status: the status of its run.
        participation: the person's participation.
        chat: the address in the messenger's own terms; empty like `body`.
        body: its content; empty where no key opens it any more, or it is damaged.
    """

    seq: int
    id: UUID
    person_id: UUID | None
    messenger: str
    lane: int
    run_id: UUID | None
    prompt: int | None
    repeatable: bool
    known: bool
    at: datetime
    current_prompt: int | None
    run_status: str | None
    participation: str | None
    chat: str
    body: dict[str, Any]


# Written literally, not bound: a partial index is used only for a condition it can see.
_UNDECIDED: Final = (
    outbox.c.state.in_(written("failed", "unknown")),
    outbox.c.body.is_not(None),
    outbox.c.kind == literal_column("'message'"),
)
# Nothing is to be done about what was answered, what is over, or people who cannot be written to.
_STILL: Final = (
    or_(
        people.c.id.is_(None),
        people.c.participation.not_in(written("unreachable", "left", "declined")),
    ),
    or_(
        outbox.c.prompt.is_(None),
        runs.c.id.is_(None),
        (runs.c.prompt <= outbox.c.prompt)
        & runs.c.status.in_(written("offered", "open", "postponed"))
        & (people.c.participation != literal_column("'paused'")),
    ),
)
_MEMBER: Final = (memberships.c.person_id == outbox.c.person_id, memberships.c.left_at.is_(None))
_REACH: Final = or_(
    exists().where(*_MEMBER, memberships.c.cohort_id.in_(bindparam("cohorts", expanding=True))),
    bindparam("everywhere", type_=Boolean) & ~exists().where(*_MEMBER),
)
_FROM: Final = outbox.outerjoin(people, people.c.id == outbox.c.person_id).outerjoin(runs, runs.c.id == outbox.c.run_id)
_AT: Final = func.coalesce(outbox.c.sent_at, outbox.c.created_at)


def _rows() -> Select[Any]:
    return select(
        outbox.c.seq,
        outbox.c.id,
        outbox.c.person_id,
        outbox.c.messenger,
        outbox.c.lane,
        outbox.c.run_id,
        outbox.c.prompt,
        outbox.c.repeatable,
        outbox.c.state,
        _AT,
        runs.c.prompt,
        runs.c.status,
        people.c.participation,
        outbox.c.body,
        outbox.c.day,
        person_keys.c.wrapped,
    ).select_from(_FROM.outerjoin(person_keys, person_keys.c.person_id == outbox.c.person_id))


_LIST: Final = (
    _rows()
    .where(*_UNDECIDED, *_STILL, _REACH)
    .order_by(outbox.c.seq.desc())
    .limit(bindparam("limit"))
    .offset(bindparam("offset"))
)
_GET: Final = _rows().where(*_UNDECIDED, outbox.c.seq == bindparam("row"))
_COUNT: Final = select(func.count()).select_from(_FROM).where(*_UNDECIDED, *_STILL, _REACH)
_SEQS: Final = select(outbox.c.seq).select_from(_FROM).where(*_UNDECIDED, *_STILL, _REACH)
_TOTALS: Final = (
    select(outbox.c.state, func.count()).select_from(_FROM).where(*_UNDECIDED, *_STILL).group_by(outbox.c.state)
)
_COHORTS: Final = Verified(
    select(memberships.c.cohort_id).where(
        memberships.c.person_id == bindparam("person_id"), memberships.c.left_at.is_(None)
    ),
    memberships,
)
_DECIDE: Final = (
    update(outbox)
    .where(*_UNDECIDED, outbox.c.seq == bindparam("row"))
    .values(body=None, state=bindparam("as_state"), reason=bindparam("why"))
)


class Unsent(Thread):
    """Unsent messages, until they are sent again or left."""

    __slots__ = ()

    def page(self, cohort_ids: Collection[UUID], limit: int, offset: int = 0, *, everywhere: bool) -> list[UnsentRow]:
        """List what is undecided about people of some cohorts, the newest first.

        With `everywhere` also about people of no cohort, and strangers.
        """
        asked = {**_scope(cohort_ids, everywhere=everywhere), "limit": limit, "offset": offset}
        found = self._opened(self._tx.connection.execute(_LIST, asked))
        within = {*cohort_ids}
        return [row for row in found if self._is_in(row.person_id, within, everywhere=everywhere)]

    def _is_in(self, person_id: UUID | None, cohort_ids: set[UUID], *, everywhere: bool) -> bool:
        """Return whether somebody is in one of some cohorts by memberships whose seals fit."""
        if person_id is None:
            return everywhere
        theirs = {*self._execute(_COHORTS, {"person_id": person_id}).scalars()}
        return not theirs.isdisjoint(cohort_ids) or (everywhere and not theirs)

    def count(self, cohort_ids: Collection[UUID], *, everywhere: bool) -> int:
        """Count what `page` lists without a limit."""
        found = self._tx.connection.execute(_COUNT, _scope(cohort_ids, everywhere=everywhere))
        return int(found.scalar() or 0)

    def seqs(self, cohort_ids: Collection[UUID], *, everywhere: bool) -> list[int]:
        """Return the numbers of what `page` lists without a limit."""
        return [*self._tx.connection.execute(_SEQS, _scope(cohort_ids, everywhere=everywhere)).scalars()]

    def totals(self) -> tuple[int, int]:
        """Count what certainly was not sent, and what may have been, in all cohorts and still undecided."""
        found = {state: int(number) for state, number in self._execute(_TOTALS)}
        return found.get("failed", 0), found.get("unknown", 0)

    def get(self, seq: int) -> UnsentRow | None:
        """Return an undecided message by its number, or None."""
        return next(iter(self._opened(self._execute(_GET, {"row": seq}))), None)

    def decide(self, row: UnsentRow, decision: str) -> bool:
        """Decide about a message and erase its words; return False when somebody else did before.

        A message sent again in another row counts as not sent in this one; one that may have been seen stays `unknown`.
        """
        state = "unknown" if not row.known else "dropped" if decision == RESENT else "failed"
        done = self._execute(_DECIDE, {"row": row.seq, "as_state": state, "why": decision})
        self._tx.erasing = True
        return bool(done.rowcount)

    def _opened(self, found: Iterable[Any]) -> list[UnsentRow]:
        return [self._open(*row) for row in found]

    def _open(self, *row: Any) -> UnsentRow:
        seq, id_, person_id, *rest, body, day, wrapped = row
        chat, words = "", {}
        try:
            key = self._key(day, person_id, wrapped)
            if key is not None:
                chat, said = body_of(self._tx, key.open(body, "outbox", "body", id_.hex), id_)
                words = said or {}
        except DecryptionError:
            pass  # damaged: it is listed, and can only be left
        messenger, lane, run_id, prompt, repeatable, state, at, current, status, participation = rest
        return UnsentRow(
            seq=seq,
            id=id_,
            person_id=person_id,
            messenger=messenger,
            lane=lane,
            run_id=run_id,
            prompt=prompt,
            repeatable=repeatable,
            known=state == "failed",
            at=at,
            current_prompt=current,
            run_status=status,
            participation=participation,
            chat=chat,
            body=words,
        )


def _scope(cohort_ids: Collection[UUID], *, everywhere: bool) -> dict[str, Any]:
    return {"cohorts": [*cohort_ids], "everywhere": everywhere}
