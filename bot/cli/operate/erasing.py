"""Find the person to erase from the console, when somebody asks for it in person."""

from uuid import UUID

from bot.errors import Problem
from dialogs.replies import folded
from storage.people import Person
from storage.unit import Unit


class ErasingError(Problem):
    """No person, or more than one, has that name."""


def find(unit: Unit, name: str) -> Person:
    """Find a person by nickname or code; raises ErasingError, naming the codes where several have that nickname."""
    people = unit.people.list()
    exact = [person for person in people if person.pseudonym == name.strip().upper()]
    named = exact or [person for person in people if person.nickname and folded(person.nickname) == folded(name)]
    if not named:
        raise ErasingError("cli.erase.nobody", name=name)
    if len(named) > 1:
        raise ErasingError("cli.erase.several", name=name, codes=", ".join(person.pseudonym for person in named))
    return unit.people.known(named[0].id)


def groups(unit: Unit, person_id: UUID) -> list[str]:
    """Return the names of the cohorts a person is in."""
    cohorts = (unit.cohorts.get(each) for each in unit.memberships.of(person_id))
    return [cohort.name for cohort in cohorts if cohort]
