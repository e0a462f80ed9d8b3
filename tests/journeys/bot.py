"""The running bot in a thread of this process: its loops, its web side, Telegram's double behind a real HTTP client."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

from bot import clock
from bot.app import App
from bot.config import Config
from bot.pipeline.scheduler import Scheduler
from bot.pipeline.screens import Screens
from bot.running import Running, listen
from bot.services import broadcasts
from dialogs.run import Run
from storage.people import Person
from storage.runs import RunRow
from storage.unit import Unit
from tests.bot.walker import NEUTRAL, PURPOSE
from tests.double import Double
from tests.thread.bot import free_port

T = TypeVar("T")
PATIENCE = 20.0
UNFINISHED = (
    "SELECT (SELECT count(*) FROM inbox WHERE state = 'pending') + "
    "(SELECT count(*) FROM outbox WHERE state IN ('queued', 'sending'))"
)


class Bot:
    """One running bot. What is asked of it is asked in its own threads."""

    def __init__(self, running: Running, loop: asyncio.AbstractEventLoop, double: Double | None) -> None:
        self.running = running
        self.double = double
        self._loop = loop
        self._ticking = Scheduler(running.app.turns, Screens(running.app.turns))

    @property
    def address(self) -> str:
        """Where its pages are."""
        config = self.running.app.config
        return f"http://{config.host}:{config.port}"

    def write(self, work: Callable[[Unit], T]) -> T:
        """Do something in one transaction."""
        return asyncio.run_coroutine_threadsafe(self.running.workers.write(work), self._loop).result(PATIENCE)

    def read(self, work: Callable[[Unit], T]) -> T:
        """Look at the database."""
        return asyncio.run_coroutine_threadsafe(self.running.workers.read(work), self._loop).result(PATIENCE)

    def invite(self, cohort: str) -> str:
        """Make an invite to a cohort, which is made at first use; returns its code."""
        code = clock.new_code()

        def work(unit: Unit) -> None:
            found = unit.cohorts.by_name(cohort)
            cohort_id = found.id if found else clock.new_id()
            if found is None:
                unit.cohorts.add(cohort_id, cohort, ("es", "en"), None)
            unit.invites.create(clock.new_id(), code, "leader", cohort_id, 1, None, None)

        self.write(work)
        return code

    def order(self, dialog: str, cohort: str, purpose: str = PURPOSE) -> UUID:
        """Order a conversation, and have it sent at once."""

        def work(unit: Unit) -> UUID:
            found = unit.cohorts.by_name(cohort)
            assert found is not None
            asked = self.running.app.content.in_files().dialog(dialog)
            done = broadcasts.order(unit, asked, found, purpose, key=clock.new_id().hex, ordered_by=None)
            self._ticking.step(unit, 10)
            return done.broadcast_id

        broadcast_id = self.write(work)
        self._loop.call_soon_threadsafe(self.running.workers.outbox.notify)
        return broadcast_id

    def changes(self, **facts: Any) -> None:
        """Let the organisation's record say something else, from now on."""
        self.write(lambda unit: unit.organisation.set({**unit.organisation.get(), **facts}))
        self.running.app.turns.organisation.refresh()

    def settle(self) -> None:
        """Wait until everything that was said is handled and answered."""
        end = time.monotonic() + PATIENCE
        while (self.double and self.double.pending) or self.read(_unfinished):
            assert time.monotonic() < end, "not settled"
            time.sleep(0.005)

    def at(self, messenger: str, chat: str) -> Person:
        """Find who speaks at an address."""
        found = self.read(lambda unit: unit.people.at(messenger, chat))
        assert found is not None
        return found

    def run_of(self, person: Person, broadcast_id: UUID) -> RunRow:
        """Find her run of an order."""
        runs = self.read(lambda unit: unit.runs.of(person))
        return next(row for row in runs if row.broadcast_id == broadcast_id)

    def restored(self, person: Person, row: RunRow) -> Run:
        """Rebuild a run with its answers."""
        turns = self.running.app.turns
        return Run.restore(row.state, self.read(lambda unit: turns.answers(unit, person, row)))


def _unfinished(unit: Unit) -> Any:
    return unit.connection.exec_driver_sql(UNFINISHED).scalar()


@contextmanager
def awake(folder: Path, client: str, double: Double | None, record: dict[str, Any] | None = None) -> Iterator[Bot]:
    """Run the bot until the block ends: on a Telegram client over the double, or without one on the web chat alone."""
    settings = {"HILO_HOME": str(folder), "HILO_LANGUAGE": "es", "PORT": str(free_port())}
    settings |= {"HILO_SEND_RATE": "1000", "HILO_CHAT_RATE": "1000"}
    if double is not None:
        settings |= {
            "HILO_TELEGRAM_CLIENT": client,
            "HILO_TELEGRAM_TOKEN": double.token,
            "HILO_TELEGRAM_API": double.url,
        }
    ready, made = threading.Event(), []

    async def live() -> None:
        app = App.open(Config.load(settings, folder=folder))
        running = Running(app)
        await running.workers.write(lambda unit: unit.organisation.set(record or NEUTRAL))
        await running.start()
        server = running.pages()
        try:
            async with running.loops():
                made.append((Bot(running, asyncio.get_running_loop(), double), server))
                ready.set()
                await server.serve(sockets=[listen(app.config)])
        finally:
            await running.close()

    thread = threading.Thread(target=lambda: asyncio.run(live()), name="bot")
    thread.start()
    assert ready.wait(PATIENCE)
    bot, server = made[0]
    try:
        yield bot
    finally:
        server.should_exit = True
        thread.join(PATIENCE)
