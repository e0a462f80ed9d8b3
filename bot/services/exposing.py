"""What in a text of the team's could tell a whole group who said something, by what is known of that group."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any, Final

from bot.services import circles, quoting
from bot.services.promises import CARD
from dialogs import exposure, languages
from dialogs.exposure import GroupFacts
from dialogs.model import Dialog
from storage import export_rows
from storage.broadcasts import Broadcast
from storage.cohorts import Cohort
from storage.unit import Unit

BROADCASTS: Final = 6
"""The answers to so many of a group's last broadcasts are looked through for quotes."""
RUNS: Final = 1000
"""At most so many runs of each."""


def of_group(unit: Unit, cohort: Cohort) -> GroupFacts:
    """Return what exposes somebody of a group: nicknames, answers in words, how many answered last time."""
    return _facts(unit, cohort, _said_last(unit, cohort))


def of_broadcast(unit: Unit, cohort: Cohort, broadcast: Broadcast) -> GroupFacts:
    """Return the same for a text about what one broadcast brought: how many answered that one, and its answers too.

    Such a text may quote what somebody agreed to.
    """
    last = [each for each in _said_last(unit, cohort) if each.id != broadcast.id]
    return replace(_facts(unit, cohort, [broadcast, *last]), agreed=_agreed(unit, cohort), frozen=True)


def of_told(unit: Unit, cohort: Cohort) -> GroupFacts:
    """Return the same for what a group is or was told, which may quote what somebody agreed to."""
    return replace(of_group(unit, cohort), agreed=_agreed(unit, cohort))


def _said_last(unit: Unit, cohort: Cohort) -> list[Broadcast]:
    """Return the last broadcasts of a group that anything was said to, the newest first."""
    return list(islice((each for each in unit.broadcasts.list([cohort.id]) if _said(unit, each)), BROADCASTS))


def _facts(unit: Unit, cohort: Cohort, said_to: Sequence[Broadcast]) -> GroupFacts:
    """Return the same of what was said to some broadcasts, and how many answered the first of them."""
    nicknames = [each.nickname for each in unit.people.list(cohort.id) if each.nickname]
    answers = [words for each in said_to for words in _answers(unit, each)]
    withheld = [each.words for each in quoting.of_cohort(unit, cohort.id).withheld]
    return GroupFacts(answered(unit, said_to[0]) if said_to else None, nicknames, answers, withheld=withheld)


def _agreed(unit: Unit, cohort: Cohort) -> list[str]:
    return [each.words for each in quoting.of_cohort(unit, cohort.id).agreed]


def in_texts(facts: GroupFacts, texts: Mapping[str, str]) -> list[str]:
    """Return the words that could expose somebody, in whichever of some languages they are written."""
    return _in_all(facts, [texts])


def in_each(facts: GroupFacts, texts: Sequence[tuple[str, str]]) -> list[list[str]]:
    """Return the words that could expose somebody in each of some texts, given behind their languages."""
    told = [(languages.base(tag), text) for tag, text in texts]
    return [[mark.words for mark in found] for found in exposure.marks_in(told, facts)]


def in_card(facts: GroupFacts, card: Mapping[str, Any], language: str) -> list[str]:
    """Return what of a purpose card could expose somebody; `language` is that of its words where it does not say so."""
    written = [{str(card.get("language") or language): card}, dict(card.get("in") or {})]
    texts = [{tag: str(part.get(key) or "") for tag, part in parts.items()} for parts in written for key in CARD]
    return _in_all(facts, texts)


def in_dialog(facts: GroupFacts, dialog: Dialog) -> list[str]:
    """Return what could expose somebody in the questions and options of a dialog."""
    texts = [text for step in dialog.steps for text in (step.label, step.hint, *(each.label for each in step.choices))]
    return _in_all(facts, texts)


def _in_all(facts: GroupFacts, texts: Iterable[Mapping[str, str]]) -> list[str]:
    found = in_each(facts, [said for text in texts for said in text.items()])
    return list(dict.fromkeys(words for marked in found for words in marked))


def _said(unit: Unit, broadcast: Broadcast) -> bool:
    """Return whether anybody said something to a broadcast, or a circle did."""
    return unit.readings.any_of(broadcast.id) or circles.any_asked(unit, broadcast)


def answered(unit: Unit, broadcast: Broadcast) -> int:
    """Return how many people answered a broadcast; where nobody did, how many were in the circles that did."""
    people = len({each.person_id for each in unit.readings.of_broadcast(broadcast.id)})
    return people or circles.present_at(unit, broadcast)


def _answers(unit: Unit, broadcast: Broadcast) -> Iterator[str]:
    """Yield what people wrote in their own words, and what circles said."""
    yield from circles.words_to(unit, broadcast)
    for row in islice(export_rows.of_broadcast(unit, broadcast.id), RUNS):
        yield from row.words()
