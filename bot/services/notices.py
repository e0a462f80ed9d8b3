"""Notices to the team: listed danger words, waiting messages, and a stolen token.

A notice names the cohort, never the person or their words: anyone nearby may see it.
"""

from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import lru_cache, partial
from typing import Any, ClassVar, Literal
from uuid import UUID

from bot import clock
from bot.product_languages import language_of
from bot.rendering import targets
from bot.rendering.arguments import Argument
from bot.rendering.speech import BROADCAST, NOTICE, REPLY, Speech, rows
from bot.rendering.texts import MissingText, Texts, catalogs
from bot.services.organisation import OrganisationFacts
from dialogs import languages
from dialogs.fuzzy_match import folded
from dialogs.model import Value
from storage.alerts import Alert
from storage.people import Person
from storage.unit import Unit

UNREAD = "mail_unread"
"""Preference: for which cohorts somebody was told that something waits, until they look."""
PATIENCE = timedelta(hours=1)  # an alert that nobody has taken for so long is told once more
REPEATED = "alerts.repeated"
MESSAGE, SUPPORT = "m", "s"
INTRUDED_EVERY = timedelta(hours=1)
NOTICES = {MESSAGE: "notice.message", SUPPORT: "notice.support"}


@lru_cache(maxsize=8)
def _listed(words: tuple[str, ...]) -> tuple[str, ...]:
    """Return words as they are searched for: between blanks, so that only whole words match."""
    return tuple(f" {bare} " for word in words if (bare := folded(word)))


def dangerous(record: dict[str, Any], text: str) -> bool:
    """Return whether a text contains, whole, a word or phrase of the organisation's list, in any of its languages.

    Accents, capitals and marks make no difference.
    """
    listed = record.get("danger_words") or {}
    words = tuple(str(word) for each in listed.values() for word in each)
    if not words:
        return False
    said = f" {folded(text)} "
    return any(word in said for word in _listed(words))


def words_of(value: Value | None) -> str:
    """Return the words of an answer, without its voice notes and photos."""
    if isinstance(value, tuple):
        return " ".join(piece for piece in value if isinstance(piece, str))
    return value if isinstance(value, str) else ""


class OneAlert(Argument):
    """An alert to be opened, played, taken, or given back."""

    layout: ClassVar[str] = "{step}{alert:hex}"
    step: Literal["o", "p", "m", "l"]
    alert: UUID


class Notices:
    """Tells each of the team in their own language, within the turn in which something happened."""

    def __init__(self, organisation: OrganisationFacts) -> None:
        self._organisation = organisation

    def answered(
        self, speech: Speech, person: Person, cohort_id: UUID | None, run_id: UUID, path: str, value: Value | None
    ) -> None:
        """Raise an alert if a new or changed answer contains listed words, once for each answer."""
        unit = speech.unit
        if self._dangerous(unit, words_of(value)) and not unit.alerts.about_answer(run_id, path):
            alert_id = clock.new_id()
            unit.alerts.add(alert_id, person.id, cohort_id, run_id=run_id, path=path)
            self._alert(speech, person, cohort_id, alert_id)

    def wrote(
        self, speech: Speech, person: Person, cohort_id: UUID | None, message_id: UUID, text: str, kind: str = MESSAGE
    ) -> None:
        """Tell the team that a message waits; if it contains listed words, raise an alert instead."""
        unit = speech.unit
        if self._dangerous(unit, text) and not unit.alerts.about_message(message_id):
            alert_id = clock.new_id()
            unit.alerts.add(alert_id, person.id, cohort_id, message_id=message_id)
            self._alert(speech, person, cohort_id, alert_id)
            return
        self._waits(speech, person, cohort_id, kind)

    def _dangerous(self, unit: Unit, text: str) -> bool:
        return bool(text) and dangerous(self._organisation.record(unit), text)

    def repeat_alerts(self, unit: Unit, texts: Texts) -> list[Callable[[], None]]:
        """Return the steps that tell again of each alert nobody took within the hour, also to the admins."""
        return [partial(self._repeat, unit, texts, alert) for alert in unit.alerts.late(unit.now - PATIENCE)]

    def _repeat(self, unit: Unit, texts: Texts, alert: Alert) -> None:
        person = unit.people.known(alert.person_id)
        speech = Speech(unit, texts, None, "", "", languages.DEFAULT)
        members = sorted({*unit.roles.team(alert.cohort_id), *unit.roles.admins()})
        unit.alerts.repeated(alert.id)
        unit.audit.add("hilo", REPEATED, str(alert.id), {})
        self._tell(speech, person, alert.cohort_id, alert.id, members, "notice.danger.again")

    def _alert(self, speech: Speech, person: Person, cohort_id: UUID | None, alert_id: UUID) -> None:
        unit = speech.unit
        unit.audit.add("hilo", "alerts.raised", str(alert_id), {})
        self._tell(speech, person, cohort_id, alert_id, unit.roles.team(cohort_id), "notice.danger")

    def _tell(
        self,
        speech: Speech,
        person: Person,
        cohort_id: UUID | None,
        alert_id: UUID,
        members: Sequence[UUID],
        code: str,
    ) -> None:
        for member_id in members:
            there = self._voice(speech, member_id, person, REPLY)
            if there is None:
                continue
            text = there.words(code, cohort=self._called(there, cohort_id))
            protocol = self._organisation.danger_protocol(there)
            keyboard = rows(
                there.button("button.alert_open", targets.ALERT, OneAlert("o", alert_id)),
                there.button("button.alert_mine", targets.ALERT, OneAlert("m", alert_id)),
            )
            there.send(f"{text}\n\n{protocol}" if protocol else text, keyboard, protect=True, what=NOTICE)

    def _waits(self, speech: Speech, person: Person, cohort_id: UUID | None, kind: str) -> None:
        """Tell once that something waits in a cohort, and not again until the reader has looked."""
        unit = speech.unit
        mark = f"{kind}{cohort_id.hex if cohort_id else ''}"
        for member_id in unit.roles.team(cohort_id):
            there = self._voice(speech, member_id, person, BROADCAST)
            if there is None or _told(there.person, mark):
                continue
            # Locked and read again, as another turn may be telling the same reader.
            unit.lock(member_id)
            there = self._voice(speech, member_id, person, BROADCAST)
            if there is None or there.person is None or _told(there.person, mark):
                continue
            unit.people.prefer(there.person, **{UNREAD: lambda told: [*(told or ()), mark]})
            keyboard = rows(there.button("button.mail_list", targets.MAIL), there.button("button.menu", targets.HOME))
            text = there.words(NOTICES[kind], cohort=self._called(there, cohort_id))
            there.send(text, keyboard, quiet=kind == MESSAGE, what=NOTICE)

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
    for person in map(unit.people.get, () if told else unit.roles.admins()):
        if person is None or person.messenger is None or person.chat is None:
            continue
        there = Speech(unit, catalogs(), person, person.messenger, person.chat, language_of(person))
        keyboard = rows(there.button("menu.checklist", targets.CHECKLIST), there.button("button.menu", targets.HOME))
        try:
            words = there.words(f"notice.{code}")
        except MissingText:
            words = there.words("notice.intruded")
        there.send(words, keyboard, what=NOTICE)
    return True


def _told(person: Person | None, mark: str) -> bool:
    return person is not None and mark in (person.preferences.get(UNREAD) or [])


def looked(unit: Unit, person: Person) -> Person:
    """Note that a person looked at what waits: they will be told again of anything new."""
    if not person.preferences.get(UNREAD):
        return person
    return unit.people.prefer(person, **{UNREAD: None})
