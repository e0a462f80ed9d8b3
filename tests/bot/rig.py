"""The whole bot but its network: real storage on a file, real catalogs and dialogs, and a clock that tests set.

A person's verbs end when everything has been handled and sent, so a test reads as a conversation does.
"""

import asyncio
import contextlib
import tempfile
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping
from concurrent.futures import Executor, Future
from datetime import UTC, datetime, timedelta
from functools import lru_cache, partial
from math import inf
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import func, select

from bot import clock
from bot.content import LIBRARY, Content, Dialogs
from bot.conversation.turns import Turns
from bot.export.export_worker import WORKSHOP, ExportWorker
from bot.media.store import FetchResult, MediaStore
from bot.messengers.port import Messenger
from bot.pipeline.courier import Courier
from bot.pipeline.loops import Handler, Poller, Ticker
from bot.pipeline.receive import AfterCommit, Receiver
from bot.pipeline.router import Router
from bot.pipeline.scheduler import Scheduler
from bot.rendering.texts import Texts, catalogs
from bot.runtime.workers import Workers
from bot.services import broadcasts, late_sends
from bot.services.tallies import Uncounted
from dialogs import languages
from storage import settling
from storage.audit import AuditEntry
from storage.database import Database
from storage.inbox import InboxRow
from storage.tables import metadata
from storage.unit import Storage, Unit
from tests.bot.phone import Phone
from tests.bot.ready import RECORD, keep_safe, vault_of
from tests.memory import MemoryMessenger
from tests.migrated import migrated
from tests.storage.world import opened

__all__ = ["RECORD", "Phone", "Rig"]

TUESDAY = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)  # nine in the morning in Mexico City
PURPOSE = "Para saber cómo va la semana de cada quien."
SIERRA = "Sierra Norte"
AGREE = {"es": "Sí, quiero participar", "en": "Yes, I want to take part"}
EAGER = 10_000  # messages a second: nothing here waits for the pace

T = TypeVar("T")


class Anywhere(Mapping[str, Messenger]):
    """The rig's one messenger, whatever name a row gives it, but for those that are absent."""

    def __init__(self, rig: "Rig") -> None:
        self._rig = rig

    def __getitem__(self, name: str) -> Messenger:
        if name == WORKSHOP or name in self._rig.absent:
            raise KeyError(name)
        return self._rig.messenger

    def __iter__(self) -> Iterator[str]:
        return iter({"telegram", self._rig.messenger.name} - self._rig.absent)

    def __len__(self) -> int:
        return len(set(self))


class Failing(Receiver):
    """The receiving side, which remembers what went wrong."""

    def __init__(self, *parts: Any) -> None:
        super().__init__(*parts)
        self.errors: list[Exception] = []

    def step(self, unit: Unit, row: InboxRow, fetched: FetchResult | None = None) -> AfterCommit:
        """Handle one update."""
        try:
            return super().step(unit, row, fetched)
        except Uncounted:  # it is played again once that is counted
            raise
        except Exception as error:
            self.errors.append(error)
            raise


def texts() -> Texts:
    """Return the catalogs, which are read once for all tests: they never change."""
    return catalogs()


class Counting(Scheduler):
    """The tick, which remembers how much it did."""

    done = 0

    def step(self, unit: Unit, limit: int, held: Collection[str] = ()) -> int:
        """Do a step."""
        done = super().step(unit, limit, held)
        self.done += done
        return done


class AtOnce(Executor):
    """Does work where it is asked for: a rig's rounds go one after the other, so that nothing is gained by a thread."""

    free = False  # the loop's own thread is where it is asked for, too

    def submit(self, work: Callable[..., T], /, *args: Any, **named: Any) -> Future[T]:
        """Do the work now."""
        future = Future[T]()
        try:
            future.set_result(work(*args, **named))
        except BaseException as error:  # noqa: BLE001  whoever waits for it gets it
            future.set_exception(error)
        return future


def do_at_once(workers: Workers) -> None:
    """Let what reads and writes storage be done without threads."""
    for name in ("_writer", "_reader", "_pages"):
        getattr(workers, name).shutdown()
        setattr(workers, name, AtOnce())


NEW = {"hilo.db": migrated}


def begin(folder: Path, files: Mapping[str, Callable[[], bytes]]) -> None:
    """Write the files that an installation begins with, for its owner alone."""
    for name, content in files.items():
        (folder / name).parent.mkdir(mode=0o700, exist_ok=True)
        (folder / name).touch(mode=0o600)
        (folder / name).write_bytes(content())


@lru_cache(maxsize=1)
def settled() -> dict[str, Callable[[], bytes]]:
    """Make the files of an installation that has its first epoch, once: most tests begin so, at the same time.

    All of them have one key then. Whoever begins at another time, or has a key already, has one of their own.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        begin(folder, NEW)
        with opened(f"sqlite:///{folder / 'hilo.db'}") as database:
            settling.adopt(Storage(database, vault_of(folder)), lambda: TUESDAY, settling.Places((), folder))
        files = [path for path in folder.rglob("*") if path.is_file()]
        return {str(path.relative_to(folder)): partial(bytes, path.read_bytes()) for path in files}


class Rig:
    """One installation. `now` is the time it is, for everyone; `url` that of an empty database, else a file is made."""

    def __init__(
        self, folder: Path, now: datetime = TUESDAY, record: dict[str, Any] | None = None, url: str = ""
    ) -> None:
        self.folder = folder
        self.now = now
        if not url:
            begin(folder, settled() if now == TUESDAY and not (folder / "hilo.key").exists() else NEW)
        self.url = url or f"sqlite:///{folder / 'hilo.db'}"
        self.own = folder / "dialogs"
        self.messenger = self.network()
        self.absent: set[str] = set()  # messengers that this bot has not
        self.notes_gaps = False  # time passes in jumps here: only who tests gaps wants them noted
        self.patient = False  # True: a failing update is put off, and nothing is raised here
        self._phones = 0
        self.open()
        with self.unit() as unit:
            unit.organisation.set(RECORD if record is None else record)
            if record is None:
                keep_safe(unit)

    def network(self) -> MemoryMessenger:
        """Make what stands for the network."""
        return MemoryMessenger()

    def kept(self, database: Database) -> Storage:
        """Make the storage of a process."""
        return Storage(database, vault_of(self.folder))

    def open(self) -> None:
        """Begin a process on what is stored."""
        self.storage = self.kept(Database.open(self.url))
        settling.adopt(self.storage, lambda: self.now, settling.Places((), self.folder))
        self.media_store = MediaStore(self.folder, (self.own, LIBRARY))
        self.export_worker = ExportWorker(texts(), self.media_store, self.folder)
        self.storage.delete_files = self.media_store.delete
        self.workers = Workers(self.storage, lambda: self.now)
        do_at_once(self.workers)
        self._loop = asyncio.new_event_loop()
        self.again()

    def again(self) -> None:
        """Be a new process: nothing is remembered that is not stored."""
        self.turns = Turns(texts(), Content(self.own))
        self.receive = Failing(self.turns, Router(self.turns, strict=True))
        self.ticking = Counting(self.turns, self.receive.screens)
        self.loops()

    def loops(self) -> None:
        """Make the loops of the running bot, whose rounds are driven by hand here."""
        anywhere = Anywhere(self)
        self.poller = Poller(self.messenger, self.workers, self.receive, notes_gaps=self.notes_gaps)
        self.handler = Handler(self.workers, self.receive, anywhere, self.media_store)
        self.ticker = Ticker(self.workers, self.ticking, anywhere, EAGER, self.media_store, self.seconds)
        self.courier = Courier(
            *(self.workers, anywhere, EAGER, self.media_store, self.export_worker, self.seconds),
            waits_until=partial(late_sends.waits_until, self.turns.organisation),
            chat_rate=inf,  # time stands still here
        )

    def seconds(self) -> float:
        """Return the rig's time in seconds."""
        return self.now.timestamp()

    def run(self, work: Awaitable[T]) -> T:
        """Run what is awaited to its end."""
        return self._loop.run_until_complete(work)

    def close(self) -> None:
        """Let go of the database."""
        self.run(self._loop.shutdown_default_executor())
        self._loop.close()
        self.workers.close()
        self.storage.database.dispose()

    @contextlib.contextmanager
    def unit(self) -> Iterator[Unit]:
        """Open a transaction at the present moment."""
        with self.storage.unit(self.now) as unit:
            yield unit

    @contextlib.contextmanager
    def reading(self) -> Iterator[Unit]:
        """Open a view at the present moment."""
        with self.storage.reading(self.now) as unit:
            yield unit

    @property
    def content(self) -> Dialogs:
        """Every dialog there is now."""
        with self.reading() as unit:
            return self.turns.content.of(unit)

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """Ask the database itself; each `?` of the query is one of the values."""
        with self.reading() as unit:
            return [tuple(row) for row in unit.connection.exec_driver_sql(query, values)]

    def count(self, table: str) -> int:
        """Count the rows of a table."""
        with self.reading() as unit:
            return int(unit.connection.execute(select(func.count()).select_from(metadata.tables[table])).scalar() or 0)

    def audited(self, action: str) -> list[AuditEntry]:
        """List what is on the trail of one action, the newest first; the trail must be unbroken."""
        with self.reading() as unit:
            assert unit.audit.verify() is None
            return [entry for entry in unit.audit.list(1000) if entry.action == action]

    # Time.

    def advance(self, **time: float) -> None:
        """Let time pass (`hours=3`), as `timedelta` takes it."""
        self.now += timedelta(**time)

    def tick(self, rate: float | None = None) -> int:
        """Do what is due, and send it; returns how much was due. With a rate: one round of a bot that sends so fast."""
        already = self.ticking.done
        ticker = (
            Ticker(self.workers, self.ticking, Anywhere(self), rate, self.media_store, self.seconds)
            if rate
            else self.ticker
        )
        while self.run(ticker.round()) and rate is None:
            pass
        self.send()
        return self.ticking.done - already

    # The way of an update.

    def settle(self) -> None:
        """Keep what arrived, handle it, and send what there is to say.

        It comes a little later than what came before, as in life: what is told by its moment alone keeps its order.
        """
        self.now += timedelta(microseconds=1)
        self.keep()
        self.handle()
        self.send()

    def keep(self) -> int:
        """Fetch updates and keep them in the inbox; returns how many there were."""
        if self.poller.messenger is not self.messenger:
            self.loops()
        return self.run(self.poller.round(0))

    def handle(self) -> None:
        """Handle all that waits now. Raises what handling one of them raised, unless the rig is patient."""
        while self.run(self.handler.round()):
            self.run(self.handler.settled())
        if self.receive.errors and not self.patient:
            raise self.receive.errors.pop(0)

    def send(self) -> None:
        """Send what is due now, in order."""
        while self.run(self.courier.round()):
            self.run(self.courier.landed())

    # People.

    def cohort(self, name: str = SIERRA, tags: tuple[str, ...] = ("es", "en"), *, practice: bool = False) -> UUID:
        """Return a cohort's id, made at first use."""
        with self.unit() as unit:
            found = unit.cohorts.by_name(name)
            before = len(unit.cohorts.list())
        if found is not None:
            return found.id
        # Each a little later, as in life: they are listed in the order they were made.
        with self.storage.unit(self.now + timedelta(microseconds=before)) as unit:
            cohort_id = clock.new_id()
            unit.cohorts.add(cohort_id, name, tags, None, practice=practice)
            return cohort_id

    def invite(
        self, role: str = "leader", cohort: str | None = SIERRA, uses: int = 1, expires_at: datetime | None = None
    ) -> str:
        """Make an invite; returns its code."""
        code = clock.new_code()
        cohort_id = self.cohort(cohort) if cohort else None
        with self.unit() as unit:
            unit.invites.create(clock.new_id(), code, role, cohort_id, uses, expires_at, None)
        return code

    def phone(self, hint: str | None = None) -> Phone:
        """Return a phone nobody has used yet; `hint` is the language its app says it speaks."""
        self._phones += 1
        return Phone(self, f"{5_000_000_000 + self._phones}", hint)

    def join(
        self, language: str = "es", nickname: str | None = "Colibrí", cohort: str = SIERRA, seen_by: str | None = "mine"
    ) -> Phone:
        """Let a leader come in by an invite, agree, and take a nickname (None: she skips it).

        `seen_by` is what she said about who sees her phone; None: she was not asked yet.
        """
        phone = self.phone()
        phone.say(f"/start {self.invite(cohort=cohort)}")
        phone.say(languages.own_name(language))
        phone.press(AGREE[languages.base(language)])
        if nickname is None:
            phone.press("Saltar" if language.startswith("es") else "Skip")
        else:
            phone.say(nickname)
        assert phone.person.participation == "active"
        if seen_by is not None:
            with self.unit() as unit:
                unit.people.prefer(phone.person, phone=seen_by)
        phone.look()
        return phone

    def facilitator(
        self, language: str = "es", nickname: str = "Ana", cohort: str | None = SIERRA, role: str = "facilitator"
    ) -> Phone:
        """Let someone of the team come in."""
        phone = self.phone()
        phone.say(f"/start {self.invite(role, cohort)}")
        phone.say(languages.own_name(language))
        phone.say(nickname)
        assert phone.person.participation == "active"
        phone.look()
        return phone

    def order(self, dialog: str = "check_in", cohort: str = SIERRA, purpose: str = PURPOSE, key: str = "") -> UUID:
        """Order a broadcast; nothing is sent before `tick`."""
        self.cohort(cohort)
        with self.unit() as unit:
            found = unit.cohorts.by_name(cohort)
            assert found is not None
            done = broadcasts.order(
                unit,
                self.content.dialog(dialog),
                found,
                purpose,
                key=key or clock.new_id().hex,
                ordered_by=None,
            )
        return done.broadcast_id

    def ask(self, *phones: Phone, dialog: str = "check_in", cohort: str = SIERRA) -> UUID:
        """Order a broadcast, send it, and let everyone named take it up."""
        broadcast_id = self.order(dialog, cohort)
        self.tick()
        for phone in phones:
            phone.press("Sí, ahora" if (phone.person.language or "es").startswith("es") else "Yes, now")
        return broadcast_id
