"""Runs whose moment has come: asked again, or ended where their order is over."""

from datetime import datetime, timedelta
from typing import Final

from bot.conversation.turns import Turns
from bot.conversation.writer import ENDED
from bot.pipeline import window_ends
from bot.pipeline.asking_again import ask_once_more, show_notice
from bot.pipeline.before_asking import FLOOR_WAIT, FloorTaken, NextAllowed
from bot.rendering import targets
from bot.rendering.speech import BROADCAST, rows
from bot.services import gaps, reminders, reply_hours
from bot.services.own_time import never_rung
from bot.services.phones import watched
from bot.services.week import next_message, uncounted
from storage.people import Person
from storage.runs import RunRow
from storage.unit import Unit

FLOOR_SILENCE: Final = timedelta(hours=4)
"""A run silent for this long no longer blocks the start of another."""


class DueRuns:
    """Asks a due run again, or ends it."""

    def __init__(self, turns: Turns, next_allowed: NextAllowed, floor_taken: FloorTaken) -> None:
        """Build it.

        Args:
            turns: the engine's service.
            next_allowed: returns the next moment within a person's hours.
            floor_taken: returns whether an open run blocks the start of another.
        """
        self._turns = turns
        self._next_allowed = next_allowed
        self._floor_taken = floor_taken

    def come_up(self, unit: Unit, row: RunRow) -> None:
        """Ask a due run again, or end it where its order is over. A damaged run is set to rest, or ended."""
        if row.damaged:
            over = row.broadcast_id is not None and unit.following.over_since(row.id)
            (unit.runs.end if over else unit.runs.rest)(row.id)
            return
        unit.lock(row.person_id)
        person = unit.people.get(row.person_id)
        present = unit.runs.get(row.id, person) if person else None
        if person is None or present is None or present.status in ENDED:
            unit.runs.rest(row.id)
        elif present.broadcast_id is not None and (over := unit.following.over_since(row.id)) is not None:
            if present.status == "open" and not _heard(unit, person, over):
                unit.runs.defer(row.id, unit.now + FLOOR_WAIT)  # they may have answered in time
            else:
                self._end(unit, person, present)
        elif person.participation != "active":
            unit.runs.rest(row.id)
        else:
            self._speak_up(unit, person, present)

    def _end(self, unit: Unit, person: Person, row: RunRow) -> None:
        """End a run whose order is over; tell the participant if they were in the middle of it.

        The end of a window tells nobody that they did not finish. At night they read it when they next come.
        """
        in_the_middle = row.status == "open" and unit.now - row.active_at < FLOOR_SILENCE
        asleep = in_the_middle and reply_hours.waiting(self._turns.organisation, unit, person) is not None
        window = row.broadcast_id is not None and unit.schedules.of_occurrence(row.broadcast_id) is not None
        if window or asleep:
            window_ends.end(self._turns, unit, person, row)
            return
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
        if reminder and reminders.planned(row) and watched(person):
            unit.runs.rest(row.id)
            return
        quiet_until = row.active_at + FLOOR_SILENCE
        if reminder and quiet_until > unit.now and not person.practice:
            unit.runs.defer(row.id, quiet_until)
            return
        if self._floor_taken(unit, person) and not (reminder and person.practice):
            unit.runs.defer(row.id, unit.now + FLOOR_WAIT)
            return
        moment = self._next_allowed(unit, person, None)
        if moment > unit.now:
            unit.runs.defer(row.id, moment)
            return
        enough = next_message(unit, self._turns.organisation, person) if reminder else None
        if enough is not None and enough > unit.now:
            unit.runs.defer(row.id, enough)
            return
        if not reminder:  # what they put off themselves counts for no week
            person = uncounted(unit, person)
        if watched(person):
            show_notice(self._turns, unit, person, row, reminder=reminder)
        elif reminder:
            ask_once_more(self._turns, unit, person, reminders.said(row))
        else:
            self._turns.ask_again(unit, person, row, lane=BROADCAST)


def _heard(unit: Unit, person: Person, moment: datetime) -> bool:
    """Return whether all that somebody said by a moment was fetched and has had its turn."""
    if person.messenger is None or person.chat is None:
        return True
    return gaps.heard_until(unit, person.messenger, moment) and not unit.inbox.waiting(person.messenger, person.chat)
