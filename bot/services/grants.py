"""Acts on grants: granting a role and revoking it, but never the last admin's."""

from datetime import datetime
from typing import Final
from uuid import UUID

from bot import clock
from bot.rendering import targets
from bot.rendering.speech import Speech, rows
from bot.services import confidants, watch, withdrawal
from bot.services.acts import Actor, ConversationPort, actor_name, require
from bot.services.permissions import ADMINS_OF_ALL
from bot.services.refusals import LastAdmin, Resting
from storage.people import Person
from storage.roles import Grant
from storage.unit import Unit

ADMIN: Final = "admin"
TEAM_ROLES: Final = ("facilitator", "translator", ADMIN)
OFFERED_ROLES: Final = ("facilitator", ADMIN)
"""The roles that are offered: a translator's does nothing yet, so that only whoever has it already keeps it."""
_READ: Final = frozenset({"facilitator", ADMIN})


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
        Resting: the person's roles rest.
        LastAdmin: it would let the last admin's role expire.
    """
    require(unit, by, ADMINS_OF_ALL, targets.GRANT)
    if unit.roles.rests(person_id):
        raise Resting
    held = [each for each in unit.roles.grants() if _key(each) == (person_id, role, cohort_id)]
    if until is not None and any(_is_last_admin(unit, each) for each in held):
        raise LastAdmin
    for each in held:
        unit.roles.end(each.id)
    grant_id = clock.new_id()
    unit.roles.grant(grant_id, person_id, role, cohort_id, until, by.id if by else None)
    unit.audit.add(actor_name(by), "grant.made", str(grant_id), {"role": role})
    confidants.expect(unit, unit.people.known(person_id))


def revoke(unit: Unit, conversation: ConversationPort, by: Actor, *held: Grant) -> bool:
    """Revoke grants of one person, close what they have open by them, and tell the person.

    Returns:
        Whether the person was on watch and is not any more, since they read nothing now.

    Raises:
        NotAllowed: the actor may not.
        LastAdmin: no other admin of all cohorts has a grant without an end.
    """
    require(unit, by, ADMINS_OF_ALL, targets.ROLE_END)
    if any(_is_last_admin(unit, each) for each in held):
        raise LastAdmin
    person = unit.people.known(held[0].person_id)
    watched = end(unit, by, person, held)
    another = by is None or by.id != person.id
    withdrawal.close(unit, conversation, person, chats=another)
    if another:
        present = unit.people.known(person.id)
        if present.chat is not None:
            told = conversation.speech(unit, present)
            roles = told.texts.all_of([described(told, each) for each in held], told.language)
            told.say("role.taken", rows(told.button("button.menu", targets.HOME)), role=roles)
    return watched


def end(unit: Unit, by: Actor, person: Person, held: tuple[Grant, ...]) -> bool:
    """End grants, and the watch of whoever reads nothing after that; return whether they were on watch."""
    ended = {each.id for each in held}
    left = [each for each in unit.roles.given() if each.person_id == person.id and each.id not in ended]
    watched = False
    if not any(each.role in _READ for each in left):
        watched = watch.leave(unit, by, person.id)
    for each in held:
        unit.roles.end(each.id)
        unit.audit.add(actor_name(by), "grant.ended", str(each.id), {"role": each.role})
    if not left:
        unit.role_rests.end(person.id)
    return watched


def described(speech: Speech, grant: Grant) -> str:
    """Return a grant in words: its role, and its cohort if it has one."""
    cohort = speech.unit.cohorts.get(grant.cohort_id) if grant.cohort_id else None
    role = speech.words(f"role.{grant.role}")
    return f"{role}, {cohort.name}" if cohort else role


def _key(held: Grant) -> tuple[UUID, str, UUID | None]:
    return held.person_id, held.role, held.cohort_id


def _is_last_admin(unit: Unit, held: Grant) -> bool:
    """Return whether this is the only grant of an admin of all cohorts that neither expires nor rests."""
    lasting = [
        each.id
        for each in unit.roles.grants()
        if each.role == ADMIN and each.cohort_id is None and each.expires_at is None
    ]
    return lasting == [held.id]
