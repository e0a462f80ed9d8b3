"""One installation in time, its people and what may go wrong; what happens to it is told by who does it."""

import logging
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar, TypeAlias
from uuid import UUID
from zoneinfo import ZoneInfo

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from bot.services.members import WELCOME_AT
from bot.services.refusals import ActRefused
from storage.unit import Unit
from tests.anything.holding import Holding, Someone
from tests.anything.world import Fate, Place

__all__ = ["ACTS", "DAY", "FATES", "HOUR", "MEXICO", "SPANS", "TROUBLES", "WHO", "Acts", "History", "Trouble"]

BEGINS = datetime(2026, 3, 3, 16, tzinfo=UTC)  # a Tuesday, ten in the morning in Mexico City
MEXICO = ZoneInfo("America/Mexico_City")
A_MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
SPANS = (5 * A_MINUTE, HOUR, 5 * HOUR, 12 * HOUR, DAY, 3 * DAY)
LEADERS = 2
LOOKS = 15  # in which a long time passes, at most
MOST = 5  # leaders of one history
WHO = st.integers(0, 9)
FATES: tuple[Fate, ...] = ("flood", "slow", "unreached", "lost", "cut", "cut", "dies", "ends")
Trouble: TypeAlias = int | tuple[Fate, ...] | None
MIXED: st.SearchStrategy[tuple[Fate, ...]] = st.lists(st.sampled_from(FATES), min_size=1, max_size=4).map(tuple)
STRETCH: st.SearchStrategy[tuple[Fate, ...]] = st.builds(
    lambda fate, times: (fate,) * times, st.sampled_from(FATES), st.integers(2, 6)
)
"""What goes wrong goes wrong for a while."""
TROUBLES: st.SearchStrategy[Trouble] = st.one_of(st.none(), st.integers(0, 6), MIXED, STRETCH)
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
        begun: how many histories there were so far.
    """

    home: ClassVar[Path | None] = None
    take: ClassVar[Callable[[], str]] = staticmethod(lambda: "")
    give: ClassVar[Callable[[str], object]] = staticmethod(lambda _url: None)
    begun: ClassVar[int] = 0

    def opens(self, number: int) -> None:
        """Let some leaders be there, and one of the team."""
        History.begun += 1
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
            self.world.net.down = False
            self.holding.reached_at = self.world.now
        self.world.life.end_after(None)
        self.world.deaths_to_come.clear()
        self.world.telegram.fates.clear()
        self.world.telegram.twice = self.world.telegram.shuffles = False

    def live_until(self, moment: datetime) -> None:
        """Go on to each moment at which something is due, or a little later where a long time passes."""
        least = (moment - self.world.now) / LOOKS
        while self.world.now < moment:
            self.world.now = min(max(self.world.next_due(), self.world.now + least), moment)
            self.world.happens()

    def waits(self, span: timedelta) -> None:
        """Let time pass, with the bot awake."""
        self.live_until(self.world.now + span)
        self.heard()

    def is_off(self, span: timedelta) -> None:
        """Let the process end without a word, and time pass until another begins."""
        self.world.restart()
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

    def one(self, number: int) -> Someone:
        """Return one of the leaders."""
        return self.someone[number % len(self.someone)]

    def others(self, someone: Someone) -> bool:
        """Return whether anybody else is there."""
        return any(each.there and each is not someone for each in self.someone)

    @precondition(lambda self: hasattr(self, "world") and len(self.someone) < MOST)
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
            self.world.telegram.fates = [*trouble]

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
