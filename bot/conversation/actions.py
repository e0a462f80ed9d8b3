"""What can be asked for by a button, a command or a word: each `Action` is declared once, beside its handler.

Every table is derived from these declarations when the bot starts (`bot.pipeline.registry`): what a command or a word
means, who may ask for it, in which states, which handler answers, what the menus offer.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal, TypeAlias, TypeVar

from bot.conversation.screen import Screen
from bot.rendering.arguments import Argument
from bot.services.permissions import Permission
from dialogs.events import Event
from storage.runs import RunRow

ACTIVE: Final = frozenset({"active"})
STAYING: Final = frozenset({"active", "paused"})
ALSO_LEFT: Final = STAYING | {"left"}
ARRIVING: Final = frozenset({"invited", "consenting", "declined", "naming"})

WORDS: Final = None
"""The handler reads by itself what the button carries."""


@dataclass(frozen=True, slots=True)
class MenuPlace:
    """Where the team's menu has a button for an action: on which of its two screens, and in which order."""

    screen: Literal["first", "more"]
    order: int


@dataclass(frozen=True, slots=True)
class Action:
    """Something that can be asked for.

    Attributes:
        name: what sent buttons carry: it never changes.
        permission: who may ask for it.
        arguments: what its buttons may carry; none: nothing. `WORDS`: what the handler reads by itself.
        commands: the codes of its commands; how each is typed in a language stands in the catalogs.
        states: the participation in which it may be asked for; in any other it leads to the menu.
        offered: its first command's place in the messenger's list of commands; 0: it is not in it.
        menu: its place in the team's menu.
        in_run: the open run takes it, where there is one: a word of the engine's.
        otherwise: what it means to whoever has no role at all, where that is something else.
    """

    name: str
    permission: Permission
    arguments: tuple[type[Argument], ...] | None = ()
    commands: tuple[str, ...] = ()
    states: frozenset[str] = STAYING
    offered: int = 0
    menu: MenuPlace | None = None
    in_run: bool = False
    otherwise: "Action | None" = None


@dataclass(frozen=True, slots=True)
class Then:
    """Go on with another action, as if it had been asked for: on this screen, or else on a new one."""

    action: Action | str
    argument: Argument | str = ""
    screen: Screen | None = None


@dataclass(frozen=True, slots=True)
class Begin:
    """Begin a wizard, about something; one that was open is left."""

    wizard: str
    task: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Played:
    """A turn was played in a run: what its answers ask for is still to be done."""

    row: RunRow
    events: Sequence[Event]


Next: TypeAlias = Then | Begin | Played | None
"""What a handler leaves to the router, which follows it once."""

Handler = TypeVar("Handler", bound=Callable[..., Next])


@dataclass(frozen=True, slots=True)
class HandledAction:
    """That a method answers an action, in some states alone if it says which."""

    action: Action
    states: frozenset[str]


HANDLED: Final = "handled"


def handles(*actions: Action, states: frozenset[str] | None = None) -> Callable[[Handler], Handler]:
    """Mark a method as what answers actions; it takes the screen, and what the button carries if it carries anything.

    Args:
        actions: what it answers.
        states: the participation in which it does, instead of those that the actions name.
    """

    def marked(handler: Handler) -> Handler:
        known = getattr(handler, HANDLED, ())
        setattr(handler, HANDLED, (*known, *(HandledAction(each, states or each.states) for each in actions)))
        return handler

    return marked
