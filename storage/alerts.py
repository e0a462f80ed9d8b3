"""Alerts: words of danger that were said, until one of the team has seen to them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, insert, select, update

from storage.store import Store
from storage.tables import alerts


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert: words of danger in an answer (`run_id`, `path`) or in a message (`message_id`)."""

    id: UUID
    person_id: UUID
    cohort_id: UUID | None
    run_id: UUID | None
    path: str | None
    message_id: UUID | None
    raised_at: datetime
    seen_by: UUID | None
    seen_at: datetime | None


_ADD: Final = insert(alerts)
_ALL: Final = select(
    alerts.c.id,
    alerts.c.person_id,
    alerts.c.cohort_id,
    alerts.c.run_id,
    alerts.c.path,
    alerts.c.message_id,
    alerts.c.raised_at,
    alerts.c.seen_by,
    alerts.c.seen_at,
).order_by(alerts.c.raised_at, alerts.c.id)
_OPEN: Final = _ALL.where(alerts.c.seen_at.is_(None))
# Not seen to, and not yet announced a second time.
_LATE: Final = _OPEN.where(alerts.c.repeated_at.is_(None), alerts.c.raised_at <= bindparam("before"))
_REPEATED: Final = update(alerts).where(alerts.c.id == bindparam("alert")).values(repeated_at=bindparam("now"))
_GET: Final = _ALL.where(alerts.c.id == bindparam("id"))
_ABOUT_ANSWER: Final = (
    select(alerts.c.id).where(alerts.c.run_id == bindparam("run_id"), alerts.c.path == bindparam("path")).limit(1)
)
_ABOUT_MESSAGE: Final = select(alerts.c.id).where(alerts.c.message_id == bindparam("message_id")).limit(1)
_SEEN: Final = (
    update(alerts)
    .where(alerts.c.id == bindparam("alert"), alerts.c.seen_at.is_(None))
    .values(seen_by=bindparam("by"), seen_at=bindparam("now"))
)
_LEFT: Final = (
    update(alerts)
    .where(alerts.c.id == bindparam("alert"), alerts.c.seen_by == bindparam("by"))
    .values(seen_by=None, seen_at=None)
)


class Alerts(Store):
    """The alerts."""

    __slots__ = ()

    def add(
        self,
        id: UUID,  # noqa: A002 -- the column's own name
        person_id: UUID,
        cohort_id: UUID | None,
        *,
        run_id: UUID | None = None,
        path: str | None = None,
        message_id: UUID | None = None,
    ) -> None:
        """Add an alert about an answer or a message."""
        row = {"id": id, "person_id": person_id, "cohort_id": cohort_id, "raised_at": self._tx.now}
        self._execute(_ADD, {**row, "run_id": run_id, "path": path, "message_id": message_id})

    def get(self, id: UUID) -> Alert | None:  # noqa: A002 -- the column's own name
        """Return an alert, or None."""
        row = self._execute(_GET, {"id": id}).first()
        return row and Alert(*row)

    def about_answer(self, run_id: UUID, path: str) -> bool:
        """Return whether an alert was ever raised about an answer, in any of its revisions."""
        return self._execute(_ABOUT_ANSWER, {"run_id": run_id, "path": path}).first() is not None

    def about_message(self, message_id: UUID) -> bool:
        """Return whether an alert was ever raised about a message."""
        return self._execute(_ABOUT_MESSAGE, {"message_id": message_id}).first() is not None

    def open(self) -> list[Alert]:
        """List the alerts that nobody has seen to, the oldest first."""
        return [Alert(*row) for row in self._execute(_OPEN, {})]

    def late(self, before: datetime) -> list[Alert]:
        """List open alerts that were raised at or before a moment and have not been announced a second time."""
        return [Alert(*row) for row in self._execute(_LATE, {"before": before})]

    def repeated(self, id: UUID) -> None:  # noqa: A002 -- the column's own name
        """Record that an alert was announced a second time."""
        self._execute(_REPEATED, {"alert": id, "now": self._tx.now})

    def seen(self, id: UUID, by: UUID) -> bool:  # noqa: A002 -- the column's own name
        """Record who has seen to an alert; return False when somebody already had."""
        return self._execute(_SEEN, {"alert": id, "by": by, "now": self._tx.now}).rowcount > 0

    def left(self, id: UUID, by: UUID) -> bool:  # noqa: A002 -- the column's own name
        """Open an alert again; return False when it was not `by` who had seen to it."""
        return self._execute(_LEFT, {"alert": id, "by": by}).rowcount > 0
