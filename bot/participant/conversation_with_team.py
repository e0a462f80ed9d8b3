"""Messages between the participant and the team: to read again, to see who read them, and to erase."""

from datetime import timedelta
from typing import ClassVar, Literal
from uuid import UUID

from bot.conversation.actions import Action
from bot.conversation.screen import Screen
from bot.conversation.turns import Turns
from bot.participant.arguments import Answering, FromTeam
from bot.participant.team_message import piece_of
from bot.rendering import targets
from bot.rendering.arguments import Argument
from bot.rendering.speech import rows
from bot.services.earlier import is_shut, shuts_anything
from bot.services.erasure import erase_messages
from bot.services.permissions import EVERYONE

READ, READ_SINCE, READERS = "messages.read", timedelta(days=90), 4
LAST = 999_999_999  # stands for the last page


class ToTeam(Argument):
    """Write to the team, or cancel that."""

    layout: ClassVar[str] = "[{step}]"
    step: Literal["", "cancel"] = ""


class MessagesPage(Argument):
    """A page of the messages between a participant and the team."""

    layout: ClassVar[str] = "h[.{page}]"
    page: int = LAST


class ForgetMessages(Argument):
    """Erase all these messages; a capital letter is the second tap."""

    layout: ClassVar[str] = "{step}"
    step: Literal["e", "E"]


TEAM = Action(
    targets.TEAM, EVERYONE, (ToTeam, Answering, FromTeam, MessagesPage, ForgetMessages), commands=("team",), offered=9
)


class TeamConversationScreens:
    """Screens of a participant's messages."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns

    def forget(self, screen: Screen, argument: ForgetMessages) -> None:
        """Ask whether the messages are to be erased, or erase them at the second tap."""
        if argument.step == "E":
            self._erase(screen)
            return
        sure = screen.button("button.erase_sure", TEAM, ForgetMessages("E"))
        keyboard = rows(sure, screen.button("button.rather_keep", TEAM, MessagesPage()), screen.menu())
        screen.show(screen.words("spoken.erase"), keyboard)

    def show(self, screen: Screen, argument: MessagesPage) -> None:
        """Show a page of messages, the last page by default."""
        every = screen.unit.messages.of(screen.person.id)
        told = [each for each in every if each.direction != "held" and not is_shut(screen.speech, each)]
        if not told:
            ways = [screen.button("button.team", TEAM)]
            if every and shuts_anything(screen.speech):  # they are not shown here, and can be erased all the same
                ways.append(screen.button("button.erase_messages", TEAM, ForgetMessages("e")))
                screen.show(screen.words("spoken.shut"), rows(*ways, screen.menu()))
            else:
                screen.show(screen.words("spoken.none"), rows(*ways, screen.menu()))
            return
        zone = self._turns.organisation.zone(screen.unit, screen.person)
        lines = []
        for each in told:
            who = screen.words("spoken.you" if each.direction == "to_team" else "spoken.team")
            day = screen.speech.texts.short_day(each.at, zone, screen.speech.language)
            piece = piece_of(screen.unit, each)
            body = screen.words("damaged.said") if each.damaged else each.body
            said = "\n".join(filter(None, (screen.speech.media_words(piece) if piece else "", body)))
            lines.append(f"{who}, {day}\n→ {said or screen.words('spoken.support')}")
        readers = self._readers(screen, {str(each.conversation) for each in told})
        if readers:
            lines.append(screen.words("spoken.read", names=readers))
        number = len(lines) if argument.page == LAST else argument.page
        text, turns = screen.page("\n\n".join(lines), number, TEAM, MessagesPage)
        erase = screen.button("button.erase_messages", TEAM, ForgetMessages("e"))
        screen.show(text, turns + rows(screen.button("button.team", TEAM), erase, screen.menu()))

    def _readers(self, screen: Screen, conversations: set[str]) -> str:
        """Return the names of those of the team who opened these message conversations lately."""
        done = screen.unit.audit.done(READ, screen.unit.now - READ_SINCE)
        found = dict.fromkeys(actor for _, actor, subject in done if subject in conversations)
        people = [screen.unit.people.get(UUID(actor)) for actor in list(found)[:READERS]]
        names = [person.display_name for person in people if person]
        return screen.speech.texts.all_of(names, screen.speech.language) if names else ""

    def _erase(self, screen: Screen) -> None:
        erase_messages(screen.unit, screen.person, screen.person)
        left = screen.speech.own("spoken.erased.left")
        screen.show(f"{screen.words('spoken.erased')} {left}", rows(screen.menu()))
