"""A participant closes the conversation that somebody opened in a browser by a link."""

from bot.conversation.actions import ALSO_LEFT, Action, handles
from bot.conversation.screen import Screen
from bot.rendering import targets
from bot.rendering.speech import rows
from bot.services import links
from bot.services.permissions import EVERYONE

SHUT = Action(targets.SHUT, EVERYONE, states=ALSO_LEFT)


class WebOpenNotice:
    """The way to close what was opened."""

    @handles(SHUT)
    def shut(self, screen: Screen) -> None:
        """Close the conversation in every browser, and say so."""
        links.close_everywhere(screen.unit, screen.person, screen.person)
        screen.show(screen.words("home.link_shut"), rows(screen.menu()))
