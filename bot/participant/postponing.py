"""Choosing another moment for questions that were put off."""

from typing import Final

from bot.conversation import postponing, refusing
from bot.conversation.actions import ACTIVE, Action, handles
from bot.conversation.postponing import OtherMoment
from bot.conversation.screen import Screen
from bot.conversation.turns import Turns
from bot.messengers.port import Button
from bot.rendering import targets
from bot.rendering.speech import rows
from bot.services.permissions import EVERYONE
from dialogs.run import Run

UNTIL: Final = Action(targets.UNTIL, EVERYONE, (OtherMoment,), states=ACTIVE)


class PostponingScreens:
    """Puts off what was put off already, until another moment."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns

    @handles(UNTIL)
    def until(self, screen: Screen, argument: OtherMoment) -> None:
        """Change the moment; say when it is now, with the other moments."""
        unit, person, speech = screen.unit, screen.person, screen.speech
        row = unit.runs.get(argument.run, person)
        if row is None or row.status != "postponed":
            speech.say("misplaced.closed", rows(screen.menu()))
            return
        at, told = postponing.put_off(self._turns.organisation, speech, person, None, argument.when)
        unit.runs.defer(row.id, at)
        run = Run.restore(row.state, {})
        resume = Button(screen.words("button.resume"), speech.buttons.run(row.id, run.prompt, "resume", ""))
        refuse = refusing.ways(speech, row.broadcast_id, row.id, run)
        screen.show(told, rows(resume, *postponing.buttons(speech, row.id, run, argument.when), *refuse))
