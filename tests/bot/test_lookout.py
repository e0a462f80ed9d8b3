"""The lookout: with nothing to do a bot leaves its database alone; what was written or is due is seen in a second."""

import asyncio
import logging
import sqlite3
from contextlib import AbstractContextManager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot import clock
from bot.pipeline.courier import Courier
from bot.pipeline.lookout import PATIENT, Lookout
from bot.pipeline.loops import Handler, Ticker
from bot.pipeline.scheduler import Scheduler
from bot.runtime.workers import Workers
from storage.database import Database
from storage.unit import Storage
from tests.bot.rig import Phone, Rig


@pytest.fixture
def quiet(hilo: Rig) -> tuple[Rig, Lookout, Phone]:
    """An installation in which somebody is, and a lookout that has seen all there was."""
    phone = hilo.join()
    lookout = Lookout(hilo.workers)
    assert look(hilo, lookout)
    return hilo, lookout, phone


def look(rig: Rig, lookout: Lookout) -> bool:
    """Look once; returns whether the bells rang."""
    return rig.run(lookout.round())


def test_nothing_rings_while_nothing_happens(quiet: tuple[Rig, Lookout, Phone]) -> None:
    """Time goes by, and loops look and find nothing: no bell rings for that."""
    hilo, lookout, _ = quiet
    rang = []
    for _ in range(3):
        hilo.advance(seconds=1)
        hilo.handle()
        hilo.send()
        rang.append(look(hilo, lookout))

    assert rang == [False, False, False]


def test_what_another_process_wrote_is_seen(quiet: tuple[Rig, Lookout, Phone]) -> None:
    """A command writes a row beside the bot: the next look sees it, and the one after has nothing more to see."""
    hilo, lookout, phone = quiet
    other = Database.open(f"sqlite:///{hilo.folder / 'hilo.db'}")
    with Storage(other, hilo.storage.vault).unit(hilo.now) as unit:
        unit.people.change(unit.people.known(phone.person.id), nickname="Nopal")
    other.dispose()
    rang = [look(hilo, lookout), look(hilo, lookout)]

    assert rang == [True, False]


def test_what_this_process_wrote_is_seen(quiet: tuple[Rig, Lookout, Phone]) -> None:
    """What a turn wrote may concern any loop and any open page."""
    hilo, lookout, phone = quiet
    phone.say("/menu")

    assert look(hilo, lookout)
    assert not look(hilo, lookout)


@pytest.mark.parametrize("waits", ["message", "run", "delivery"])
def test_what_waits_for_its_moment_is_seen_then(quiet: tuple[Rig, Lookout, Phone], waits: str) -> None:
    """A message to be said later, a question put off, an order for later: nobody looks before, and somebody then."""
    hilo, lookout, phone = quiet
    later = hilo.now.replace(second=0, microsecond=0) + timedelta(minutes=1)  # what is kept of it is its minute
    if waits == "delivery":
        hilo.order()
        with hilo.unit() as unit:
            (each,) = unit.broadcasts.due(unit.now, 9)
            unit.broadcasts.defer(each.id, later)
    else:
        hilo.ask(phone)
        with hilo.unit() as unit:
            unit.runs.defer(phone.run.id, later)
            if waits == "message":
                unit.runs.rest(phone.run.id)
                body = {"text": "hola", "keyboard": []}
                unit.outbox.put(clock.new_id(), phone.person, "memory", phone.chat, "message", 0, body, due_at=later)
    assert look(hilo, lookout)
    hilo.advance(seconds=(later - hilo.now).total_seconds() - 1)
    before = look(hilo, lookout)
    hilo.advance(seconds=1)

    assert (before, look(hilo, lookout)) == (False, True)


class Ailing(Workers):
    """Storage's threads, which fail as they are told to."""

    def __init__(self, storage: Storage, error: Exception) -> None:
        super().__init__(storage)
        self.error = error

    async def mark(self) -> object:
        """Fail."""
        raise self.error


@pytest.mark.parametrize("error", [ValueError("el agua"), sqlite3.OperationalError("database or disk is full")])
def test_a_look_that_fails_wakes_everybody_to_look(
    hilo: Rig, error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    """The log has the kind of a mistake of ours and no words; what ails the database is told of by its own line."""
    full = isinstance(error, sqlite3.Error)
    if full:
        error.sqlite_errorname = "SQLITE_FULL"  # type: ignore[attr-defined]  # as the driver sets it
    workers = Ailing(hilo.storage, error)
    with caplog.at_level(logging.ERROR):
        assert hilo.run(Lookout(workers).round())
    workers.close()

    assert ("lookout: ValueError" in caplog.messages) is not full
    assert len(caplog.messages) == 1
    assert "el agua" not in caplog.text


def test_a_clock_that_was_put_back_is_seen(quiet: tuple[Rig, Lookout, Phone]) -> None:
    """What was put off by the wrong clock is looked at again by the right one."""
    hilo, lookout, _ = quiet
    hilo.advance(seconds=-3600)

    assert look(hilo, lookout)


@pytest.mark.proof
def test_an_idle_bot_leaves_its_database_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All loops run for three seconds with nothing to do: after their first look they begin no transaction."""
    live = Rig(tmp_path, now=clock.now())
    begun: list[float] = []
    session = Database.session

    def noted(database: Database, *, writing: bool, at_once: bool = False) -> AbstractContextManager[Any]:
        begun.append(clock.seconds())
        return session(database, writing=writing, at_once=at_once)

    monkeypatch.setattr(Database, "session", noted)

    async def whole() -> float:
        workers = Workers(live.storage)
        loops = (
            Lookout(workers),
            Handler(workers, live.receive, {"memory": live.messenger}),
            Ticker(workers, Scheduler(live.turns, live.receive.screens), {"memory": live.messenger}, 30),
            Courier(workers, {"memory": live.messenger}, 30),
        )
        tasks = [asyncio.create_task(each.run()) for each in loops]
        await asyncio.sleep(2.5)
        settled = clock.seconds()
        patience = workers.patience
        await asyncio.sleep(3)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        workers.close()
        assert patience == PATIENT
        return settled

    settled = asyncio.run(whole())
    live.close()
    assert begun
    assert [moment for moment in begun if moment > settled] == []
