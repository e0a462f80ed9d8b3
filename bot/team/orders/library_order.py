"""The place of an own dialog among those that are used again: any order, one step at a time."""

from typing import ClassVar, Final, Literal

from bot.conversation.actions import Action, handles
from bot.conversation.screen import LABEL, Screen
from bot.rendering import targets
from bot.rendering.arguments import Argument
from bot.rendering.speech import pairs, rows
from bot.rendering.texts import shorten
from bot.services import own_dialogs
from bot.services.permissions import FACILITATORS
from bot.team.kit.feature import Feature
from bot.team.orders import drafts
from bot.team.orders.drafts import OneDialog
from dialogs import wording

AROUND: Final = 3  # titles shown before and after the one that is moved
STEPS: Final = {"u": -1, "d": 1, "f": -10_000, "l": 10_000}
UPWARDS: Final = ("u", "f")


class Moving(Argument):
    """An own dialog, and where it goes: up (`u`), down (`d`), first (`f`), last (`l`); nowhere: its place is shown."""

    layout: ClassVar[str] = "{dialog}[.{way}]"
    dialog: str
    way: Literal["", "u", "d", "f", "l"] = ""


LIB_MOVE = Action(targets.LIB_MOVE, FACILITATORS, (Moving,))


class LibraryOrder(Feature):
    """The screen on which an own dialog is moved."""

    @handles(LIB_MOVE)
    def move(self, screen: Screen, argument: Moving) -> None:
        """Show the place of an own dialog among the others, or move it."""
        unit, person = screen.unit, screen.person
        library = screen.button("button.lib", targets.LIBRARY)
        dialog = drafts.dialog_named(self._turns, unit, person, argument.dialog)
        if dialog is None or dialog.name not in own_dialogs.shelves(unit, person).saved:
            screen.show(screen.words("lib.gone"), rows(library, screen.menu()))
            return
        if argument.way:
            own_dialogs.move(unit, person, dialog.name, STEPS[argument.way], LIB_MOVE.name)
        names = list(own_dialogs.shelves(unit, person).saved)
        place, last = names.index(dialog.name), len(names) - 1
        lines, written = [screen.words("lib.move")], self._turns.content.of(unit).written
        for number in range(max(0, place - AROUND), min(last, place + AROUND) + 1):
            title = shorten(wording.choose(written[names[number]].title, screen.speech.language), LABEL)
            lines.append(f"{number + 1} · {title}" + (" ←" if number == place else ""))
        ways: tuple[Literal["u", "d", "f", "l"], ...] = ("u", "d", "f", "l")
        buttons = [
            screen.button(f"button.lib_move.{way}", LIB_MOVE, Moving(argument.dialog, way))
            for way in ways
            if place != (0 if way in UPWARDS else last)
        ]
        back = screen.button("button.back", targets.LIB_OPEN, OneDialog(argument.dialog))
        screen.show("\n".join(lines), (*pairs(buttons), (back, library), (screen.menu(),)))
