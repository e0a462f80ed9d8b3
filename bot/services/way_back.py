"""The way back from an update: the pair of files made before it, until an admin says that all is well, or seven days.

The pair lies in a folder of its own beside the data. No backup that follows takes its keys away; an erasure does.
"""

import re
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from bot.services.acts import Actor, actor_name, require
from bot.services.permissions import ADMINS_OF_ALL
from storage.unit import Unit

PREFIX: Final = "before-update-"
STAMP: Final = "%Y-%m-%d-%H%M%S"
KEPT: Final = timedelta(days=7)
UPDATED: Final = "updated_at"  # in the organisation's record: when the last pair was made
ERASED: Final = "person.erased"
KEYS: Final = ".keys"
WELL: Final = "update_well_at"  # in the record: when an admin last said that all is well
_STAMPED: Final = re.compile(r"\d{4}-\d\d-\d\d-\d{6}$")


def kept(unit: Unit) -> None:
    """Note that a pair was made."""
    unit.organisation.note(**{UPDATED: unit.now.isoformat()})


def waits_for_word(unit: Unit) -> datetime | None:
    """Return when the last update began, while nobody has said that all is well and the pair is still kept."""
    record = unit.organisation.get()
    made, said = _moment(record.get(UPDATED)), _moment(record.get(WELL))
    if made is None or unit.now - made >= KEPT or (said is not None and said >= made):
        return None
    return made


def all_is_well(unit: Unit, by: Actor) -> None:
    """Note that an admin finds the new version well: the pair made before it goes; raises NotAllowed."""
    require(unit, by, ADMINS_OF_ALL, "update.well")
    unit.organisation.note(**{WELL: unit.now.isoformat()})
    unit.audit.add(actor_name(by), "update.well", "organisation", {})


def folders(home: Path) -> list[Path]:
    """List the folders with a pair made before an update, the oldest first."""
    return sorted(path for path in home.glob(f"{PREFIX}*") if path.is_dir())


def expire(unit: Unit, home: Path) -> list[Path]:
    """End what is over, and return the folders that something was deleted from.

    A pair goes whole once an admin said that all is well, or after seven days. The next erasure takes its keys away:
    the data file that is left opens with a newer keys file alone, which does not have whoever was erased.
    """
    there = folders(home)
    if not there:
        return []
    well = _moment(unit.organisation.get().get(WELL))
    erased = max((at for at, _, _ in unit.audit.done(ERASED, min(map(made_at, there)))), default=None)
    over = []
    for folder in there:
        made = made_at(folder)
        ended = unit.now - made >= KEPT or (well is not None and well >= made)
        keys = (
            sorted(folder.glob(f"*{KEYS}"))
            if ended or (erased is not None and erased >= made.replace(second=0, microsecond=0))
            else []
        )
        for path in keys:
            path.unlink(missing_ok=True)
        if ended:
            shutil.rmtree(folder)
        if ended or keys:
            over.append(folder)
    return over


def made_at(folder: Path) -> datetime:
    """Return when a folder was put aside, by its name; where that says nothing, when it was last changed."""
    if found := _STAMPED.search(folder.name):
        return datetime.strptime(found[0], STAMP).replace(tzinfo=UTC)
    return datetime.fromtimestamp(folder.stat().st_mtime, UTC)


def _moment(said: object) -> datetime | None:
    return datetime.fromisoformat(str(said)) if said else None
