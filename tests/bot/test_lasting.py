"""What goes wrong around a courier and a tick, and what they make of it: nothing lost, nothing said a third time."""

import asyncio
import itertools
import sqlite3
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.exc import DBAPIError

from bot import clock
from bot.export.export_worker import WORKSHOP
from bot.messengers.port import Outgoing
from bot.pipeline.courier import AT_ONCE, Courier
from bot.pipeline.send_results import recover
from bot.runtime.workers import Workers
from storage.database import Database, transient_error
from tests.bot.leader import words
from tests.bot.rig import Phone, Rig
from tests.bot.test_courier import states
from tests.bot.test_courier_loop import Watched, run, strangers, watched
from tests.memory import MemoryMessenger

PEOPLE = 400


@pytest.fixture
def live(tmp_path: Path) -> Iterator[Rig]:
    """An installation at the real time, with a messenger that can be watched."""
    it = Rig(tmp_path, now=clock.now())
    it.messenger = Watched()
    yield it
    it.close()


def noted(hilo: Rig, phone: Phone, *said: str) -> None:
    """Put plain sentences, which are never repeated, into the outbox."""
    phone.look()
    with hilo.unit() as unit:
        for each in said:
            hilo.turns.speech(unit, phone.person).send(each)


def die(hilo: Rig) -> None:
    """Claim what is to be sent, and die; the next process takes over."""
    with hilo.unit() as unit:
        unit.outbox.claim(unit.now, unit.now + timedelta(seconds=90), 8)
    with hilo.unit() as unit:
        recover(unit)
    hilo.advance(seconds=2)


# The courier.


def test_what_was_claimed_when_it_was_told_to_stop_is_sent(live: Rig) -> None:
    """Told to stop in the middle of claiming, the courier sends what it claimed: an announcement is not lost."""
    phone = live.join()
    phone.look()
    messenger = watched(live)

    async def whole() -> None:
        workers = Workers(live.storage)
        courier = asyncio.create_task(Courier(workers, {"memory": messenger}, 30, chat_rate=1000).run())
        await asyncio.sleep(0.3)
        noted(live, phone, "El taller es el jueves.")
        other = sqlite3.connect(live.folder / "hilo.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        workers.outbox.notify()
        await asyncio.sleep(0.2)
        courier.cancel()
        await asyncio.sleep(0.1)
        other.execute("ROLLBACK")
        other.close()
        await asyncio.gather(courier, return_exceptions=True)
        workers.close()

    asyncio.run(whole())
    assert phone.news == ["El taller es el jueves."]
    assert states(live, phone) == []


def test_the_rate_is_used_on_a_slow_line(live: Rig) -> None:
    """Where answers take long, the next second's messages begin with that second, and not a second after the last."""
    phones = strangers(live, 32)
    watched(live).takes = 0.5

    assert run(live, lambda: all(phone.heard for phone in phones), rate=8) < 4.2


def test_two_deaths_say_nothing_a_third_time(hilo: Rig) -> None:
    """A question is being sent when the process dies, its repetition when the next one does: it is not said again."""
    phone = hilo.join()
    hilo.order()
    phone.look()
    with hilo.unit() as unit:
        hilo.ticking.step(unit, 9)
    die(hilo)
    assert states(hilo, phone) == [("queued", "answer_lost")]
    die(hilo)
    hilo.send()

    assert states(hilo, phone) == [("unknown", "answer_lost")]
    assert phone.news == []


def test_what_a_dead_process_was_sending_is_seen_to_though_the_clock_went_back(hilo: Rig) -> None:
    """The lease of what was being sent lies in a time to come: it is taken over all the same, and her chat goes on."""
    phone = hilo.join()
    hilo.order()
    phone.look()
    with hilo.unit() as unit:
        hilo.ticking.step(unit, 9)
        unit.outbox.claim(unit.now, unit.now + timedelta(seconds=90), 8)
    hilo.advance(hours=-1)
    with hilo.unit() as unit:
        recover(unit)
    hilo.advance(seconds=2)
    hilo.send()

    assert "¿Tienes 2 minutos?" in phone.told


def test_a_new_process_knows_what_the_last_one_sent_just_now(live: Rig) -> None:
    """Killed at full pace and started at once, the bot stays below the rate over both lives."""
    phones = strangers(live, 20)
    messenger = watched(live)
    for number in (10, 20):
        run(live, lambda number=number: len(messenger.began) >= number, rate=10)  # type: ignore[misc]  # bound at once
    moments = [moment for moment, _ in messenger.began]

    assert all(phone.heard for phone in phones)
    assert max(sum(first <= moment < first + 1 for moment in moments) for first in moments) <= 10


def test_what_waits_for_a_messenger_that_is_not_there_waits(live: Rig) -> None:
    """Without its token the bot sends nothing to Telegram, goes on elsewhere, and has lost nothing when it is back."""
    phone = live.join()
    with live.unit() as unit:
        unit.outbox.put(clock.new_id(), None, "telegram", "77", "message", 0, {**Outgoing("77", "hola").to_dict()})
    noted(live, phone, "línea")
    run(live, lambda: phone.news == ["línea"])
    assert live.rows("SELECT state FROM outbox WHERE messenger = 'telegram'") == [("queued",)]


def test_files_that_nobody_makes_hold_up_no_message(live: Rig) -> None:
    """More files were ordered than are sent at once, and nobody is there to make them: what is behind them goes."""
    phone = live.join()
    with live.unit() as unit:
        for number in range(AT_ONCE + 1):
            unit.outbox.put(clock.new_id(), None, WORKSHOP, f"{number}", "message", 0, Outgoing("", None).to_dict())
    noted(live, phone, "línea")
    run(live, lambda: phone.news == ["línea"])

    assert live.rows("SELECT DISTINCT state FROM outbox WHERE messenger = ?", WORKSHOP) == [("queued",)]


class Broken(MemoryMessenger):
    """A messenger with a mistake in it, for one chat."""

    broken = ""

    async def send(self, outgoing: Outgoing) -> int:
        """Send, or fail in a way that no messenger should."""
        if outgoing.chat == self.broken:
            raise KeyError(outgoing.text)
        return await super().send(outgoing)


def test_a_row_that_cannot_be_sent_holds_up_no_other(live: Rig, caplog: pytest.LogCaptureFixture) -> None:
    """A mistake in sending one message costs that message: it is told in the log without its words, others go out."""
    live.messenger = Broken()
    unlucky, lucky = live.join(), live.join(nickname="Ceiba")
    live.messenger.broken = unlucky.chat
    noted(live, unlucky, "secreto")
    noted(live, lucky, "línea")
    run(live, lambda: lucky.news == ["línea"] and states(live, unlucky) == [("failed", "MessengerError")])

    assert "KeyError" in caplog.text
    assert "secreto" not in caplog.text


# The tick.


def test_a_round_is_spread_over_steps(hilo: Rig) -> None:
    """With hundreds of people no step does a whole round, so that answers need not wait; and nobody is left out."""
    phone = hilo.join()
    phone.say("/pause")
    phone.press("Una semana")
    with hilo.unit() as unit:
        for _ in range(PEOPLE):
            person = unit.people.create(clock.new_id(), unit.now, "active", "es")
            unit.people.look(person.id, unit.now)
    hilo.advance(days=8)
    phone.look()
    steps = 0
    while hilo.ticking.behind or not steps:
        steps += 1
        with hilo.unit() as unit:
            hilo.ticking.step(unit, 100)
    hilo.send()

    assert steps > 1
    assert phone.told == words(phone, "leader.pause.over")


def test_a_step_gives_way_after_a_few_people(hilo: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where looking at one of them takes ten milliseconds, three are as many as answers wait for."""
    with hilo.unit() as unit:
        people = [unit.people.create(clock.new_id(), unit.now, "active", "es") for _ in range(20)]
        for person in people:
            unit.people.look(person.id, unit.now)
    moments = itertools.count()
    monkeypatch.setattr(clock, "seconds", lambda: next(moments) / 100)
    with hilo.unit() as unit:
        hilo.ticking.step(unit, 100)
        left = set(unit.people.due(unit.now)) & {person.id for person in people}

    assert 0 < len(people) - len(left) < 6


def test_the_steps_of_a_round_follow_each_other(hilo: Rig) -> None:
    """A step that found nothing to say is no reason to wait while some of the round's people are left."""
    with hilo.unit() as unit:
        for _ in range(PEOPLE):
            person = unit.people.create(clock.new_id(), unit.now, "active", "es")
            unit.people.look(person.id, unit.now)
    hilo.tick()

    assert not hilo.ticking.behind


def test_rounds_go_on_when_the_clock_goes_back(hilo: Rig) -> None:
    """Put back by a day, the tick ends pauses at their moment, and not a day after it last looked."""
    phone = hilo.join()
    hilo.advance(days=30)
    hilo.tick()
    hilo.advance(days=-30)
    phone.say("/pause")
    phone.press("Una semana")
    hilo.advance(days=8)
    hilo.tick()

    assert phone.told == words(phone, "leader.pause.over")


def test_a_round_that_was_rolled_back_is_done(hilo: Rig) -> None:
    """The disk is full when a step ends: whoever it had come to is seen to by the next."""
    phone = hilo.join()
    phone.say("/pause")
    phone.press("Una semana")
    hilo.advance(days=8)
    phone.look()
    with hilo.unit() as unit:
        hilo.ticking.step(unit, 9)
        unit.connection.exec_driver_sql("ROLLBACK")
        unit.connection.exec_driver_sql("BEGIN")
    hilo.ticking.undone()
    hilo.tick()

    assert phone.told == words(phone, "leader.pause.over")


# The database.


def test_a_full_disk_in_the_middle_of_a_step_undoes_the_whole_step(hilo: Rig) -> None:
    """What was done for others in the same step is rolled back as well, and nobody is set apart for an hour."""
    phones = [hilo.join(nickname=f"Persona {place}") for place in range(40)]
    hilo.order()
    before = hilo.rows("SELECT state, due_at FROM deliveries ORDER BY id")
    with hilo.unit() as unit:
        pages = unit.connection.exec_driver_sql("PRAGMA page_count").scalar()
        unit.connection.exec_driver_sql(f"PRAGMA max_page_count = {pages + 4}")
    with pytest.raises(DBAPIError) as caught, hilo.unit() as unit:
        hilo.ticking.step(unit, 100)
    assert transient_error(caught.value) == "the disk is full"
    assert hilo.rows("SELECT state, due_at FROM deliveries ORDER BY id") == before
    assert hilo.count("runs") == 0
    with hilo.unit() as unit:
        unit.connection.exec_driver_sql("PRAGMA max_page_count = 1000000")
    hilo.tick()
    assert hilo.count("runs") == len(phones)


def test_a_file_that_takes_the_place_of_the_database_is_not_mixed_with_it(tmp_path: Path) -> None:
    """Once another file lies there nothing more is written, and the log of the old one is empty."""
    database = Database.open(f"sqlite:///{tmp_path / 'hilo.db'}")
    database.migrate()
    for place in range(20):
        with database.write() as connection:
            connection.exec_driver_sql(
                "INSERT INTO leases (name, holder, until) VALUES (?, 'old', '2026-01-01')", (f"{place}",)
            )
    (tmp_path / "other.db").write_bytes(b"")
    (tmp_path / "other.db").replace(tmp_path / "hilo.db")

    with pytest.raises(Exception, match="replaced"), database.write():
        pass
    assert (tmp_path / "hilo.db-wal").stat().st_size == 0
    database.dispose()
