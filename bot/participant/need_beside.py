"""What was told beside the question that offers support: whether it asks the team for something."""

from bot.conversation.actions import Action, handles
from bot.conversation.screen import Screen
from bot.conversation.turns import Turns
from bot.messengers.port import Button
from bot.rendering import targets
from bot.rendering.speech import rows
from bot.services import needs, support
from bot.services.needs import ToldBeside
from bot.services.permissions import EVERYONE
from bot.services.phones import watched

KINDS = {"c": support.CALL, "s": support.SUPPORT}
NEED_BESIDE = Action(targets.NEED_BESIDE, EVERYONE, (ToldBeside,))


class NeedScreens:
    """Takes the answer to whether something is asked for."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns

    @handles(NEED_BESIDE)
    def told(self, screen: Screen, argument: ToldBeside) -> None:
        """Open a request and tell the team, or leave it at that."""
        unit, person, speech = screen.unit, screen.person, screen.speech
        row = unit.runs.get(argument.run, person)
        if row is None:
            speech.say("misplaced.closed", rows(screen.menu()))
            return
        if argument.step == "n":
            speech.say("need.nothing", rows(*self._on(screen)))
            return
        needs.answered(self._turns.organisation, speech, row.cohort_id, row.id, KINDS[argument.step])
        # On a phone that others see it is not said that anything was asked for, nor what a button leads to.
        reach = [screen.speech.staying("button.reach.watched" if watched(person) else "button.reach", targets.REACH)]
        code = "need.noted.watched" if watched(person) else "need.noted"
        speech.say(code, rows(*reach, screen.speech.staying("button.support", targets.SUPPORT), *self._on(screen)))

    def _on(self, screen: Screen) -> list[Button]:
        """Return the button back to what is open, and to the menu."""
        row = screen.unit.runs.open(screen.person)
        waits = row is not None and row.status in {"offered", "open"} and screen.person.participation == "active"
        return [*([screen.button("button.go_on", targets.AGAIN)] if waits else []), screen.menu()]
