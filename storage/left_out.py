"""What people left out themselves of what comes back to them: they were asked, or were to be, and said not today."""

from typing import Final, cast
from uuid import UUID

from sqlalchemy import bindparam, exists, literal_column, select, update

from storage.store import Store
from storage.tables import broadcasts, deliveries, runs

_OF_RUN: Final = deliveries.c.id == select(runs.c.delivery_id).where(runs.c.id == bindparam("run")).scalar_subquery()
_LEAVE_OUT: Final = (
    update(deliveries)
    .where(_OF_RUN, deliveries.c.state == literal_column("'started'"))
    .values(state="skipped", reason=bindparam("why"))
)
_LEFT_OUT: Final = (
    select(runs.c.id)
    .select_from(
        runs.join(deliveries, deliveries.c.id == runs.c.delivery_id).join(
            broadcasts, broadcasts.c.id == deliveries.c.broadcast_id
        )
    )
    .where(
        broadcasts.c.schedule_id == bindparam("schedule"),
        deliveries.c.person_id == bindparam("person"),
        deliveries.c.state == literal_column("'skipped'"),
        deliveries.c.reason == bindparam("why"),
        deliveries.c.closes_at > bindparam("now"),
    )
    .order_by(broadcasts.c.occurs_on.desc())
    .limit(1)
)
_PUT_BACK: Final = (
    update(deliveries)
    .where(_OF_RUN, deliveries.c.state == literal_column("'skipped'"))
    .values(state="started", reason=None)
)
_SKIPPED_AHEAD: Final = (
    deliveries.c.person_id == bindparam("person"),
    deliveries.c.broadcast_id.in_(select(broadcasts.c.id).where(broadcasts.c.schedule_id == bindparam("schedule"))),
    deliveries.c.state == literal_column("'skipped'"),
    deliveries.c.reason == bindparam("why"),
    deliveries.c.closes_at > bindparam("now"),
    ~exists().where(runs.c.delivery_id == deliveries.c.id),
)
_COMES_AFTER_ALL: Final = update(deliveries).where(*_SKIPPED_AHEAD).values(state="due", reason=None)


class LeftOut(Store):
    """What people left out."""

    __slots__ = ()

    def leave_out(self, run_id: UUID, reason: str) -> None:
        """Skip the delivery of a run that has begun, as its person wished."""
        self._execute(_LEAVE_OUT, {"run": run_id, "why": reason})

    def newest(self, schedule_id: UUID, person_id: UUID, reason: str) -> UUID | None:
        """Return the run of a person's last occurrence that was left out and may still be answered, or None."""
        facts = {"schedule": schedule_id, "person": person_id, "why": reason, "now": self._tx.now}
        return cast("UUID | None", self._execute(_LEFT_OUT, facts).scalar())

    def put_back(self, run_id: UUID) -> None:
        """Take back that the delivery of a run was skipped."""
        self._execute(_PUT_BACK, {"run": run_id})

    def comes_after_all(self, schedule_id: UUID, person_id: UUID, reason: str) -> bool:
        """Make due again what was left out before it began and may still be answered; return whether there was any."""
        facts = {"schedule": schedule_id, "person": person_id, "why": reason, "now": self._tx.now}
        return bool(self._execute(_COMES_AFTER_ALL, facts).rowcount)
