"""Everything the team can do in chat, part by part: which one answers an action, and which one ends a wizard."""

from collections.abc import Mapping

from bot.hers.screen import Screen
from bot.messenger import Incoming
from bot.staff.asking import Asking
from bot.staff.cohorts import Groups
from bot.staff.granting import Granting
from bot.staff.handing import Handing
from bot.staff.inviting import Inviting
from bot.staff.part import Part
from bot.staff.people import Members
from bot.staff.reading import Reading
from bot.turns import Turns
from dialogs.model import Value
from storage.people import Person
from storage.runs import RunRow
from storage.unit import Unit

PARTS: tuple[type[Part], ...] = (
    Asking,
    Reading,
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
        for kind in PARTS:
            part = kind(turns)
            self._by_action |= dict.fromkeys(part.actions, part)
            self._by_wizard |= dict.fromkeys(part.wizards, part)

    @property
    def actions(self) -> frozenset[str]:
        """Name every action that is the team's."""
        return frozenset(self._by_action)

    def do(self, screen: Screen, action: str, argument: str, incoming: Incoming) -> None:
        """Answer an action that the person is allowed to ask for."""
        self._by_action[action].do(screen, action, argument, incoming)

    def finish(self, unit: Unit, person: Person, row: RunRow, wizard: str, values: Mapping[str, Value | None]) -> None:
        """Carry out what a finished wizard asks for."""
        self._by_wizard[wizard].finish(unit, person, row, wizard, values)
