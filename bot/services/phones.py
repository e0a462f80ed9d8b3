"""Whose phone it is: what may stand on it, and what may not."""

from typing import Final

from storage.people import Person

OWN: Final = "mine"
"""The answer of somebody whose phone nobody else uses or looks at."""


def watched(person: Person) -> bool:
    """Return whether others may see a person's phone; also of somebody who was not asked yet, or would not say."""
    return person.preferences.get("phone") != OWN
