"""One screen of the menu: a message that changes in place while it is the newest of its chat.

A chat stays short that way, and what was shown is not left lying about. Only buttons made here change their message:
a receipt or a support card is never written over.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeAlias

from bot.messengers.port import Button, Incoming, Keyboard, Kind
from bot.rendering import targets
from bot.rendering.arguments import Argument
from bot.rendering.buttons import Named
from bot.rendering.ids import brief, full
from bot.rendering.speech import Speech
from bot.rendering.texts import pages
from storage.people import Person
from storage.unit import Unit

__all__ = ["IN_PLACE", "LABEL", "PAGE", "Screen", "brief", "full", "in_place", "opened"]

IN_PLACE = "~"  # ends the argument of a button whose press may change its own message
PAGE = 800  # characters of a page: a phone's screen
LABEL = 28  # characters of a title or a question on a button


Turned: TypeAlias = Callable[[int], Argument | str]


@dataclass(frozen=True, slots=True)
class Screen:
    """Where the next screen is shown.

    Attributes:
        speech: the voice.
        person: whose screen it is.
        place: the outbox row that changes, or None for a new message.
        lead: what is said above the screen.
        incoming: what was pressed or said, where the screen answers that.
    """

    speech: Speech
    person: Person
    place: int | None = None
    lead: str = ""
    incoming: Incoming | None = None

    @property
    def unit(self) -> Unit:
        """The open transaction."""
        return self.speech.unit

    def words(self, code: str, **facts: object) -> str:
        """Return the sentence of a code."""
        return self.speech.words(code, **facts)

    def button(self, code: str, action: Named | str, argument: Argument | str = "", **facts: object) -> Button:
        """Make a button whose screen takes this one's place."""
        return self.speech.button(code, action, in_place(argument), **facts)

    def labelled(self, label: str, action: Named | str, argument: Argument | str = "") -> Button:
        """Make the same with a label that is nobody's code."""
        return Button(label, self.speech.buttons.plain(action, in_place(argument)))

    def menu(self) -> Button:
        """Make the way back to the menu."""
        return self.button("button.menu", targets.HOME)

    def show(self, text: str, keyboard: Keyboard) -> None:
        """Show a screen, in place where that may be."""
        text = "\n\n".join(filter(None, (self.lead, text)))
        if self.place is None:
            self.speech.send(text, keyboard)
        else:
            self.speech.edit(self.place, keyboard, text, anew=True)

    def page(self, text: str, number: int, action: Named | str, turned: Turned) -> tuple[str, Keyboard]:
        """Return one page of a text and the buttons that turn it.

        Args:
            text: all of it.
            number: which page; one that is not there is the nearest.
            action: what shows it.
            turned: makes the argument of a button that leads to a page.
        """
        found = pages(text, PAGE) or [""]
        number = max(0, min(number, len(found) - 1))
        turns = []
        if number > 0:
            turns.append(self.button("button.before", action, turned(number - 1)))
        if number < len(found) - 1:
            turns.append(self.button("button.next", action, turned(number + 1)))
        return found[number], (tuple(turns),) if turns else ()

    def spoken(self, speech: Speech, person: Person) -> "Screen":
        """Return the same place in another voice: her language has changed."""
        return replace(self, speech=speech, person=person)


def opened(speech: Speech, person: Person, incoming: Incoming, argument: str) -> tuple[Screen, str]:
    """Return the screen a press or a command leads to, and what its button carries."""
    if not argument.endswith(IN_PLACE) or incoming.kind is not Kind.PRESS:
        return Screen(speech, person, incoming=incoming), argument
    place = speech.unit.outbox.newest(speech.messenger, speech.chat, incoming.order)
    return Screen(speech, person, place, incoming=incoming), argument.removesuffix(IN_PLACE)


def in_place(argument: Argument | str) -> str:
    """Write an argument so that the screen it leads to may take the place of its button's own message."""
    return (argument if isinstance(argument, str) else argument.encoded()) + IN_PLACE
