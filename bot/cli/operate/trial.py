"""Try a backup: bring it back into a scratch folder, look at everything in it, and leave nothing behind."""

import tempfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bot import clock
from bot.app import App
from bot.cli.operate.backup import DATABASE, BackupError, Progress
from bot.cli.operate.checks.trials import TRIED
from bot.cli.operate.restore import keys_for, unpack
from bot.media.store import MediaStore
from storage import copies, key_ring
from storage.damage_scan import scan
from storage.database import Database
from storage.epochs import Epochs
from storage.unit import Storage
from storage.vault import DecryptionError, Vault


@dataclass(frozen=True, slots=True)
class Tried:
    """What a backup would bring back: as of when, how many people, and how many values in it are damaged."""

    made_at: datetime
    people: int
    damaged: int


def try_backup(opened: App, master: bytes, data: Path, keys: Path | None, progress: Progress) -> Tried:
    """Bring a backup back beside what is here, with a key, and note that it was tried.

    Args:
        opened: the installation.
        master: the organisation's key, from here or as its words were typed.
        data: the backup's data file.
        keys: its keys file; None: the newest beside it.
        progress: told how far it is.

    Raises:
        BackupError: the backup cannot be used.
    """
    progress("verify", 0.0)
    with tempfile.TemporaryDirectory(dir=opened.config.home, prefix=".restore-") as folder:
        scratch = Path(folder)
        vault = Vault(master)
        # In memory alone: whatever ends this, nothing that it leaves in the folder opens.
        vault.epochs = Epochs(None, vault.organisation_key)
        content = unpack(vault, data, keys or keys_for(data), scratch)
        fresh = Database.open(f"sqlite:///{scratch / DATABASE}")
        try:
            fresh.migrate()
            copies.put_keys(scratch / DATABASE, content["keys"])
            opening = key_ring.open_vault(fresh, master)
            opening.epochs = vault.epochs
            with Storage(fresh, opening).reading(clock.now()) as unit:
                people = sum(1 for _ in unit.people.each())
                damaged = len(scan(unit, MediaStore(scratch).sealed))
        except DecryptionError as error:
            raise BackupError("cli.backup.damaged", path=data) from error
        finally:
            fresh.dispose()
    progress("verify", 1.0)
    with opened.storage.unit(clock.now()) as unit:
        unit.audit.add("console", TRIED, data.stem, {"people": people, "damaged": damaged})
    return Tried(datetime.fromisoformat(content["made_at"]), people, damaged)
