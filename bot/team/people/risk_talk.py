"""The talk about risks in person: what to talk about, and noting that it was held; asked before the first invite."""

from typing import ClassVar, Literal

from bot.conversation.actions import Action, handles
from bot.conversation.screen import Screen
from bot.messengers.port import Button
from bot.rendering import targets
from bot.rendering.arguments import Argument
from bot.rendering.speech import rows
from bot.services import risk_talk
from bot.services.permissions import FACILITATORS
from bot.team.kit.feature import Feature


class TalkStep(Argument):
    """Ask whether it was held, show what to talk about (`h`), note that it was held (`y`), or take that back (`u`)."""

    layout: ClassVar[str] = "[{step}]"
    step: Literal["", "h", "y", "u"] = ""


RISK_TALK = Action(targets.RISK_TALK, FACILITATORS, (TalkStep,))


class RiskTalkScreens(Feature):
    """The screens of the talk."""

    @handles(RISK_TALK)
    def talk(self, screen: Screen, argument: TalkStep) -> None:
        """Show what to talk about, note that it was held, or take that back."""
        invite = screen.button("button.invites", targets.INVITE)
        if argument.step == "y":
            risk_talk.note_held(screen.unit, screen.person)
            undo = screen.button("button.risk_talk_undo", RISK_TALK, TalkStep("u"))
            screen.show(screen.words("risk_talk.noted"), rows(invite, undo, screen.menu()))
            return
        if argument.step == "u":
            risk_talk.take_back(screen.unit, screen.person)
        if argument.step == "h":
            told = f"{screen.words('risk_talk.how')}\n{screen.words('risk_talk.how.more')}"
            screen.show(told, rows(_held(screen), invite, screen.menu()))
            return
        ask(screen, invite)


def ask(screen: Screen, onward: Button) -> None:
    """Ask whether the talk was held; `onward` goes on without it."""
    how = screen.button("button.risk_talk_how", RISK_TALK, TalkStep("h"))
    screen.show(screen.words("risk_talk.ask"), rows(_held(screen), how, onward, screen.menu()))


def _held(screen: Screen) -> Button:
    return screen.button("button.risk_talk_held", RISK_TALK, TalkStep("y"))
