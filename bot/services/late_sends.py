"""What Hilo began and could not send in time: it waits for the hours of whom it is for, instead of coming at night."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from bot.services.organisation import OrganisationFacts
from storage.unit import Unit

LATE: Final = timedelta(minutes=15)
"""How long after it was queued a message is late: a broadcast is queued a few seconds ahead of its sending."""


def allowed_at(organisation: OrganisationFacts, unit: Unit, person_id: UUID) -> datetime:
    """Return the first moment within a participant's hours, in UTC; for the team and in practice, now."""
    person = unit.people.get(person_id)
    if person is None or unit.roles.of(person_id):
        return unit.now
    return organisation.next_moment(unit, person)
