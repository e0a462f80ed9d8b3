"""Storage for a process that is started for one piece of work: what it is told by the pipe, and opens by that."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from storage.database import Database
from storage.epochs import Epochs
from storage.unit import Storage
from storage.vault import Vault


def told(storage: Storage) -> dict[str, Any]:
    """Return what a process has to know to open the same storage; it goes through a pipe that nobody else reads."""
    vault = storage.vault
    return {
        "database": storage.database.engine.url.render_as_string(hide_password=False),
        "key": vault.master.hex(),
        "former_keys": [each.hex() for each in vault.former],
        "epochs": vault.epochs and str(vault.epochs.folder),
    }


@contextmanager
def opened(task: dict[str, Any]) -> Iterator[Storage]:
    """Open the storage that a task tells of."""
    database = Database.open(task["database"])
    try:
        vault = Vault(bytes.fromhex(task["key"]), [bytes.fromhex(each) for each in task["former_keys"]])
        if task["epochs"]:
            vault.epochs = Epochs(Path(task["epochs"]), vault.organisation_key)
        yield Storage(database, vault)
    finally:
        database.dispose()
