"""The twelve ways in which an installation runs: how updates come, where the rows are, on which client, in how many."""

import random
from collections.abc import Callable
from dataclasses import dataclass

from bot import clock
from storage.unit import Storage
from tests.bot.ready import ready, vault_of
from tests.double import Double
from tests.storage.world import opened
from tests.thread.bot import Hilo

FIVE = 5
OFTEN = {"askings_a_week": 10_000, "messages_a_week": 20_000}  # however often they are asked in a test


@dataclass(frozen=True)
class Way:
    """One of the twelve.

    Attributes:
        client: the library that speaks to Telegram.
        brought: whether Telegram brings updates to a webhook.
        server: whether the rows are on PostgreSQL.
        processes: how many do the work.
    """

    client: str
    brought: bool
    server: bool
    processes: int

    def __str__(self) -> str:
        how = "webhook" if self.brought else "polling"
        return f"{self.client}-{how}-{'postgresql' if self.server else 'sqlite'}-{self.processes}"


WAYS = tuple(
    Way(client, brought, server, processes)
    for client in ("ptb", "aiogram")
    for brought in (False, True)
    for server, processes in ((False, 1), (True, 1), (True, FIVE))
)


class Several:
    """The processes of one installation, each of which may be killed and begun again."""

    def __init__(self, way: Way, install: Callable[..., Hilo], double: Double, url: str) -> None:
        settings = {"HILO_DATABASE_URL": url} if url else {}
        self.first = install(way.client, **settings)
        if way.brought:
            self.first.hook()
        self.all = [self.first, *(self._more(way, double, place) for place in range(1, way.processes))]
        ready(self.first.home, url=self.first.url)
        with opened(self.first.url) as database, Storage(database, vault_of(self.first.home)).unit(clock.now()) as unit:
            unit.organisation.set(unit.organisation.get() | OFTEN)

    def _more(self, way: Way, double: Double, place: int) -> Hilo:
        made = Hilo(self.first.home, double, way.client, HILO_DATABASE_URL=self.first.url)
        made.log = self.first.home.parent / f"more{place}.log"
        names = ("HILO_WEBHOOK_URL", "HILO_WEBHOOK_SECRET") if way.brought else ()
        made.environment |= {name: self.first.environment[name] for name in names}
        return made

    def start(self) -> None:
        """Start all, side by side."""
        for each in self.all:
            each.begin()
        for each in self.all:
            each.wait()

    def kill(self, chance: random.Random) -> None:
        """Kill one of them without any warning, and begin it again."""
        chosen = chance.choice(self.all)
        chosen.kill()
        chosen.start()

    def end(self) -> None:
        """Let none be left."""
        for each in self.all[1:]:
            if each.process is not None and each.process.poll() is None:
                each.kill()

    def logs(self) -> str:
        """Return what all of them logged."""
        return "\n".join(each.log.read_text("utf-8") for each in self.all if each.log.exists())
