"""The care card: whom to call, at which number, when; those that answer now first. And who has dialled the numbers.

The record has it as lines (`care_lines`), as words per language (`care_card`, as every installation had it before), or
as both. A number counts as dialled for half a year (`care_dialled`: number -> day); the words have the empty number.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Final, Self
from zoneinfo import ZoneInfo

from babel.languages import get_official_languages

from bot.rendering.speech import Speech
from bot.rendering.texts import Texts
from bot.services import minors
from bot.services.acts import Actor, actor_name, require
from bot.services.care_hours import OpeningHours
from bot.services.organisation import DEFAULT_ZONE, OrganisationFacts
from bot.services.permissions import ADMINS_OF_ALL
from bot.services.refusals import NotFound
from dialogs import languages
from storage.unit import Unit

LINES, WORDS, DIALLED = "care_lines", "care_card", "care_dialled"
WORDS_NUMBER: Final = ""
"""Stands for the numbers that are written into the words of an older card."""
AGAIN: Final = timedelta(days=183)  # a number is dialled again after half a year
MOST: Final = 6  # lines that fit a phone's screen
LONGEST_WHOM, LONGEST_NUMBER = 60, 30
FEWEST: Final = 3  # digits of a number that can be dialled, such as 911, or letters of whatever says where to turn
PROPOSED: Final = ("mx911", "mx079")
"""Lines proposed where the organisation is in Mexico: a person confirms each, and none is ever filled in by itself."""
FREE: Final = {"mx911": True}  # what is known to work without credit
MEXICAN_ZONES: Final = frozenset(
    f"America/{place}"
    for place in (
        *("Mexico_City", "Merida", "Cancun", "Tijuana", "Mazatlan", "Hermosillo", "Chihuahua", "Ciudad_Juarez"),
        *("Monterrey", "Matamoros", "Ojinaga", "Bahia_Banderas"),
    )
)


@dataclass(frozen=True, slots=True)
class CareLine:
    """One line of the card.

    Attributes:
        whom: who answers, by language.
        number: the number as it is dialled, with what to press.
        hours: when somebody answers.
        languages: the languages spoken there.
        without_credit: whether a phone without credit reaches it; None: not known.
    """

    whom: Mapping[str, str]
    number: str
    hours: OpeningHours
    languages: tuple[str, ...] = ()
    without_credit: bool | None = None

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> Self:
        """Return a line as the record has it."""
        hours = OpeningHours.of(kept.get("hours"))
        return cls(dict(kept["whom"]), str(kept["number"]), hours, tuple(kept["languages"]), kept.get("without_credit"))

    def kept(self) -> dict[str, Any]:
        """Return the same as the record keeps it."""
        more = {"hours": self.hours.kept(), "languages": list(self.languages), "without_credit": self.without_credit}
        return {"whom": dict(self.whom), "number": self.number, **more}

    def called(self, language: str) -> str:
        """Return who answers, in a language or the nearest there is."""
        found = (self.whom[tag] for tag in languages.chain(language) if self.whom.get(tag))
        return next(found, next(iter(self.whom.values()), ""))

    def written(self, speech: Speech) -> str:
        """Return the line as it stands on the card."""
        more = [self.hours.words(speech)]
        if self.languages:
            named = [speech.language_name(tag) for tag in self.languages]
            more.append(speech.words("care.in", languages=speech.texts.all_of(named, speech.language)))
        if self.without_credit is not None:
            more.append(speech.words("care.free" if self.without_credit else "care.paid"))
        return f"{self.called(speech.language)}: {self.number}\n({'; '.join(more)})"


def can_be_dialled(number: str) -> bool:
    """Return whether what was written as a number has enough digits to be one."""
    return sum(letter.isdigit() for letter in number) >= FEWEST


def says_whom(words: str) -> bool:
    """Return whether words name anybody, or a number that can be dialled: what stands alone on a card must."""
    return sum(letter.isalpha() for letter in words) >= FEWEST or can_be_dialled(words)


def lines_of(record: Mapping[str, Any]) -> list[CareLine]:
    """Return the lines of a record."""
    return [CareLine.of(each) for each in record.get(LINES) or ()]


def card(organisation: OrganisationFacts, speech: Speech) -> str | None:
    """Return the card as a person reads it now, or None if there is none on record; minors may have their own.

    What is not written in the person's language is there in another one, and the card says in which.
    """
    record = organisation.record(speech.unit)
    if own := minors.own(record, speech.person, WORDS):
        return _with_languages(speech, minors.in_language(own, speech.language), [own])
    now, later = _by_hour(record, speech.unit.now)
    words = organisation.care_card(speech)
    written = [each.whom for each in (*now, *later)] + ([record[WORDS]] if words else [])
    if not now and not later:
        return _with_languages(speech, words, written) if words else None
    parts = []
    for code, found in (("care.now", now), ("care.later" if now else "care.none_now", later)):
        if found:
            parts.append("\n".join((speech.words(code), *(each.written(speech) for each in found))))
    return _with_languages(speech, "\n\n".join((*parts, words) if words else parts), written)


def _with_languages(speech: Speech, text: str, written: Sequence[Mapping[str, str] | str]) -> str:
    """Add which languages the card is in, where a part of it is not in the reader's own."""
    shown = [_shown_in(each, speech.language) for each in written if not isinstance(each, str)]
    others = dict.fromkeys(tag for tag in shown if tag and not languages.covers(speech.language, frozenset((tag,))))
    if not others:
        return text
    named = speech.texts.all_of([speech.language_name(tag) for tag in others], speech.language)
    whole = len(others) == 1 and all(tag in others for tag in shown)
    return f"{text}\n\n{speech.words('care.only' if whole else 'care.partly', languages=named)}"


def _shown_in(texts: Mapping[str, str], language: str) -> str | None:
    """Return the language in which a text is shown to a reader of another: the nearest there is; None without any."""
    return next((tag for tag in (*languages.chain(language), *texts) if texts.get(tag)), None)


def first_line(organisation: OrganisationFacts, speech: Speech) -> str | None:
    """Return the first line that answers now, for one who read an alert; None if none does."""
    now, _ = _by_hour(organisation.record(speech.unit), speech.unit.now)
    return f"{now[0].called(speech.language)}: {now[0].number}" if now else None


def _by_hour(record: Mapping[str, Any], moment: datetime) -> tuple[list[CareLine], list[CareLine]]:
    """Return the lines that answer now, and those that do not."""
    local = moment.astimezone(ZoneInfo(str(record.get("zone") or DEFAULT_ZONE)))
    found = lines_of(record)
    return [each for each in found if each.hours.hold(local)], [each for each in found if not each.hours.hold(local)]


# Who has dialled them.


def to_dial(record: Mapping[str, Any], today: date) -> list[str]:
    """Return the numbers that nobody has dialled for half a year; the empty one stands for a card of words."""
    dialled = record.get(DIALLED) or {}
    numbers = [each.number for each in lines_of(record)]
    if not numbers and record.get(WORDS):
        numbers = [WORDS_NUMBER]
    return [number for number in numbers if not fresh(dialled.get(number), today)]


def fresh(day: str | None, today: date) -> bool:
    """Return whether a number was dialled within half a year before a day."""
    return day is not None and today - date.fromisoformat(day) < AGAIN


def note_dialled(unit: Unit, by: Actor, number: str) -> None:
    """Record that somebody dialled a number of the card today.

    Raises:
        NotAllowed: only admins of everything may.
        NotFound: it is not on the card any more.
    """
    require(unit, by, ADMINS_OF_ALL, "care_lines")
    record = unit.organisation.get()
    numbers = [each.number for each in lines_of(record)]
    if number not in numbers and not (number == WORDS_NUMBER and record.get(WORDS)):
        raise NotFound
    known = {each: day for each, day in (record.get(DIALLED) or {}).items() if each in {*numbers, WORDS_NUMBER}}
    unit.organisation.set({**record, DIALLED: {**known, number: unit.now.date().isoformat()}})
    unit.audit.add(actor_name(by), "organisation.changed", DIALLED, {"number": number})


# Changing the card.


def add(unit: Unit, by: Actor, line: CareLine) -> None:
    """Add a line, or put it in the place of the one with its number; raises NotAllowed."""
    require(unit, by, ADMINS_OF_ALL, "care_lines")
    record = unit.organisation.get()
    found = lines_of(record)
    place = next((place for place, each in enumerate(found) if each.number == line.number), len(found))
    found[place : place + 1] = [line]
    _set(unit, by, record, found)


def remove(unit: Unit, by: Actor, number: str) -> CareLine:
    """Remove the line with a number, and return it.

    Raises:
        NotAllowed: only admins of everything may.
        NotFound: there is none.
    """
    require(unit, by, ADMINS_OF_ALL, "care_lines")
    record = unit.organisation.get()
    found = lines_of(record)
    gone = next((each for each in found if each.number == number), None)
    if gone is None:
        raise NotFound
    _set(unit, by, record, [each for each in found if each is not gone])
    return gone


def lacking(record: Mapping[str, Any], spoken: Sequence[str]) -> list[tuple[str, str]]:
    """Return what is not written in a language that is spoken: a line's number (or `WORDS_NUMBER`) and the language.

    The words are looked at only where there are any; a register is served by its language.
    """
    found: list[tuple[str, Mapping[str, str]]] = [(each.number, each.whom) for each in lines_of(record)]
    if (words := record.get(WORDS)) and isinstance(words, Mapping):
        found.append((WORDS_NUMBER, words))
    return [
        (number, tag)
        for number, texts in found
        for tag in spoken
        if not languages.covers(tag, frozenset(each for each, text in texts.items() if text))
    ]


def write(unit: Unit, by: Actor, number: str, tag: str, text: str) -> None:
    """Write who answers at a number, or the card's own words (`WORDS_NUMBER`), in one more language.

    Raises:
        NotAllowed: only admins of everything may.
        NotFound: it is not on the card any more.
    """
    require(unit, by, ADMINS_OF_ALL, "care_lines")
    record = unit.organisation.get()
    if number == WORDS_NUMBER and record.get(WORDS):
        unit.organisation.set({**record, WORDS: {**record[WORDS], tag: text}})
        unit.audit.add(actor_name(by), "organisation.changed", WORDS, {})
        return
    found = lines_of(record)
    if number not in {each.number for each in found}:
        raise NotFound
    here = [replace(each, whom={**each.whom, tag: text}) if each.number == number else each for each in found]
    _set(unit, by, record, here)


def drop_words(unit: Unit, by: Actor) -> None:
    """Remove the card's own words, once there are lines.

    Raises:
        NotAllowed: only admins of everything may.
        NotFound: there are no lines that could take their place.
    """
    require(unit, by, ADMINS_OF_ALL, "care_lines")
    record = unit.organisation.get()
    if not lines_of(record):
        raise NotFound
    unit.organisation.set({**record, WORDS: {}})
    unit.audit.add(actor_name(by), "organisation.changed", WORDS, {})


def _set(unit: Unit, by: Actor, record: Mapping[str, Any], found: Sequence[CareLine]) -> None:
    unit.organisation.set({**record, LINES: [each.kept() for each in found]})
    unit.audit.add(actor_name(by), "organisation.changed", LINES, {"lines": len(found)})


def proposals(record: Mapping[str, Any], texts: Texts, tags: Sequence[str]) -> list[CareLine]:
    """Return the proposed lines for where the organisation is that are not on the card."""
    if record.get("zone") not in MEXICAN_ZONES:
        return []
    known = {each.number for each in lines_of(record)}
    spoken = tuple(get_official_languages("MX", de_facto=True))
    found = []
    for code in PROPOSED:
        whom = {tag: texts.say(f"care.{code}", tag) for tag in tags}
        number = texts.say(f"care.{code}.number", tags[0])
        if number not in known:
            found.append(CareLine(whom, number, OpeningHours(), spoken, FREE.get(code)))
    return found
