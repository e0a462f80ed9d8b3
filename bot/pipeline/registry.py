"""Collect every action once at start, from where each is declared; every other table is derived here.

A contradiction stops the start: a name, command or plain word used twice, an action without a handler, a wizard without
a class that ends it, an argument that two layouts would read.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.content import LIBRARY
from bot.conversation.actions import HANDLED, Action, HandledAction, Next
from bot.rendering.arguments import decoded
from bot.rendering.commands import CommandWords
from bot.services.permissions import EVERYONE


class RegistryError(Exception):
    """The declarations of actions contradict each other or lack something; the text says what."""


@dataclass(frozen=True, slots=True)
class ActionRegistry:
    """The tables of all actions.

    Attributes:
        actions: each action by its wire name.
        handlers: which method of which class answers an action in a state of participation.
        commands: each action by the code of its commands.
        wizards: the action that begins each wizard, by the wizard's name, with the class that ends it.
    """

    actions: Mapping[str, Action]
    handlers: Mapping[tuple[str, str], tuple[type, str]]
    commands: Mapping[str, Action]
    wizards: Mapping[str, tuple[Action, type]]

    @classmethod
    def of(cls, screens: Sequence[type], words: CommandWords | None = None) -> "ActionRegistry":
        """Collect what classes declare, and check the words people write where given; raises RegistryError."""
        actions: dict[str, Action] = {}
        handlers: dict[tuple[str, str], tuple[type, str]] = {}
        wizards: dict[str, tuple[Action, type]] = {}
        for screen, method, handled in _declared(screens):
            action = handled.action
            if actions.setdefault(action.name, action) is not action:
                raise RegistryError(f"{action.name} is declared twice")
            for state in handled.states:
                before = handlers.setdefault((action.name, state), (screen, method))
                if before != (screen, method):
                    raise RegistryError(f"{action.name} is answered twice by whoever is {state}")
        for screen in screens:
            for name, action in getattr(screen, "wizards", {}).items():
                if name in wizards:
                    raise RegistryError(f"two parts end the wizard {name}")
                wizards[name] = (action, screen)
        commands = _by_command(actions.values())
        found = cls(actions, handlers, commands, wizards)
        found.check()
        if words is not None:
            found.check_words(words)
        return found

    def check(self) -> None:
        """Raise RegistryError for an action or a wizard that lacks something."""
        for action in self.actions.values():
            if action.permission.roles is not None and not action.permission.roles:
                raise RegistryError(f"{action.name} is allowed to nobody")
            asked = action.commands or action.menu or action.in_run
            if asked and action.arguments and decoded(action.arguments, "") is None:
                raise RegistryError(f"{action.name} has a command, and takes none without an argument")
            if lacking := [state for state in action.states if (action.name, state) not in self.handlers]:
                raise RegistryError(f"nobody answers {action.name} of whoever is {', '.join(sorted(lacking))}")
        for place, times in Counter(each.menu for each in self.actions.values() if each.menu).items():
            if times > 1:
                raise RegistryError(f"place {place.order} of the {place.screen} menu is taken twice")
        for name, (action, _) in self.wizards.items():
            if self.actions.get(action.name) is not action:
                raise RegistryError(f"the wizard {name} is begun by {action.name}, which is no action")
        known = {path.stem for path in (LIBRARY / "staff").glob("*.yaml")}
        if known != self.wizards.keys():
            raise RegistryError(f"nobody ends, or nobody wrote: {', '.join(sorted(known ^ self.wizards.keys()))}")

    def check_words(self, words: CommandWords) -> None:
        """Raise RegistryError for a command or plain word without an action, or a command without a word."""
        typed = set(words.commands.values())
        if typed != self.commands.keys():
            raise RegistryError(f"command and words do not match: {', '.join(sorted(typed ^ self.commands.keys()))}")
        if unknown := set(words.plain.values()) - self.actions.keys():
            raise RegistryError(f"plain words ask for no action: {', '.join(sorted(unknown))}")

    # What is derived.

    def bind(self, screens: Iterable[object]) -> dict[tuple[str, str], Callable[..., Next]]:
        """Return the handlers as methods of the one object of each class."""
        made = {type(each): each for each in screens}
        return {key: getattr(made[kind], method) for key, (kind, method) in self.handlers.items()}

    def offered(self) -> tuple[list[Action], list[Action]]:
        """Return the commands that a messenger lists: those for everybody, and those for the team, both in order."""
        found = sorted((each for each in self.actions.values() if each.offered), key=lambda each: each.offered)
        return (
            [each for each in found if each.permission == EVERYONE],
            [each for each in found if each.permission != EVERYONE],
        )


def _declared(screens: Sequence[type]) -> Iterator[tuple[type, str, HandledAction]]:
    for screen in screens:
        for method, function in vars(screen).items():
            for handled in getattr(function, HANDLED, ()):
                yield screen, method, handled


def _by_command(actions: Iterable[Action]) -> dict[str, Action]:
    found: dict[str, Action] = {}
    for action in actions:
        for code in action.commands:
            if code in found:
                raise RegistryError(f"{found[code].name} and {action.name} have the command {code}")
            found[code] = action
    return found
