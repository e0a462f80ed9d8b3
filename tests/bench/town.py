"""One organisation with so many people in one cohort: all came in by one invite, and were asked something once.

What is measured is what the bot does between its network and its disk, in milliseconds of CPU.
"""

import itertools
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from bot import clock
from bot.app import App
from bot.config import Config
from bot.content import FIRST_DIALOG
from bot.messengers.port import Incoming, Kind
from bot.pipeline.scheduler import Scheduler
from bot.running import receiving
from bot.services import broadcasts
from bot.services.versions import save_version
from bot.team.orders.panel import BroadcastPanels
from storage.unit import Unit
from tests.bench.office import BEGAN, BODIES, settings

TEAM = 5
LEFT, PAUSED, TIDY = 20, 100, 50  # one in so many left, takes a break, has her chat tidied at night
AT_ONCE = 500  # people a transaction
STEP = 20  # deliveries a step of the tick
STEP_TAKES = 0.7  # seconds at Telegram's pace
SAID = 5  # messages to each
MENU = "¿Qué quieres hacer?"
PURPOSE = "Para saber cómo va la semana de cada quien"


def cpu(work: Callable[[], object]) -> float:
    """Return the milliseconds of CPU that something takes."""
    began = time.process_time()
    work()
    return (time.process_time() - began) * 1000


class Town:
    """A bot's storage, its receiving side and its tick, with many people behind them."""

    def __init__(self, home: Path, people: int) -> None:
        self._app = App.open(Config.load(settings(home)))
        self._turns = self._app.turns
        self._receive = receiving(self._turns)
        self._tick = Scheduler(self._turns, self._receive.screens)
        self._numbers = itertools.count(1)
        self._now = BEGAN
        self._code = clock.new_code()
        self._names = self._turns.texts.say("join.nicknames", "es").split(", ")
        self.people: list[UUID] = []
        self._found(people)
        for start in range(0, people, AT_ONCE):
            with self._unit() as unit:
                for place in range(start, min(start + AT_ONCE, people)):
                    self._settle(unit, place)
                self._send(unit)
        self._app.storage.database.checkpoint()
        self._now += timedelta(days=1)
        self.rest()

    def close(self) -> None:
        """Let go of the database."""
        self._app.close()

    def _unit(self) -> AbstractContextManager[Unit]:
        return self._app.storage.unit(self._now)

    # Filling.

    def _found(self, people: int) -> None:
        with self._unit() as unit:
            unit.organisation.set({"retention_months": 24})
            self._cohort = unit.cohorts.add(clock.new_id(), "Sierra Norte", ("es", "en"))
            unit.invites.create(clock.new_id(), self._code, "leader", self._cohort.id, people * 10, None, None)
            invite = unit.invites.find(self._code)
            assert invite is not None
            self._invite = invite.id
            for place in range(TEAM):
                member = unit.people.create(clock.new_id(), self._now, "active", "es")
                unit.addresses.link(member, "telegram", f"team {place}", clock.new_id())
                unit.roles.grant(clock.new_id(), member.id, "facilitator", self._cohort.id)
            self._facilitator = member.id
            for name in (FIRST_DIALOG, "check_in"):
                save_version(unit, self._app.content.in_files().dialog(name))

    def _settle(self, unit: Unit, place: int) -> None:
        """Let one more have come in, with the nickname that was picked for her, and have answered something once."""
        person = unit.people.create(clock.new_id(), self._now, "active", "es")
        unit.addresses.link(person, "telegram", f"{place}", clock.new_id())
        unit.memberships.join(clock.new_id(), person.id, self._cohort.id)
        unit.invites.use(self._invite, person.id)
        round_, which = divmod(place, len(self._names))
        person = unit.people.change(
            person, nickname=f"{self._names[which]} {round_ + 1}" if round_ else self._names[which]
        )
        person = unit.people.prefer(unit.people.known(person.id), form="both", tidy=None if place % TIDY else "nightly")
        unit.consents.add(clock.new_id(), person, "given", "v1", "es", PURPOSE)
        version, run_id = self._app.content.in_files().dialog(FIRST_DIALOG).version, clock.new_id()
        unit.runs.create(run_id, person, version, "person", {"v": 1}, "completed", "es", self._cohort.id, prompt=4)
        for path, value in BODIES.items():
            unit.answers.add(clock.new_id(), run_id, path, person, value, unit.now)
        for number in range(SAID):
            self._turns.speech(unit, person).send(MENU, run_id=run_id if number else None, prompt=number or None)
        if place % LEFT == LEFT - 1:
            unit.people.change(person, participation="left")
            unit.consents.add(clock.new_id(), person, "withdrawn", "v1", "es", PURPOSE)
            unit.memberships.leave(person.id, self._cohort.id)
        elif place % PAUSED == PAUSED - 1:
            unit.people.change(person, participation="paused")
        else:
            self.people.append(person.id)

    def _send(self, unit: Unit) -> int:
        """Let what waits in the outbox be sent; returns how many messages that were."""
        sent = 0
        while claimed := unit.outbox.claim(unit.now, unit.now + timedelta(minutes=1), 100):
            for row in claimed:
                unit.outbox.sent(row.seq, next(self._numbers) if row.kind == "message" else None, unit.now)
            sent += len(claimed)
        return sent

    def rest(self) -> None:
        """Let everything be done that is due, and be sent."""
        while self._step(100) or self._tick.behind:
            pass

    # Measured.

    def joining(self) -> float:
        """Let one more come in and have a nickname picked for her; returns what all her turns took."""
        chat = f"new {next(self._numbers)}"
        taken = self._turn(Incoming("telegram", self._key(), chat, Kind.TEXT, text=f"/start {self._code}"))
        for action, argument in (("language", "es"), ("agree", ""), ("nickname", "pick")):
            taken += self._press(chat, action, argument)
        with self._unit() as unit:
            person = unit.people.at("telegram", chat)
            assert person is not None
            assert person.participation == "active"
            assert person.nickname
        return taken

    def answering(self, place: int) -> float:
        """Let somebody answer the first question of a check-in; returns what that turn took."""
        with self._unit() as unit:
            person = unit.people.known(self.people[place])
            dialog = self._app.content.in_files().dialog("check_in")
            run_id = self._turns.begin(unit, person, dialog, "person", cohort_id=self._cohort.id, offer=False)
            self._send(unit)
        key, order = self._key(), next(self._numbers)
        taken = self._turn(Incoming("telegram", key, person.chat or "", Kind.TEXT, text="4", order=order))
        with self._unit() as unit:
            assert unit.answers.of(run_id, person)
            row = unit.runs.get(run_id, person)
            assert row is not None
            self._turns.expire(unit, person, row)
        return taken

    def _press(self, chat: str, action: str, argument: str) -> float:
        with self._unit() as unit:
            person = unit.people.at("telegram", chat)
            assert person is not None
            button = self._turns.speech(unit, person).buttons.plain(action, argument)
        return self._turn(Incoming("telegram", self._key(), chat, Kind.PRESS, button=button))

    def _key(self) -> str:
        return str(next(self._numbers))

    def _turn(self, incoming: Incoming) -> float:
        with self._unit() as unit:
            self._receive.accept(unit, [incoming])

        def play() -> None:
            with self._unit() as unit:
                self._receive.step(unit, unit.inbox.pending(self._now, 1)[0])

        taken = cpu(play)
        with self._unit() as unit:
            self._send(unit)
        return taken

    def ticking(self, **later: float) -> float:
        """Let so much time pass in which nothing came due, and return what the tick takes then until it rests."""
        self._now += timedelta(**later)

        def ticked() -> None:
            while self._step(STEP, send=False) or self._tick.behind:
                pass

        return cpu(ticked)

    def _step(self, limit: int, *, send: bool = True) -> int:
        with self._unit() as unit:
            done = self._tick.step(unit, limit)
            if send:
                done += self._send(unit)
        return done

    def sending(self, most: int) -> Iterator[float]:
        """Send an order with its panel, and give what each delivery of it takes until it is sent, a step at a time.

        Afterwards every run of it is ended, so that the next order finds everybody free.
        """
        dialog, cohort = self._app.content.in_files().dialog("check_in"), self._cohort
        with self._unit() as unit:
            began = time.process_time()
            given = broadcasts.order(
                unit, dialog, cohort, PURPOSE, key=clock.new_id().hex, ordered_by=unit.people.known(self._facilitator)
            )
            each = (time.process_time() - began) * 1000 / given.people
            member = unit.people.known(self._facilitator)
            order = unit.broadcasts.get(given.broadcast_id)
            assert order is not None
            BroadcastPanels(self._turns).show(self._turns.speech(unit, member), member, order, None)
            self._send(unit)
        for _ in range(min(most, given.people) // STEP):
            self._now += timedelta(seconds=STEP_TAKES)
            yield each + cpu(lambda: self._step(STEP)) / STEP
        with self._unit() as unit:
            broadcasts.cancel(unit, given.broadcast_id, None)
            broadcasts.close(unit, given.broadcast_id, None)
        self.rest()
        self._now += timedelta(hours=5)
        self.rest()
