"""What is due: deliveries become runs, postponed runs speak up again, old inbox keys are destroyed."""

import logging
from collections.abc import Callable
from datetime import timedelta
from functools import partial

from bot.speech import BROADCAST
from bot.turns import Turns
from storage.broadcasts import Delivery
from storage.people import Person
from storage.runs import RunRow
from storage.unit import Unit

log = logging.getLogger(__name__)

FLOOR_SILENCE = timedelta(hours=4)  # a run silent for so long no longer holds the floor
DAMAGED_WAITS = timedelta(hours=1)
FLOOR_WAIT = timedelta(minutes=1)
INBOX_KEEPS = timedelta(hours=48)
MESSAGE_WAITS = timedelta(hours=24)  # an unconfirmed message to the team


class Tick:
    """One step at a time, each inside a unit of its own."""

    def __init__(self, turns: Turns) -> None:
        """Take what plays turns."""
        self._turns = turns

    def step(self, unit: Unit, limit: int) -> int:
        """Do what is due now, at most `limit` deliveries and as many postponed runs; returns how much was done."""
        due = unit.broadcasts.due(unit.now, limit)
        for delivery in due:
            if not self._safely(unit, partial(self._deliver, unit, delivery)):
                unit.broadcasts.defer(delivery.id, unit.now + DAMAGED_WAITS)
        resumed = unit.runs.due(unit.now, limit)
        for row in resumed:
            if not self._safely(unit, partial(self._resume, unit, row)):
                unit.runs.defer(row.id, unit.now + DAMAGED_WAITS)
        return len(due) + len(resumed)

    def _safely(self, unit: Unit, work: Callable[[], None]) -> bool:
        """Do one person's share by itself: damage to her record costs nobody else anything."""
        try:
            with unit.connection.begin_nested():
                work()
        except Exception as error:  # noqa: BLE001  any one failure is set apart; its kind is logged, never its words
            log.error("tick: %s, set apart for an hour", type(error).__name__)  # noqa: TRY400  a trace may hold words
            return False
        return True

    def tidy(self, unit: Unit) -> None:
        """Destroy what is no longer needed: inbox keys after 48 hours, messages nobody confirmed after a day."""
        unit.inbox.forget((unit.now - INBOX_KEEPS).date())
        unit.messages.drop_held(unit.now - MESSAGE_WAITS)

    def _deliver(self, unit: Unit, delivery: Delivery) -> None:
        unit.lock(delivery.person_id)
        person = unit.people.get(delivery.person_id)
        if person is None or person.chat is None:
            unit.broadcasts.skip(delivery.id, "no_address")
            return
        if person.participation != "active":
            unit.broadcasts.skip(delivery.id, person.participation)
            return
        if self._floor_taken(unit, person):
            unit.broadcasts.defer(delivery.id, unit.now + FLOOR_WAIT)
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
        """One run holds the floor in a chat, unless it has been silent for four hours."""
        row = unit.runs.open(person)
        return row is not None and row.status != "postponed" and unit.now - row.active_at < FLOOR_SILENCE

    def _resume(self, unit: Unit, row: RunRow) -> None:
        unit.lock(row.person_id)
        person = unit.people.get(row.person_id)
        if person is None or person.participation != "active":
            unit.runs.rest(row.id)
            return
        if self._floor_taken(unit, person):
            unit.runs.defer(row.id, unit.now + FLOOR_WAIT)
            return
        present = unit.runs.get(row.id, person)
        if present is not None and present.status == "postponed":
            self._turns.again(unit, person, present)
