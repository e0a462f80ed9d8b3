"""The language of whoever has not chosen one yet: that of their app, where it is one of ours."""

from bot.conversation.turns import Turns
from bot.messengers.port import Incoming
from bot.product_languages import begun_by, language_of
from bot.rendering.speech import Speech
from dialogs import languages
from storage.people import Person
from storage.unit import Unit


def hinted(language: str | None) -> str:
    """Return the language that an app says it speaks, if it is one of ours, else the default."""
    return begun_by(language or "") or languages.DEFAULT


def speech_to(turns: Turns, unit: Unit, person: Person, incoming: Incoming | None) -> Speech:
    """Return the speech for a person; until they choose a language, their app's language counts."""
    if incoming is None:
        return turns.speech(unit, person)
    language = language_of(person) if person.language else hinted(incoming.language)
    return Speech(unit, turns.texts, person, incoming.messenger, incoming.chat, language)
