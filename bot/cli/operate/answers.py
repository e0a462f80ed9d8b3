"""Read what is typed in answer to the setup's questions, into the form the organisation's record holds."""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final
from zoneinfo import available_timezones

from babel import Locale

from bot.cli import setup_file
from bot.cli.setup_file import SetupError
from bot.product_languages import LANGUAGES
from bot.services import places
from dialogs import fuzzy_match, lang, languages
from dialogs.replies import folded

MONTHS_A_YEAR: Final = 12
MEXICO: Final = places.CENTRE


def read(key: str, typed: str) -> Any:
    """Read a typed answer; raises SetupError for one that cannot be used."""
    return setup_file.check(key, _READERS.get(key, _words)(typed))


def _words(typed: str) -> Any:
    return typed


def zone(typed: str) -> str:
    """Return the time zone of a place: a zone's own name, its city's, or that of a state or city that people name."""
    known = {each.casefold(): each for each in available_timezones()}
    if typed.casefold().replace(" ", "_") in known:
        return known[typed.casefold().replace(" ", "_")]
    named = places.named(LANGUAGES[0])
    if (place := folded(typed)) in named:
        return named[place]
    if hint := fuzzy_match.nearest(place, named):
        raise SetupError("cli.setup.zone.near", hint=hint.title())
    raise SetupError("cli.setup.zone.wrong")


def language_names(tag: str) -> frozenset[str]:
    """Return the names of a language in each of the product's own, folded: `espanol`, `spanish`."""
    locales = (Locale.parse(languages.formatting_locale(each)) for each in LANGUAGES)
    return frozenset(folded(locale.languages[tag]) for locale in locales if tag in locale.languages)


def _languages(typed: str) -> list[str]:
    names = {folded(row.own_name): tag for tag, row in languages.LANGUAGES.items()}
    names |= {tag: tag for tag in languages.LANGUAGES}
    names |= {name: tag for tag in LANGUAGES for name in language_names(tag)}
    names |= {"nahuatl": "nah", "maya": "yua", "zapoteco": "zap", "mixteco": "mix", "mixe": "mto", "otomi": "oto"}
    found = []
    for piece in re.split(rf"[;,]| (?:{'|'.join(sorted(lang.CONJUNCTIONS))}) ", typed):
        said = folded(piece)
        if not said:
            continue
        tag = names.get(piece.strip().lower()) or names.get(said)
        if tag is None:
            raise SetupError("cli.setup.languages.wrong", given=piece.strip())
        found.append(tag)
    return list(dict.fromkeys(found))


def _days(typed: str) -> list[int]:
    days = {folded(name): number for name, number in setup_file.weekdays().items()}
    days |= {f"{name}s": number for name, number in days.items()}
    around = lang.CONJUNCTIONS | lang.vocabulary_of(languages.DEFAULT).dates.habits
    said = [word for word in folded(typed).split() if word not in around]
    for word in said:
        if word not in days:
            raise SetupError("cli.setup.reading_days.wrong", given=word)
    if not said:
        raise SetupError("cli.setup.reading_days.empty")
    return sorted({days[word] for word in said})


def _months(typed: str) -> int:
    said = folded(typed)
    digits = "".join(letter for letter in said if letter.isdecimal())
    vocabulary = lang.vocabulary_of(languages.DEFAULT)
    first, unit, _ = said.partition(" ")
    single = first in vocabulary.numbers.articles or vocabulary.numbers.small.get(first) == 1
    number = int(digits or bool(unit and single))
    months = number * (MONTHS_A_YEAR if said.endswith(tuple(vocabulary.dates.years)) else 1)
    if not 1 <= months <= setup_file.LONGEST_RETENTION:
        raise SetupError("cli.setup.retention_months.wrong", most=setup_file.LONGEST_RETENTION)
    return months


_READERS: Final[Mapping[str, Callable[[str], Any]]] = {
    "zone": zone,
    "languages": _languages,
    "reading_days": _days,
    "retention_months": _months,
}
