"""Which words of somebody's answer a text for a group may quote: those to which that person agrees, and no others."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from bot.services.minors import is_minor
from dialogs import exposure
from storage import quoted_words
from storage.quotes import Quote
from storage.unit import Unit


@dataclass(frozen=True, slots=True)
class Quotable:
    """The quotes of a cohort: those that may be told, and those that may not."""

    agreed: tuple[Quote, ...]
    withheld: tuple[Quote, ...]


def of_cohort(unit: Unit, cohort_id: UUID) -> Quotable:
    """Return what of a cohort's answers may be quoted, and what somebody was asked for and did not agree to."""
    found = [each for each in unit.quotes.of_cohorts([cohort_id]) if each.words and each.state != "draft"]
    agreed = tuple(each for each in found if may_be_told(unit, each))
    there = {each.words for each in agreed}
    return Quotable(agreed, tuple(each for each in found if each.state != "yes" and each.words not in there))


def may_be_told(unit: Unit, quote: Quote) -> bool:
    """Return whether a quote may go further than the team now."""
    return quote.state == "yes" and not is_minor(unit.people.get(quote.person_id))


def named(unit: Unit, cohort_id: UUID, words: str) -> str:
    """Return words in which what is quoted is only named, so that it goes when whoever said it takes it back."""
    for quote in of_cohort(unit, cohort_id).agreed:
        for start, end in reversed(exposure.where(words, quote.words)):
            words = words[:start] + quoted_words.name(quote.id) + words[end:]
    return words


def missing(unit: Unit, written: Mapping[str, Any]) -> list[Quote | None]:
    """Return the quotes that something names and that may not be told any more; None for one that is gone."""
    found = [unit.quotes.get(each) for each in quoted_words.named(written)]
    return [each for each in found if each is None or not may_be_told(unit, each)]
