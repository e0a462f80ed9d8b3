"""Choosing a rhythm in three taps, or typing it: which days, at which hour, how many times.

What was chosen so far stands in the buttons, so that nothing is written before it is confirmed. Days are a code: `d`
daily; `w2` every second week, with its weekdays behind (`w2x03`); `m15` a day of the month (`m0` the last); `p1` the
first of a weekday in the month (`p5` the last), with the weekday behind (`p1x0`).
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import Final
from zoneinfo import ZoneInfo

from bot.conversation.screen import Screen
from bot.messengers.port import Button, Keyboard
from bot.rendering.speech import pairs, rows
from bot.services import schedule_words
from bot.services.organisation import PARTS_OF_DAY, weekday
from bot.services.rhythms import Rhythm
from bot.services.schedules import TIMES
from dialogs.recurrence import (
    LAST,
    BadRule,
    Daily,
    MonthlyByDay,
    MonthlyByWeekday,
    Pattern,
    Recurrence,
    Weekly,
)

HOURS: Final = (8, 10, 13, 17, 18, 19, 20)
OFTEN: Final = (("repeat.often.weekly", "w1"), ("repeat.often.fortnightly", "w2"), ("repeat.often.monthly", "p1"))
TIMES_SHOWN: Final = (4, 8, 12, 26)
LAST_PLACE: Final = 5
NEXT_SHOWN: Final = 3
AN_HOUR: Final = 60
_CODE: Final = re.compile(r"(?P<kind>[dwmp])(?P<number>\d{0,2})(?:x(?P<days>[0-6]{1,7}))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class ChosenRhythm:
    """What was chosen so far.

    Attributes:
        days: the code of the days; '' for none yet.
        minute: the wall time, in minutes of the day.
        times: how many times; 0: until somebody ends it.
    """

    days: str = ""
    minute: int | None = None
    times: int | None = None

    @property
    def pattern(self) -> Pattern | None:
        """The days, if they are chosen; raises BadRule for those that nothing can come on."""
        found = _CODE.fullmatch(self.days)
        if found is None:
            return None
        number, weekdays = int(found["number"] or 0), tuple(int(day) for day in found["days"] or "")
        match found["kind"]:
            case "d":
                return Daily()
            case "m":
                return MonthlyByDay(number or LAST)
            case "w" if weekdays:
                return Weekly(weekdays, number)
            case "p" if weekdays:
                return MonthlyByWeekday(LAST if number == LAST_PLACE else number, weekdays[0])
        return None

    def rhythm(self, today: date) -> Rhythm | None:
        """Return the rhythm from today on, if days and hour are chosen; raises BadRule."""
        pattern = self.pattern
        if pattern is None or self.minute is None or self.minute >= 24 * AN_HOUR:
            return None
        times = TIMES if self.times is None else self.times or None
        return Rhythm(Recurrence(pattern, today, times), time(*divmod(self.minute, AN_HOUR)))


def code_of(pattern: Pattern) -> str:
    """Return the code of days."""
    match pattern:
        case Daily():
            return "d"
        case Weekly(weekdays, apart):
            return f"w{apart}x{''.join(str(day) for day in sorted(set(weekdays)))}"
        case MonthlyByDay(day):
            return f"m{0 if day == LAST else day}"
        case MonthlyByWeekday(place, day):
            return f"p{LAST_PLACE if place == LAST else place}x{day}"


@dataclass(frozen=True, slots=True)
class RhythmChoice:
    """The screens of choosing: `to` makes their buttons of a label and what is chosen then, `back` stands below."""

    screen: Screen
    zone: ZoneInfo
    to: Callable[[str, ChosenRhythm], Button]
    back: Button

    def typed(self, chosen: ChosenRhythm) -> ChosenRhythm | str | Sequence[ChosenRhythm]:
        """Read what was typed: what is chosen then, several that may be meant, or the code of why not."""
        from dialogs import moments, rhythms  # noqa: PLC0415  their tables are not needed before somebody types

        said, language = self.screen.said, self.screen.speech.language
        try:
            found = rhythms.rhythm(said, language)
        except BadRule as error:
            return f"repeat.bad.{error.code}"
        if found is None:
            tokens = moments.said_as(said, language)
            hours = moments.hours_of(tokens, language) if chosen.days and tokens else None
            if hours is None:
                return "repeat.unknown"
            return self._with_hours(chosen, *hours)
        days = code_of(found.pattern) if found.pattern is not None else f"w{found.apart}"
        chosen = replace(chosen, days=days, minute=None)
        return self._with_hours(chosen, found.hours, found.sure) if found.hours else chosen

    def _with_hours(
        self, chosen: ChosenRhythm, hours: Sequence[time], sure: bool
    ) -> ChosenRhythm | Sequence[ChosenRhythm]:
        found = [replace(chosen, minute=each.hour * AN_HOUR + each.minute) for each in hours]
        return found[0] if sure else found

    def often(self, code: str = "repeat.often", **facts: object) -> None:
        """Ask how often, or say why what was asked for cannot be, and ask again."""
        self._ask(
            code, rows(*(self.to(self.screen.words(label), ChosenRhythm(days)) for label, days in OFTEN)), **facts
        )

    def days(self, chosen: ChosenRhythm) -> None:
        """Ask on which day."""
        names = [weekday(day, self.screen.speech.language) for day in range(7)]
        code = "repeat.day.month" if chosen.days.startswith("p") else "repeat.day"
        buttons = [
            self.to(_capital(name), replace(chosen, days=f"{chosen.days}x{day}")) for day, name in enumerate(names)
        ]
        self._ask(code, pairs(buttons))

    def hours(self, chosen: ChosenRhythm, offered: Sequence[ChosenRhythm] = ()) -> None:
        """Ask at what hour, or which of those that may be meant."""
        found = offered or [replace(chosen, minute=hour * AN_HOUR) for hour in HOURS]
        buttons = [self.to(self._hour(each.minute or 0), each) for each in found]
        self._ask("repeat.hour.which" if offered else "repeat.hour", pairs(buttons))

    def times(self, chosen: ChosenRhythm) -> None:
        """Ask how many times."""
        count = self.screen.speech.texts.count
        language = self.screen.speech.language
        buttons = [self.to(count("repeat.times", language, each), replace(chosen, times=each)) for each in TIMES_SHOWN]
        last = self.to(self.screen.words("repeat.times.open"), replace(chosen, times=0))
        self._ask("repeat.times.ask", (*pairs(buttons), (last,)))

    def told(self, rhythm: Rhythm) -> str:
        """Return a rhythm in words, with how many times."""
        texts, language = self.screen.speech.texts, self.screen.speech.language
        told = schedule_words.told(texts, language, rhythm)
        times = rhythm.days.times
        number = texts.count("repeat.times", language, times) if times else self.screen.words("repeat.times.open.said")
        return f"{told}, {number}"

    def coming(self, rhythm: Rhythm, now: datetime) -> str:
        """Return the next three days in words."""
        texts, language = self.screen.speech.texts, self.screen.speech.language
        return texts.all_of(
            [schedule_words.day_of(texts, language, each) for each in rhythm.next(self.zone.key, now, NEXT_SHOWN)],
            language,
        )

    def _hour(self, minute: int) -> str:
        hour, minutes = divmod(minute, AN_HOUR)
        part = next(code for until, code in PARTS_OF_DAY if hour < until)
        shown = str(hour % 12 or 12) + (f":{minutes:02}" if minutes else "")
        return self.screen.words("repeat.at", hour=shown, part=self.screen.words(part))

    def _ask(self, code: str, keyboard: Keyboard, **facts: object) -> None:
        self.screen.show(self.screen.words(code, **facts), (*keyboard, (self.back,)))


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]
