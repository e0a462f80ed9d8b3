"""Whether a person's earlier answers may stand on the screen: on a phone that others see, only once they said so."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from bot.rendering.ids import short_id
from bot.services.phones import watched
from storage.people import Person
from storage.unit import Unit

LASTS: Final = timedelta(minutes=5)
"""How long a yes holds, so that turning a page does not ask again."""
UNTIL: Final = "answers_until"
"""Preference: until when a yes holds."""


def open_now(unit: Unit, person: Person) -> bool:
    """Return whether earlier answers may be shown without asking."""
    until = person.preferences.get(UNTIL)
    return not watched(person) or (until is not None and datetime.fromisoformat(until) > unit.now)


def say_yes(unit: Unit, person: Person) -> Person:
    """Note that they may be shown, for a few minutes."""
    return unit.people.prefer(person, **{UNTIL: (unit.now + LASTS).isoformat()})


def close(unit: Unit, person: Person) -> Person:
    """Let them be asked about again."""
    return unit.people.prefer(person, **{UNTIL: None}) if UNTIL in person.preferences else person


def yes_to_run(run_id: UUID) -> str:
    """Return what the button carries that says yes and shows one run's answers."""
    return f"yr{short_id(run_id)}"
