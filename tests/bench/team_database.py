"""A facilitator's desk: one cohort with everything it was asked, answered and wrote, and a turn of hers by a button.

A turn is what a press costs from the inbox row to the commit.
"""

import itertools
import json
import time
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

from bot import clock
from bot.app import App
from bot.config import Config
from bot.messengers.port import Incoming, Kind
from bot.running import receiving
from bot.services import broadcasts
from bot.team.orders.panel import BroadcastPanels
from dialogs.run import Answer
from storage.people import Person
from storage.unit import Unit
from tests.bench.office import ANSWERS, BEGAN, BODIES, WEEK, settings

CHAT = "1"
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVXYZ"
FEW = 100
PURPOSE = "Para saber cómo va la semana de cada quien"
STATUSES = ("completed", "completed", "completed", "open", "offered", "stopped", "postponed", "completed", "due")
MESSAGES = 5  # of each run
NOTHING = {**ANSWERS, "need": Answer("nothing", "Nada por ahora")}
QUIET = {path: json.dumps(answer.to_dict(), ensure_ascii=False) for path, answer in NOTHING.items()}
ASKS_EVERY = 50  # one in so many asks for support, one in so many has written to the team


@dataclass(frozen=True)
class Plan:
    """How many people are in the larger cohort, how many orders it had, and how often each screen is opened."""

    people: int = 1_000
    orders: int = 18
    times: int = 20


FULL = Plan()
QUICK = Plan(people=120, orders=6, times=3)


class TeamDatabase:
    """A bot's storage and its receiving side, and a facilitator who presses."""

    def __init__(self, home: Path) -> None:
        self._app = App.open(Config.load(settings(home)))
        self._receive = receiving(self._app.turns)
        self._panels = BroadcastPanels(self._app.turns)
        self._numbers = itertools.count(1)
        self._now = BEGAN
        self.orders: list[UUID] = []
        self.people: list[Person] = []
        self.answers = 0

    def close(self) -> None:
        """Let go of the database."""
        self._app.close()

    def fill(self, plan: Plan) -> None:
        """Let so many people have been asked so often, and have answered as people do."""
        with self._app.storage.unit(self._now) as unit:
            cohort = unit.cohorts.add(clock.new_id(), "Sierra Norte", ("es", "en"))
            people = self.people = [self._person(unit, cohort.id, place) for place in range(plan.people)]
            ana = unit.people.create(clock.new_id(), self._now, "active", "es")
            unit.addresses.link(ana, "telegram", CHAT, clock.new_id())
            unit.roles.grant(clock.new_id(), ana.id, "facilitator", cohort.id)
            unit.roles.grant(clock.new_id(), ana.id, "admin", None)
            self.facilitator, self.cohort = ana.id, cohort.id
        dialog = self._app.content.in_files().dialog("check_in")
        for _ in range(plan.orders):
            self._now += timedelta(days=7)
            with self._app.storage.unit(self._now) as unit:
                key = clock.new_id().hex
                done = broadcasts.order(unit, dialog, cohort, PURPOSE, key=key, ordered_by=unit.people.known(ana.id))
                due = {each.person_id: each.id for each in unit.broadcasts.due(self._now, len(people))}
                for place, person in enumerate(people):
                    self._asked(unit, person, done.broadcast_id, due[person.id], STATUSES[place % len(STATUSES)])
                self._send(unit, 1_000)
            self.orders.append(done.broadcast_id)
        with self._app.storage.unit(self._now) as unit:
            for person in people[::ASKS_EVERY]:
                for _ in range(MESSAGES):
                    unit.messages.add(clock.new_id(), person, "to_team", WEEK, unit.now, cohort.id)
        self._app.storage.database.checkpoint()

    def _person(self, unit: Unit, cohort_id: UUID, place: int) -> Person:
        person = unit.people.create(clock.new_id(), self._now, "active", "es")
        person = unit.people.change(person, nickname=f"{LETTERS[place % len(LETTERS)]}mapola {place}")
        unit.people.prefer(person, form="both")
        unit.addresses.link(person, "telegram", f"{place + 2}", clock.new_id())
        unit.memberships.join(clock.new_id(), person.id, cohort_id)
        return unit.people.known(person.id)

    def _asked(self, unit: Unit, person: Person, order: UUID, delivery: UUID, status: str) -> None:
        """Let one delivery have become what a status says: a run with its messages and answers, or nothing yet."""
        if status == "due":
            unit.broadcasts.defer(delivery, self._now + timedelta(days=999))
            return
        turns, dialog = self._app.turns, self._app.content.in_files().dialog("check_in")
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
        asks = self.answers // len(BODIES) % ASKS_EVERY == 0
        given = () if status == "offered" else (BODIES if asks else QUIET).items()
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

    def read_all(self) -> None:
        """Let the facilitator have read everything but the last few."""
        with self._app.storage.unit(self._now) as unit:
            found = unit.readings.unread(self.facilitator, self.cohort, 10**9)
            for each in found[:-FEW]:
                numbers = unit.answers.numbers(each.run_id)
                unit.readings.add(self.facilitator, each.run_id, each.person_id, numbers, numbers)

    @property
    def today(self) -> date:
        """The day of the last order."""
        return self._now.date()

    def membership(self) -> UUID:
        """Return how somebody is a member of the group."""
        with self._app.storage.unit(self._now) as unit:
            return unit.memberships.members(self.cohort)[0].id

    def conversation(self) -> UUID:
        """Return a conversation that waits."""
        with self._app.storage.unit(self._now) as unit:
            return unit.messages.conversations([self.cohort], 1, 0)[0].id

    def rest(self) -> None:
        """Let everything be sent that still waits."""
        with self._app.storage.unit(self._now) as unit:
            self._send(unit, 100)

    def press(self, action: str, argument: str) -> float:
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

    def looked(self) -> float:
        """Let the panel that waited longest be brought up to date; returns the milliseconds of it."""
        self._now += timedelta(seconds=31)
        began = time.perf_counter()
        with self._app.storage.unit(self._now) as unit:
            for panel in self._panels.due(unit):
                self._panels.update(unit, panel)
        return (time.perf_counter() - began) * 1000
