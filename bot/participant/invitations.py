"""Invites opened by people Hilo knows: accepted at once, or asked about first."""

from enum import Enum
from typing import ClassVar
from uuid import UUID

from bot import clock
from bot.conversation.actions import ACTIVE, ARRIVING, Action, Next, Then, handles
from bot.conversation.screen import Screen
from bot.conversation.turns import Turns
from bot.participant.approval import ApprovalNotices
from bot.participant.consent import ConsentScreens
from bot.participant.nickname import CALLED
from bot.rendering import targets
from bot.rendering.arguments import Argument
from bot.rendering.speech import rows
from bot.services import confidants
from bot.services.cohorts import asks_approval
from bot.services.invites import may_use
from bot.services.minors import lacks_adult
from bot.services.permissions import EVERYONE
from storage.invites import Invite
from storage.people import Person
from storage.unit import Unit


class OfInvite(Argument):
    """The invite that one of the team opened."""

    layout: ClassVar[str] = "{invite:hex}"
    invite: UUID


MEMBER = Action("member", EVERYONE, (OfInvite,), states=ACTIVE)


class InviteResult(Enum):
    """What an invite led to when a known person opened it."""

    TAKEN = "taken"
    WAITING = "waiting"
    REFUSED = "refused"
    ASKED = "asked"


class Invitations:
    """Accepts invites and gives what they carry."""

    def __init__(self, turns: Turns, agreement: ConsentScreens, admitting: ApprovalNotices) -> None:
        self._turns = turns
        self._agreement = agreement
        self._admitting = admitting

    def accept(self, unit: Unit, person: Person, invite: Invite) -> bool:
        """Use an invite and give its role or membership; return False if it cannot be used any more."""
        if not unit.invites.use(invite.id, person.id):
            return False
        if invite.nickname and not person.nickname:
            unit.people.prefer(person, **{CALLED: invite.nickname})
        if invite.role != "leader":
            unit.roles.grant(clock.new_id(), person.id, invite.role, invite.cohort_id, None, invite.created_by)
            confidants.expect(unit, unit.people.known(person.id))
        elif invite.cohort_id and invite.cohort_id not in unit.memberships.of(person.id):
            waiting = asks_approval(unit, invite.cohort_id) or lacks_adult(person)
            unit.memberships.join(clock.new_id(), person.id, invite.cohort_id, waiting=waiting)
        return True

    def again(self, unit: Unit, person: Person, code: str) -> InviteResult:
        """Accept another invite of a known person; ask for consent first if they are to take part and none is given."""
        invite = unit.invites.find(code)
        if invite is None or not may_use(unit, invite):
            guesses = self._turns.guesses
            guesses.tried(str(person.id), unit.now, str(invite.id) if invite is not None else "")
            if guesses.alarming:
                guesses.tell(unit)
            return InviteResult.REFUSED
        asked = unit.consents.latest(person.id)
        if invite.role == "leader" and person.participation == "active" and not (asked and asked.action == "given"):
            speech = self._turns.speech(unit, person)
            *texts, risk = self._agreement.lines(speech, person)
            for text in texts:
                speech.send(text)
            keyboard = rows(
                speech.button("button.agree", MEMBER, OfInvite(invite.id)),
                speech.button("button.decline", targets.HOME),
            )
            speech.send(risk, keyboard)
            return InviteResult.ASKED
        before = {each.id for each in unit.memberships.held(person.id)}
        if not self.accept(unit, person, invite):
            return InviteResult.REFUSED
        waiting = [each for each in unit.memberships.held(person.id) if each.waiting and each.id not in before]
        if person.participation != "active" or not waiting:
            return InviteResult.TAKEN
        for membership in waiting:
            self._admitting.ask_team(unit, person, membership)
        return InviteResult.WAITING

    @handles(MEMBER)
    def consented(self, screen: Screen, argument: OfInvite) -> None:
        """Accept an invite after one of the team agreed to take part as a participant too."""
        unit, person, speech = screen.unit, screen.person, screen.speech
        invite = next((each for each in unit.invites.list() if each.id == argument.invite), None)
        if invite is None or not may_use(unit, invite) or not self.accept(unit, person, invite):
            speech.say("join.ended.known", rows(speech.button("button.menu", targets.HOME)))
            return
        self._agreement.save_consent(speech, person, "given")
        waiting = [each for each in unit.memberships.held(person.id) if each.waiting]
        for membership in waiting:
            self._admitting.ask_team(unit, person, membership)
        speech.say("join.waiting" if waiting else "join.again", rows(speech.button("button.menu", targets.HOME)))

    def opened(self, screen: Screen, code: str) -> Next:
        """Open an invite of a known person, and say what it led to."""
        speech, person = screen.speech, screen.person
        result = self.again(screen.unit, person, code)
        if result is InviteResult.ASKED:
            return None
        if person.participation in ARRIVING or result is InviteResult.REFUSED:
            return Then(targets.HOME)  # still joining: the current step is said again
        code = "join.waiting" if result is InviteResult.WAITING else "join.again"
        speech.say(code, rows(speech.button("button.menu", targets.HOME)))
        return None
