"""Acts on cohorts: adding one, changing its settings, closing and opening it, and deleting one that is empty."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

from bot import clock
from bot.rendering import targets
from bot.rendering.speech import BROADCAST, rows
from bot.services import broadcasts, invites, planning, reply_hours, schedules
from bot.services.acts import Actor, ConversationPort, actor_name, require
from bot.services.broadcasts import CLOSED
from bot.services.organisation import local_zone
from bot.services.permissions import ADMINS_OF_ALL, FACILITATORS, cohorts_of
from bot.services.refusals import AlreadyDone, GroupInUse
from storage.cohorts import Cohort, CohortExists
from storage.people import Person
from storage.schedules import Schedule
from storage.unit import Unit

APPROVAL: Final = "approval"
"""Key in a cohort's context: new members need the team's approval."""
LONGEST_NAME: Final = 40
FORMS: Final = ("read", "listen", "both")
SIGNALS: Final = ("fine", "patchy", "scarce")


def add(
    unit: Unit, by: Actor, name: str, languages: Sequence[str], zone: str | None = None, *, practice: bool = False
) -> Cohort:
    """Add a cohort.

    Raises:
        NotAllowed: the actor may not.
        CohortExists: a cohort has that name.
    """
    require(unit, by, ADMINS_OF_ALL, targets.NEW_GROUP)
    cohort = unit.cohorts.add(clock.new_id(), name, tuple(languages), zone, practice=practice)
    unit.audit.add(actor_name(by), "cohort.added", str(cohort.id), {})
    return cohort


def change(unit: Unit, by: Actor, cohort: Cohort, what: str) -> None:
    """Save a changed cohort.

    Args:
        unit: the transaction.
        by: the actor.
        cohort: the cohort with its new values.
        what: which part was changed, for the audit.

    Raises:
        NotAllowed: the actor may not, or does not reach the cohort.
    """
    require(unit, by, FACILITATORS, targets.TUNE, cohort.id)
    before = local_zone(unit, cohort=unit.cohorts.get(cohort.id))
    unit.cohorts.change(cohort)
    planning.rezone(unit, cohort, before)
    unit.audit.add(actor_name(by), "cohort.changed", str(cohort.id), {"what": what})


def rename(unit: Unit, by: Actor, cohort: Cohort, name: str) -> Cohort:
    """Give a cohort another name, and return it.

    Raises:
        NotAllowed: the actor may not, or does not reach the cohort.
        CohortExists: another cohort has that name.
    """
    other = unit.cohorts.by_name(name)
    if other is not None and other.id != cohort.id:
        raise CohortExists
    renamed = replace(cohort, name=name)
    change(unit, by, renamed, "name")
    return renamed


def is_closed(cohort: Cohort) -> bool:
    """Return whether a cohort is closed: nobody is invited into it or asked by it."""
    return bool(cohort.context.get(CLOSED))


def open_cohorts_of(unit: Unit, person: Person) -> list[Cohort]:
    """Return the cohorts that a person accompanies and that are not closed."""
    return [each for each in cohorts_of(unit, person) if not is_closed(each)]


@dataclass(frozen=True, slots=True)
class Closing:
    """What closing a cohort does: how many people it concerns, orders end, schedules rest, invites open nothing."""

    people: int
    orders: int
    schedules: int
    invites: int

    def counted(self) -> tuple[tuple[str, int], ...]:
        """Return each of these by its name."""
        counts = ("people", "orders", "schedules", "invites")
        return tuple((each, int(getattr(self, each))) for each in counts)


def closing(unit: Unit, cohort: Cohort) -> Closing:
    """Return what closing a cohort would do now."""
    people = len(unit.memberships.active(cohort.id))
    invited = sum(each.cohort_id == cohort.id and invites.is_open(unit, each) for each in unit.invites.list())
    return Closing(people, len(_orders(unit, cohort)), len(_schedules(unit, cohort)), invited)


def _orders(unit: Unit, cohort: Cohort) -> list[UUID]:
    """Return a cohort's orders that are neither over nor stopped."""
    found = unit.broadcasts.list([cohort.id])
    return [each.id for each in found if not (each.cancelled_at or each.closed_at or each.aloud)]


def _schedules(unit: Unit, cohort: Cohort) -> list[Schedule]:
    """Return what comes back in a cohort and does not rest."""
    return [each for each in unit.schedules.list([cohort.id]) if each.state == "active"]


def close(unit: Unit, conversation: ConversationPort, by: Actor, cohort: Cohort) -> Cohort:
    """Close a cohort: its orders end, its invites open nothing while it is closed, and its people are told.

    What they answered stays, and can be read, shown and erased as before.

    Raises:
        NotAllowed: the actor may not.
        AlreadyDone: it is closed.
    """
    require(unit, by, ADMINS_OF_ALL, targets.GROUP_CLOSE, cohort.id)
    if is_closed(cohort):
        raise AlreadyDone
    ended = _orders(unit, cohort)
    for broadcast_id in ended:
        broadcasts.close(unit, broadcast_id, by)
    for schedule in _schedules(unit, cohort):
        schedules.rest(unit, schedule, "closed")
    closed = replace(cohort, context={**cohort.context, CLOSED: unit.now.isoformat()})
    unit.cohorts.change(closed)
    unit.audit.add(actor_name(by), "cohort.closed", str(cohort.id), {"orders": len(ended)})
    _tell(unit, conversation, closed, "group.told.closed")
    return closed


def reopen(unit: Unit, conversation: ConversationPort, by: Actor, cohort: Cohort) -> Cohort:
    """Open a closed cohort again, and tell its people; orders that ended stay so.

    Raises:
        NotAllowed: the actor may not.
        AlreadyDone: it is open.
    """
    require(unit, by, ADMINS_OF_ALL, targets.GROUP_CLOSE, cohort.id)
    if not is_closed(cohort):
        raise AlreadyDone
    opened = replace(cohort, context={key: kept for key, kept in cohort.context.items() if key != CLOSED})
    unit.cohorts.change(opened)
    unit.audit.add(actor_name(by), "cohort.opened", str(cohort.id), {})
    _tell(unit, conversation, opened, "group.told.opened")
    return opened


def _tell(unit: Unit, conversation: ConversationPort, cohort: Cohort, code: str) -> None:
    """Say to everybody who takes part that their cohort was closed, or opened again, each within their hours."""
    for person_id in unit.memberships.active(cohort.id):
        person = unit.people.get(person_id)
        if person is None or person.chat is None or person.damaged:
            continue
        held = reply_hours.waiting(conversation.organisation, unit, person)
        speech = replace(conversation.speech(unit, person, lane=BROADCAST), held=held)
        keyboard = rows(speech.button("button.menu", targets.HOME), speech.button("button.support", targets.SUPPORT))
        speech.say(code, keyboard)  # without its name: others may see the phone


def deletable(unit: Unit, cohort: Cohort) -> bool:
    """Return whether a cohort is empty: nobody was ever in it, or asked in it, and nobody has a role for it alone."""
    return not unit.cohorts.used(cohort.id)


def delete(unit: Unit, by: Actor, cohort: Cohort) -> None:
    """Delete an empty cohort, with its unused invites and with questions that were written for it and never sent.

    Raises:
        NotAllowed: the actor may not.
        GroupInUse: it is not empty.
    """
    require(unit, by, ADMINS_OF_ALL, targets.GROUP_DELETE, cohort.id)
    if not deletable(unit, cohort):
        raise GroupInUse
    unit.cohorts.delete(cohort.id)
    unit.audit.add(actor_name(by), "cohort.deleted", str(cohort.id), {})


def asks_approval(unit: Unit, cohort_id: UUID) -> bool:
    """Return whether new members of a cohort need a facilitator's approval."""
    cohort = unit.cohorts.get(cohort_id)
    return bool(cohort and cohort.context.get(APPROVAL))
