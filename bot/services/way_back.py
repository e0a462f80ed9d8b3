"""The way back from an update: the pair of files made before it, until an admin says that all is well, or seven days.

The pair lies in a folder of its own beside the data, so that no backup that follows takes its keys away. Whoever is
erased meanwhile is taken out of it like out of every backup.
"""

import re
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from bot.services.acts import Actor, actor_name
from storage.unit import Unit

PREFIX: Final = "before-update-"
STAMP: Final = "%Y-%m-%d-%H%M%S"
KEPT: Final = timedelta(days=7)
UPDATED: Final = "updated_at"  # in the organisation's record: when the last pair was made
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
    """Note that an admin finds the new version well: the pair made before it goes."""
    unit.organisation.note(**{WELL: unit.now.isoformat()})
    unit.audit.add(actor_name(by), "update.well", "organisation", {})


def said_well_at(unit: Unit) -> datetime | None:
    """Return when an admin last said that all is well."""
    return _moment(unit.organisation.get().get(WELL))


def folders(home: Path) -> list[Path]:
    """List the folders with a pair made before an update, the oldest first."""
    return sorted(path for path in home.glob(f"{PREFIX}*") if path.is_dir())


def forget(home: Path, now: datetime, well_at: datetime | None) -> list[Path]:
    """Delete the pairs that are over: keys first, then the rest; return their folders."""
    over = []
    for folder in folders(home):
        made = made_at(folder)
        if now - made >= KEPT or (well_at is not None and well_at >= made):
            for keys in folder.glob("*.keys"):
                keys.unlink(missing_ok=True)
            shutil.rmtree(folder)
            over.append(folder)
    return over


def made_at(folder: Path) -> datetime:
    """Return when a folder was put aside, by its name; where that says nothing, when it was last changed."""
    if found := _STAMPED.search(folder.name):
        return datetime.strptime(found[0], STAMP).replace(tzinfo=UTC)
    return datetime.fromtimestamp(folder.stat().st_mtime, UTC)


def _moment(said: object) -> datetime | None:
    return datetime.fromisoformat(str(said)) if said else None
