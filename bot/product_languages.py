"""List the languages the product speaks: those with catalogs in `locales/` and rules in `dialogs/lang/`.

Code that offers, lists or explains something in every language takes the list from here.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Protocol

from dialogs import languages

LOCALES: Final = Path(__file__).parents[1] / "locales"
LANGUAGES: Final = tuple(tag for tag in languages.LAST_RESORTS if (LOCALES / tag).is_dir())
"""In the order in which they are offered, the default first; a register is not a language of its own."""


class Speaker(Protocol):
    """Anything with a chosen language, which may be None."""

    @property
    def language(self) -> str | None:
        """The language's tag, register included."""


def language_of(speaker: Speaker) -> str:
    """Return the language in which to speak to someone: their choice, else the product's default."""
    return speaker.language or languages.DEFAULT


def own_first(tag: str) -> list[str]:
    """Return every language, the person's own first."""
    return sorted(LANGUAGES, key=lambda each: each != languages.base(tag))


def begun_by(locale: str) -> str | None:
    """Return the language that a locale or longer tag begins with (`en_GB.UTF-8`: English), or None."""
    return next((tag for tag in LANGUAGES if locale.lower().startswith(tag)), None)


def of_organisation(record: Mapping[str, Any]) -> list[str]:
    """Return the languages on an organisation's record, its own first; every language while none is on record."""
    return list(record.get("languages") or LANGUAGES)
