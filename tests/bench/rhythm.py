"""What comes back among 10,000 people: the scheduler with nothing due, an occurrence into the outbox, and out of it.

The first is CPU. The other two are by the clock, and beside them stands what the processor alone would allow: on a
machine that has more to do, the second is the one to read.
"""

import contextlib
import itertools
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psutil

from bot import clock
from bot.app import App
from bot.config import Config
from bot.conversation.turns import Turns
from bot.pipeline.scheduler import Scheduler
from bot.running import receiving
from bot.services import own_time, schedules
from bot.services.rhythms import Rhythm
from dialogs.recurrence import Recurrence, Weekly
from storage.unit import Unit
from tests.bench.office import settings
from tests.bench.session import cpu
from tests.bench.table import Figure, Tell, middle
from tests.double import Double, User
from tests.rhythm.test_killed_week import MEXICO, Rehearsal

SCHEDULES, AT_A_TIME, AT_ONCE = 50, 20, 500
FILLS, SENDS, REPLIES, MOST = 800.0, 400.0, 0.3, 1.2
RATE = 1000
PURPOSE = "Para saber cómo va la semana de cada quien"
A_SECOND, A_MINUTE, HOUR, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
PATIENCE, PAUSE = 900.0, 0.5
MINUTE_OF_LOOKS = 90  # seconds after which everybody was looked at, since something about them was noted
LOOKED_AT = "SELECT count(*) FROM people WHERE look_at < '2000'"


@dataclass(frozen=True)
class Plan:
    """Among how many people, and for how many seconds the scheduler is looked at."""

    few: int = 10
    many: int = 10_000
    seconds: int = 600
    looks: int = 5


FULL = Plan()
QUICK = Plan(many=500, seconds=120, looks=2)


class Village:
    """Some people in one group, with what comes back to them; and the scheduler of a bot that is theirs."""

    def __init__(self, home: Path, chats: list[str], now: datetime) -> None:
        self._app = App.open(Config.load(settings(home)))
        self.turns: Turns = self._app.turns
        self._screens = receiving(self.turns).screens
        self._tick = Scheduler(self.turns, self._screens)
        self.now = now
        self._numbers = itertools.count(1)
        with self._unit() as unit:
            unit.organisation.set({"zone": "America/Mexico_City", "retention_months": 24})
            self.cohort = unit.cohorts.add(clock.new_id(), "Sierra Norte", ("es", "en"))
        for start in range(0, len(chats), AT_ONCE):
            with self._unit() as unit:
                for chat in chats[start : start + AT_ONCE]:
                    self._settle(unit, chat)
        self.rest()

    def _unit(self) -> Any:
        return self._app.storage.unit(self.now)

    def _settle(self, unit: Unit, chat: str) -> None:
        person = unit.people.create(clock.new_id(), self.now, "active", "es")
        unit.addresses.link(person, "telegram", chat, clock.new_id())
        unit.memberships.join(clock.new_id(), person.id, self.cohort.id)
        person = unit.people.change(unit.people.known(person.id), nickname=f"Flor {chat}")
        person = unit.people.prefer(person, form="both", phone="mine")
        self._screens.agreement.save_consent(self.turns.speech(unit, person), person, "given")

    def begin(self, weekday: int, hour: int) -> None:
        """Begin something that comes back, of which everybody was told before."""
        with self._unit() as unit:
            rhythm = Rhythm(Recurrence(Weekly((weekday,)), self.now.date()), datetime(2026, 1, 1, hour).time())  # noqa: DTZ001  an hour of the wall
            made = schedules.begin(
                *(unit, self.turns.content, self.turns.organisation),
                *([self.turns.content.in_files().dialog("check_in")], self.cohort, PURPOSE, rhythm),
                key=clock.new_id().hex,
                by=None,
            )
        for start in range(0, 10**6, AT_ONCE):
            with self._unit() as unit:
                members = unit.schedules.members(self.cohort.id)[start : start + AT_ONCE]
                for person_id in members:
                    own_time.told(unit, unit.people.known(person_id), made.id)
            if not members:
                break

    def rests(self, chat: str) -> None:
        """Let somebody be on a break: they are asked nothing, and are answered."""
        with self._unit() as unit:
            person = unit.people.at("telegram", chat)
            assert person is not None
            unit.people.change(person, participation="paused")

    def close(self) -> None:
        """Let go of the database."""
        self._app.close()

    def step(self) -> int:
        """Do one step of the scheduler."""
        with self._unit() as unit:
            return self._tick.step(unit, AT_A_TIME)

    def rest(self) -> None:
        """Let everything be done that is due."""
        while self.step() or self._tick.behind:
            pass

    def seconds(self, number: int) -> float:
        """Return the milliseconds of CPU of a second in which nothing is due, as the mean of so many."""
        began = time.process_time()
        for _ in range(number):
            self.now += A_SECOND
            self.rest()
        return (time.process_time() - began) * 1000 / number

    def make(self) -> None:
        """Let the next occurrence be made, a day ahead."""
        with self._unit() as unit:
            at = min(each.next_at for each in unit.schedules.list() if each.next_at is not None)
        self.now = at + A_MINUTE
        self.rest()

    def look_again(self) -> None:
        """Let everybody be looked at in the next round."""
        with self._unit() as unit:
            for person in unit.people.list():
                unit.people.look(person.id, self.now)

    def statements(self) -> Counter[str]:
        """Count the statements of what is due now, by their first words."""
        found: Counter[str] = Counter()
        more = True
        while more:
            with self._unit() as unit:
                unit.run.driver.set_trace_callback(lambda said: found.update([said.split(None, 1)[0]]))
                more = bool(self._tick.step(unit, AT_A_TIME)) or self._tick.behind
                unit.run.driver.set_trace_callback(None)
        return found

    def fill(self, people: int) -> tuple[float, float]:
        """Let an occurrence be made and go into the outbox; return seconds by the clock, and of the processor."""
        began, ran = time.perf_counter(), time.process_time()
        self.make()
        took, cost = time.perf_counter() - began, time.process_time() - ran
        self.now += 31 * HOUR  # seven in the evening in Mexico City, and an hour
        began, ran = time.perf_counter(), time.process_time()
        self.rest()
        with self._unit() as unit:
            (queued,) = unit.connection.exec_driver_sql("SELECT count(*) FROM outbox WHERE run_id IS NOT NULL").one()
        if queued != people:
            raise RuntimeError(f"{queued} of {people} were asked")
        return took + time.perf_counter() - began, cost + time.process_time() - ran


def nothing_due(plan: Plan, folder: Path, tell: Tell) -> Figure:
    """Measure the scheduler's CPU a second, with 50 schedules and nothing due, among few and among many by turns."""
    now = clock.now().replace(hour=15)
    with contextlib.ExitStack() as stack:
        villages: dict[int, Village] = {}
        for size in (plan.few, plan.many):
            village = villages[size] = Village(folder / str(size), [f"{place}" for place in range(size)], now)
            stack.callback(village.close)
            for _ in range(SCHEDULES):
                village.begin((now.weekday() + 3) % 7, 11)
            village.seconds(MINUTE_OF_LOOKS)
            tell(f"rhythm: {size:,} people, {SCHEDULES} schedules")
        taken: dict[int, list[float]] = {size: [] for size in villages}
        for _, (size, village) in itertools.product(range(plan.looks), villages.items()):
            taken[size].append(village.seconds(plan.seconds // plan.looks))
    few, many = (middle(values) for values in taken.values())
    note = f"{many:.3f} ms a second, {few:.3f} among {plan.few}"
    return Figure(f"a second with nothing due: among {plan.many:,}", many / few, "x", MOST, note=note)


def filling(plan: Plan, folder: Path, tell: Tell) -> Iterator[Figure]:
    """Measure how soon an occurrence for many is in the outbox, alone."""
    now = clock.now().replace(hour=15)
    village = Village(folder / "filled", [f"{place}" for place in range(plan.many)], now)
    try:
        village.begin((now.weekday() + 3) % 7, 11)
        village.seconds(MINUTE_OF_LOOKS)
        tell(f"rhythm: {plan.many:,} people to ask")
        took, cost = village.fill(plan.many)
    finally:
        village.close()
    each = 1000 / FILLS
    yield Figure(
        "into the outbox, a person", took / plan.many * 1000, "ms", each, note=f"{plan.many / took:.0f} a second"
    )
    yield Figure(
        "the same, of the processor", cost / plan.many * 1000, "ms", each, note=f"{plan.many / cost:.0f} a second"
    )


def sending(plan: Plan, folder: Path, tell: Tell) -> Iterator[Figure]:
    """Measure the same filled and sent by a running bot on aiogram, while somebody else says something."""
    folder.mkdir()
    with Double() as double:
        double.allow("message is not modified")
        hilo = Rehearsal(folder / "home", double, "aiogram")
        hilo.environment["HILO_SEND_RATE"] = f"{RATE}"
        users = [double.user(f"Flor {place}") for place in range(plan.many)]
        for user in users:
            double.account.chats[user.id] = user._chat
        now = clock.now()
        village = Village(hilo.home, [f"{user.id}" for user in users], now)
        speaker = users.pop()
        village.rests(f"{speaker.id}")
        local = (now + 3 * DAY).astimezone(MEXICO).replace(hour=19, minute=0, second=0, microsecond=0)
        village.begin(local.weekday(), 19)
        village.close()
        hilo.start()
        speaker.say("/menu")
        hilo.go_to(local.astimezone(UTC) - 22 * HOUR)
        hilo.until(lambda: hilo.counted("SELECT count(*) FROM broadcasts") == 1, "not made")
        hilo.until(lambda: not hilo.counted(LOOKED_AT), "not at rest")  # what the village was told is no part of it
        assert hilo.process is not None
        process = psutil.Process(hilo.process.pid)
        before, ran = len(double.sends()), cpu(process)
        hilo.go_to(local.astimezone(UTC) + A_SECOND)
        began = time.perf_counter()
        replies = [*_speaking(double, speaker, lambda: len(double.sends()) - before >= len(users))]
        took, cost = time.perf_counter() - began, cpu(process) - ran
        hilo.stop()
    tell(f"rhythm: {len(users):,} sent in {took:.1f} s, {cost:.1f} s of the processor, {len(replies)} replies")
    each, late = 1000 / SENDS, sorted(replies)[int(len(replies) * 0.95)]
    yield Figure(
        "filled and sent, a person", took / len(users) * 1000, "ms", each, note=f"{len(users) / took:.0f} a second"
    )
    note = f"{len(users) / cost:.0f} a second"
    yield Figure("the same, of the processor", cost / len(users) * 1000, "ms", each, note=note)
    note = f"{len(replies)} replies, the middle {middle(replies):.3f} s"
    yield Figure("a reply meanwhile, 95 of 100", late, "s", REPLIES, note=note)


def _speaking(double: Double, user: User, done: Callable[[], bool]) -> Iterator[float]:
    """Let somebody say something every half second until all is done; give how long each reply took."""
    end = time.monotonic() + PATIENCE
    while not done():
        if time.monotonic() > end:
            raise RuntimeError("it was not sent")
        user.say("/menu")
        began, seen = time.perf_counter(), len(user.said)
        while len(user.said) == seen:
            if time.monotonic() > end:
                raise RuntimeError("nobody replied")
            time.sleep(0.002)
        yield time.perf_counter() - began
        time.sleep(PAUSE)


def report(plan: Plan, tell: Tell) -> list[Figure]:
    """Measure all three."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        return [
            nothing_due(plan, folder, tell),
            *filling(plan, folder, tell),
            *sending(plan, folder / "sent", tell),
        ]
