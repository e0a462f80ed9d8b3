"""Rests: any colleague lets somebody's roles rest at once (a phone that was taken, an arrest), until an admin decides.

A rest takes what a revoke takes, and closes the browsers, too; but nothing is lost, so that a mistake costs nobody
their place. One rest at a time waits for a decision, so that whoever holds a taken phone cannot let the team rest one
by one; and somebody who administers everything is always left.
"""

from dataclasses import dataclass

from bot import clock
from bot.rendering import targets
from bot.rendering.speech import NOTICE, rows
from bot.services import watch, withdrawal
from bot.services.acts import Actor, ConversationPort, actor_name, require
from bot.services.permissions import ADMINS_OF_ALL, TEAM
from bot.services.refusals import AlreadyDone, LastAdmin, NotFound, RestUndecided
from bot.services.withdrawal import GivenBack
from storage.people import Person
from storage.role_rests import RoleRest
from storage.unit import Unit


@dataclass(frozen=True, slots=True)
class BegunRest:
    """What came of it: how many admins were told, whether the person is on watch, and what the others got back."""

    told: int
    watched: bool
    back: GivenBack


def colleagues(unit: Unit, by: Person) -> list[Person]:
    """List whose roles somebody may let rest: everybody else of the team, each once, by the name."""
    ids = dict.fromkeys(each.person_id for each in unit.roles.grants() if each.person_id != by.id)
    found = (unit.people.get(each) for each in ids)
    return sorted((each for each in found if each is not None), key=lambda each: each.display_name.casefold())


def begin(unit: Unit, conversation: ConversationPort, by: Actor, person: Person) -> BegunRest:
    """Let a person's roles rest from now on, tell them kindly, and tell every admin.

    Raises:
        NotAllowed: the actor is not of the team.
        RestUndecided: an admin has not decided about the one before.
        NotFound: the person has no role.
        AlreadyDone: the roles rest already.
        LastAdmin: nobody else administers everything.
    """
    require(unit, by, TEAM, targets.ROLE_REST)
    undecided = unit.role_rests.undecided(first=True)
    if unit.roles.rests(person.id):
        raise AlreadyDone
    if undecided is not None:
        raise RestUndecided
    if not unit.roles.of(person.id):
        raise NotFound
    if not _administer(unit, person):
        raise LastAdmin
    watched = any(each.is_of(person) for each in watch.watchers(unit.organisation.get()))
    unit.roles.rest(person.id)
    unit.role_rests.add(clock.new_id(), person.id, by.id if by else None)
    unit.audit.add(actor_name(by), "grant.rested", str(person.id), {})
    back = withdrawal.close(unit, conversation, person)
    withdrawal.close_browsers(unit, person)
    _say(unit, conversation, person, "rest.told")
    return BegunRest(_tell_admins(unit, conversation, by), watched, back)


def keep(unit: Unit, conversation: ConversationPort, by: Actor, person: Person) -> None:
    """Decide that a person's roles go on resting.

    Raises:
        NotAllowed: only admins of everything may.
        AlreadyDone: there is no rest to decide about.
    """
    require(unit, by, ADMINS_OF_ALL, targets.ROLE_REST_ONE)
    rest = unit.role_rests.of(person.id)
    if rest is None or not unit.role_rests.decide(rest.id, by.id if by else None):
        raise AlreadyDone
    unit.audit.add(actor_name(by), "grant.rest_kept", str(person.id), {})
    _tell_asker(unit, conversation, by, rest)


def end(unit: Unit, conversation: ConversationPort, by: Actor, person: Person) -> None:
    """Decide that a person takes the roles up again, as they were, and tell them.

    Raises:
        NotAllowed: only admins of everything may.
        AlreadyDone: the roles do not rest.
    """
    require(unit, by, ADMINS_OF_ALL, targets.ROLE_REST_ONE)
    if not unit.roles.rests(person.id):
        raise AlreadyDone
    rest = unit.role_rests.of(person.id)
    if rest is not None:
        unit.role_rests.decide(rest.id, by.id if by else None)
    unit.role_rests.end(person.id)
    unit.roles.resume(person.id)
    unit.audit.add(actor_name(by), "grant.resumed", str(person.id), {})
    _say(unit, conversation, person, "rest.over")
    if rest is not None and rest.decided_at is None:
        _tell_asker(unit, conversation, by, rest)


def _administer(unit: Unit, person: Person) -> bool:
    """Return whether somebody else administers everything, or the person does not."""
    admins = {each.person_id for each in unit.roles.grants() if each.role == "admin" and each.cohort_id is None}
    return person.id not in admins or len(admins) > 1


def _say(unit: Unit, conversation: ConversationPort, person: Person, code: str) -> None:
    present = unit.people.known(person.id)
    if present.chat is not None:
        speech = conversation.speech(unit, present)
        speech.say(code, rows(speech.button("button.menu", targets.HOME)))


def _tell_admins(unit: Unit, conversation: ConversationPort, by: Actor) -> int:
    """Tell every admin but whoever asked that there is something to decide; a notice names nobody."""
    told = 0
    for admin in map(unit.people.get, unit.roles.admins()):
        if admin is None or admin.chat is None or (by is not None and admin.id == by.id):
            continue
        there = conversation.speech(unit, admin)
        ways = rows(there.button("button.rest_see", targets.ROLE_REST_ONE))
        there.send(there.words("rest.asked"), ways, protect=True, what=NOTICE)
        told += 1
    return told


def _tell_asker(unit: Unit, conversation: ConversationPort, by: Actor, rest: RoleRest) -> None:
    asker = unit.people.get(rest.asked_by) if rest.asked_by and (by is None or by.id != rest.asked_by) else None
    if asker is not None:
        _say(unit, conversation, asker, "rest.decided")
