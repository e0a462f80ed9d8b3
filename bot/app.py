"""Build what every command and every loop needs: the key, storage, texts, dialogs, and the Telegram client."""

import contextlib
import fcntl
import logging
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from bot import clock
from bot.config import Config, ConfigError
from bot.content import Content
from bot.conversation.turns import Turns
from bot.messengers import registry
from bot.messengers.port import BadToken, Hookable, Messenger, MessengerError, Rejected
from bot.rendering.texts import Texts, catalogs
from bot.services import erasure_places
from bot.services.links import Site
from dialogs import wording
from storage import damage_scan, epoch_change, key_ring, placing, resealing, sealing, settling, vault
from storage.database import BadUrl, Database, file_of
from storage.epochs import EpochMissing
from storage.unit import Storage, Unit

log = logging.getLogger(__name__)

LOCK = "hilo.lock"  # in HILO_HOME: locked while the bot runs


class EpochAway(ConfigError):
    """The file of the epoch that the database names is not where it should be."""


ERRORS_BEFORE_READY = (BadToken, Rejected)


def _database(config: Config) -> Database:
    try:
        config.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise ConfigError("config.home", path=config.home, problem=error) from error
    try:
        placing.finish(config.home, config.database_url, config.dialogs)  # of a restore that was cut off
        database = Database.open(config.database_url)
        _private(file_of(config.database_url))
    except BadUrl as error:
        raise ConfigError("config.database") from error
    except OSError as error:
        raise ConfigError("config.database_file", path=error.filename, problem=error) from error
    return database


def _private(file: Path | None) -> None:
    """Let a database's file be its owner's alone, from before there is anything in it, and what lies beside it too.

    Earlier versions left a file that a command had made readable by others.
    """
    if file is None:
        return
    if not file.exists():
        os.close(os.open(file, os.O_WRONLY | os.O_CREAT, 0o600))
    for path in (file.with_name(f"{file.name}{end}") for end in ("", "-wal", "-shm")):
        with contextlib.suppress(FileNotFoundError):
            found = path.stat()
            if found.st_mode & 0o077 and found.st_uid == os.geteuid():
                path.chmod(0o600)


def outdated(config: Config) -> bool:
    """Return whether the database has to be created or migrated; raises ConfigError or DatabaseDown."""
    database = _database(config)
    try:
        return database.version() != database.head()
    finally:
        database.dispose()


def open_storage(config: Config) -> Storage:
    """Open the key and the database, both made at first use; an older database is migrated, and its paths are hidden.

    Raises:
        ConfigError: a key or a URL that cannot be used, or the present epoch's key is not there.
        DatabaseNewer: the database was written by a newer Hilo.
    """
    database = _database(config)
    try:
        database.migrate()
        file = None if config.master_key else vault.KeyFile(config.key_file)
        storage = Storage(database, key_ring.open_vault(database, _master(config, database), file, config.epochs))
        with storage.reading(clock.now()) as unit:
            # A wrong key is found here, and not mistaken for damage to everything it does not open.
            damage_scan.check_key(unit)
            check_epoch(config, unit)
            places = erasure_places.places(unit, config.home)
            unbegun = unit.audit.unbegun()
        settling.adopt(storage, clock.now, places)
        resealing.hide_paths(storage, clock.now, wording.is_spare)
        sealing.begin(storage, clock.now)
        if unbegun:  # last: whoever finds the trail begun takes it that all rows were sealed
            with storage.unit(clock.now()) as unit:
                unit.audit.begin()
    except BaseException:
        database.dispose()
        raise
    return storage


def check_epoch(config: Config, unit: Unit) -> None:
    """Check that the key of the epoch that the database names is here; raises EpochAway, which says the remedy."""
    row, epochs = epoch_change.row_of(unit), unit.vault.epochs
    if row is None:
        return
    if epochs is None:
        raise EpochAway("config.epochs_unset", name=row.name)
    try:
        epochs.await_named(row.name)
    except EpochMissing:
        raise EpochAway("config.epochs_missing", path=config.epochs, name=row.name) from None


def _master(config: Config, database: Database) -> bytes:
    try:
        return present_key(config)
    except FileNotFoundError:
        if database.holds_anything():
            raise ConfigError("config.key_lost", path=config.key_file) from None
        try:
            return vault.create_key(config.key_file)
        except OSError as error:
            raise ConfigError("config.key_unwritable", path=config.key_file, problem=error) from error


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


def telegram(config: Config) -> Hookable:
    """Make the chosen Telegram client; raises ConfigError where there is no token."""
    if config.token is None:
        raise ConfigError("config.no_token")
    return cast("Hookable", registry.MESSENGERS.connect("telegram", config))


@dataclass(slots=True)
class App:
    """What every command and every loop is built from."""

    config: Config
    storage: Storage
    texts: Texts
    content: Content
    turns: Turns

    @classmethod
    def open(cls, config: Config) -> "App":
        """Build everything that needs no network."""
        storage = open_storage(config)
        texts, content = catalogs(), Content(config.dialogs)
        site = Site(config.public_url, frozenset(registry.MESSENGERS.wanted(config)), practice=config.practice)
        return cls(config, storage, texts, content, Turns(texts, content, site))

    def close(self) -> None:
        """Close the database."""
        self.storage.database.dispose()


async def identify(messenger: Messenger) -> str:
    """Check token and address before anything starts; return the bot's public name.

    A network that is down is no error here, since the loops wait for it; an unknown token, or an address that is no Bot
    API, is one.
    """
    try:
        return (await messenger.identify()).username
    except ERRORS_BEFORE_READY:
        await messenger.close()
        raise
    except MessengerError as error:
        log.warning("%s does not answer yet: %s", messenger.name, error)
        return ""


@contextlib.contextmanager
def locked(config: Config, *, shared: bool = False) -> Iterator[None]:
    """Hold the folder's lock, as a running bot does; raises ConfigError when another process holds it.

    `shared`: others may hold it so, too.
    """
    with (config.home / LOCK).open("a") as lock:
        try:
            fcntl.flock(lock, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ConfigError("cli.error.running", path=config.home) from None
        yield


def remember_username(unit: Unit, username: str, messenger: str = "telegram") -> None:
    """Keep the bot's public name, so that commands can make invite links without a network."""
    key = registry.of(messenger).record_key
    if unit.organisation.get().get(key) != username:
        unit.organisation.note(**{key: username})
