"""Purpose cards: why something is asked, for whom, how it is used, until when.

A card is a mapping: `why`, and optionally `whom` and `use`, in the author's words; `language` is the language of these
words, and `in` has them in further languages; `until` is one of `UNTIL`, with the day it means in `day` (ISO), if it
means one.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, Final

from bot.content import wizard
from bot.rendering.speech import Speech
from dialogs import languages
from dialogs.expressions import compiled
from dialogs.model import ValueFormat
from dialogs.operands import Scope

UNNAMED: Final = ""
"""The language of words of which it was not stored."""
WORDS: Final = ("why", "whom", "use")
WIZARD: Final = "ask_purpose"
"""The wizard in which one of the team writes a card; its rule for the reason holds wherever a card is written."""

UNTIL: Final[Mapping[str, int | None]] = {"once": None, "month": 30, "quarter": 91, "year": 365, "open": None}
"""How long a purpose holds: a code, and its number of days, if it has one."""


def is_reason(words: str) -> bool:
    """Return whether words give a reason, by the rule of the wizard that asks for it in chat."""
    rule = wizard(WIZARD).step(WORDS[0]).constraint
    return rule is None or compiled(rule).holds(Scope({}, own=words))


def until_day(code: str, today: date) -> str | None:
    """Return the day (ISO) until which a purpose of today holds, or None if the code names no day."""
    days = UNTIL.get(code)
    return None if days is None else (today + timedelta(days=days)).isoformat()


def holds(card: Mapping[str, Any], today: date) -> bool:
    """Return whether a card can be used again: it was not for once, and its day has not passed."""
    day = card.get("day")
    return card.get("until") != "once" and (day is None or date.fromisoformat(day) >= today)


def written(card: Mapping[str, Any]) -> frozenset[str]:
    """Return the languages a card has words in; none if its language was not stored."""
    return frozenset((card["language"], *card.get("in", ()))) if card.get("language") else frozenset()


def by_language(card: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Return a card's words by the language they are in; `UNNAMED` for one that was not stored."""
    return {str(card.get("language") or UNNAMED): card, **(card.get("in") or {})}


def in_language(card: Mapping[str, Any], language: str, words: Mapping[str, str]) -> dict[str, Any]:
    """Return a card with its words in a further language."""
    return {**card, "in": {**card.get("in", {}), language: dict(words)}}


def words(speech: Speech, card: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a card's words in the reader's language, else as they were written."""
    further: Mapping[str, Mapping[str, Any]] = card.get("in", {})
    return further.get(_read_in(speech, card), card)


def _read_in(speech: Speech, card: Mapping[str, Any]) -> str:
    """Return the language a card is read in, or an empty string if it was not stored."""
    there = written(card)
    return next((tag for tag in languages.chain(speech.language) if tag in there), str(card.get("language") or ""))


def _strange(speech: Speech, card: Mapping[str, Any]) -> str:
    """Return the name of the language a card is read in, if the bot speaks another one to the reader; else empty."""
    tag = _read_in(speech, card)
    spoken = next(each for each in languages.chain(speech.language) if each in speech.texts.languages)
    return speech.language_name(tag) if tag and not languages.covers(spoken, frozenset({tag})) else ""


def lines(speech: Speech, card: Mapping[str, Any]) -> list[str]:
    """Return a card as lines, each under its heading; a last one says so if its language is not the reader's."""
    said = words(speech, card)
    told = [speech.words("why.purpose", purpose=said.get("why", ""))]
    told += [speech.words(f"purpose.{key}", words=said[key]) for key in WORDS[1:] if said.get(key)]
    if language := _strange(speech, card):
        told.append(speech.words("purpose.language", language=language))
    if until := _until(speech, card):
        told.append(speech.words("purpose.until", words=until))
    return told


def as_text(speech: Speech, card: Mapping[str, Any]) -> str:
    """Return a card as one text, its reason first and without a heading."""
    return "\n".join((str(words(speech, card).get("why", "")), *lines(speech, card)[1:]))


def _until(speech: Speech, card: Mapping[str, Any]) -> str:
    if day := card.get("day"):
        return speech.words("purpose.until.day", day=speech.texts.written(speech.language, ValueFormat.DATE, day))
    code = str(card.get("until") or "")
    return speech.words(f"purpose.until.{code}") if code in UNTIL else ""
