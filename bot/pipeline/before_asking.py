"""Decide whether an asking may reach somebody now: what may speak against it is asked in order.

Left, consent open, paused, resting, not today, team away, window over, the week's limit, hours: the first no is kept as
the reason. One that ends within the window puts the asking off until then; any other skips it. An order by hand has no
window: it waits until the team closes it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from bot.conversation.actions import ARRIVING
from bot.conversation.turns import Turns
from bot.participant.consent import ConsentScreens
from bot.participant.rhythm_telling import introduce
from bot.pipeline import window_ends
from bot.rendering.speech import BROADCAST
from bot.services import own_time, planning, week
from bot.services.late_sends import LATE
from storage.broadcasts import Delivery
from storage.cohorts import Cohort
from storage.people import Person
from storage.schedules import Schedule
from storage.unit import Unit

RENEWAL_WAITS: Final = timedelta(minutes=10)
"""Until it is checked again whether the participant has agreed."""
FLOOR_WAIT: Final = timedelta(minutes=1)
REST_WAITS: Final = timedelta(hours=1)
"""Until it is checked again whether somebody who rests has come."""
HELD_WAITS: Final = timedelta(minutes=10)
"""Until it is checked again whether a paused schedule was taken up."""

NextAllowed = Callable[[Unit, Person, Cohort | None], datetime]
FloorTaken = Callable[[Unit, Person], bool]


@dataclass(frozen=True, slots=True)
class AskingDue:
    """What is about to be asked of a participant; of an occurrence also the schedule."""

    person: Person
    delivery: Delivery
    schedule: Schedule | None

    @property
    def way(self) -> own_time.Way:
        """How the participant wants the schedule."""
        return own_time.way_of(self.person, self.schedule.id) if self.schedule else ""


@dataclass(frozen=True, slots=True)
class No:
    """Why an asking may not reach somebody, and until when that holds; None: for good."""

    reason: str
    until: datetime | None = None


class BeforeAsking:
    """Asks, before each asking, what may speak against it."""

    def __init__(
        self, turns: Turns, agreement: ConsentScreens, next_allowed: NextAllowed, floor_taken: FloorTaken
    ) -> None:
        """Build it.

        Args:
            turns: the engine's service.
            agreement: the consent, and its renewal.
            next_allowed: returns the next moment within a person's hours.
            floor_taken: returns whether an open run blocks the start of another.
        """
        self._turns = turns
        self._agreement = agreement
        self._next_allowed = next_allowed
        self._floor_taken = floor_taken
        self._schedules: dict[UUID, Schedule | None] = {}
        self._cohorts: dict[UUID, Cohort | None] = {}
        self._order = (
            self._left,
            self._consent,
            self._paused,
            self._rests,
            self._not_today,
            self._away,
            self._window,
            self._held,
            self._by_themselves,
            self._week,
            self._hours,
        )

    def look_anew(self) -> None:
        """Forget what was read: a batch begins. What many are asked of one cohort is read once a batch."""
        self._schedules.clear()
        self._cohorts.clear()

    def _schedule(self, unit: Unit, schedule_id: UUID) -> Schedule | None:
        if schedule_id not in self._schedules:
            self._schedules[schedule_id] = unit.schedules.get(schedule_id)
        return self._schedules[schedule_id]

    def _cohort(self, unit: Unit, cohort_id: UUID) -> Cohort | None:
        if cohort_id not in self._cohorts:
            self._cohorts[cohort_id] = unit.cohorts.get(cohort_id)
        return self._cohorts[cohort_id]

    def allowed(self, unit: Unit, person: Person, delivery: Delivery) -> AskingDue | None:
        """Return what may be asked of a person now; None: it was skipped, or put off, with its reason."""
        schedule = self._schedule(unit, delivery.schedule_id) if delivery.schedule_id else None
        if delivery.schedule_id is not None and (schedule is None or not delivery.occurs_on or not delivery.closes_at):
            unit.broadcasts.skip(delivery.id, "schedule")
            return None
        if schedule is not None and self._moved(unit, person, schedule, delivery):
            return None
        asking = AskingDue(person, delivery, schedule)
        for question in self._order:
            if (no := question(unit, asking)) is not None:
                _keep(unit, delivery, no)
                return None
        if self._floor_taken(unit, person):
            unit.broadcasts.defer(delivery.id, unit.now + FLOOR_WAIT)
            return None
        if schedule is not None:
            if asking.way != "own" and self._tells(unit, person, schedule, delivery):
                return None
            self._end_earlier(unit, person, schedule.id, delivery.occurs_on or "")
        return asking

    def _tells(self, unit: Unit, person: Person, schedule: Schedule, delivery: Delivery) -> bool:
        """Tell a participant, once, how often it comes; return whether the question waits for what they say to that.

        It waits a while, inside its window and their hours: both at once would be one heap. They count as one in the
        week, so nothing is told while something that was put off is about to come, and to take the question's place.
        """
        until = unit.now + week.TELLING_WAITS
        if not own_time.is_told(person, schedule.id) and unit.runs.comes_back(person.id, until):
            unit.broadcasts.defer(delivery.id, unit.now + FLOOR_WAIT)
            return True
        if not introduce(self._turns, unit, person, schedule, lane=BROADCAST):
            return False
        week.uncounted(unit, unit.people.get(person.id) or person)
        in_hours = self._turns.organisation.next_moment(unit, person, at=until) == until
        if delivery.closes_at is None or until >= delivery.closes_at or not in_hours:
            return False
        unit.broadcasts.defer(delivery.id, until)
        return True

    def _moved(self, unit: Unit, person: Person, schedule: Schedule, delivery: Delivery) -> bool:
        """Move a delivery that is due later by the zone, or the choice, of the participant; return whether it is."""
        at, until = planning.planned(unit, self._turns.organisation, schedule, person, delivery.occurs_on or "")
        if at <= unit.now:
            return False
        unit.schedules.move(delivery.id, at, until)
        return True

    # The questions, in order.

    def _left(self, unit: Unit, asking: AskingDue) -> No | None:
        person = asking.person
        if person.participation not in {"active", "paused"} | ARRIVING - {"declined"}:
            return No(person.participation)
        return None if asking.delivery.cohort_id in unit.memberships.of(person.id) else No("left")

    def _consent(self, unit: Unit, asking: AskingDue) -> No | None:
        """Ask nothing before the participant has agreed to the present words; ask for that, within their hours."""
        person = asking.person
        if person.participation in ARRIVING:
            return No("consent")
        if not self._agreement.due(unit, person):
            return None
        moment = self._next_allowed(unit, person, None)
        if moment > unit.now:
            return No("consent", moment)
        if self._floor_taken(unit, person):
            return No("consent", unit.now + FLOOR_WAIT)
        self._agreement.renew(unit, person, lane=BROADCAST)
        return No("consent", unit.now + RENEWAL_WAITS)

    def _paused(self, _unit: Unit, asking: AskingDue) -> No | None:
        return No("paused") if asking.person.participation == "paused" else None

    def _rests(self, unit: Unit, asking: AskingDue) -> No | None:
        """Ask nothing of who rests; what is given back waits for them instead."""
        if not own_time.rests(asking.person):
            return None
        return No("resting", unit.now + REST_WAITS) if asking.delivery.shares_back else No("resting")

    def _not_today(self, unit: Unit, asking: AskingDue) -> No | None:
        """Ask whether the participant said no: to this one, to this day, or to each time."""
        schedule, person = asking.schedule, asking.person
        if schedule is None:
            return None
        if asking.way == "no":
            return No("declined")
        if own_time.left_out(person, schedule.id) is not None:
            zone = self._turns.organisation.zone(unit, person)
            if own_time.not_today(person, schedule.id, unit.now.astimezone(ZoneInfo(zone)).date()):
                return No("today")
        if asking.way not in {"half", "month"}:
            return None
        last = unit.reached.last_begun(schedule.id, person.id)
        return No("less") if own_time.too_early(asking.way, schedule, last, asking.delivery.occurs_on or "") else None

    def _away(self, unit: Unit, asking: AskingDue) -> No | None:
        """Ask nothing while nobody of the team reads; what is given back asks nothing."""
        if asking.delivery.shares_back:
            return None
        away = self._turns.organisation.away(unit, unit.now)
        if away is None:
            return None
        zone = ZoneInfo(self._turns.organisation.zone(unit))
        return No("away", datetime.combine(away.back, time(), zone).astimezone(unit.now.tzinfo))

    def _window(self, unit: Unit, asking: AskingDue) -> No | None:
        schedule, delivery = asking.schedule, asking.delivery
        if delivery.closes_at is not None and delivery.closes_at <= unit.now:
            return No("window")
        if schedule is None:
            return None
        later = unit.schedules.overtaken(schedule.id, asking.person.id, delivery.occurs_on or "", unit.now)
        return No("next") if later else None

    def _held(self, unit: Unit, asking: AskingDue) -> No | None:
        """Hold what was made ahead of a schedule that the team paused since; taken up in its window, it still comes."""
        schedule = asking.schedule
        held = schedule is not None and (schedule.state, schedule.reason) == ("paused", "team")
        return No("schedule", unit.now + HELD_WAITS) if held else None

    def _by_themselves(self, unit: Unit, asking: AskingDue) -> No | None:
        """Let what comes to somebody who comes by themselves wait for its whole window, until they have come."""
        schedule, delivery = asking.schedule, asking.delivery
        if schedule is None or asking.way != "own" or delivery.closes_at is None:
            return None
        at, _ = planning.planned(unit, self._turns.organisation, schedule, asking.person, delivery.occurs_on or "")
        if delivery.due_at > at:
            return None  # `wake` gave it another moment
        unit.broadcasts.defer(delivery.id, delivery.closes_at)
        return No("own", delivery.closes_at)

    def _week(self, unit: Unit, asking: AskingDue) -> No | None:
        if asking.way == "own":
            return None
        if asking.delivery.shares_back:
            first = not asking.delivery.asks_quote
            enough = week.next_message(unit, self._turns.organisation, asking.person, first=first)
            return No("week", enough) if enough is not None and enough > unit.now else None
        schedule_id = asking.schedule.id if asking.schedule else None
        moment = week.next_asking(unit, self._turns.organisation, asking.person, schedule_id)
        return No("week", moment) if moment is not None and moment > unit.now else None

    def _hours(self, unit: Unit, asking: AskingDue) -> No | None:
        """Keep the hours: those the participant or the cohort chose; an order by hand in time has no others."""
        if asking.way == "own":
            return None
        cohort = self._cohort(unit, asking.delivery.cohort_id)
        at_once = asking.schedule is None and unit.now - asking.delivery.due_at < LATE
        if at_once and not self._turns.organisation.hours(unit, asking.person, cohort):
            return None
        moment = self._next_allowed(unit, asking.person, cohort)
        return No("hours", moment) if moment > unit.now else None

    def _end_earlier(self, unit: Unit, person: Person, schedule_id: UUID, occurs_on: str) -> None:
        """End what is still open of an earlier occurrence, in the transaction in which this one opens."""
        for run_id in unit.schedules.earlier_runs(schedule_id, person.id, occurs_on):
            row = unit.runs.get(run_id, person)
            if row is None:
                unit.runs.end(run_id)
            else:
                window_ends.end(self._turns, unit, person, row)


def _keep(unit: Unit, delivery: Delivery, no: No) -> None:
    """Put an asking off until a moment within its window, else skip it; the reason is kept either way."""
    own = no.reason == "own"
    if no.until is None or (delivery.closes_at is not None and no.until >= delivery.closes_at and not own):
        unit.broadcasts.skip(delivery.id, no.reason)
    else:
        unit.broadcasts.wait(delivery.id, no.until, no.reason)
