"""Where something of an erased person may lie beside the database: backups' keys files, and what was kept aside."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from bot.services import way_back
from storage import settling
from storage.settling import Places
from storage.unit import Unit

BACKUPS: Final = "backup_places"
"""In the organisation's record: folders that backups were made in."""
DEFAULT: Final = "backups"
"""The folder in Hilo's own where backups go when none is given."""


def places(unit: Unit, home: Path) -> Places:
    """Return every folder that has, or may have, keys files."""
    known = [Path(each) for each in unit.organisation.get().get(BACKUPS) or ()]
    beside = [*way_back.folders(home), *settling.kept_aside(home)]
    return Places(tuple(dict.fromkeys([*known, home / DEFAULT, *beside])), home)


def out_of_reach(unit: Unit) -> Sequence[str]:
    """List the folders with backups that cannot be written now: keys files in them still open what is erased."""
    known = unit.organisation.get().get(BACKUPS) or ()
    return [str(each) for each in known if not os.access(each, os.R_OK | os.W_OK | os.X_OK)]
