"""How much reaches one person in any seven days: what Hilo begins, and of it how much asks something.

Only what was sent counts, from when it was sent. What somebody put off, what a reply of the team says, and what comes
because somebody came by themselves are no beginnings of Hilo's. In practice nothing is counted.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from bot.services import own_time
from bot.services.organisation import OrganisationFacts
from storage.people import Person
from storage.reached import ReachedLately
from storage.tables import to_minute
from storage.unit import Unit

WEEK: Final = timedelta(days=7)
ASKINGS_A_WEEK: Final = 2
MESSAGES_A_WEEK: Final = 3
ASKINGS_LIMIT: Final = "askings_a_week"
"""In the organisation's record: how many askings reach one person in seven days."""
MESSAGES_LIMIT: Final = "messages_a_week"
"""In the organisation's record: how many messages that Hilo begins reach one person in seven days."""
ROWS_EACH: Final = 8
"""How many rows of the outbox a message that Hilo begins may be, at most: long texts, recordings."""
UNCOUNTED: Final = "uncounted"
"""Preference: the minutes of the last days in which something was only said again after a gap."""
SOON: Final = timedelta(hours=24)
"""How far ahead what comes first is looked for."""
AFTER: Final = timedelta(minutes=1)
TELLING_WAITS: Final = timedelta(minutes=10)
"""How long the first question waits for what its person says to how often it comes."""


def askings_a_week(record: Mapping[str, Any]) -> int:
    """Return how many askings reach one person in seven days, by the organisation's record."""
    return int(record.get(ASKINGS_LIMIT) or ASKINGS_A_WEEK)


def messages_a_week(record: Mapping[str, Any]) -> int:
    """Return how many messages that Hilo begins reach one person in seven days: one more than askings at least."""
    return max(int(record.get(MESSAGES_LIMIT) or MESSAGES_A_WEEK), askings_a_week(record) + 1)


def uncounted(unit: Unit, person: Person) -> Person:
    """Note that what is said to a person now counts for no week of its own.

    It only repeats what a gap may have swallowed, or tells of what is asked a moment later, and counts with that.
    """
    since = (unit.now - WEEK).isoformat()
    kept = [each for each in person.preferences.get(UNCOUNTED) or () if each > since]
    return unit.people.prefer(person, **{UNCOUNTED: [*kept, to_minute(unit.now).isoformat()]})


def counts_alone(unit: Unit, person: Person) -> Person:
    """Let what was just told to a person count by itself: no question follows it now, as they chose otherwise."""
    noted = person.preferences.get(UNCOUNTED) or ()
    kept = [each for each in noted if each < to_minute(unit.now - TELLING_WAITS).isoformat()]
    return person if len(kept) == len(noted) else unit.people.prefer(person, **{UNCOUNTED: kept or None})


def begun(unit: Unit, organisation: OrganisationFacts, person: Person) -> ReachedLately:
    """Return what was begun to be said to a person this week and counts."""
    most = messages_a_week(organisation.record(unit))
    left_out = [datetime.fromisoformat(each) for each in person.preferences.get(UNCOUNTED) or ()]
    return unit.reached.begun(person.id, unit.now - WEEK, most * ROWS_EACH, left_out)


def next_message(
    unit: Unit, organisation: OrganisationFacts, person: Person, *, first: bool = False
) -> datetime | None:
    """Return until when enough was said to a person this week; None if something may be begun now, as in practice.

    What is given back goes `first`: anything else leaves it its place.
    """
    if person.practice:
        return None
    most = messages_a_week(organisation.record(unit))
    moments = begun(unit, organisation, person).moments
    if len(moments) >= most:
        return moments[most - 1] + WEEK
    if first or len(moments) + unit.decisions.ahead(person.id, unit.now + SOON) < most:
        return None
    return unit.now + AFTER


def next_asking(
    unit: Unit, organisation: OrganisationFacts, person: Person, schedule_id: UUID | None = None
) -> datetime | None:
    """Return until when a person was asked often enough this week; None if they may be asked now, as in practice.

    An order by hand comes before a schedule (whose id is given), and an older schedule before a newer one: what is due
    to the person within a day and comes before takes its turn first.
    """
    if person.practice:
        return None
    record = organisation.record(unit)
    most, messages = askings_a_week(record), messages_a_week(record)
    found = begun(unit, organisation, person)
    if len(found.askings) >= most or len(found.moments) >= messages:
        full = [found.askings[most - 1]] if len(found.askings) >= most else []
        full += [found.moments[messages - 1]] if len(found.moments) >= messages else []
        return max(full) + WEEK
    if schedule_id is None:
        return None
    ahead = [
        each.due_at
        for each in unit.reached.ahead(person.id, schedule_id, unit.now + SOON)
        if each.schedule_id is None or own_time.way_of(person, each.schedule_id) not in {"own", "no"}
    ]
    if len(found.askings) + len(ahead) < most:
        return None
    return max(min(ahead), unit.now) + AFTER
