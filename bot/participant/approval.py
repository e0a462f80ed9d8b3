"""Being let in: where a group asks for it, nothing is asked of her before somebody of the team has said yes."""

from uuid import UUID

from bot.conversation.screen import brief
from bot.conversation.turns import Turns
from bot.participant.pause_leave import WELCOME_AT
from bot.rendering import targets
from bot.rendering.speech import Speech, rows
from bot.services import hours
from storage.memberships import Membership
from storage.people import Person
from storage.unit import Unit

APPROVAL = "approval"  # of a cohort's context: somebody of the team says yes to each one
WELCOME_HOUR = 19


def asks_approval(unit: Unit, cohort_id: UUID) -> bool:
    """Tell whether a group lets nobody in without a facilitator's yes."""
    cohort = unit.cohorts.get(cohort_id)
    return bool(cohort and cohort.context.get(APPROVAL))


def admitted(unit: Unit, person: Person) -> bool:
    """Tell whether she may be asked anything: she is in a group that let her in, or works here."""
    return any(not each.waiting for each in unit.memberships.held(person.id)) or bool(unit.roles.of(person.id))


def outside(unit: Unit, person: Person) -> str:
    """Say why nothing is asked of someone who is not in: the code of a sentence."""
    if unit.memberships.held(person.id):
        return "join.waiting"
    return "join.no_group" if unit.memberships.past(person.id) else "join.no_role"


class Admitting:
    """Tells both sides: the team that she waits, and her what was decided."""

    def __init__(self, turns: Turns) -> None:
        """Take what plays turns."""
        self._turns = turns

    def arrived(self, speech: Speech, person: Person) -> None:
        """Say what comes first to somebody who has just come in, or that she still waits for a yes."""
        unit = speech.unit
        waiting = [each for each in unit.memberships.held(person.id) if each.waiting]
        for membership in waiting:
            self.ask_team(unit, person, membership)
        if admitted(unit, person):
            self._first_day(speech, person)
        else:
            keyboard = rows(
                speech.button("button.menu", targets.HOME), speech.button("button.support", targets.SUPPORT)
            )
            speech.say(outside(unit, person), keyboard)

    def ask_team(self, unit: Unit, person: Person, membership: Membership) -> None:
        """Tell the group's facilitators (without any, the admins) that she waits for their yes."""
        cohort = unit.cohorts.get(membership.cohort_id)
        readers = [each for each in map(unit.people.get, unit.roles.who_reads(membership.cohort_id)) if each]
        hers = [each for each in readers if any(role.role == "facilitator" for role in unit.roles.of(each.id))]
        for facilitator in hers or readers:
            if facilitator.id == person.id or facilitator.chat is None or cohort is None:
                continue
            told = self._turns.speech(unit, facilitator)
            keyboard = rows(
                told.button("button.admit", targets.ADMIT, brief(membership.id)),
                told.button("button.turn_away", targets.TURN_AWAY, brief(membership.id)),
                told.button("button.member", targets.SOMEONE, brief(membership.id)),
            )
            told.say("people.asks_in", keyboard, name=person.nickname or person.pseudonym, group=cohort.name)

    def let_in(self, unit: Unit, person: Person) -> None:
        """Tell her that the team said yes, and when the first questions come; later, if she is still on the way."""
        if person.participation != "active" or person.chat is None:
            return
        speech = self._turns.speech(unit, person)
        speech.say("join.admitted")
        if not unit.roles.of(person.id) and not person.preferences.get(WELCOME_AT):
            self._first_day(speech, person)

    def tell(self, unit: Unit, person: Person, code: str, **facts: object) -> None:
        """Tell her what was decided about where she belongs, if she can be told."""
        if person.chat is not None and person.participation in {"active", "paused"}:
            speech = self._turns.speech(unit, person)
            keyboard = rows(
                speech.button("button.menu", targets.HOME), speech.button("button.support", targets.SUPPORT)
            )
            speech.say(code, keyboard, **facts)

    def _first_day(self, speech: Speech, person: Person) -> None:
        """That is all for the first day: the first questions come tomorrow at her hour, or now."""
        unit, organisation = speech.unit, self._turns.organisation
        zone = organisation.zone(unit, person)
        evening = hours.tomorrow_at(WELCOME_HOUR, zone, unit.now)
        at = hours.next_moment(organisation.hours(unit, person), zone, evening)
        unit.people.prefer(person, **{WELCOME_AT: at.isoformat()})
        when = organisation.moment(speech, zone, at)
        facts = {"when": when[:1].upper() + when[1:]}
        keyboard = rows(speech.button("button.now", targets.NOW), speech.button("button.support", targets.SUPPORT))
        if person.nickname:
            speech.say("join.tomorrow.named", keyboard, name=person.nickname, **facts)
        else:
            speech.say("join.tomorrow", keyboard, **facts)
