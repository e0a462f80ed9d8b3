"""When a reply of the team reaches a participant: in their hours, unless they are here, or it is sent at once."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from bot.messengers import registry
from bot.rendering import targets
from bot.services.organisation import OrganisationFacts
from bot.services.permissions import FACILITATORS, allowed, may_see
from bot.services.refusals import NotAllowed, NotFound
from storage.people import Person
from storage.unit import Unit

HERE: Final = timedelta(minutes=15)
"""For how long after somebody wrote or pressed anything they are here."""


def waiting(organisation: OrganisationFacts, unit: Unit, person: Person) -> datetime | None:
    """Return until when a reply to a participant waits for their hours; None: it goes now.

    Where nothing rings, nothing wakes anybody: it lies on the page at once. In practice it is always day.
    """
    if person.chat is None or not registry.of(person.messenger or "").rings:
        return None
    moment = organisation.next_moment(unit, person)
    if moment <= unit.now or unit.inbox.here(person.messenger or "", person.chat, unit.now - HERE):
        return None
    return moment


def send_now(unit: Unit, by: Person, person_id: UUID) -> bool:
    """Let go what the team wrote to a participant and waits for their hours; return whether anything did.

    Raises:
        NotFound: there is no such participant.
        NotAllowed: the actor may not write to them.
    """
    if unit.people.get(person_id) is None:
        raise NotFound
    reached = [each for each in unit.memberships.of(person_id) if may_see(unit, by.id, each)]
    if not allowed(unit, by, FACILITATORS) or not reached:
        raise NotAllowed(targets.MAIL_NOW)
    if not unit.outbox.let_go(person_id):
        return False
    unit.audit.add(str(by.id), "message.at_once", str(person_id), {})
    return True
