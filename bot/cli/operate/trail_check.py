"""The trail against the backups: what one of them knows as the newest row is here, unless it was restored since."""

from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Final

from bot.cli.operate.backup import DATA, PLACES, BackupError
from bot.cli.operate.restore import noted
from storage.unit import Unit

RESTORED: Final = "backup.restored"


def missed(unit: Unit) -> Path | None:
    """Return the data file of a backup that knows a row which is not here as it was; None where there is none.

    Looked at is the newest backup in each known folder. One that does not open says nothing; what is wrong with it is
    found where it is verified.
    """
    for place in unit.organisation.get().get(PLACES) or ():
        for data in _newest(Path(place)):
            with suppress(BackupError, OSError):
                content = noted(unit.vault, data)
                row = content.get("trail")
                if row is None or unit.audit.holds(int(row["row"]), bytes.fromhex(row["hash"])):
                    continue
                if not unit.audit.done(RESTORED, datetime.fromisoformat(content["made_at"])):
                    return data
    return None


def _newest(place: Path) -> Iterable[Path]:
    return sorted(place.glob(f"hilo-*{DATA}"))[-1:] if place.is_dir() else ()
