"""A rhythm that listens: who could see what came back, and did nothing about it three times in a row, is asked once.

What is noted is the present row alone, sealed with the person's preferences: since when, and whether it is long enough.
It is shown nowhere, and gone as soon as they do anything.
"""

from datetime import datetime, timedelta
from typing import Any, Final

from bot.messengers import registry
from bot.services import own_time
from bot.services.run_notes import ACTED
from storage.people import Person
from storage.runs import RunRow
from storage.unit import Unit

UNANSWERED: Final = "unanswered"
"""Preference: since when, and how many times up to `TIMES`, what came back was left alone without a word."""
HEARD: Final = "heard_at"
"""Preference: when a person paused: what came before that counts for nothing."""
ASKED: Final = "how_to_go_on_at"
"""Preference: when a person was last asked how to go on."""
TIMES: Final = 3
AT_LEAST: Final = timedelta(days=14)
EVERY: Final = timedelta(days=91)


def acted(unit: Unit, person: Person) -> Person:
    """End the row: a person said or did something about what came back. Who has none costs one look."""
    return unit.people.prefer(person, **{UNANSWERED: None}) if person.preferences.get(UNANSWERED) else person


def paused(unit: Unit, person: Person) -> Person:
    """Note that a person paused: nothing that came before counts."""
    return unit.people.prefer(person, **{UNANSWERED: None, HEARD: unit.now.isoformat()})


def over(unit: Unit, person: Person, row: RunRow) -> bool:
    """Note that the window of an occurrence is over for a person; return whether they are to be asked how to go on.

    `row` is the run as it was before it ended.
    """
    if row.status != "offered" or row.state.get(ACTED) or person.participation != "active":
        acted(unit, person)
        return False
    heard = person.preferences.get(HEARD)
    if (heard and datetime.fromisoformat(heard) >= row.started_at) or not _could_be_seen(unit, person, row):
        return False
    since, times = _row(person, row.started_at)
    times = min(times + 1, TIMES)
    unit.people.prefer(person, **{UNANSWERED: [since.isoformat(), times]})
    return is_long(unit, since, times)


def is_long(unit: Unit, since: datetime, times: int) -> bool:
    """Return whether a row is one to ask about."""
    return times >= TIMES and unit.now - since >= AT_LEAST


def due(unit: Unit, person: Person) -> bool:
    """Return whether a person is to be asked how to go on: at most every three months, for what comes to ring."""
    if person.participation != "active" or own_time.rests(person) or not person.preferences.get(UNANSWERED):
        return False
    asked = person.preferences.get(ASKED)
    if asked and unit.now - datetime.fromisoformat(asked) < EVERY:
        return False
    if not is_long(unit, *_row(person, unit.now)):
        return False
    return any(own_time.way_of(person, each.id) not in {"own", "no"} for each in own_time.present(unit, person))


def asked(unit: Unit, person: Person) -> Person:
    """Note that a person was asked how to go on: until they write or press anything, all of it rests."""
    now = unit.now.isoformat()
    return unit.people.prefer(person, **{ASKED: now, UNANSWERED: None, own_time.RESTS: now})


def _row(person: Person, now: datetime) -> tuple[datetime, int]:
    kept: Any = person.preferences.get(UNANSWERED)
    return (datetime.fromisoformat(kept[0]), int(kept[1])) if kept else (now, 0)


def _could_be_seen(unit: Unit, person: Person, row: RunRow) -> bool:
    """Return whether it was sent where it rings, or the person opened their page since it was there."""
    if registry.of(person.messenger or "").rings:
        return unit.reached.was_sent(row.id)
    return unit.reached.opened_page(person.id, row.started_at)
