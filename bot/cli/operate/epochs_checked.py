"""What `hilo doctor` says of the epochs: where their keys are, what is still to be done, and what was kept aside."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from bot.app import EpochAway, check_epoch
from bot.cli.operate.checks.finding import Finding
from bot.config import Config
from storage import epoch_change
from storage.epochs import Epochs
from storage.unit import Unit

LATE: Final = timedelta(minutes=5)
"""How long something may stay undone after an erasure: a running bot needs less than two."""


def folder(config: Config) -> Iterator[Finding]:
    """Report whether there is a folder of epochs, and who may look into it."""
    if config.epochs is None:
        yield Finding("no_epochs", "note")
    elif config.epochs.is_dir() and any(
        path.stat().st_mode & 0o077 for path in (config.epochs, *config.epochs.iterdir())
    ):
        yield Finding("epochs_open", "bad", {"path": config.epochs})


def away(unit: Unit, config: Config) -> Finding | None:
    """Report that the file of the epoch that the database names is not here: then nobody's rows open."""
    try:
        check_epoch(config, unit)
    except EpochAway as error:
        return Finding("epochs_missing" if config.epochs else "epochs_unset", "bad", error.facts)
    return None


def epochs(unit: Unit, config: Config) -> Iterator[Finding]:
    """Report what the database names, and what is still to be done after an erasure."""
    row, here = epoch_change.row_of(unit), unit.vault.epochs
    if row is None or here is None:
        return
    older = Epochs.names_in(config.epochs) - {row.name} if config.epochs else set()
    undone = row.settled_at is None or bool(older) or row.swept_at is None
    since = row.owed_at or row.begun_at
    if (row.owed_at is not None or undone) and unit.now - since > LATE:
        yield Finding("erasure_undone", "bad", {"day": f"{since:%Y-%m-%d %H:%M} UTC"})
    else:
        yield Finding("epochs", "good", {"path": config.epochs, "name": row.name})
