"""Everything the team can do in chat, part by part: which one answers an action, and which one ends a wizard."""

from collections.abc import Sequence

from bot.hers.screen import Screen
from bot.messenger import Button, Incoming, Keyboard
from bot.staff.alerts import Alerts
from bot.staff.asking import Asking
from bot.staff.checklist import Checklist
from bot.staff.cohorts import Groups
from bot.staff.dangers import Dangers
from bot.staff.digest import Digest
from bot.staff.exporting import Exporting
from bot.staff.following import Following
from bot.staff.granting import Granting
from bot.staff.handing import Handing
from bot.staff.inviting import Inviting
from bot.staff.library import Library
from bot.staff.mail import Mail
from bot.staff.menu import Menu
from bot.staff.ordering import Ordering
from bot.staff.part import Finished, Part
from bot.staff.people import Members
from bot.staff.purposing import Purposing
from bot.staff.questions import Questions
from bot.staff.reading import Reading
from bot.staff.unsent import NotSent
from bot.turns import Turns
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
        self._by_action[action].do(screen, action, argument, incoming)

    def menu(self, screen: Screen, first: Sequence[Button], last: Sequence[Button]) -> None:
        """Show the team's menu, between buttons that only the caller knows of."""
        self._menu.show(screen, first, last)

    def ways(self, screen: Screen, but: str = "") -> Keyboard:
        """Return the team's buttons alone, without one action."""
        return self._menu.ways(screen, but)

    def finish(self, screen: Screen, done: Finished) -> None:
        """Carry out what a finished wizard asks for."""
        self._by_wizard[done.wizard].finish(screen, done)

    def completed(self, unit: Unit, person: Person, row: RunRow) -> None:
        """Let every part do what it owes once a leader's dialog is finished."""
        for part in self._parts:
            part.completed(unit, person, row)
