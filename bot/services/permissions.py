"""Which role may do what. Every command, button and page stands here; what does not is allowed to nobody."""

from uuid import UUID

from storage.cohorts import Cohort
from storage.invites import Invite
from storage.people import Person
from storage.unit import Unit

_ASKING = (
    "ask ask_dialog ask_own ask_group ask_why ask_why_in ask_when ask_last ask_order ask_look ask_hear ask_test "
    "ask_send ask_drop ask_cancel own_in own_done own_again "
    "library lib_open lib_steps lib_pick lib_step lib_words lib_copy lib_retire lib_undo"
)
_PEOPLE = (
    "people members someone seek admit turn_away take_out put_back rehome her_link group tune as_said "
    "invite invite_new invite_one invite_end poster"
)
_ADMINISTERING = "new_group invite_team roles role_one role_end grant"
EVERYWHERE = frozenset((*_ADMINISTERING.split(), "danger"))  # about all cohorts: by a role that holds for every one
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
    "unsent": frozenset({"facilitator", "admin"}),
    "danger": frozenset({"admin"}),
    "export": frozenset({"admin"}),
    "export_take_back": frozenset({"admin"}),
    "checklist": frozenset({"admin"}),
    "practise": frozenset({"facilitator", "admin"}),
    "more": frozenset({"facilitator", "admin"}),
    "told": frozenset({"facilitator", "admin"}),
    "digest": frozenset({"facilitator", "admin"}),
    **dict.fromkeys(_PEOPLE.split(), frozenset({"facilitator", "admin"})),
    **dict.fromkeys(_ADMINISTERING.split(), frozenset({"admin"})),
}
"""What only the team does, and who of it. Whoever is not an admin does it in the cohorts that her roles reach."""

WIZARDS = {
    "ask_options": "own_in",
    "ask_purpose": "ask_why",
    "ask_purpose_in": "ask_why_in",
    "ask_question": "ask_own",
    "ask_translate": "own_in",
    "ask_when": "ask_when",
    "ask_words": "lib_words",
    "danger_protocol": "danger",
    "danger_words": "danger",
    "grant": "grant",
    "invite_people": "invite_new",
    "invite_team": "invite_team",
    "new_group": "new_group",
    "reply": "mail_reply",
    "seek": "seek",
}
"""What each of the team's wizards takes, at each of its steps: the action that begins it."""

HERS = frozenset(
    {
        "again",
        "age",
        "agree",
        "agreement",
        "answer",
        "aside",
        "back",
        "decline",
        "done",
        "doubts",
        "erase",
        "gender",
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
        "shut",
        "skip",
        "start",
        "stop",
        "support",
        "team",
        "tidy",
        "voice",
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


def may_go_on(unit: Unit, person: Person, wizard: str) -> bool:
    """Tell whether a person may (still) go on in a wizard."""
    return allowed(unit, person, WIZARDS.get(wizard, wizard))


def still_given(unit: Unit, invite: Invite) -> bool:
    """Tell whether whoever made an invite into the team may still make one.

    Else somebody whose role was taken back could let herself in again by an invite she had kept.
    """
    if invite.role == "leader" or invite.created_by is None:
        return True
    maker = unit.people.get(invite.created_by)
    return maker is not None and allowed(unit, maker, "invite_team")


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
