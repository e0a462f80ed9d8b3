"""A facilitator's desk: one cohort with everything it was asked, answered and wrote, and a turn of hers by a button.

A turn is what a press costs from the inbox row to the commit.
"""

import itertools
import json
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from bot import clock
from bot.app import App
from bot.config import Config
from bot.messengers.port import Incoming, Kind
from bot.pipeline.scheduler import Scheduler
from bot.running import receiving
from bot.services import broadcasts, freezing, group_record, share_backs, support, tallies
from bot.services.tallies import Tallies, Uncounted
from bot.team.orders.panel import BroadcastPanels
from dialogs.run import Answer
from storage.people import Person
from storage.unit import Unit
from tests.bench.office import ANSWERS, BEGAN, BODIES, OFTEN, WEEK, settings

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVXYZ"
FEW = 100
ALL = 10**6
AT_ONCE = 100  # of what is due, in one step
FOLLOWS = {
    "heard": "Que el agua llega dos días a la semana y no alcanza.",
    "follows": "Vamos a pedir otra toma en la asamblea de mayo.",
    "who": "El comité del agua, antes de las lluvias",
}
PURPOSE = "Para saber cómo va la semana de cada quien"
STATUSES = ("completed", "completed", "completed", "open", "offered", "stopped", "postponed", "completed", "due")
MESSAGES = 5  # of each run
FACES = ("😞 Muy bajo", "🙁 Bajo", "😐 Regular", "🙂 Bueno", "😀 Muy bueno")
NOTHING = {**ANSWERS, "need": Answer("nothing", "Nada por ahora")}
MOODS = [json.dumps(Answer(mood, words).to_dict(), ensure_ascii=False) for mood, words in enumerate(FACES, 1)]
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

    def __init__(
        self,
        home: Path,
        began: datetime = BEGAN,
        chats: Sequence[str] = (),
        timed: Callable[[], float] = time.perf_counter,
        url: str | None = None,
    ) -> None:
        """Open it, the first time.

        Args:
            home: the bot's folder.
            began: when the group began.
            chats: the facilitator's chat and those of the first people, where somebody is to speak there.
            timed: what a turn is timed by: the clock, or the processor.
            url: of its database, if that is not the file in the folder.
        """
        self._app = App.open(Config.load(settings(home, url)))
        self._receive = receiving(self._app.turns)
        self._panels = BroadcastPanels(self._app.turns)
        self._numbers = itertools.count(1)
        self._now, self._timed = began, timed
        self._chats = dict(enumerate(chats))
        self.orders: list[UUID] = []
        self.people: list[Person] = []
        self.answers = 0
        self.drawn: Mapping[str, Any] = {}  # the last picture that was sent
        self.tallies: Tallies | None = None  # with it, what is counted of many is counted before its turn
        self.afresh = False  # whether nothing is counted yet at each press, and counting it belongs to what that takes

    def close(self) -> None:
        """Let go of the database."""
        self._app.close()

    def fill(self, plan: Plan) -> None:
        """Let so many people have been asked so often, have answered as people do, and written to the team."""
        self.found(plan.people)
        self.ask(plan.orders)
        self.write()

    def write(self) -> None:
        """Let some of them have written to the team."""
        with self._app.storage.unit(self._now) as unit:
            for person in self.people[::ASKS_EVERY]:
                for _ in range(MESSAGES):
                    unit.messages.add(clock.new_id(), person, "to_team", WEEK, unit.now, self.cohort)
        self._app.storage.database.checkpoint()

    def found(self, people: int) -> None:
        """Let there be so many people in a group, and a facilitator."""
        with self._app.storage.unit(self._now) as unit:
            unit.organisation.set({**unit.organisation.get(), **OFTEN})
            support.note_from(unit)  # as the first start does
            self.cohort = unit.cohorts.add(clock.new_id(), "Sierra Norte", ("es", "en")).id
            self.people = [self._person(unit, self.cohort, place) for place in range(people)]
            ana = unit.people.create(clock.new_id(), self._now, "active", "es")
            unit.addresses.link(ana, "telegram", self._chat(0), clock.new_id())
            unit.roles.grant(clock.new_id(), ana.id, "facilitator", self.cohort)
            unit.roles.grant(clock.new_id(), ana.id, "admin", None)
            self.facilitator = ana.id

    def ask(self, orders: int) -> None:
        """Let them have been asked so often, once a week, and have answered."""
        dialog, people = self._app.content.in_files().dialog("check_in"), self.people
        for _ in range(orders):
            self._now += timedelta(days=7)
            with self._app.storage.unit(self._now) as unit:
                cohort, ana = unit.cohorts.get(self.cohort), unit.people.known(self.facilitator)
                assert cohort is not None
                key = clock.new_id().hex
                done = broadcasts.order(unit, dialog, cohort, PURPOSE, key=key, ordered_by=ana)
                waiting = unit.broadcasts.due(self._now, ALL)
                due = {each.person_id: each.id for each in waiting if each.broadcast_id == done.broadcast_id}
                for place, person in enumerate(people):
                    self._asked(unit, person, done.broadcast_id, due[person.id], STATUSES[place % len(STATUSES)])
                self._send(unit, 1_000)
            self.orders.append(done.broadcast_id)
        self._app.storage.database.checkpoint()

    def _chat(self, place: int) -> str:
        return self._chats.get(place, f"{place + 1}")

    def _person(self, unit: Unit, cohort_id: UUID, place: int) -> Person:
        person = unit.people.create(clock.new_id(), self._now, "active", "es")
        person = unit.people.change(person, nickname=f"{LETTERS[place % len(LETTERS)]}mapola {place}")
        unit.people.prefer(person, form="both")
        unit.addresses.link(person, "telegram", self._chat(place + 1), clock.new_id())
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
        number = self.answers // len(BODIES)
        given = BODIES if number % ASKS_EVERY == 0 else QUIET
        given = {} if status == "offered" else {**given, "mood": MOODS[number % len(MOODS)]}
        for path, value in given.items():
            unit.answers.add(clock.new_id(), run_id, path, person, value, unit.now)
            self.answers += 1
        if status != "offered" and number % ASKS_EVERY == 0:
            support.answered(unit, person, cohort_id, run_id, ANSWERS["need"].value)
        resume_at = self._now + timedelta(days=999) if status == "postponed" else None
        state = {**row.state, "status": status}
        if status != "offered":
            state |= {"position": "week", "trail": ["mood", "week"]}
        unit.runs.save(run_id, person, state, status, 2, resume_at)

    def _send(self, unit: Unit, limit: int) -> None:
        """Let what waits in the outbox be sent."""
        while claimed := unit.outbox.claim(unit.now, unit.now + timedelta(minutes=1), limit):
            for row in claimed:
                self.drawn = (row.body.get("media") or {}).get("drawn") or self.drawn
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
        """Press one button; returns the milliseconds of its turn, and those of counting first if that is to count."""
        storage = self._app.storage
        with storage.unit(self._now) as unit:
            person = unit.people.at("telegram", self._chat(0))
            assert person is not None
            button = self._app.turns.speech(unit, person).buttons.plain(action, argument)
            number = next(self._numbers)
            self._receive.accept(
                unit, [Incoming("telegram", f"own {number}", self._chat(0), Kind.PRESS, button=button)]
            )
        if self.afresh:
            self.tallies = Tallies()
        began = self._timed()
        try:
            taken = self._turn()
        except Uncounted as wanted:
            self._count(wanted.broadcasts)
            counting = (self._timed() - began) * 1000 if self.afresh else 0.0
            taken = counting + self._turn()
        with storage.unit(self._now) as unit:
            self._send(unit, 100)
        return taken

    def _turn(self) -> float:
        """Play the turn that waits; returns the milliseconds it took."""
        began = self._timed()
        with self._app.storage.unit(self._now) as unit, tallies.at_hand(self.tallies):
            self._receive.step(unit, unit.inbox.pending(self._now, 1)[0])
        return (self._timed() - began) * 1000

    def _count(self, broadcasts: Iterable[UUID]) -> None:
        """Count some broadcasts, as a running bot has a process do it."""
        assert self.tallies is not None
        with self._app.storage.reading(self._now) as unit:
            for each in map(unit.broadcasts.get, broadcasts):
                assert each is not None
                dialog = self._app.turns.dialog(unit, each.dialog_hash)
                self.tallies.keep(each.id, tallies.counted(unit, each.id, dialog))

    def decide(self, order: UUID, *, told: bool) -> UUID:
        """Let the facilitator write down what follows from an order, with a figure of it; returns the decision."""
        with self._app.storage.unit(self._now) as unit:
            ana = unit.people.known(self.facilitator)
            decision = share_backs.draft(unit, order, "decision", FOLLOWS, "es", ana)
            asked = unit.broadcasts.get(order)
            assert asked is not None
            figure = next(figure for each in freezing.of_broadcast(unit, asked) for figure in each.figures)
            share_backs.toggle_figure(unit, decision.id, figure.key, ana)
            if told:
                share_backs.send(unit, self._app.turns.organisation, decision.id, ana)
        self.settle()
        return decision.id

    def keep_record(self) -> None:
        """Let the group have a record."""
        with self._app.storage.unit(self._now) as unit:
            cohort = unit.cohorts.get(self.cohort)
            assert cohort is not None
            group_record.switch(unit, None, cohort, on=True)

    def settle(self) -> None:
        """Let everything be done that is due, and be sent."""
        tick, done = Scheduler(self._app.turns, self._receive.screens), 1
        while done or tick.behind:
            with self._app.storage.unit(self._now) as unit:
                done = tick.step(unit, AT_ONCE)
                self._send(unit, 1_000)
        self._app.storage.database.checkpoint()

    def looked(self) -> float:
        """Let the panel that waited longest be brought up to date; returns the milliseconds of it."""
        self._now += timedelta(seconds=31)
        began = self._timed()
        with self._app.storage.unit(self._now) as unit:
            for panel in self._panels.due(unit):
                self._panels.update(unit, panel)
        return (self._timed() - began) * 1000
