"""Her conversation was opened in a browser by a link: she hears of it where she is at home, and can close it again.

A link is made by the team and travels by other people's phones. Whoever opens it first reads what stands there and
speaks in her name, so it is never opened behind her back.
"""

from bot.conversation.actions import ALSO_LEFT, Action, handles
from bot.conversation.screen import Screen
from bot.messengers.port import WEB
from bot.rendering import targets
from bot.rendering.speech import Speech, rows
from bot.rendering.texts import Texts
from bot.services.permissions import EVERYONE
from storage.people import Person
from storage.unit import Unit

SHUT = Action("shut", EVERYONE, states=ALSO_LEFT)


def opened(unit: Unit, texts: Texts, person: Person) -> None:
    """Tell her at every address that rings; nothing rings in a browser."""
    for _, messenger, chat in unit.addresses.of(person):
        if messenger == WEB:
            continue
        speech = Speech(unit, texts, person, messenger, chat, person.language or "es")
        keyboard = rows(speech.button("button.shut", SHUT), speech.button("button.menu", targets.HOME))
        speech.say("home.link_opened", keyboard)


class WebLogin:
    """The way to close what was opened."""

    @handles(SHUT)
    def shut(self, screen: Screen) -> None:
        """Close the participant's conversation in every browser; no link that was made before opens it again."""
        unit, person = screen.unit, screen.person
        unit.doors.revoke_links(person.id)
        for _, messenger, chat in unit.addresses.of(person):
            if messenger == WEB:
                unit.doors.close_all(chat)
        unit.audit.add(person.id, "link.shut", str(person.id), {})
        screen.show(screen.words("home.link_shut"), rows(screen.menu()))
