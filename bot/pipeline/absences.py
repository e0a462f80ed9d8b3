"""After a gap in fetching, in which the messenger forgot presses: ask open questions once more, each in its hours."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from bot.conversation.turns import Turns
from bot.pipeline.asking_again import ask_once_more
from bot.services import week
from bot.services.own_time import never_rung
from storage.fetches import Missed, OpenPrompt
from storage.people import Person
from storage.unit import Unit

SETTLED: Final = timedelta(minutes=1)
"""How long after fetching works again what people said meanwhile has come in."""
DAY: Final = timedelta(hours=24)
LATELY: Final = timedelta(hours=1)

NextAllowed = Callable[[Unit, Person], datetime]


class Absences:
    """What the scheduler does after a gap in fetching."""

    def __init__(self, turns: Turns, next_allowed: NextAllowed) -> None:
        """Build it; `next_allowed` returns the next moment within a person's hours."""
        self._turns = turns
        self._next_allowed = next_allowed

    def due(self, unit: Unit) -> list[Callable[[Unit], object]]:
        """Return a piece for each person who is asked once more now; forget a gap once nobody is left.

        Nobody is a second time: what is sent now was sent after the gap.
        """
        pieces: list[Callable[[Unit], object]] = []
        for missed in unit.fetches.missed():
            if unit.now < missed.until + SETTLED:
                continue
            after = max(unit.now, missed.until) - DAY
            found = [
                each
                for each in unit.fetches.open_prompts(missed.messenger, after, missed.until - LATELY)
                if self._waits(unit, each)
            ]
            if not found:
                unit.fetches.seen_to(missed.messenger)
            pieces += [partial(self._ask, missed=missed, prompt=each) for each in found]
        return pieces

    def _waits(self, unit: Unit, prompt: OpenPrompt) -> bool:
        """Return whether somebody may still be asked once more: today, and not who comes by themselves."""
        person = unit.people.get(prompt.person_id)
        if person is None or person.chat is None or person.participation != "active":
            return False
        row = unit.runs.get(prompt.run_id, person)
        if row is None or row.damaged or row.state.get("completed_at"):
            return False
        if never_rung(unit, person, row.broadcast_id) or unit.following.over_since(row.id) is not None:
            return False
        return self._next_allowed(unit, person) < prompt.sent_at + DAY

    def _ask(self, unit: Unit, missed: Missed, prompt: OpenPrompt) -> None:
        """Ask one person once more, unless it is not their hour, or something of theirs waits for its turn."""
        unit.lock(prompt.person_id)
        person = unit.people.get(prompt.person_id)
        row = unit.runs.get(prompt.run_id, person) if person is not None else None
        if person is None or row is None or row.status not in {"offered", "open"} or person.chat is None:
            return
        if self._next_allowed(unit, person) > unit.now or unit.inbox.waiting(missed.messenger, person.chat):
            return
        if row.active_at > missed.until:  # something was said since: whatever it was, it was answered
            return
        ask_once_more(self._turns, unit, week.uncounted(unit, person), row)
