"""Everything the team can do in chat, part by part: which one answers an action, and which one ends a wizard."""

from collections.abc import Sequence

from bot.conversation.screen import Screen
from bot.conversation.turns import Turns
from bot.messengers.port import Button, Incoming, Keyboard
from bot.team.answers.digest import Digest
from bot.team.answers.exporting import Exporting
from bot.team.answers.reading import Reading
from bot.team.home.checklist import Checklist
from bot.team.home.menu import Menu
from bot.team.kit.feature import Finished, Part
from bot.team.kit.refusal import said
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
from storage.people import Person
from storage.runs import RunRow
from storage.unit import Unit

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


class Team:
    """The parts, by what they answer."""

    def __init__(self, turns: Turns) -> None:
        """Make every part."""
        self._by_action: dict[str, Part] = {}
        self._by_wizard: dict[str, Part] = {}
        self._parts = [kind(turns) for kind in PARTS]
        for part in self._parts:
            self._by_action |= dict.fromkeys(part.actions, part)
            self._by_wizard |= dict.fromkeys(part.wizards, part)
        self._menu = next(part for part in self._parts if isinstance(part, Menu))
        for part in self._parts:
            part.known = self.actions

    @property
    def actions(self) -> frozenset[str]:
        """Name every action that is the team's."""
        return frozenset(self._by_action)

    def do(self, screen: Screen, action: str, argument: str, incoming: Incoming) -> None:
        """Answer an action that the person is allowed to ask for."""
        with said(screen):
            self._by_action[action].do(screen, action, argument, incoming)

    def menu(self, screen: Screen, first: Sequence[Button], last: Sequence[Button]) -> None:
        """Show the team's menu, between buttons that only the caller knows of."""
        self._menu.show(screen, first, last)

    def ways(self, screen: Screen, but: str = "") -> Keyboard:
        """Return the team's buttons alone, without one action."""
        return self._menu.ways(screen, but)

    def finish(self, screen: Screen, done: Finished) -> None:
        """Carry out what a finished wizard asks for."""
        with said(screen):
            self._by_wizard[done.wizard].finish(screen, done)

    def completed(self, unit: Unit, person: Person, row: RunRow) -> None:
        """Let every part do what it owes once a leader's dialog is finished."""
        for part in self._parts:
            part.completed(unit, person, row)
