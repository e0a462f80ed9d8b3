"""A facilitator's turns while she follows orders: one cohort with all its answers, beside a small one.

A turn is what a press costs from the inbox row to the commit. The larger cohort's turns have a target; the ratio to a
cohort of ten tells how they grow, on whatever machine.
"""

import itertools
import tempfile
import time
from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from bot import broadcast, clock
from bot.app import App
from bot.config import Config
from bot.hers.screen import brief
from bot.messenger import Incoming, Kind
from bot.panel import Panels
from storage.people import Person
from storage.unit import Unit
from tests.bench.office import BEGAN, BODIES, settings
from tests.bench.table import Figure, Tell, shown

TARGET = 300.0  # milliseconds at the 95th percentile
FEW = 10
CHAT = "1"
PURPOSE = "Para saber cómo va la semana de cada quien"
STATUSES = ("completed", "completed", "completed", "open", "offered", "stopped", "postponed", "completed", "due")
MESSAGES = 5  # of each run


@dataclass(frozen=True)
class Plan:
    """How many people are in the larger cohort, how many orders it had, and how often each screen is opened."""

    people: int = 1_000
    orders: int = 18
    times: int = 20


FULL = Plan()
QUICK = Plan(people=120, orders=6, times=3)


def report(plan: Plan, tell: Tell) -> list[Figure]:
    """Measure both cohorts."""
    small = measured(Plan(FEW, plan.orders, plan.times), tell)
    large = measured(plan, tell)
    figures = []
    for name, turns in large.items():
        value = percentile(turns)
        note = f"{shown(value / percentile(small[name]))} x that of {FEW} people; {len(turns)} turns"
        figures.append(Figure(f"{name}, {plan.people:,} people: p95", value, "ms", TARGET, note=note))
    return figures


def percentile(values: list[float]) -> float:
    """Return the 95th percentile: the value that one in twenty is above."""
    return sorted(values)[max(0, round(len(values) * 0.95) - 1)]


def measured(plan: Plan, tell: Tell) -> dict[str, list[float]]:
    """Fill a database and open every screen; returns milliseconds by screen."""
    with tempfile.TemporaryDirectory() as folder:
        desk = Desk(Path(folder))
        try:
            began = time.monotonic()
            desk.fill(plan)
            seconds = time.monotonic() - began
            tell(f"following: {plan.people:,} people, {desk.answers:,} answers, filled in {seconds:.0f} s")
            return desk.measure(plan.times)
        finally:
            desk.close()


class Desk:
    """A bot's storage and its receiving side, and a facilitator who presses."""

    def __init__(self, home: Path) -> None:
        self._app = App.open(Config.load(settings(home)))
        self._receive = self._app.receive()
        self._panels = Panels(self._app.turns)
        self._numbers = itertools.count(1)
        self._now = BEGAN
        self._orders: list[UUID] = []
        self.answers = 0
        self._taken: defaultdict[str, list[float]] = defaultdict(list)

    def close(self) -> None:
        """Let go of the database."""
        self._app.close()

    def fill(self, plan: Plan) -> None:
        """Let so many people have been asked so often, and have answered as people do."""
        with self._app.storage.unit(self._now) as unit:
            cohort = unit.cohorts.add(clock.new_id(), "Sierra Norte", ("es", "en"))
            people = [self._person(unit, cohort.id, f"{place + 2}") for place in range(plan.people)]
            ana = unit.people.create(clock.new_id(), self._now, "active", "es")
            unit.addresses.link(ana, "telegram", CHAT, clock.new_id())
            unit.roles.grant(clock.new_id(), ana.id, "facilitator", cohort.id)
        dialog = self._app.content.dialog("check_in")
        for _ in range(plan.orders):
            self._now += timedelta(days=7)
            with self._app.storage.unit(self._now) as unit:
                key = clock.new_id().hex
                done = broadcast.order(unit, dialog, cohort, PURPOSE, key=key, ordered_by=ana.id)
                due = {each.person_id: each.id for each in unit.broadcasts.due(self._now, len(people))}
                for place, person in enumerate(people):
                    self._asked(unit, person, done.broadcast_id, due[person.id], STATUSES[place % len(STATUSES)])
                self._send(unit, 1_000)
            self._orders.append(done.broadcast_id)
        self._app.storage.database.checkpoint()

    def _person(self, unit: Unit, cohort_id: UUID, chat: str) -> Person:
        person = unit.people.create(clock.new_id(), self._now, "active", "es")
        person = unit.people.change(person, nickname=f"Ceiba {chat}", preferences={"form": "both"})
        unit.addresses.link(person, "telegram", chat, clock.new_id())
        unit.memberships.join(clock.new_id(), person.id, cohort_id)
        return unit.people.known(person.id)

    def _asked(self, unit: Unit, person: Person, order: UUID, delivery: UUID, status: str) -> None:
        """Let one delivery have become what a status says: a run with its messages and answers, or nothing yet."""
        if status == "due":
            unit.broadcasts.defer(delivery, self._now + timedelta(days=999))
            return
        turns, dialog = self._app.turns, self._app.content.dialog("check_in")
        cohort_id = next(iter(unit.memberships.of(person.id)))
        run_id = turns.begin(
            unit, person, dialog, "broadcast", cohort_id=cohort_id, broadcast_id=order, delivery_id=delivery, lane=1
        )
        unit.broadcasts.started(delivery, run_id)
        row = unit.runs.get(run_id, person)
        assert row is not None
        for _ in range(MESSAGES - 1):
            speech = turns.speech(unit, person)
            speech.send("¿Cómo andas de ánimo esta semana?", run_id=run_id, prompt=1)
        given = () if status == "offered" else BODIES.items()
        for path, value in given:
            unit.answers.add(clock.new_id(), run_id, path, person, value, unit.now)
            self.answers += 1
        resume_at = self._now + timedelta(days=999) if status == "postponed" else None
        state = {**row.state, "status": status}
        if status != "offered":
            state |= {"position": "week", "trail": ["mood", "week"]}
        unit.runs.save(run_id, person, state, status, 2, resume_at)

    def _send(self, unit: Unit, limit: int) -> None:
        """Let what waits in the outbox be sent."""
        while claimed := unit.outbox.claim(unit.now, unit.now + timedelta(minutes=1), limit):
            for row in claimed:
                unit.outbox.sent(row.seq, next(self._numbers) if row.kind == "message" else None, unit.now)

    # Pressing.

    def measure(self, times: int) -> dict[str, list[float]]:
        """Open every screen so often, then do what can be done to an order, each to an order of its own."""
        with self._app.storage.unit(self._now) as unit:
            self._send(unit, 100)
        newest = brief(self._orders[-1])
        screens = {
            "the list": ("progress", ""),
            "the panel": ("progress", newest),
            "who is missing": ("order_who", f"{newest}.0"),
            "who is missing, last page": ("order_who", f"{newest}.9999"),
            "asking to remind": ("order_nudge", newest),
            "asking to close": ("order_end", newest),
            "asking to stop": ("halt", newest),
            "what is going out": ("halt", ""),
        }
        for name, (action, argument) in screens.items():
            self._press(action, argument)  # the first one compiles its statements
            for _ in range(times):
                self._taken[name].append(self._press(action, argument))
        for order in self._orders:
            self._press("progress", brief(order))
        for _ in range(times):
            self._taken["a look of the tick at one panel"].append(self._looked())
        for order in self._orders:
            self._taken["reminding"].append(self._press("order_nudge", f"{brief(order)}!"))
        for order in self._orders[: len(self._orders) // 2]:
            self._taken["stopping"].append(self._press("halt", f"{brief(order)}!"))
        for order in self._orders:
            self._taken["closing"].append(self._press("order_end", f"{brief(order)}!"))
        return dict(self._taken)

    def _press(self, action: str, argument: str) -> float:
        """Press one button; returns the milliseconds of its turn."""
        storage = self._app.storage
        with storage.unit(self._now) as unit:
            person = unit.people.at("telegram", CHAT)
            assert person is not None
            button = self._app.turns.speech(unit, person).buttons.plain(action, argument)
            number = next(self._numbers)
            self._receive.accept(unit, [Incoming("telegram", str(number), CHAT, Kind.PRESS, button=button)])
        began = time.perf_counter()
        with storage.unit(self._now) as unit:
            self._receive.step(unit, unit.inbox.pending(self._now, 1)[0])
        taken = (time.perf_counter() - began) * 1000
        with storage.unit(self._now) as unit:
            self._send(unit, 100)
        return taken

    def _looked(self) -> float:
        """Let the panel that waited longest be brought up to date; returns the milliseconds of it."""
        self._now += timedelta(seconds=31)
        began = time.perf_counter()
        with self._app.storage.unit(self._now) as unit:
            for panel in self._panels.due(unit):
                self._panels.update(unit, panel)
        return (time.perf_counter() - began) * 1000
