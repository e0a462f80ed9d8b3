"""Do what is due: start deliveries, ask postponed runs again or end them, and destroy old inbox keys.

Whatever Hilo says first waits for the hours of the person it is for. A step is short, since answers wait while it runs:
work that is done person by person is spread over as many steps as it needs.
"""

import logging
from collections import deque
from collections.abc import Callable, Collection
from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import UUID
from zoneinfo import ZoneInfo

from bot import clock
from bot.content import FIRST_DIALOG
from bot.conversation.turns import Turns
from bot.conversation.writer import ENDED
from bot.messengers.port import Button
from bot.participant.pause_leave import first_cohort
from bot.participant.retention import RetentionSweep
from bot.participant.settings import NIGHTLY, TIDIED
from bot.pipeline.occurrences import Occurrences
from bot.pipeline.screens import Screens
from bot.product_languages import language_of
from bot.rendering import targets
from bot.rendering.speech import BROADCAST, rows
from bot.services import confidants, hours
from bot.services.chat_cleanup import tidy
from bot.services.member_status import UNTIL
from bot.services.members import WELCOME_AT
from bot.services.notices import Notices, foreign_rows
from bot.services.own_time import never_rung
from bot.services.phones import watched
from bot.services.schedules import replan
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
from storage.runs import RunRow
from storage.unit import Unit

log = logging.getLogger(__name__)

FLOOR_SILENCE = timedelta(hours=4)  # a run silent for this long no longer blocks the start of another
REHEARSAL_WAITS = timedelta(hours=1)  # a rehearsal that one of the team left unfinished
DAMAGED_WAITS = timedelta(hours=1)
FLOOR_WAIT = timedelta(minutes=1)
RENEWAL_WAITS = timedelta(minutes=10)  # until it is checked again whether the participant has agreed
NOWHERE_WAITS = timedelta(hours=1)  # until it is checked again whether the person has a chat
INBOX_KEEPS = timedelta(hours=48)
# Telegram repeats an update for a day at most; a page left open may send its form again much later.
UPDATES_KNOWN = timedelta(days=30)
MESSAGE_WAITS = timedelta(hours=24)  # an unconfirmed message to the team
ROUND_EVERY = timedelta(minutes=1)
NIGHT = 3  # the hour at which chats are cleaned up
DAY = timedelta(hours=24)
PAST_HELD_EVERY = timedelta(seconds=10)  # a query that skips held messengers reads past all their deliveries
NEVER = datetime.min.replace(tzinfo=UTC)
AT_A_TIME = 0.03  # seconds of a step spent on work done person by person

Piece = Callable[[Unit], object]
Work = Callable[[Unit, Person], datetime | None]


class Scheduler:
    """Does what is due, one step at a time, each step inside one `Unit`."""

    def __init__(self, turns: Turns, screens: Screens) -> None:
        """Build the scheduler.

        Args:
            turns: the engine's service for runs and dialogs.
            screens: the screens that the router uses.
        """
        self._turns = turns
        self._resting = screens.resting
        self._panels = BroadcastPanels(turns)
        self._notices = Notices(turns.organisation)
        self._occurrences = Occurrences(turns, self._next_allowed)
        self._forgetting = RetentionSweep(turns)
        self._agreement = screens.agreement
        self._past_held_at = NEVER  # when only deliveries of held messengers were due
        self._round_at: datetime | None = None
        self._night_at: datetime | None = None
        self._pieces: deque[Piece] = deque()
        self._said = 0

    def step(self, unit: Unit, limit: int, held: Collection[str] = ()) -> int:
        """Do what is due now, at most `limit` deliveries and as many postponed runs; return how much was done.

        Nothing is delivered to people whose messenger is in `held`.
        """
        due = self._due(unit, limit, held)
        for delivery in due:
            if not self._safely(unit, partial(self._deliver, unit, delivery)):
                unit.broadcasts.defer(delivery.id, unit.now + DAMAGED_WAITS)
        resumed = unit.runs.due(unit.now, limit)
        for row in resumed:
            if not self._safely(unit, partial(self._come_up, unit, row)):
                unit.runs.defer(row.id, unit.now + DAMAGED_WAITS)
        return len(due) + len(resumed) + self._read(unit, limit) + self._round(unit)

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
        self._panels.undone()

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
        self._pieces += [partial(self._look, person_id=id_) for id_ in unit.people.due(unit.now)]

    def _hour(self, unit: Unit) -> None:
        unit.run.seals.look_back(put_back(unit))
        for run_id in unit.runs.rehearsals(unit.now - REHEARSAL_WAITS):
            unit.runs.forget(run_id)
        self._pieces += self._forgetting.pieces(unit)

    def _follow(self, unit: Unit, panel: PlacedPanel) -> None:
        """Update the panel of one order in the chat of one of the team."""
        self._said += self._panels.update(unit, panel)

    def _safely(self, unit: Unit, work: Callable[[], object]) -> bool:
        """Do one piece of work in a savepoint of its own; return False when it failed, so that the others go on.

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
            log.error("tick: %s, set apart for an hour", type(error).__name__)  # noqa: TRY400  a trace may hold words
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
        if person.participation != "active":
            unit.broadcasts.skip(delivery.id, person.participation)
            return
        if delivery.cohort_id not in unit.memberships.of(person.id):
            unit.broadcasts.skip(delivery.id, "left")
            return
        if delivery.schedule_id is not None and not self._occurrences.may_begin(unit, person, delivery):
            return
        if self._floor_taken(unit, person):
            unit.broadcasts.defer(delivery.id, unit.now + FLOOR_WAIT)
            return
        # The order's author chose the moment; hours that the participant or the cohort chose take precedence over it.
        cohort = unit.cohorts.get(delivery.cohort_id)
        chosen = self._turns.organisation.hours(unit, person, cohort)
        moment = self._next_allowed(unit, person, cohort) if chosen else unit.now
        if moment > unit.now:
            unit.broadcasts.defer(delivery.id, moment)
            return
        if self._agreement.due(unit, person):
            # The consent has changed: nothing is asked before the participant has agreed to the present words.
            self._agreement.renew(unit, person, lane=BROADCAST)
            unit.broadcasts.defer(delivery.id, unit.now + RENEWAL_WAITS)
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
            lane=BROADCAST,
        )
        unit.broadcasts.started(delivery.id, run_id)

    def _floor_taken(self, unit: Unit, person: Person) -> bool:
        """Return whether an open run blocks the start of another: one that was active in the last four hours."""
        row = unit.runs.open(person)
        return row is not None and row.status != "postponed" and unit.now - row.active_at < FLOOR_SILENCE

    def _come_up(self, unit: Unit, row: RunRow) -> None:
        """Ask a due run again, or end it where its order is over. A damaged run is set to rest, or ended."""
        if row.damaged:
            over = row.broadcast_id is not None and unit.following.over(row.id)
            (unit.runs.end if over else unit.runs.rest)(row.id)
            return
        unit.lock(row.person_id)
        person = unit.people.get(row.person_id)
        present = unit.runs.get(row.id, person) if person else None
        if person is None or present is None or present.status in ENDED:
            unit.runs.rest(row.id)
        elif present.broadcast_id is not None and unit.following.over(row.id):
            self._end(unit, person, present)
        elif person.participation != "active":
            unit.runs.rest(row.id)
        else:
            self._speak_up(unit, person, present)

    def _end(self, unit: Unit, person: Person, row: RunRow) -> None:
        """End a run whose order is over; tell the participant if they were in the middle of it."""
        in_the_middle = row.status == "open" and unit.now - row.active_at < FLOOR_SILENCE
        self._turns.expire(unit, person, row)
        if in_the_middle and person.participation == "active" and person.chat is not None:
            speech = self._turns.speech(unit, person)
            speech.say("progress.over", rows(speech.button("button.menu", targets.HOME)))

    def _speak_up(self, unit: Unit, person: Person, row: RunRow) -> None:
        """Ask the run's question again: the participant postponed it until now, or one reminder is due."""
        reminder = row.status != "postponed"
        if reminder and (row.state.get("completed_at") or never_rung(unit, person, row.broadcast_id)):
            unit.runs.rest(row.id)  # the participant had finished and is changing an answer, or comes by themselves
            return
        quiet_until = row.active_at + FLOOR_SILENCE
        if reminder and quiet_until > unit.now and not person.practice:
            unit.runs.defer(row.id, quiet_until)
            return
        if self._floor_taken(unit, person) and not (reminder and person.practice):
            unit.runs.defer(row.id, unit.now + FLOOR_WAIT)
            return
        moment = self._next_allowed(unit, person)
        if moment > unit.now:
            unit.runs.defer(row.id, moment)
            return
        if watched(person):
            # On a phone that others see, the question is shown only once the participant opens it.
            speech = self._turns.speech(unit, person, lane=BROADCAST)
            begun = bool(row.state["position"])
            label = "button.resume" if begun else "button.told_open"
            if reminder:
                go_on = speech.button(label, targets.AGAIN)
            else:
                go_on = Button(speech.words(label), speech.buttons.run(row.id, row.prompt, "resume"))
            speech.say(
                "leader.notice" if begun else "told.notice", rows(go_on, speech.button("button.menu", targets.HOME))
            )
            unit.runs.rest(row.id)
        elif reminder:
            lead = self._turns.texts.say("prompt.repeat", language_of(person))
            self._turns.ask_again(unit, person, row, lead=lead, lane=BROADCAST)
        else:
            self._turns.ask_again(unit, person, row)

    def _next_allowed(self, unit: Unit, person: Person, cohort: Cohort | None = None) -> datetime:
        """Return the next moment within the person's hours: now, if this is one. In practice, always now."""
        if person.practice:
            return unit.now
        zone = self._turns.organisation.zone(unit, person, cohort)
        return hours.next_moment(self._turns.organisation.hours(unit, person, cohort), zone, unit.now)

    def _look(self, unit: Unit, person_id: UUID) -> None:
        """Do what is due for one person, and note when something is due again, if anything is to come."""
        unit.lock(person_id)
        if not self._safely(unit, partial(unit.people.get, person_id)):
            unit.people.look(person_id, unit.now + DAMAGED_WAITS)
            return
        moments: list[datetime] = []
        for work in (self._call, self._replan, self._welcome, self._wake, self._digest, self._of_the_team, self._night):
            if not self._safely(unit, partial(self._do, unit, person_id, work, moments)):
                moments.append(unit.now + DAMAGED_WAITS)
        unit.people.look(person_id, min(moments, default=None))

    def _do(self, unit: Unit, person_id: UUID, work: Work, moments: list[datetime]) -> None:
        person = unit.people.get(person_id)
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
        if person.chat is None:
            return unit.now + NOWHERE_WAITS
        if self._floor_taken(unit, person):
            return unit.now + FLOOR_WAIT
        if (moment := self._next_allowed(unit, person)) > unit.now:
            return moment
        if self._agreement.due(unit, person):
            self._said += self._agreement.renew(unit, person, lane=BROADCAST)
            return unit.now + RENEWAL_WAITS
        dialog = self._turns.content.of(unit).dialog(FIRST_DIALOG)
        cohort_id = first_cohort(unit, person.id)
        self._turns.begin(unit, person, dialog, "person", cohort_id=cohort_id, lane=BROADCAST)
        unit.people.prefer(person, **{WELCOME_AT: None})
        self._said += 1
        return None

    def _digest(self, unit: Unit, person: Person) -> datetime | None:
        if (moment := digest.next_due(self._turns, unit, person)) is not None:
            self._said += digest.send_due(self._turns, unit, person.id)
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
