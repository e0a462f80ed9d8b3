"""Sentences by code, through Babel: the product's own words in every language of `locales/`.

Catalogs are `.po` files named by domain; the message id is a code such as `offer.ask`, and Spanish and English are each
written independently. A language's catalogs are read when it is first used. A language without a sentence falls back
along its chain (`nhe` -> `nah` -> `es` -> `en`), sentence by sentence.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from functools import cache, lru_cache
from gettext import c2py
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_time
from babel.lists import format_list
from babel.messages.catalog import Message
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

from bot.product_languages import LOCALES
from dialogs import lang, languages
from dialogs.model import ValueFormat


class MissingText(KeyError):
    """No catalog along the chain has this code: a bug; the message names code and language."""


@dataclass(frozen=True, slots=True)
class Catalog:
    """The sentences of one language, by code; those with plural forms by code and form."""

    messages: Mapping[str | tuple[str, int], str]
    plural: Callable[[int], int]

    @classmethod
    def read(cls, language: str, folder: Path) -> Catalog:
        """Read and merge every `.po` file of a language; raises PoFileError if one is broken."""
        messages: dict[str | tuple[str, int], str] = {}
        plural = "n != 1"
        for path in sorted(folder.glob("*.po")):
            found, plural = _messages(language, path)
            messages |= found
        return cls(messages, c2py(plural))


def _messages(language: str, path: Path) -> tuple[dict[str | tuple[str, int], str], str]:
    """Read one file: its sentences, and the plural rule of its language."""
    with path.open("rb") as source:
        catalog = read_po(source, locale=languages.formatting_locale(language), abort_invalid=True)
    messages: dict[str | tuple[str, int], str] = {}
    for message in catalog:
        if message.id and not message.fuzzy:
            messages |= _forms(message)
    return messages, catalog.plural_expr


def _forms(message: Message) -> Mapping[str | tuple[str, int], str]:
    if isinstance(message.id, str):
        return {message.id: str(message.string)}
    return {(message.id[0], place): form for place, form in enumerate(message.string or ())}


NOTHING: Final = Catalog({}, c2py("0"))


@cache
def catalogs() -> Texts:
    """Return the shipped catalogs, the same object at every call."""
    return Texts()


class Texts:
    """The sentences of all languages."""

    def __init__(self, folder: Path = LOCALES) -> None:
        """Find the catalogs.

        Args:
            folder: holds `<language>/LC_MESSAGES/*.po`.
        """
        found = sorted((place.name, place / "LC_MESSAGES") for place in folder.iterdir())
        self._folders = {language: place for language, place in found if place.is_dir()}
        self._read: dict[str, Catalog] = {}

    def _catalog(self, language: str) -> Catalog:
        if language not in self._folders:
            return NOTHING
        if language not in self._read:
            self._read[language] = Catalog.read(language, self._folders[language])
        return self._read[language]

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages that have a catalog."""
        return tuple(self._folders)

    def domain(self, name: str) -> Iterator[tuple[str, str]]:
        """Yield each code and sentence of one file in every language's catalogs, without reading other files."""
        for language, folder in self._folders.items():
            path = folder / f"{name}.po"
            if path.is_file():
                for code, words in _messages(language, path)[0].items():
                    if isinstance(code, str) and code:
                        yield code, words

    def say(self, code: str, language: str, /, **facts: object) -> str:
        """Return the sentence of `code`, its `{blanks}` filled; raises MissingText."""
        for tag in languages.chain(language):
            words = self._catalog(tag).messages.get(code)
            if words:
                return words.format(**facts) if facts else words
        raise MissingText(f"{code} in {language}")

    def own(self, code: str, messenger: str, language: str, /, **facts: object) -> str:
        """Return a messenger's own sentence of `code` if there is one, else the general one; raises MissingText.

        `messenger` is the name in `Capabilities.own_words`.
        """
        try:
            return self.say(f"{code}.{messenger}", language, **facts)
        except MissingText:
            return self.say(code, language, **facts)

    def refusal(
        self,
        code: str,
        language: str,
        facts: Mapping[str, str],
        misses: int = 0,
        *,
        passable: bool = False,
        wizard: bool = False,
    ) -> str:
        """Return why a reply did not fit, in the author's words if there are any.

        After `misses` in a row no sentence is the one before; questions that are `passable` are passed by "none", those
        of a `wizard` have no later, only [Cancel].
        """
        if facts.get("message"):
            return facts["message"]
        if misses:
            if misses % 2 == 0:
                return self.say("refused.still.staff" if wizard else "refused.still", language)
            if wizard and code == "not_a_choice":
                return self.say("refused.again.staff", language)
            if code == "not_a_choice" or passable:
                return self.say("refused.again" if passable else "refused.again.required", language)
            return self.say("refused.again.plain", language, reason=self.refusal(code, language, facts))
        if code == "not_a_choice" and facts.get("max") == "1":
            return self.say("refused.not_a_choice.one", language)
        if facts.get("near"):
            return self.say("refused.not_a_choice.near", language, **facts)
        return self.say(f"refused.{code}", language, **facts)

    def count(self, code: str, language: str, number: int, /, **facts: object) -> str:
        """Return the sentence of `code` in the plural form of `number`, which fills `{n}`; raises MissingText."""
        for tag in languages.chain(language):
            catalog = self._catalog(tag)
            if (code, 0) in catalog.messages:
                form = catalog.plural(number)
                return catalog.messages[code, form].format(n=self.number(number, language), **facts)
        raise MissingText(f"{code} in {language}")

    @staticmethod
    def written(language: str, kind: ValueFormat, value: str) -> str:
        """Return a stored value as people of a language write it: a date (ISO), a time (`19:30`), a decimal."""
        locale = languages.formatting_locale(language)
        match kind:
            case ValueFormat.DATE:
                pattern = lang.rules_of(language).date_pattern
                return format_date(date.fromisoformat(value), pattern, locale=locale)
            case ValueFormat.TIME:
                return format_time(time.fromisoformat(value), "short", locale=locale)
            case ValueFormat.DECIMAL:
                return format_decimal(Decimal(value), locale=locale)
            case _:
                return value

    @staticmethod
    def number(value: float, language: str) -> str:
        """Return a number as the language's nearest formatting locale writes it."""
        return _number(value, languages.formatting_locale(language))

    @staticmethod
    def day(moment: datetime, zone: str, language: str) -> str:
        """Return a day without its year: "jueves, 26 de noviembre"."""
        return Texts.day_of(moment.astimezone(ZoneInfo(zone)).date(), language)

    @staticmethod
    def day_of(day: date, language: str) -> str:
        """Return a date without its year: "jueves 26 de noviembre"."""
        locale = languages.formatting_locale(language)
        return format_date(day, lang.rules_of(language).day_pattern, locale=locale)

    @staticmethod
    def long_date(day: date, language: str) -> str:
        """Return a day with its year and the month in letters: "24 de noviembre de 2026", "24 November 2026"."""
        pattern = lang.rules_of(language).date_pattern.removeprefix("EEEE ")
        return format_date(day, pattern, locale=languages.formatting_locale(language))

    @staticmethod
    def date(day: date, language: str) -> str:
        """Return a day with its year: "24 nov 2026", "24 Nov 2026"."""
        return format_date(day, "d MMM y", locale=languages.formatting_locale(language))

    @staticmethod
    def hour(moment: datetime, zone: str, language: str) -> str:
        """Return a time of day in a zone, in the locale's short form."""
        local = moment.astimezone(ZoneInfo(zone))
        return format_time(local, "short", locale=languages.formatting_locale(language))

    @staticmethod
    def all_of(items: list[str], language: str) -> str:
        """Return words joined as the language lists them: "uno, dos y tres"."""
        listed = format_list(items, locale=languages.formatting_locale(language))
        other_and = lang.rules_of(language).other_and
        return re.sub(*other_and, listed) if other_and else listed

    @staticmethod
    def any_of(items: list[str], language: str) -> str:
        """Return words joined as alternatives: "uno, dos o tres"."""
        return format_list(items, style="or", locale=languages.formatting_locale(language))

    @staticmethod
    def language(tag: str, language: str, *, first: bool = False) -> str:
        """Return what a language calls another, as within a sentence ("inglés", "Spanish"); else its own name.

        If it comes `first` in its sentence, it begins with a capital. Babel is asked only of languages that the product
        speaks: it takes codes of Mexico's for others.
        """
        spoken = languages.base(tag)
        if spoken not in languages.LAST_RESORTS:
            return languages.own_name(tag)
        said = str(Locale.parse(languages.formatting_locale(language)).languages[spoken])
        said += languages.own_name(tag).removeprefix(languages.own_name(spoken))
        return said[:1].upper() + said[1:] if first else said

    @staticmethod
    def short_day(moment: datetime, zone: str, language: str) -> str:
        """Return a day in its short form: "24 nov", "24 Nov": the day first, as in long ones."""
        local = moment.astimezone(ZoneInfo(zone))
        return format_date(local.date(), "d MMM", locale=languages.formatting_locale(language))


@lru_cache(maxsize=1024, typed=True)
def _number(value: float, locale: str) -> str:
    """Return a number as a locale writes it: the same few, again and again."""
    return format_decimal(value, locale=locale)


WHOLE_WORDS: Final = 0.6
"""Of the room for a text, how much is filled at least where it is cut after a whole word."""


def shorten(text: str, most: int) -> str:
    """Return the text, or its beginning up to `most` characters, ended by an ellipsis; after a word, where one ends."""
    if len(text) <= most:
        return text
    cut = text[: most - 1]
    if not text[most - 1].isspace() and (place := cut.rfind(" ")) > most * WHOLE_WORDS:
        cut = cut[:place]
    return cut.rstrip(" …·,;:\n") + "…"


def pages(text: str, most: int) -> list[str]:
    """Split a text into pages of at most `most` characters: at empty lines, line ends, sentence ends or blanks."""
    found = []
    while len(text) > most:
        for mark in ("\n\n", "\n", ". ", " "):
            place = text.rfind(mark, most // 2, most)
            if place >= 0:
                cut = place + len(mark)
                break
        else:
            cut = most
        found.append(text[:cut].rstrip())
        text = text[cut:].lstrip()
    return [*found, text] if text else found
