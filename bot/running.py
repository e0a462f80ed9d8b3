"""Run the bot: its loops, its messengers and its web side."""

import asyncio
import contextlib
import errno
import gc
import logging
import signal
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy.exc import ProgrammingError

from bot.app import App, identify, locked, remember_username
from bot.config import Config, ConfigError
from bot.content import LIBRARY
from bot.conversation.practice import PracticePhones
from bot.conversation.turns import Turns
from bot.export.export_worker import ExportWorker
from bot.media.store import MediaStore
from bot.messengers import registry
from bot.messengers.port import Incoming, Messenger
from bot.messengers.web import WebMessenger
from bot.messengers.webhook import Webhook
from bot.pipeline import damage_check, disk_watch, way_back_expiry
from bot.pipeline.courier import Courier
from bot.pipeline.epoch_keeper import EpochKeeper
from bot.pipeline.gate import Gate
from bot.pipeline.lookout import Lookout
from bot.pipeline.loops import Handler, Poller, Ticker
from bot.pipeline.receive import Receiver
from bot.pipeline.resealing import compact, reseal
from bot.pipeline.router import Router
from bot.pipeline.scheduler import Scheduler
from bot.pipeline.screens import offer
from bot.pipeline.team_menus import TeamMenus
from bot.pipeline.typing_sign import TypingSign
from bot.pipeline.webhook_keeper import WebhookKeeper
from bot.product_languages import of_organisation
from bot.runtime import descriptors
from bot.runtime.parts import Part
from bot.runtime.workers import Workers
from bot.services import button_signatures, confidants, introduction, late_sends, support
from bot.services.allowances import Allowances, Disk
from bot.services.erasure_places import DEFAULT as BACKUPS
from bot.services.tallies import Tallies
from storage.connections import DatabaseReplaced
from storage.database import file_of

if TYPE_CHECKING:
    from bot.pipeline.jobs import Jobs
    from bot.pipeline.lease_keeper import LeaseKeeper
    from bot.web.monitor import Stage
    from bot.web.server import Server

log = logging.getLogger(__name__)

MAY_NOT: Final = "42501"  # PostgreSQL's state where an account may not do something
ASKED_TO_STOP: Final = (signal.SIGINT, signal.SIGTERM)


def listen(config: Config) -> socket.socket:
    """Open the port; raises ConfigError when it is taken or the host cannot be used."""
    try:
        return _bound(config.host, config.port)
    except OSError as error:
        code = "config.port" if error.errno in {errno.EADDRINUSE, errno.EACCES} else "config.host"
        raise ConfigError(code, host=config.host, port=config.port, problem=error) from error


def _bound(host: str, port: int) -> socket.socket:
    taken = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        taken.bind((host, port))
    except OSError:
        taken.close()
        raise
    return taken


def receiving(turns: Turns, allowances: Allowances | None = None) -> Receiver:
    """Return the receiver and its router; with allowances, what one chat sends beyond its own is not kept."""
    return Receiver(turns, Router(turns), Gate(turns, allowances) if allowances is not None else None)


def kept_in(config: Config) -> list[Path]:
    """Return the folders that must not be full, which may lie on different disks."""
    home, file = config.home, file_of(config.database_url)
    return [home, home / "media", home / BACKUPS, *([file.parent] if file is not None else ())]


class Running:
    """A running bot: its loops and its web side, until it is told to stop."""

    def __init__(self, app: App, conflicted: Callable[[], None] = lambda: None, part: Part = "run") -> None:
        """Build the bot; `conflicted` is called when somebody else fetches its updates."""
        self.app = app
        self.part: Part = part
        self._conflicted = conflicted
        self.workers = Workers(app.storage)
        self.media_store = MediaStore(app.config.home, (app.config.dialogs, LIBRARY))
        app.storage.delete_files = self.media_store.delete
        self.web = WebMessenger(self.media_store.parked)
        self.disk = Disk(*kept_in(app.config))
        self.allowances = Allowances(self.disk)
        self.messengers: dict[str, Messenger] = {self.web.name: self.web}
        self.webhooks: dict[str, Webhook] = {}
        self.usernames: dict[str, str] = {}
        self.keeper: LeaseKeeper | None = None
        self.loops_begun: list[asyncio.Task[None]] = []
        self.dead = False
        self._does: set[str] = set()
        self._jobs: Jobs | None = None

    @property
    def does(self) -> list[str]:
        """What this process does of what one alone may do, by the names of leases."""
        return sorted(self._does) if self.keeper is None else self.keeper.holds

    async def start(self) -> None:
        """Check the tokens, and connect the messengers.

        Raises:
            ConfigError: among several processes, one that sees another folder of epochs, or a restore; a worker
                whose account may not make the tables of jobs.
        """
        if self.app.storage.database.is_shared:
            from bot.pipeline.lease_keeper import entered  # noqa: PLC0415  of several processes: one does without it

            self.keeper = await entered(self.workers, self.part, self.app.config)
        if self.part == "worker":
            await self._prepare_jobs()
        await asyncio.to_thread(compact, self.app.storage)
        config = self.app.config
        await self.workers.write(button_signatures.note)
        await self.workers.write(confidants.expect_all)
        await self.workers.write(support.note_from)
        for name in registry.MESSENGERS.wanted(config):
            client = registry.MESSENGERS.connect(name, config)
            username = await identify(client)
            self.messengers[name] = client
            if (webhook := registry.MESSENGERS.webhook(client, config)) is not None:
                self.webhooks[name] = webhook
            if username:
                self.usernames[name] = username
                await self.workers.write(partial(remember_username, username=username, messenger=name))

    async def _prepare_jobs(self) -> None:
        from bot.pipeline.jobs import SCHEMA, prepare  # noqa: PLC0415  of several workers: all others do without it

        try:
            await asyncio.to_thread(prepare, self.app.storage.database)
        except ProgrammingError as error:
            if getattr(error.orig, "sqlstate", None) != MAY_NOT:
                raise
            raise ConfigError("cli.error.jobs_schema", schema=SCHEMA, problem=error.orig) from error

    def pages(self) -> "Server":
        """Build the web server; raises ConfigError where a page has the path of a webhook."""
        from bot.web.app import create  # noqa: PLC0415  what serves no page does without the web side
        from bot.web.limits import PageLimits  # noqa: PLC0415  the same
        from bot.web.server import Server  # noqa: PLC0415  the same
        from bot.web.webhook import take  # noqa: PLC0415  the same

        config = self.app.config
        phones = PracticePhones(self.workers, self.app.turns, self.web) if config.practice else None
        site = create(
            self.workers,
            self.web,
            self.app.texts,
            phones,
            media_store=self.media_store,
            public_url=config.public_url,
            limits=PageLimits(self.workers, self.allowances, self.app.turns.organisation.danger),
            guesses=self.app.turns.guesses,
        )
        if self.webhooks:
            take(site, list(self.webhooks.values()))
        return Server(site)

    @contextlib.asynccontextmanager
    async def loops(self) -> AsyncIterator[None]:
        """Run every loop; on exit each finishes what it had begun."""
        receive = receiving(self.app.turns, self.allowances)
        config = self.app.config
        sign = TypingSign(self.workers, self.messengers)
        pollers = self._sources(receive, sign)
        whole = self.part != "web"
        every = {
            "lookout": Lookout(self.workers).run(),
            "typing": sign.run(),
            "epoch": EpochKeeper(self.workers, config.home).run(),
            "disk": disk_watch.watch(self.workers, self.disk),
            "check": damage_check.check(self.app.storage),
            **(self._work(receive, sign) if whole else {}),
        }
        beside = [asyncio.create_task(work, name=name) for name, work in every.items()]
        greeting = [
            asyncio.create_task(self._one("tick", partial(self._introduce, name)), name=f"introduce {name}")
            for name in (self.usernames if whole else ())
        ]
        # Last, since what was begun is finished under the leases.
        leasing = self._among_others()
        self.loops_begun = [*pollers, *beside, *leasing]
        for task in self.loops_begun:
            task.add_done_callback(self._died)
        try:
            yield
        finally:
            for tasks in (greeting, pollers, beside, leasing):
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)

    def _sources(self, receive: Receiver, sign: TypingSign) -> list[asyncio.Task[None]]:
        """Begin to take every messenger's updates: fetched from it, or brought to its webhook."""
        tasks: dict[str, Coroutine[Any, Any, None]] = {}
        for name, messenger in self.messengers.items():
            if self.part == "worker" and (name in self.webhooks or registry.of(name).kept_here):
                continue  # nobody brings it anything, and it has no pages
            if (webhook := self.webhooks.get(name)) is not None:
                keeper = WebhookKeeper(webhook, self.workers)
                kept = _both(sign.came, keeper.came)
                # What is brought to this process is known here alone, and so is what it refused.
                tasks[f"poll {name}"] = Poller(webhook, self.workers, receive, kept=kept, brought=True).run()
                tasks[f"refused {name}"] = keeper.count_refused()
                tasks[f"webhook {name}"] = self._one(f"poll {name}", keeper.run)
                continue
            # Made anew for each lease: what it remembers of an earlier one is another process's by now.
            fetch = partial(self._fetch, messenger, receive, sign)
            if registry.of(name).kept_here:  # what came in by a page is known here alone, too
                tasks[f"poll {name}"] = fetch()
            elif self.part != "web":
                tasks[f"poll {name}"] = self._one(f"poll {name}", fetch)
        return [asyncio.create_task(work, name=name) for name, work in tasks.items()]

    def _fetch(self, messenger: Messenger, receive: Receiver, sign: TypingSign) -> Coroutine[Any, Any, None]:
        return Poller(messenger, self.workers, receive, self._conflicted, sign.came).run()

    def _work(self, receive: Receiver, sign: TypingSign) -> dict[str, Coroutine[Any, Any, None]]:
        """Begin what a process for pages alone leaves to others: turns, sending, what is due."""
        handler = Handler(self.workers, receive, self.messengers, self.media_store, self.allowances, Tallies())
        if self.part == "worker":
            self._jobs = self._new_jobs(receive)
        shared = {} if self._jobs is None else {"jobs": self._jobs.run(), "orders": self._jobs.orders()}
        return {
            **shared,
            "handle": handler.run(),
            "tick": self._one("tick", lambda: self._ticker(receive, handler).run()),
            "courier": self._one("courier", lambda: self._courier(sign).run()),
            "reseal": self._one("tick", lambda: reseal(self.workers, self.media_store)),
            "way back": self._one("tick", lambda: way_back_expiry.watch(self.workers, self.app.config.home)),
            "menus": self._one("tick", lambda: self._team_menus().run()),
        }

    def _among_others(self) -> list[asyncio.Task[None]]:
        """Begin what only one of several processes does: it is seen, wakes others, and learns what they changed."""
        if self.keeper is None:
            return []
        from bot.pipeline import own_memory  # noqa: PLC0415  of several processes: one does without it
        from bot.pipeline.waker import Waker  # noqa: PLC0415  the same

        every = {
            "leases": self.keeper.run(),
            "waker": Waker(self.workers, self.keeper.id.hex).run(),
            "memory": own_memory.watch(self.workers),
        }
        return [asyncio.create_task(work, name=name) for name, work in every.items()]

    async def _one(self, lease: str, work: Callable[[], Awaitable[None]]) -> None:
        """Do what one process alone may do: at once where there is one, else while this one has the lease."""
        if self.keeper is None:
            self._does.add(lease)
            await work()
            return

        def begun() -> Awaitable[None]:
            self.app.storage.unsettled = True  # whoever did it before may have died in the middle of an erasure
            return work()

        await self.keeper.hold(lease, begun)

    def _courier(self, sign: TypingSign) -> Courier:
        config = self.app.config
        return Courier(
            *(self.workers, self.messengers, config.rate, self.media_store),
            None if self._jobs is not None else self._export_worker(),
            said=sign.said,
            waits_until=partial(late_sends.waits_until, self.app.turns.organisation),
            chat_rate=config.chat_rate,
        )

    def _export_worker(self) -> ExportWorker:
        alone = len(self.workers.alive) <= 1
        config = self.app.config
        return ExportWorker(
            self.app.texts, self.media_store, config.home, apart=True, alone=alone, most=config.largest_file
        )

    def _new_jobs(self, receive: Receiver) -> "Jobs":
        from bot.pipeline.jobs import Jobs  # noqa: PLC0415  of several workers: all others do without it

        scheduler = Scheduler(self.app.turns, receive.screens)
        return Jobs(self.workers, self._export_worker(), self.media_store, scheduler)

    def _ticker(self, receive: Receiver, handler: Handler) -> Ticker:
        scheduler = Scheduler(self.app.turns, receive.screens, self._jobs)
        parts = (self.workers, scheduler, self.messengers, self.app.config.rate, self.media_store)
        sweep = None if self._jobs is None else self._jobs.sweep
        return Ticker(*parts, counting=handler.counting, sweep=sweep)

    def _team_menus(self) -> TeamMenus:
        menus = {name: self.messengers[name] for name in self.usernames}
        return TeamMenus(self.workers, self.app.texts, menus, offer())

    async def _introduce(self, name: str) -> None:
        """Tell a messenger the bot's description and its commands."""
        members = await self.workers.read(lambda unit: introduction.team(unit, name, offer()))
        record = await self.workers.read(lambda unit: unit.organisation.get())
        first = of_organisation(record)[0]
        await introduction.introduce(self.messengers[name], self.app.texts, offer(), members, first, introduction.AGAIN)

    def _died(self, task: asyncio.Task[None]) -> None:
        """Stop the process with an error when a loop has ended by itself; its supervisor starts it again."""
        if not task.cancelled() and (error := task.exception()) is not None:
            why = str(error) if isinstance(error, DatabaseReplaced) else type(error).__name__
            log.critical("loop %s died: %s", task.get_name(), why)
            self.dead = True
            signal.raise_signal(signal.SIGTERM)

    async def close(self) -> None:
        """Give back what this process held; close messengers, threads and database."""
        if self.keeper is not None:
            await self.keeper.leave()
        for messenger in self.messengers.values():
            await messenger.close()
        self.workers.close()
        self.app.close()


def _both(said: Callable[[Sequence[Incoming]], None], came: Callable[[], None]) -> Callable[[Sequence[Incoming]], None]:
    """Return what tells both of updates that were kept."""

    def kept(updates: Sequence[Incoming]) -> None:
        said(updates)
        came()

    return kept


@contextlib.asynccontextmanager
async def watched(running: Running) -> AsyncIterator[Callable[["Stage"], None]]:
    """Tell how a process stands, where a port is set for that; yield what notes how far it is.

    Raises:
        ConfigError: the port is taken.
    """
    port = running.app.config.metrics_port
    if port is None:
        yield lambda _stage: None
        return
    from bot.web.monitor import HERE, Monitor, Standing  # noqa: PLC0415  without the setting nothing of it is loaded

    def is_seen() -> bool:
        return running.keeper is None or running.keeper.is_seen

    standing = Standing(
        running.part, running.workers, is_seen, lambda: running.does, lambda: running.loops_begun, "starting"
    )

    def note(stage: "Stage") -> None:
        standing.stage = stage

    try:
        taken = _bound(HERE, port)
    except OSError as error:
        raise ConfigError("config.metrics_port_taken", port=port, problem=error) from error
    with contextlib.closing(taken):
        async with Monitor(standing).serving(taken):
            yield note


async def _asked_to_stop() -> None:
    """Wait for SIGINT or SIGTERM, as a server of pages does."""
    asked, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in ASKED_TO_STOP:
        loop.add_signal_handler(number, asked.set)
    try:
        await asked.wait()
    finally:
        for number in ASKED_TO_STOP:
            loop.remove_signal_handler(number)


async def run(
    app: App, ready: Callable[[Running], None], conflicted: Callable[[], None] = lambda: None, part: Part = "run"
) -> None:
    """Run the bot, or a part of it, until SIGINT or SIGTERM; `ready` is called once it listens and its loops run."""
    descriptors.raise_limit()
    with contextlib.ExitStack() as held:
        held.enter_context(locked(app.config, shared=app.storage.database.is_shared))
        sock = held.enter_context(contextlib.closing(listen(app.config))) if part != "worker" else None
        running = Running(app, conflicted, part)
        try:
            async with watched(running) as note:
                await running.start()
                server = running.pages() if sock is not None else None
                gc.freeze()  # what the start made lives as long as the bot: the collector need not scan it again
                async with running.loops():
                    note("running")
                    ready(running)
                    await (server.serve(sockets=[sock]) if server and sock else _asked_to_stop())
                    note("stopping")
        finally:
            await running.close()
        if running.dead:
            raise SystemExit(1)
