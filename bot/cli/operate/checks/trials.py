"""Whether anybody has ever brought a backup back: one that was never tried is a hope."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from bot.cli.operate.checks.finding import Finding
from storage.unit import Unit

TRIED: Final = "backup.tried"
RESTORED: Final = "backup.restored"
VERIFIED: Final = "backup.verified"
SOON_ENOUGH: Final = timedelta(days=30)
YEAR: Final = timedelta(days=366)
LONG_AGO: Final = timedelta(days=3650)


def tried(unit: Unit) -> Iterator[Finding]:
    """Ask for a try once backups are made for a month, and again each year."""
    last = max((at for action in (TRIED, RESTORED) for at in _moments(unit, action)), default=None)
    if last is not None:
        old = unit.now - last > YEAR
        yield Finding("tried_long_ago" if old else "tried", "bad" if old else "good", {"day": f"{last:%Y-%m-%d}"})
        return
    made = _moments(unit, VERIFIED)
    if made and unit.now - min(made) > SOON_ENOUGH:
        yield Finding("never_tried", "bad", {"day": f"{min(made):%Y-%m-%d}"})


def _moments(unit: Unit, action: str) -> list[datetime]:
    return [at for at, _, _ in unit.audit.done(action, unit.now - LONG_AGO)]
