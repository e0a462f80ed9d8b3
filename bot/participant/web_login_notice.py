"""Her conversation was opened in a browser by a link: she hears of it where she is at home, and can close it again.

A link is made by the team and travels by other people's phones. Whoever opens it first reads what stands there and
speaks in her name, so it is never opened behind her back.
"""

from bot.conversation.screen import Screen
from bot.messengers.port import WEB
from bot.product_languages import language_of
from bot.rendering.speech import Speech, rows
from bot.rendering.texts import Texts
from storage.people import Person
from storage.unit import Unit


def opened(unit: Unit, texts: Texts, person: Person) -> None:
    """Tell her at every address that rings; nothing rings in a browser."""
    for _, messenger, chat in unit.addresses.of(person):
        if messenger == WEB:
            continue
        speech = Speech(unit, texts, person, messenger, chat, language_of(person))
        keyboard = rows(speech.button("button.shut", "shut"), speech.button("button.menu", "home"))
        speech.say("home.link_opened", keyboard)


def shut(screen: Screen) -> None:
    """Close her conversation in every browser; no link that was made before opens it again."""
    unit, person = screen.unit, screen.person
    unit.doors.revoke_links(person.id)
    for _, messenger, chat in unit.addresses.of(person):
        if messenger == WEB:
            unit.doors.close_all(chat)
    unit.audit.add(person.id, "link.shut", str(person.id), {})
    screen.show(screen.words("home.link_shut"), rows(screen.menu()))
