"""Every screen there is: the classes whose actions the registry collects, and the one object of each."""

from functools import cache

from bot.conversation.turns import Turns
from bot.participant.about import Knowing
from bot.participant.answers import Answers
from bot.participant.approval import Admitting
from bot.participant.care_card import Caring
from bot.participant.consent import Agreement
from bot.participant.erasing import Erasing
from bot.participant.invitations import Invitations
from bot.participant.joining import Joining
from bot.participant.main_menu import MainMenu
from bot.participant.nickname import Nicknames
from bot.participant.pause_leave import Resting
from bot.participant.plain_text import Talking
from bot.participant.replies import Replies
from bot.participant.settings import Ways
from bot.participant.web_login_notice import WebLogin
from bot.pipeline.registry import Registry
from bot.rendering.commands import vocabulary
from bot.services.introduction import Offer
from bot.team.team import PARTS, parts

SCREENS: tuple[type, ...] = (
    Answers,
    Agreement,
    Caring,
    Erasing,
    Invitations,
    Joining,
    Knowing,
    MainMenu,
    Nicknames,
    Resting,
    Talking,
    Ways,
    WebLogin,
    *PARTS,
)


@cache
def registry() -> Registry:
    """Return the tables of all actions, checked; raises RegistryError."""
    return Registry.of(SCREENS, vocabulary())


def offer() -> Offer:
    """Return the commands that messengers are told of."""
    everybody, team = registry().offered()
    return Offer([each.commands[0] for each in everybody], [(each.commands[0], each.permission) for each in team])


class Screens:
    """One object of each class.

    Attributes:
        resting: pausing and leaving.
        agreement: what is agreed to.
        talking: words that belong to no question.
        invitations: invites that somebody opens.
        joining: the way in.
        menu: the menu of a participant.
        replies: what words, voice notes, photos and edits answer.
        parts: what the team can do.
    """

    def __init__(self, turns: Turns) -> None:
        """Make each, from what plays turns."""
        self.resting = Resting(turns)
        self.agreement = Agreement(turns, self.resting)
        caring, answers = Caring(turns), Answers(turns)
        nicknames = Nicknames()
        self.talking = Talking(turns, nicknames)
        admitting = Admitting(turns)
        self.invitations = Invitations(turns, self.agreement, admitting)
        self.joining = Joining(turns, self.agreement, caring, self.talking, admitting, self.invitations)
        self.menu = MainMenu(turns, self.talking, caring, self.agreement, self.resting)
        self.replies = Replies(turns, self.talking)
        self.parts = parts(turns, self.menu, registry().actions.values())
        others = (Erasing(turns, answers), Knowing(turns), Ways(turns), WebLogin())
        self._others = (caring, answers, nicknames, *others)

    @property
    def all(self) -> list[object]:
        """All that answer actions."""
        own = [self.resting, self.agreement, self.talking, self.invitations, self.joining, self.menu]
        return [*own, *self._others, *self.parts]
