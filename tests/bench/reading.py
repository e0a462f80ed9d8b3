"""What a turn of reading takes with a cohort of a thousand: every screen, before and after most of it was read."""

import json
import tempfile
import time
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from bot import clock
from bot.turns import keep
from dialogs.run import Answer
from storage.people import Person
from storage.unit import Unit
from tests.bench.office import ABOUT, ANSWERS, BODIES
from tests.bench.table import Figure, Tell, middle, shown
from tests.bot.rig import PURPOSE, Rig, texts

TARGET = 300.0  # milliseconds
STATE = {"v": 1, "position": None, "trail": list(BODIES), "prompt": 7}
ASKS_EVERY = 50  # one in so many asks for support
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVXYZ"
PAGES = 12  # pages turned in each list
MENUS = 4


@dataclass(frozen=True)
class Plan:
    """How many people answered how many check-ins of four answers each, and how often each screen is opened."""

    people: int = 1000
    runs: int = 12_500
    times: int = 10


FULL = Plan()
QUICK = Plan(people=100, runs=1_000, times=2)


def report(plan: Plan, tell: Tell) -> list[Figure]:
    """Fill a database, walk through the screens, and give each screen's time at p95."""
    figures = []
    with tempfile.TemporaryDirectory() as folder:
        rig = Rig(Path(folder))
        try:
            tell(f"reading: {plan.runs * len(BODIES):,} answers of {plan.people:,} people")
            fill(rig, plan)
            for state in ("all new", "all read"):
                reader = Reader(rig)
                if state == "all read":
                    read_all(rig, reader.phone.person)
                for _ in range(plan.times):
                    reader.walk()
                for name, taken in reader.taken.items():
                    note = f"median {shown(middle(taken))}, most {shown(max(taken))}"
                    figures.append(Figure(f"{name}, {state}", p95(taken), "ms", TARGET, note=note))
        finally:
            rig.close()
    return figures


def p95(values: list[float]) -> float:
    """The value that nineteen of twenty do not exceed."""
    return sorted(values)[min(len(values) - 1, len(values) * 95 // 100)]


def fill(rig: Rig, plan: Plan) -> None:
    """Let a check-in have gone out week by week and been answered by everyone."""
    cohort_id, dialog = rig.cohort(), rig.content.dialog("check_in")
    with rig.unit() as unit:
        keep(unit, dialog)
        people = [_member(unit, cohort_id, place) for place in range(plan.people)]
    for start in range(0, plan.runs, plan.people):
        with rig.unit() as unit:
            order, purpose = clock.new_id(), {"why": PURPOSE}
            unit.broadcasts.order(
                order, order.hex, dialog.version, cohort_id, purpose, clock.new_id(), None, unit.now, []
            )
            for place, person in enumerate(people[: plan.runs - start]):
                _answered(unit, person, dialog.version, cohort_id, order, asks=place % ASKS_EVERY == 0)
        rig.advance(days=7)
    rig.storage.database.checkpoint()


def _member(unit: Unit, cohort_id: UUID, place: int) -> Person:
    person = unit.people.create(clock.new_id(), unit.now, "active", "es")
    person = unit.people.change(person, nickname=f"{LETTERS[place % len(LETTERS)]}mapola {place}")
    unit.memberships.join(clock.new_id(), person.id, cohort_id)
    return person


def _answered(unit: Unit, person: Person, version: str, cohort_id: UUID, order: UUID, *, asks: bool) -> None:
    run_id = clock.new_id()
    unit.runs.create(run_id, person, version, "broadcast", STATE, "completed", "es", cohort_id, order, prompt=7)
    need = ANSWERS["need"] if asks else Answer("nothing", ABOUT)
    bodies = {**BODIES, "need": json.dumps(need.to_dict(), ensure_ascii=False)}
    for path, value in bodies.items():
        unit.answers.add(clock.new_id(), run_id, path, person, value, unit.now)


def read_all(rig: Rig, reader: Person) -> None:
    """Let a reader have read everything but the last few."""
    with rig.unit() as unit:
        (cohort,) = unit.cohorts.list()
        found = unit.readings.unread(reader.id, cohort.id, 10**9)
        for each in found[: -PAGES * FULL.times * 2]:
            unit.readings.add(reader.id, each.run_id, each.person_id)


class Reader:
    """A facilitator who reads, and how long each of her screens took."""

    def __init__(self, rig: Rig) -> None:
        self.phone = rig.facilitator()
        self.taken: dict[str, list[float]] = defaultdict(list)

    def walk(self) -> None:
        """Open every kind of screen, and turn some pages of each."""
        phone, next_ = self.phone, texts().say("button.next", "es")
        for _ in range(MENUS):
            self._timed("menu", "/menu")
        self._timed("what there is to read", "/leer")
        self._timed("what is next", press="button.read_next")
        for _ in range(PAGES):
            onward = next(each for each in phone.last.labels if each.startswith("Lo que sigue"))
            self._timed("what is next", label=onward)
        for code, name in (("question", "orders"), ("person", "letters"), ("day", "days")):
            self._timed("what there is to read", "/leer")
            self._timed(f"by {code}: {name}", press=f"button.by_{code}")
            self._timed(f"by {code}: list", label=phone.last.labels[0])
            if code != "day":
                self._timed(f"by {code}: answers", label=phone.last.labels[1])
            for _ in range(PAGES):
                if next_ in phone.last.labels:
                    self._timed(f"by {code}: answers", label=next_)
        phone.rig.advance(minutes=1)

    def _timed(self, name: str, text: str = "", press: str = "", label: str = "") -> None:
        rig, messenger = self.phone.rig, self.phone.rig.messenger
        if text:
            messenger.say(self.phone.chat, text)
        else:
            messenger.press(self.phone.chat, label or texts().say(press, "es"))
        rig.keep()
        began = time.perf_counter()
        rig.handle()
        self.taken[name].append((time.perf_counter() - began) * 1000)
        rig.send()
