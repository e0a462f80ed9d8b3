"""A rhythm as people say it: "cada jueves a las 7 de la tarde", "the first Monday of each month at noon"."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from bot.content import Dialogs
from bot.rendering.texts import Texts
from bot.services.organisation import PARTS_OF_DAY, weekday
from bot.services.rhythms import Rhythm
from dialogs import wording
from dialogs.recurrence import LAST, Daily, MonthlyByDay, MonthlyByWeekday, Weekly
from storage.schedules import Schedule

READ_BACK: Final = 3
"""How many of the days to come are said before something begins."""


def told(texts: Texts, language: str, rhythm: Rhythm) -> str:
    """Return on which days and at which hour something comes."""
    part = next(code for until, code in PARTS_OF_DAY if rhythm.at.hour < until)
    hour = str(rhythm.at.hour % 12 or 12) + (f":{rhythm.at.minute:02}" if rhythm.at.minute else "")
    code = "time.at.one" if rhythm.at.hour % 12 == 1 else "time.at"
    return texts.say(code, language, day=days(texts, language, rhythm), hour=hour, part=texts.say(part, language))


def times(texts: Texts, language: str, rhythm: Rhythm) -> str:
    """Return how many times something comes, or until when."""
    if rhythm.days.times is not None:
        return texts.count("repeat.times", language, rhythm.days.times)
    if rhythm.days.until is not None:
        return texts.say("repeat.times.until", language, day=texts.day_of(rhythm.days.until, language))
    return texts.say("repeat.times.open.said", language)


def read_back(texts: Texts, language: str, rhythm: Rhythm, zone: str, now: datetime, *, slid: bool = False) -> str:
    """Return which day is the first of a rhythm in a zone, and the two after it.

    It says so where today would be one of its days and its hour is over, or was when it was to begin (`slid`).
    """
    first, *then = rhythm.next(zone, now, READ_BACK)
    today = now.astimezone(ZoneInfo(zone)).date()
    otherwise = "passed" if slid or is_day(rhythm, today) else "day"
    code = "today" if first[:10] == today.isoformat() else otherwise
    words = [texts.say(f"repeat.first.{code}", language, day=day_of(texts, language, first))]
    if then:
        listed = texts.all_of([day_of(texts, language, each) for each in then], language)
        words.append(texts.say("repeat.first.then", language, days=listed))
    return " ".join(words)


def is_day(rhythm: Rhythm, day: date) -> bool:
    """Return whether something would come on a day if it had begun by then."""
    begun = replace(rhythm.days, start=min(rhythm.days.start, day))
    return begun.after(day - timedelta(days=1)) == day


def days(texts: Texts, language: str, rhythm: Rhythm) -> str:
    """Return on which days something comes."""
    if rhythm.way is not None:
        if len(rhythm.way.days) == 1:
            return texts.count("repeat.joining.one", language, rhythm.way.days[0])
        listed = texts.all_of([str(day) for day in rhythm.way.days], language)
        return texts.say("repeat.joining.more", language, days=listed)
    match rhythm.days.pattern:
        case Daily():
            return texts.say("repeat.daily", language)
        case Weekly(weekdays, apart):
            named = texts.all_of([weekday(day, language) for day in sorted(set(weekdays))], language)
            if apart == 1:
                return texts.say("repeat.weekly", language, days=named)
            return texts.count("repeat.weeks", language, apart, days=named)
        case MonthlyByDay(day) if day == LAST:
            return texts.say("repeat.month_end", language)
        case MonthlyByDay(day):
            return texts.say("repeat.month_day", language, day=day)
        case MonthlyByWeekday(place, day):
            which = texts.say(f"repeat.place.{'last' if place == LAST else place}", language)
            return texts.say("repeat.month_weekday", language, place=which, day=weekday(day, language))


def titles(texts: Texts, dialogs: Dialogs, schedule: Schedule, language: str) -> str:
    """Return the titles of what is asked in turn."""
    known = {each.name: each for each in dialogs.all()}
    found = [wording.choose(known[each.name].title, language) for each in schedule.dialogs if each.name in known]
    return texts.all_of(found, language) if found else schedule.dialogs[0].name


def day_of(texts: Texts, language: str, occurs_on: str) -> str:
    """Return the day of an occurrence as people say it."""
    return texts.day_of(datetime.fromisoformat(occurs_on).date(), language)
