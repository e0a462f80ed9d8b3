"""Notes that Hilo leaves the team in a participant's name: kept in one language, shown in the reader's."""

from typing import Final

from bot.product_languages import LANGUAGES
from bot.rendering.texts import Texts

NOTES: Final = ("join.doubts.note", "join.minor.note")


def in_words(texts: Texts, language: str, body: str) -> str:
    """Return a message's words, in the reader's language if they are a note of Hilo's own."""
    for code in NOTES:
        if any(texts.say(code, tag) == body for tag in LANGUAGES):
            return texts.say(code, language)
    return body
