"""What a language defines: its names, its number words, its days and hours, its yes and no."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

DayPart: TypeAlias = Literal["morning", "noon", "afternoon", "night"]


@dataclass(frozen=True, slots=True)
class Register:
    """One way of addressing somebody: `name` is its preference (`usted`), `tag` its language tag."""

    name: str
    tag: str
    own_name: str


@dataclass(frozen=True, slots=True)
class NumberWords:
    """The number words of a language. All words are folded: no accents, no capitals.

    `small` are numbers by themselves. `tens` are followed by a digit, after one of `after_tens` where there are any;
    `hundreds` by either, with or without one of `after_hundreds`. In a language that multiplies its hundreds, `hundred`
    is that word, else ''. `articles` are words for one that may count nothing; `zero` are words for nought, and
    `not_a_number` words that deny a number beside them.
    """

    small: Mapping[str, int]
    tens: Mapping[str, int]
    hundreds: Mapping[str, int]
    after_tens: frozenset[str]
    after_hundreds: frozenset[str]
    hundred: str
    thousand: str
    and_half: frozenset[str]
    halves: frozenset[str]
    point: frozenset[str]
    articles: frozenset[str]
    zero: frozenset[str]
    not_a_number: frozenset[str]


@dataclass(frozen=True, slots=True)
class DateWords:
    """The words of days, folded. `month_first`: speakers write the month first, so `6/12` is only a guess.

    `days` are days from today (`tomorrow`: 1), `units` how many days each is long, `years` words for a year. `fillers`
    mean nothing beside a day, `habits` nothing beside days that come back (`on Mondays`).
    """

    month_first: bool
    months: Mapping[str, int]
    weekdays: Mapping[str, int]
    days: Mapping[str, int]
    units: Mapping[str, int]
    years: frozenset[str]
    fillers: frozenset[str]
    habits: frozenset[str]
    ago: frozenset[str]
    ahead: frozenset[str]
    former: frozenset[str]
    coming: frozenset[str]
    first: frozenset[str]
    ordinal_endings: frozenset[str]


@dataclass(frozen=True, slots=True)
class ClockWords:
    """The words of hours, folded.

    Minutes before the hour stand before it and `to` (`quarter to eight`), or after it and `minus` (`ocho menos
    cuarto`). `units` follow an hour in digits.
    """

    parts: Mapping[str, DayPart]
    minutes: Mapping[str, int]
    to: frozenset[str]
    minus: frozenset[str]
    joins: frozenset[str]
    fillers: frozenset[str]
    units: frozenset[str]
    noon: frozenset[str]
    midnight: frozenset[str]


@dataclass(frozen=True, slots=True)
class MomentWords:
    """The words of moments to come that are neither a day's nor an hour's alone, folded.

    Attributes:
        rewrites: phrases that mean what other words say: `tonight` is `today night`.
        now: phrases for this very moment.
        spans: how many minutes a unit is long.
        half: words for half a unit.
        idioms: phrases for a day, as days from today.
        weekend: words for Saturday and Sunday.
        month_end: phrases for the last day of a month.
        skips: of the words for a coming day, those that may skip the first one (`next Friday`).
        at: phrases right before an hour.
        articles: words right before the number of a day without its month.
        of: words between an hour and its part of the day.
        fillers: words that mean nothing beside a moment.
    """

    rewrites: Mapping[str, str] = field(default_factory=dict)
    now: frozenset[str] = frozenset()
    spans: Mapping[str, int] = field(default_factory=dict)
    half: frozenset[str] = frozenset()
    idioms: Mapping[str, int] = field(default_factory=dict)
    weekend: frozenset[str] = frozenset()
    month_end: frozenset[str] = frozenset()
    skips: frozenset[str] = frozenset()
    at: frozenset[str] = frozenset()
    articles: frozenset[str] = frozenset()
    of: frozenset[str] = frozenset()
    fillers: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class RepeatWords:
    """The words of what comes back, folded.

    Attributes:
        each: words that say that something comes back.
        habit: words that say so of a weekday right after them.
        daily: phrases for every day.
        weekly: phrases for once a week.
        fortnightly: phrases for every second week.
        last_day: phrases for the last day of each month.
        week: words for a week.
        month: words for a month.
        other: words that leave one out (`every other week`).
        places: which of a weekday in a month; -1 is the last.
        plural_days: weekdays that come back by their form alone (`Thursdays`), Monday 1.
        joins: words between two days.
        fillers: words that mean nothing beside them.
        joining: phrases that say that days are counted from when somebody joined.
        within_a_day: phrases for what would come more often than once a day.
    """

    each: frozenset[str] = frozenset()
    habit: frozenset[str] = frozenset()
    daily: frozenset[str] = frozenset()
    weekly: frozenset[str] = frozenset()
    fortnightly: frozenset[str] = frozenset()
    last_day: frozenset[str] = frozenset()
    week: frozenset[str] = frozenset()
    month: frozenset[str] = frozenset()
    other: frozenset[str] = frozenset()
    places: Mapping[str, int] = field(default_factory=dict)
    plural_days: Mapping[str, int] = field(default_factory=dict)
    joins: frozenset[str] = frozenset()
    fillers: frozenset[str] = frozenset()
    joining: frozenset[str] = frozenset()
    within_a_day: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Shape:
    """Ways of saying a phrase of danger; `<slot>` stands for any word of a slot of its language.

    Attributes:
        words: each way, parted by commas.
        unless: words that make each mean something else when one of them comes next ("me pegó la gripe").
        after: words that do so when one of them comes right before.
    """

    words: str
    unless: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class DangerPhrase:
    """A phrase that rings once the organisation has accepted it, as it is proposed, and every way of saying it."""

    text: str
    shapes: tuple[Shape, ...]


@dataclass(frozen=True, slots=True)
class DangerTable:
    """What a language says in danger.

    Attributes:
        phrases: what is proposed to ring.
        marks: what is marked: words and verb forms, parted by commas.
        slots: words that may stand in the same place, by the slot's name.
        denials: words that deny a phrase right after them.
        subjects: words by which a phrase begins with who does it: such a phrase is not denied by the word before it.
    """

    phrases: tuple[DangerPhrase, ...] = ()
    marks: str = ""
    slots: Mapping[str, str] = field(default_factory=dict)
    denials: frozenset[str] = frozenset()
    subjects: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class PromiseTable:
    """What should not be promised to anybody in a language, by whomever it is written.

    Attributes:
        kinds: regular expressions of whole words, by what they promise.
        allowed: a regular expression of what says that it is not so, or is meant otherwise.
    """

    kinds: Mapping[str, str] = field(default_factory=dict)
    allowed: str = "(?!)"


@dataclass(frozen=True, slots=True)
class ExposureTable:
    """What in a text about a group tells of one or few people: regular expressions over plain text, without accents.

    Attributes:
        people: words for people that are counted, and "of you".
        saying: what people do who are counted without such a word ("three said").
        between: what may stand between a number and who is counted.
        of: what stands between two numbers of a share ("twelve of fourteen").
        percent: signs and words of a percentage.
        only: what makes a number few.
        before: what a number of people stands behind, alone ("we were nine").
        but: what a number of people is left out by ("all but two").
        shares: shares in words that amount to a number.
        ones: what tells of one person, without a number.
        bands: what makes a number a band: "more than fifteen".
        below: what makes a number a band that ends there: "less than fifteen".
        ranges: bands of two numbers, where `{n}` is each.
        minority: what tells of the fewer.
        posts: what only one person holds, or does.
        of_place: what, before the name of a place, means somebody from there.
        words: nicknames that are common words, too, with which a sentence may begin without an article; no accents.
        acts: what follows one of them there where it is a nickname.
    """

    people: str = "(?!)"
    saying: str = "(?!)"
    between: str = ""
    of: str = "(?!)"
    percent: str = "%"
    only: str = "(?!)"
    before: str = "(?!)"
    but: str = "(?!)"
    shares: str = "(?!)"
    ones: str = "(?!)"
    bands: str = "(?!)"
    below: str = "(?!)"
    ranges: tuple[str, ...] = ()
    minority: str = "(?!)"
    posts: tuple[str, ...] = ()
    of_place: str = "(?!)"
    words: frozenset[str] = frozenset()
    acts: str = ""


@dataclass(frozen=True, slots=True)
class LanguageRules:
    """Everything that conversing in one language needs beside its catalogs.

    Attributes:
        tag: the language's tag, without any register.
        own_name: what its speakers call it.
        locale: the nearest locale that Babel formats in.
        date_pattern: a day of any year, as a CLDR pattern.
        day_pattern: a day of the current year, as a CLDR pattern.
        week_begins: the first day of a week in a calendar; Monday is 0.
        habit_ending: the ending of a weekday that comes back: "on Thursdays".
        yes: what confirms a guess, folded.
        no: what rejects one, folded.
        conjunctions: the words for "and" between things that are listed.
        other_and: where "and" is another word, as a regular expression, and that word ("español e inglés").
        none_of_these: what says that no choice on offer fits, folded.
        numbers: number words.
        dates: words of days.
        clock: words of hours.
        moments: words of moments to come.
        repeats: words of what comes back.
        registers: ways of addressing somebody, where the language has several; the plain one is the language's own.
        danger: what is said in danger.
        promises: what should not be promised.
        exposure: what tells of one or few people.
    """

    tag: str
    own_name: str
    locale: str
    date_pattern: str
    day_pattern: str
    week_begins: int
    habit_ending: str
    yes: frozenset[str]
    no: frozenset[str]
    conjunctions: frozenset[str]
    none_of_these: frozenset[str]
    numbers: NumberWords
    dates: DateWords
    clock: ClockWords
    moments: MomentWords = MomentWords()
    repeats: RepeatWords = RepeatWords()
    registers: tuple[Register, ...] = ()
    other_and: tuple[str, str] | None = None
    danger: DangerTable = DangerTable()
    promises: PromiseTable = PromiseTable()
    exposure: ExposureTable = ExposureTable()


def words(listed: str) -> frozenset[str]:
    """Split a list of single words at its blanks."""
    return frozenset(listed.split())


def phrases(listed: str) -> frozenset[str]:
    """Split a list of phrases at its commas."""
    return frozenset(listed.split(", "))


def counted(listed: str, start: int = 0, step: int = 1) -> dict[str, int]:
    """Number the words of a list, from `start` in steps of `step`."""
    return {word: start + step * place for place, word in enumerate(listed.split())}
