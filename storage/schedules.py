"""Schedules: what a cohort is asked again and again. Each time is an occurrence, which is a broadcast."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal, TypeAlias, cast
from uuid import UUID

from sqlalchemy import ColumnElement, and_, bindparam, func, literal_column, select, update

from storage.database import insert_new, written
from storage.sealed_statements import Change, Verified
from storage.store import Store, from_json, to_json
from storage.tables import broadcasts, deliveries, memberships, people, runs, schedules

State: TypeAlias = Literal["active", "paused", "ended"]


@dataclass(frozen=True, slots=True)
class ScheduledDialog:
    """One dialog of a schedule: the newest version of a name, or, with its hash, that version."""

    name: str
    hash: str | None = None


@dataclass(frozen=True, slots=True)
class Schedule:
    """What a cohort is asked again and again.

    Attributes:
        id: its id.
        key: identifies how it was begun, so that the same one is begun only once.
        cohort_id: whom.
        purpose_id: why, as a stored card.
        dialogs: what, in turn.
        rule: on which days, at which hour: closed fields (see `bot.services.schedules`).
        window_minutes: for how long each occurrence may be answered.
        made_by: who began it; None: the console.
        made_at: when.
        state: whether it goes on.
        reason: why it rests by itself, as a code.
        made: how many occurrences it has had.
        next_on: the next occurrence, as local day and time.
        next_at: when that one is made.
        skipped_on: the last occurrence that the team left out, as local day and time.
        untold_until: how many occurrences it may have though nothing was given back; None: as many as the rule says.
        reviewed_at: when the team was last asked whether one of its reasons to stop holds.
    """

    id: UUID
    key: str
    cohort_id: UUID
    purpose_id: UUID
    dialogs: tuple[ScheduledDialog, ...]
    rule: dict[str, Any]
    window_minutes: int
    made_by: UUID | None
    made_at: datetime
    state: State
    reason: str | None
    made: int
    next_on: str | None
    next_at: datetime | None
    skipped_on: str | None = None
    untold_until: int | None = None
    reviewed_at: datetime | None = None


_NAMES: Final = (
    *("id", "key", "cohort_id", "purpose_id", "dialogs", "rule", "window_minutes", "made_by", "made_at"),
    *("state", "reason", "made", "next_on", "next_at", "skipped_on", "untold_until", "reviewed_at"),
)
_ALL: Final = select(*(schedules.c[name] for name in _NAMES)).order_by(schedules.c.made_at.desc(), schedules.c.id)
_ADD: Final = insert_new(schedules)
_EACH: Final = Verified(_ALL, schedules)
_GET: Final = Verified(_ALL.where(schedules.c.id == bindparam("id")), schedules)
_KEYED: Final = Verified(_ALL.where(schedules.c.key == bindparam("key")), schedules)
_OF_COHORTS: Final = Verified(_ALL.where(schedules.c.cohort_id.in_(bindparam("cohorts", expanding=True))), schedules)
# Written literally, not bound: a partial index is used only for a condition it can see.
_ACTIVE: Final = schedules.c.state == literal_column("'active'")
_OPEN: Final = and_(broadcasts.c.closes_at.is_not(None), broadcasts.c.closed_at.is_(None))
_NEXT: Final = select(
    select(func.min(schedules.c.next_at)).where(_ACTIVE).scalar_subquery(),
    select(func.min(broadcasts.c.closes_at)).where(_OPEN).scalar_subquery(),
)
_DUE: Final = Verified(
    _ALL.where(_ACTIVE, schedules.c.next_at <= bindparam("now")).order_by(None).order_by(schedules.c.next_at),
    schedules,
)
_ENDED_FOR: Final = Verified(
    _ALL.where(
        schedules.c.state == literal_column("'ended'"),
        schedules.c.reason == literal_column("'last'"),
        schedules.c.cohort_id.in_(
            select(memberships.c.cohort_id).where(
                memberships.c.person_id == bindparam("person"), memberships.c.left_at.is_(None)
            )
        ),
    ),
    schedules,
)
_CHANGED: Final = (
    *("dialogs", "rule", "window_minutes", "made_by", "state", "reason", "next_on", "next_at"),
    *("skipped_on", "untold_until", "reviewed_at"),
)
_CHANGE: Final = Change(
    schedules, schedules.c.id == bindparam("schedule"), **{name: bindparam(name) for name in _CHANGED}
)
_MOVE: Final = (
    update(schedules)
    .where(schedules.c.id == bindparam("schedule"))
    .values(made=bindparam("made"), next_on=bindparam("next_on"), next_at=bindparam("next_at"))
)
_OCCURS: Final = (
    update(broadcasts)
    .where(broadcasts.c.id == bindparam("broadcast"))
    .values(
        schedule_id=bindparam("schedule"),
        occurs_on=bindparam("occurs_on"),
        closes_at=bindparam("closes_at"),
        step=bindparam("place"),
    )
)
_PUT: Final = update(broadcasts).where(broadcasts.c.id == bindparam("broadcast")).values(due_at=bindparam("at"))
_WINDOW: Final = (
    update(deliveries)
    .where(deliveries.c.id == bindparam("delivery"))
    .values(due_at=bindparam("at"), closes_at=bindparam("until"))
)
# A statement for each zone, not for each person.
_OPEN_UNTIL: Final = (
    update(deliveries)
    .where(deliveries.c.broadcast_id == bindparam("broadcast"), deliveries.c.due_at == bindparam("at"))
    .values(closes_at=bindparam("until"))
)
_CLOSES_NEXT: Final = select(func.min(deliveries.c.closes_at)).where(
    deliveries.c.broadcast_id == bindparam("broadcast"), deliveries.c.closes_at > bindparam("now")
)
_WINDOWS: Final = (
    select(deliveries.c.closes_at, func.count())
    .where(deliveries.c.broadcast_id == bindparam("broadcast"), deliveries.c.closes_at.is_not(None))
    .group_by(deliveries.c.closes_at)
    .order_by(deliveries.c.closes_at)
)
_LENGTHEN: Final = (
    update(deliveries)
    .where(deliveries.c.broadcast_id == bindparam("broadcast"), deliveries.c.closes_at == bindparam("before"))
    .values(closes_at=bindparam("until"))
)
# Who comes by themselves waits to the end of the window, wherever that is.
_WAIT_LONGER: Final = (
    update(deliveries)
    .where(
        deliveries.c.broadcast_id == bindparam("broadcast"),
        deliveries.c.state == literal_column("'due'"),
        deliveries.c.due_at == bindparam("before"),
        deliveries.c.closes_at == bindparam("before"),
    )
    .values(due_at=bindparam("until"))
)
_CLOSING: Final = select(broadcasts.c.id).where(_OPEN, broadcasts.c.closes_at <= bindparam("now"))
_LOOK: Final = update(broadcasts).where(broadcasts.c.id == bindparam("broadcast")).values(closes_at=bindparam("at"))
_LOOK_SOONER: Final = (
    update(broadcasts)
    .where(
        broadcasts.c.id
        == select(deliveries.c.broadcast_id).where(deliveries.c.id == bindparam("delivery")).scalar_subquery(),
        broadcasts.c.closes_at > bindparam("at"),
    )
    .values(closes_at=bindparam("at"))
)
_OF: Final = (
    select(broadcasts.c.id)
    .where(broadcasts.c.schedule_id == bindparam("schedule"))
    .order_by(broadcasts.c.occurs_on.desc())
    .limit(bindparam("limit"))
)
_OF_OCCURRENCE: Final = select(broadcasts.c.schedule_id).where(broadcasts.c.id == bindparam("broadcast"))
_LAST: Final = select(func.max(broadcasts.c.occurs_on)).where(broadcasts.c.schedule_id == bindparam("schedule"))
_MADE: Final = select(broadcasts.c.id).where(
    broadcasts.c.schedule_id == bindparam("schedule"), broadcasts.c.occurs_on == bindparam("occurs_on")
)
_UNFINISHED: Final = runs.c.status.in_(written("offered", "open", "postponed"))
_OVER: Final = and_(deliveries.c.broadcast_id == bindparam("broadcast"), deliveries.c.closes_at <= bindparam("now"))
_SKIP_OVER: Final = (
    update(deliveries)
    .where(_OVER, deliveries.c.state == literal_column("'due'"))
    .values(state="skipped", reason="window")
)
_END_OVER: Final = (
    update(runs)
    .where(_UNFINISHED, runs.c.delivery_id.in_(select(deliveries.c.id).where(_OVER)))
    .values(resume_at=bindparam("now"))
)


def _same_schedule(*more: ColumnElement[bool]) -> Any:
    return (
        select(deliveries.c.id)
        .join(broadcasts, broadcasts.c.id == deliveries.c.broadcast_id)
        .where(broadcasts.c.schedule_id == bindparam("schedule"), deliveries.c.person_id == bindparam("person"), *more)
    )


_CAME_TO: Final = _same_schedule(deliveries.c.state == literal_column("'started'")).limit(1)
_LATER: Final = _same_schedule(
    broadcasts.c.occurs_on > bindparam("occurs_on"),
    deliveries.c.state == literal_column("'due'"),
    deliveries.c.due_at <= bindparam("now"),
)
_EARLIER_RUNS: Final = select(runs.c.id).where(
    _UNFINISHED, runs.c.delivery_id.in_(_same_schedule(broadcasts.c.occurs_on < bindparam("occurs_on")))
)
_MEMBERS: Final = Verified(
    select(memberships.c.person_id)
    .join(people, people.c.id == memberships.c.person_id)
    .where(
        memberships.c.cohort_id == bindparam("cohort"),
        memberships.c.left_at.is_(None),
        memberships.c.waiting.is_(False),
        people.c.participation == "active",
    )
    .order_by(memberships.c.joined_at, memberships.c.seq, memberships.c.id),
    memberships,
    people,
)
_PLANNED: Final = (
    select(
        deliveries.c.id, deliveries.c.person_id, deliveries.c.due_at, broadcasts.c.occurs_on, broadcasts.c.schedule_id
    )
    .join(broadcasts, broadcasts.c.id == deliveries.c.broadcast_id)
    .where(
        deliveries.c.state == literal_column("'due'"),
        broadcasts.c.schedule_id.is_not(None),
        broadcasts.c.cancelled_at.is_(None),
    )
)
_PLANNED_FOR: Final = _PLANNED.where(deliveries.c.person_id == bindparam("person"))
_PLANNED_OF: Final = _PLANNED.where(broadcasts.c.schedule_id == bindparam("schedule"))
# Put off to the end of their windows, for whoever comes by themselves.
_WAKE: Final = (
    update(deliveries)
    .where(
        deliveries.c.person_id == bindparam("person"),
        deliveries.c.state == literal_column("'due'"),
        deliveries.c.due_at == deliveries.c.closes_at,
        deliveries.c.closes_at > bindparam("now"),
    )
    .values(due_at=bindparam("now"))
)


@dataclass(frozen=True, slots=True)
class Planned:
    """A delivery of an occurrence that has not begun."""

    delivery_id: UUID
    person_id: UUID
    due_at: datetime
    occurs_on: str
    schedule_id: UUID


class Schedules(Store):
    """The schedules and their occurrences."""

    __slots__ = ()

    def add(
        self,
        id: UUID,  # noqa: A002 -- the column's own name
        key: str,
        cohort_id: UUID,
        purpose_id: UUID,
        dialogs: Sequence[ScheduledDialog],
        rule: dict[str, Any],
        window_minutes: int,
        made_by: UUID | None,
        next_on: str | None,
        next_at: datetime,
    ) -> bool:
        """Begin a schedule; return False when one with that key was begun before. The purpose's card is stored."""
        row = {
            "id": id,
            "key": key,
            "cohort_id": cohort_id,
            "purpose_id": purpose_id,
            "dialogs": _dialogs(dialogs),
            "rule": to_json(rule).decode(),
            "window_minutes": window_minutes,
            "made_by": made_by,
            "made_at": self._tx.now,
            "state": "active",
            "reason": None,
            "made": 0,
            "next_on": next_on,
            "next_at": next_at,
        }
        return self._execute(_ADD, row).rowcount > 0

    def get(self, id: UUID) -> Schedule | None:  # noqa: A002 -- the column's own name
        """Return a schedule, or None."""
        row = self._execute(_GET, {"id": id}).first()
        return row and _schedule(row)

    def keyed(self, key: str) -> Schedule | None:
        """Return the schedule with a key, or None."""
        row = self._execute(_KEYED, {"key": key}).first()
        return row and _schedule(row)

    def waits_until(self) -> datetime | None:
        """Return when the next occurrence is to be made or the next window closes, from the indexes alone."""
        return min((moment for moment in self._execute(_NEXT, {}).first() if moment is not None), default=None)

    def due(self, now: datetime) -> list[Schedule]:
        """List the schedules of which an occurrence is to be made, the longest waiting first."""
        return [_schedule(row) for row in self._execute(_DUE, {"now": now})]

    def change(self, schedule: Schedule) -> bool:
        """Write what may change of a schedule; return False if its row is forged."""
        values = {
            "schedule": schedule.id,
            "dialogs": _dialogs(schedule.dialogs),
            "rule": to_json(schedule.rule).decode(),
            **{name: getattr(schedule, name) for name in _CHANGED[2:]},
        }
        return self._execute(_CHANGE, values).rowcount > 0

    def go_on(self, schedule_id: UUID, made: int, next_on: str | None, next_at: datetime | None) -> None:
        """Note how many occurrences were made, and which is next."""
        self._execute(_MOVE, {"schedule": schedule_id, "made": made, "next_on": next_on, "next_at": next_at})

    def occurs(
        self,
        broadcast_id: UUID,
        schedule_id: UUID,
        occurs_on: str,
        windows: Sequence[tuple[UUID, datetime, datetime]],
        step: int = 0,
    ) -> None:
        """Make a broadcast an occurrence; `windows`: each delivery's id, when it is due, and until when."""
        closes_at = min((until for _, _, until in windows), default=None)
        facts = {"broadcast": broadcast_id, "schedule": schedule_id, "occurs_on": occurs_on, "closes_at": closes_at}
        self._execute(_OCCURS, {**facts, "place": step})
        for at, until in dict.fromkeys((at, until) for _, at, until in windows):
            self._execute(_OPEN_UNTIL, {"broadcast": broadcast_id, "at": at, "until": until})

    def move(self, delivery_id: UUID, at: datetime, until: datetime) -> None:
        """Give a delivery another moment and window, and look at its occurrence as soon as that closes."""
        self._execute(_WINDOW, {"delivery": delivery_id, "at": at, "until": until})
        self._execute(_LOOK_SOONER, {"delivery": delivery_id, "at": until})

    def put(self, broadcast_id: UUID, at: datetime) -> None:
        """Give an occurrence another moment; its deliveries have theirs."""
        self._execute(_PUT, {"broadcast": broadcast_id, "at": at})

    def closing(self, now: datetime) -> list[UUID]:
        """List the occurrences in which a window has closed."""
        return [row[0] for row in self._execute(_CLOSING, {"now": now})]

    def close_windows(self, broadcast_id: UUID, now: datetime) -> bool:
        """Skip what is due after its window, make open runs end, and return whether no window is left."""
        parameters = {"broadcast": broadcast_id, "now": now}
        self._execute(_SKIP_OVER, parameters)
        self._execute(_END_OVER, parameters)
        following = self._execute(_CLOSES_NEXT, parameters).scalar()
        if following is not None:
            self._execute(_LOOK, {"broadcast": broadcast_id, "at": following})
        return following is None

    def window_ends(self, broadcast_id: UUID) -> datetime | None:
        """Return when the last window of an occurrence closes, or None."""
        return max((row[0] for row in self._execute(_WINDOWS, {"broadcast": broadcast_id})), default=None)

    def lengthen(self, broadcast_id: UUID, by: timedelta) -> None:
        """Let every window of an occurrence that is open close later, or (negative) earlier."""
        windows = [row[0] for row in self._execute(_WINDOWS, {"broadcast": broadcast_id}) if row[0] > self._tx.now]
        # One after the other, from the end into which they move: no window moves twice.
        for before in sorted(windows, reverse=by > timedelta(0)):
            move = {"broadcast": broadcast_id, "before": before, "until": before + by}
            self._execute(_WAIT_LONGER, move)
            self._execute(_LENGTHEN, move)
        following = self._execute(_CLOSES_NEXT, {"broadcast": broadcast_id, "now": self._tx.now}).scalar()
        self._execute(_LOOK, {"broadcast": broadcast_id, "at": following})

    def occurrences(self, schedule_id: UUID, limit: int) -> list[UUID]:
        """List a schedule's occurrences as broadcasts, the last first."""
        found = self._execute(_OF, {"schedule": schedule_id, "limit": limit})
        return [row[0] for row in found]

    def of_occurrence(self, broadcast_id: UUID) -> UUID | None:
        """Return the schedule that a broadcast is an occurrence of, or None."""
        return cast("UUID | None", self._execute(_OF_OCCURRENCE, {"broadcast": broadcast_id}).scalar())

    def last_made(self, schedule_id: UUID) -> str | None:
        """Return the last occurrence that was made, as local day and time, or None."""
        return cast("str | None", self._execute(_LAST, {"schedule": schedule_id}).scalar())

    def was_made(self, schedule_id: UUID, occurs_on: str) -> bool:
        """Return whether an occurrence was made."""
        return self._execute(_MADE, {"schedule": schedule_id, "occurs_on": occurs_on}).first() is not None

    def came_to(self, schedule_id: UUID, person_id: UUID) -> bool:
        """Return whether any occurrence of a schedule was sent to a person."""
        return self._execute(_CAME_TO, {"schedule": schedule_id, "person": person_id}).first() is not None

    def overtaken(self, schedule_id: UUID, person_id: UUID, occurs_on: str, now: datetime) -> bool:
        """Return whether a later occurrence of a schedule is due for a person as well."""
        facts = {"schedule": schedule_id, "person": person_id, "occurs_on": occurs_on, "now": now}
        return self._execute(_LATER, facts).first() is not None

    def earlier_runs(self, schedule_id: UUID, person_id: UUID, occurs_on: str) -> list[UUID]:
        """List a person's unfinished runs of earlier occurrences."""
        facts = {"schedule": schedule_id, "person": person_id, "occurs_on": occurs_on}
        return [row[0] for row in self._execute(_EARLIER_RUNS, facts)]

    def members(self, cohort_id: UUID) -> list[UUID]:
        """List a cohort's active members."""
        return [row[0] for row in self._execute(_MEMBERS, {"cohort": cohort_id})]

    def wake(self, person_id: UUID) -> int:
        """Make due now what waits for a person to come by themselves; return how many that were."""
        return self._execute(_WAKE, {"person": person_id, "now": self._tx.now}).rowcount

    def planned_for(self, person_id: UUID) -> list[Planned]:
        """List a person's deliveries of occurrences that have not begun."""
        return [Planned(*row) for row in self._execute(_PLANNED_FOR, {"person": person_id})]

    def planned(self, schedule_id: UUID) -> list[Planned]:
        """List the deliveries of a schedule's occurrences that have not begun."""
        return [Planned(*row) for row in self._execute(_PLANNED_OF, {"schedule": schedule_id})]

    def ended_for(self, person_id: UUID) -> Sequence[Schedule]:
        """List what has ended by itself in the cohorts of a person, the newest first; usually nothing."""
        return [_schedule(row) for row in self._execute(_ENDED_FOR, {"person": person_id})]

    def list(self, cohort_ids: Collection[UUID] | None = None) -> list[Schedule]:
        """List the schedules of some cohorts (None: of all), the newest first."""
        if cohort_ids is None:
            return [_schedule(row) for row in self._execute(_EACH, {})]
        return [_schedule(row) for row in self._tx.run.listed(_OF_COHORTS, {"cohorts": [*cohort_ids]})]


def _dialogs(turns: Sequence[ScheduledDialog]) -> str:
    return to_json([[each.name, each.hash] for each in turns]).decode()


def _schedule(row: Sequence[Any]) -> Schedule:
    values = dict(zip(_NAMES, row, strict=True))
    turns = tuple(ScheduledDialog(name, version) for name, version in from_json(values.pop("dialogs").encode()))
    rule = cast("dict[str, Any]", from_json(values.pop("rule").encode()))
    return Schedule(dialogs=turns, rule=rule, **values)
