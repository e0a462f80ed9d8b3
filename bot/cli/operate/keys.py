"""The organisation's key: show it as words, confirm that it is kept, bring it back from its words."""

from pathlib import Path
from typing import Final

from bot import clock
from bot.app import present_key
from bot.cli.operate import words
from bot.config import Config, ConfigError
from bot.errors import Problem
from storage import damage_scan, vault
from storage.database import Database, file_of
from storage.epochs import EpochMissing
from storage.key_ring import RetiredKey, open_vault
from storage.unit import Storage, Unit
from storage.vault import DecryptionError

ASKED: Final = (4, 17)
"""Which words are asked for, counted from one."""
ASKED_SECOND: Final = (9, 22)
"""Which words a second holder is asked for."""


class KeyProblem(Problem):
    """A key that cannot be brought back."""


def needed(config: Config) -> bytes:
    """Read the key that a backup was made with, which must be here; raises ConfigError, which says how to bring it."""
    try:
        return present_key(config)
    except FileNotFoundError:
        raise ConfigError("cli.restore.no_key", path=config.key_file) from None


def confirm(unit: Unit, holders: int) -> None:
    """Record that the key is kept as words, and by how many people."""
    unit.organisation.set({**unit.organisation.get(), "key_holders": holders})
    unit.organisation.confirm_key()
    unit.audit.add("console", "key.confirmed", "organisation", {"holders": holders})


def restore(config: Config, typed: str) -> Path:
    """Write the key's file again from its 24 words; return its path.

    Raises:
        WordsError: the words are no key.
        KeyProblem: another key is there already, or the words are the key of another database, or were the key of this
            one before it got new words.
    """
    key = words.key_of(typed)
    try:
        present = present_key(config)
    except FileNotFoundError:
        present = None
    if present is not None:
        raise KeyProblem("cli.key.same" if present == key else "cli.key.another", path=config.key_file)
    try:
        if not opens(config, key):
            raise KeyProblem("cli.key.foreign")
    except RetiredKey as retired:
        raise KeyProblem("cli.key.retired", day=f"{retired.at:%Y-%m-%d}") from None
    config.key_file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    vault.write_key(config.key_file, key)
    return config.key_file


def opens(config: Config, key: bytes) -> bool:
    """Return whether a key opens the database that is here; True where there is none yet; raises RetiredKey."""
    file = file_of(config.database_url)
    if file is not None and not file.exists():
        return True
    database = Database.open(config.database_url)
    try:
        if database.version() is None:
            return True
        with Storage(database, open_vault(database, key, None, config.epochs)).reading(clock.now()) as unit:
            damage_scan.check_key(unit)
        return True  # noqa: TRY300  something that was sealed opened
    except RetiredKey:
        raise
    except (DecryptionError, EpochMissing):
        return False
    finally:
        database.dispose()
