"""The languages the product speaks: those that have catalogs in `locales/` and rules in `dialogs/lang/`, found once.

Whoever offers, lists or explains something in every language takes it from here.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Protocol

from dialogs import languages

LOCALES: Final = Path(__file__).parents[1] / "locales"
LANGUAGES: Final = tuple(tag for tag in languages.LAST_RESORTS if (LOCALES / tag).is_dir())
"""In the order in which they are offered, the default first; a register is no language of its own."""


class Speaker(Protocol):
    """Somebody who may have chosen a language."""

    @property
    def language(self) -> str | None:
        """The language's tag, register included."""


def language_of(speaker: Speaker) -> str:
    """Return the language somebody is spoken to in: the one they chose, else the product's own."""
    return speaker.language or languages.DEFAULT


def own_first(tag: str) -> list[str]:
    """Return every language, a person's own at the front."""
    return sorted(LANGUAGES, key=lambda each: each != languages.base(tag))


def begun_by(locale: str) -> str | None:
    """Return the language whose tag a locale or a longer tag begins with: `en_GB.UTF-8` is English."""
    return next((tag for tag in LANGUAGES if locale.lower().startswith(tag)), None)


def of_organisation(record: Mapping[str, Any]) -> list[str]:
    """Return the languages on an organisation's record, its own first; every language while none is on record."""
    return list(record.get("languages") or LANGUAGES)
