"""Acts on grants: granting a role and revoking it, but never the last admin's."""

from datetime import datetime
from typing import Final
from uuid import UUID

from bot import clock
from bot.rendering import targets
from bot.services import exports
from bot.services.acts import Actor, actor_name, require
from bot.services.permissions import ADMINS_OF_ALL
from bot.services.refusals import LastAdmin
from storage.roles import Grant
from storage.unit import Unit

ADMIN: Final = "admin"
TEAM_ROLES: Final = ("facilitator", "translator", ADMIN)


def grant(
    unit: Unit, by: Actor, person_id: UUID, role: str, cohort_id: UUID | None = None, until: datetime | None = None
) -> None:
    """Grant a role; it replaces the grant the person holds for the same cohort, so that the new end counts.

    Args:
        unit: the transaction.
        by: the actor.
        person_id: who gets the role.
        role: one of `TEAM_ROLES`.
        cohort_id: for which cohort; None: for all.
        until: when it ends by itself; None: never.

    Raises:
        NotAllowed: the actor may not.
        LastAdmin: it would let the last admin's role expire.
    """
    require(unit, by, ADMINS_OF_ALL, targets.GRANT)
    held = [each for each in unit.roles.grants() if _key(each) == (person_id, role, cohort_id)]
    if until is not None and any(_is_last_admin(unit, each) for each in held):
        raise LastAdmin
    for each in held:
        unit.roles.end(each.id)
    grant_id = clock.new_id()
    unit.roles.grant(grant_id, person_id, role, cohort_id, until, by.id if by else None)
    unit.audit.add(actor_name(by), "grant.made", str(grant_id), {"role": role})


def revoke(unit: Unit, by: Actor, held: Grant) -> None:
    """Revoke a grant.

    Raises:
        NotAllowed: the actor may not.
        LastAdmin: no other admin of all cohorts has a grant without an end.
    """
    require(unit, by, ADMINS_OF_ALL, targets.ROLE_END)
    if _is_last_admin(unit, held):
        raise LastAdmin
    unit.roles.end(held.id)
    unit.audit.add(actor_name(by), "grant.ended", str(held.id), {"role": held.role})
    exports.withdraw(unit, unit.people.known(held.person_id))


def _key(held: Grant) -> tuple[UUID, str, UUID | None]:
    return held.person_id, held.role, held.cohort_id


def _is_last_admin(unit: Unit, held: Grant) -> bool:
    """Return whether this is the only grant of an admin of all cohorts that does not expire."""
    lasting = [
        each.id
        for each in unit.roles.grants()
        if each.role == ADMIN and each.cohort_id is None and each.expires_at is None
    ]
    return lasting == [held.id]
