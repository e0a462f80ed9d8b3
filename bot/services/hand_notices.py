"""Acts on notices by hand: one of the team tells whoever has only the page, with their own phone or in person."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from bot.messengers import registry
from bot.rendering import targets
from bot.services.acts import require
from bot.services.permissions import FACILITATORS, may_see
from storage.broadcasts import Broadcast
from storage.message_notices import SilentMessage
from storage.people import Person
from storage.unit import Unit

LASTS: Final = timedelta(days=7)
"""How long after a broadcast is due the team is reminded of whom to tell."""


@dataclass(frozen=True, slots=True)
class SilentPeople:
    """The people of a broadcast whom nothing rings: they have come to none of it yet, and have only a page.

    Attributes:
        now: those for whom it is there, in the order of its deliveries.
        later: to how many it goes later, at an hour of their own.
        told: how each was told by hand, for those who were.
    """

    now: tuple[UUID, ...]
    later: int
    told: dict[UUID, str]

    @property
    def left(self) -> list[UUID]:
        """Those who are still to be told."""
        return [each for each in self.now if each not in self.told]


def silent(unit: Unit, broadcast: Broadcast) -> SilentPeople:
    """Return whom nothing rings of a broadcast; nobody once it was cancelled or closed."""
    if broadcast.cancelled_at is not None or broadcast.closed_at is not None:
        return SilentPeople((), 0, {})
    # Of a messenger that nobody knows any more nothing is sent either.
    now, later = unit.hand_notices.silent(broadcast.id, _quiet())
    return SilentPeople(tuple(now), len(later), unit.hand_notices.of(broadcast.id) if now else {})


def unrung(unit: Unit, cohort_id: UUID) -> int:
    """Return how many of a cohort have only a page."""
    return unit.hand_notices.unrung(cohort_id, _quiet())


def unrung_of(unit: Unit, cohort_id: UUID, people: Collection[UUID]) -> int:
    """Return how many of some people of a cohort have only a page."""
    quiet = set(_quiet())
    return sum(each.id in people and each.messenger in quiet for each in unit.people.list(cohort_id))


def _quiet() -> list[str]:
    return [own.name for own in registry.MESSENGERS if not own.rings]


def left_to_tell(unit: Unit, broadcast: Broadcast) -> int:
    """Return how many are still to be told by hand, while the team is reminded of it."""
    if not timedelta(0) <= unit.now - broadcast.due_at <= LASTS:
        return 0
    return len(silent(unit, broadcast).left)


def tell(unit: Unit, by: Person, broadcast: Broadcast, person_id: UUID, way: str) -> None:
    """Note that a person was told by hand; raises NotAllowed."""
    require(unit, by, FACILITATORS, targets.BY_HAND, broadcast.cohort_id)
    if unit.hand_notices.add(broadcast.id, person_id, way, by.id):
        unit.audit.add(by.id, "by_hand.told", str(person_id), {"way": way})


def take_back(unit: Unit, by: Person, broadcast: Broadcast, person_id: UUID) -> None:
    """Take such a note back; raises NotAllowed."""
    require(unit, by, FACILITATORS, targets.BY_HAND, broadcast.cohort_id)
    if unit.hand_notices.drop(broadcast.id, person_id):
        unit.audit.add(by.id, "by_hand.taken_back", str(person_id), {})


# Single messages from the team.


def silent_messages(unit: Unit, by: Person) -> list[SilentMessage]:
    """Return the team's newest messages of the last days to people whom nothing rings and who have not come since.

    Only those in the cohorts that one of the team may see.
    """
    found = unit.message_notices.silent(unit.now - LASTS, _quiet())
    return [each for each in found if may_see(unit, by.id, each.cohort_id)]


def tick_message(unit: Unit, by: Person, message_id: UUID, way: str | None) -> None:
    """Note that somebody was told of a message by hand; None takes the note back.

    Nothing happens if they have come meanwhile; raises NotAllowed.
    """
    require(unit, by, FACILITATORS, targets.MAIL_HAND)
    found = next((each for each in silent_messages(unit, by) if each.id == message_id), None)
    if found is None:
        return
    if way is None:
        if unit.message_notices.drop(message_id):
            unit.audit.add(by.id, "by_hand.taken_back", str(found.person_id), {})
    elif unit.message_notices.add(message_id, found.person_id, way, by.id):
        unit.audit.add(by.id, "by_hand.told", str(found.person_id), {"way": way})
