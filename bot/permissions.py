"""Which role may do what. Every command, button and page stands here; what does not is allowed to nobody."""

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

"""What only the team does, and who of it. Whoever is not an admin does it in the cohorts that her roles reach."""

HERS = frozenset(
    {
        "again",
        "age",
        "agree",
        "agreement",
        "answer",
        "back",
        "decline",
        "done",
        "doubts",
        "erase",
        "hear",
        "help",
        "hers",
        "home",
        "hours",
        "how",
        "know",
        "language",
        "languages",
        "later",
        "leave",
        "meant",
        "member",
        "mine",
        "nickname",
        "now",
        "pass_on",
        "pause",
        "phone",
        "purposes",
        "readers",
        "rest",
        "resume",
        "return",
        "skip",
        "start",
        "stop",
        "support",
        "team",
        "tidy",
        "voice",
        "welcome",
        "who",
        "why",
    }
)
"""What is in anybody's own hands: about herself alone, and without any role."""

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


def allowed(unit: Unit, person: Person, action: str) -> bool:
    """Tell whether a person may ask for an action: it is in anybody's hands, or a role she holds now allows it."""
    needed = STAFF_ACTIONS.get(action, frozenset())
    return action in HERS or any(role.role in needed for role in unit.roles.of(person.id))


def may_reach(unit: Unit, person: Person, cohort_id: UUID) -> bool:
    """Tell whether a facilitator's or admin's role reaches this cohort."""
    return any(
        role.role in STAFF_ACTIONS["read"] and role.cohort_id in {None, cohort_id} for role in unit.roles.of(person.id)
    )


def cohorts_of(unit: Unit, person: Person) -> list[Cohort]:
    """List the cohorts whose answers a person may read, by her roles."""
    scopes = {role.cohort_id for role in unit.roles.of(person.id) if role.role in STAFF_ACTIONS["read"]}
    return [cohort for cohort in unit.cohorts.list() if None in scopes or cohort.id in scopes]
