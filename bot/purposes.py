"""Purpose cards, for people to read: why something is asked, for whom, how it is used, until when.

A card is a mapping: `why`, and where they were given `whom` and `use`, in the words of whoever asks; `until` is one of
`UNTIL`, with the day it comes to in `day` (ISO), where it comes to one.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, Final

from bot.speech import Speech

UNTIL: Final[Mapping[str, int | None]] = {"once": None, "month": 30, "quarter": 91, "year": 365, "open": None}
"""How long a purpose holds: a code, and the days it comes to, where it comes to a day."""


def until_day(code: str, today: date) -> str | None:
    """Return the day (ISO) until which a purpose of today holds, or None where no day was named."""
    days = UNTIL.get(code)
    return None if days is None else (today + timedelta(days=days)).isoformat()


def holds(card: Mapping[str, Any], today: date) -> bool:
    """Tell whether a card can be used again: it was not for once, and its day has not passed."""
    day = card.get("day")
    return card.get("until") != "once" and (day is None or date.fromisoformat(day) >= today)


def lines(speech: Speech, card: Mapping[str, Any]) -> list[str]:
    """Return a card line by line, each under its heading."""
    told = [speech.words("why.purpose", purpose=card.get("why", ""))]
    told += [speech.words(f"purpose.{key}", words=card[key]) for key in ("whom", "use") if card.get(key)]
    if until := _until(speech, card):
        told.append(speech.words("purpose.until", words=until))
    return told


def told(speech: Speech, card: Mapping[str, Any]) -> str:
    """Return a card as one piece of text, its reason first and without a heading."""
    return "\n".join((str(card.get("why", "")), *lines(speech, card)[1:]))


def _until(speech: Speech, card: Mapping[str, Any]) -> str:
    if day := card.get("day"):
        return speech.words("purpose.until.day", day=speech.texts.written(speech.language, "date", day))
    code = str(card.get("until") or "")
    return speech.words(f"purpose.until.{code}") if code in UNTIL else ""
