"""Jobs of workers on a real PostgreSQL: written with a row's transaction, by numbers alone, and no more than hints."""

import asyncio
import contextlib
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from bot import clock
from bot.export.export_worker import WORKSHOP, ExportWorker
from bot.pipeline.jobs import HELD, SCHEMA, Jobs, prepare
from bot.runtime.workers import Workers
from storage.broadcasts import Delivery
from tests.bot.rig import Rig, texts
from tests.bot.test_export_worker import admins, orders
from tests.bot.test_exporting import checked
from tests.storage.conftest import Databases, databases  # noqa: F401  a fixture is known where it is imported
from tests.storage.world import uid

SOON = 20.0
WAITING = f"SELECT task_name, args FROM {SCHEMA}.procrastinate_jobs ORDER BY id"  # noqa: S608  our own name


@pytest.fixture
def live(tmp_path: Path, databases: Databases) -> Iterator[Rig]:  # noqa: F811  pytest's way of asking for it
    """An installation on PostgreSQL at the real time, in which somebody has answered."""
    it = Rig(tmp_path, now=clock.now(), url=databases.take())  # not given back: it has more than our schema
    checked(it)
    prepare(it.storage.database)
    yield it
    it.close()


@pytest.fixture
def jobs(live: Rig) -> Iterator[Jobs]:
    """The jobs of a worker."""
    workers = Workers(live.storage)
    made = Jobs(workers, ExportWorker(texts(), live.media_store, live.folder), live.media_store, live.ticking)
    yield made
    workers.close()


def delivery(place: int) -> Delivery:
    """A delivery that is due."""
    return Delivery(uid(), uid(), uid(), clock.now(), f"hash{place}", uid())


def test_a_job_is_there_if_its_transaction_is(live: Rig, jobs: Jobs) -> None:
    """Rolled back, nobody is told; committed, once, by numbers alone; and our own tables are found as before."""
    due = [delivery(place) for place in range(3)]
    with contextlib.suppress(LookupError), live.unit() as unit:
        assert jobs.hand_over(unit, due, 2) == 2
        raise LookupError
    jobs.undone()
    assert live.rows(WAITING) == []
    with live.unit() as unit:
        assert jobs.hand_over(unit, due, 2) == 2
        assert jobs.hand_over(unit, due, 2) == 1
        assert jobs.hand_over(unit, due, 2) == 0
        assert unit.outbox.waiting(unit.now) is not None
    told = live.rows(WAITING)

    assert [name for name, _ in told] == ["deliver", "deliver"]
    batches = [[str(each.id) for each in part] for part in (due[:2], due[2:])]
    assert [args for _, args in told] == [{"deliveries": each} for each in batches]
    assert not [word for word in ("Rosa", "hash", "chat") if word in json.dumps(told)]


def test_what_is_handed_over_is_found_again(live: Rig) -> None:
    """An order that nobody made is found after its time, and not before; once it is over, never."""
    admins(live, 1)
    with live.unit() as unit:
        (seq,) = unit.outbox.hand_over(WORKSHOP, unit.now, unit.now + HELD, 9)
        assert unit.outbox.hand_over(WORKSHOP, unit.now, unit.now + HELD, 9) == []
        assert unit.outbox.queued("telegram", seq) is None
        order = unit.outbox.begin(WORKSHOP, seq)
        assert order is not None
        assert order.attempts == 0
    later = live.now + HELD + timedelta(seconds=1)
    with live.storage.unit(later) as unit:
        assert unit.outbox.hand_over(WORKSHOP, later, later + HELD, 9) == [seq]
        again = unit.outbox.begin(WORKSHOP, seq)
        assert again is not None
        assert again.attempts == 1
        unit.outbox.hold(seq, later + HELD * 2)
        assert unit.outbox.hand_over(WORKSHOP, later + HELD, later + HELD, 9) == []
        assert unit.outbox.open_ids(WORKSHOP) == [order.id]
        unit.outbox.sent(seq, None, later)
        assert unit.outbox.queued(WORKSHOP, seq) is None
        assert unit.outbox.open_ids(WORKSHOP) == []


def test_an_order_is_made_once_and_a_new_version_begins_anew(live: Rig, jobs: Jobs) -> None:
    """The file waits for its admin, and its job is gone; tables of another version are made anew."""
    admins(live, 2)
    with live.unit() as unit:
        unit.connection.execute(text(f"COMMENT ON SCHEMA {SCHEMA} IS '1.0'"))
        unit.connection.execute(text(f"CREATE TABLE {SCHEMA}.old (id int)"))
    prepare(live.storage.database)

    async def work() -> None:
        doing = [asyncio.create_task(each) for each in (jobs.run(), jobs.orders())]
        async with asyncio.timeout(SOON):
            while orders(live, "sent") < 2 or live.rows(WAITING):  # noqa: ASYNC110  what is waited for is a row
                await asyncio.sleep(0.05)
        for each in doing:
            each.cancel()
        await asyncio.gather(*doing, return_exceptions=True)

    asyncio.run(work())

    assert live.rows("SELECT count(*) FROM pg_tables WHERE tablename = 'old'") == [(0,)]
    assert orders(live, "queued") == 0
    assert live.rows("SELECT count(*) FROM outbox WHERE messenger <> 'workshop' AND state = 'queued'")[0][0] >= 2
