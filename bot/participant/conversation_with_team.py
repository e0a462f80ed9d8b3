"""Messages between the participant and the team: to read again, to see who read them, and to erase."""

from dataclasses import replace
from datetime import timedelta
from typing import ClassVar, Literal
from uuid import UUID

from bot.conversation.actions import Action
from bot.conversation.screen import Screen
from bot.conversation.turns import Turns
from bot.participant import meant_words
from bot.participant.arguments import Answering, FromTeam
from bot.participant.team_message import piece_of, show
from bot.rendering import targets
from bot.rendering.arguments import Argument
from bot.rendering.speech import rows
from bot.services import answers_shown, automatic_notes
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


class MessagesAnyway(Argument):
    """A yes to showing these messages on a phone that others see."""

    layout: ClassVar[str] = "y"


class MessagesClosed(Argument):
    """The button that closes these messages: what was shown is replaced."""

    layout: ClassVar[str] = "c"


class ForgetMessages(Argument):
    """Erase all these messages; a capital letter is the second tap."""

    layout: ClassVar[str] = "{step}"
    step: Literal["e", "E"]


TEAM = Action(
    targets.TEAM,
    EVERYONE,
    (ToTeam, Answering, FromTeam, MessagesPage, MessagesAnyway, MessagesClosed, ForgetMessages),
    commands=("team",),
    offered=9,
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

    def open_message(self, screen: Screen, message_id: UUID) -> None:
        """Show a message from the team that was announced without its words, as others see the participant's phone."""
        message = screen.unit.messages.get(message_id)
        mine = message is not None and message.person_id == screen.person.id and message.direction == "from_team"
        if message is None or not mine or is_shut(screen.speech, message):
            screen.show(screen.words("home.decided"), rows(screen.menu()))
            return
        show(screen.speech, message)

    def close(self, screen: Screen) -> None:
        """Replace what was shown; from now on it is asked about again."""
        answers_shown.close(screen.unit, screen.person)
        screen.show(screen.words("leader.closed.messages"), rows(screen.button("button.team", TEAM), screen.menu()))

    def show_anyway(self, screen: Screen) -> None:
        """Show them after a yes."""
        self.show(replace(screen, person=answers_shown.say_yes(screen.unit, screen.person)), MessagesPage())

    def show(self, screen: Screen, argument: MessagesPage) -> None:
        """Show a page of messages, the last page by default; on a phone that others see only after a yes."""
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
        if not answers_shown.open_now(screen.unit, screen.person):
            yes = screen.button("button.answers_yes", TEAM, MessagesAnyway())
            screen.show(screen.words("shown.ask.messages"), rows(yes, screen.button("button.answers_no", targets.HOME)))
            return
        zone = self._turns.organisation.zone(screen.unit, screen.person)
        lines = []
        for each in told:
            who = screen.words("spoken.you" if each.direction == "to_team" else "spoken.team")
            day = screen.speech.texts.short_day(each.at, zone, screen.speech.language)
            piece = piece_of(screen.unit, each)
            body = automatic_notes.in_words(screen.speech.texts, screen.speech.language, each.body)
            body = screen.words("damaged.said") if each.damaged else body
            about = meant_words.told(self._turns, screen.speech, each.cohort_id, each.meant)
            said = "\n".join(filter(None, (about, screen.speech.media_words(piece) if piece else "", body)))
            lines.append(f"{who}, {day}\n→ {said or screen.words('spoken.support')}")
        readers = self._readers(screen, {str(each.conversation) for each in told})
        if readers:
            lines.append(screen.words("spoken.read", names=readers))
        number = len(lines) if argument.page == LAST else argument.page
        text, turns = screen.page("\n\n".join(lines), number, TEAM, MessagesPage)
        erase = screen.button("button.erase_messages", TEAM, ForgetMessages("e"))
        close = screen.button("button.close", TEAM, MessagesClosed())
        screen.show(text, turns + rows(screen.button("button.team", TEAM), erase, close, screen.menu()))

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
