"""Own dialogs: whose they are, who may change them, and on which shelf of the library each stands."""

from dataclasses import dataclass
from uuid import UUID

from bot.services.permissions import ADMINS_OF_ALL, allowed, cohorts_of, may_reach
from bot.services.refusals import NotAllowed
from storage.own_dialogs import OwnDialog
from storage.people import Person
from storage.unit import Unit


@dataclass(frozen=True, slots=True)
class Shelves:
    """The own dialogs one of the team sees, by name.

    Attributes:
        saved: those to be used again: copies, what somebody kept, and what was sent more than once.
        once: questions that were sent once.
        unsent: questions that were sent to nobody.
    """

    saved: dict[str, OwnDialog]
    once: dict[str, OwnDialog]
    unsent: dict[str, OwnDialog]


def seen_by(unit: Unit, person: Person) -> dict[str, OwnDialog]:
    """Return the own dialogs of the person's cohorts and of the house, by name."""
    reached = {cohort.id for cohort in cohorts_of(unit, person)}
    of_all = allowed(unit, person, ADMINS_OF_ALL)
    return {
        each.name: each
        for each in unit.own_dialogs.list()
        if of_all or each.cohort_id is None or each.cohort_id in reached
    }


def may_change(unit: Unit, person: Person, name: str) -> bool:
    """Return whether a person may change an own dialog: one of their cohort, one they made for the house, or any."""
    found = unit.own_dialogs.find(name)
    if found is None:
        return False
    if found.cohort_id is None:
        return found.changed_by == person.id or allowed(unit, person, ADMINS_OF_ALL)
    return may_reach(unit, person, found.cohort_id)


def require(unit: Unit, person: Person, name: str, action: str) -> None:
    """Raise NotAllowed unless a person may change an own dialog."""
    if not may_change(unit, person, name):
        raise NotAllowed(action)


def made_for(unit: Unit, person: Person) -> UUID | None:
    """Return the cohort a copy is made for: the only one the person accompanies; None: the house's."""
    if allowed(unit, person, ADMINS_OF_ALL):
        return None
    reached = cohorts_of(unit, person)
    return reached[0].id if len(reached) == 1 else None


def shelves(unit: Unit, person: Person) -> Shelves:
    """Return what a person sees, shelf by shelf, in the library's order."""
    sent, found = unit.own_dialogs.sent(), seen_by(unit, person)
    result = Shelves({}, {}, {})
    for name, each in found.items():
        times = sent.get(name, 0)
        again = each.kept_at is not None or times > 1
        (result.saved if again else result.once if times else result.unsent)[name] = each
    return result


def keep(unit: Unit, by: Person, name: str, action: str) -> None:
    """Keep one to be used again; raises NotAllowed."""
    require(unit, by, name, action)
    unit.own_dialogs.keep(name)
    unit.audit.add(str(by.id), "dialog.kept", name, {})


def put_first(unit: Unit, by: Person, name: str, action: str) -> None:
    """Let one stand before all others; raises NotAllowed."""
    require(unit, by, name, action)
    unit.own_dialogs.put_first(name)
    unit.audit.add(str(by.id), "dialog.put_first", name, {})


def move(unit: Unit, by: Person, name: str, step: int, action: str) -> None:
    """Move one by so many places among those a person sees that are used again; raises NotAllowed.

    The others keep their order, also those that this person may not change.
    """
    require(unit, by, name, action)
    names = list(shelves(unit, by).saved)
    if name not in names:
        return
    place = names.index(name)
    wanted = max(0, min(place + step, len(names) - 1))
    if wanted == place:
        return
    names.insert(wanted, names.pop(place))
    unit.own_dialogs.put_in_order(names)
    unit.audit.add(str(by.id), "dialog.moved", name, {"place": wanted + 1})


def retire(unit: Unit, by: Person, name: str, action: str) -> None:
    """Take one off the library; its runs and answers stay. Raises NotAllowed."""
    require(unit, by, name, action)
    unit.own_dialogs.retire(name)
    unit.audit.add(str(by.id), "dialog.retired", name, {})
