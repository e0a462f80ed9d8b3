"""The tables of actions as tests read them, by name: derived from the registry of the running bot."""

from bot.pipeline.screens import registry
from bot.rendering.commands import vocabulary
from bot.services import permissions
from bot.services.permissions import EVERYONE
from storage.people import Person
from storage.unit import Unit

ACTIONS = registry().actions
HERS = frozenset(name for name, action in ACTIONS.items() if action.permission == EVERYONE)
STAFF_ACTIONS = {
    name: action.permission.roles for name, action in ACTIONS.items() if action.permission.roles is not None
}
EVERYWHERE = frozenset(name for name, action in ACTIONS.items() if action.permission.everywhere)
WIZARDS = {wizard: action.name for wizard, (action, _) in registry().wizards.items()}
COMMANDS = {word: registry().commands[code].name for word, code in vocabulary().commands.items()}
SAID = vocabulary().plain


def allowed(unit: Unit, person: Person, name: str) -> bool:
    """Tell whether a person may ask for an action, by its name; nobody may ask for one that is not there."""
    action = ACTIONS.get(name)
    return action is not None and permissions.allowed(unit, person, action.permission)
