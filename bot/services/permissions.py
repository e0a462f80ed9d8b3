"""Which role may do what: the permissions that actions name, and who may open a page.

Every action names its permission (`bot.conversation.actions`); one that names none fails at start.
"""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from storage.alerts import Alert
from storage.cohorts import Cohort
from storage.invites import Invite
from storage.people import Person
from storage.unit import Unit


@dataclass(frozen=True, slots=True)
class Permission:
    """Who may do something.

    Attributes:
        roles: any of these allows it; None: it concerns only the person asking, and needs no role.
        everywhere: it concerns all cohorts, so the role has to hold for all of them.
    """

    roles: frozenset[str] | None
    everywhere: bool = False


EVERYONE: Final = Permission(None)
FACILITATORS: Final = Permission(frozenset({"facilitator", "admin"}))
ADMINS: Final = Permission(frozenset({"admin"}))
ADMINS_OF_ALL: Final = Permission(frozenset({"admin"}), everywhere=True)
TEAM: Final = Permission(frozenset({"facilitator", "translator", "admin"}))
_READS: Final = frozenset({"facilitator", "admin"})
_EXPORTS: Final = frozenset({"admin"})

CONFIDANT: Final = "confidant"
"""Preference of one of the team: who is told when they cry for help: an id, the other admins, or still to be asked."""
ADMINS_HEAR, TO_ASK = "admins", "ask"

ANYONE, LINK, BROWSER, PRACTICE = "anyone", "link", "browser", "practice"
PAGES = {
    "/": ANYONE,
    "/cal": ANYONE,
    "/health": ANYONE,
    "/favicon.ico": ANYONE,
    "/static/{name}": ANYONE,
    "/enter": ANYONE,
    "/sms": ANYONE,
    "/join/{code}": LINK,
    "/join/{code}/back": LINK,
    "/join/{code}/sms": LINK,
    "/l/{code}": LINK,
    "/l/{code}/sms": LINK,
    "/chat": BROWSER,
    "/chat/events": BROWSER,
    "/chat/here": BROWSER,
    "/chat/leave": BROWSER,
    "/chat/lock": BROWSER,
    "/chat/media": BROWSER,
    "/chat/media/{name}": BROWSER,
    "/chat/pin": BROWSER,
    "/chat/support": BROWSER,
    "/chat/unlock": BROWSER,
    "/chat/zone": BROWSER,
    "/practice/again": PRACTICE,
    "/practice/{slot}": PRACTICE,
    "/practice/{slot}/events": PRACTICE,
    "/practice/{slot}/here": PRACTICE,
    "/practice/{slot}/lock": PRACTICE,
    "/practice/{slot}/media": PRACTICE,
    "/practice/{slot}/media/{name}": PRACTICE,
    "/practice/{slot}/zone": PRACTICE,
    "/practice/{slot}/pin": PRACTICE,
    "/practice/{slot}/support": PRACTICE,
    "/practice/{slot}/unlock": PRACTICE,
}
"""Who may open a page: anyone; anyone with its link; the browser that holds the chat; this machine, in practice."""


def allowed(unit: Unit, person: Person, permission: Permission) -> bool:
    """Return whether a person has a permission: it needs no role, or a role they hold now gives it."""
    return permission.roles is None or any(
        role.role in permission.roles and (not permission.everywhere or role.cohort_id is None)
        for role in unit.roles.of(person.id)
    )


def works_here(unit: Unit, person_id: UUID) -> bool:
    """Return whether somebody is of the team, also while their roles rest."""
    return unit.roles.given_to(person_id)


def reads(unit: Unit, person_id: UUID) -> bool:
    """Return whether a role that somebody holds now lets them read what comes in."""
    return any(role.role in _READS for role in unit.roles.of(person_id))


def still_given(unit: Unit, invite: Invite) -> bool:
    """Return whether the maker of an invite into the team may still make one.

    Otherwise a person whose role was revoked could come back through an invite they had kept.
    """
    if invite.role == "leader" or invite.created_by is None:
        return True
    maker = unit.people.get(invite.created_by)
    return maker is not None and allowed(unit, maker, ADMINS_OF_ALL)


def may_reach(unit: Unit, person: Person, cohort_id: UUID) -> bool:
    """Return whether a facilitator's or admin's role of the person reaches this cohort."""
    return any(role.role in _READS and role.cohort_id in {None, cohort_id} for role in unit.roles.of(person.id))


def may_export(unit: Unit, person: Person, cohort_id: UUID | None) -> bool:
    """Return whether an admin's role of the person may export this cohort's answers; None: those of everybody."""
    scopes = {role.cohort_id for role in unit.roles.of(person.id) if role.role in _EXPORTS}
    return None in scopes or (cohort_id is not None and cohort_id in scopes)


def cohorts_of(unit: Unit, person: Person) -> list[Cohort]:
    """Return the cohorts whose answers a person may read, by their roles."""
    scopes = {role.cohort_id for role in unit.roles.of(person.id) if role.role in _READS}
    return unit.cohorts.list(None if None in scopes else [each for each in scopes if each is not None])


def may_see(unit: Unit, person_id: UUID, cohort_id: UUID | None) -> bool:
    """Return whether a person may see what was said in a cohort; None: by people who are in none."""
    return any(role.role in _READS and role.cohort_id in {None, cohort_id} for role in unit.roles.of(person_id))


def told_of(unit: Unit, person: Person, cohort_id: UUID | None) -> list[UUID]:
    """Return who is told that a person cries for help, never the person: one of the team chose by whom to be heard.

    A participant is heard by the team of their cohort; one of the team, also one whose roles rest, by whom they named,
    else by the other admins.
    """
    if not works_here(unit, person.id):
        found = [*unit.roles.team(cohort_id)]
    else:
        named = person.preferences.get(CONFIDANT)
        chosen = None if named in {None, ADMINS_HEAR, TO_ASK} else UUID(named)
        hears = chosen is not None and reads(unit, chosen)
        found = [chosen] if hears and chosen is not None else [*unit.roles.admins()]
    return [each for each in found if each != person.id]


def may_see_alert(unit: Unit, reader_id: UUID, alert: Alert) -> bool:
    """Return whether one of the team may see an alert; one about a colleague only if that colleague's are for them."""
    person = unit.people.get(alert.person_id)
    if person is not None and works_here(unit, person.id):
        return reader_id in told_of(unit, person, alert.cohort_id)
    return may_see(unit, reader_id, alert.cohort_id)


def reach(unit: Unit, person: Person) -> tuple[list[UUID], bool]:
    """Return the ids of the cohorts whose messages a person may see, and whether also those of people in none."""
    return [cohort.id for cohort in cohorts_of(unit, person)], may_see(unit, person.id, None)
