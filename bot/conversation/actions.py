"""Actions: all that a button, a command or a word can ask for, each declared once, beside its handler.

The tables are derived from these declarations when the bot starts (`bot.pipeline.registry`): what a command or a word
means, who may ask for it, in which states, which handler answers, what the menus offer.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any, Final, Literal, TypeAlias, TypeVar

from bot.conversation.screen import Screen
from bot.rendering.arguments import Argument
from bot.services.permissions import Permission
from dialogs.events import Event
from dialogs.value_class import value_class
from storage.runs import RunRow

ACTIVE: Final = frozenset({"active"})
STAYING: Final = frozenset({"active", "paused"})
ALSO_LEFT: Final = STAYING | {"left"}
ARRIVING: Final = frozenset({"invited", "consenting", "declined", "naming"})


@dataclass(frozen=True, slots=True)
class MenuPlace:
    """The place of an action's button in the team's menu.

    Attributes:
        screen: among the first lines or at the end of the menu itself, behind [More], or behind [The organisation].
        order: its place there.
    """

    screen: Literal["first", "last", "more", "organisation"]
    order: int


@dataclass(frozen=True, slots=True)
class Action:
    """Something that can be asked for.

    Attributes:
        name: the name in sent buttons: it never changes.
        permission: who may ask for it.
        arguments: what its buttons may carry; empty: nothing.
        commands: the codes of its commands; the catalogs say how each is typed in a language.
        states: the participation in which it may be asked for; in any other it leads to the menu.
        offered: the place of its first command in the messenger's list of commands; 0: not in it.
        menu: its place in the team's menu.
        in_run: whether an open run takes it, as one of the engine's own actions.
        otherwise: the action it stands for if the person has no role, where that differs.
    """

    name: str
    permission: Permission
    arguments: tuple[type[Argument], ...] = ()
    commands: tuple[str, ...] = ()
    states: frozenset[str] = STAYING
    offered: int = 0
    menu: MenuPlace | None = None
    in_run: bool = False
    otherwise: "Action | None" = None


def placed(actions: Iterable[Action], screen: str) -> list[Action]:
    """Return the actions of one place in the team's menu, in order."""
    found = [(each.menu.order, each) for each in actions if each.menu and each.menu.screen == screen]
    return [each for _, each in sorted(found, key=itemgetter(0))]


@dataclass(frozen=True, slots=True)
class Then:
    """Go on with another action as if it had been asked for, on this screen or (None) on a new one."""

    action: Action | str
    argument: Argument | str = ""
    screen: Screen | None = None


@dataclass(frozen=True, slots=True)
class Begin:
    """Begin a wizard with its task; an open one is left. `said` answers its first question, which then is not asked."""

    wizard: str
    task: Mapping[str, Any] = field(default_factory=dict)
    said: str = ""


@value_class
class Played:
    """A turn was played in a run; the router still has to act on its events."""

    row: RunRow
    events: Sequence[Event]


Next: TypeAlias = Then | Begin | Played | None
"""What a handler leaves to the router, which follows it once."""

Handler = TypeVar("Handler", bound=Callable[..., Next])


@dataclass(frozen=True, slots=True)
class HandledAction:
    """A method's declaration that it handles an action, in these states."""

    action: Action
    states: frozenset[str]


HANDLED: Final = "handled"


def handles(*actions: Action, states: frozenset[str] | None = None) -> Callable[[Handler], Handler]:
    """Mark a method as the handler of actions; it takes the screen and, if there is one, the button's argument.

    Args:
        actions: what it handles.
        states: the participation in which it does, instead of those that the actions name.
    """

    def marked(handler: Handler) -> Handler:
        known = getattr(handler, HANDLED, ())
        setattr(handler, HANDLED, (*known, *(HandledAction(each, states or each.states) for each in actions)))
        return handler

    return marked
