"""Purpose cards, for people to read: why something is asked, for whom, how it is used, until when.

A card is a mapping: `why`, and where they were given `whom` and `use`, in the words of whoever asks; `language` is the
one they are in, and `in` has them in further ones; `until` is one of `UNTIL`, with the day it comes to in `day` (ISO),
where it comes to one.
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

WORDS: Final = ("why", "whom", "use")
WIZARD: Final = "ask_purpose"
"""The dialog in which one of the team writes a card; what it asks of the reason holds wherever one is written."""

UNTIL: Final[Mapping[str, int | None]] = {"once": None, "month": 30, "quarter": 91, "year": 365, "open": None}
"""How long a purpose holds: a code, and the days it comes to, where it comes to a day."""


def is_reason(words: str) -> bool:
    """Tell whether words say why something is asked, by the rule of the dialog that asks for it in chat."""
    rule = wizard(WIZARD).step(WORDS[0]).constraint
    return rule is None or compiled(rule).holds(Scope({}, own=words))


def until_day(code: str, today: date) -> str | None:
    """Return the day (ISO) until which a purpose of today holds, or None where no day was named."""
    days = UNTIL.get(code)
    return None if days is None else (today + timedelta(days=days)).isoformat()


def holds(card: Mapping[str, Any], today: date) -> bool:
    """Tell whether a card can be used again: it was not for once, and its day has not passed."""
    day = card.get("day")
    return card.get("until") != "once" and (day is None or date.fromisoformat(day) >= today)


def written(card: Mapping[str, Any]) -> frozenset[str]:
    """Return the languages a card has words in; none where it was not kept which."""
    return frozenset((card["language"], *card.get("in", ()))) if card.get("language") else frozenset()


def in_language(card: Mapping[str, Any], language: str, words: Mapping[str, str]) -> dict[str, Any]:
    """Return a card with its words in a further language."""
    return {**card, "in": {**card.get("in", {}), language: dict(words)}}


def words(speech: Speech, card: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a card's words in the language of whoever is spoken to, else as they were written."""
    further: Mapping[str, Mapping[str, Any]] = card.get("in", {})
    return further.get(_read_in(speech, card), card)


def _read_in(speech: Speech, card: Mapping[str, Any]) -> str:
    """Return the language a card is read in, or an empty string where it was not kept which."""
    there = written(card)
    return next((tag for tag in languages.chain(speech.language) if tag in there), str(card.get("language") or ""))


def _strange(speech: Speech, card: Mapping[str, Any]) -> str:
    """Name the language a card is read in, where the bot itself speaks another one to her; else an empty string."""
    tag = _read_in(speech, card)
    spoken = next(each for each in languages.chain(speech.language) if each in speech.texts.languages)
    return languages.own_name(tag) if tag and not languages.covers(spoken, frozenset({tag})) else ""


def lines(speech: Speech, card: Mapping[str, Any]) -> list[str]:
    """Return a card line by line, each under its heading; said where it is in a language she is not spoken to in."""
    said = words(speech, card)
    told = [speech.words("why.purpose", purpose=said.get("why", ""))]
    told += [speech.words(f"purpose.{key}", words=said[key]) for key in WORDS[1:] if said.get(key)]
    if language := _strange(speech, card):
        told.append(speech.words("purpose.language", language=language))
    if until := _until(speech, card):
        told.append(speech.words("purpose.until", words=until))
    return told


def as_text(speech: Speech, card: Mapping[str, Any]) -> str:
    """Return a card as one piece of text, its reason first and without a heading."""
    return "\n".join((str(words(speech, card).get("why", "")), *lines(speech, card)[1:]))


def _until(speech: Speech, card: Mapping[str, Any]) -> str:
    if day := card.get("day"):
        return speech.words("purpose.until.day", day=speech.texts.written(speech.language, ValueFormat.DATE, day))
    code = str(card.get("until") or "")
    return speech.words(f"purpose.until.{code}") if code in UNTIL else ""
