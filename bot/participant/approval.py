"""Approval: where a cohort asks for it, a new member is asked nothing until one of the team has said yes."""

from bot.conversation.turns import Turns
from bot.rendering import targets
from bot.rendering.ids import short_id
from bot.rendering.speech import Speech, rows
from bot.services.members import welcome
from bot.services.minors import lacks_adult, own
from storage.memberships import Membership
from storage.people import Person
from storage.unit import Unit


def admitted(unit: Unit, person: Person) -> bool:
    """Return whether a person may be asked anything: they are admitted to a cohort, or hold a role."""
    return any(not each.waiting for each in unit.memberships.held(person.id)) or bool(unit.roles.of(person.id))


def outside(unit: Unit, person: Person) -> str:
    """Return why nothing is asked of a person who is not admitted: the code of a sentence."""
    if unit.memberships.held(person.id):
        return "join.minor.waiting" if lacks_adult(person) else "join.waiting"
    return "join.no_group" if unit.memberships.past(person.id) else "join.no_role"


class ApprovalNotices:
    """Tells the team and the new member that somebody has arrived, or waits for the team's approval."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns

    def arrived(self, speech: Speech, person: Person) -> None:
        """Welcome a person who has just come in, or say that they still wait for approval."""
        unit = speech.unit
        waiting = [each for each in unit.memberships.held(person.id) if each.waiting]
        for membership in waiting:
            self.ask_team(unit, person, membership)
        if admitted(unit, person):
            welcome(self._turns, speech, person)
        else:
            keyboard = rows(
                speech.button("button.menu", targets.HOME), speech.button("button.support", targets.SUPPORT)
            )
            speech.say(outside(unit, person), keyboard)

    def ask_team(self, unit: Unit, person: Person, membership: Membership) -> None:
        """Tell the cohort's facilitators that a person waits for approval; the admins where it has no facilitator."""
        cohort = unit.cohorts.get(membership.cohort_id)
        readers = [each for each in map(unit.people.get, unit.roles.who_reads(membership.cohort_id)) if each]
        facilitators = [each for each in readers if any(role.role == "facilitator" for role in unit.roles.of(each.id))]
        for facilitator in facilitators or readers:
            if facilitator.id == person.id or facilitator.chat is None or cohort is None:
                continue
            told = self._turns.speech(unit, facilitator)
            adult = lacks_adult(person)
            who = str(own(self._turns.organisation.record(unit), person, "person") or "") if adult else ""
            keyboard = rows(
                told.button("button.adult_note" if adult else "button.admit", targets.ADMIT, short_id(membership.id)),
                told.button("button.turn_away", targets.TURN_AWAY, short_id(membership.id)),
                told.button("button.member", targets.SOMEONE, short_id(membership.id)),
            )
            facts = {"name": person.display_name, "group": cohort.name}
            if adult:
                told.say("people.asks_in.minor", keyboard, person=who, **facts)
            else:
                told.say("people.asks_in", keyboard, **facts)
