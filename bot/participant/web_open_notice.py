"""Lets a person close the web chat that was opened with their link."""

from bot.conversation.actions import ALSO_LEFT, Action, handles
from bot.conversation.screen import Screen
from bot.rendering import targets
from bot.rendering.speech import rows
from bot.services import links
from bot.services.permissions import EVERYONE

SHUT = Action(targets.SHUT, EVERYONE, states=ALSO_LEFT)


class WebOpenNotice:
    """The button that closes it."""

    @handles(SHUT)
    def shut(self, screen: Screen) -> None:
        """Close the web chat in every browser, and say so."""
        links.close_everywhere(screen.unit, screen.person, screen.person)
        screen.show(screen.words("home.link_shut"), rows(screen.menu()))
