"""Work of several workers over one PostgreSQL that is no turn: files that were ordered, due deliveries, sweeps.

Rows are the truth. A job says where to look, by number alone; procrastinate brings it to one of the workers. It is
written in the transaction that found the row, and one that is lost only delays: its row is found again.
What two workers do to one row at once is done by whichever commits first.
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import timedelta
from functools import partial
from importlib.metadata import version
from typing import Any, Final
from uuid import UUID

import psycopg
from procrastinate import App, PsycopgConnector, SyncPsycopgConnector
from procrastinate.exceptions import AlreadyEnqueued, ProcrastinateException
from procrastinate.schema import SchemaManager
from psycopg_pool import AsyncConnectionPool
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from bot import clock
from bot.export.archive import sweep_closed
from bot.export.export_worker import AT_ONCE, WORKSHOP, ExportWorker
from bot.media.store import MediaStore
from bot.pipeline.scheduler import Scheduler
from bot.runtime.workers import Workers
from storage.broadcasts import Delivery
from storage.claims import OutboxRow
from storage.connections import NOTICED
from storage.database import Database, serialise
from storage.unit import Unit

log = logging.getLogger(__name__)

SCHEMA: Final = "hilo_jobs"
EXPORTS, REST = "exports", "rest"  # queues
HELD: Final = timedelta(seconds=30)
"""For how long an order is left to whoever makes it; it is held anew as long as that goes on."""
HOLD_EVERY: Final = 10.0  # seconds
HANDED: Final = 20.0  # seconds after which a delivery that has not begun is handed over once more
MOST: Final = 200  # deliveries that are handed over and have not begun
BEAT: Final = 3.0  # seconds between two signs of life of a worker
STALE: Final = 9.0  # seconds without one after which its jobs are another's
RESCUE_EVERY: Final = 5.0
AGAIN: Final = 2.0  # seconds until it is tried again where the database is away
PATIENCE: Final = 3.0  # seconds that a connection is waited for
LOOK_EVERY: Final = 10.0  # seconds between two looks for orders, where nothing tells of one
LAST: Final = 8.0  # seconds that jobs get to end when the worker is stopped
_KNOWN: Final = text("SELECT obj_description(to_regnamespace(:name), 'pg_namespace')")
_PATH: Final = text("SELECT set_config('search_path', current_setting('search_path') || :more, true)")


def prepare(database: Database) -> None:
    """Make procrastinate's tables in a schema of their own, anew where its version is another one.

    What they hold are hints, so nothing is lost with them. No table of ours is touched; no move or backup sees them.
    """
    known = version("procrastinate")
    with database.write() as connection:
        serialise(connection, SCHEMA)
        if connection.execute(_KNOWN, {"name": SCHEMA}).scalar() == known:
            return
        connection.exec_driver_sql(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")
        connection.exec_driver_sql(f"CREATE SCHEMA {SCHEMA}")
        connection.exec_driver_sql(f"SET LOCAL search_path TO {SCHEMA}")
        driver: Any = connection.connection.driver_connection
        driver.execute(SchemaManager.get_schema())  # past SQLAlchemy, for which each % begins a parameter
        connection.exec_driver_sql(f"COMMENT ON SCHEMA {SCHEMA} IS '{known}'")


class Jobs:
    """The jobs of one worker: those that it hands to all, and those that it does."""

    def __init__(
        self, workers: Workers, export_worker: ExportWorker, media_store: MediaStore, scheduler: Scheduler
    ) -> None:
        """Build them; `scheduler` begins the deliveries that were handed to this process."""
        self._workers = workers
        self._export_worker = export_worker
        self._media_store = media_store
        self._scheduler = scheduler
        self._app = App(connector=_connector(workers.storage.database))
        self._deferrer = App(connector=SyncPsycopgConnector())  # never opened: it writes on connections of ours
        self._handed: dict[UUID, float] = {}
        for name, queue, work in (
            ("export", EXPORTS, self._export),
            ("deliver", REST, self._deliver),
            ("tidy", REST, self._tidy),
            ("media", REST, self._sweep_media),
        ):
            self._app.task(name=name, queue=queue, pass_context=False)(_told_of(name, work))
        logging.getLogger("procrastinate").setLevel(logging.CRITICAL)  # it would write what a job was given

    async def run(self) -> None:
        """Do jobs until cancelled; while the database is away, it is tried again."""
        while True:
            try:
                await asyncio.to_thread(prepare, self._workers.storage.database)
                async with self._app.open_async(), asyncio.TaskGroup() as all_of_it:
                    for queue, most in ((EXPORTS, AT_ONCE), (REST, 2)):
                        all_of_it.create_task(self._work(queue, most))
                    all_of_it.create_task(self._rescue())
            except* (ProcrastinateException, psycopg.Error, OSError, DBAPIError) as errors:
                log.warning("jobs wait for a while: %s", type(_first(errors)).__name__)
            await asyncio.sleep(AGAIN)

    async def orders(self) -> None:
        """Hand over the files that were ordered, until cancelled, and delete what dead processes left unsealed here."""
        while True:
            open_orders = await self._workers.write_with_retry(self._hand_over_orders)
            await asyncio.to_thread(sweep_closed, self._export_worker.home, open_orders)
            await self._workers.orders.wait(LOOK_EVERY)

    def room(self, limit: int) -> int:
        """Return how many due deliveries to look at, so that `limit` are found that were not handed over yet."""
        now = clock.seconds()
        self._handed = {id_: at for id_, at in self._handed.items() if now - at < HANDED}
        return limit + len(self._handed) if len(self._handed) < MOST else 0

    def hand_over(self, unit: Unit, due: Sequence[Delivery], limit: int) -> int:
        """Hand over deliveries that are due, in one job; return how many."""
        ids = [each.id for each in due if each.id not in self._handed][:limit]
        if ids:
            self._handed |= dict.fromkeys(ids, clock.seconds())
            self._defer(unit, "deliver", REST, deliveries=[str(each) for each in ids])
        return len(ids)

    def undone(self) -> None:
        """Forget what was handed over, as a transaction was rolled back; what is handed over twice begins once."""
        self._handed.clear()

    async def sweep(self, name: str) -> None:
        """Have a sweep made by one of the workers, unless one waits."""
        with contextlib.suppress(AlreadyEnqueued):
            await self._app.configure_task(name, queueing_lock=name, queue=REST).defer_async()

    def _hand_over_orders(self, unit: Unit) -> set[str]:
        for seq in unit.outbox.hand_over(WORKSHOP, unit.now, unit.now + HELD, AT_ONCE * 4):
            self._defer(unit, "export", EXPORTS, lock=f"export {seq}", row=seq)
        return {each.hex for each in unit.outbox.open_ids(WORKSHOP)}

    def _defer(self, unit: Unit, name: str, queue: str, lock: str | None = None, **facts: Any) -> None:
        """Write a job in a transaction of ours, so that it is there if and only if that is committed."""
        unit.connection.execute(_PATH, {"more": f", {SCHEMA}"})
        connection = unit.connection.connection.driver_connection
        self._deferrer.configure_task(name, queue=queue, lock=lock, connection=connection).defer(**facts)

    async def _work(self, queue: str, most: int) -> None:
        await self._app.run_worker_async(
            queues=[queue],
            concurrency=most,
            install_signal_handlers=False,
            update_heartbeat_interval=BEAT,
            stalled_worker_timeout=STALE,
            shutdown_graceful_timeout=LAST,
            delete_jobs="always",
        )
        raise ConnectionError("the queue is followed no more")  # it ends by itself where its connection did

    async def _rescue(self) -> None:
        """Let others do what a worker had begun that gives no sign of life."""
        manager = self._app.job_manager
        while True:
            for job in await manager.get_stalled_jobs(seconds_since_heartbeat=int(STALE)):
                with contextlib.suppress(ProcrastinateException):  # another worker was quicker
                    await manager.retry_job(job)
            await asyncio.sleep(RESCUE_EVERY)

    async def _export(self, row: int) -> None:
        # A number that was written before a backup was put in place may be another row's now.
        order = await self._workers.write_with_retry(lambda unit: unit.outbox.begin(WORKSHOP, row))
        if order is None:
            return  # another made it meanwhile
        holding = asyncio.create_task(self._hold(order))
        try:
            waits = partial(_waits, row)
            await self._export_worker.make(self._workers, order, waits)
        finally:
            holding.cancel()
        self._workers.outbox.notify()
        self._workers.orders.notify()

    async def _hold(self, order: OutboxRow) -> None:
        while True:
            await self._workers.write_with_retry(lambda unit: unit.outbox.hold(order.seq, unit.now + HELD))
            await asyncio.sleep(HOLD_EVERY)

    async def _deliver(self, deliveries: list[str]) -> None:
        ids = [UUID(each) for each in deliveries]
        try:
            begun = await self._workers.write(partial(self._begin, ids))
        except Exception:
            self._scheduler.undone()
            raise
        self._workers.did["due"] += begun
        self._workers.outbox.notify()
        self._workers.due.notify()

    def _begin(self, ids: Sequence[UUID], unit: Unit) -> int:
        # By person: two batches that lock the same people do so in the same order.
        due = sorted(unit.broadcasts.still_due(ids, unit.now), key=lambda each: each.person_id)
        self._scheduler.begin(unit, due)
        return len(due)

    async def _tidy(self) -> None:
        await self._workers.write(self._scheduler.tidy)
        await self._workers.file(partial(self._media_store.expire, self._workers.now()))

    async def _sweep_media(self) -> None:
        await self._workers.read(self._media_store.sweep)


def _waits(row: int, unit: Unit) -> bool:
    """Return whether an order is waited for still, and keep it so until the transaction ends."""
    return unit.outbox.queued(WORKSHOP, row) is not None


def _first(errors: BaseExceptionGroup[Any]) -> BaseException:
    """Return the first of some errors, however they are grouped."""
    first: BaseException = errors
    while isinstance(first, BaseExceptionGroup):
        first = first.exceptions[0]
    return first


class _Connections(AsyncConnectionPool[psycopg.AsyncConnection[Any]]):
    """Connections that find procrastinate's tables in each transaction anew.

    A pooler refuses one that asks for them from its start, and may give the session in which it asked to another.
    """

    @contextlib.asynccontextmanager
    async def connection(self, timeout: float | None = None) -> AsyncIterator[psycopg.AsyncConnection[Any]]:  # noqa: ASYNC109  as the pool has it
        """Obtain a connection, and give it back with its transaction ended."""
        async with super().connection(timeout) as connection:
            await connection.execute(f"SET LOCAL search_path TO {SCHEMA}")
            yield connection


def _connector(database: Database) -> PsycopgConnector:
    """Return what connects as the rest of this process does."""
    _, named = database.engine.dialect.create_connect_args(database.engine.url)
    # The server knows them by the same name, so that what a dead process has open is ended.
    named = {**named, **NOTICED, "application_name": f"hilo {database.process}"}
    return PsycopgConnector(pool_factory=_Connections, kwargs=named, min_size=1, max_size=5, timeout=PATIENCE)


def _told_of(name: str, work: Callable[..., Awaitable[None]]) -> Callable[..., Awaitable[None]]:
    """Return a job that says how it failed by kind alone: the row it was about is found again."""

    async def job(**facts: Any) -> None:
        try:
            await work(**facts)
        except Exception as error:  # noqa: BLE001  a job that fails ends no worker
            log.error("job %s: %s; it is done again", name, type(error).__name__)  # noqa: TRY400  a trace may hold words

    return job
