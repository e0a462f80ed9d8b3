"""Find the person to erase from the console, when somebody asks for it in person."""

import time
from typing import Final
from uuid import UUID

from bot import clock
from bot.app import App
from bot.errors import Problem
from bot.services import erasure_places
from dialogs.replies import folded
from storage import settling
from storage.people import Person
from storage.unit import Unit

PATIENCE: Final = 75.0
"""Seconds: an epoch may be owed for a minute after the last one."""


class ErasingError(Problem):
    """No person, or more than one, has that name."""


def find(unit: Unit, name: str) -> Person:
    """Find a person by nickname or code; raises ErasingError, naming the codes where several have that nickname."""
    code, nickname = name.strip().upper(), folded(name)
    meant = [
        each
        for each in unit.people.each()
        if each.pseudonym == code or (each.nickname and folded(each.nickname) == nickname)
    ]
    named = [each for each in meant if each.pseudonym == code] or meant
    if not named:
        raise ErasingError("cli.erase.nobody", name=name)
    if len(named) > 1:
        raise ErasingError("cli.erase.several", name=name, codes=", ".join(person.pseudonym for person in named))
    return unit.people.known(named[0].id)


def groups(unit: Unit, person_id: UUID) -> list[str]:
    """Return the names of the cohorts a person is in."""
    cohorts = (unit.cohorts.get(each) for each in unit.memberships.of(person_id))
    return [cohort.name for cohort in cohorts if cohort]


def settle(it: App) -> bool:
    """Do all that makes an erasure final, waiting where it has to; False where something is left for the next start."""
    end = time.monotonic() + PATIENCE
    while True:
        with it.storage.reading(clock.now()) as unit:
            places = erasure_places.places(unit, it.config.home)
        if settling.settle(it.storage, clock.now, places):
            return True
        if time.monotonic() >= end:
            return False
        time.sleep(1)
