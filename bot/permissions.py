"""Which role may do what. Every command, button and page stands here; what does not is allowed to nobody."""

from uuid import UUID

from storage.cohorts import Cohort
from storage.people import Person
from storage.unit import Unit

_PEOPLE = (
    "people members someone seek admit turn_away take_out put_back rehome her_link group tune as_said "
    "invite invite_new invite_one invite_end poster"
)
_ADMINISTERING = "new_group invite_team roles role_one role_end grant"
EVERYWHERE = frozenset(_ADMINISTERING.split())  # only by a role that holds for every cohort
STAFF_ACTIONS = {
    "ask": frozenset({"facilitator", "admin"}),
    "read": frozenset({"facilitator", "admin"}),
    "play": frozenset({"facilitator", "admin"}),
    "progress": frozenset({"facilitator", "admin"}),
    **dict.fromkeys(_PEOPLE.split(), frozenset({"facilitator", "admin"})),
    **dict.fromkeys(_ADMINISTERING.split(), frozenset({"admin"})),
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
        "renew",
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
    return action in HERS or any(
        role.role in needed and (action not in EVERYWHERE or role.cohort_id is None)
        for role in unit.roles.of(person.id)
    )


def may_reach(unit: Unit, person: Person, cohort_id: UUID) -> bool:
    """Tell whether a facilitator's or admin's role reaches this cohort."""
    return any(
        role.role in STAFF_ACTIONS["read"] and role.cohort_id in {None, cohort_id} for role in unit.roles.of(person.id)
    )


def cohorts_of(unit: Unit, person: Person) -> list[Cohort]:
    """List the cohorts whose answers a person may read, by her roles."""
    scopes = {role.cohort_id for role in unit.roles.of(person.id) if role.role in STAFF_ACTIONS["read"]}
    return [cohort for cohort in unit.cohorts.list() if None in scopes or cohort.id in scopes]
