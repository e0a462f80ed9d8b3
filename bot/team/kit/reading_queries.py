"""Queries over everything a reader may read, in all their cohorts."""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from bot.services.permissions import cohorts_of
from bot.services.support import NEED, NOTHING, noted_from
from storage.alerts import RINGS, Alert
from storage.cohorts import Cohort
from storage.outbox import code_letters
from storage.people import Person
from storage.readings import Unread, Waiting
from storage.unit import Unit

NO_LETTER = "#"
PSEUDONYM: Final = re.compile("P-[0-9A-Z]{8}")
MANY = 1000  # unread runs of a cohort that are searched
QUARTER = 15  # minutes


@dataclass(frozen=True, slots=True)
class ReadingQueries:
    """The runs of a reader's cohorts."""

    unit: Unit
    person: Person

    def cohorts(self) -> list[Cohort]:
        """Return the cohorts the reader may read."""
        return cohorts_of(self.unit, self.person)

    def waiting(self, *, seconds: bool = True) -> list[tuple[Cohort, Waiting]]:
        """Return for each cohort how much waits for the reader."""
        readings = self.unit.readings
        return [(each, readings.waiting(self.person.id, each.id, seconds=seconds)) for each in self.cohorts()]

    def anything(self) -> bool:
        """Return whether there is anything to read at all."""
        cohorts = [each.id for each in self.cohorts()]
        return any(map(self.unit.readings.any_in, cohorts)) or bool(self.unit.sheets.typed_in(cohorts))

    def support(self) -> list[tuple[UUID, UUID]]:
        """Return unread runs, and whose they are, in which support was asked for, the longest waiting first."""
        return self._asked(noted=True)

    def unnoted_support(self) -> list[tuple[UUID, UUID]]:
        """Return the same of what an earlier version noted nothing of."""
        return self._asked(noted=False)

    def _asked(self, *, noted: bool) -> list[tuple[UUID, UUID]]:
        """Look through what was said before requests were noted, and with `noted` through the runs with one."""
        found = []
        for each in self.cohorts():
            before = noted_from(self.unit, each)
            runs = self.unit.support_requests.runs_in(each.id) if noted and before is not None else ()
            said = self.unit.unread_said.said
            found += said(self.person.id, each.id, NEED, (None, NOTHING), before=before, runs_=runs)
        return [(run_id, person_id) for _, run_id, person_id in sorted(found)]

    def next(self, *, look_for_support: bool = True) -> tuple[tuple[UUID, UUID] | None, bool]:
        """Return the run to read next with its person, and whether others may still ask for support.

        First comes what was said in danger, then voice that nobody has heard, as no program looks at it, then what
        asks for support.
        """
        if (alarming := self._alarming()) is not None:
            return alarming, look_for_support
        readings = self.unit.readings
        spoken = [run for each in self.cohorts() for run in readings.unheard(self.person.id, each.id, 1)]
        if spoken:
            first_spoken = min(spoken, key=_by_number)
            return (first_spoken.run_id, first_spoken.person_id), look_for_support
        if look_for_support and (support := self.support()):
            return support[0], True
        found = [run for cohort in self.cohorts() for run in readings.unread(self.person.id, cohort.id, 1)]
        first = min(found, key=_by_number, default=None)
        return (first.run_id, first.person_id) if first else None, False

    def _alarming(self) -> tuple[UUID, UUID] | None:
        """Return an unread run with words of danger that nobody has seen to: what rang first, then the oldest."""
        found = [each for each in self.unit.alerts.open() if each.run_id is not None]
        reached = {cohort.id for cohort in self.cohorts()} if found else set()
        unread = {
            run.run_id
            for cohort_id in {each.cohort_id for each in found} & reached
            if cohort_id is not None
            for run in self.unit.readings.unread(self.person.id, cohort_id, MANY)
        }
        first = next((each for each in sorted(found, key=_weaker) if each.run_id in unread), None)
        return (first.run_id, first.person_id) if first is not None and first.run_id is not None else None

    def on(self, day: date, zone: ZoneInfo) -> list[Unread]:
        """Return the runs with answers whose last activity was on a day in a zone, in order of time."""
        since, until = (datetime.combine(day + timedelta(days=ahead), time(), zone).astimezone(UTC) for ahead in (0, 1))
        found = [run for each in self.cohorts() for run in self.unit.readings.between(each.id, since, until)]
        return sorted(found, key=_by_time)

    def days(self, zone: ZoneInfo) -> list[tuple[date, int]]:
        """Return how many such runs each day has, the newest day first."""
        # Counted by quarters of an hour first, since no zone has midnight within one: a cohort has thousands of runs.
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

    def names(self, unnamed: Callable[[str], str]) -> dict[UUID, str]:
        """Return the names of everybody who answered, by id; equal names get letters of the pseudonym added.

        `unnamed` tells how somebody of a pseudonym is called who has no nickname.
        """
        found = {id_: name for cohort in self.cohorts() for id_, name in self.unit.readings.names(cohort.id)}
        many = Counter(found.values())
        called = {}
        for id_, name in found.items():
            told = f"{name} {code_letters(self.unit.vault.pseudonym(id_))}" if many[name] > 1 else name
            called[id_] = unnamed(name) if PSEUDONYM.fullmatch(name) else told
        return called

    def person_of(self, run_id: UUID | None) -> UUID | None:
        """Return whose run it is."""
        return self.unit.readings.owner(run_id) if run_id else None


def _weaker(alert: Alert) -> bool:
    return alert.strength != RINGS


def _by_number(run: Unread) -> int:
    return run.seq


def _by_time(run: Unread) -> datetime:
    return run.active_at


def initial(name: str) -> str:
    """Return the letter under which a name is listed; `NO_LETTER` if it begins with none."""
    first = _plain(name)[:1].upper()
    return first if first.isalpha() else NO_LETTER


def sorted_names(names: dict[UUID, str]) -> list[tuple[UUID, str]]:
    """Return people sorted by name, without regard to case and accents; names that begin with no letter come last."""
    return sorted(names.items(), key=lambda each: (initial(each[1]) == NO_LETTER, _plain(each[1]), each[0]))


def _plain(name: str) -> str:
    return "".join(_bare(unicodedata.normalize("NFD", name.casefold())))


def _bare(letters: Iterable[str]) -> Iterable[str]:
    return (letter for letter in letters if not unicodedata.combining(letter))
