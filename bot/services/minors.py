"""Under eighteen: what the organisation decided, and what differs for whoever is.

The record's `minors` answers whether anybody under eighteen takes part. If so it names a person for it (`person`) and
to whom harm is reported (`reported_to`, by language), and may have their own care card (`care_card`), phrases that ring
(`danger_words`) and hours (`hours`). A minor takes part with two yeses: their own, and an adult's that the team notes.
"""

from collections.abc import Mapping
from typing import Any, Final, Literal, TypeAlias

from dialogs import languages
from storage.people import Person

ADULT, MINOR = "adult", "minor"
AGE: Final = "age"
"""Preference: on which side of eighteen a person is, and never the age itself."""
ADULT_YES: Final = "adult_yes"
"""Preference: whose yes there is for a minor, who noted it, and when."""
Whose: TypeAlias = Literal["family", "school"]
"""A family's yes, or the organisation's own where the family is the danger."""
KEYS: Final = ("anybody", "person", "reported_to", "care_card", "danger_words", "hours")


def is_minor(person: Person | None) -> bool:
    """Return whether a person said that they are under eighteen."""
    return person is not None and person.preferences.get(AGE) == MINOR


def lacks_adult(person: Person) -> bool:
    """Return whether a minor still needs an adult's yes."""
    return is_minor(person) and not person.preferences.get(ADULT_YES)


def are_expected(record: Mapping[str, Any]) -> bool:
    """Return whether the organisation said that people under eighteen take part."""
    return bool((record.get("minors") or {}).get("anybody"))


def own(record: Mapping[str, Any], person: Person | None, key: str) -> Any:
    """Return what the record has for minors under a key, if this person is one; else None."""
    return (record.get("minors") or {}).get(key) if is_minor(person) else None


def own_words(record: Mapping[str, Any], person: Person | None, key: str, language: str) -> str:
    """Return a text for minors in a language or the nearest there is; empty for anybody else or without one."""
    return in_language(own(record, person, key) or {}, language)


def in_language(texts: Mapping[str, Any], language: str) -> str:
    """Return a text in a language, or in the nearest there is; empty without any."""
    return str(next((texts[tag] for tag in (*languages.chain(language), *texts) if texts.get(tag)), ""))
