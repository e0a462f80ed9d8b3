"""Make the occurrences of schedules as they come, and close their windows.

What fell due while nothing ran goes out once, if its window is still open. Whether one may begin for a person, and why
not, decides `bot.pipeline.before_asking`.
"""

from collections.abc import Callable
from functools import partial
from uuid import UUID

from bot.conversation.turns import Turns
from bot.pipeline.schedule_reviews import ScheduleReviews
from bot.services import schedule_reviews, schedules, ways_in
from bot.services.notices import tell_admins
from storage.schedules import Schedule
from storage.unit import Unit


class Occurrences:
    """What the scheduler does about schedules."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns
        self.reviews = ScheduleReviews(turns)

    def due(self, unit: Unit) -> list[Callable[[], None]]:
        """Return what is to be done now, one piece for each schedule and each occurrence; usually nothing."""
        at = unit.schedules.waits_until()
        if at is None or at > unit.now:
            return []
        pieces = [partial(self._make, unit, schedule) for schedule in unit.schedules.due(unit.now)]
        closing = [partial(self._close, unit, broadcast_id) for broadcast_id in unit.schedules.closing(unit.now)]
        return [*pieces, *closing]

    def hourly(self, unit: Unit) -> None:
        """Let go on what need not wait any more, and ask the team what is to be asked now and then."""
        self.reviews.hourly(unit)
        for schedule in unit.schedules.list():  # those whose last one the team closed or stopped
            last = unit.schedules.occurrences(schedule.id, 1) if schedules.finish(unit, schedule.id) else []
            for broadcast_id in last:
                self.reviews.closed(unit, broadcast_id)

    def look_again(self, unit: Unit) -> None:
        """Put back what was passed over while the clock was ahead."""
        schedules.look_again(unit, self._turns.organisation)

    def _make(self, unit: Unit, schedule: Schedule) -> None:
        """Make all that is due of a schedule at once, so that of several which waited only the last goes out."""
        if schedules.is_way(schedule):
            self._make_way(unit, schedule)
            return
        present: Schedule | None = schedule
        while present is not None and present.state == "active" and present.next_at and present.next_at <= unit.now:
            self._make_next(unit, present)
            present = unit.schedules.get(schedule.id)

    def _make_way(self, unit: Unit, schedule: Schedule) -> None:
        """Make what comes next of a way in to whoever joined, or let it rest."""
        reason = schedules.lacks(unit, schedule)
        made = None if reason else ways_in.make(unit, self._turns.content, self._turns.organisation, schedule)
        if made is None:
            self._rest(unit, schedule, reason or "dialog")
        else:
            unit.schedules.go_on(schedule.id, schedule.made + made, None, unit.now + ways_in.EVERY)

    def _make_next(self, unit: Unit, schedule: Schedule) -> None:
        """Make the next occurrence; or leave it out, where its window is over; or let the schedule rest."""
        assert schedule.next_on is not None
        if schedules.over(schedule, schedule.next_on, unit.now):
            unit.audit.add("hilo", "schedule.missed", str(schedule.id), {"on": schedule.next_on})
            schedules.go_on(unit, schedule, schedule.made)
            return
        reason = schedules.lacks(unit, schedule)
        if reason is None and schedule_reviews.waits(unit, schedule):
            self.reviews.rest_untold(unit, schedule)
            return
        dialog = None if reason else schedules.next_dialog(unit, self._turns.content, schedule)
        if dialog is None:
            self._rest(unit, schedule, reason or "dialog")
            return
        fresh = schedules.occur(unit, self._turns.organisation, schedule, dialog)
        schedules.go_on(unit, schedule, schedule.made + (fresh is not None))

    def _rest(self, unit: Unit, schedule: Schedule, reason: str) -> None:
        schedules.rest(unit, schedule, reason)
        cohort = unit.cohorts.get(schedule.cohort_id)
        tell_admins(unit, f"notice.schedule.{reason}", cohort=cohort.name if cohort else "")

    def _close(self, unit: Unit, broadcast_id: UUID) -> None:
        """End what is open in windows that have closed; with the last one the occurrence closes."""
        if not unit.schedules.close_windows(broadcast_id, unit.now) or not unit.broadcasts.close(broadcast_id):
            return
        ended = unit.following.end(broadcast_id)
        unit.audit.add("hilo", "broadcast.closed", str(broadcast_id), {"open": ended})
        schedules.finish(unit, unit.schedules.of_occurrence(broadcast_id))
        self.reviews.closed(unit, broadcast_id)
