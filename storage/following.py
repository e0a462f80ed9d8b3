"""How far a broadcast has come, person by person: computed from the rows, so no counts have to be kept.

Every person of a broadcast has exactly one standing: `finished`; `halfway` (answered something); `waiting` (a message
was sent, nothing answered); `declined` (stopped the run, or left Hilo); `unfinished` (it was closed before they
finished); `queued` (not sent yet); `unreachable` (could not be sent); `skipped` (not sent: they paused, or left
before); `cancelled` (not sent: the broadcast was cancelled).
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, bindparam, case, exists, func, literal_column, or_, select, update

from storage.database import written
from storage.people import LONG_AGO
from storage.sealed_statements import Verified
from storage.store import Store
from storage.tables import answers, broadcasts, deliveries, memberships, outbox, people, runs

_PENDING: Final = ("halfway", "waiting", "queued")
_SENT: Final = ("finished", "halfway", "waiting", "declined", "unfinished")
_ORDER: Final = (
    "halfway",
    "waiting",
    "queued",
    "unfinished",
    "unreachable",
    "skipped",
    "cancelled",
    "declined",
    "finished",
)


@dataclass(frozen=True, slots=True)
class Progress:
    """How many people of a broadcast are in each standing."""

    finished: int = 0
    halfway: int = 0
    waiting: int = 0
    declined: int = 0
    unfinished: int = 0
    queued: int = 0
    unreachable: int = 0
    skipped: int = 0
    cancelled: int = 0

    @property
    def people(self) -> int:
        """How many people the broadcast was for."""
        return sum(getattr(self, name) for name in _ORDER)

    @property
    def sent(self) -> int:
        """To how many people a message of it was sent."""
        return sum(getattr(self, name) for name in _SENT)

    @property
    def open(self) -> int:
        """How many people may still finish."""
        return sum(getattr(self, name) for name in _PENDING)


@dataclass(frozen=True, slots=True)
class Missing:
    """A person of a broadcast who has not finished.

    Attributes:
        person_id: the person.
        standing: see the module.
        reason: why the delivery was skipped, as a code.
        due_at: when the delivery is (or was) due.
        participation: the person's participation now.
        run_id: their run, if one was begun.
        status: the run's status.
        resume_at: when the run speaks up again by itself.
        started_at: when the run was begun.
        answered_at: when they last answered something.
    """

    person_id: UUID
    standing: str
    reason: str | None
    due_at: datetime
    participation: str
    run_id: UUID | None
    status: str | None
    resume_at: datetime | None
    started_at: datetime | None
    answered_at: datetime | None


# Written literally, not bound: a partial index is used only for a condition it can see.
_DUE: Final = deliveries.c.state == literal_column("'due'")
_UNFINISHED: Final = runs.c.status.in_(written("offered", "open", "postponed"))
_ANSWERED: Final = exists().where(answers.c.run_id == runs.c.id)
_HAS_LEFT: Final = people.c.participation == literal_column("'left'")


def _said(*states: str) -> Any:
    return exists().where(outbox.c.run_id == runs.c.id, outbox.c.state.in_(written(*states)))


def _word(standing: str) -> Any:
    return literal_column(f"'{standing}'")


def _standing(left: ColumnElement[bool]) -> Any:
    """Build the standing of a delivery; `left` is whether its person has left."""
    return case(
        (
            deliveries.c.state == literal_column("'skipped'"),
            case(
                (deliveries.c.reason.in_(written("unreachable", "no_address")), _word("unreachable")),
                (deliveries.c.reason == literal_column("'cancelled'"), _word("cancelled")),
                # Who wanted none of it today had got it; that it was their own wish is not told.
                (and_(deliveries.c.reason == literal_column("'today'"), _said("sent", "unknown")), _word("unfinished")),
                else_=_word("skipped"),
            ),
        ),
        (_DUE, _word("queued")),
        (runs.c.status == literal_column("'completed'"), _word("finished")),
        (
            and_(~_said("sent", "unknown"), ~_ANSWERED),
            case(
                (_said("gone", "failed"), _word("unreachable")),
                (_UNFINISHED, _word("queued")),
                else_=_word("skipped"),
            ),
        ),
        (
            or_(
                runs.c.status == literal_column("'stopped'"),
                and_(runs.c.status == literal_column("'expired'"), left),
            ),
            _word("declined"),
        ),
        (runs.c.status == literal_column("'expired'"), _word("unfinished")),
        (_ANSWERED, _word("halfway")),
        else_=_word("waiting"),
    )


_OF_BROADCAST: Final = deliveries.c.broadcast_id == bindparam("broadcast")
EACH: Final = (
    select(
        deliveries.c.id,
        deliveries.c.person_id,
        _standing(_HAS_LEFT).label("standing"),
        deliveries.c.reason,
        deliveries.c.due_at,
        people.c.participation,
        runs.c.id.label("run_id"),
        runs.c.status,
        runs.c.resume_at,
        runs.c.started_at,
    )
    .select_from(
        deliveries.join(people, people.c.id == deliveries.c.person_id).outerjoin(
            runs, runs.c.delivery_id == deliveries.c.id
        )
    )
    .where(_OF_BROADCAST)
    .subquery("each_one")
)
# Without the people, who lie anywhere among all there are: a panel asks this each half minute.
_ALL: Final = (
    select(_standing(exists().where(people.c.id == deliveries.c.person_id, _HAS_LEFT)).label("standing"))
    .select_from(deliveries.outerjoin(runs, runs.c.delivery_id == deliveries.c.id))
    .where(_OF_BROADCAST)
    .subquery("each_one")
)
_PROGRESS: Final = select(_ALL.c.standing, func.count()).group_by(_ALL.c.standing)


def _missing() -> Select[Any]:
    rank = case(*((EACH.c.standing == _word(name), place) for place, name in enumerate(_ORDER)), else_=len(_ORDER))
    page = (
        select(*EACH.c, rank.label("rank"))
        .where(EACH.c.standing != _word("finished"))
        .order_by(rank, EACH.c.id)
        .limit(bindparam("limit"))
        .offset(bindparam("offset"))
        .subquery("page")
    )
    answered = (
        select(answers.c.answered_at)
        .where(answers.c.run_id == page.c.run_id)
        .order_by(answers.c.seq.desc())
        .limit(1)
        .correlate(page)
    ).scalar_subquery()
    found = select(
        page.c.person_id,
        page.c.standing,
        page.c.reason,
        page.c.due_at,
        page.c.participation,
        page.c.run_id,
        page.c.status,
        page.c.resume_at,
        page.c.started_at,
        answered,
    )
    return found.join(deliveries, deliveries.c.id == page.c.id).order_by(page.c.rank, page.c.id)


_MISSING: Final = Verified(_missing(), deliveries)
# People who may be reminded: it was sent to them, they have not finished, they take part, and they did not ask for
# another time.
_WILLING: Final = (
    runs.c.broadcast_id == bindparam("broadcast"),
    _UNFINISHED,
    runs.c.resume_at.is_(None),
    exists().where(people.c.id == runs.c.person_id, people.c.participation == literal_column("'active'")),
    exists().where(
        memberships.c.person_id == runs.c.person_id,
        memberships.c.cohort_id == runs.c.cohort_id,
        memberships.c.left_at.is_(None),
    ),
    _said("sent", "unknown"),
)
_REMINDABLE: Final = select(func.count()).select_from(runs).where(*_WILLING)
_SPEAK_UP: Final = update(runs).where(*_WILLING).values(resume_at=bindparam("at"))
_REMINDED: Final = (
    update(broadcasts)
    .where(
        broadcasts.c.id == bindparam("broadcast"), broadcasts.c.reminded_at.is_(None), broadcasts.c.closed_at.is_(None)
    )
    .values(reminded_at=bindparam("at"))
)
_END: Final = (
    update(runs).where(runs.c.broadcast_id == bindparam("broadcast"), _UNFINISHED).values(resume_at=bindparam("at"))
)
_CLOSED_LATELY: Final = select(broadcasts.c.id).where(broadcasts.c.closed_at >= bindparam("since"))
_STILL: Final = (
    update(runs)
    .where(runs.c.broadcast_id.in_(_CLOSED_LATELY), _UNFINISHED, runs.c.resume_at.is_(None))
    .values(resume_at=bindparam("at"))
)
_OVER: Final = (
    select(broadcasts.c.closed_at, deliveries.c.closes_at)
    .select_from(runs)
    .outerjoin(broadcasts, broadcasts.c.id == runs.c.broadcast_id)
    .outerjoin(deliveries, deliveries.c.id == runs.c.delivery_id)
    .where(
        runs.c.id == bindparam("run"),
        or_(
            broadcasts.c.closed_at.is_not(None),
            deliveries.c.state == literal_column("'skipped'"),
            deliveries.c.closes_at <= bindparam("now"),
        ),
    )
)
# Runs that have begun, but of which nothing has been sent yet.
_UNSENT: Final = (
    runs.c.broadcast_id == bindparam("broadcast"),
    _UNFINISHED,
    ~_said("sending", "sent", "unknown", "gone", "failed"),
    ~_ANSWERED,
)
_WITHDRAW: Final = (
    update(deliveries)
    .where(
        deliveries.c.state == literal_column("'started'"),
        deliveries.c.id.in_(select(runs.c.delivery_id).where(*_UNSENT)),
    )
    .values(state="skipped", reason="cancelled")
)
_WITHDRAWN: Final = runs.c.delivery_id == deliveries.c.id, deliveries.c.state == literal_column("'skipped'")
_END_WITHDRAWN: Final = (
    update(runs)
    .where(runs.c.broadcast_id == bindparam("broadcast"), _UNFINISHED, exists().where(*_WITHDRAWN))
    .values(resume_at=bindparam("at"))
)
_UNSAY: Final = (
    update(outbox)
    .where(
        outbox.c.state == literal_column("'queued'"),
        outbox.c.run_id.in_(
            select(runs.c.id).where(runs.c.broadcast_id == bindparam("broadcast"), exists().where(*_WITHDRAWN))
        ),
    )
    .values(state="dropped", reason="cancelled", body=None, due_at=outbox.c.created_at, sent_at=None)
)
_GOING_OUT: Final = (
    select(broadcasts.c.id, func.count())
    .join(deliveries, deliveries.c.broadcast_id == broadcasts.c.id)
    .where(
        _DUE,
        broadcasts.c.cancelled_at.is_(None),
        broadcasts.c.cohort_id.in_(bindparam("cohorts", expanding=True)),
    )
    .group_by(broadcasts.c.id, broadcasts.c.due_at)
    .order_by(broadcasts.c.due_at, broadcasts.c.id)
)
_PAGE: Final = (
    select(broadcasts.c.id)
    .where(broadcasts.c.cohort_id.in_(bindparam("cohorts", expanding=True)))
    .order_by(broadcasts.c.ordered_at.desc(), broadcasts.c.id.desc())
    .limit(bindparam("limit"))
    .offset(bindparam("offset"))
)


class ProgressQueries(Store):
    """Progress of broadcasts, and which of their people may still be reminded."""

    __slots__ = ()

    def progress(self, broadcast_id: UUID) -> Progress:
        """Count a broadcast's people by standing."""
        return Progress(**dict(self._execute(_PROGRESS, {"broadcast": broadcast_id})))

    def missing(self, broadcast_id: UUID, limit: int, offset: int = 0) -> list[Missing]:
        """List who has not finished, by standing (halfway first, declined last), then by delivery."""
        parameters = {"broadcast": broadcast_id, "limit": limit, "offset": offset}
        return [Missing(*row) for row in self._execute(_MISSING, parameters)]

    def page(self, cohort_ids: Collection[UUID], limit: int, offset: int = 0) -> list[UUID]:
        """List the broadcasts of some cohorts, the newest first."""
        parameters = {"cohorts": [*cohort_ids], "limit": limit, "offset": offset}
        return list(self._tx.connection.execute(_PAGE, parameters).scalars())

    def going_out(self, cohort_ids: Collection[UUID]) -> list[tuple[UUID, int]]:
        """List the broadcasts of some cohorts that are still being sent, with how many are left, the soonest first."""
        found = self._tx.connection.execute(_GOING_OUT, {"cohorts": [*cohort_ids]})
        return [(id_, int(number)) for id_, number in found]

    def remindable(self, broadcast_id: UUID) -> int:
        """Count who may be reminded now: not those who paused, left, stopped or asked for a later time."""
        return int(self._execute(_REMINDABLE, {"broadcast": broadcast_id}).scalar())

    def remind(self, broadcast_id: UUID) -> int | None:
        """Make runs of those who may be reminded speak up once; return how many, or None if done before."""
        parameters = {"broadcast": broadcast_id, "at": self._tx.now}
        if not self._execute(_REMINDED, parameters).rowcount:
            return None
        return self._execute(_SPEAK_UP, parameters).rowcount

    def withdraw(self, broadcast_id: UUID) -> int:
        """Take back what was begun but not sent, once the broadcast is cancelled; return for how many people."""
        count = self._execute(_WITHDRAW, {"broadcast": broadcast_id}).rowcount
        if count:
            self._execute(_UNSAY, {"broadcast": broadcast_id})
            self._execute(_END_WITHDRAWN, {"broadcast": broadcast_id, "at": self._tx.now})
        return count

    def end(self, broadcast_id: UUID) -> int:
        """Make every unfinished run of a closed broadcast due, so that it is ended; return how many."""
        return self._execute(_END, {"broadcast": broadcast_id, "at": self._tx.now}).rowcount

    def end_again(self, since: datetime) -> int:
        """Do the same for broadcasts closed since a moment: somebody may have answered while one was being closed."""
        return self._execute(_STILL, {"since": since, "at": self._tx.now}).rowcount

    def over_since(self, run_id: UUID) -> datetime | None:
        """Return since when a run is over: its broadcast was closed, or its window ended; long ago: it was withdrawn.

        None: it goes on.
        """
        found = self._execute(_OVER, {"run": run_id, "now": self._tx.now}).first()
        if found is None:
            return None
        return min((moment for moment in found if moment is not None and moment <= self._tx.now), default=LONG_AGO)
