"""What Hilo never says, in any language: a test over every catalog and every shipped dialog.

Nobody has seen, will call, comes or watches because a program says so; nothing is soon, and nothing is safe, secret or
confidential. That Telegram is *not* secret is said, and what the team itself writes is its own.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
import yaml
from babel.messages.pofile import read_po

from bot.services.promises import made
from dialogs import lang, languages
from tests.bot.tongues import LIBRARY, ROOT

SAID: Final = {
    "es": (
        "Te van a llamar pronto.",
        "El equipo ya te busca.",
        "Ya lo leyeron.",
        "Alguien viene.",
        "Aquí es seguro.",
        "Lo que digas es confidencial.",
        "Hilo te cuida y no estás sola.",
    ),
    "es-usted": (
        "Le van a llamar enseguida.",
        "Ya lo vieron.",
        "La ayuda va para allá.",
        "Con usted a salvo.",
        "Es secreto.",
        "Hilo le cuida.",
    ),
    "en": (
        "Somebody will call you soon.",
        "The team has read it.",
        "Help is on its way.",
        "You are safe here.",
        "This chat is private.",
        "Hilo watches over you.",
    ),
}
HEARD: Final = ("said.", "plain.")  # what people say, and Hilo does not
PRESSED: Final = ("alert.", "button.alert_mine", "notice.danger.again", "watch.")  # among the team, of who pressed it
LANGUAGES: Final = sorted(path.name for path in (ROOT / "locales").iterdir() if path.is_dir())


def promises(text: str, language: str) -> set[str]:
    """Return which kinds of promise a text makes."""
    return {*made(text, language)}


def catalog(language: str) -> Iterator[tuple[str, str]]:
    """Give every sentence of a language's catalogs with its code, also what only the console says."""
    for path in sorted((ROOT / "locales" / language / "LC_MESSAGES").glob("*.po")):
        with path.open("rb") as file:
            for message in read_po(file):
                if str(message.id).startswith(HEARD):
                    continue
                for text in [message.string] if isinstance(message.string, str) else message.string:
                    if message.id and text:
                        yield f"{path.name} {message.id}", text


def library(language: str, folder: Path = LIBRARY) -> Iterator[tuple[str, str]]:
    """Give every sentence of the shipped dialogs in a language."""
    for path in sorted(folder.rglob("*.yaml")):
        for text in _texts(yaml.safe_load(path.read_text("utf-8")), language):
            yield path.name, text


def _texts(node: object, language: str) -> Iterator[str]:
    if isinstance(node, dict):
        for key, value in node.items():
            if key == language and isinstance(value, str):
                yield value
            else:
                yield from _texts(value, language)
    elif isinstance(node, list):
        for each in node:
            yield from _texts(each, language)


def _made(where: str, text: str, language: str) -> set[str]:
    """Return the promises of a sentence; that somebody has read it may be said of who pressed so."""
    told = promises(text, language)
    return told - {"seen"} if where.partition(" ")[2].startswith(PRESSED) else told


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_hilo_never_says(language: str) -> None:
    """No sentence promises what a program cannot: a language without a list of its own fails here."""
    said = [*catalog(language), *library(language)]
    assert len(said) > 100
    assert lang.rules_of(language).tag == languages.base(language)
    assert lang.rules_of(language).promises.kinds

    found = [(where, sorted(kinds), text) for where, text in said if (kinds := _made(where, text, language))]

    assert found == [], "\n".join(map(str, found))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_look_itself_can_fail(language: str) -> None:
    """Each promise that is planted is found; what is said not to be so is not; every exception is needed."""
    for planted in SAID[language]:
        assert promises(planted, language), planted
    found = {kind for planted in SAID[language] for kind in promises(planted, language)}
    table = lang.rules_of(language).promises
    assert found == set(table.kinds)
    spoken = [each for each in LANGUAGES if languages.base(each) == languages.base(language)]
    texts = "\n".join(text for each in spoken for _, text in (*catalog(each), *library(each)))
    for phrase in table.allowed.split("|"):
        assert re.search(phrase, texts, re.IGNORECASE), f"an exception that nothing needs: {phrase}"


def test_telegram_is_said_not_to_be_secret() -> None:
    """Whoever is asked for her consent on Telegram reads that it is not secret."""
    for language, words in {
        "es": "Telegram no es secreto",
        "es-usted": "Telegram no es secreto",
        "en": "not secret",
    }.items():
        told = dict(catalog(language))["hilo.po join.risk.telegram"]
        assert words in told
