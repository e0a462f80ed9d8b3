"""What comes back of a decision that was told: who says that it is fine with them, and what is said to it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

from bot import clock
from storage.decisions import Decision
from storage.people import Person
from storage.quoted_words import OMITTED
from storage.unit import Unit

LEAST: Final = 5
"""From how many people on a yes is counted."""


@dataclass(frozen=True, slots=True)
class SaidToIt:
    """What came back: how many said yes (None: fewer than are counted), the messages, and the answers that moved it."""

    fine: int | None
    messages: Sequence[UUID]
    runs: Sequence[UUID]
    gone: int


def to_read(unit: Unit, person: Person, decision_id: UUID) -> Decision | None:
    """Return what somebody was told, or what the cohort they are in was told; None if it is not for them."""
    decision = unit.decisions.get(decision_id)
    if decision is None or decision.state != "told" or decision.cohort_id not in unit.memberships.of(person.id):
        return None
    return decision


def outside(decision: Decision) -> Decision | None:
    """Return a decision as others than the team read it: without what quotes words that were taken back or erased.

    Such a part is left out in every language, as another one may say the same. None where nothing is left.
    """
    words: Mapping[str, Mapping[str, str]] = decision.body.get("words") or {}
    written: Mapping[str, Mapping[str, str]] = decision.written.get("words") or {}
    missing = {
        part
        for tag, parts in words.items()
        for part, said in parts.items()
        if said.count(OMITTED) != written[tag][part].count(OMITTED)
    }
    if not missing:
        return decision
    left = {tag: {part: said for part, said in parts.items() if part not in missing} for tag, parts in words.items()}
    if not any(left.values()):
        return None
    return replace(decision, body={**decision.body, "words": left, "voice": {}})


def opened(unit: Unit, person: Person, decision: Decision) -> None:
    """Note that somebody came to what they were told."""
    if decision.share_back_id is not None:
        unit.decisions.opened(decision.share_back_id, person.id)


def says_fine(unit: Unit, person: Person, decision: Decision) -> bool:
    """Return whether somebody said that it is fine with them."""
    return any(each.person_id == person.id and each.kind == "fine" for each in unit.decisions.links(decision.id))


def agree(unit: Unit, person: Person, decision: Decision, *, fine: bool) -> None:
    """Count somebody's yes, or take it back; it is counted once, and told of nobody."""
    unit.decisions.unlink(decision.id, person.id, "fine")
    if fine:
        unit.decisions.link(clock.new_id(), decision.id, person.id, "fine")


def said(unit: Unit, person: Person, decision_id: UUID, message_id: UUID) -> None:
    """Lay a message of somebody's beside the decision it is about."""
    if to_read(unit, person, decision_id) is not None:
        unit.decisions.link(clock.new_id(), decision_id, person.id, "said", message_id=message_id)


def what_came(unit: Unit, decision: Decision) -> SaidToIt:
    """Return what came back of a decision, and what moved it; what was erased since is told as a number alone."""
    links = unit.decisions.links(decision.id)
    fine = sum(each.kind == "fine" for each in links)
    messages = [each.message_id for each in links if each.kind == "said" and each.message_id is not None]
    runs = [each.run_id for each in links if each.kind == "moved" and each.run_id is not None]
    gone = max(0, decision.moved - len(runs)) if decision.state == "told" else 0
    return SaidToIt(fine if fine >= LEAST else None, messages, runs, gone)
