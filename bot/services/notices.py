"""Notices to the team: words of danger and calls for help, waiting messages, and a stolen token.

A notice names the cohort, never the person or their words: anyone nearby may see it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import ClassVar, Literal
from uuid import UUID

from bot import clock
from bot.messengers.port import Button
from bot.product_languages import language_of
from bot.rendering import targets
from bot.rendering.arguments import Argument
from bot.rendering.buttons import digest
from bot.rendering.speech import BROADCAST, NOTICE, REPLY, Speech, rows
from bot.rendering.texts import MissingText, Texts, catalogs
from bot.services import watch
from bot.services.organisation import OrganisationFacts
from bot.services.permissions import ADMINS_OF_ALL, allowed, told_of, works_here
from bot.services.phones import watched
from dialogs import languages
from dialogs.danger import RINGS, Strength
from dialogs.model import Value
from storage.alerts import PRESS, WORDS, Alert
from storage.people import Person
from storage.seals import SEAL
from storage.unit import Unit

UNREAD = "mail_unread"
"""Preference: for which cohorts somebody was told that something waits, until they look."""
RINGS_AGAIN = timedelta(hours=1)
MESSAGE, SUPPORT, REQUEST = "m", "s", "r"
MISTAKEN = "danger_mistaken"
"""In the organisation's record: how often each phrase rang and was not so."""
OFFERED_AT = 3
INTRUDED_EVERY = timedelta(hours=1)
ROOM, ROOM_EVERY = "disk.low", timedelta(hours=24)
FOREIGN, FOREIGN_EVERY = "rows.foreign", timedelta(hours=24)
NOTICES = {MESSAGE: "notice.message", SUPPORT: "notice.support", REQUEST: "notice.asked"}


def words_of(value: Value | None) -> str:
    """Return the words of an answer, without its voice notes and photos."""
    if isinstance(value, tuple):
        return " ".join(piece for piece in value if isinstance(piece, str))
    return value if isinstance(value, str) else ""


class OneAlert(Argument):
    """An alert to be opened, played, taken, given back; or one that is marked, seen (`v`) or not so (`n`)."""

    layout: ClassVar[str] = "{step}{alert:hex}"
    step: Literal["o", "p", "m", "l", "v", "n"]
    alert: UUID


class AlertPage(Argument):
    """A page of an alert whose words do not fit one screen."""

    layout: ClassVar[str] = "w{alert:hex}.{page}"
    alert: UUID
    page: int


class AlertRead(Argument):
    """Everything of an alert that stood on the screen was read (`r`), or it was and is not so (`x`).

    `shown` counts the words that raised it and what was added to it: whatever came later was not read.
    """

    layout: ClassVar[str] = "{step}{alert:hex}.{shown}"
    step: Literal["r", "x"]
    alert: UUID
    shown: int


class LoweredPhrase(Argument):
    """Whether a phrase, by its digest, is lowered to marked (`l`, `k`: no), or not even marked (`u`, `m`: it is)."""

    layout: ClassVar[str] = "{step}{phrase}"
    step: Literal["l", "k", "u", "m"]
    phrase: str


class Notices:
    """Tells each of the team in their own language, within the turn in which something happened."""

    def __init__(self, organisation: OrganisationFacts) -> None:
        self._organisation = organisation

    def raised(
        self,
        speech: Speech,
        person: Person,
        cohort_id: UUID | None,
        strength: Strength,
        *,
        run_id: UUID | None = None,
        path: str | None = None,
        message_id: UUID | None = None,
        source: str = WORDS,
    ) -> Alert:
        """Raise an alert; tell the team at once if it rings.

        Words ring at most once in `RINGS_AGAIN`: what follows is added to the alert that rang, unless one of the team
        has seen to that one by then: nobody would hear of what is added. A press always rings.
        """
        unit, alert_id = speech.unit, clock.new_id()
        top = None
        if strength == RINGS and source == WORDS:
            rung = unit.alerts.of(person.id, unit.now - RINGS_AGAIN)
            unseen = (each for each in reversed(rung) if each.strength == RINGS and each.seen_at is None)
            top = next((each.id for each in unseen if each.added_to is None), None)
        unit.alerts.add(
            alert_id,
            person.id,
            cohort_id,
            run_id=run_id,
            path=path,
            message_id=message_id,
            strength=strength,
            source=source,
            added_to=top,
            watched=watched(person),
        )
        if strength == RINGS:
            unit.audit.add("hilo", "alerts.raised" if top is None else "alerts.added", str(alert_id), {})
        if strength == RINGS and top is None:
            self._ring(speech, person, cohort_id, alert_id)
        words = (run_id, None, message_id)
        alert = Alert(alert_id, person.id, cohort_id, *words, unit.now, None, None, strength, source, top)
        return replace(alert, watched=watched(person))

    def hears(self, unit: Unit, person: Person, cohort_id: UUID | None) -> bool:
        """Return whether a cry of this person would reach anybody who has a chat."""
        members = map(unit.people.get, told_of(unit, person, cohort_id))
        return any(member is not None and member.chat is not None for member in members)

    def rings(self, unit: Unit) -> bool:
        """Return whether this turn's words raised an alert that rings, and are not kept yet."""
        alert = unit.alerts.get(unit.alert) if unit.alert is not None else None
        return alert is not None and alert.strength == RINGS

    def held(self, unit: Unit, message_id: UUID) -> None:
        """Note that what raised this turn's alert is held until the person says whether it goes to the team."""
        if unit.alert is not None:
            unit.alerts.placed(unit.alert, message_id=message_id)
            unit.alert = None

    def mistaken(self, unit: Unit, texts: Texts, short: str) -> None:
        """Count that a phrase rang and was not so, by its digest; each third time offer the admins to lower it."""
        record = self._organisation.record(unit)
        listed = (str(phrase) for each in (record.get("danger_words") or {}).values() for phrase in each)
        phrase = next((each for each in listed if digest(each).hex() == short), None)
        if phrase is not None:
            self._count(unit, texts, phrase, {"button.lower": "l", "button.keep_ringing": "k"}, "danger.offer")

    def mistaken_mark(self, unit: Unit, texts: Texts, entry: str) -> None:
        """Count that an entry marked what was not so; each third time offer the admins to stop marking it."""
        self._count(unit, texts, entry, {"button.unmark": "u", "button.keep_marking": "m"}, "danger.offer.mark")

    def _count(
        self, unit: Unit, texts: Texts, phrase: str, ways: Mapping[str, Literal["l", "k", "u", "m"]], code: str
    ) -> None:
        counted = self._organisation.record(unit).get(MISTAKEN) or {}
        times = int(counted.get(phrase, 0)) + 1
        unit.organisation.note(**{MISTAKEN: {**counted, phrase: times}})
        short = digest(phrase).hex()
        for person in map(unit.people.get, () if times % OFFERED_AT else unit.roles.admins()):
            if person is None or person.chat is None or not allowed(unit, person, ADMINS_OF_ALL):
                continue
            there = Speech(unit, texts, person, person.messenger or "", person.chat, language_of(person))
            buttons = (there.button(label, targets.DANGER, LoweredPhrase(step, short)) for label, step in ways.items())
            there.send(there.words(code, phrase=phrase), rows(*buttons), quiet=True, what=NOTICE)

    def answered(self, unit: Unit, run_id: UUID, path: str) -> None:
        """Note that what raised this turn's alert is an answer, or was said beside a question."""
        if unit.alert is None:
            return
        alert = unit.alerts.get(unit.alert)
        if alert is not None and alert.strength != RINGS and unit.alerts.about_answer(run_id, path):
            unit.alerts.drop(alert.id)  # however often an answer changes, it is marked once
        else:
            unit.alerts.placed(unit.alert, run_id=run_id, path=path)
        unit.alert = None

    def wrote(
        self, speech: Speech, person: Person, cohort_id: UUID | None, message_id: UUID, kind: str = MESSAGE
    ) -> None:
        """Tell the team that a message waits; if it raised this turn's alert, they know already when that rings."""
        unit = speech.unit
        if unit.alert is not None:
            rings = self.rings(unit)
            self.held(unit, message_id)
            if rings:
                return
        elif kind == SUPPORT:
            self.raised(speech, person, cohort_id, RINGS, message_id=message_id, source=PRESS)
            return
        self._waits(speech, person, cohort_id, kind)

    def asked(
        self, speech: Speech, person: Person, cohort_id: UUID | None, run_id: UUID, path: str, *, call: bool
    ) -> None:
        """Tell the team what was asked for in a run: a call as one asked for in the menu, anything else as waiting."""
        if not call:
            self._waits(speech, person, cohort_id, REQUEST)
            return
        self.raised(speech, person, cohort_id, RINGS, run_id=run_id, path=path, source=PRESS)

    def repeat_alerts(self, unit: Unit, texts: Texts) -> list[Callable[[], None]]:
        """Return the steps that tell again of alerts nobody has seen to, each reader within their own day."""
        found: list[Callable[[], None]] = []
        for alert in unit.alerts.ringing():
            person = unit.people.known(alert.person_id)
            due = [each for each in self._all_told(unit, person, alert) if self._is_due(unit, each, alert)]
            if due:
                found.append(partial(self._repeat, unit, texts, alert, person, due))
        return found

    def _all_told(self, unit: Unit, person: Person, alert: Alert) -> list[UUID]:
        """Return who is told of an alert from the second time on: the admins, too, unless it is about a colleague."""
        told = told_of(unit, person, alert.cohort_id)
        if works_here(unit, person.id):
            return sorted(told)
        return sorted({*told, *(each for each in unit.roles.admins() if each != person.id)})

    def _is_due(self, unit: Unit, member_id: UUID, alert: Alert) -> bool:
        member = unit.people.get(member_id)
        if member is None or member.chat is None:
            return False
        day = watch.ReaderDay.of(self._organisation, unit, member)
        return watch.is_due(day, alert.raised_at, alert.repeated_at or alert.raised_at, unit.now)

    def _repeat(self, unit: Unit, texts: Texts, alert: Alert, person: Person, members: Sequence[UUID]) -> None:
        speech = Speech(unit, texts, None, "", "", languages.DEFAULT)
        unit.alerts.repeated(alert.id)
        unit.audit.add("hilo", "alerts.repeated", str(alert.id), {})
        self._tell(speech, person, alert.cohort_id, alert.id, dict.fromkeys(members, True), "notice.danger.again")

    def _ring(self, speech: Speech, person: Person, cohort_id: UUID | None, alert_id: UUID) -> None:
        """Tell of a new alert: the phone of who is on watch rings, the others' by the hour (`bot.services.watch`)."""
        unit = speech.unit
        colleague = works_here(unit, person.id)
        watching = watch.on_watch(unit, self._organisation.record(unit), cohort_id)
        told = told_of(unit, person, cohort_id)
        if colleague:  # heard by whom they chose, whoever is on watch
            watching = {each: hours for each, hours in watching.items() if each in told}
        loud: dict[UUID, bool] = {}
        for member_id in dict.fromkeys((*watching, *told)):
            member = unit.people.get(member_id)
            if member is not None and member_id != person.id:
                day = watch.ReaderDay.of(self._organisation, unit, member)
                loud[member_id] = watch.rings(member_id, day, unit.now, watching)
        self._tell(speech, person, cohort_id, alert_id, loud, "notice.danger")

    def _tell(
        self,
        speech: Speech,
        person: Person,
        cohort_id: UUID | None,
        alert_id: UUID,
        members: Mapping[UUID, bool],
        code: str,
    ) -> None:
        """Tell members, each with a sound or without."""
        for member_id, loud in members.items():
            there = self._voice(speech, member_id, person, REPLY)
            if there is None:
                continue
            text = there.words(code, cohort=self._called(there, cohort_id))
            protocol = self._organisation.danger_protocol(there)
            # Only whoever has it open can say that it was read.
            keyboard = rows(there.button("button.alert_open", targets.ALERT, OneAlert("o", alert_id)))
            told = f"{text}\n\n{protocol}" if protocol else text
            # Of all that is said, this may not be lost: where its answer was, it is said once more.
            there.send(told, keyboard, repeatable=True, protect=True, quiet=not loud, what=NOTICE)

    def _waits(self, speech: Speech, person: Person, cohort_id: UUID | None, kind: str) -> None:
        """Tell once that something waits in a cohort, and not again until the reader has looked."""
        unit = speech.unit
        mark = f"{kind}{cohort_id.hex if cohort_id else ''}"
        # A request of a colleague is only for whom that colleague chose; what they write is for the whole team.
        members = told_of(unit, person, cohort_id) if kind == REQUEST else unit.roles.team(cohort_id)
        for member_id in members:
            there = self._voice(speech, member_id, person, BROADCAST)
            if there is None or _told(there.person, mark):
                continue
            # Locked and read again, as another turn may be telling the same reader.
            unit.lock(member_id)
            there = self._voice(speech, member_id, person, BROADCAST)
            if there is None or there.person is None or _told(there.person, mark):
                continue
            unit.people.prefer(there.person, **{UNREAD: lambda told: [*(told or ()), mark]})
            keyboard = rows(there.button("button.alerts", targets.MAIL), there.button("button.menu", targets.HOME))
            text = there.words(NOTICES[kind], cohort=self._called(there, cohort_id))
            there.send(text, keyboard, quiet=kind != SUPPORT, what=NOTICE)

    def _voice(self, speech: Speech, member_id: UUID, about: Person, lane: int) -> Speech | None:
        """Return the speech for one of the team; None if they have no chat, or the notice is about them."""
        member = speech.unit.people.get(member_id) if member_id != about.id else None
        if member is None or member.messenger is None or member.chat is None:
            return None
        language = language_of(member)
        return Speech(speech.unit, speech.texts, member, member.messenger, member.chat, language, lane)

    def _called(self, there: Speech, cohort_id: UUID | None) -> str:
        cohort = there.unit.cohorts.get(cohort_id) if cohort_id else None
        return cohort.name if cohort else there.words("notice.no_cohort")


def intruded(unit: Unit, code: str, address: str = "") -> bool:
    """Audit that somebody else uses the bot's access to a messenger, and tell every admin, at most once an hour.

    Args:
        unit: the transaction.
        code: the messenger, a dot, and how it was noticed: `conflict` or `webhook`.
        address: where the updates were to go.

    Returns:
        False if the same was noted within the hour.
    """
    since = unit.now - INTRUDED_EVERY
    if unit.audit.done(code, since):
        return False
    messenger = code.partition(".")[0]
    told = any(unit.audit.done(f"{messenger}.{how}", since) for how in ("conflict", "webhook"))
    unit.audit.add("hilo", code, messenger, {"address": address} if address else {})
    if not told:
        tell_admins(unit, f"notice.{code}", otherwise="notice.intruded")
    return True


def lacks_room(unit: Unit, free: int) -> bool:
    """Audit that little room is left on the disk, and tell every admin, once a day; return False if that was done."""
    if unit.audit.done(ROOM, unit.now - ROOM_EVERY):
        return False
    megabytes = free // 1_000_000
    unit.audit.add("hilo", ROOM, "disk", {"megabytes": megabytes})
    tell_admins(unit, "notice.disk", free=megabytes)
    return True


def foreign_rows(unit: Unit) -> bool:
    """Audit that rows were found which somebody wrote without the key, and tell every admin, once a day.

    Return False if there are none, or that was done.
    """
    found = sum(each.column == SEAL for each in unit.damage.found())
    if not found or unit.audit.done(FOREIGN, unit.now - FOREIGN_EVERY):
        return False
    unit.audit.add("hilo", FOREIGN, "database", {"rows": found})
    tell_admins(unit, "notice.foreign")
    return True


def tell_admins(
    unit: Unit, code: str, otherwise: str = "", look: Callable[[Speech], Button] | None = None, **facts: object
) -> None:
    """Tell every admin, in their own language; `otherwise`: what is said where a messenger has no words of its own.

    A fact that is a function is called with how that admin is spoken to; `look` makes a button that shows more.
    """
    for person in map(unit.people.get, unit.roles.admins()):
        if person is None or person.messenger is None or person.chat is None:
            continue
        there = Speech(unit, catalogs(), person, person.messenger, person.chat, language_of(person))
        shown = look(there) if look is not None else there.button("menu.checklist", targets.CHECKLIST)
        keyboard = rows(shown, there.button("button.menu", targets.HOME))
        told = {name: fact(there) if callable(fact) else fact for name, fact in facts.items()}
        try:
            words = there.words(code, **told)
        except MissingText:
            if not otherwise:
                raise
            words = there.words(otherwise, **told)
        there.send(words, keyboard, what=NOTICE)


def _told(person: Person | None, mark: str) -> bool:
    return person is not None and mark in (person.preferences.get(UNREAD) or [])


def looked(unit: Unit, person: Person) -> Person:
    """Note that a person looked at what waits: they will be told again of anything new."""
    if not person.preferences.get(UNREAD):
        return person
    return unit.people.prefer(person, **{UNREAD: None})
