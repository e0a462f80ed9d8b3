"""The composition root: the only place that names concrete classes."""

import asyncio
import contextlib
import fcntl
import gc
import logging
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from types import ModuleType
from typing import TYPE_CHECKING

from bot import clock, introduction, loops
from bot.adapters.web import WebMessenger
from bot.config import Config, ConfigError
from bot.content import LIBRARY, Content
from bot.courier import Courier
from bot.export.workshop import Workshop
from bot.home import Home
from bot.joining import Joining
from bot.links import Site
from bot.media import Shelf
from bot.messenger import BadToken, Messenger, MessengerError, Rejected
from bot.practice import PracticePhones
from bot.receive import Receive
from bot.texts import Texts, catalogs
from bot.tick import Tick
from bot.turns import Turns
from bot.work import Desk
from storage import vault
from storage.database import Database
from storage.unit import Storage, Unit

if TYPE_CHECKING:
    from bot.web.server import Server

log = logging.getLogger(__name__)

LOCK = "hilo.lock"  # in HILO_HOME: held while the bot is awake
ERRORS_BEFORE_READY = (BadToken, Rejected)


def open_storage(config: Config) -> Storage:
    """Open the key and the database, both made at first use; brings an older database up to date.

    Raises:
        ConfigError: a key or a URL that cannot be used.
        DatabaseNewer: the database was written by a newer Hilo.
    """
    try:
        config.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise ConfigError("config.home", path=config.home, problem=error.strerror) from error
    try:
        database = Database.open(config.database_url)
    except (ValueError, OSError) as error:
        raise ConfigError("config.database", problem=error) from error
    try:
        database.migrate()
        storage = Storage(database, vault.Vault(_master(config, database)))
        with storage.reading(clock.now()) as unit:
            # A wrong key shows now, and not in the middle of somebody's answer.
            unit.organisation.get()
            unit.cohorts.list()
    except BaseException:
        database.dispose()
        raise
    return storage


def _master(config: Config, database: Database) -> bytes:
    try:
        return present_key(config)
    except FileNotFoundError:
        if database.holds_anything():
            raise ConfigError("config.key_lost", path=config.key_file) from None
        return vault.create_key(config.key_file)


def present_key(config: Config) -> bytes:
    """Read the organisation's key; raises FileNotFoundError when there is none, ConfigError when it is no key."""
    if config.master_key:
        try:
            return vault.parse_key(config.master_key)
        except vault.BadKey as error:
            raise ConfigError("config.master_key") from error
    try:
        return vault.load_key(config.key_file)
    except vault.BadKey as error:
        raise ConfigError("config.key_file", path=config.key_file) from error


def telegram(config: Config) -> Messenger:
    """Make the chosen Telegram client; only that one is imported."""
    if config.token is None:
        raise ConfigError("config.no_token")
    if config.client == "aiogram":
        from bot.adapters.aiogram import AiogramMessenger  # noqa: PLC0415  168 MB that only its user pays

        return AiogramMessenger(config.token, config.api)
    _without_httpx_command_line()
    from bot.adapters.ptb import PtbMessenger  # noqa: PLC0415  only the chosen client is imported

    return PtbMessenger(config.token, config.api)


def _without_httpx_command_line() -> None:
    """Keep httpx from loading a command line of its own, with rich and pygments: 4 MB that nobody uses."""
    unused = ModuleType("httpx._main")
    vars(unused)["main"] = print  # what httpx takes from there
    sys.modules.setdefault(unused.__name__, unused)


@dataclass(slots=True)
class App:
    """A bot, wired: what every command and every loop is made of."""

    config: Config
    storage: Storage
    texts: Texts
    content: Content
    turns: Turns

    @classmethod
    def open(cls, config: Config) -> "App":
        """Wire everything that needs no network."""
        storage = open_storage(config)
        texts, content = catalogs(), Content(config.dialogs)
        with storage.reading(clock.now()) as unit:
            content.refresh(unit)
        site = Site(config.public_url, telegram=config.token is not None, practice=config.practice)
        return cls(config, storage, texts, content, Turns(texts, content, site))

    def close(self) -> None:
        """Let go of the database."""
        self.storage.database.dispose()

    def receive(self) -> Receive:
        """Make the receiving side."""
        return Receive(self.turns, Joining(self.turns), Home(self.turns))


async def identify(messenger: Messenger) -> str:
    """Check token and address before anything starts; returns the bot's public name.

    A network that is down is waited for by the loops; a token nobody knows, or an address that is no Bot API, is not.
    """
    try:
        return (await messenger.identify()).username
    except ERRORS_BEFORE_READY:
        await messenger.close()
        raise
    except MessengerError as error:
        log.warning("%s does not answer yet: %s", messenger.name, error)
        return ""


def listen(config: Config) -> socket.socket:
    """Take the port; raises ConfigError when someone else has it."""
    family = socket.AF_INET6 if ":" in config.host else socket.AF_INET
    taken = socket.socket(family, socket.SOCK_STREAM)
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        taken.bind((config.host, config.port))
    except OSError as error:
        taken.close()
        raise ConfigError("config.port", host=config.host, port=config.port, problem=error.strerror) from error
    return taken


class Running:
    """A running bot: its loops and its web side, until it is told to stop."""

    def __init__(self, app: App, conflicted: Callable[[], None] = lambda: None) -> None:
        """Take a wired bot, and whom to tell when somebody else fetches its updates."""
        self.app = app
        self._conflicted = conflicted
        self.desk = Desk(app.storage)
        self.shelf = Shelf(app.config.home, (app.config.dialogs, LIBRARY))
        app.storage.delete_files = self.shelf.delete
        self.web = WebMessenger(self.shelf.parked)
        self.messengers: dict[str, Messenger] = {"web": self.web}
        self.username = ""
        self.dead = False

    async def start(self) -> "Server":
        """Check the token, and make the web server."""
        from bot.web.app import create  # noqa: PLC0415  commands do without the web side, and start sooner
        from bot.web.server import Server  # noqa: PLC0415  the same

        config = self.app.config
        if config.token:
            client = telegram(config)
            self.username = await identify(client)
            self.messengers[client.name] = client
            if self.username:
                await self.desk.write(lambda unit: remember_username(unit, self.username))
        phones = PracticePhones(self.desk, self.app.turns, self.web) if config.practice else None
        site = create(self.desk, self.web, self.app.texts, phones, shelf=self.shelf, public_url=config.public_url)
        return Server(site)

    @contextlib.asynccontextmanager
    async def loops(self) -> AsyncIterator[None]:
        """Run every loop; ends with each having finished what it had begun."""
        receive = self.app.receive()
        rate = self.app.config.rate
        workshop = Workshop(self.app.texts, self.shelf, self.app.config.home)
        courier = Courier(self.desk, self.messengers, rate, self.shelf, workshop)
        pollers = [
            asyncio.create_task(loops.poll(messenger, self.desk, receive, self._conflicted), name=f"poll {name}")
            for name, messenger in self.messengers.items()
        ]
        workers = [
            asyncio.create_task(loops.handle(self.desk, receive, self.messengers, self.shelf), name="handle"),
            asyncio.create_task(loops.tick(self.desk, Tick(self.app.turns), rate, self.shelf), name="tick"),
            asyncio.create_task(courier.run(), name="courier"),
        ]
        for task in (*pollers, *workers):
            task.add_done_callback(self._died)
        greeting = [asyncio.create_task(self._introduce(), name="introduce")]
        try:
            yield
        finally:
            for tasks in (greeting, pollers, workers):
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)

    async def _introduce(self) -> None:
        """Tell Telegram what the bot is and which commands there are; a failure is logged and costs nothing else."""
        client = self.messengers.get("telegram")
        if client is not None and self.username:
            members = await self.desk.read(lambda unit: introduction.team(unit, "telegram"))
            record = await self.desk.read(lambda unit: unit.organisation.get())
            first = next(iter(record.get("languages") or ("es",)))
            await introduction.introduce(client, self.app.texts, members, otherwise=first)

    def _died(self, task: asyncio.Task[None]) -> None:
        """A loop that ends by itself is a bug: the process ends with an error, and its supervisor starts it anew."""
        if not task.cancelled() and task.exception() is not None:
            log.critical("loop %s died: %s", task.get_name(), type(task.exception()).__name__)
            self.dead = True
            signal.raise_signal(signal.SIGTERM)

    async def close(self) -> None:
        """Close messengers, threads and database."""
        for messenger in self.messengers.values():
            await messenger.close()
        self.desk.close()
        self.app.close()


@contextlib.contextmanager
def locked(config: Config) -> Iterator[None]:
    """Hold the folder's lock, as a bot that is awake does; raises ConfigError when one has it."""
    with (config.home / LOCK).open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ConfigError("cli.error.running", path=config.home) from None
        yield


@contextlib.contextmanager
def alone(app: App) -> Iterator[None]:
    """Make sure that no other process fetches and sends for this folder and database; raises ConfigError."""
    with locked(app.config), app.storage.database.alone("hilo run") as free:
        if not free:
            raise ConfigError("cli.error.running", path=app.config.home)
        yield


async def run(app: App, ready: Callable[[Running], None], conflicted: Callable[[], None] = lambda: None) -> None:
    """Run the bot until SIGINT or SIGTERM; `ready` is called once it listens and its loops run."""
    with alone(app), contextlib.closing(listen(app.config)) as sock:
        running = Running(app, conflicted)
        try:
            server = await running.start()
            gc.freeze()  # what the start made lives as long as the bot: it need not be looked through again and again
            async with running.loops():
                ready(running)
                await server.serve(sockets=[sock])
        finally:
            await running.close()
        if running.dead:
            raise SystemExit(1)


def remember_username(unit: Unit, username: str) -> None:
    """Keep the bot's public name, so that invite links can be made by commands without a network."""
    record = unit.organisation.get()
    if record.get("username") != username:
        unit.organisation.set({**record, "username": username})
