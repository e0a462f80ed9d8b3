"""Alerts: that somebody asked for help or said words of danger, until one of the team has seen to it.

An alert names where the words are kept: an answer or what was said beside it, or a message. One of somebody who has not
agreed that words are kept names neither.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, delete, exists, insert, select, update

from storage.store import Store
from storage.tables import alerts

RINGS: Final = "rings"
MARKED: Final = "marked"
WORDS: Final = "words"
PRESS: Final = "press"


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert: words of danger in an answer (`run_id`, `path`) or in a message (`message_id`), or a call for help.

    Attributes:
        path: hash of the question's path; `Alerts.path` finds which one it is.
        strength: `rings` or `marked`: whether the team was told at once.
        source: `words`, or `press` where the person asked to be looked for.
        added_to: the alert that had just rung, to which this one was added.
        lowered_at: when the person said that it was not so.
        repeated_at: when any of the team was last told again.
    """

    id: UUID
    person_id: UUID
    cohort_id: UUID | None
    run_id: UUID | None
    path: str | None
    message_id: UUID | None
    raised_at: datetime
    seen_by: UUID | None
    seen_at: datetime | None
    strength: str = RINGS
    source: str = WORDS
    added_to: UUID | None = None
    lowered_at: datetime | None = None
    repeated_at: datetime | None = None

    @property
    def wordless(self) -> bool:
        """Whether only that somebody asks for help is known."""
        return self.run_id is None and self.message_id is None


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
    alerts.c.strength,
    alerts.c.source,
    alerts.c.added_to,
    alerts.c.lowered_at,
    alerts.c.repeated_at,
).order_by(alerts.c.raised_at, alerts.c.id)
_top = alerts.alias("top")
# What was added to an alert is seen to with it; if that was seen to before, it stands by itself.
_OPEN: Final = _ALL.where(
    alerts.c.seen_at.is_(None),
    ~exists().where(_top.c.id == alerts.c.added_to, _top.c.seen_at.is_(None)),
)
# Told again until somebody sees to it.
_RINGING: Final = _OPEN.where(alerts.c.strength == RINGS, alerts.c.added_to.is_(None))
_OF: Final = _ALL.where(alerts.c.person_id == bindparam("person_id"), alerts.c.raised_at >= bindparam("since"))
_ADDED: Final = _ALL.where(alerts.c.added_to == bindparam("top_id"), alerts.c.person_id == bindparam("person_id"))
_PLACED: Final = (
    update(alerts)
    .where(alerts.c.id == bindparam("alert"))
    .values(run_id=bindparam("of_run"), path=bindparam("at_path"), message_id=bindparam("of_message"))
)
_DROP: Final = delete(alerts).where(alerts.c.id == bindparam("alert"))
_LOWERED: Final = (
    update(alerts)
    .where(alerts.c.id == bindparam("alert"), alerts.c.lowered_at.is_(None))
    .values(strength=MARKED, lowered_at=bindparam("now"))
)
_REPEATED: Final = update(alerts).where(alerts.c.id == bindparam("alert")).values(repeated_at=bindparam("now"))
_GET: Final = _ALL.where(alerts.c.id == bindparam("id"))
_ABOUT_ANSWER: Final = (
    select(alerts.c.id)
    .where(alerts.c.run_id == bindparam("run_id"), alerts.c.path == bindparam("path"), alerts.c.source == WORDS)
    .limit(1)
)
_SEEN: Final = (
    update(alerts)
    .where(alerts.c.id == bindparam("alert"), alerts.c.seen_at.is_(None))
    .values(seen_by=bindparam("by"), seen_at=bindparam("now"))
)
_SEEN_WITH: Final = (
    update(alerts)
    .where(
        alerts.c.added_to == bindparam("alert"), alerts.c.person_id == bindparam("person"), alerts.c.seen_at.is_(None)
    )
    .values(seen_by=bindparam("by"), seen_at=bindparam("now"))
)
_LEFT: Final = (
    update(alerts)
    .where(alerts.c.id == bindparam("alert"), alerts.c.seen_by == bindparam("by"))
    .values(seen_by=None, seen_at=None)
)
_LEFT_ALL: Final = (
    update(alerts)
    .where(alerts.c.seen_by == bindparam("by"), alerts.c.seen_at >= bindparam("since"), alerts.c.strength == RINGS)
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
        strength: str = RINGS,
        source: str = WORDS,
        added_to: UUID | None = None,
    ) -> None:
        """Add an alert about an answer, about a message, or about nothing that is kept."""
        row = {"id": id, "person_id": person_id, "cohort_id": cohort_id, "raised_at": self._tx.now}
        about = {"run_id": run_id, "path": self._hash(run_id, path), "message_id": message_id}
        self._execute(_ADD, {**row, **about, "strength": strength, "source": source, "added_to": added_to})

    def placed(
        self,
        id: UUID,  # noqa: A002 -- the column's own name
        *,
        run_id: UUID | None = None,
        path: str | None = None,
        message_id: UUID | None = None,
    ) -> None:
        """Record where the words that raised an alert are kept."""
        where = {"of_run": run_id, "at_path": self._hash(run_id, path), "of_message": message_id}
        self._execute(_PLACED, {"alert": id, **where})

    def drop(self, id: UUID) -> None:  # noqa: A002 -- the column's own name
        """Delete an alert that says what another one says already."""
        self._execute(_DROP, {"alert": id})

    def lower(self, id: UUID) -> bool:  # noqa: A002 -- the column's own name
        """Lower an alert to marked, as the person said; return False when it was lowered before."""
        return self._execute(_LOWERED, {"alert": id, "now": self._tx.now}).rowcount > 0

    def of(self, person_id: UUID, since: datetime) -> list[Alert]:
        """List a person's alerts since a moment, the oldest first."""
        return [Alert(*row) for row in self._execute(_OF, {"person_id": person_id, "since": since})]

    def added(self, alert: Alert) -> list[Alert]:
        """List what was added to an alert, the oldest first."""
        return [Alert(*row) for row in self._execute(_ADDED, {"top_id": alert.id, "person_id": alert.person_id})]

    def get(self, id: UUID) -> Alert | None:  # noqa: A002 -- the column's own name
        """Return an alert, or None."""
        row = self._execute(_GET, {"id": id}).first()
        return row and Alert(*row)

    def about_answer(self, run_id: UUID, path: str) -> bool:
        """Return whether an alert was ever raised about the words of an answer, in any of its revisions."""
        return self._execute(_ABOUT_ANSWER, {"run_id": run_id, "path": self._hash(run_id, path)}).first() is not None

    def open(self) -> list[Alert]:
        """List the alerts that nobody has seen to, the oldest first."""
        return [Alert(*row) for row in self._execute(_OPEN, {})]

    def ringing(self) -> list[Alert]:
        """List the alerts that rang and that nobody has seen to, the oldest first."""
        return [Alert(*row) for row in self._execute(_RINGING, {})]

    def repeated(self, id: UUID) -> None:  # noqa: A002 -- the column's own name
        """Record that some of the team were told of an alert again."""
        self._execute(_REPEATED, {"alert": id, "now": self._tx.now})

    def seen(self, id: UUID, by: UUID) -> bool:  # noqa: A002 -- the column's own name
        """Record who has seen to an alert and what was added to it; return False when somebody already had."""
        alert = self.get(id)
        if alert is None or not self._execute(_SEEN, {"alert": id, "by": by, "now": self._tx.now}).rowcount:
            return False
        self._execute(_SEEN_WITH, {"alert": id, "person": alert.person_id, "by": by, "now": self._tx.now})
        return True

    def left(self, id: UUID, by: UUID) -> bool:  # noqa: A002 -- the column's own name
        """Open an alert again; return False when it was not `by` who had seen to it."""
        return self._execute(_LEFT, {"alert": id, "by": by}).rowcount > 0

    def left_all(self, by: UUID, since: datetime) -> int:
        """Open every alert that rang again which somebody has seen to since a moment; return how many."""
        return self._execute(_LEFT_ALL, {"by": by, "since": since}).rowcount

    def path(self, alert: Alert, paths: Iterable[str]) -> str | None:
        """Return which of some paths of its run an alert is about, or None."""
        hashed, run_id = self._tx.vault.path_hash, alert.run_id
        if run_id is None:
            return None
        return next((path for path in paths if hashed(run_id, path) == alert.path), None)

    def _hash(self, run_id: UUID | None, path: str | None) -> str | None:
        return None if run_id is None or path is None else self._tx.vault.path_hash(run_id, path)
