"""Nicknames: typed by the participant, or picked for them."""

from typing import ClassVar, Literal

from bot.conversation.actions import Action, handles
from bot.conversation.screen import Screen
from bot.participant.settings import NICKNAME_LENGTH, clean_name, pick_name
from bot.participant.waiting import cancel, wait
from bot.rendering import targets
from bot.rendering.arguments import Argument
from bot.rendering.speech import rows
from bot.services.permissions import EVERYONE
from dialogs.replies import folded

CALLED = "called"  # preference while joining: the nickname on the invite, offered once a nickname is asked for


class Nickname(Argument):
    """Ask for a nickname, pick one, take the one the invite was for or skip it while joining, or cancel."""

    layout: ClassVar[str] = "[{step}]"
    step: Literal["", "pick", "skip", "cancel", "called"] = ""


NICKNAME = Action(targets.NICKNAME, EVERYONE, (Nickname,))


class NicknameScreens:
    """Asks for a nickname, and changes it."""

    @handles(NICKNAME)
    def nickname(self, screen: Screen, argument: Nickname) -> None:
        """Ask for a nickname, pick one, or cancel."""
        if argument.step == "cancel":
            cancel(screen)
        elif argument.step == "pick":
            names = screen.words("join.nicknames").split(", ")
            self._change(screen, pick_name(screen.unit, screen.person, names))
        else:
            wait(screen, NICKNAME)
            pick = screen.button("button.pick", NICKNAME, Nickname("pick"))
            rather_not = screen.button("button.rather_not", NICKNAME, Nickname("cancel"))
            screen.show(screen.words("leader.nickname"), rows(pick, rather_not, screen.menu()))

    def typed(self, screen: Screen, text: str) -> None:
        """Take typed words as one of the buttons, a no, or the nickname."""
        said, no = folded(text), (*screen.words("said.no").split(","), screen.words("button.rather_not"))
        if said == folded(screen.words("button.pick")):
            self.nickname(screen, Nickname("pick"))
        elif said in {folded(each) for each in no}:
            cancel(screen)
        else:
            self._change(screen, clean_name(text))

    def _change(self, screen: Screen, name: str) -> None:
        speech = screen.speech
        menu = speech.button("button.menu", targets.HOME)
        if not name or len(name) > NICKNAME_LENGTH:
            again = speech.button("button.nickname", NICKNAME)
            speech.send(speech.words("join.name.long", most=NICKNAME_LENGTH), rows(again, menu))
            return
        screen.unit.people.change(screen.person, nickname=name)
        speech.say("leader.nickname.changed", rows(menu), name=name)
