"""`hilo key rotate`: give the key new words while the bot is awake. Cut off anywhere, it goes on where it stopped.

The new key lies beside the old one until its words are on paper. Then the database keeps the old one wrapped by it, its
file takes the other's place, and what the old one sealed is sealed again. Last a new backup is made, and keys files
that the old words open are deleted wherever they are within reach.
"""

import contextlib
import fcntl
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from bot import clock
from bot.app import App
from bot.cli.operate import backup, keys
from bot.cli.operate.backup import KEYS, PLACES, Progress
from bot.config import Config, ConfigError
from bot.errors import Problem
from bot.services import handover
from storage import rotation, settling
from storage.key_ring import adopt
from storage.unit import Storage, Unit
from storage.vault import BadKey, KeyFile, create_key, load_key

LOCK: Final = "rotate.lock"


class RotationError(Problem):
    """A rotation that cannot be begun, or cannot be finished now."""


@dataclass(frozen=True, slots=True)
class Rotated:
    """What a finished rotation left.

    Attributes:
        backups: the data files of the backups that the new words open.
        deleted: how many keys files were deleted that the old words opened.
        away: folders with backups that are not within reach; the old words may open what lies there.
        aside: folders with an older database that the old words open.
    """

    backups: tuple[Path, ...]
    deleted: int
    away: tuple[str, ...]
    aside: tuple[Path, ...]


@contextlib.contextmanager
def alone(config: Config) -> Iterator[None]:
    """Hold the rotation's lock; raises RotationError when the key's place is a setting, or another command rotates."""
    if config.master_key:
        raise RotationError("cli.rotate.setting", path=config.key_file)
    with (config.home / LOCK).open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise RotationError("cli.rotate.elsewhere") from None
        yield


def begun_at(storage: Storage) -> datetime | None:
    """Return when the rotation that is not finished was begun, if there is one."""
    with storage.reading(clock.now()) as unit:
        return rotation.begun_at(unit)


def propose(config: Config) -> bytes:
    """Return the key whose words are to be written down: one that was proposed before and not taken, or a new one.

    Raises:
        ConfigError: no file can be written beside the key's.
    """
    path = KeyFile(config.key_file).proposed
    with contextlib.suppress(FileNotFoundError, BadKey):
        return load_key(path)
    try:
        path.unlink(missing_ok=True)  # half written, when the machine stopped
        return create_key(path)
    except OSError as error:
        raise ConfigError("config.key_unwritable", path=path, problem=error) from error


def begin(opened: App, proposed: bytes, holders: int) -> None:
    """Let a key whose words are on paper take the present one's place."""
    with opened.storage.unit(clock.now()) as unit:
        keys.confirm(unit, holders)
        unit.audit.add("console", "key.replaced", "organisation", {})
        handover.settle(unit, None, handover.WORDS)
        rotation.replace(unit, proposed)
    adopt(KeyFile(opened.config.key_file))


def complete(opened: App, progress: Progress) -> Rotated:
    """Do what is left of a rotation.

    Raises:
        RotationError: somebody read the database all the time, so that the disk still has what the old words open.
        BackupError: no backup could be made.
    """
    storage = opened.storage
    for done in rotation.seal_again(storage, clock.now):
        progress("seal", done)
    if storage.vault.epochs is not None:
        with settling.alone(storage.vault.epochs):
            storage.vault.epochs.seal_again()
    if not rotation.clean(storage.database):
        raise RotationError("cli.rotate.busy")
    places, away = _places(opened)
    made = tuple(backup.make(opened.config, storage, place, progress).data for place in places)
    deleted = sum(_delete_old(storage, place) for place in places)
    with storage.unit(clock.now()) as unit:
        rotation.finish(unit)
        unit.audit.add("console", "key.rotated", "organisation", {"keys_files_deleted": deleted})
    return Rotated(made, deleted, away, tuple(sorted(opened.config.home.glob("before-restore-*"))))


def old_keys_files(unit: Unit, places: list[Path]) -> list[Path]:
    """List the keys files in these folders that only former words open."""
    former = set(backup.key_marks(unit.vault)[1:])
    found = (path for place in places if place.is_dir() for path in sorted(place.glob(f"hilo-*{KEYS}")))
    return [path for path in found if former and backup.key_mark(path) in former]


def _places(opened: App) -> tuple[list[Path], tuple[str, ...]]:
    """Return the folders of backups that are within reach, one at least, and those that are not."""
    with opened.storage.reading(clock.now()) as unit:
        known = [str(each) for each in unit.organisation.get().get(PLACES) or ()]
    here = [Path(each) for each in known if Path(each).is_dir()] or [backup.default_place(opened.config)]
    return here, tuple(each for each in known if not Path(each).is_dir())


def _delete_old(storage: Storage, place: Path) -> int:
    with storage.reading(clock.now()) as unit:
        found = old_keys_files(unit, [place])
    for path in found:
        path.unlink(missing_ok=True)
    return len(found)
