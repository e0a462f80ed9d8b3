"""What comes back: against a walk over every day, and over every minute of the days on which a zone's clock jumps."""

from calendar import monthrange
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import islice
from random import Random
from zoneinfo import ZoneInfo, available_timezones

import pytest

from dialogs.recurrence import (
    FARTHEST,
    LAST,
    AfterJoining,
    BadRule,
    Daily,
    MonthlyByDay,
    MonthlyByWeekday,
    Pattern,
    Recurrence,
    Weekly,
    moment,
)
from tests import amounts

A_DAY, A_MINUTE = timedelta(days=1), timedelta(minutes=1)
SINCE, UNTIL = date(2015, 1, 1), date(2027, 12, 31)
SHOWN = 60  # days of a rule that are compared
MEXICO, NEW_YORK = ZoneInfo("America/Mexico_City"), ZoneInfo("America/New_York")


# The walk: what a person with a wall calendar and a clock would find, with no library.


def fits(pattern: Pattern, day: date) -> bool:
    """Look at one day on the calendar."""
    longest = monthrange(day.year, day.month)[1]
    match pattern:
        case Daily():
            return True
        case Weekly(weekdays):
            return day.weekday() in weekdays
        case MonthlyByDay(number):
            return day.day == (longest if number == LAST else min(number, longest))
        case MonthlyByWeekday(place, weekday):
            ahead, behind = (day.day - 1) // 7 + 1, day.day + 7 > longest
            return day.weekday() == weekday and (behind if place == LAST else ahead == place)


def period(pattern: Pattern, day: date) -> int:
    """Number the weeks, or the months, of all time."""
    return (day.toordinal() - 1) // 7 if isinstance(pattern, Weekly) else day.year * 12 + day.month


def walked(rule: Recurrence) -> Iterator[date]:
    """Turn every page of the calendar."""
    day, last = rule.start, min(rule.until or date.max, rule.start + FARTHEST)
    first, found = None, 0
    apart = getattr(rule.pattern, "apart", 1)
    while day <= last and (rule.times is None or found < rule.times):
        if fits(rule.pattern, day):
            first = period(rule.pattern, day) if first is None else first
            if (period(rule.pattern, day) - first) % apart == 0:
                found += 1
                yield day
        day += A_DAY


@cache
def minutes(zone: ZoneInfo, day: date) -> list[tuple[datetime, datetime]]:
    """Return what a clock shows at every minute around a day, each beside the moment in UTC."""
    begins = datetime.combine(day, time(), UTC) - timedelta(hours=16)
    moments = [begins + each * A_MINUTE for each in range(60 * (24 + 32))]
    return [(each.astimezone(zone).replace(tzinfo=None), each) for each in moments]


def looked_up(day: date, at: time, zone: ZoneInfo) -> datetime:
    """Watch the clock all day: the first minute that shows this hour, else the first after the clock jumped over it."""
    wanted, before = datetime.combine(day, at), None
    for shown, when in minutes(zone, day):
        if shown == wanted or (before is not None and before < wanted < shown):
            return when
        before = shown
    raise AssertionError((day, at, zone))


@cache
def changing() -> list[tuple[ZoneInfo, tuple[date, ...]]]:
    """Find every zone whose clock was set since 2015, and the days on which it was; one of those that are the same."""
    found: dict[tuple[tuple[date, timedelta | None], ...], ZoneInfo] = {}
    for name in sorted(available_timezones()):
        zone, before, days = ZoneInfo(name), None, []
        for number in range((UNTIL - SINCE).days + 1):
            day = SINCE + number * A_DAY
            offset = datetime.combine(day, time(), UTC).astimezone(zone).utcoffset()
            if before is not None and offset != before:
                days.append((day, offset))
            before = offset
        if days:
            found.setdefault(tuple(days), zone)
    return [(zone, tuple(day for day, _ in days)) for days, zone in found.items()]


def made(random: Random) -> Recurrence:
    """Make a rule of every kind, with every end."""
    pattern = random.choice(
        [
            Daily(),
            Weekly(tuple(random.sample(range(7), random.randint(1, 4))), random.randint(1, 6)),
            MonthlyByDay(random.choice([LAST, *range(1, 32)]), random.randint(1, 5)),
            MonthlyByWeekday(random.choice([1, 2, 3, 4, LAST]), random.randrange(7), random.randint(1, 5)),
        ]
    )
    start = SINCE + random.randrange((UNTIL - SINCE).days) * A_DAY
    times = random.choice([None, random.randint(1, SHOWN)])
    until = random.choice([None, start + random.randint(400, 900) * A_DAY])
    return Recurrence(pattern, start, times, until)


def compare(seed: int, zones: list[tuple[ZoneInfo, tuple[date, ...]]], rules: int) -> None:
    """Compare rules with the walk: their days, and their moments where the clock jumps and where it does not."""
    for number in range(rules):
        random = Random(f"{seed} {number}")
        rule = made(random)
        days = list(islice(rule.days(), SHOWN))
        assert days == list(islice(walked(rule), SHOWN)), rule
        zone, jumps = random.choice(zones)
        at = random.choice([time(random.randrange(24), random.choice([0, 30, random.randrange(60)])), time(2, 30)])
        jump = random.choice(jumps) + random.randint(-1, 1) * A_DAY
        # The same rule, begun so that one of its days is the one on which the clock jumps.
        moved = Recurrence(Weekly((jump.weekday(),)), jump - 14 * A_DAY, times=5)
        assert moment(list(moved.days())[2], at, zone) == looked_up(jump, at, zone), (jump, at, zone)
        told = [moment(day, at, zone) for day in days]
        assert len(set(told)) == len(told), (rule, at, zone)
        shown = [each.astimezone(zone).replace(tzinfo=None) for each in told]
        assert all(one.date() >= day for one, day in zip(shown, days, strict=True)), (rule, at, zone)


def test_a_few_dozen_rules_come_when_a_walk_finds_them() -> None:
    """Zones that jump forward and back, in both halves of the world, by half an hour and by more."""
    zones = [
        (MEXICO, (date(2022, 4, 3), date(2022, 10, 30))),
        (NEW_YORK, (date(2026, 3, 8), date(2026, 11, 1))),
        (ZoneInfo("Australia/Lord_Howe"), (date(2026, 4, 5), date(2026, 10, 4))),
        (ZoneInfo("Asia/Pyongyang"), (date(2015, 8, 15), date(2018, 5, 5))),
    ]
    compare(1, zones, 40)


@pytest.mark.proof
@pytest.mark.timeout(0)
def test_thousands_of_rules_come_when_a_walk_finds_them_in_every_zone_that_changed() -> None:
    """Every zone whose clock was set since 2015."""
    zones = changing()
    assert len(zones) > 60
    compare(2, zones, amounts.RULES.value)


@pytest.mark.parametrize(
    ("day", "at", "zone", "when"),
    [
        (date(2022, 4, 3), time(2, 30), MEXICO, "2022-04-03T08:00"),  # there is no half past two: at three
        (date(2022, 10, 30), time(1, 30), MEXICO, "2022-10-30T06:30"),  # it is half past one twice: the first time
        (date(2026, 11, 1), time(1, 30), NEW_YORK, "2026-11-01T05:30"),
        (date(2011, 12, 30), time(19), ZoneInfo("Pacific/Apia"), "2011-12-30T10:00"),  # there is no such day
        (date(2026, 12, 3), time(19), MEXICO, "2026-12-04T01:00"),
    ],
)
def test_an_hour_that_is_skipped_comes_when_the_clock_goes_on_and_one_that_comes_twice_once(
    day: date, at: time, zone: ZoneInfo, when: str
) -> None:
    """The wall time holds."""
    assert moment(day, at, zone) == datetime.fromisoformat(when).replace(tzinfo=UTC)


def test_a_daily_rule_fires_once_in_the_repeated_hour() -> None:
    """A known fault of others."""
    rule = Recurrence(Daily(), date(2026, 10, 31), times=3)
    told = [moment(day, time(1, 30), NEW_YORK) for day in rule.days()]
    assert [each.isoformat() for each in told] == [
        "2026-10-31T05:30:00+00:00",
        "2026-11-01T05:30:00+00:00",
        "2026-11-02T06:30:00+00:00",
    ]


def test_the_thirty_first_comes_on_the_last_day_of_shorter_months() -> None:
    """Nobody is passed over in February; and every second month is counted from the first that came."""
    rule = Recurrence(MonthlyByDay(31), date(2027, 1, 5), times=4)
    assert [each.isoformat() for each in rule.days()] == ["2027-01-31", "2027-02-28", "2027-03-31", "2027-04-30"]
    assert rule.after(date(2027, 4, 30)) is None
    second = Recurrence(Weekly((0, 3), apart=2), date(2026, 12, 2), times=4)
    assert [each.isoformat() for each in second.days()] == ["2026-12-03", "2026-12-14", "2026-12-17", "2026-12-28"]
    assert second.after(date(2026, 12, 14)) == date(2026, 12, 17)


def test_days_after_joining_are_counted_from_each_persons_own() -> None:
    """Day 3, day 10, day 30."""
    assert AfterJoining((3, 10, 30)).of(date(2026, 12, 29)) == (date(2027, 1, 1), date(2027, 1, 8), date(2027, 1, 28))


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda: MonthlyByDay(32), "no_such_day"),
        (lambda: MonthlyByDay(0), "no_such_day"),
        (lambda: MonthlyByWeekday(5, 3), "no_such_day"),
        (lambda: Weekly(()), "no_such_day"),
        (lambda: Weekly((7,)), "no_such_day"),
        (lambda: Weekly((3,), apart=0), "too_often"),
        (lambda: Weekly((3,), apart=27), "too_far_apart"),
        (lambda: MonthlyByDay(1, apart=-1), "too_often"),
        (lambda: Recurrence(Daily(), date(2026, 12, 3), until=date(2026, 12, 2)), "end_before_start"),
        (lambda: Recurrence(Weekly((3,)), date(2026, 12, 4), until=date(2026, 12, 9)), "never"),
        (lambda: Recurrence(Daily(), date(2026, 12, 3), times=0), "never"),
        (lambda: Recurrence(Daily(), date(2026, 12, 3), times=100_000), "too_many"),
        (lambda: Recurrence(Daily(), date(9999, 12, 31)), "no_such_day"),
        (lambda: AfterJoining(()), "never"),
        (lambda: AfterJoining((0,)), "too_often"),
        (lambda: AfterJoining((10, 3)), "no_such_day"),
        (lambda: AfterJoining((100_000,)), "too_far_apart"),
    ],
)
def test_what_nothing_can_follow_is_refused_at_once(make: Callable[[], object], code: str) -> None:
    """A rule that never comes, or every second, is never made: no loop can wait for it."""
    with pytest.raises(BadRule) as refused:
        make()
    assert refused.value.code == code
