"""Do what is due: start deliveries, ask postponed runs again or end them, and destroy old inbox keys.

Whatever Hilo says first waits for the hours of the person it is for. A step is short, since answers wait while it runs:
work that is done person by person is spread over as many steps as it needs.
"""

import logging
from collections import deque
from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Protocol
from uuid import UUID
from zoneinfo import ZoneInfo

from bot import clock
from bot.content import FIRST_DIALOG
from bot.conversation.turns import Turns
from bot.messengers import registry
from bot.participant import going_on, own_quotes, share_back
from bot.participant.pause_leave import first_cohort
from bot.participant.retention import RetentionSweep
from bot.participant.settings import NIGHTLY, TIDIED
from bot.pipeline.absences import Absences
from bot.pipeline.before_asking import FLOOR_WAIT, RENEWAL_WAITS, BeforeAsking
from bot.pipeline.due_runs import FLOOR_SILENCE, DueRuns
from bot.pipeline.occurrences import Occurrences
from bot.pipeline.restored import RestoredBackup
from bot.pipeline.screens import Screens
from bot.rendering.speech import BROADCAST, REPLY
from bot.services import confidants, hours, listening, own_paper, reminders, restored, tallies
from bot.services.chat_cleanup import tidy
from bot.services.member_status import UNTIL
from bot.services.members import WELCOME_AT
from bot.services.notices import Notices, foreign_rows
from bot.services.planning import replan
from bot.services.tallies import Uncounted
from bot.services.week import next_message
from bot.team.answers import digest
from bot.team.home import handover, today
from bot.team.kit import page_expiry
from bot.team.orders.panel import BroadcastPanels
from storage.broadcasts import Delivery
from storage.cohorts import Cohort
from storage.damage_scan import put_back
from storage.database import transient_error
from storage.panels import PlacedPanel
from storage.people import Person
from storage.unit import Unit

log = logging.getLogger(__name__)

REHEARSAL_WAITS = timedelta(hours=1)  # a rehearsal that one of the team left unfinished
DAMAGED_WAITS = timedelta(hours=1)
NOWHERE_WAITS = timedelta(hours=1)  # until it is checked again whether the person has a chat
INBOX_KEEPS = timedelta(hours=48)
# Telegram repeats an update for a day at most; a page left open may send its form again much later.
UPDATES_KNOWN = timedelta(days=30)
MESSAGE_WAITS = timedelta(hours=24)  # an unconfirmed message to the team
ROUND_EVERY = timedelta(minutes=1)
NIGHT = 3  # the hour at which chats are cleaned up
DAY = timedelta(hours=24)
PAST_HELD_EVERY = timedelta(seconds=10)  # a query that skips held messengers reads past all their deliveries
COUNTING_WAITS = timedelta(minutes=1)  # what a digest tells is being counted
NEVER = datetime.min.replace(tzinfo=UTC)
AT_A_TIME = 0.03  # seconds of a step spent on work done person by person

Piece = Callable[[Unit], object]
Work = Callable[[Unit, Person], datetime | None]


class Others(Protocol):
    """Several workers that share the deliveries that are due."""

    def room(self, limit: int) -> int:
        """Return how many due deliveries to look at, so that `limit` are found that nobody was told of yet."""
        ...

    def hand_over(self, unit: Unit, due: Sequence[Delivery], limit: int) -> int:
        """Hand over deliveries that are due; return how many."""
        ...

    def undone(self) -> None:
        """Forget what was handed over: the transaction was rolled back."""
        ...


class Scheduler:
    """Does what is due, one step at a time, each step inside one `Unit`."""

    def __init__(self, turns: Turns, screens: Screens, others: "Others | None" = None) -> None:
        """Build the scheduler.

        Args:
            turns: the engine's service for runs and dialogs.
            screens: the screens that the router uses.
            others: begin the deliveries that are due, where several workers share them.
        """
        self._others = others
        self.handed = 0
        self._turns = turns
        self._resting = screens.resting
        self._panels = BroadcastPanels(turns)
        self._notices = Notices(turns.organisation)
        self._occurrences = Occurrences(turns)
        self._absences = Absences(turns, self._next_allowed)
        self._due_runs = DueRuns(turns, self._next_allowed, self._floor_taken)
        self._restored = RestoredBackup(self._occurrences)
        self._forgetting = RetentionSweep(turns)
        self._agreement = screens.agreement
        self._own_paper = screens.own_paper
        self._before = BeforeAsking(turns, screens.agreement, self._next_allowed, self._floor_taken)
        self._past_held_at = NEVER  # when only deliveries of held messengers were due
        self._round_at: datetime | None = None
        self._night_at: datetime | None = None
        self._pieces: deque[Piece] = deque()
        self._said = 0
        self._works: tuple[Work, ...] = (
            *(self._call, self._replan, self._welcome, self._end_asked, self._wake, self._listen, self._on_page),
            *(self._digest, self._of_the_team, self._night),
        )

    def step(self, unit: Unit, limit: int, held: Collection[str] = ()) -> int:
        """Do what is due now, at most `limit` deliveries and as many postponed runs; return how much was done.

        Nothing is delivered to people whose messenger is in `held`. What was handed over (`handed`) counts as done.
        """
        self._restored.hold(unit)
        begun = self._deliveries(unit, limit, held)
        resumed = unit.runs.due(unit.now, limit)
        for row in resumed:
            if not self._safely(unit, partial(self._due_runs.come_up, unit, row)):
                unit.runs.defer(row.id, unit.now + DAMAGED_WAITS)
        return begun + len(resumed) + self._read(unit, limit) + self._round(unit)

    def _deliveries(self, unit: Unit, limit: int, held: Collection[str]) -> int:
        """Begin the deliveries that are due, or hand them to others; return how many."""
        self.handed = 0
        if self._others is None:
            due = self._due(unit, limit, held)
            self.begin(unit, due)
            return len(due)
        room = self._others.room(limit)
        self.handed = self._others.hand_over(unit, self._due(unit, room, held) if room else [], limit)
        return self.handed

    def begin(self, unit: Unit, due: Sequence[Delivery]) -> None:
        """Begin what is due in one savepoint; if one of it fails, one by one, so that the others begin all the same."""
        self._before.look_anew()
        if len(due) > 1 and self._safely(unit, partial(self._deliver_all, unit, due), again=True):
            return
        for delivery in due:
            if not self._safely(unit, partial(self._deliver, unit, delivery)):
                unit.broadcasts.defer(delivery.id, unit.now + DAMAGED_WAITS)

    def _deliver_all(self, unit: Unit, due: Sequence[Delivery]) -> None:
        for delivery in due:
            self._deliver(unit, delivery)

    def _due(self, unit: Unit, limit: int, held: Collection[str]) -> list[Delivery]:
        """Return the deliveries that may begin; when only held ones are due, do not look past them for ten seconds."""
        if not held:
            return unit.broadcasts.due(unit.now, limit)
        if not unit.broadcasts.due(unit.now, 1):
            return []
        if timedelta(0) <= unit.now - self._past_held_at < PAST_HELD_EVERY:
            return []
        due = unit.broadcasts.due(unit.now, limit, held)
        self._past_held_at = NEVER if due else unit.now
        return due

    @property
    def behind(self) -> bool:
        """Whether work of the current round is left for the next step."""
        return bool(self._pieces)

    def undone(self) -> None:
        """Begin the round again after the last step was rolled back; nobody is told anything twice."""
        self._pieces.clear()
        self._round_at = self._night_at = None
        self._past_held_at = NEVER
        self._restored.undone()
        self._panels.undone()
        if self._others is not None:
            self._others.undone()

    def _read(self, unit: Unit, limit: int) -> int:
        """Blank the team's pages whose time is over; return how many were blanked."""
        over = unit.panels.due(unit.now, limit)
        for panel in over:
            if not self._safely(unit, partial(page_expiry.over, self._turns, unit, panel)):
                unit.panels.drop(panel.id)
        # A page that is just being sent is blanked in a later step, which need not come at once.
        return len({panel.id for panel in over} - {panel.id for panel in unit.panels.due(unit.now, limit)})

    def _round(self, unit: Unit) -> int:
        """Once a minute queue the people to look at and repeat alerts; once an hour forget what is too old."""
        self._said = 0
        if self._round_at is None or unit.now < self._round_at:
            self._safely(unit, partial(self._occurrences.look_again, unit))
        if self._round_at is not None and unit.now < self._round_at:
            unit.people.look_again()  # the clock was set back, so the noted moments lie further ahead than they should
        if self._round_at is None or not timedelta(0) <= unit.now - self._round_at < ROUND_EVERY:
            self._round_at = unit.now
            self._minute(unit)
        hour = unit.now.replace(minute=0, second=0, microsecond=0)
        if self._night_at != hour:
            self._night_at = hour
            self._hour(unit)
        for panel in self._panels.due(unit):
            self._safely(unit, partial(self._follow, unit, panel))
        end = clock.seconds() + AT_A_TIME
        while self._pieces and clock.seconds() < end:
            self._safely(unit, partial(self._pieces.popleft(), unit))
        return self._said

    def _minute(self, unit: Unit) -> None:
        unit.following.end_again(unit.now - DAY)
        for tell in self._notices.repeat_alerts(unit, self._turns.texts):
            self._said += self._safely(unit, tell)
        self._safely(unit, partial(foreign_rows, unit))
        for work in self._occurrences.due(unit):
            self._said += self._safely(unit, work)
        if self._pieces:
            return  # so many people that the last round is not finished
        self._pieces += self._absences.due(unit)
        self._pieces += [partial(self._look, person_id=id_) for id_ in unit.people.due(unit.now)]

    def _hour(self, unit: Unit) -> None:
        unit.run.seals.look_back(put_back(unit))
        for run_id in unit.runs.rehearsals(unit.now - REHEARSAL_WAITS):
            unit.runs.forget(run_id)
        self._safely(unit, partial(self._occurrences.hourly, unit))
        self._pieces += self._forgetting.pieces(unit)

    def _follow(self, unit: Unit, panel: PlacedPanel) -> None:
        """Update the panel of one order in the chat of one of the team."""
        self._said += self._panels.update(unit, panel)

    def _safely(self, unit: Unit, work: Callable[[], object], *, again: bool = False) -> bool:
        """Do one piece of work in a savepoint of its own; return False when it failed, so that the others go on.

        `again`: what failed is tried again in smaller pieces, so there is nothing to say of it yet.

        Raises the errors that are transient for the database: then the whole step is rolled back and tried again.
        """
        files = len(unit.files)
        try:
            with unit.connection.begin_nested():
                work()
        except Exception as error:
            if transient_error(error):  # the database's fault, not this row's: the step is rolled back and tried again
                raise
            del unit.files[files:]  # the rows of the files to erase were rolled back
            # Only the kind of the error is logged: its text may hold what a person said.
            if not again:
                log.error("tick: %s, set apart for an hour", type(error).__name__)  # noqa: TRY400  the same
            return False
        return True

    def tidy(self, unit: Unit) -> None:
        """Destroy what is no longer needed: inbox keys, handled updates, unconfirmed messages, old browser sessions.

        Erased data leaves the disk again here, in case a reader kept it there the first time.
        """
        unit.erasing = True
        unit.inbox.forget((unit.now - INBOX_KEEPS).date())
        unit.inbox.trim(unit.now - UPDATES_KNOWN)
        unit.messages.drop_held(unit.now - MESSAGE_WAITS)
        unit.web_sessions.tidy()

    def _deliver(self, unit: Unit, delivery: Delivery) -> None:
        unit.lock(delivery.person_id)
        person = unit.people.get(delivery.person_id)
        if person is None or person.chat is None:
            unit.broadcasts.skip(delivery.id, "no_address")
            return
        asking = self._before.allowed(unit, person, delivery)
        if asking is None:
            return
        if delivery.shares_back:
            deliver = own_quotes.deliver if delivery.asks_quote else share_back.deliver
            deliver(self._turns, unit, person, delivery)
            return
        dialog = self._turns.dialog(unit, delivery.dialog_hash)
        run_id = self._turns.begin(
            unit,
            person,
            dialog,
            "broadcast",
            cohort_id=delivery.cohort_id,
            broadcast_id=delivery.broadcast_id,
            delivery_id=delivery.id,
            lane=REPLY if asking.way == "own" else BROADCAST,
            stored=dialog.version == delivery.dialog_hash,
        )
        unit.broadcasts.started(delivery.id, run_id)
        if asking.schedule is not None and reminders.after(asking.schedule.rule) is not None:
            reminders.plan(unit, unit.people.get(person.id) or person, asking.schedule, run_id)

    def _floor_taken(self, unit: Unit, person: Person) -> bool:
        """Return whether an open run blocks the start of another: one that was active in the last four hours."""
        row = unit.runs.open(person)
        return row is not None and row.status != "postponed" and unit.now - row.active_at < FLOOR_SILENCE

    def _next_allowed(self, unit: Unit, person: Person, cohort: Cohort | None = None) -> datetime:
        """Return the next moment within the person's hours: now, if this is one. In practice, always now."""
        return self._turns.organisation.next_moment(unit, person, cohort)

    def _look(self, unit: Unit, person_id: UUID) -> None:
        """Do what is due for one person, and note when something is due again, if anything is to come."""
        unit.lock(person_id)
        moments: list[datetime] = []
        said = self._said
        if not self._safely(unit, partial(self._do, unit, person_id, self._works, moments), again=True):
            self._said = said
            moments = self._one_by_one(unit, person_id)
        unit.people.look(person_id, min(moments, default=None))

    def _one_by_one(self, unit: Unit, person_id: UUID) -> list[datetime]:
        """Do each thing in a savepoint of its own, as one of them fails; return when to look at the person again."""
        if not self._safely(unit, partial(unit.people.get, person_id)):
            return [unit.now + DAMAGED_WAITS]
        moments: list[datetime] = []
        for work in self._works:
            if not self._safely(unit, partial(self._do, unit, person_id, (work,), moments)):
                moments.append(unit.now + DAMAGED_WAITS)
        return moments

    def _do(self, unit: Unit, person_id: UUID, works: Sequence[Work], moments: list[datetime]) -> None:
        """Do some of what may be due for a person, who is read again once anything about anybody was changed."""
        person, changes = unit.people.get(person_id), unit.people.changes
        for work in works:
            if unit.people.changes != changes:
                person, changes = unit.people.get(person_id), unit.people.changes
            if person is not None and (moment := work(unit, person)) is not None:
                moments.append(moment)

    def _call(self, unit: Unit, person: Person) -> None:
        """Make the person findable by nickname, if they joined before nicknames were indexed."""
        unit.people.call(person)

    def _replan(self, unit: Unit, person: Person) -> None:
        """Move what comes back to the hour of the zone the participant is in now."""
        replan(unit, self._turns.organisation, person)

    def _welcome(self, unit: Unit, person: Person) -> datetime | None:
        """Offer the first dialog at the moment announced to the participant, or once no other run blocks it."""
        at = person.preferences.get(WELCOME_AT) if person.participation == "active" else None
        if not at or unit.runs.had(person.id, FIRST_DIALOG):
            return None
        if (moment := datetime.fromisoformat(at)) > unit.now:
            return moment
        if person.chat is None or restored.may_have_come(unit, moment):
            return unit.now + NOWHERE_WAITS
        if self._floor_taken(unit, person):
            return unit.now + FLOOR_WAIT
        if (moment := self._next_allowed(unit, person)) > unit.now:
            return moment
        enough = next_message(unit, self._turns.organisation, person)
        if enough is not None and enough > unit.now:
            return enough
        if self._agreement.due(unit, person):
            self._said += self._agreement.renew(unit, person, lane=BROADCAST)
            return unit.now + RENEWAL_WAITS
        dialog = self._turns.content.of(unit).dialog(FIRST_DIALOG)
        cohort_id = first_cohort(unit, person.id)
        self._turns.begin(unit, person, dialog, "person", cohort_id=cohort_id, lane=BROADCAST)
        unit.people.prefer(person, **{WELCOME_AT: None})
        self._said += 1
        return None

    def _end_asked(self, unit: Unit, person: Person) -> datetime | None:
        """Ask, once, whether something that came back to a participant and is over should go on."""
        moment, said = self._occurrences.reviews.ask_participant(unit, person, self._next_allowed)
        self._said += said
        return moment

    def _listen(self, unit: Unit, person: Person) -> datetime | None:
        """Ask once how all that comes back is to go on, where it was left alone; then it rests until they say so."""
        if not listening.due(unit, person):
            return None
        if person.chat is None:
            return unit.now + NOWHERE_WAITS
        if self._floor_taken(unit, person):
            return unit.now + FLOOR_WAIT
        moment = self._next_allowed(unit, person)
        enough = next_message(unit, self._turns.organisation, person)
        if moment > unit.now or (enough is not None and enough > unit.now):
            return max(moment, enough or moment)
        going_on.ask(self._turns, unit, person)
        self._said += 1
        return None

    def _on_page(self, unit: Unit, person: Person) -> None:
        """Show somebody who opened their page, where nothing rings, what was typed in for them from paper."""
        if person.preferences.get(own_paper.HERE) and not registry.of(person.messenger or "").rings:
            self._said += self._own_paper.came(unit, person)

    def _digest(self, unit: Unit, person: Person) -> datetime | None:
        if (moment := digest.next_due(self._turns, unit, person)) is not None:
            try:
                self._said += digest.send_due(self._turns, unit, person.id)
            except Uncounted as wanted:
                tallies.want(wanted.broadcasts)
                return unit.now + COUNTING_WAITS
        return moment

    def _of_the_team(self, unit: Unit, person: Person) -> datetime | None:
        """Do what is done for the team alone: anybody else costs one look at their roles."""
        if not unit.roles.of(person.id):
            return None
        confidants.expect(unit, person)
        moment, said = handover.remind(self._turns, unit, person, self._next_allowed(unit, person))
        self._said += said + today.tell_of_before(self._turns, unit, unit.people.get(person.id) or person)
        return moment

    def _wake(self, unit: Unit, person: Person) -> datetime | None:
        """End a pause whose day has come, within the participant's hours."""
        until = person.preferences.get(UNTIL) if person.participation == "paused" else None
        if not until:
            return None
        if (moment := datetime.fromisoformat(until)) > unit.now:
            return moment
        if (moment := self._next_allowed(unit, person)) > unit.now:
            return moment
        if person.chat is None:
            return unit.now + NOWHERE_WAITS
        self._said += self._resting.end_if_due(unit, person)
        return unit.now + FLOOR_WAIT  # what had waited for the end of the pause comes after it

    def _night(self, unit: Unit, person: Person) -> datetime | None:
        """Remove what was said from the chat of a person who chose nightly cleanup, at 3 in their zone."""
        if person.preferences.get("tidy") != NIGHTLY or person.chat is None or person.participation == "unreachable":
            return None
        zone = self._turns.organisation.zone(unit, person)
        hour = unit.now.astimezone(ZoneInfo(zone)).replace(minute=0, second=0, microsecond=0)
        tidied = person.preferences.get(TIDIED)
        if hour.hour == NIGHT and (tidied is None or datetime.fromisoformat(tidied) < hour):
            self._said += tidy(self._turns.speech(unit, person))
            unit.people.prefer(person, **{TIDIED: unit.now.isoformat()})
        return hours.next_at(NIGHT, zone, unit.now)
