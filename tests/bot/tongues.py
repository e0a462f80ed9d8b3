"""Which language a text is in, by words that only one of ours has: those of every catalog and shipped dialog."""

import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from babel import Locale
from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[2]
NOBODYS = frozenset({"hilo", "telegram"})
LIBRARY = ROOT / "dialogs" / "library"


def words(text: str) -> set[str]:
    """Return the words of a text, in small letters; blanks to fill, commands and words cut off are none."""
    return set(re.findall(r"[^\W\d_]+", re.sub(r"\$?{\w+}|/\w+|\w+…", " ", text).casefold()))


@lru_cache(maxsize=1)
def only() -> dict[str, frozenset[str]]:
    """Return, by language, the words that the other one never uses."""
    spanish = _catalogs("es") | _catalogs("es-usted") | _library("es") | _library("es-usted") | _calendar("es_MX")
    english = _catalogs("en") | _library("en") | _calendar("en")
    return {"es": frozenset(spanish - english - NOBODYS), "en": frozenset(english - spanish - NOBODYS)}


def foreign(text: str, language: str, allowed: set[str] = frozenset()) -> set[str]:  # type: ignore[assignment]  # never changed
    """Return the words of a text that belong to the other language; `language` is `es` or `en`."""
    other = "en" if language == "es" else "es"
    return (words(text) & only()[other]) - allowed


def messages(language: str) -> dict[str, str]:
    """Return what a language's catalogs say to people, by code, all forms of a sentence in one text."""
    found = {}
    for path in sorted((ROOT / "locales" / language / "LC_MESSAGES").glob("*.po")):
        with path.open("rb") as file:
            for message in read_po(file):
                code = message.id if isinstance(message.id, str) else message.id[0] if message.id else ""
                if code and not code.startswith(("cli.", "config.", "issue.")):
                    found[code] = " ".join([message.string] if isinstance(message.string, str) else message.string)
    return found


def _catalogs(language: str) -> set[str]:
    return set[str]().union(*(words(text) for text in messages(language).values()))


def _library(language: str) -> set[str]:
    read = (yaml.safe_load(path.read_text("utf-8")) for path in sorted(LIBRARY.rglob("*.yaml")))
    return set[str]().union(*(words(text) for dialog in read for text in _texts(dialog, language)))


def _texts(node: Any, language: str) -> Iterator[str]:
    """Give every text that stands under a language, however deep."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key == language and isinstance(value, str):
                yield value
            else:
                yield from _texts(value, language)
    elif isinstance(node, list):
        for value in node:
            yield from _texts(value, language)


def _calendar(locale: str) -> set[str]:
    names = Locale.parse(locale)
    return {
        name.casefold()
        for table in (names.days["format"]["wide"], names.months["format"]["wide"])
        for name in table.values()
    }


def pairs(node: Any) -> Iterator[tuple[str, str | None]]:
    """Give every Spanish text of a dialog with its form for usted, or None."""
    if isinstance(node, dict):
        if isinstance(node.get("es"), str):
            yield node["es"], node.get("es-usted")
        for value in node.values():
            yield from pairs(value)
    elif isinstance(node, list):
        for value in node:
            yield from pairs(value)


def written() -> Iterator[tuple[str, str, str | None]]:
    """Give every Spanish sentence of ours with where it stands and its form for usted."""
    usted = messages("es-usted")
    for code, text in messages("es").items():
        yield code, text, usted.get(code)
    for path in sorted(LIBRARY.rglob("*.yaml")):
        for text, form in pairs(yaml.safe_load(path.read_text("utf-8"))):
            yield path.stem, text, form


@lru_cache(maxsize=1)
def familiar() -> frozenset[str]:
    """Return the words that only stand where someone is addressed with tú: what the forms for usted replace."""
    both = [(text, form) for _, text, form in written() if form is not None]
    replaced = set[str]().union(*(words(text) - words(form) for text, form in both))
    return frozenset(replaced - set[str]().union(*(words(form) for _, form in both)))


def openings(text: str) -> list[str]:
    """Return the word that each clause of a text begins with: where an imperative stands."""
    clauses = re.split(r"[.:;,!?¿¡«»(\n]| y | o ", re.sub(r"\$?{\w+}|/\w+", " ", text).casefold())
    return [found[0] for clause in clauses if (found := re.findall(r"[^\W\d_]+", clause))]


@lru_cache(maxsize=1)
def orders() -> frozenset[str]:
    """Return the words that open a clause said with tú and another one in its form for usted: "toca", "escoge"."""
    both = [(openings(text), openings(form)) for _, text, form in written() if form is not None]
    learnt = {
        said
        for tu, usted in both
        if len(tu) == len(usted)
        for said, kept in zip(tu, usted, strict=True)
        if said != kept
    }
    return frozenset(learnt - {"su"})
