"""What a reader may read, over all her cohorts."""

import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from bot.services.permissions import cohorts_of
from storage.cohorts import Cohort
from storage.people import Person
from storage.readings import Unread, Waiting
from storage.unit import Unit

NEED, NOTHING = "need", "nothing"  # the question by which one asks for support, and the answer that asks for none
NO_LETTER = "#"
QUARTER = 15  # minutes


@dataclass(frozen=True, slots=True)
class ReadingQueries:
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

    def support(self) -> list[tuple[UUID, UUID]]:
        """List runs, and whose, in which support was asked for since she read them, the longest waiting first."""
        said = self.unit.readings.said
        found = sorted(run for each in self.cohorts() for run in said(self.person.id, each.id, NEED, (None, NOTHING)))
        return [(run_id, person_id) for _, run_id, person_id in found]

    def next(self, *, look_for_support: bool = True) -> tuple[tuple[UUID, UUID] | None, bool]:
        """Find the run to read next, and whose it is: with support asked for (True), else the longest waiting."""
        if look_for_support and (support := self.support()):
            return support[0], True
        found = [run for cohort in self.cohorts() for run in self.unit.readings.unread(self.person.id, cohort.id, 1)]
        first = min(found, key=lambda run: run.seq, default=None)
        return (first.run_id, first.person_id) if first else None, False

    def on(self, day: date, zone: ZoneInfo) -> list[Unread]:
        """List the runs with answers that people were last in on a day of a zone, in that order."""
        since, until = (datetime.combine(day + timedelta(days=ahead), time(), zone).astimezone(UTC) for ahead in (0, 1))
        found = [run for each in self.cohorts() for run in self.unit.readings.between(each.id, since, until)]
        return sorted(found, key=_by_time)

    def days(self, zone: ZoneInfo) -> list[tuple[date, int]]:
        """Count those runs day by day, the newest first."""
        # By the quarter of an hour, in which no zone has midnight: a cohort's runs are thousands.
        quarters: Counter[datetime] = Counter()
        for cohort in self.cohorts():
            quarters.update(
                at.replace(minute=at.minute // QUARTER * QUARTER, second=0, microsecond=0)
                for at in self.unit.readings.moments(cohort.id)
            )
        days: Counter[date] = Counter()
        for quarter, number in quarters.items():
            days[quarter.astimezone(zone).date()] += number
        return sorted(days.items(), reverse=True)

    def names(self) -> dict[UUID, str]:
        """Return what everyone is called of whom there is an answer; namesakes are told apart by their pseudonyms."""
        found = {id_: name for cohort in self.cohorts() for id_, name in self.unit.readings.names(cohort.id)}
        many = Counter(found.values())
        return {
            id_: name if many[name] == 1 else f"{name} ({self.unit.vault.pseudonym(id_)})"
            for id_, name in found.items()
        }

    def person_of(self, run_id: UUID | None) -> UUID | None:
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
