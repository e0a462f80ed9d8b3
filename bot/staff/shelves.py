"""What a reader may read, over all her cohorts."""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from bot.permissions import cohorts_of
from storage.cohorts import Cohort
from storage.people import Person
from storage.readings import Unread, Waiting
from storage.unit import Unit

NEED, NOTHING = "need", "nothing"  # the question by which one asks for support, and the answer that asks for none
NO_LETTER = "#"


@dataclass(frozen=True, slots=True)
class Shelves:
    """The runs of a reader's cohorts."""

    unit: Unit
    person: Person

    def cohorts(self) -> list[Cohort]:
        """List the cohorts she may read."""
        return cohorts_of(self.unit, self.person)

    def waiting(self, *, seconds: bool = True) -> list[tuple[Cohort, Waiting]]:
        """Count what waits for her in each cohort."""
        readings = self.unit.readings
        return [(each, readings.waiting(self.person.id, each.id, seconds=seconds)) for each in self.cohorts()]

    def anything(self) -> bool:
        """Tell whether there is anything to read at all."""
        return any(self.unit.readings.any_in(each.id) for each in self.cohorts())

    def support(self) -> list[Unread]:
        """List unread runs in which support was asked for, the longest waiting first."""
        found = [
            run
            for cohort in self.cohorts()
            for run, value in self.unit.readings.said(self.person.id, cohort.id, NEED)
            if value not in {None, NOTHING}
        ]
        return sorted(found, key=_by_time)

    def next(self) -> Unread | None:
        """Find what to read next: where support was asked for, else what has waited longest."""
        if support := self.support():
            return support[0]
        found = [run for cohort in self.cohorts() for run in self.unit.readings.unread(self.person.id, cohort.id, 1)]
        return min(found, key=_by_time, default=None)

    def all(self) -> list[Unread]:
        """List every run in which there is an answer, cohort by cohort."""
        return [run for cohort in self.cohorts() for run in self.unit.readings.all(cohort.id)]

    def names(self) -> dict[UUID, str]:
        """Return what everyone is called of whom there is an answer."""
        return {id_: name for cohort in self.cohorts() for id_, name in self.unit.readings.names(cohort.id)}

    def owner(self, run_id: UUID | None) -> UUID | None:
        """Return whose run it is."""
        return self.unit.readings.owner(run_id) if run_id else None


def _by_time(run: Unread) -> tuple[object, UUID]:
    return run.active_at, run.run_id


def initial(name: str) -> str:
    """Return the letter a name is found under."""
    first = _plain(name)[:1].upper()
    return first if first.isalpha() else NO_LETTER


def sorted_names(names: dict[UUID, str]) -> list[tuple[UUID, str]]:
    """Sort people by their names, as a list on paper would be."""
    return sorted(names.items(), key=lambda each: (initial(each[1]) == NO_LETTER, _plain(each[1]), each[0]))


def _plain(name: str) -> str:
    return "".join(_bare(unicodedata.normalize("NFD", name.casefold())))


def _bare(letters: Iterable[str]) -> Iterable[str]:
    return (letter for letter in letters if not unicodedata.combining(letter))
