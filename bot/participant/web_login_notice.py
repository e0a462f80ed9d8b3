"""A participant closes the conversation that somebody opened in a browser by a link."""

from bot.conversation.screen import Screen
from bot.rendering.speech import rows
from bot.services import links


def shut(screen: Screen) -> None:
    """Close the conversation in every browser, and say so."""
    links.close_everywhere(screen.unit, screen.person, screen.person)
    screen.show(screen.words("home.link_shut"), rows(screen.menu()))
