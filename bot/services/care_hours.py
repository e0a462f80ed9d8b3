"""The hours of a line on the care card, or of somebody on watch: days of the week, and from when until when."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any, Final, Self

from bot.product_languages import LANGUAGES
from bot.rendering.speech import Speech
from bot.services.organisation import DAYS_A_WEEK, PARTS_OF_DAY, weekday
from dialogs.dates import clock
from dialogs.fuzzy_match import folded

EVERY_DAY: Final = tuple(range(DAYS_A_WEEK))
RANGE: Final = 3  # days in a row that are told as a range
_BETWEEN: Final = re.compile(r"\s*[-–]\s*|\s+(?:a|hasta|to|until|till)(?:\s+las?)?\s+")  # noqa: RUF001  people type it
_LEAD: Final = re.compile(r"(?:^|\s)(?:de|desde|from|at)?\s*(?:las?\s+)?$")
_MIDNIGHT: Final = frozenset({"24", "24:00", "0", "00"})
_THROUGH: Final = frozenset({"a", "al", "to", "through", "hasta"})
_FILLERS: Final = frozenset({"de", "del", "y", "e", "los", "el", "and", "on", "from", "cada", "every"})


class UnreadableHours(ValueError):
    """Hours that cannot be understood; the message is the part that was not."""


@dataclass(frozen=True, slots=True)
class OpeningHours:
    """Days (Monday 0), and from when until when; equal times mean day and night, and an earlier end the next day."""

    days: tuple[int, ...] = EVERY_DAY
    since: time = time()
    until: time = time()

    @classmethod
    def of(cls, kept: Mapping[str, Any] | None) -> Self:
        """Return the hours as the record has them; nothing there means every day, day and night."""
        kept = kept or {}
        begins, ends = (time.fromisoformat(str(kept.get(name) or "00:00")) for name in ("from", "until"))
        return cls(tuple(int(day) for day in kept.get("days") or EVERY_DAY), begins, ends)

    def kept(self) -> dict[str, Any]:
        """Return the same as the record keeps it."""
        return {"days": list(self.days), "from": f"{self.since:%H:%M}", "until": f"{self.until:%H:%M}"}

    @property
    def always(self) -> bool:
        """Whether it is every day, day and night."""
        return self.since == self.until and len(self.days) == DAYS_A_WEEK

    def hold(self, local: datetime) -> bool:
        """Return whether a moment of a wall clock lies within them."""
        at, day, before = local.time(), local.weekday(), (local - timedelta(days=1)).weekday()
        if self.since == self.until:
            return day in self.days
        if self.since < self.until:
            return day in self.days and self.since <= at < self.until
        return (day in self.days and at >= self.since) or (before in self.days and at < self.until)

    def words(self, speech: Speech) -> str:
        """Return the hours as people say them: "de lunes a viernes, de 9 de la mañana a 6 de la tarde"."""
        if self.always:
            return speech.words("care.always")
        days = self._days(speech)
        if self.since == self.until:
            return speech.words("care.whole_days", days=days)
        between = speech.words("care.between", since=_said(speech, self.since), until=_said(speech, self.until))
        return between if len(self.days) == DAYS_A_WEEK else f"{days}, {between}"

    def _days(self, speech: Speech) -> str:
        first, last = min(self.days), max(self.days)
        if len(self.days) >= RANGE and last - first == len(self.days) - 1:
            ends = (weekday(each, speech.language) for each in (first, last))
            return speech.words("care.days", **dict(zip(("first", "last"), ends, strict=True)))
        named = [weekday(day, speech.language, plural=True) for day in self.days]
        return speech.words("fact.on_days", days=speech.texts.all_of(named, speech.language))


def read(typed: str) -> OpeningHours:
    """Read hours as people write them: "lunes a viernes de 9 a 18", "24 horas", "Monday to Friday, 9:00-18:00".

    Raises:
        UnreadableHours: some of it is no day and no hour.
    """
    said = typed.strip().lower()
    if folded(said) in _ALWAYS:
        return OpeningHours()
    split = re.search(r"\d", said)
    if split is None:
        return OpeningHours(_read_days(said, typed))
    before, after = said[: split.start()], said[split.start() :]
    halves = [half for half in _BETWEEN.split(after) if half]
    if len(halves) != 2:  # noqa: PLR2004  from when, until when
        raise UnreadableHours(typed)
    since, until = _hour(halves[0], typed), _hour(halves[1], typed)
    return OpeningHours(_read_days(_LEAD.sub("", before), typed), since, until)


_ALWAYS: Final = frozenset(
    {"siempre", "de dia y de noche", "dia y noche", "24 horas", "a toda hora", "las 24 horas"}
    | {"always", "day and night", "24 hours", "24 7", "any time"}
)


def _hour(words: str, typed: str) -> time:
    if words.strip() in _MIDNIGHT:
        return time()
    for language in LANGUAGES:
        if (found := clock(words.strip(" .,"), language)) is not None:
            return time.fromisoformat(found.value)
    raise UnreadableHours(typed)


def _read_days(words: str, typed: str) -> tuple[int, ...]:
    names = {folded(weekday(day, tag)): day for tag in LANGUAGES for day in EVERY_DAY}
    names |= {f"{name}s": day for name, day in names.items()}
    found: list[int] = []
    through = False
    for word in folded(words).split():
        if word in names:
            day = names[word]
            found += _span(found[-1], day) if through and found else [day]
            through = False
        elif word in _THROUGH:
            through = True
        elif word not in _FILLERS and word not in {"todos", "dias", "day", "diario", "daily"}:
            raise UnreadableHours(typed)
    return tuple(sorted(set(found))) or EVERY_DAY


def _span(first: int, last: int) -> list[int]:
    """Return the days after one until another, over the end of the week if need be."""
    days = (last - first) % DAYS_A_WEEK
    return [(first + ahead) % DAYS_A_WEEK for ahead in range(1, days + 1)]


def _said(speech: Speech, at: time) -> str:
    part = next(code for until, code in PARTS_OF_DAY if at.hour < until)
    hour = str(at.hour % 12 or 12) + (f":{at.minute:02}" if at.minute else "")
    return speech.words("care.hour", hour=hour, part=speech.words(part))
