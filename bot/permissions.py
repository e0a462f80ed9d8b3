"""Which role may do what. An action that is not listed here is a leader's own and needs no role."""

from uuid import UUID

from storage.cohorts import Cohort
from storage.people import Person
from storage.unit import Unit

TEAM = frozenset({"facilitator", "admin"})  # each within the cohorts that her roles reach
ADMINS = frozenset({"admin"})
STAFF_ACTIONS = {
    "ask": TEAM,
    "read": TEAM,
    "play": TEAM,
    "progress": TEAM,
    "people": TEAM,
    "members": TEAM,
    "someone": TEAM,
    "admit": TEAM,
    "turn_away": TEAM,
    "take_out": TEAM,
    "put_back": TEAM,
    "rehome": TEAM,
    "her_link": TEAM,
    "group": TEAM,
    "tune": TEAM,
    "as_said": TEAM,
    "new_group": ADMINS,
    "invite": TEAM,
    "invite_new": TEAM,
    "invite_one": TEAM,
    "invite_end": TEAM,
    "poster": TEAM,
    "invite_team": ADMINS,
    "roles": ADMINS,
    "role_one": ADMINS,
    "role_end": ADMINS,
    "grant": ADMINS,
}


def allowed(unit: Unit, person: Person, action: str) -> bool:
    """Tell whether any role the person holds now allows the action."""
    needed = STAFF_ACTIONS.get(action)
    return needed is None or any(role.role in needed for role in unit.roles.of(person.id))


def may_reach(unit: Unit, person: Person, cohort_id: UUID) -> bool:
    """Tell whether a facilitator's or admin's role reaches this cohort."""
    return any(
        role.role in STAFF_ACTIONS["read"] and role.cohort_id in {None, cohort_id} for role in unit.roles.of(person.id)
    )


def cohorts_of(unit: Unit, person: Person) -> list[Cohort]:
    """List the cohorts whose answers a person may read, by her roles."""
    scopes = {role.cohort_id for role in unit.roles.of(person.id) if role.role in STAFF_ACTIONS["read"]}
    return [cohort for cohort in unit.cohorts.list() if None in scopes or cohort.id in scopes]
