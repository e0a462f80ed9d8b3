"""One installation in time, its people and what may go wrong; what happens to it is told by who does it."""

import logging
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any, ClassVar, TypeAlias
from uuid import UUID
from zoneinfo import ZoneInfo

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from bot.services.members import WELCOME_AT
from bot.services.refusals import ActRefused
from storage.unit import Unit
from tests.anything.holding import Holding, Someone
from tests.anything.themes import FATES, TROUBLES, Fates, Theme, Trouble
from tests.anything.world import Fate, Place
from tests.rhythm.world import PRESSES_KEPT

__all__ = ["ACTS", "DAY", "HOUR", "MEXICO", "SPANS", "WHO", "Acts", "History"]

BEGINS = datetime(2026, 3, 3, 16, tzinfo=UTC)  # a Tuesday, ten in the morning in Mexico City
MEXICO = ZoneInfo("America/Mexico_City")
A_MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
SPANS = (5 * A_MINUTE, HOUR, 5 * HOUR, 12 * HOUR, DAY, 3 * DAY)
LEADERS = 2
OUTAGE = 20 * HOUR  # Telegram forgets after a day what nobody fetched
LOOKS = 15  # at each moment at which something is due, and then as many in all the time that is left
MOST, EVER = 4, 9  # leaders of one history who are there, and who ever were
ANYBODY = 9  # of ten ways to choose somebody: whoever it is
STRAYS = 1 / 3  # of what happens in a history with a theme is anything else
WHO = st.integers(0, 9)
Acts: TypeAlias = list[tuple[int, Trouble]]
ACTS: st.SearchStrategy[Acts] = st.lists(st.tuples(st.integers(0, 9), TROUBLES), min_size=2, max_size=8)


class Errors(logging.Handler):
    """Keeps what was logged as an error: nothing here may be one."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a line."""
        self.said.append(record.getMessage())


class History(RuleBasedStateMachine):
    """One installation, and whoever is there.

    Attributes:
        home: where installations are made.
        take: gives the address of an empty database; "" is a file.
        give: takes it back.
    """

    home: ClassVar[Path | None] = None
    take: ClassVar[Callable[[], str]] = staticmethod(lambda: "")
    give: ClassVar[Callable[[str], object]] = staticmethod(lambda _url: None)
    theme: Theme = "anything"
    weather: tuple[Fate, ...] = ()
    strays = True

    def fits(self, themes: tuple[Theme, ...]) -> bool:
        """Return whether something of these themes may happen now."""
        return self.strays or self.theme in themes

    def opens(self, number: int, theme: Theme = "anything", weather: tuple[Fate, ...] = FATES) -> None:
        """Let some leaders be there, and one of the team."""
        self.theme, self.weather, self.lot = theme, weather, Random(number)
        self.folder = tempfile.TemporaryDirectory(dir=self.home)
        self.url = type(self).take()
        self.world = Place(Path(self.folder.name), number, BEGINS, self.url)
        self.world.telegram.chance.seed(number)
        self.errors = Errors()
        logging.getLogger("bot").addHandler(self.errors)
        self.someone: list[Someone] = []
        self.holding = Holding(self.world, self.someone, self.errors.said)
        self.orders: dict[UUID, str] = {}
        self.texts = self.hurry = 0
        self.down_at = self.world.now
        for _ in range(LEADERS):
            self.joins()
        self.ana = self.world.facilitator()
        self.holding.ana = self.ana

    def teardown(self) -> None:
        """Let go of everything."""
        if hasattr(self, "world"):
            logging.getLogger("bot").removeHandler(self.errors)
            self.world.close()
            type(self).give(self.url)
            self.folder.cleanup()

    # Time.

    def heard(self) -> None:
        """Let the bot hear what was said, until nothing is left to do now; in a hurry, only once."""
        self.strays = self.theme == "anything" or self.lot.random() < STRAYS
        self.world.happens()
        if self.world.net.down:
            return
        if self.hurry:
            self.hurry -= 1
            return
        self.live_until(self.world.now + 2 * A_MINUTE)
        self.calm()
        self.live_until(self.world.now + 2 * A_MINUTE)
        self.holding.check()

    def calm(self) -> None:
        """Let nothing more go wrong."""
        self.hurry = 0
        if self.world.net.down:
            self.is_reached()
        self.world.life.end_after(None)
        self.world.deaths_to_come.clear()
        self.world.telegram.meets(())
        self.world.telegram.twice = self.world.telegram.shuffles = False

    def live_until(self, moment: datetime) -> None:
        """Go on to each moment at which something is due, or a little later once that was often."""
        if self.world.net.down and moment > self.down_at + OUTAGE:
            if self.world.now < self.down_at + OUTAGE:
                self.live_until(self.down_at + OUTAGE)
            self.is_reached()
        deaths = self.world.deaths
        if moment - self.world.now > PRESSES_KEPT:
            self.world.happens()  # what was said in a hurry is fetched before it is too old
        looks = LOOKS if self.world.net.down else 0
        least = (moment - self.world.now) / LOOKS
        while self.world.now < moment:
            soonest = self.world.now + (least if looks >= LOOKS else A_MINUTE)
            looks += 1
            died, deaths = self.world.deaths != deaths, self.world.deaths
            self.world.now = min(soonest if died else max(self.world.next_due(), soonest), moment)
            self.world.happens()

    def is_reached(self) -> None:
        """Let Telegram be there again."""
        self.world.net.down = False
        self.holding.reached_at = self.world.now

    def waits(self, span: timedelta) -> None:
        """Let time pass, with the bot awake."""
        self.live_until(self.world.now + span)
        self.heard()

    def is_off(self, span: timedelta) -> None:
        """Let the process end without a word, and time pass until another begins."""
        self.world.happens()
        self.world.restart()
        if self.world.net.down:
            span = min(span, max(self.down_at + OUTAGE - self.world.now, timedelta(0)))
        self.world.now += span
        self.holding.back_at = self.world.now
        self.heard()

    def ten_comes(self) -> None:
        """Let it become ten in the morning."""
        local = self.world.now.astimezone(MEXICO)
        ten = local.replace(hour=10, minute=0)
        self.live_until((ten if ten > local else ten + DAY).astimezone(UTC))
        self.heard()

    def work_begins(self) -> None:
        """Let it become ten in the morning where the team is not at work."""
        if not self.daytime():
            self.ten_comes()

    def daytime(self) -> bool:
        """Return whether the team is at work."""
        return 9 <= self.world.now.astimezone(MEXICO).hour < 18

    # Who is there, and what they meet.

    def one(self, number: int, suits: Callable[[Someone], bool] = lambda each: each.there) -> Someone:
        """Return one of the leaders: mostly one of those that something suits."""
        found = [each for each in self.someone if suits(each)] if number != ANYBODY else []
        return (found or self.someone)[number % len(found or self.someone)]

    def others(self, someone: Someone) -> bool:
        """Return whether anybody else is there."""
        return any(each.there and each is not someone for each in self.someone)

    @precondition(lambda self: len(self.someone) < EVER and sum(each.there for each in self.someone) < MOST)
    @rule()
    def joins(self) -> None:
        """Somebody comes in who was welcomed before."""
        self.calm()
        phone = self.world.join(nickname=f"Flor {len(self.someone)}")
        with self.world.unit() as unit:
            unit.people.prefer(phone.person, **{WELCOME_AT: None})
            person = phone.person.id
        self.someone.append(Someone(phone, person))

    def meets(self, trouble: Trouble) -> None:
        """Let the process die after so many steps, or Telegram do so with what is sent next."""
        if isinstance(trouble, int):
            self.world.life.end_after(trouble)
        elif trouble is not None:
            self.world.telegram.meets(trouble.fates, alike=trouble.alike)

    def goes_wrong(self, trouble: Trouble) -> None:
        """Let trouble be met, of the kinds that there are in this history."""
        if isinstance(trouble, Fates):
            kinds = (
                each if each in {"well", *self.weather} else self.lot.choice(self.weather) for each in trouble.fates
            )
            trouble = Fates(tuple(kinds), trouble.alike)
        self.meets(trouble)

    def acts(self, work: Callable[[Unit], Any]) -> Any:
        """Do something as the team does at the console, in a process of its own; None where it was refused."""
        life = self.world.life
        left, life.last = None if life.last is None else life.last - life.steps, None
        try:
            with self.world.unit() as unit:
                return work(unit)
        except ActRefused:
            return None
        finally:
            life.end_after(left)

    def by(self, unit: Unit) -> Any:
        """Return whoever acts."""
        return unit.people.get(self.ana.person.id)
