"""Words that made Hilo sound translated, or like an office: once out of catalogs and dialogs, they stay out."""

import re
from typing import Final

import pytest

from tests.bot.test_never_said import HEARD, catalog, library

TRANSLATED: Final = {
    "en": (
        r"\bshall\b",
        r"(?<!\{)\bdoubts?\b",
        r"\bpress\b(?! Enter| then)",
        r"(?-i:\bRather (?:now|not|a)\b)",
        r"\bwe rest\b",
        r"\b(?:someone|nobody|person|people|role) (?:in|of) the team\b",
        r"\bbe seen to\b",
        r"\bthe road we\b",
        r"\blet it go\b",
        r"\bkept nowhere\b",
        r"\bHilo is (?:awake|asleep)\b",
    ),
    "es": (
        r"\bse valen\b",
        r"\bse retira\b|\bretiras?\b|\blo retiro\b",
        r"\bdescansamos\b",
        r"\ben qué forma\b",
        r"\bvale lo que\b",
        r"\bno (?:lo )?alcanzo\b",
        r"\beste para qué\b|\bel para qué\b",
        r"\bpulsa\b|\bpulse\b",
        r"\bcómo me hablas?\b",
        r"\bel camino que hicimos\b",
        r"\bpapel(?:es)? en el equipo\b",
        r"^Lo mío$",
    ),
}
SAID: Final = {
    "en": "Shall I? I have doubts. Press it. Rather now. We rest. Someone of the team.",
    "es": "Las dos se valen. ¿Lo retiro? Descansamos. ¿En qué forma? Desde aquí no lo alcanzo. Pulsa Enter.",
}


def _found(text: str, language: str) -> list[str]:
    return [each for each in TRANSLATED[language] if re.search(each, text, re.IGNORECASE)]


@pytest.mark.parametrize(("language", "base"), [("en", "en"), ("es", "es"), ("es-usted", "es")])
def test_nothing_reads_translated(language: str, base: str) -> None:
    """No sentence or question has one of the words; what people say to Hilo is theirs."""
    said = [*catalog(language), *library(language)]
    assert len(said) > 100

    assert [(where, found, text) for where, text in said if (found := _found(text, base))] == []


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_words_are_found(language: str) -> None:
    """Each that is planted is found."""
    assert len(_found(SAID[language], language)) == 6
    assert "said." in HEARD
