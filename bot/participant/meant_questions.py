"""What somebody says of a question itself: that it should not be asked of the group, or one that might be.

Either is a message to the team that begins its own conversation, so that it stands in a line of its own; it counts
against nobody, and is read, erased and looked through for words of danger as any other message.
"""

from typing import ClassVar

from bot.conversation.actions import Action, handles
from bot.conversation.refusing import RefusedQuestion
from bot.conversation.screen import Screen
from bot.conversation.turns import Turns
from bot.messengers.port import Button
from bot.participant import passing_on, waiting
from bot.participant.conversation_with_team import TEAM, ToTeam
from bot.participant.pause_leave import first_cohort
from bot.participant.plain_text import PlainText
from bot.rendering import targets
from bot.rendering.arguments import Argument
from bot.rendering.speech import rows
from bot.services.permissions import EVERYONE
from dialogs.run import Run
from storage.meant import QuestionMeant


class ProposedQuestion(Argument):
    """A question that might be asked, still to be said."""

    layout: ClassVar[str] = ""


MEANT_QUESTION = Action(targets.MEANT_QUESTION, EVERYONE, (ProposedQuestion, RefusedQuestion))


class MeantQuestionScreens:
    """The screens on which a question is refused or proposed."""

    def __init__(self, turns: Turns, talking: PlainText) -> None:
        self._turns = turns
        self._talking = talking

    @handles(MEANT_QUESTION)
    def meant(self, screen: Screen, argument: ProposedQuestion | RefusedQuestion) -> None:
        """Ask for the question that might be asked, or why one should not be; or pass that on without a reason."""
        if isinstance(argument, ProposedQuestion):
            self._propose(screen)
            return
        meant = self._refused(screen, argument)
        if meant is None:
            screen.show(screen.words("meant.gone"), rows(screen.menu()))
        elif argument.step == "s":
            waiting.forget(screen.unit, screen.person)
            self._plainly(screen, meant)
        else:
            waiting.wait(screen, TEAM, meant=meant)
            plain = RefusedQuestion("s", argument.run, argument.prompt)
            ways = (screen.button("button.meant_plain", MEANT_QUESTION, plain), _rather_not(screen), screen.menu())
            screen.show(screen.words("meant.refuse"), rows(*ways))

    def _plainly(self, screen: Screen, meant: QuestionMeant) -> None:
        """Tell the team, without a word more, that a question should not be asked; once while that waits."""
        speech, person = screen.speech, screen.person
        _, cohort_id = passing_on.placed(screen.unit, person, None, meant)
        waits = screen.unit.messages.waiting(person.id, cohort_id) if cohort_id is not None else ()
        row = screen.unit.runs.open(person)
        if all(each.meant != meant for each in waits):
            self._talking.send(speech, person, row, "", meant=meant)
        else:
            passing_on.say(self._turns, speech, person, (), self._talking.onward(speech, person, row))

    def _propose(self, screen: Screen) -> None:
        if first_cohort(screen.unit, screen.person.id) is None:
            screen.show(screen.words("leader.team.nowhere"), rows(screen.menu()))
            return
        waiting.wait(screen, TEAM, meant=QuestionMeant("proposed"))
        screen.show(screen.words("meant.propose"), rows(_rather_not(screen), screen.menu()))

    @staticmethod
    def _refused(screen: Screen, argument: RefusedQuestion) -> QuestionMeant | None:
        """Return what is refused, if this person was asked it by a broadcast to a group they are in; else None."""
        row = screen.unit.runs.get(argument.run, screen.person)
        asked = screen.unit.broadcasts.get(row.broadcast_id) if row is not None and row.broadcast_id else None
        if row is None or asked is None or asked.cohort_id not in screen.unit.memberships.of(screen.person.id):
            return None
        path = Run.restore(row.state, {}).question_of(argument.prompt) or ""
        return QuestionMeant("refused", asked.id, path)


def _rather_not(screen: Screen) -> Button:
    return screen.button("button.rather_not", TEAM, ToTeam("cancel"))
