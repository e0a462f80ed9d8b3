"""Alerts: that somebody asked for help or said words of danger, until one of the team has seen to it.

An alert names where the words are kept: an answer or what was said beside it, or a message. One of somebody who has not
agreed that words are kept names neither. All of that is sealed, whose it is as well: a row tells in the clear only what
a query needs, which is the day, whether it is open, and the keyed hash of what it is about.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import bindparam, delete, insert, select, update

from dialogs.value_class import value_class
from storage.store import Store, Transaction, alert_place, from_json, to_json
from storage.tables import alerts
from storage.vault import Vault

RINGS: Final = "rings"
MARKED: Final = "marked"
WORDS: Final = "words"
PRESS: Final = "press"
_STRENGTHS: Final = (RINGS, MARKED)
_SOURCES: Final = (WORDS, PRESS)


@value_class
class Alert:
    """One alert: words of danger in an answer (`run_id`, `path`) or in a message (`message_id`), or a call for help.

    Attributes:
        path: hash of the question's path; `Alerts.path` finds which one it is.
        strength: `rings` or `marked`: whether the team was told at once.
        source: `words`, or `press` where the person asked to be looked for.
        added_to: the alert that had just rung, to which this one was added.
        lowered_at: when the person said that it was not so.
        repeated_at: when any of the team was last told again.
        mistaken: whether one of the team said that it was not so.
        watched: whether others might have seen the person's phone when it was raised.
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
    mistaken: bool = False
    watched: bool = False

    @property
    def wordless(self) -> bool:
        """Whether only that somebody asks for help is known."""
        return self.run_id is None and self.message_id is None


_DAY: Final = timedelta(days=1)
_ADD: Final = insert(alerts)
_ALL: Final = select(alerts.c.id, alerts.c.body)
# Written exactly as in the index.
_OPEN: Final = _ALL.where(alerts.c.open.is_(True))
_CLOSED: Final = _ALL.where(alerts.c.open.is_(False))
_SINCE: Final = _ALL.where(alerts.c.raised_at >= bindparam("day"))
_AT: Final = _ALL.where(alerts.c.place == bindparam("place"))
_GET: Final = _ALL.where(alerts.c.id == bindparam("id"))
# Held until the transaction ends: what is sealed is written whole.
_HELD: Final = _GET.with_for_update()
_WRITE: Final = (
    update(alerts)
    .where(alerts.c.id == bindparam("alert"))
    .values(body=bindparam("sealed"), place=bindparam("at"), open=bindparam("is_open"))
)
_DROP: Final = delete(alerts).where(alerts.c.id == bindparam("alert"))


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
        watched: bool = False,
    ) -> None:
        """Add an alert about an answer, about a message, or about nothing that is kept."""
        hashed = self._hash(run_id, path)
        alert = Alert(id, person_id, cohort_id, run_id, hashed, message_id, self._tx.now, None, None)
        alert = replace(alert, strength=strength, source=source, added_to=added_to, watched=watched)
        insert_alert(self._tx, alert)

    def placed(
        self,
        id: UUID,  # noqa: A002 -- the column's own name
        *,
        run_id: UUID | None = None,
        path: str | None = None,
        message_id: UUID | None = None,
    ) -> None:
        """Record where the words that raised an alert are kept."""
        self._change(id, run_id=run_id, path=self._hash(run_id, path), message_id=message_id)

    def drop(self, id: UUID) -> None:  # noqa: A002 -- the column's own name
        """Delete an alert that says what another one says already."""
        self._execute(_DROP, {"alert": id})

    def lower(self, id: UUID) -> bool:  # noqa: A002 -- the column's own name
        """Lower an alert to marked, as the person said; return False when it was lowered before."""
        alert = self._held(id)
        if alert is None or alert.lowered_at is not None:
            return False
        self._write(replace(alert, strength=MARKED, lowered_at=self._tx.now))
        return True

    def mistook(self, id: UUID) -> None:  # noqa: A002 -- the column's own name
        """Record that one of the team said that an alert was not so."""
        self._change(id, mistaken=True)

    def of(self, person_id: UUID, since: datetime) -> list[Alert]:
        """List a person's alerts since a moment, the oldest first."""
        found = self._opened(_SINCE, {"day": _day(since)})
        return [each for each in found if each.person_id == person_id and each.raised_at >= since]

    def added(self, alert: Alert) -> list[Alert]:
        """List what was added to an alert, the oldest first."""
        found = self._opened(_SINCE, {"day": _day(alert.raised_at)})
        return [each for each in found if each.added_to == alert.id and each.person_id == alert.person_id]

    def get(self, id: UUID) -> Alert | None:  # noqa: A002 -- the column's own name
        """Return an alert, or None."""
        return next(iter(self._opened(_GET, {"id": id})), None)

    def about_answer(self, run_id: UUID, path: str) -> bool:
        """Return whether an alert was ever raised about the words of an answer, in any of its revisions."""
        hashed = self._hash(run_id, path)
        found = self._opened(_AT, {"place": alert_place(self._tx.vault, run_id)})
        return any(each.path == hashed and each.source == WORDS for each in found)

    def raised_in(self, run_id: UUID) -> frozenset[str]:
        """Return the hashes of a run's questions whose answer, or what was said beside it, ever raised an alert."""
        found = self._opened(_AT, {"place": alert_place(self._tx.vault, run_id)})
        return frozenset(each.path for each in found if each.path is not None)

    def open(self) -> list[Alert]:
        """List the alerts that nobody has seen to, the oldest first.

        What was added to an alert is seen to with it; if that was seen to before, it stands by itself.
        """
        found = [each for each in self._opened(_OPEN, {}) if each.seen_at is None]
        there = {each.id for each in found}
        return [each for each in found if each.added_to not in there]

    def ringing(self) -> list[Alert]:
        """List the alerts that rang and that nobody has seen to, the oldest first."""
        found = self._opened(_OPEN, {})
        return [each for each in found if each.strength == RINGS and each.added_to is None and each.seen_at is None]

    def repeated(self, id: UUID) -> None:  # noqa: A002 -- the column's own name
        """Record that some of the team were told of an alert again."""
        self._change(id, repeated_at=self._tx.now)

    def seen(self, id: UUID, by: UUID) -> bool:  # noqa: A002 -- the column's own name
        """Record who has seen to an alert and what was added to it; return False when somebody already had."""
        alert = self._held(id)
        if alert is None or alert.seen_at is not None:
            return False
        self._write(replace(alert, seen_by=by, seen_at=self._tx.now))
        for each in self._opened(_OPEN, {}):
            if each.added_to == id and each.person_id == alert.person_id:
                self._write(replace(each, seen_by=by, seen_at=self._tx.now))
        return True

    def left(self, id: UUID, by: UUID) -> bool:  # noqa: A002 -- the column's own name
        """Open an alert again; return False when it was not `by` who had seen to it."""
        alert = self._held(id)
        if alert is None or alert.seen_by != by:
            return False
        self._write(replace(alert, seen_by=None, seen_at=None))
        return True

    def left_all(self, by: UUID, since: datetime) -> int:
        """Open every alert that rang again which somebody has seen to since a moment; return how many."""
        taken = [
            each
            for each in self._opened(_CLOSED, {})
            if each.seen_by == by and each.seen_at and each.seen_at >= since and each.strength == RINGS
        ]
        return sum(self.left(each.id, by) for each in taken)

    def path(self, alert: Alert, paths: Iterable[str]) -> str | None:
        """Return which of some paths of its run an alert is about, or None."""
        hashed, run_id = self._tx.vault.path_hash, alert.run_id
        if run_id is None:
            return None
        return next((path for path in paths if hashed(run_id, path) == alert.path), None)

    def _change(self, id: UUID, **facts: Any) -> None:  # noqa: A002 -- the column's own name
        alert = self._held(id)
        if alert is not None:
            self._write(replace(alert, **facts))

    def _held(self, id: UUID) -> Alert | None:  # noqa: A002 -- the column's own name
        return next(iter(self._opened(_HELD, {"id": id})), None)

    def _write(self, alert: Alert) -> None:
        row = {"alert": alert.id, "sealed": _sealed(self._tx.vault, alert), "is_open": alert.seen_at is None}
        self._execute(_WRITE, {**row, "at": _place(self._tx.vault, alert)})

    def _opened(self, statement: Any, parameters: dict[str, Any]) -> list[Alert]:
        """Return the alerts that a statement finds and that open, the oldest first."""
        rows = self._execute(statement, parameters)
        return sorted(filter(None, (_open(self._tx, *row) for row in rows)), key=_by_moment)

    def _hash(self, run_id: UUID | None, path: str | None) -> str | None:
        return None if run_id is None or path is None else self._tx.vault.path_hash(run_id, path)


def insert_alert(tx: Transaction, alert: Alert) -> None:
    """Add an alert as it is."""
    row = {"id": alert.id, "body": _sealed(tx.vault, alert), "place": _place(tx.vault, alert)}
    tx.run(_ADD, {**row, "raised_at": _day(alert.raised_at), "open": alert.seen_at is None})


def drop_of(tx: Transaction, person_id: UUID, *, of_messages: bool = False) -> int:
    """Delete a person's alerts, or with `of_messages` those about messages alone; return how many."""
    gone = [
        found.id
        for found in (_open(tx, *row) for row in tx.run(_ALL, {}))
        if found is not None and found.person_id == person_id and (found.message_id is not None or not of_messages)
    ]
    return sum(tx.run(_DROP, {"alert": each}).rowcount for each in gone)


def _place(vault: Vault, alert: Alert) -> bytes:
    return alert_place(vault, alert.run_id or alert.message_id or alert.id)


def _day(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def _by_moment(alert: Alert) -> tuple[datetime, UUID]:
    return alert.raised_at, alert.id


def _sealed(vault: Vault, alert: Alert) -> bytes:
    """Seal everything but the id, in one length for all: the longest takes 245 bytes of 252."""
    ids = (alert.person_id, alert.cohort_id, alert.run_id, alert.message_id, alert.seen_by, alert.added_to)
    moments = (alert.raised_at, alert.seen_at, alert.lowered_at, alert.repeated_at)
    # One number says both: an alert that an earlier version sealed was not watched, as far as anybody knows.
    both = _MISTAKEN * alert.mistaken + _WATCHED * alert.watched
    kinds = (_STRENGTHS.index(alert.strength), _SOURCES.index(alert.source), both)
    said = [*map(_short, ids), alert.path, *map(_number, moments), *kinds]
    return vault.organisation_key.seal(to_json(said), "alerts", "body", alert.id.hex)


def _open(tx: Transaction, id_: UUID, sealed: bytes) -> Alert | None:
    opened = tx.opened(tx.vault.organisation_key, sealed, "alerts", "body", id_.hex)
    if opened is None:
        return None
    said = from_json(opened)
    person, cohort, run, message, by, top = map(_long, said[:6])
    raised, seen, lowered, repeated = map(_moment, said[7:11])
    strength, source, both = said[11:]
    return Alert(
        id_,
        person or id_,
        cohort,
        run,
        said[6],
        message,
        raised or _NEVER,
        by,
        seen,
        _STRENGTHS[strength],
        _SOURCES[source],
        top,
        lowered,
        repeated,
        bool(both & _MISTAKEN),
        bool(both & _WATCHED),
    )


_NEVER: Final = datetime.fromtimestamp(0, UTC)
_MISTAKEN: Final = 1
_WATCHED: Final = 2
_MICROSECOND: Final = timedelta(microseconds=1)


def _short(id_: UUID | None) -> str | None:
    return None if id_ is None else urlsafe_b64encode(id_.bytes)[:22].decode()


def _long(short: str | None) -> UUID | None:
    return None if short is None else UUID(bytes=urlsafe_b64decode(short + "=="))


def _number(moment: datetime | None) -> int | None:
    return None if moment is None else (moment - _NEVER) // _MICROSECOND


def _moment(number: int | None) -> datetime | None:
    return None if number is None else _NEVER + number * _MICROSECOND
