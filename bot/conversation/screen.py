"""Screens: messages that change in place while they are the newest of their chat.

This keeps a chat short, and leaves less in it to be seen. Only buttons made here change their own message: a receipt or
a care card is never overwritten.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Self, TypeAlias, TypeVar

from bot.messengers.port import Button, Incoming, Keyboard, Kind
from bot.rendering import targets
from bot.rendering.arguments import IN_PLACE, Argument
from bot.rendering.buttons import Named
from bot.rendering.ids import id_from_short, short_id
from bot.rendering.speech import Speech
from bot.rendering.texts import pages
from storage.people import Person
from storage.unit import Unit

__all__ = ["IN_PLACE", "LABEL", "PAGE", "Screen", "id_from_short", "in_place", "opened", "short_id"]

PAGE = 450  # characters of a page: a phone's screen
LABEL = 28  # characters of a title or a question on a button

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Pager:
    """A page of a list: which one is shown, and the row of buttons that turns it.

    Attributes:
        page: the number of the page, from 0.
        before: whether there is a page before it.
        after: whether there is a page after it.
        shown: how many items a page has.
    """

    page: int
    before: bool
    after: bool
    shown: int = 1

    @classmethod
    def of(cls, items: int, shown: int, page: int, *, joined: bool = False) -> Self:
        """Return the page nearest to the one asked for, with `shown` of `items` items on each.

        `joined`: where one item is too many for the first page it stands there, in place of the buttons that turn it.
        """
        last = 0 if joined and items == shown + 1 else max(0, (items - 1) // shown)
        page = max(0, min(page, last))
        return cls(page, page > 0, page < last, shown)

    @property
    def first(self) -> int:
        """The index of the page's first item."""
        return self.page * self.shown

    def cut(self, found: Sequence[T]) -> Sequence[T]:
        """Return the items of the page."""
        return found[self.first : self.first + self.shown] if self.after else found[self.first :]

    def turns(
        self, button: Callable[[str, int], Button], before: str = "button.before", after: str = "button.next"
    ) -> Keyboard:
        """Return the row of page buttons; `button` makes one from the code of its label and its page number."""
        ways = ((before, -1) if self.before else None, (after, 1) if self.after else None)
        found = tuple(button(way[0], self.page + way[1]) for way in ways if way)
        return (found,) if found else ()


Turned: TypeAlias = Callable[[int], Argument]


@dataclass(frozen=True, slots=True)
class Screen:
    """The place where the next screen is shown.

    Attributes:
        speech: the speech to its chat.
        person: whose screen it is.
        place: the outbox row that changes, or None for a new message.
        lead: words above the screen.
        incoming: the press or words that the screen answers.
        said: words that were typed on the screen before, as the answer to what it asks.
    """

    speech: Speech
    person: Person
    place: int | None = None
    lead: str = ""
    incoming: Incoming | None = None
    said: str = ""

    @property
    def unit(self) -> Unit:
        """The open transaction."""
        return self.speech.unit

    def words(self, code: str, **facts: object) -> str:
        """Return the sentence of a code."""
        return self.speech.words(code, **facts)

    def called(self, person: Person) -> str:
        """Return what the team calls a person in a list."""
        return self.speech.called(person)

    def mentioned(self, person: Person) -> str:
        """Return what the team calls a person within a sentence."""
        return self.speech.mentioned(person)

    def language(self, tag: str, *, first: bool = False) -> str:
        """Return what the reader's language calls another (see `Texts.language`)."""
        return self.speech.language_name(tag, first=first)

    def button(self, code: str, action: Named | str, argument: Argument | str = "", **facts: object) -> Button:
        """Return a button whose screen replaces this one."""
        return self.speech.button(code, action, in_place(argument), **facts)

    def labelled(self, label: str, action: Named | str, argument: Argument | str = "") -> Button:
        """Return the same with a given label instead of a code."""
        return Button(label, self.speech.buttons.plain(action, in_place(argument)))

    def menu(self) -> Button:
        """Return the button to the menu."""
        return self.button("button.menu", targets.HOME)

    def show(self, text: str, keyboard: Keyboard) -> None:
        """Show a screen, in place if that is possible."""
        text = "\n\n".join(filter(None, (self.lead, text)))
        if self.place is None:
            self.speech.send(text, keyboard)
        else:
            self.speech.edit(self.place, keyboard, text, anew=True)

    def page(self, text: str, number: int, action: Named | str, turned: Turned) -> tuple[str, Keyboard]:
        """Return one page of a text and the buttons that turn it.

        Args:
            text: the whole text.
            number: which page; the nearest one if it does not exist.
            action: the action that shows it.
            turned: makes the argument of a button from its page number.
        """
        found = pages(text, PAGE) or [""]
        pager = Pager.of(len(found), 1, number)
        return found[pager.page], pager.turns(lambda code, place: self.button(code, action, turned(place)))

    def with_speech(self, speech: Speech, person: Person) -> "Screen":
        """Return the same place with another speech, after the language has changed."""
        return replace(self, speech=speech, person=person)


def opened(speech: Speech, person: Person, incoming: Incoming, argument: str) -> tuple[Screen, str]:
    """Return the screen a press or a command leads to, and the argument of its button."""
    if not argument.endswith(IN_PLACE) or incoming.kind is not Kind.PRESS:
        return Screen(speech, person, incoming=incoming), argument
    place = speech.unit.outbox.newest(speech.messenger, speech.chat, incoming.order)
    return Screen(speech, person, place, incoming=incoming), argument.removesuffix(IN_PLACE)


def in_place(argument: Argument | str) -> str:
    """Return an argument as text, marked so that its screen may replace the button's own message."""
    return (argument if isinstance(argument, str) else argument.encoded()) + IN_PLACE
