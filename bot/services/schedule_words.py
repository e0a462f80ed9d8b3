"""A rhythm as people say it: "cada jueves a las 7 de la tarde", "the first Monday of each month at noon"."""

from datetime import datetime

from bot.rendering.texts import Texts
from bot.services.organisation import PARTS_OF_DAY, weekday
from bot.services.rhythms import Rhythm
from dialogs.recurrence import LAST, Daily, MonthlyByDay, MonthlyByWeekday, Weekly


def told(texts: Texts, language: str, rhythm: Rhythm) -> str:
    """Return on which days and at which hour something comes."""
    part = next(code for until, code in PARTS_OF_DAY if rhythm.at.hour < until)
    hour = str(rhythm.at.hour % 12 or 12) + (f":{rhythm.at.minute:02}" if rhythm.at.minute else "")
    code = "time.at.one" if rhythm.at.hour % 12 == 1 else "time.at"
    return texts.say(code, language, day=days(texts, language, rhythm), hour=hour, part=texts.say(part, language))


def days(texts: Texts, language: str, rhythm: Rhythm) -> str:
    """Return on which days something comes."""
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


def day_of(texts: Texts, language: str, occurs_on: str) -> str:
    """Return the day of an occurrence as people say it."""
    return texts.day_of(datetime.fromisoformat(occurs_on).date(), language)
