"""Who is on watch, and when; and at which moments each of the team is told of an alert that rang.

The record has it as `watch`: a list that may be empty (nobody; that, too, is an answer), or nothing while it was never
asked. The phone of who is on watch rings. Everybody else is told without a sound outside their day, and again at its
start and every two hours of it, until somebody presses `Ya lo leí`. Where nobody is on watch, a phone whose owner is in
the middle of the day rings: that is what it would do at its start. Whose day that is: `ReaderDay`.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any, Final, Self
from uuid import UUID
from zoneinfo import ZoneInfo

from bot.messengers import registry
from bot.rendering import targets
from bot.rendering.speech import NOTICE, rows
from bot.services.acts import Actor, ConversationPort, actor_name, require
from bot.services.care_hours import OpeningHours
from bot.services.hours import PARTS
from bot.services.organisation import DEFAULT_ZONE, OrganisationFacts
from bot.services.permissions import ADMINS_OF_ALL, may_see
from bot.services.refusals import NotFound
from dialogs.fuzzy_match import folded
from storage.people import Person
from storage.unit import Unit

WATCH, DRILLED, AFTER = "watch", "watch_drilled", "after_alert"
"""Keys of the record: who is on watch; when whose phone was tried; whom one who read an alert can call herself."""
DAY: Final = (8, 21)  # the hours of the day of whoever has not said otherwise
EVERY: Final = timedelta(hours=2)
MOST: Final = 5
LONGEST_NAME: Final = 40


@dataclass(frozen=True, slots=True)
class Watcher:
    """One who is on watch: by id if chosen in the chat, else by the nickname the team knows; and the hours."""

    name: str
    hours: OpeningHours
    person_id: UUID | None = None

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> Self:
        """Return one as the record has it."""
        person = kept.get("person")
        return cls(str(kept.get("name") or ""), OpeningHours.of(kept.get("hours")), UUID(person) if person else None)

    def kept(self) -> dict[str, Any]:
        """Return the same as the record keeps it."""
        person = {"person": self.person_id.hex} if self.person_id else {}
        return {"name": self.name, "hours": self.hours.kept(), **person}

    def person(self, unit: Unit) -> Person | None:
        """Return the person, if one of the team is found by id or by nickname."""
        for each in unit.roles.who_reads():
            if self.person_id is not None and each != self.person_id:
                continue
            person = unit.people.get(each)
            if person is None:
                continue
            if self.person_id is not None or folded(person.nickname or "") == folded(self.name):
                return person
        return None

    def rests(self, unit: Unit) -> bool:
        """Return whether the roles of whoever is meant rest."""
        return any(self.is_of(unit.people.get(each)) for each in unit.roles.resting())

    def is_of(self, person: Person | None) -> bool:
        """Return whether this may be a person: by id, or by the nickname."""
        if person is None or self.person_id is not None:
            return person is not None and person.id == self.person_id
        return folded(person.nickname or "") == folded(self.name)


def was_asked(record: Mapping[str, Any]) -> bool:
    """Return whether it is on record who is on watch, or that nobody is."""
    return record.get(WATCH) is not None and (not record[WATCH] or bool(watchers(record)))


def watchers(record: Mapping[str, Any]) -> list[Watcher]:
    """Return everybody who is ever on watch; without those whose name went with them, as in an older record."""
    return [each for each in map(Watcher.of, record.get(WATCH) or ()) if each.name]


def on_watch(unit: Unit, record: Mapping[str, Any], cohort_id: UUID | None) -> dict[UUID, OpeningHours]:
    """Return who is on watch now for a cohort, with their hours; only who may see what was said there.

    In the place of somebody whose roles rest all admins are, so that there is a phone that rings.
    """
    local = unit.now.astimezone(_zone(record))
    found = {}
    for each in watchers(record) if record.get(WATCH) else ():
        if not each.hours.hold(local):
            continue
        person = each.person(unit)
        people = [person.id] if person is not None else [*unit.roles.admins()] if each.rests(unit) else []
        found.update({one: each.hours for one in people if may_see(unit, one, cohort_id)})
    return found


# When each is told.


@dataclass(frozen=True, slots=True)
class ReaderDay:
    """The day of one of the team: from which hour until which, in their zone."""

    zone: str
    begins: int = DAY[0]
    ends: int = DAY[1]

    @classmethod
    def of(cls, organisation: OrganisationFacts, unit: Unit, person: Person) -> Self:
        """Return a person's day: from the first to the last of the hours they chose themselves, else everybody's.

        Whoever chose weekends alone is told of an alert on any day.
        """
        zone = organisation.zone(unit, person)
        parts = [PARTS[part] for part in person.preferences.get("hours") or () if part in PARTS]
        if not parts:
            return cls(zone)
        return cls(zone, min(begins for begins, _ in parts), max(ends for _, ends in parts))

    def holds(self, at: datetime) -> bool:
        """Return whether a moment lies in the day."""
        return self.begins <= at.astimezone(ZoneInfo(self.zone)).hour < self.ends

    def start_after(self, at: datetime) -> datetime:
        """Return the first start of a day after a moment, in UTC."""
        where = ZoneInfo(self.zone)
        date = at.astimezone(where).date()
        for ahead in (0, 1):
            start = datetime.combine(date + timedelta(days=ahead), time(self.begins), where).astimezone(UTC)
            if start > at:
                return start
        raise AssertionError("a day begins within a day")


def next_telling(day: ReaderDay, at: datetime) -> datetime:
    """Return when somebody who was told at a moment is told again: two hours later, else at the next start of a day."""
    later = at + EVERY
    if day.holds(at) and day.holds(later):
        return later
    return day.start_after(at)


def is_due(day: ReaderDay, raised: datetime, since: datetime, now: datetime) -> bool:
    """Return whether somebody is to be told again of an alert by now, who was last told at or before `since`."""
    where = ZoneInfo(day.zone)
    moment = raised
    if since.astimezone(where).date() > raised.astimezone(where).date():
        # Whatever came on days before, each day begins at its start.
        moment = max(raised, datetime.combine(since.astimezone(where).date(), time(), where).astimezone(UTC))
    while (moment := next_telling(day, moment)) <= now:
        if moment > since:
            return True
    return False


def rings(member_id: UUID, day: ReaderDay, now: datetime, watching: Collection[UUID]) -> bool:
    """Return whether a phone rings at the first telling."""
    return member_id in watching or (not watching and day.holds(now))


def is_silent(person: Person | None) -> bool:
    """Return whether a person uses a messenger on which nothing rings."""
    return person is not None and not registry.of(person.messenger or "").rings


def silent(unit: Unit, record: Mapping[str, Any]) -> list[Watcher]:
    """Return who is on watch and has only a page, on which nothing rings."""
    return [each for each in watchers(record) if is_silent(each.person(unit))]


def next_reader(
    unit: Unit, organisation: OrganisationFacts, told: Sequence[UUID], cohort_id: UUID | None
) -> datetime | None:
    """Return when the first of the team begins the day; None: someone is on watch, or in the middle of it."""
    if on_watch(unit, organisation.record(unit), cohort_id):
        return None
    days = [ReaderDay.of(organisation, unit, person) for person in map(unit.people.get, told) if person is not None]
    if not days or any(day.holds(unit.now) for day in days):
        return None
    return min(day.start_after(unit.now) for day in days)


def _zone(record: Mapping[str, Any]) -> ZoneInfo:
    return ZoneInfo(str(record.get("zone") or DEFAULT_ZONE))


# Changing it.


def put(unit: Unit, by: Actor, watcher: Watcher) -> None:
    """Put somebody on watch, in the place of the same person or name; raises NotAllowed."""
    require(unit, by, ADMINS_OF_ALL, targets.WATCH)
    others = [each for each in watchers(unit.organisation.get()) if not _same(each, watcher)]
    _set(unit, by, [*others, watcher])


def take_off(unit: Unit, by: Actor, place: int, name: str) -> None:
    """Take somebody off the watch.

    Raises:
        NotAllowed: only admins of everything may.
        NotFound: the list has changed.
    """
    require(unit, by, ADMINS_OF_ALL, targets.WATCH)
    found = watchers(unit.organisation.get())
    if place >= len(found) or found[place].name != name:
        raise NotFound
    _set(unit, by, [*found[:place], *found[place + 1 :]])


def leave(unit: Unit, by: Actor, person_id: UUID) -> bool:
    """Take whoever leaves the team off the watch, and return whether they were on; where nobody is left, it is asked.

    Call it before their roles end, which say who they are; raises NotAllowed.
    """
    require(unit, by, ADMINS_OF_ALL, targets.WATCH)
    whose = unit.people.get(person_id) if unit.roles.rests(person_id) else None

    def is_meant(each: Watcher) -> bool:
        return person.id == person_id if (person := each.person(unit)) is not None else each.is_of(whose)

    return _without(unit, by, is_meant)


def forget(unit: Unit, by: Actor, person: Person) -> bool:
    """Take whoever is erased off the watch, whatever they may still do; return whether they were on it."""
    return _without(unit, by, lambda each: each.is_of(person))


def _without(unit: Unit, by: Actor, is_meant: Callable[[Watcher], bool]) -> bool:
    found = watchers(unit.organisation.get())
    stay = [each for each in found if not is_meant(each)]
    if len(stay) == len(found):
        return False
    if stay:
        _set(unit, by, stay)
    else:  # not an answer that nobody is
        record = {key: kept for key, kept in unit.organisation.get().items() if key != WATCH}
        unit.organisation.set(record)
        unit.audit.add(actor_name(by), "organisation.changed", WATCH, {"people": 0})
    return True


def nobody(unit: Unit, by: Actor) -> None:
    """Put on record that nobody is on watch; raises NotAllowed."""
    require(unit, by, ADMINS_OF_ALL, targets.WATCH)
    _set(unit, by, [])


def _same(one: Watcher, other: Watcher) -> bool:
    if one.person_id is not None and one.person_id == other.person_id:
        return True
    return folded(one.name) == folded(other.name)


def _set(unit: Unit, by: Actor, found: Sequence[Watcher]) -> None:
    record = unit.organisation.get()
    unit.organisation.set({**record, WATCH: [each.kept() for each in found]})
    unit.audit.add(actor_name(by), "organisation.changed", WATCH, {"people": len(found)})


# Trying it.


def undrilled(unit: Unit, record: Mapping[str, Any]) -> list[Watcher]:
    """Return who is on watch and whose phone was never tried."""
    drilled = record.get(DRILLED) or {}
    found = []
    for each in watchers(record):
        person = each.person(unit)
        if person is None or person.id.hex not in drilled:
            found.append(each)
    return found


def drill(unit: Unit, conversation: ConversationPort, by: Person, watcher: Watcher) -> Person:
    """Let the phone of somebody on watch ring as an alert would, saying that it is a drill; return whose it is.

    Raises:
        NotAllowed: only admins of everything may.
        NotFound: no such person has a chat here.
    """
    require(unit, by, ADMINS_OF_ALL, targets.WATCH)
    person = watcher.person(unit)
    if person is None or person.chat is None:
        raise NotFound
    there = conversation.speech(unit, person)
    there.send(
        there.own("watch.drill"),
        rows(there.button("button.alert_mine", targets.DRILLED)),
        protect=True,
        what=NOTICE,
    )
    unit.audit.add(str(by.id), "watch.drilled", str(person.id), {})
    return person


def heard_drill(unit: Unit, person: Person) -> None:
    """Note that the drill was heard on a phone."""
    record = unit.organisation.get()
    unit.organisation.note(**{DRILLED: {**(record.get(DRILLED) or {}), person.id.hex: unit.now.isoformat()}})
    unit.audit.add(str(person.id), "watch.heard", str(person.id), {})
