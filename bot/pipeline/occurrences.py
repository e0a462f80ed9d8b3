"""Make the occurrences of schedules as they come, close their windows, and decide whether one may begin for a person.

What fell due while nothing ran goes out once, if its window is still open. Whatever does not go out is skipped with its
reason: the first that holds of those that are asked in order.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from bot.conversation.turns import Turns
from bot.participant.rhythms import introduce
from bot.rendering.speech import BROADCAST
from bot.services import own_time, schedules
from bot.services.notices import tell_admins
from storage.broadcasts import Delivery
from storage.people import Person
from storage.schedules import Schedule
from storage.unit import Unit

NextAllowed = Callable[[Unit, Person], datetime]


class Occurrences:
    """What the scheduler does about schedules."""

    def __init__(self, turns: Turns, next_allowed: NextAllowed) -> None:
        """Build it; `next_allowed` returns the next moment within a person's hours."""
        self._turns = turns
        self._next_allowed = next_allowed

    def due(self, unit: Unit) -> list[Callable[[], None]]:
        """Return what is to be done now, one piece for each schedule and each occurrence; usually nothing."""
        at = unit.schedules.waits_until()
        if at is None or at > unit.now:
            return []
        pieces = [partial(self._make, unit, schedule) for schedule in unit.schedules.due(unit.now)]
        closing = [partial(self._close, unit, broadcast_id) for broadcast_id in unit.schedules.closing(unit.now)]
        return [*pieces, *closing]

    def _make(self, unit: Unit, schedule: Schedule) -> None:
        """Make all that is due of a schedule at once, so that of several which waited only the last goes out."""
        present: Schedule | None = schedule
        while present is not None and present.state == "active" and present.next_at and present.next_at <= unit.now:
            self._make_next(unit, present)
            present = unit.schedules.get(schedule.id)

    def _make_next(self, unit: Unit, schedule: Schedule) -> None:
        """Make the next occurrence; or leave it out, where its window is over; or let the schedule rest."""
        assert schedule.next_on is not None
        if schedules.over(schedule, schedule.next_on, unit.now):
            unit.audit.add("hilo", "schedule.missed", str(schedule.id), {"on": schedule.next_on})
            schedules.go_on(unit, schedule, schedule.made)
            return
        reason = schedules.lacks(unit, schedule)
        dialog = None if reason else schedules.next_dialog(unit, self._turns.content, schedule)
        if dialog is None:
            self._rest(unit, schedule, reason or "dialog")
            return
        schedules.occur(unit, self._turns.organisation, schedule, dialog)
        schedules.go_on(unit, schedule, schedule.made + 1)

    def _rest(self, unit: Unit, schedule: Schedule, reason: str) -> None:
        schedules.rest(unit, schedule, reason)
        cohort = unit.cohorts.get(schedule.cohort_id)
        tell_admins(unit, f"notice.schedule.{reason}", cohort=cohort.name if cohort else "")

    def _close(self, unit: Unit, broadcast_id: UUID) -> None:
        """End what is open in windows that have closed; with the last one the occurrence closes."""
        if unit.schedules.close_windows(broadcast_id, unit.now) and unit.broadcasts.close(broadcast_id):
            ended = unit.following.end(broadcast_id)
            unit.audit.add("hilo", "broadcast.closed", str(broadcast_id), {"open": ended})

    def may_begin(self, unit: Unit, person: Person, delivery: Delivery) -> bool:
        """Return whether a delivery of an occurrence may begin; else it was skipped with its reason, or put off."""
        schedule = unit.schedules.get(delivery.schedule_id) if delivery.schedule_id else None
        occurs_on, closes_at = delivery.occurs_on, delivery.closes_at
        if schedule is None or occurs_on is None or closes_at is None:
            unit.broadcasts.skip(delivery.id, "schedule")
            return False
        at = schedules.expected(unit, self._turns.organisation, schedule, person, occurs_on)
        if at > unit.now:
            unit.schedules.move(delivery.id, at, at + timedelta(minutes=schedule.window_minutes))
            return False
        if closes_at <= unit.now:
            unit.broadcasts.skip(delivery.id, "window")
            return False
        way = own_time.way_of(person, schedule.id)
        if way == "no":
            unit.broadcasts.skip(delivery.id, "declined")
            return False
        if unit.schedules.overtaken(schedule.id, person.id, occurs_on, unit.now):
            unit.broadcasts.skip(delivery.id, "next")
            return False
        if way == "own":
            return self._waits_for(unit, person, schedule.id, delivery, at, closes_at)
        for reason, moment in (
            ("week", schedules.next_turn(unit, self._turns.organisation, person.id)),
            ("hours", self._next_allowed(unit, person)),
        ):
            if moment is not None and moment > unit.now:
                self._put_off(unit, delivery, closes_at, reason, moment)
                return False
        self._end_earlier(unit, person, schedule.id, occurs_on)
        introduce(self._turns, unit, person, schedule, lane=BROADCAST)
        return True

    def _waits_for(
        self, unit: Unit, person: Person, schedule_id: UUID, delivery: Delivery, at: datetime, closes_at: datetime
    ) -> bool:
        """Return whether somebody who comes by themselves has come; until then it waits for its whole window."""
        if delivery.due_at <= at:  # it is its own hour that has come, and nobody: `wake` gives it another moment
            unit.broadcasts.defer(delivery.id, closes_at)
            return False
        self._end_earlier(unit, person, schedule_id, delivery.occurs_on or "")
        return True

    def _put_off(self, unit: Unit, delivery: Delivery, closes_at: datetime, reason: str, moment: datetime) -> None:
        """Put a delivery off until a moment within its window, else skip it."""
        if moment < closes_at:
            unit.broadcasts.defer(delivery.id, moment)
        else:
            unit.broadcasts.skip(delivery.id, reason)

    def _end_earlier(self, unit: Unit, person: Person, schedule_id: UUID, occurs_on: str) -> None:
        """End what is still open of an earlier occurrence, in the transaction in which this one opens."""
        for run_id in unit.schedules.earlier_runs(schedule_id, person.id, occurs_on):
            row = unit.runs.get(run_id, person)
            if row is None:
                unit.runs.end(run_id)
            else:
                self._turns.expire(unit, person, row)
