"""Which role may do what: the permissions that actions name, and who may open a page.

An action says which of these it takes (`bot.conversation.actions`); one that says none fails the start.
"""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from storage.cohorts import Cohort
from storage.invites import Invite
from storage.people import Person
from storage.unit import Unit


@dataclass(frozen=True, slots=True)
class Permission:
    """Who may ask for something.

    Attributes:
        roles: those that allow it; None: it is about whoever asks alone, and needs no role.
        everywhere: it is about all cohorts, and only a role that holds for every one allows it.
    """

    roles: frozenset[str] | None
    everywhere: bool = False


EVERYONE: Final = Permission(None)
FACILITATORS: Final = Permission(frozenset({"facilitator", "admin"}))
ADMINS: Final = Permission(frozenset({"admin"}))
ADMINS_OF_ALL: Final = Permission(frozenset({"admin"}), everywhere=True)
_READS: Final = frozenset({"facilitator", "admin"})
_EXPORTS: Final = frozenset({"admin"})

ANYONE, LINK, BROWSER, PRACTICE = "anyone", "link", "browser", "practice"
PAGES = {
    "/": ANYONE,
    "/cal": ANYONE,
    "/health": ANYONE,
    "/favicon.ico": ANYONE,
    "/static/{name}": ANYONE,
    "/join/{code}": LINK,
    "/l/{code}": LINK,
    "/l/{code}/sms": LINK,
    "/chat": BROWSER,
    "/chat/events": BROWSER,
    "/chat/here": BROWSER,
    "/chat/later": BROWSER,
    "/chat/leave": BROWSER,
    "/chat/lock": BROWSER,
    "/chat/media": BROWSER,
    "/chat/media/{name}": BROWSER,
    "/chat/pin": BROWSER,
    "/chat/unlock": BROWSER,
    "/practice/again": PRACTICE,
    "/practice/{slot}": PRACTICE,
    "/practice/{slot}/events": PRACTICE,
    "/practice/{slot}/media": PRACTICE,
    "/practice/{slot}/media/{name}": PRACTICE,
}
"""Who may open a page: anyone, whoever has its link, the browser whose conversation it is, this machine in practice."""


def allowed(unit: Unit, person: Person, permission: Permission) -> bool:
    """Tell whether a person has a permission: everyone has it, or a role they hold now gives it."""
    return permission.roles is None or any(
        role.role in permission.roles and (not permission.everywhere or role.cohort_id is None)
        for role in unit.roles.of(person.id)
    )


def still_given(unit: Unit, invite: Invite) -> bool:
    """Tell whether whoever made an invite into the team may still make one.

    Else somebody whose role was taken back could let herself in again by an invite she had kept.
    """
    if invite.role == "leader" or invite.created_by is None:
        return True
    maker = unit.people.get(invite.created_by)
    return maker is not None and allowed(unit, maker, ADMINS_OF_ALL)


def may_reach(unit: Unit, person: Person, cohort_id: UUID) -> bool:
    """Tell whether a facilitator's or admin's role reaches this cohort."""
    return any(role.role in _READS and role.cohort_id in {None, cohort_id} for role in unit.roles.of(person.id))


def may_export(unit: Unit, person: Person, cohort_id: UUID | None) -> bool:
    """Tell whether an admin's role reaches this cohort's answers as files; None: those of everybody."""
    scopes = {role.cohort_id for role in unit.roles.of(person.id) if role.role in _EXPORTS}
    return None in scopes or (cohort_id is not None and cohort_id in scopes)


def cohorts_of(unit: Unit, person: Person) -> list[Cohort]:
    """List the cohorts whose answers a person may read, by her roles."""
    scopes = {role.cohort_id for role in unit.roles.of(person.id) if role.role in _READS}
    return [cohort for cohort in unit.cohorts.list() if None in scopes or cohort.id in scopes]


def may_see(unit: Unit, person_id: UUID, cohort_id: UUID | None) -> bool:
    """Tell whether someone may see what was said in a cohort; None: by people who are in none."""
    return any(role.role in _READS and role.cohort_id in {None, cohort_id} for role in unit.roles.of(person_id))


def reach(unit: Unit, person: Person) -> tuple[list[UUID], bool]:
    """Return the ids of the cohorts whose messages a person may see, and whether also those of people in none."""
    return [cohort.id for cohort in cohorts_of(unit, person)], may_see(unit, person.id, None)
