"""Facts from the organisation's record, for sentences; a fact that is not on record is not said.

The record is a mapping with the keys of `hilo setup --from`: `name`, `languages`, `zone`, `reading_days` (weekday
numbers, Monday 0), `retention_months`, `askings_a_week` and `messages_a_week` (see `bot.services.week`), `care_card`
(language -> text), `care_lines` (see `bot.services.care`), `why`, `stop_when`, `away` (see
`bot.services.reading_days`), `backup_days`, `minors` (see `bot.services.minors`; in records of 0.1.0 `ask`, whether age
is asked, `path`, `person` or `no`, and `words`, language -> text), `danger_words` (language -> phrases that ring),
`danger_marked` (language -> phrases that were lowered to marked), `danger_unmarked` (language -> what is not marked any
more), `danger_protocol` (language -> what the team does).
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from babel.dates import get_day_names

from bot.rendering.speech import Speech
from bot.rendering.texts import Texts
from bot.services import minors, reading_days
from bot.services.hours import next_moment
from bot.services.reading_days import Away
from dialogs import danger, lang, languages
from dialogs.model import ValueFormat
from storage.cohorts import Cohort
from storage.people import Person
from storage.unit import Unit

DEFAULT_ZONE = "America/Mexico_City"
FRESH = timedelta(seconds=1)
FAR = timedelta(days=300)  # from so far away on, a day is said with its year
MONTHS_A_YEAR = 12
BACKUPS_KEPT = 2
DAYS_A_WEEK = 7
PARTS_OF_DAY = (  # until this hour
    (6, "time.night"),
    (12, "time.morning"),
    (13, "time.noon"),
    (18, "time.afternoon"),
    (20, "time.dusk"),
    (24, "time.evening"),
)


def local_zone(unit: Unit, person: Person | None = None, cohort: Cohort | None = None) -> str:
    """Return the same as `OrganisationFacts.zone`, but always from the stored record."""
    return _zone(unit, unit.organisation.get(), person, cohort)


def _zone(unit: Unit, record: Mapping[str, Any], person: Person | None, cohort: Cohort | None) -> str:
    if person is not None and person.zone:
        return person.zone
    zone = cohort.zone if cohort is not None else None
    if cohort is None and person is not None:
        zone = unit.memberships.zone_of(person.id)
    return zone or str(record.get("zone") or DEFAULT_ZONE)


class OrganisationFacts:
    """Reads the record, again after a second, as another process may have written it."""

    def __init__(self) -> None:
        self._record: dict[str, Any] = {}
        self._damaged = False
        self._read_at: datetime | None = None
        self._matcher: tuple[object, danger.Matcher] | None = None
        self._minors_matcher: tuple[object, danger.Matcher] | None = None

    def record(self, unit: Unit) -> dict[str, Any]:
        """Return the record; empty until somebody fills it, and as it was last read if it is damaged.

        A record written in this transaction is read each time, and cached only once it is committed.
        """
        if unit.organisation.written:
            self._read_at = None
            return unit.organisation.get()
        read_at = self._read_at
        if read_at is unit.now:
            return self._record
        if read_at is None or not timedelta(0) <= unit.now - read_at <= FRESH:  # a clock may be set back
            stored = unit.organisation.stored()
            self._damaged = stored is None
            if stored is not None:
                self._record = stored
            self._read_at = unit.now
        return self._record

    def known(self, unit: Unit) -> bool:
        """Return whether the promises are known: not if the record is damaged and was never read before."""
        return bool(self.record(unit)) or not self._damaged

    def refresh(self) -> None:
        """Read the record again next time, as it was just written."""
        self._read_at = None

    def name(self, unit: Unit) -> str:
        """Return the organisation's name on screen, or an empty string."""
        return str(self.record(unit).get("name") or "")

    def zone(self, unit: Unit, person: Person | None = None, cohort: Cohort | None = None) -> str:
        """Return the zone for telling times: the person's, else the cohort's, else the organisation's.

        If only a person is given, the cohort is the person's own.
        """
        return _zone(unit, self.record(unit), person, cohort)

    def hours(self, unit: Unit, person: Person, cohort: Cohort | None = None) -> Sequence[str]:
        """Return a person's hours, of `bot.services.hours.CHOICES`.

        Their own, else those of everybody under eighteen, else their cohort's (the one given, or the one they have been
        in for longest), else none.
        """
        if own := person.preferences.get("hours") or minors.own(self.record(unit), person, "hours"):
            return list(own)
        return (cohort.context if cohort is not None else context_of(unit, person.id)).get("hours") or ()

    def sends_from(self, unit: Unit, cohort: Cohort, at: datetime) -> datetime:
        """Return when an order for a moment goes out: then, or when the hours that the cohort chose begin."""
        chosen = cohort.context.get("hours") or ()
        if not chosen or cohort.practice:
            return at
        return next_moment(chosen, self.zone(unit, cohort=cohort), at)

    def next_moment(
        self, unit: Unit, person: Person, cohort: Cohort | None = None, at: datetime | None = None
    ) -> datetime:
        """Return the first moment from `at` (None: now) on within a person's hours, in UTC; in practice it is `at`."""
        moment = at or unit.now
        if person.practice:
            return moment
        return next_moment(self.hours(unit, person, cohort), self.zone(unit, person, cohort), moment)

    def reads_next(self, unit: Unit) -> date | None:
        """Return the day on which the team reads next, which may be today; None if no days are on record."""
        return reading_days.next_day(self.record(unit), self._today(unit))

    def next_reading(self, unit: Unit, language: str) -> str | None:
        """Return when the team reads next: "jueves", or with its date if that is later; None without days on record."""
        day = self.reads_next(unit)
        if day is None:
            return None
        if (day - self._today(unit)).days < DAYS_A_WEEK:
            return weekday(day.weekday(), language)
        return Texts.day_of(day, language)

    def away(self, unit: Unit, at: datetime) -> Away | None:
        """Return the time in which nobody of the team reads, if a moment lies in it."""
        found = Away.of(self.record(unit))
        return found if found is not None and found.covers(at.astimezone(ZoneInfo(self.zone(unit))).date()) else None

    def _today(self, unit: Unit) -> date:
        return unit.now.astimezone(ZoneInfo(self.zone(unit))).date()

    def reading_days(self, speech: Speech) -> str | None:
        """Return every reading day as people say it ("los martes y jueves"), or None."""
        days = self.record(speech.unit).get("reading_days") or []
        if not days:
            return None
        named = [weekday(day, speech.language, plural=True) for day in days]
        return speech.words("fact.on_days", days=speech.texts.all_of(named, speech.language))

    def readers_line(self, speech: Speech, cohort_id: UUID | None = None) -> str | None:
        """Return how many read and when, or None if nobody holds a role that reads."""
        readers = speech.unit.roles.readers(cohort_id)
        if not readers:
            return None
        days = self.reading_days(speech)
        line = speech.texts.count("fact.readers", speech.language, readers)
        line = f"{line}, {days}." if days else f"{line}."
        away = Away.of(self.record(speech.unit))
        if away is None or not away.covers(self._today(speech.unit)):
            return line
        return f"{line} {speech.words('fact.away', day=Texts.day_of(away.back, speech.language))}"

    def kept_line(self, speech: Speech) -> str:
        """Return how answers are kept, and for how long if that is on record."""
        time = self.kept_time(speech)
        return speech.words("fact.kept_for", time=time) if time else speech.words("fact.kept")

    def kept_time(self, speech: Speech) -> str:
        """Return in words for how long answers are kept; '' where that is not on record."""
        months = self.record(speech.unit).get("retention_months")
        if not months:
            return ""
        years, rest = divmod(int(months), MONTHS_A_YEAR)
        code, number = ("fact.years", years) if years and not rest else ("fact.months", int(months))
        return speech.texts.count(code, speech.language, number)

    def backups_forget(self, unit: Unit) -> datetime | None:
        """Return from when no backup can open what is erased now, or None if there was never a backup.

        Only the newest two keys files are kept, so it is the second backup after now (`backup_days` apart).
        """
        if unit.organisation.care().backup_verified_at is None:
            return None
        return unit.now + BACKUPS_KEPT * timedelta(days=int(self.record(unit).get("backup_days") or 1))

    def reasons(self, speech: Speech) -> str:
        """Return why there is a chat at all, in the organisation's words, or an empty string."""
        return self._words(speech, "why")

    def stops_when(self, speech: Speech) -> str:
        """Return until when the organisation wants to ask, in its words, or an empty string."""
        return self._words(speech, "stop_when")

    def minors(self, speech: Speech) -> dict[str, Any]:
        """Return what the organisation decided about minors; empty if it does not ask for age."""
        chosen = self.record(speech.unit).get("minors") or {}
        return chosen if chosen.get("ask") or chosen.get("anybody") else {}

    def readers(self, speech: Speech, cohort_id: UUID | None) -> list[str]:
        """Return the names of those who may read; a person without a nickname is named by their pseudonym."""
        people = (speech.unit.people.get(each) for each in speech.unit.roles.who_reads(cohort_id))
        return sorted(person.display_name for person in people if person)

    def moment(self, speech: Speech, zone: str, moment: datetime) -> str:
        """Return a future moment as people say it: "mañana a las 7 de la tarde", "on Thursday at 8 in the morning"."""
        where = ZoneInfo(zone)
        local, today = moment.astimezone(where), speech.unit.now.astimezone(where).date()
        days = (local.date() - today).days
        if days in {0, 1}:
            day = speech.words("time.today" if days == 0 else "time.tomorrow")
        elif days < DAYS_A_WEEK:
            day = speech.words("time.on", day=weekday(local.weekday(), speech.language))
        else:
            day = speech.words("time.on", day=self.day(speech, zone, moment))
        at = "time.at.one" if local.hour % 12 == 1 else "time.at"
        return speech.words(at, day=day, **_hour(speech, local))

    def clock(self, speech: Speech, zone: str, moment: datetime) -> str:
        """Return what a clock says as people say it: "las 3:15 de la tarde"."""
        local = moment.astimezone(ZoneInfo(zone))
        return speech.words("time.clock.one" if local.hour % 12 == 1 else "time.clock", **_hour(speech, local))

    def day(self, speech: Speech, zone: str, moment: datetime) -> str:
        """Return a day as people say it, with its year where the same day of this year may be meant."""
        if moment - speech.unit.now < FAR:
            return speech.texts.day(moment, zone, speech.language)
        written = moment.astimezone(ZoneInfo(zone)).date().isoformat()
        return speech.texts.written(speech.language, ValueFormat.DATE, written)

    def danger(self, unit: Unit, person: Person | None = None) -> danger.Matcher:
        """Return what finds words of danger: the phrases that ring here, and the tables of words that are marked.

        For a person under eighteen their own phrases ring as well.
        """
        record = self.record(unit)
        if minors.own(record, person, "danger_words"):
            if self._minors_matcher is None or self._minors_matcher[0] is not record:
                rings = _listed(record, "danger_words") + _listed(record["minors"], "danger_words")
                self._minors_matcher = (record, _matcher(record, rings))
            return self._minors_matcher[1]
        if self._matcher is None or self._matcher[0] is not record:
            self._matcher = (record, _matcher(record, _listed(record, "danger_words")))
        return self._matcher[1]

    def danger_protocol(self, speech: Speech) -> str:
        """Return what the team does about danger words, in the organisation's words, or an empty string."""
        return self._words(speech, "danger_protocol")

    def after_alert(self, speech: Speech) -> str:
        """Return whom one of the team can call after an alert, in the organisation's words, or an empty string."""
        return self._words(speech, "after_alert")

    def _words(self, speech: Speech, key: str) -> str:
        """Return a text of the record, which may be given per language."""
        kept = self.record(speech.unit).get(key) or ""
        if isinstance(kept, dict):
            return str(next((kept[tag] for tag in languages.chain(speech.language) if kept.get(tag)), ""))
        return str(kept)

    def care_card(self, speech: Speech) -> str | None:
        """Return the care card's own words, or None if there are none on record; `bot.services.care` has the lines.

        Without words in the person's language or a last resort they are in whatever language they were written in.
        """
        kept = self.record(speech.unit).get("care_card") or ""
        return (minors.in_language(kept, speech.language) if isinstance(kept, Mapping) else str(kept)) or None


def _hour(speech: Speech, local: datetime) -> dict[str, str]:
    """Return the hour and the part of the day, in words."""
    part = next(code for until, code in PARTS_OF_DAY if local.hour < until)
    hour = str(local.hour % 12 or 12) + (f":{local.minute:02}" if local.minute else "")
    return {"hour": hour, "part": speech.words(part)}


def _matcher(record: Mapping[str, Any], rings: tuple[str, ...]) -> danger.Matcher:
    return danger.matcher(rings, _listed(record, "danger_marked"), _listed(record, "danger_unmarked"))


def _listed(record: Mapping[str, Any], key: str) -> tuple[str, ...]:
    return tuple(str(phrase) for each in (record.get(key) or {}).values() for phrase in each)


def context_of(unit: Unit, person_id: UUID) -> dict[str, Any]:
    """Return the context of the cohort a person has been in for longest; empty without one."""
    for cohort_id in unit.memberships.of(person_id):
        cohort = unit.cohorts.get(cohort_id)
        return cohort.context if cohort else {}
    return {}


@lru_cache(maxsize=256)  # each turn knows on which day the team reads next
def weekday(day: int, language: str, *, plural: bool = False) -> str:
    """Return a weekday's name (Monday 0): "jueves", "Thursday"; as a habit "jueves", "sábados", "Thursdays"."""
    name = str(get_day_names("wide", locale=languages.formatting_locale(language))[day])
    ending = lang.rules_of(language).habit_ending
    return name if not plural or name.endswith(ending) else name + ending


def recent(speech: Speech, zone: str, moment: datetime) -> str | None:
    """Return "hoy" or "ayer" for a moment of today or yesterday; None for an earlier one."""
    where = ZoneInfo(zone)
    days = (speech.unit.now.astimezone(where).date() - moment.astimezone(where).date()).days
    return speech.words("time.today" if days <= 0 else "time.yesterday") if days <= 1 else None
