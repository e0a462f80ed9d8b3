"""Member status: taking part, waiting (for whom, since when), paused, unreachable, gone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from bot.messengers import registry
from bot.rendering.speech import SPARING
from dialogs import languages
from storage.cohorts import Cohort
from storage.memberships import Membership
from storage.people import Person
from storage.unit import Unit

UNTIL: Final = "paused_until"
"""Preference: when a pause ends, if the person said so."""
WAITING = frozenset({"approval", "invited", "consenting", "naming"})
STATES = ("approval", "invited", "consenting", "naming", "active", "paused", "unreachable", "declined", "left")


@dataclass(frozen=True, slots=True)
class MemberStatus:
    """How a person stands in a cohort.

    Attributes:
        code: one of `STATES`; `approval` waits for the team, those of joining wait for the person.
        since: from when on, where that is known.
        until: when a pause ends, if the person said so.
    """

    code: str
    since: datetime | None = None
    until: datetime | None = None

    @property
    def short(self) -> str:
        """The status as one of five: active, paused, waiting, unreachable, left."""
        if self.code in WAITING:
            return "waiting"
        return "left" if self.code == "declined" else self.code


@dataclass(frozen=True, slots=True)
class Member:
    """A person in a cohort."""

    person: Person
    membership: Membership
    status: str

    @property
    def name(self) -> str:
        """The person's name as the team sees it."""
        return self.person.display_name


def state(person: Person, membership: Membership) -> str:
    """Return the status code; a person who has finished joining may still wait for approval."""
    if membership.left_at is not None:
        return "left"
    if membership.waiting and person.participation in {"active", "paused", "unreachable"}:
        return "approval"
    return person.participation


def status_of(unit: Unit, person: Person, membership: Membership) -> MemberStatus:
    """Return how a person stands, and since when."""
    code = state(person, membership)
    if code == "paused":
        until = person.preferences.get(UNTIL)
        return MemberStatus(code, None, datetime.fromisoformat(until) if until else None)
    if code == "unreachable":
        return MemberStatus(code, unit.addresses.unreachable_since(person.id))
    if code in {"declined", "left"} and membership.left_at is None:
        said = unit.consents.latest(person.id)
        return MemberStatus(code, said.at if said else None)
    return MemberStatus(code, membership.left_at or membership.joined_at)


def members(unit: Unit, cohort: Cohort) -> list[Member]:
    """Return a cohort's members: those who wait for approval first, then by name."""
    people = {person.id: person for person in unit.people.list(cohort.id)}
    found = [
        Member(people[each.person_id], each, state(people[each.person_id], each))
        for each in unit.memberships.members(cohort.id)
        if each.person_id in people
    ]
    return sorted(found, key=lambda each: (each.status != "approval", each.name.casefold()))


def counted(found: Sequence[Member]) -> dict[str, int]:
    """Count members by status, in the order of `STATES`."""
    return {code: number for code in STATES if (number := sum(each.status == code for each in found))}


def rings_nowhere(unit: Unit, person: Person) -> bool:
    """Return whether a person has addresses, but none of them rings: only a browser, for example."""
    found = unit.addresses.of(person)
    return bool(found) and not any(registry.of(messenger).rings for _, messenger, _ in found)


def addressed(person: Person) -> list[str]:
    """Return, as codes, how the team should address a person: Hilo's own words fit anyone, the team has to know."""
    row = languages.LANGUAGES.get(person.language or "")
    register = [f"people.address.{languages.register_of(row.code)}"] if row and row.register else []
    gender = person.preferences.get("gender")
    return [*register, f"people.address.{gender}"] if gender in {"feminine", "masculine", "neutral"} else register


def sparing(unit: Unit, cohort: Cohort) -> int:
    """Count a cohort's active members to whom recordings come only when they ask: they have little signal."""
    active = set(unit.memberships.active(cohort.id))
    people = (each for each in unit.people.list(cohort.id) if each.id in active)
    found = (each.preferences.get("signal") or cohort.context.get("data") for each in people)
    return sum(said in SPARING for said in found)


def portrait(unit: Unit, cohort_id: UUID, questions: Sequence[str], least: int) -> dict[str, dict[str, int]]:
    """Count what a cohort's members said of their preferences; values with fewer than `least` are left out.

    Returns:
        by question (a preference's name), how many gave each answer, the most frequent first.
    """
    found: dict[str, dict[str, int]] = {question: {} for question in questions}
    for person in unit.people.list(cohort_id):
        if person.participation not in {"active", "paused"}:
            continue
        for question in questions:
            said = person.preferences.get(question)
            for value in said if isinstance(said, (list, tuple)) else [said] if said else []:
                found[question][value] = found[question].get(value, 0) + 1
    told = {}
    for question, counts in found.items():
        kept = {value: number for value, number in counts.items() if number >= least}
        if kept:
            told[question] = dict(sorted(kept.items(), key=lambda item: -item[1]))
    return told
