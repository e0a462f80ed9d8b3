"""Anything may happen to what comes back, in any order: begun, paused, left out, moved, ended; people come, move, rest
and leave; the bot dies, sleeps and is cut off. After each step everything that was promised still holds.

How many histories: tests/amounts.py.
"""

import contextlib
import os
import tempfile
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any, ClassVar
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test
from sqlalchemy import select

from bot import clock
from bot.services import own_time, own_zone, schedules
from bot.services.members import WELCOME_AT
from bot.services.refusals import ActRefused
from bot.services.rhythms import Rhythm
from bot.services.week import TELLING_WAITS
from dialogs.recurrence import LAST, Daily, MonthlyByDay, MonthlyByWeekday, Pattern, Recurrence, Weekly
from storage.tables import broadcasts, deliveries, runs
from storage.unit import Unit
from tests import amounts
from tests.bot.phone import Phone
from tests.bot.rig import PURPOSE
from tests.rhythm.ledger import AGAIN, REASONS, within
from tests.rhythm.world import Sent, World

BEGINS = datetime(2026, 3, 3, 18, tzinfo=UTC)  # some days before the clocks change in Tijuana
HOME = "America/Mexico_City"
ZONES = (HOME, "America/Tijuana", "Europe/Madrid", "Pacific/Auckland", "America/Santiago")
HOURS = ((), ("morning",), ("evening",), ("weekend",))
A_MINUTE, HOUR, DAY, WEEK = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1), timedelta(days=7)
SPANS = (HOUR, 5 * HOUR, 12 * HOUR, DAY, 3 * DAY, WEEK)
LEADERS, BEGUN = 3, 2
WINDOW = timedelta(days=3)  # in which an occurrence may be answered, where each person is
CHECKED_EVERY = timedelta(hours=12)
WHAT = ("pause", "resume", "resume", "skip", "skip", "unskip", "end", "change")
SAID = ("/menu", "/menu", "/pausa", "/seguir", "/seguir", "/salir")
WAYS: tuple[own_time.Way, ...] = ("", "", "own", "no")
LONG = amounts.HISTORIES.extended
ANY = LONG and "HILO_SEED" not in os.environ  # whatever chance gives; else what a seed gives, always the same

PATTERNS: tuple[Pattern, ...] = (
    Weekly((3,)), Weekly((0, 4)), Weekly((5,)), Weekly((1,), 2), Weekly((1, 3)), MonthlyByDay(9), MonthlyByDay(31),
    MonthlyByWeekday(2, 1), MonthlyByWeekday(LAST, 4),
)  # fmt: skip  # a list reads better in rows


def fits(pattern: Pattern, start: date, most: int) -> list[date]:
    """Walk over every day from a start on, and return the days that fit, without the arithmetic that is tested."""
    days = [start + place * DAY for place in range(most)]
    match pattern:
        case Weekly(weekdays, apart):
            found = [day for day in days if day.weekday() in weekdays]
            monday = found[0] - found[0].weekday() * DAY if found else start
            return [day for day in found if (day - monday).days // 7 % apart == 0]
        case MonthlyByDay(number):
            return [day for day in days if day.day == min(number, _length(day))]
        case MonthlyByWeekday(place, weekday):
            same = [day for day in days if day.weekday() == weekday]
            if place == LAST:
                return [day for day in same if day.day + 7 > _length(day)]
            return [day for day in same if (day.day - 1) // 7 == place - 1]
        case Daily():
            return days


def _length(day: date) -> int:
    return ((day.replace(day=28) + 4 * DAY).replace(day=1) - DAY).day


@dataclass
class Known:
    """What this test knows of one schedule."""

    pattern: Pattern
    at: time
    start: date
    times: int | None
    touched: datetime
    active: bool | None = True  # None: it may rest by itself
    out: set[date] = field(default_factory=set)
    left_out: set[date] = field(default_factory=set)  # and not put back, nor another hour chosen since
    ever: set[date] = field(default_factory=set)

    def days(self) -> list[date]:
        """Return its days, for a year."""
        found = fits(self.pattern, self.start, 400)
        return found if self.times is None else found[: self.times]


@dataclass
class Someone:
    """What this test knows of one leader."""

    phone: Phone
    id: UUID
    joined: datetime
    zone: str = HOME
    hours: tuple[str, ...] = ()
    touched: datetime = BEGINS
    left: datetime | None = None
    paused: datetime | None = None
    ways: dict[UUID, tuple[str, datetime]] = field(default_factory=dict)
    postponed: int = 0
    spoke: datetime = BEGINS


class Broken(AssertionError):
    """Something does not hold that was promised."""


class Rhythms(RuleBasedStateMachine):
    """One installation, and everything that may happen to what comes back in it.

    Attributes:
        home: where installations are made: what is in memory is written soonest.
    """

    home: ClassVar[Path | None] = None

    @initialize(number=st.integers(0, 1000), patterns=st.tuples(*[st.sampled_from(PATTERNS)] * BEGUN))
    def begin(self, number: int, patterns: tuple[Pattern, ...]) -> None:
        """Let some leaders be there, and the team, and what comes back."""
        self.folder = tempfile.TemporaryDirectory(dir=self.home)
        self.world = World(Path(self.folder.name), number, BEGINS)
        self.world.patient = True
        self.known: dict[UUID, Known] = {}
        self.someone: list[Someone] = []
        self.disturbed = BEGINS  # when something last happened that may make anything late
        self.by_hand: list[datetime] = []
        for _ in range(LEADERS):
            self.joins()
        self.ana = self.world.facilitator()
        for place, pattern in enumerate(patterns):
            self.begins(pattern=pattern, hour=(19, 9)[place % 2], times=None)

    def teardown(self) -> None:
        """Let go of everything."""
        if hasattr(self, "world"):
            self.world.close()
            self.folder.cleanup()

    # What may happen.

    @precondition(lambda self: hasattr(self, "world") and len(self.someone) < 2 * LEADERS)
    @rule()
    def joins(self) -> None:
        """Somebody comes in who was welcomed before."""
        phone = self.world.join(nickname=f"Flor {len(self.someone)}")
        with self.world.unit() as unit:
            person = unit.people.prefer(phone.person, **{WELCOME_AT: None})
        self.someone.append(Someone(phone, person.id, self.world.now, spoke=self.world.now))

    @precondition(lambda self: len(self.known) < 3)
    @rule(pattern=st.sampled_from(PATTERNS), hour=st.sampled_from((9, 13, 19)), times=st.sampled_from((1, 2, 3, None)))
    def begins(self, pattern: Pattern, hour: int, times: int | None) -> None:
        """One of the team begins something."""
        start = self.world.now.astimezone(ZoneInfo(HOME)).date()
        rhythm = Rhythm(Recurrence(pattern, start, times), time(hour))

        def act(unit: Unit) -> None:
            cohort = unit.cohorts.list()[0]
            dialog = self.world.content.dialog("check_in")
            made = schedules.begin(
                *(unit, self.world.turns.content, self.world.turns.organisation, [dialog], cohort, PURPOSE, rhythm),
                key=clock.new_id().hex,
                by=unit.people.get(self.ana.person.id),
            )
            self.known[made.id] = Known(pattern, time(hour), start, times, self.world.now)
            self.known[made.id].ever |= set(self.known[made.id].days())

        self.acts(act)

    def acts(self, work: Callable[[Unit], Any]) -> bool:
        """Do something as the team does; return whether it was not refused."""
        try:
            with self.world.unit() as unit:
                work(unit)
        except ActRefused:
            return False
        return True

    def one(self, number: int) -> tuple[UUID, Known] | None:
        """Return one of the schedules."""
        return [*self.known.items()][number % len(self.known)] if self.known else None

    @rule(number=st.integers(0, 9), what=st.sampled_from(WHAT))
    def changes(self, number: int, what: str) -> None:
        """One of the team pauses, resumes, leaves out, puts back, ends or moves one."""
        if (found := self.one(number)) is None:
            return
        schedule_id, known = found
        facts = self.world.turns.organisation
        new = Rhythm(Recurrence(known.pattern, known.start, known.times), time(9 if known.at.hour != 9 else 19))
        acts: dict[str, Callable[[Unit, Any], object]] = {
            "pause": lambda unit, by: schedules.pause(unit, schedule_id, by),
            "resume": lambda unit, by: schedules.resume(unit, facts, schedule_id, by),
            "skip": lambda unit, by: schedules.skip(unit, schedule_id, by),
            "unskip": lambda unit, by: schedules.unskip(unit, facts, schedule_id, by),
            "end": lambda unit, by: schedules.end(unit, schedule_id, by),
            "change": lambda unit, by: schedules.change_rhythm(unit, facts, schedule_id, new, by),
        }
        with self.world.reading() as unit:
            before = unit.schedules.get(schedule_id)
        if not self.acts(lambda unit: acts[what](unit, unit.people.get(self.ana.person.id))):
            return
        known.touched = self.world.now
        if what in {"pause", "end"}:
            known.active = False
        elif what == "resume":
            known.active = True
        elif what == "change":
            known.at = new.at
            known.left_out.clear()
        elif what == "skip":
            with self.world.reading() as unit:
                after = unit.schedules.get(schedule_id)
            assert before is not None
            assert after is not None
            if after.next_on != before.next_on and before.next_on is not None:
                known.out.add(date.fromisoformat(before.next_on[:10]))
                known.left_out.add(date.fromisoformat(before.next_on[:10]))
        elif what == "unskip":
            known.out.clear()
            known.left_out.clear()

    @rule(number=st.integers(0, 9), zone=st.sampled_from(ZONES))
    def moves(self, number: int, zone: str) -> None:
        """Somebody lives elsewhere from now on."""
        someone = self.someone[number % len(self.someone)]
        with self.world.unit() as unit:
            own_zone.change(unit, unit.people.known(someone.id), zone)
        someone.zone, someone.touched = zone, self.world.now

    @rule(number=st.integers(0, 9), hours=st.sampled_from(HOURS))
    def prefers(self, number: int, hours: tuple[str, ...]) -> None:
        """Somebody has other hours from now on."""
        someone = self.someone[number % len(self.someone)]
        with self.world.unit() as unit:
            unit.people.prefer(unit.people.known(someone.id), hours=list(hours) or None)
        someone.hours, someone.touched = hours, self.world.now

    @rule(number=st.integers(0, 9), which=st.integers(0, 9), way=st.sampled_from(WAYS))
    def chooses(self, number: int, which: int, way: own_time.Way) -> None:
        """Somebody says how she wants one of them."""
        if (found := self.one(which)) is None:
            return
        someone = self.someone[number % len(self.someone)]
        with self.world.unit() as unit:
            own_time.choose(unit, unit.people.known(someone.id), found[0], way)
        someone.ways[found[0]] = way, self.world.now

    @rule(number=st.integers(0, 9), what=st.sampled_from(SAID))
    def speaks(self, number: int, what: str) -> None:
        """Somebody comes by, takes a break, comes back, or leaves for good."""
        someone = self.someone[number % len(self.someone)]
        if someone.left is not None:
            return
        someone.phone.say(what)
        someone.spoke = someone.touched = self.world.now
        with contextlib.suppress(LookupError):
            if what == "/pausa" and someone.paused is None:
                someone.phone.press("Yo te aviso")
                someone.paused = self.world.now
            elif what == "/seguir":
                someone.paused = None
            elif what == "/salir" and sum(each.left is None for each in self.someone) > 1:
                someone.phone.press("Sí, me salgo")
                someone.left = self.world.now
        if not any(each.left is None and each.paused is None for each in self.someone):
            for known in self.known.values():
                known.active = known.active and None
        self.world.happens()

    @rule(number=st.integers(0, 9), how=st.sampled_from(("Sí, ahora", "Más tarde", "2 · 🙁 Bajo")))
    def answers(self, number: int, how: str) -> None:
        """Somebody presses what is there."""
        someone = self.someone[number % len(self.someone)]
        shown = [each for each in someone.phone.heard if each.keyboard]
        if someone.left is None and someone.paused is None and shown and how in shown[-1].labels:
            someone.phone.press(how)
            someone.postponed += how == "Más tarde"
            someone.spoke = self.world.now
            self.world.happens()

    @precondition(lambda self: len(self.by_hand) < 3)
    @rule()
    def orders(self) -> None:
        """The team asks something by hand, in the daytime."""
        local = self.world.now.astimezone(ZoneInfo(HOME))
        if 9 <= local.hour < 18 and sum(self.world.now - each < WEEK for each in self.by_hand) < 1:
            with contextlib.suppress(ActRefused):
                self.world.order()
                self.by_hand.append(self.world.now)
                self.world.happens()

    @rule()
    def role(self) -> None:
        """Whoever began them loses the role for a day, has it again, and takes up what rests because of that."""
        for known in self.known.values():
            known.active = known.active and None
        with self.world.unit() as unit:
            unit.roles.revoke(self.ana.person.id, "facilitator")
        self.live_until(self.world.now + DAY)
        with self.world.unit() as unit:
            unit.roles.grant(clock.new_id(), self.ana.person.id, "facilitator", unit.cohorts.list()[0].id)
        for schedule_id, known in self.known.items():
            known.touched = self.world.now
            if known.active is None and self.takes_up(schedule_id):
                known.active = True

    def takes_up(self, schedule_id: UUID) -> bool:
        """Let the team take up what rests by itself; return whether it goes on."""
        facts = self.world.turns.organisation
        self.acts(lambda unit: schedules.resume(unit, facts, schedule_id, unit.people.get(self.ana.person.id)))
        with self.world.reading() as unit:
            found = unit.schedules.get(schedule_id)
        return found is not None and found.state == "active"

    @rule(span=st.sampled_from(SPANS))
    def passes(self, span: timedelta) -> None:
        """Time passes, with the bot awake."""
        self.live_until(self.world.now + span)

    @rule(number=st.integers(0, 9), hours=st.sampled_from((-2, 1)))
    def comes_close(self, number: int, hours: int) -> None:
        """Time passes until shortly before, or just after, one of them comes next."""
        if (found := self.one(number)) is None:
            return
        walls = (datetime.combine(day, found[1].at, ZoneInfo(HOME)).astimezone(UTC) for day in found[1].days())
        moment = next((wall + hours * HOUR for wall in walls if wall + hours * HOUR > self.world.now), None)
        if moment is not None and moment - self.world.now < 2 * WEEK:
            self.live_until(moment)

    @rule(span=st.sampled_from(SPANS))
    def sleeps(self, span: timedelta) -> None:
        """Time passes without the bot."""
        self.world.restart()
        self.world.now += span
        self.disturbed = self.world.now
        self.world.happens()
        self.live_until(self.world.now + HOUR)

    @rule(span=st.sampled_from(SPANS[:4]))
    def is_cut_off(self, span: timedelta) -> None:
        """Time passes without the network."""
        self.world.net.down = True
        self.live_until(self.world.now + span, check=False)
        self.world.net.down = False
        self.disturbed = self.world.now
        self.live_until(self.world.now + HOUR)

    @rule(steps=st.integers(0, 12), span=st.sampled_from(SPANS[3:]))
    def dies(self, steps: int, span: timedelta) -> None:
        """The process dies at one of its next steps."""
        self.world.life.end_after(steps)
        self.live_until(self.world.now + span)
        self.world.life.end_after(None)

    def live_until(self, moment: datetime, *, check: bool = True) -> None:
        """Go on to each moment at which something is due."""
        checked = self.world.now
        while self.world.now < moment:
            self.world.now = min(self.world.next_due(), moment)
            self.world.happens()
            if check and self.world.now - checked >= CHECKED_EVERY:
                checked = self.world.now
                self.check()
        if check:
            self.check()

    # What must hold.

    def check(self) -> None:
        """See that everything holds."""
        wrong = [*self.wrong()]
        if wrong:
            raise Broken("\n".join(wrong[:20]))

    def wrong(self) -> list[str]:
        """List what does not hold."""
        query = (
            select(
                *(broadcasts.c.schedule_id, broadcasts.c.occurs_on, deliveries.c.person_id, deliveries.c.state),
                *(deliveries.c.reason, deliveries.c.due_at, deliveries.c.closes_at, runs.c.id, runs.c.status),
                *(broadcasts.c.closed_at, broadcasts.c.cancelled_at),
            )
            .join(broadcasts, broadcasts.c.id == deliveries.c.broadcast_id)
            .outerjoin(runs, runs.c.delivery_id == deliveries.c.id)
        )
        with self.world.reading() as unit:
            rows = [tuple(row) for row in unit.connection.execute(query)]
            assert unit.audit.verify() is None
            for schedule in unit.schedules.list():
                if schedule.state == "paused" and schedule.reason != "team" and schedule.id in self.known:
                    self.known[schedule.id].active = self.known[schedule.id].active and None
            closings = unit.connection.exec_driver_sql(
                "SELECT subject, count(*) FROM audit WHERE action = 'broadcast.closed' GROUP BY subject"
            ).fetchall()
        found = [f"closed {times} times: {subject}" for subject, times in closings if times > 1]
        ours = [row for row in rows if row[0] is not None]
        found += self.of_deliveries(ours)
        found += self.of_occurrences(ours)
        for someone in self.someone:
            found += self.of_messages(someone, rows)
        return found

    def of_deliveries(self, rows: list[tuple[Any, ...]]) -> list[str]:
        """Once for each person and day; none waits past its window; at most one is open; every skip has its reason."""
        found, seen, open_ = [], set(), set()
        for schedule, on, person, state, reason, _due, closes, run, status, closed, cancelled in rows:
            key = schedule, on[:10], person
            if key in seen:
                found.append(f"twice: {key}")
            seen.add(key)
            if state == "skipped" and reason not in REASONS | {"cancelled"}:
                found.append(f"no reason: {key} {reason}")
            if state == "due" and not cancelled and closes + 2 * HOUR < self.world.now:
                found.append(f"still due: {key} {closes}")
            if status == "expired" and closed is None and not cancelled and closes > self.world.now + HOUR:
                later = any(row[0] == schedule and row[2] == person and row[1] > on for row in rows)
                someone = next(each for each in self.someone if each.id == person)
                if not later and someone.left is None and someone.ways.get(schedule, ("",))[0] != "no":
                    found.append(f"ended before its time: {key}")
            going_on = schedule in self.known and self.known[schedule].active
            if closed is not None and not cancelled and going_on and closed < closes - HOUR:
                found.append(f"closed before its window: {key} {closed} {closes}")
            if status in {"offered", "open", "postponed"}:
                if (schedule, person) in open_:
                    found.append(f"two are open: {key}")
                open_.add((schedule, person))
                if closed is not None or closes + 2 * HOUR < self.world.now:
                    found.append(f"open after its window: {key} {run}")
        return found

    def of_occurrences(self, rows: list[tuple[Any, ...]]) -> list[str]:
        """Each comes on a day of its rule; and on each day of its rule it comes, to whoever is there, if it may."""
        found = []
        have: dict[tuple[UUID, date], set[UUID]] = defaultdict(set)
        for schedule, on, person, *_ in rows:
            have[schedule, date.fromisoformat(on[:10])].add(person)
        for schedule, day in have:
            if schedule in self.known and day not in self.known[schedule].ever:
                found.append(f"on a day that is none of its days: {day}")
            if schedule in self.known and day in self.known[schedule].left_out:
                found.append(f"left out, and there all the same: {day}")
        for schedule, known in self.known.items():
            for day in known.days():
                wall = datetime.combine(day, known.at, ZoneInfo(HOME)).astimezone(UTC)
                undisturbed = max(known.touched, self.disturbed) < wall - 40 * HOUR
                if wall > self.world.now - HOUR or not undisturbed or not known.active or day in known.out:
                    continue
                for each in self.someone:
                    there = each.joined < wall - 40 * HOUR and each.left is None and each.paused is None
                    if there and each.touched < wall - 40 * HOUR and each.id not in have[schedule, day]:
                        found.append(f"{each.phone.chat} has nothing on {day}: {known}")
        return found

    def of_messages(  # noqa: C901  each thing that must hold of a message stands for itself
        self, someone: Someone, rows: list[tuple[Any, ...]]
    ) -> list[str]:
        """Within the hours, twice in seven days at most, once for each run, never after a no; on time if it may."""
        found: list[str] = []
        sent = [each for each in self.world.net.ledger if each.chat == someone.phone.chat and each.new]
        delivered = {row[7]: row for row in rows if row[7] is not None and row[2] == someone.id}
        asked: dict[UUID, Sent] = {}
        offers: dict[UUID, int] = defaultdict(int)
        for each in sent:
            local = each.at.astimezone(ZoneInfo(someone.zone))
            if each.begun and each.at > someone.touched and not within(local, someone.hours):
                hand = each.run in delivered and delivered[each.run][0] is None
                if not (hand and not someone.hours):
                    found.append(f"{someone.phone.chat} heard at {local} ({someone.hours}): {each.text[:40]}")
            if each.begun and someone.left is not None and each.at > someone.left + HOUR:
                found.append(f"{someone.phone.chat} left at {someone.left}, and heard {each}")
            if each.begun and someone.paused is not None and each.at > someone.paused + HOUR:
                found.append(f"{someone.phone.chat} rests since {someone.paused}, and heard {each}")
            if each.run in delivered:
                asked.setdefault(each.run, each)
                offers[each.run] += each.begun and not any(words in each.text for words in AGAIN)
        for run, times in offers.items():
            if times > 1 + someone.postponed:
                found.append(f"{someone.phone.chat} was asked {times} times by {run}")
        moments = sorted(each.at for each in asked.values())
        in_order = sorted(asked.values(), key=lambda each: each.at)
        for first, last in zip(in_order, in_order[2:], strict=False):
            if last.at - first.at < WEEK - A_MINUTE and delivered[last.run][0] is not None:
                found.append(f"{someone.phone.chat} was asked three times from {first.at} to {last.at}")
        for run, each in asked.items():
            schedule, on, *_rest = delivered[run]
            if schedule is not None:
                found += self.of_asking(someone, each, schedule, on, delivered[run], moments)
        return found

    def of_asking(
        self, someone: Someone, sent: Sent, schedule: UUID, on: str, row: tuple[Any, ...], moments: list[datetime]
    ) -> list[str]:
        """One asking: not before its wall time, not after its window, as she wanted it, and on time if it may."""
        found, known = [], self.known[schedule]
        way, since = someone.ways.get(schedule, ("", BEGINS))
        if way == "no" and sent.at > since:
            found.append(f"{someone.phone.chat} does not want it, and was asked at {sent.at}")
        if way == "own" and sent.at > since and sent.begun:
            found.append(f"{someone.phone.chat} comes by herself, and was rung at {sent.at}")
        if known.active is False and sent.at > known.touched + A_MINUTE:
            found.append(f"{someone.phone.chat} was asked at {sent.at}, and it rests since {known.touched}")
        if sent.at > row[6] + A_MINUTE:
            found.append(f"{someone.phone.chat} was asked at {sent.at}, after its window: {row[6]}")
        wall = datetime.combine(date.fromisoformat(on[:10]), known.at)
        expected = wall.replace(tzinfo=ZoneInfo(someone.zone)).astimezone(UTC)
        if max(known.touched, someone.touched, self.disturbed) > expected - 2 * DAY:
            return found
        if sent.at < expected - A_MINUTE:
            found.append(f"{someone.phone.chat} was asked at {sent.at}, before {expected}")
        if abs(row[6] - expected - WINDOW) > A_MINUTE:
            found.append(f"{someone.phone.chat} may answer until {row[6]}, and it came at {expected}")
        while not within(expected.astimezone(ZoneInfo(someone.zone)), someone.hours):
            expected += A_MINUTE
        week = sum(expected - WEEK <= each < sent.at for each in moments) >= 2
        free = someone.spoke < expected - 5 * HOUR and not any(
            expected - 5 * HOUR <= each < sent.at for each in moments
        )
        told = (each.at for each in self.world.net.ledger if each.chat == sent.chat and each.begun)
        latest = (
            TELLING_WAITS
            if any(timedelta(0) < sent.at - each <= TELLING_WAITS + A_MINUTE for each in told)
            else 0 * DAY
        )
        if not way and not week and free and sent.at > expected + latest + 3 * A_MINUTE:
            found.append(f"{someone.phone.chat} was asked at {sent.at}, late for {expected}")
        return found


@pytest.mark.proof
@pytest.mark.timeout(0 if LONG else 600)
def test_whatever_happens_to_what_comes_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After each step of each history everything holds."""
    monkeypatch.setattr(Rhythms, "home", tmp_path)
    run_state_machine_as_test(  # type: ignore[no-untyped-call]  # hypothesis has no type for it
        Rhythms if ANY else seed(amounts.SEED.value)(Rhythms),
        settings=settings(
            max_examples=amounts.HISTORIES.value,
            stateful_step_count=40,
            database=None,
            deadline=None,
            phases=(Phase.generate,),
            suppress_health_check=list(HealthCheck),
        ),
    )
