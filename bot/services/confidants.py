"""Whom one of the team is heard by: noted that it is still to be asked, so that no turn has to look at roles."""

from bot.services.permissions import CONFIDANT, TO_ASK
from storage.people import Person
from storage.unit import Unit


def expect(unit: Unit, person: Person) -> None:
    """Note of one of the team who was never asked that they are to be, below their first own answer."""
    if person.preferences.get(CONFIDANT) is None and not person.lost:
        unit.people.prefer(person, **{CONFIDANT: TO_ASK})


def expect_all(unit: Unit) -> None:
    """Note it of everybody who was of the team before this was asked, at a start of the bot."""
    for person_id in sorted({each.person_id for each in unit.roles.given()}):
        person = unit.people.get(person_id)
        if person is not None:
            expect(unit, person)
