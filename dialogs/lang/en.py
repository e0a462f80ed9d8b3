"""English."""

from __future__ import annotations

from typing import Final

from dialogs.lang import danger_en, exposure_en, promises_en
from dialogs.lang.rules import (
    ClockWords,
    DateWords,
    LanguageRules,
    MomentWords,
    NumberWords,
    RepeatWords,
    counted,
    phrases,
    words,
)

_NUMBERS: Final = NumberWords(
    small=counted(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
        "seventeen eighteen nineteen"
    ),
    tens=counted("twenty thirty forty fifty sixty seventy eighty ninety", 20, 10),
    hundreds={},
    after_tens=frozenset(),
    after_hundreds=words("and"),
    hundred="hundred",
    thousand="thousand",
    and_half=phrases("and a half"),
    halves=phrases("half, a half"),
    point=words("point"),
    articles=words("a an"),
    zero=words("none nobody nothing"),
    not_a_number=words("not nor no"),
)
_DATES: Final = DateWords(
    month_first=True,
    months={
        **counted("january february march april may june july august september october november december", 1),
        **counted("jan feb mar apr may jun jul aug sep oct nov dec", 1),
        "sept": 9,
    },
    weekdays=counted("monday tuesday wednesday thursday friday saturday sunday", 1),
    days={
        "today": 0,
        "yesterday": -1,
        "tomorrow": 1,
        "day before yesterday": -2,
        "day after tomorrow": 2,
    },
    units={"day": 1, "days": 1, "week": 7, "weeks": 7},
    years=words("year years"),
    fillers=words("the on of this in"),
    habits=words("on"),
    ago=words("ago"),
    ahead=words("in"),
    former=words("last"),
    coming=words("next"),
    first=words("first"),
    ordinal_endings=words("st nd rd th"),
)
_CLOCK: Final = ClockWords(
    parts={
        "morning": "morning",
        "noon": "noon",
        "afternoon": "afternoon",
        "evening": "night",
        "night": "night",
    },
    minutes={"half": 30, "quarter": 15},
    to=words("to"),
    minus=frozenset(),
    joins=words("and past"),
    fillers=words("a in the at o clock oclock h hrs"),
    units=words("h hr hrs"),
    noon=phrases("noon, at noon"),
    midnight=words("midnight"),
)
_MOMENTS: Final = MomentWords(
    rewrites={
        "tonight": "today night",
        "this morning": "today morning",
        "this afternoon": "today afternoon",
        "this evening": "today evening",
        "day after tomorrow": "dayaftertomorrow",
        "first thing": "morning",
        "early": "morning",
        "midday": "noon",
        "lunchtime": "noon",
        "lunch time": "noon",
        "o clock": "",
        "oclock": "",
        "around": "at",
        "about": "at",
        "sharp": "",
        "please": "",
        "from now": "ahead",
    },
    now=phrases("now, right now, at once, this minute, straight away"),
    spans={"minute": 1, "minutes": 1, "min": 1, "mins": 1, "hour": 60, "hours": 60, "hr": 60, "hrs": 60},
    half=words("half"),
    idioms={
        "dayaftertomorrow": 2,
        "a week today": 7,
        "a week from today": 7,
        "1 week from today": 7,
        "a week tomorrow": 8,
        "a week from tomorrow": 8,
        "in a fortnight": 14,
    },
    weekend=words("weekend"),
    month_end=phrases("end of month, end of the month, last day of the month"),
    skips=words("next"),
    at=words("at"),
    articles=words("the"),
    of=words("of"),
    fillers=words("for by on let s say"),
)
_REPEATS: Final = RepeatWords(
    each=words("every each"),
    daily=phrases("every day, daily, each day"),
    weekly=phrases("every week, weekly, each week, once a week, 1 a week"),
    fortnightly=phrases("every fortnight, fortnightly, every other week, every 2nd week, every 2 weeks"),
    last_day=phrases("the last day of each month, the last day of every month, last day of every month"),
    week=words("week weeks"),
    month=words("month months"),
    other=words("other"),
    places={"first": 1, "second": 2, "third": 3, "fourth": 4, "last": -1},
    plural_days=counted("mondays tuesdays wednesdays thursdays fridays saturdays sundays", 1),
    joins=words("and"),
    fillers=words("the on of in day"),
    joining=phrases("after joining, after they join, after they joined, after someone joins, after somebody joins"),
    within_a_day=phrases("every second, every minute, every hour, each second, each minute, each hour, hourly"),
)

RULES: Final = LanguageRules(
    tag="en",
    own_name="English",
    locale="en",
    date_pattern="EEEE d MMMM y",
    day_pattern="EEEE d MMMM",
    week_begins=6,
    habit_ending="s",
    yes=phrases("yes, yep, y, ok, okay, that s it"),
    no=words("no nop nope other another"),
    conjunctions=words("and"),
    none_of_these=phrases(
        "none, none of them, none of these, none of those, none of the above, neither, not any of these, other, "
        "another, something else, i don t know, i dont know, don t know, dont know, idk, not sure, it depends, n a"
    ),
    numbers=_NUMBERS,
    dates=_DATES,
    clock=_CLOCK,
    moments=_MOMENTS,
    repeats=_REPEATS,
    danger=danger_en.DANGER,
    promises=promises_en.PROMISES,
    exposure=exposure_en.EXPOSURE,
)
