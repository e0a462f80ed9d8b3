"""Choosing a rhythm in three taps, or typing it: which days, at which hour, how many times.

What was chosen so far stands in the buttons, so that nothing is written before it is confirmed. Days are a code: `d`
daily; `w2` every second week, with its weekdays behind (`w2x03`); `m15` a day of the month (`m0` the last); `p1` the
first of a weekday in the month (`p5` the last), with the weekday behind (`p1x0`); `j3-10-30` days after joining.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time
from typing import Final
from zoneinfo import ZoneInfo

from bot.conversation.screen import Screen
from bot.messengers.port import Button, Keyboard
from bot.rendering.speech import pairs, rows
from bot.services import schedule_words
from bot.services.organisation import PARTS_OF_DAY, OrganisationFacts, weekday
from bot.services.rhythms import Rhythm, first_day
from bot.services.schedules import TIMES, check_week
from dialogs.recurrence import (
    LAST,
    MOST_TIMES,
    AfterJoining,
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
AN_HOUR: Final = 60
JOINING: Final = "j"
WAYS: Final = ((3,), (3, 10), (3, 10, 30))
MOST_DAYS: Final = 6
_WAY: Final = re.compile(r"j(?P<days>[0-9]{1,3}(?:-[0-9]{1,3}){0,5})", re.ASCII)
_NUMBER: Final = re.compile(r"(?<![0-9:])[0-9]{1,3}(?![0-9:])", re.ASCII)
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
        if self.way is not None:
            return Daily()
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

    @property
    def way(self) -> AfterJoining | None:
        """The days after joining, if that is what was chosen; raises BadRule."""
        found = _WAY.fullmatch(self.days)
        return AfterJoining(tuple(int(day) for day in found["days"].split("-"))) if found else None

    def rhythm(self, zone: str, now: datetime) -> Rhythm | None:
        """Return the rhythm from now on in a zone, if days and hour are chosen; raises BadRule."""
        pattern = self.pattern
        if pattern is None or self.minute is None or self.minute >= 24 * AN_HOUR:
            return None
        if self.way is not None:
            return Rhythm.joining(self.way, time(*divmod(self.minute, AN_HOUR)))
        times, at = TIMES if self.times is None else self.times or None, time(*divmod(self.minute, AN_HOUR))
        return Rhythm(Recurrence(pattern, first_day(at, zone, now), times), at)


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


def way_code(days: Sequence[int]) -> str:
    """Return the code of days after joining."""
    return JOINING + "-".join(str(day) for day in days)


@dataclass(frozen=True, slots=True)
class RhythmChoice:
    """The screens of choosing: `to` makes their buttons of a label and what is chosen then, `back` stands below.

    With `ways`, days after joining may be chosen.
    """

    screen: Screen
    zone: ZoneInfo
    to: Callable[[str, ChosenRhythm], Button]
    back: Button
    ways: bool = False

    def typed(self, chosen: ChosenRhythm) -> ChosenRhythm | str | Sequence[ChosenRhythm]:
        """Read what was typed: what is chosen then, several that may be meant, or the code of why not."""
        from dialogs import moments, rhythms  # noqa: PLC0415  their tables are not needed before somebody types

        said, language = self.screen.said, self.screen.speech.language
        if self.ways and rhythms.counts_from_joining(said, language):
            return self._typed_days(said)
        try:
            found = rhythms.rhythm(said, language)
        except BadRule as error:
            return f"repeat.bad.{error.code}"
        if found is None and chosen.days == JOINING:
            return self._typed_days(said)
        if found is None:
            tokens = moments.said_as(said, language)
            hours = moments.hours_of(tokens, language) if chosen.days and tokens else None
            if hours is None:
                return f"repeat.bad.{why}" if (why := rhythms.why_none(said, language)) else "repeat.unknown"
            return self._with_hours(chosen, *hours)
        days = code_of(found.pattern) if found.pattern is not None else f"w{found.apart}"
        chosen = replace(chosen, days=days, minute=None)
        return self._with_hours(chosen, found.hours, found.sure) if found.hours else chosen

    def counted(self, chosen: ChosenRhythm) -> ChosenRhythm | str | Sequence[ChosenRhythm]:
        """Read how many times, or days as `typed` does; else return the code of what is asked for."""
        from dialogs.moments import said_as  # noqa: PLC0415  its tables are not needed before somebody types

        tokens, language = said_as(self.screen.said, self.screen.speech.language), self.screen.speech.language
        numbers = [int(each) for each in tokens if each.isascii() and each.isdigit()]
        if len(numbers) == 1:
            known = said_as(self.screen.speech.texts.count("repeat.times", language, numbers[0]), language)
            if {*tokens} <= {str(numbers[0]), *known}:
                return replace(chosen, times=numbers[0]) if 1 <= numbers[0] <= MOST_TIMES else "repeat.times.range"
        found = self.typed(chosen)
        return "repeat.times.range" if found == "repeat.unknown" else found

    def check(self, organisation: OrganisationFacts, chosen: ChosenRhythm) -> None:
        """Refuse, as a ScheduleError, days that come more often than a week allows, whatever the hour."""
        rhythm = replace(chosen, minute=chosen.minute or 0).rhythm(self.zone.key, self.screen.unit.now)
        if rhythm is not None:
            check_week(self.screen.unit, organisation, rhythm)

    def _typed_days(self, said: str) -> ChosenRhythm | str:
        """Read on which days after joining: "3, 10 y 30"."""
        numbers = sorted({int(each) for each in _NUMBER.findall(said)})[:MOST_DAYS]
        try:
            AfterJoining(tuple(numbers))
        except BadRule as error:
            return f"repeat.way.{error.code}"
        return ChosenRhythm(way_code(numbers))

    def _with_hours(
        self, chosen: ChosenRhythm, hours: Sequence[time], sure: bool
    ) -> ChosenRhythm | Sequence[ChosenRhythm]:
        found = [replace(chosen, minute=each.hour * AN_HOUR + each.minute) for each in hours]
        return found[0] if sure else found

    def often(self, code: str = "repeat.often", **facts: object) -> None:
        """Ask how often, or say why what was asked for cannot be, and ask again."""
        offered = (*OFTEN, ("repeat.often.joining", JOINING)) if self.ways else OFTEN
        self._ask(
            code, rows(*(self.to(self.screen.words(label), ChosenRhythm(days)) for label, days in offered)), **facts
        )

    def days(self, chosen: ChosenRhythm, code: str = "") -> None:
        """Ask on which day; of a way in, `code` is another sentence than the question."""
        if chosen.days == JOINING:
            ways = [
                self.to(self.screen.words("repeat.way", days=self._listed(days)), ChosenRhythm(way_code(days)))
                for days in WAYS
            ]
            self._ask(code or "repeat.way.ask", rows(*ways))
            return
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

    def times(self, chosen: ChosenRhythm, code: str = "repeat.times.ask") -> None:
        """Ask how many times; `code` is another sentence than the question."""
        count = self.screen.speech.texts.count
        language = self.screen.speech.language
        buttons = [self.to(count("repeat.times", language, each), replace(chosen, times=each)) for each in TIMES_SHOWN]
        last = self.to(self.screen.words("repeat.times.open"), replace(chosen, times=0))
        self._ask(code, (*pairs(buttons), (last,)))

    def told(self, rhythm: Rhythm) -> str:
        """Return a rhythm in words, with how many times."""
        texts, language = self.screen.speech.texts, self.screen.speech.language
        return f"{schedule_words.told(texts, language, rhythm)}, {schedule_words.times(texts, language, rhythm)}"

    def _listed(self, days: Sequence[int]) -> str:
        return self.screen.speech.texts.all_of([str(day) for day in days], self.screen.speech.language)

    def _hour(self, minute: int) -> str:
        hour, minutes = divmod(minute, AN_HOUR)
        part = next(code for until, code in PARTS_OF_DAY if hour < until)
        shown = str(hour % 12 or 12) + (f":{minutes:02}" if minutes else "")
        return self.screen.words("repeat.at", hour=shown, part=self.screen.words(part))

    def _ask(self, code: str, keyboard: Keyboard, **facts: object) -> None:
        self.screen.show(self.screen.words(code, **facts), (*keyboard, (self.back,)))


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]
