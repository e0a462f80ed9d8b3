"""What is due next, what is late, and why: for the terminal, and for the team's chat."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal, TypeAlias
from uuid import UUID

from bot.messengers import registry
from bot.services import restored
from bot.services.organisation import OrganisationFacts
from bot.services.rhythms import moment_of
from bot.services.schedules import is_way
from bot.services.ways_in import coming_of_way
from storage.schedules import Schedule
from storage.unit import Unit

LATE: Final = timedelta(minutes=10)
"""How long after its moment something is late."""
MANY: Final = 500
"""So many messages that wait are why others do."""
SHOWN: Final = 3

Why: TypeAlias = Literal["asleep", "messenger", "many", "turns"]


@dataclass(frozen=True, slots=True)
class Coming:
    """What is due next: a broadcast, or the next occurrence of a schedule; when, and for how many people if known."""

    cohort_id: UUID
    at: datetime
    broadcast_id: UUID | None = None
    schedule: Schedule | None = None
    people: int | None = None


@dataclass(frozen=True, slots=True)
class LateBroadcast:
    """A broadcast that is late for some people, since when, and why."""

    broadcast_id: UUID
    cohort_id: UUID
    people: int
    since: datetime
    why: Why


@dataclass(frozen=True, slots=True)
class LateMessages:
    """Messages that should have been sent, since when, and why."""

    messenger: str
    number: int
    since: datetime
    why: Why


def coming(unit: Unit, organisation: OrganisationFacts, cohorts: Collection[UUID] | None = None) -> list[Coming]:
    """Return what is due next in some cohorts (None: in all), the soonest first."""
    found = []
    for each in unit.broadcasts.coming(unit.now, SHOWN * 4):
        broadcast = unit.broadcasts.get(each.broadcast_id)
        if broadcast is not None and _among(broadcast.cohort_id, cohorts):
            found.append(Coming(broadcast.cohort_id, each.due_at, each.broadcast_id, people=each.people))
    for schedule in unit.schedules.list(cohorts):
        next_on = schedule.next_on or (coming_of_way(unit, organisation, schedule) if is_way(schedule) else None)
        if schedule.state == "active" and next_on is not None:
            cohort = unit.cohorts.get(schedule.cohort_id)
            at = moment_of(next_on, organisation.zone(unit, cohort=cohort))
            found.append(Coming(schedule.cohort_id, at, schedule=schedule))
    return sorted(found, key=lambda each: each.at)[:SHOWN]


def late(
    unit: Unit, cohorts: Collection[UUID] | None = None, *, awake: bool = True
) -> tuple[list[LateBroadcast], list[LateMessages]]:
    """Return what is late in some cohorts (None: in all), and which messages are, with why."""
    by = unit.now - LATE
    slow = [
        LateMessages(each.messenger, each.number, each.since, _why(unit, [each.messenger], awake=awake))
        for each in unit.outbox.late(by)
        if registry.of(each.messenger).title
    ]
    found = []
    for each in unit.broadcasts.late(by):
        broadcast = unit.broadcasts.get(each.broadcast_id)
        if broadcast is not None and _among(broadcast.cohort_id, cohorts):
            why = _why(unit, unit.broadcasts.late_where(each.broadcast_id, by), awake=awake)
            found.append(LateBroadcast(each.broadcast_id, broadcast.cohort_id, each.people, each.due_at, why))
    return found, slow


def resting(unit: Unit, cohorts: Collection[UUID] | None = None) -> list[Schedule]:
    """Return the schedules that rest by themselves, so that nothing of them comes."""
    return [each for each in unit.schedules.list(cohorts) if each.state == "paused" and each.reason != "team"]


def asks_admin(unit: Unit) -> bool:
    """Return whether something waits until an admin says what was sent before a backup was put in place."""
    return restored.waiting(unit) != ([], 0)


def _among(cohort_id: UUID, cohorts: Collection[UUID] | None) -> bool:
    return cohorts is None or cohort_id in cohorts


def _why(unit: Unit, messengers: Collection[str], *, awake: bool) -> Why:
    """Return why what some messengers would send waits."""
    if not awake:
        return "asleep"
    worked = unit.fetches.all()
    for name, at in worked.items():
        keeps = registry.of(name).keeps_presses
        if name in messengers and keeps is not None and unit.now - at > keeps:
            return "messenger"
    waiting = unit.outbox.waiting(unit.now)
    if sum(number for name, number in waiting.items() if name in messengers) >= MANY:
        return "many"
    return "turns"
