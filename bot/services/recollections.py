"""Acts on requests for the way back by an invite: of whom it names a link, of nobody it names what was remembered.

Somebody who came in by a shared invite and no longer knows under which nickname writes what they remember. That proves
nothing: the team reads it as not confirmed, says whom it may mean, and confirms with that person by another way.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from bot import clock
from bot.rendering import targets
from bot.services.acts import require
from bot.services.invites import find, who_came
from bot.services.links import ask_for_link
from bot.services.permissions import FACILITATORS, may_see
from bot.services.refusals import NotFound
from dialogs.replies import folded
from storage.cohorts import Cohort
from storage.people import Person
from storage.recollections import Recollection
from storage.unit import Unit

LONGEST: Final = 200
"""Characters of what is remembered."""
MOST_OPEN: Final = 20
"""Open ones for one invite: whoever has it cannot fill the team's list."""
LASTS: Final = timedelta(days=30)
BESIDE: Final = " · "


@dataclass(frozen=True, slots=True)
class OpenRecollection:
    """One that the team may see to: what it says, the group of its invite, and who came in by that invite."""

    said: Recollection
    cohort: Cohort | None
    came: tuple[Person, ...]


def ask_back(unit: Unit, code: str, nickname: str, remembered: str = "") -> None:
    """Note that somebody who has an invite's code asks for the way back; a code that nobody used reaches nobody."""
    invite = find(unit, code)
    if invite is None:
        return
    meant = who_came(unit, code, nickname)
    for person in meant:
        ask_for_link(unit, person)
    if meant or not any(unit.invites.used_by(invite.id)):
        return
    words = BESIDE.join(filter(None, (" ".join(each.split()) for each in (nickname, remembered))))[:LONGEST]
    known = [folded(each.words) for each in unit.recollections.open() if each.invite_id == invite.id]
    if folded(words) in known or len(known) >= MOST_OPEN:
        return
    unit.recollections.add(clock.new_id(), invite.id, words)
    unit.audit.add("web", "link.recalled", str(invite.id), {})


def open_for(unit: Unit, by: Person) -> list[OpenRecollection]:
    """Return those that one of the team may see to."""
    found = []
    for each in unit.recollections.open():
        invite = unit.invites.get(each.invite_id)
        if invite is None or not may_see(unit, by.id, invite.cohort_id):
            continue
        cohort = unit.cohorts.get(invite.cohort_id) if invite.cohort_id else None
        people = [person for person in map(unit.people.get, unit.invites.used_by(invite.id)) if person is not None]
        came = sorted((each for each in people if not each.lost), key=lambda person: folded(person.display_name))
        found.append(OpenRecollection(each, cohort, tuple(came)))
    return found


def one_for(unit: Unit, by: Person, recollection_id: UUID) -> OpenRecollection | None:
    """Return one of them, or None once it is gone."""
    return next((each for each in open_for(unit, by) if each.said.id == recollection_id), None)


def match(unit: Unit, by: Person, recollection_id: UUID, person: Person) -> None:
    """Say whom it may mean: from then on it is a request for that person's link, still to be confirmed.

    Raises:
        NotAllowed: the actor may not.
        NotFound: it is gone, or that person did not come in by that invite.
    """
    require(unit, by, FACILITATORS, targets.LINK_REQUESTS)
    found = one_for(unit, by, recollection_id)
    if found is None or person.id not in {each.id for each in found.came}:
        raise NotFound
    unit.recollections.drop(recollection_id)
    ask_for_link(unit, person)
    unit.audit.add(by.id, "link.matched", str(person.id), {})


def decline(unit: Unit, by: Person, recollection_id: UUID) -> None:
    """Close one without a link; raises NotAllowed."""
    require(unit, by, FACILITATORS, targets.LINK_REQUESTS)
    found = one_for(unit, by, recollection_id)
    if found is not None and unit.recollections.drop(recollection_id):
        unit.audit.add(by.id, "link.declined", str(found.said.invite_id), {})
