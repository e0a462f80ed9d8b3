"""Why a participant has not finished a run, in one line: how far they are, never what they answered."""

from collections.abc import Collection
from datetime import timedelta
from uuid import UUID

from bot.conversation.turns import Turns
from bot.rendering.speech import Speech
from bot.rendering.texts import shorten
from bot.team.orders.panel import BroadcastPanels
from dialogs.run import Run
from storage.broadcasts import Broadcast
from storage.following import Missing
from storage.people import Person
from storage.runs import RunRow

NAME = 24  # characters
SOON = timedelta(minutes=2)
# What a delivery waits for, or why it was not sent. That it was the participant's own wish is nobody's business.
WAITS = frozenset({"week", "away", "consent", "own"})
NOT_SENT = frozenset({"paused", "left", "resting", "week", "away", "consent", "hours", "window", "next"})
OWN_WISH = frozenset({"today", "less", "declined"})
LATE = frozenset({"patchy", "scarce"})  # signal that explains why an answer takes long
AWAY = {"paused": "missing.paused", "left": "missing.left", "unreachable": "missing.blocked"}


class IncompleteReason:
    """Writes the line for each participant who has not finished."""

    def __init__(self, turns: Turns, panels: BroadcastPanels) -> None:
        self._turns = turns
        self._panels = panels

    def line(self, speech: Speech, broadcast: Broadcast, missing: Missing, silent: Collection[UUID] = ()) -> str | None:
        """Return a participant's name and why they have not finished; None if they were erased.

        `silent` are those whom nothing rings, who have not come, and whom nobody has told yet.
        """
        person = speech.unit.people.get(missing.person_id)
        if person is None:
            return None
        away = missing.participation if missing.participation in AWAY else None
        said = (
            [speech.words(f"missing.{away}")] if away and missing.standing in {"halfway", "waiting", "queued"} else []
        )
        said.append(self._why(speech, broadcast, missing, person, silent))
        cohort = speech.unit.cohorts.get(broadcast.cohort_id)
        signal = person.preferences.get("signal") or (cohort.context.get("data") if cohort else None)
        if missing.standing in {"halfway", "waiting"} and signal in LATE:
            said.append(speech.words(f"missing.signal.{signal}"))
        return f"{shorten(speech.called(person), NAME)}: {'; '.join(said)}"

    def _why(
        self, speech: Speech, broadcast: Broadcast, missing: Missing, person: Person, silent: Collection[UUID]
    ) -> str:
        row = speech.unit.runs.get(missing.run_id, person) if missing.run_id else None
        match missing.standing:
            case "halfway" | "waiting" if row is not None:
                return self._open(speech, missing, row, silent)
            case "queued":
                return self._queued(speech, broadcast, missing, person)
            case "declined" if row is not None:
                return speech.words("missing.declined", day=self._panels.day(speech, row.active_at))
            case "skipped" if missing.reason in NOT_SENT:
                return speech.words(f"missing.skipped.{missing.reason}")
            case "skipped" if missing.reason in OWN_WISH:
                return speech.words("missing.skipped.own_wish")
            case standing:
                return speech.words(f"missing.{standing}")

    def _open(self, speech: Speech, missing: Missing, row: RunRow, silent: Collection[UUID]) -> str:
        """Return the words for an open run: the number of the question, since when, or until when it is put off."""
        number = self._number(speech, row)
        later = row.status == "postponed" and missing.resume_at is not None
        when = self._panels.when(speech, missing.resume_at) if later and missing.resume_at else ""
        day = self._panels.day(speech, missing.answered_at or row.started_at)
        if missing.standing == "waiting" or number is None:
            if row.status == "postponed":
                return speech.words("missing.put_off.until", when=when) if later else speech.words("missing.put_off")
            if missing.person_id in silent:
                return speech.words("missing.to_tell")
            return speech.words("missing.waiting", day=day)
        if row.status == "postponed":
            told = speech.words("missing.halfway.until", number=number, when=when)
            return told if later else speech.words("missing.halfway.later", number=number)
        return speech.words("missing.halfway", number=number, day=day)

    def _number(self, speech: Speech, row: RunRow) -> int | None:
        """Return the number of the participant's present question among those they saw; None before the first."""
        run = Run.restore(row.state, {})
        asked = {step.name for step in self._turns.dialog(speech.unit, row.dialog_hash).questions}
        trail = [path for path in run.trail if path in asked]
        return trail.index(run.position) + 1 if run.position in trail else None

    def _queued(self, speech: Speech, broadcast: Broadcast, missing: Missing, person: Person) -> str:
        """Return what a delivery waits for: the broadcast's moment, the participant's hours, or another run."""
        unit = speech.unit
        if missing.run_id is None and missing.reason in WAITS:
            return speech.words(f"missing.waits.{missing.reason}", when=self._panels.when(speech, missing.due_at))
        if missing.run_id is None and min(broadcast.due_at, missing.due_at) > unit.now:
            return speech.words("missing.scheduled", when=self._panels.when(speech, missing.due_at))
        if missing.run_id is None and missing.due_at - unit.now > SOON:
            return speech.words("missing.hours", when=self._panels.when(speech, missing.due_at))
        cohort = unit.cohorts.get(broadcast.cohort_id)
        chosen = self._turns.organisation.hours(unit, person, cohort)
        if missing.run_id is None and chosen:
            moment = self._turns.organisation.next_moment(unit, person, cohort)
            if moment > unit.now:
                return speech.words("missing.hours", when=self._panels.when(speech, moment))
        if missing.run_id is None and self._busy(speech, person):
            return speech.words("missing.busy")
        return speech.words("missing.queued")

    def _busy(self, speech: Speech, person: Person) -> bool:
        row = speech.unit.runs.open(person)
        return row is not None and row.status != "postponed"
