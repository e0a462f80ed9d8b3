"""A group's year: its leaders come, answer, rest, move and leave, while the bot is killed and cut off now and then."""

import hashlib
import heapq
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from random import Random
from uuid import UUID

from sqlalchemy import select

from storage.tables import broadcasts, deliveries, runs
from tests.bot.asking import prepare
from tests.bot.leader import words
from tests.rhythm.leaders import A_LOOK, MOST_STEPS, PLACES, Leader, live_in
from tests.rhythm.world import World

BEGINS = datetime(2026, 1, 5, 15, tzinfo=UTC)  # a Monday, nine in the morning in Mexico City
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
WEEKLY, MONTHLY = "cada jueves a las 7 de la tarde", "el primer lunes de cada mes a las 11 de la mañana"
WEEKLY_AT, MONTHLY_AT, WAY_AT = time(19), time(11), time(17)
WAY_DAYS, WAY = (3, 10, 30), "3, 10 y 30"
ANSWERING = 0.6
OPEN, READ = "Abrir", "Ya lo leí"
SEEN = {OPEN, "Una vez más", "No: que siga"}
OFTEN = {"menu": 12, "pause": 0.4, "rest": 0.1, "move": 0.3, "hours": 0.3, "leave": 0.12}  # times a year, on average


@dataclass(frozen=True)
class Plan:
    """How large a history is."""

    leaders: int
    days: int
    kills: int
    outages: int
    seed: int = 0
    joiners: float = 0.3  # of the leaders, how many come in later


@dataclass(frozen=True, slots=True)
class Cut:
    """A time in which the bot does not run, or the network is out of reach."""

    begins: datetime
    ends: datetime
    network: bool


class Year:
    """One history, from its seed."""

    def __init__(self, folder: Path, plan: Plan) -> None:
        self.plan = plan
        self.chance = Random(plan.seed)
        self.world = World(folder, plan.seed, BEGINS)
        self.leaders: list[Leader] = []
        self.log: list[str] = []
        self.jumps = 0
        self.schedules: dict[UUID, time] = {}
        self.way: UUID | None = None
        self.ends = BEGINS + plan.days * DAY
        self.cuts = [*self._cuts()]
        self.killed_at: list[datetime] = []
        self._by_chat: dict[str, Leader] = {}
        self._heard_of = self._read_of = 0
        self._unread: list[int] = []
        self._acted: dict[int, datetime] = {}
        self._agenda: list[tuple[datetime, int, Leader | None, str]] = []
        self._order = itertools.count()

    def _cuts(self) -> Iterator[Cut]:
        """Let half of them be of the network, a few hours long, and half of the bot, up to four days."""
        for place in range(self.plan.outages):
            begins = BEGINS + DAY * (2 + (self.plan.days - 8) * (place + self.chance.random()) / self.plan.outages)
            lasts = HOUR * (self.chance.uniform(1, 4) if place % 2 else self.chance.choice([2, 9, 23, 26, 75, 96]))
            yield Cut(begins, begins + lasts, bool(place % 2))

    # How it begins.

    def settle_in(self) -> None:
        """Let the first leaders come in, and the team begin what comes back."""
        later = int(self.plan.leaders * self.plan.joiners)
        for _ in range(self.plan.leaders - later):
            self.join()
        self.ana = self.world.facilitator()
        for every in (WEEKLY, MONTHLY):
            prepare(self.ana)
            self.ana.press(words(self.ana, "button.ask_repeat"))
            self.ana.say(every)
            self.ana.press(words(self.ana, "button.repeat_times"))
            self.ana.press(words(self.ana, "repeat.times.open"))
            self.ana.press(words(self.ana, "button.repeat_begin"))
            self.schedules[self._newest()] = WEEKLY_AT if every is WEEKLY else MONTHLY_AT
        self._begin_way()
        self.settled = self.world.now
        for _ in range(later):
            at = self._look_after(BEGINS + self.chance.random() * self.plan.days * DAY)
            heapq.heappush(self._agenda, (at, next(self._order), None, "join"))
        moments = sorted(self.chance.random() for _ in range(self.plan.kills))
        self.kills = [BEGINS + DAY + each * (self.plan.days - 2) * DAY for each in moments]

    def _newest(self) -> UUID:
        with self.world.reading() as unit:
            return unit.schedules.list()[0].id

    def _begin_way(self) -> None:
        """Let the team begin a way in of three dialogs, each so many days after somebody joined."""
        prepare(self.ana)
        self.ana.press(words(self.ana, "button.ask_repeat"))
        self.ana.press(words(self.ana, "repeat.often.joining"))
        self.ana.say(WAY)
        self.ana.say("5 de la tarde")
        for _ in WAY_DAYS[1:]:
            self.ana.press(words(self.ana, "button.repeat_then"))
            self.ana.press(self.ana.last.labels[1])
        self.ana.press(words(self.ana, "button.repeat_begin"))
        self.way = self._newest()
        self.schedules[self.way] = WAY_AT

    def join(self) -> None:
        """Let one more come in, and say where she lives."""
        number = len(self.leaders)
        phone = self.world.join(nickname=f"Flor {number}", seen_by=None)
        chance = Random(f"{self.plan.seed} {number}")
        answers = ANSWERING + chance.uniform(-0.3, 0.3)
        leader = Leader(phone, chance, chance.choice(PLACES), answers, self.world.now)
        live_in(phone, leader.place)
        leader.note_ways(leader.joined)
        self.leaders.append(leader)
        self._by_chat[phone.chat] = leader
        for what, often in OFTEN.items():
            for _ in range(_times(often * self.plan.days / 365, chance)):
                at = self._look_after(self.world.now + chance.random() * (self.ends - self.world.now))
                heapq.heappush(self._agenda, (at, next(self._order), leader, what))
                if what == "rest":
                    heapq.heappush(self._agenda, (at + 20 * DAY, next(self._order), leader, "back"))

    def _look_after(self, at: datetime) -> datetime:
        """Return the next moment at which anybody looks at a phone."""
        slots = -(-(at - BEGINS) // A_LOOK)
        return BEGINS + slots * A_LOOK

    # How it goes on.

    def live(self) -> None:
        """Let the whole time pass."""
        world = self.world
        while world.now < self.ends:
            edges = [each for cut in self.cuts for each in (cut.begins, cut.ends) if each > world.now]
            moments = [*edges, *self.kills[:1], *(each[0] for each in self._agenda[:1])]
            moments += [each.looks_at for each in self.leaders if each.looks_at is not None]
            if world.awake:
                moments.append(world.next_due())
            world.now = max(min(moments), world.now)
            self.jumps += 1
            self._cut_off()
            if self.kills and self.kills[0] <= world.now:
                self.kills.pop(0)
                self.killed_at.append(world.now)
                world.life.end_after(self.chance.randint(0, 25))
            world.happens()
            self._look_at_phones()
            self._agenda_of_now()

    def _cut_off(self) -> None:
        """Let the bot and the network be away, and come back."""
        world, present = self.world, [each for each in self.cuts if each.begins <= self.world.now < each.ends]
        away = any(not each.network for each in present)
        if world.awake and away:
            world.restart()  # whatever it was doing
            world.awake = False
        world.awake = not away
        world.net.down = any(each.network for each in present)

    @property
    def well(self) -> bool:
        """Whether the bot is awake, and hears."""
        return self.world.awake and not self.world.net.down

    def _look_at_phones(self) -> None:
        """Let everybody whose moment it is look at her phone; the others note when they will."""
        now = self.world.now
        looking = [each for each in self.leaders if each.looks_at is not None and each.looks_at <= now]
        for each in looking:
            each.looks_at = None
        for _ in range(MOST_STEPS):
            looking = [each for each in looking if each.look(self.world)]
            self._acted.update({self.leaders.index(each): self.world.now for each in looking})
            if not looking:
                break
            self.world.happens()
        self._note_ways()
        self._team_reads()
        for each in self._told_since():
            if each.looks_at is None:
                later = min(each.chance.expovariate(1 / 9), 100.0)  # hours
                each.looks_at = self._look_after(now + later * HOUR)

    def _told_since(self) -> list[Leader]:
        """List the leaders to whom something was sent since this was asked last, but for what they saw come."""
        fresh = {each.chat: each.order for each in self.world.net.ledger[self._heard_of :] if each.new}
        self._heard_of = len(self.world.net.ledger)
        return [
            self._by_chat[chat]
            for chat, order in fresh.items()
            if chat in self._by_chat and order > self._by_chat[chat].seen
        ]

    def _team_reads(self) -> None:
        """Let the facilitator open each notice and say that she read it, as often as there is one."""
        fresh = [each for each in self.world.net.ledger[self._read_of :] if each.chat == self.ana.chat and each.new]
        self._read_of = len(self.world.net.ledger)
        self._unread += [each.order for each in fresh]
        if not self.well or self.world.life.last is not None or self.world.now.hour < 15:
            return
        unread, self._unread = self._unread, []
        buttons = [
            (button.id, message.order)
            for message in (self.ana.heard if unread else [])
            if message.order in unread
            for row in message.keyboard
            for button in row
            if button.label in SEEN
        ]
        for button, order in buttons:
            self.ana.press_id(button, order)
            if READ in self.ana.last.labels:
                self.ana.press(READ)

    def _note_ways(self) -> None:
        """Note by what zone and hours those live now who did something, once the bot has heard it."""
        if self.well:
            for place, at in self._acted.items():
                self.leaders[place].note_ways(at)
            self._acted.clear()

    def _agenda_of_now(self) -> None:
        while self._agenda and self._agenda[0][0] <= self.world.now:
            at, number, leader, what = heapq.heappop(self._agenda)
            if not self.well or self.world.life.last is not None:
                heapq.heappush(self._agenda, (at + DAY, number, leader, what))  # she tries again tomorrow
            elif leader is None:
                self.join()
            elif leader.left is None:
                at = self.world.now
                leader.does(self.world, what)
                leader.note_ways(at)

    # What is told of it.

    def story(self) -> list[str]:
        """Tell everything that was sent, and how everything stands, without any id that is by chance."""
        names = {each.phone.chat: str(place) for place, each in enumerate(self.leaders)}
        told = [
            f"{each.at:%Y-%m-%d %H:%M:%S.%f} {names.get(each.chat, 'team')} {each.text!r}"
            for each in self.world.net.ledger
        ]
        return told + [f"{on} {who} {state} {reason}" for on, _, who, state, reason, *_ in self.standing()]

    def standing(self) -> list[tuple[object, ...]]:
        """Return how every delivery of an occurrence stands, whose it is, by which run it was begun."""
        query = (
            select(
                *(broadcasts.c.occurs_on, broadcasts.c.schedule_id, deliveries.c.person_id, deliveries.c.state),
                *(deliveries.c.reason, deliveries.c.due_at, deliveries.c.closes_at, runs.c.id),
            )
            .join(broadcasts, broadcasts.c.id == deliveries.c.broadcast_id)
            .outerjoin(runs, runs.c.delivery_id == deliveries.c.id)
            .where(broadcasts.c.schedule_id.is_not(None))
        )
        with self.world.reading() as unit:
            people = {
                found.id: place
                for place, each in enumerate(self.leaders)
                if (found := unit.people.at(self.world.net.name, each.phone.chat)) is not None
            }
            rows = [tuple(row) for row in unit.connection.execute(query)]
        return sorted(((on, schedule, people[who], *rest) for on, schedule, who, *rest in rows), key=str)

    def digest(self) -> str:
        """Return the story's hash."""
        return hashlib.sha256("\n".join(self.story()).encode()).hexdigest()


def _times(mean: float, chance: Random) -> int:
    """Return how often something happens that happens so often on average."""
    times, left = 0, chance.expovariate(1)
    while left < mean:
        times, left = times + 1, left + chance.expovariate(1)
    return times
