"""Which role may do what. An action that is not listed here is a leader's own and needs no role."""

from uuid import UUID

from storage.cohorts import Cohort
from storage.people import Person
from storage.unit import Unit

_ASKING = (
    "ask ask_dialog ask_own ask_group ask_why ask_when ask_last ask_order ask_look ask_hear ask_test ask_send ask_drop "
    "ask_cancel own_in own_done own_again "
    "library lib_open lib_steps lib_pick lib_step lib_words lib_copy lib_retire lib_undo"
)
STAFF_ACTIONS = {
    **dict.fromkeys(_ASKING.split(), frozenset({"facilitator", "admin"})),
    "read": frozenset({"facilitator", "admin"}),
    "play": frozenset({"facilitator", "admin"}),
    "progress": frozenset({"facilitator", "admin"}),
    "order_who": frozenset({"facilitator", "admin"}),
    "order_nudge": frozenset({"facilitator", "admin"}),
    "order_end": frozenset({"facilitator", "admin"}),
    "halt": frozenset({"facilitator", "admin"}),
    "mail": frozenset({"facilitator", "admin"}),
    "mail_open": frozenset({"facilitator", "admin"}),
    "mail_take": frozenset({"facilitator", "admin"}),
    "mail_over": frozenset({"facilitator", "admin"}),
    "mail_free": frozenset({"facilitator", "admin"}),
    "mail_reply": frozenset({"facilitator", "admin"}),
    "mail_write": frozenset({"facilitator", "admin"}),
    "mail_close": frozenset({"facilitator", "admin"}),
    "mail_undo": frozenset({"facilitator", "admin"}),
    "mail_play": frozenset({"facilitator", "admin"}),
    "alert": frozenset({"facilitator", "admin"}),
    "danger": frozenset({"admin"}),
    "export": frozenset({"admin"}),
    "export_take_back": frozenset({"admin"}),
    "checklist": frozenset({"admin"}),
    "practise": frozenset({"facilitator", "admin"}),
    "more": frozenset({"facilitator", "admin"}),
    "told": frozenset({"facilitator", "admin"}),
    "digest": frozenset({"facilitator", "admin"}),
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


def may_export(unit: Unit, person: Person, cohort_id: UUID | None) -> bool:
    """Tell whether an admin's role reaches this cohort's answers as files; None: those of everybody."""
    scopes = {role.cohort_id for role in unit.roles.of(person.id) if role.role in STAFF_ACTIONS["export"]}
    return None in scopes or (cohort_id is not None and cohort_id in scopes)


def cohorts_of(unit: Unit, person: Person) -> list[Cohort]:
    """List the cohorts whose answers a person may read, by her roles."""
    scopes = {role.cohort_id for role in unit.roles.of(person.id) if role.role in STAFF_ACTIONS["read"]}
    return [cohort for cohort in unit.cohorts.list() if None in scopes or cohort.id in scopes]


def may_see(unit: Unit, person_id: UUID, cohort_id: UUID | None) -> bool:
    """Tell whether someone may see what was said in a cohort; None: by people who are in none."""
    return any(
        role.role in STAFF_ACTIONS["mail"] and role.cohort_id in {None, cohort_id} for role in unit.roles.of(person_id)
    )


def reach(unit: Unit, person: Person) -> tuple[list[UUID], bool]:
    """Return the ids of the cohorts whose messages a person may see, and whether also those of people in none."""
    return [cohort.id for cohort in cohorts_of(unit, person)], may_see(unit, person.id, None)
