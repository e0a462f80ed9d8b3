"""Acts on a cohort's members: approving, turning away, removing, restoring, moving."""

from dataclasses import replace
from typing import Final

from bot import clock
from bot.content import FIRST_DIALOG
from bot.rendering import targets
from bot.rendering.speech import Speech, rows
from bot.services import hours, reply_hours
from bot.services.acts import Actor, ConversationPort, actor_name, require
from bot.services.minors import ADULT_YES, Whose, lacks_adult
from bot.services.permissions import FACILITATORS
from bot.services.refusals import AdultNeeded, AlreadyDone
from storage.cohorts import Cohort
from storage.memberships import Membership
from storage.people import Person
from storage.unit import Unit

WELCOME_AT: Final = "welcome_at"
"""Preference: when the first questions come."""
WELCOME_HOUR: Final = 19
REACHABLE: Final = frozenset({"active", "paused"})  # others are not told about their membership


def approve(
    unit: Unit,
    conversation: ConversationPort,
    by: Actor,
    membership: Membership,
    person: Person,
    adult: Whose | None = None,
) -> None:
    """Approve a person who waits, and tell them.

    `adult`: whose yes there is for somebody under eighteen; it is noted with who noted it.

    Raises:
        NotAllowed: the actor may not.
        AdultNeeded: the person is under eighteen, and there is no adult's yes.
        AlreadyDone: somebody else approved before; two approvals at once let a person in once.
    """
    require(unit, by, FACILITATORS, targets.ADMIT, membership.cohort_id)
    if lacks_adult(person):
        if adult is None:
            raise AdultNeeded
        noted = {"whose": adult, "by": actor_name(by), "at": unit.now.isoformat()}
        person = unit.people.prefer(person, **{ADULT_YES: noted})
        unit.audit.add(actor_name(by), "minor.adult_yes", str(membership.id), {"whose": adult})
    if not unit.memberships.accept(membership.id):
        raise AlreadyDone
    unit.audit.add(actor_name(by), "member.admitted", str(membership.id), {})
    if person.participation == "active" and person.chat is not None:
        held = reply_hours.waiting(conversation.organisation, unit, person)
        speech = replace(conversation.speech(unit, person), held=held)
        speech.say("join.admitted")
        if not unit.roles.of(person.id) and not person.preferences.get(WELCOME_AT):
            welcome(conversation, speech, person)


def turn_away(unit: Unit, conversation: ConversationPort, by: Actor, membership: Membership, person: Person) -> None:
    """Turn away a person who waits for approval, and tell them.

    Raises:
        NotAllowed: the actor may not.
        AlreadyDone: the membership does not wait any more.
    """
    require(unit, by, FACILITATORS, targets.TURN_AWAY, membership.cohort_id)
    if not membership.waiting:
        raise AlreadyDone
    _end(unit, conversation, membership, person)
    unit.audit.add(actor_name(by), "member.turned_away", str(membership.id), {})
    _tell(unit, conversation, person, "join.turned_away")


def remove(
    unit: Unit, conversation: ConversationPort, by: Actor, membership: Membership, person: Person, cohort: Cohort
) -> None:
    """Remove a person from a cohort, end its runs with them, and tell them; raises NotAllowed."""
    require(unit, by, FACILITATORS, targets.TAKE_OUT, membership.cohort_id)
    _end(unit, conversation, membership, person)
    unit.audit.add(actor_name(by), "member.taken_out", str(membership.id), {})
    _tell(unit, conversation, person, "join.taken_out", group=cohort.name)


def restore(
    unit: Unit, conversation: ConversationPort, by: Actor, membership: Membership, person: Person, cohort: Cohort
) -> None:
    """Restore a former member as they were, and tell them.

    Raises:
        NotAllowed: the actor may not.
        AlreadyDone: the person is in the cohort.
    """
    require(unit, by, FACILITATORS, targets.PUT_BACK, membership.cohort_id)
    if membership.left_at is None or not unit.memberships.reopen(membership.id):
        raise AlreadyDone
    unit.audit.add(actor_name(by), "member.put_back", str(membership.id), {})
    if membership.waiting:
        _tell(unit, conversation, person, "join.waiting")
    else:
        _tell(unit, conversation, person, "join.put_back", group=cohort.name)


def move(
    unit: Unit, conversation: ConversationPort, by: Actor, membership: Membership, person: Person, target: Cohort
) -> None:
    """Move a person to another cohort, and tell them; this approves a person who waited.

    Raises:
        NotAllowed: the actor may not, or does not reach both cohorts.
        AlreadyDone: this membership is already in that cohort.
    """
    require(unit, by, FACILITATORS, targets.REHOME, membership.cohort_id)
    require(unit, by, FACILITATORS, targets.REHOME, target.id)
    if membership.cohort_id == target.id:
        raise AlreadyDone
    unit.memberships.end(membership.id)
    waits = lacks_adult(person)  # being moved is no adult's yes
    joined = unit.memberships.join(clock.new_id(), membership.person_id, target.id, waiting=waits)
    if not joined and not waits:
        for each in unit.memberships.held(membership.person_id):
            if each.cohort_id == target.id:
                unit.memberships.accept(each.id)
    unit.audit.add(actor_name(by), "member.moved", str(membership.id), {"to": str(target.id)})
    _tell(unit, conversation, person, "join.moved", group=target.name)


def welcome(conversation: ConversationPort, speech: Speech, person: Person) -> None:
    """Say that this is all for today: the first questions come in the person's hours, from tomorrow evening, or now.

    Whoever comes back had them before, and is not promised them again.
    """
    unit, organisation = speech.unit, conversation.organisation
    if unit.runs.had(person.id, FIRST_DIALOG):
        ways = (speech.button("button.menu", targets.HOME), speech.button("button.support", targets.SUPPORT))
        speech.say("leader.resumed", rows(*ways))
        return
    zone = organisation.zone(unit, person)
    evening = hours.tomorrow_at(WELCOME_HOUR, zone, unit.now)
    at = organisation.next_moment(unit, person, at=evening)
    unit.people.prefer(person, **{WELCOME_AT: at.isoformat()})
    when = organisation.moment(speech, zone, at)
    facts = {"when": when[:1].upper() + when[1:]}
    keyboard = rows(speech.button("button.now", targets.NOW), speech.button("button.support", targets.SUPPORT))
    if person.nickname:
        speech.say(speech.timed("join.tomorrow.named"), keyboard, name=person.nickname, **facts)
    else:
        speech.say(speech.timed("join.tomorrow"), keyboard, **facts)


def _end(unit: Unit, conversation: ConversationPort, membership: Membership, person: Person) -> None:
    """End a membership and the runs of that cohort."""
    unit.memberships.end(membership.id)
    for row in unit.runs.resumable(person):
        if row.cohort_id == membership.cohort_id:
            conversation.expire(unit, person, row)


def is_told(person: Person) -> bool:
    """Return whether what is decided about a membership is said to a person: where their chat takes it."""
    return person.chat is not None and person.participation in REACHABLE


def _tell(unit: Unit, conversation: ConversationPort, person: Person, code: str, **facts: object) -> None:
    """Tell a person what was decided about their membership, if they can be told, within their hours."""
    if is_told(person):
        held = reply_hours.waiting(conversation.organisation, unit, person)
        speech = replace(conversation.speech(unit, person), held=held)
        keyboard = rows(speech.button("button.menu", targets.HOME), speech.button("button.support", targets.SUPPORT))
        speech.say(code, keyboard, **facts)
