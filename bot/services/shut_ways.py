"""Acts on ways in that ten wrong PINs have shut: one of the team opens one again, after confirming with the person.

Whoever tried may be the person or a stranger, and the tries do not tell. So nothing opens by itself.
"""

from bot.rendering import targets
from bot.services.acts import Actor, actor_name, require
from bot.services.permissions import ADMINS_OF_ALL, FACILITATORS, allowed, may_reach, works_here
from bot.services.refusals import AlreadyDone, NotAllowed
from storage.people import Person
from storage.unit import Unit
from storage.web_pins import ShutWay


def shut_ways(unit: Unit, by: Person) -> list[ShutWay]:
    """List the ways in that are shut and that somebody may open again, the longest first."""
    return [each for each in unit.web_pins.shut_ways() if _reaches(unit, by, each)]


def reopen(unit: Unit, by: Actor, way: ShutWay) -> None:
    """Open a way in again.

    Raises:
        NotAllowed: the actor may not, or reaches none of the person's cohorts.
        AlreadyDone: it is not shut.
    """
    require(unit, by, FACILITATORS, targets.PIN_SHUT)
    if by is not None and not _reaches(unit, by, way):
        raise NotAllowed(targets.PIN_SHUT)
    if not unit.web_pins.reopen(way.person_id, way.way):
        raise AlreadyDone
    unit.audit.add(actor_name(by), "pin.reopened", str(way.person_id), {"way": way.way})


def _reaches(unit: Unit, by: Person, way: ShutWay) -> bool:
    """Return whether somebody reaches a cohort of the person; a colleague in none is opened for by an admin."""
    held = unit.memberships.held(way.person_id)
    if not held:
        return works_here(unit, way.person_id) and allowed(unit, by, ADMINS_OF_ALL)
    return any(may_reach(unit, by, each.cohort_id) for each in held)
