"""Everything the team can do in chat, part by part: a new one is a file that declares its actions, and a line here."""

from collections.abc import Iterable

from bot.conversation.actions import Action
from bot.conversation.turns import Turns
from bot.participant.main_menu import MainMenu
from bot.team.answers.digest import Digest
from bot.team.answers.exporting import Exporting
from bot.team.answers.reading import Reading
from bot.team.home.checklist import Checklist
from bot.team.home.menu import Menu
from bot.team.kit.feature import Part
from bot.team.messages.alerts import Alerts
from bot.team.messages.dangers import Dangers
from bot.team.messages.mail import Mail
from bot.team.messages.unsent import NotSent
from bot.team.orders.asking import Asking
from bot.team.orders.following import Following
from bot.team.orders.library import Library
from bot.team.orders.ordering import Ordering
from bot.team.orders.purpose_translation import Purposing
from bot.team.orders.questions import Questions
from bot.team.people.cohorts import Groups
from bot.team.people.granting import Granting
from bot.team.people.inviting import Inviting
from bot.team.people.people import Members
from bot.team.people.personal_link import Handing

PARTS: tuple[type[Part], ...] = (
    Asking,
    Ordering,
    Purposing,
    Questions,
    Library,
    Exporting,
    Digest,
    Menu,
    Reading,
    Following,
    Mail,
    Alerts,
    NotSent,
    Dangers,
    Checklist,
    Members,
    Handing,
    Groups,
    Inviting,
    Granting,
)


def parts(turns: Turns, participants: MainMenu, actions: Iterable[Action]) -> list[Part]:
    """Make every part; the menu is given the menu of whoever is not of the team, and every action there is."""
    return [Menu(turns, participants, actions) if kind is Menu else kind(turns) for kind in PARTS]
