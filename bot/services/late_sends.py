"""What could not be sent in time: it waits for the hours of whom it is for, instead of coming at night."""

from datetime import datetime, timedelta
from typing import Final

from bot.messengers import registry
from bot.rendering.speech import BROADCAST, REPLY
from bot.services.organisation import OrganisationFacts
from storage.claims import LATE_REPLY, OutboxRow
from storage.unit import Unit

LATE: Final = timedelta(minutes=15)
"""How long after it was queued what Hilo began is late: a broadcast is queued a few seconds ahead of its sending."""
HELPED_FOR: Final = timedelta(days=1)
"""For how long after a cry for help no reply waits."""


def waits_until(organisation: OrganisationFacts, unit: Unit, row: OutboxRow) -> datetime | None:
    """Return the first moment within a participant's hours, in UTC, for which a late row waits; None: it goes now.

    Nothing waits that is for the team or in practice, or that rings nowhere; nor a reply to who asked for help; nor
    what was claimed while it waited: whoever it is for has written meanwhile, and it stands before the reply.
    """
    late = {BROADCAST: LATE, REPLY: LATE_REPLY}.get(row.lane)
    if late is None or unit.now - row.created_at < late or row.due_at > unit.now or row.person_id is None:
        return None
    if row.lane == REPLY and (row.kind != "message" or not registry.of(row.messenger).rings):
        return None
    person = unit.people.get(row.person_id)
    if person is None or unit.roles.of(person.id):
        return None
    if row.lane == REPLY and unit.alerts.of(person.id, unit.now - HELPED_FOR):
        return None
    at = organisation.next_moment(unit, person)
    return at if at > unit.now else None
