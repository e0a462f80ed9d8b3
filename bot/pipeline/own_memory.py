"""What each of several processes keeps in memory and another one changes: it is looked at again once an hour."""

from functools import partial
from typing import Final

from bot.pipeline.repeating import repeat
from bot.runtime.workers import Workers
from storage import day_keys
from storage.damage_scan import put_back
from storage.unit import Unit

EVERY: Final = 3600.0  # seconds


async def watch(workers: Workers) -> None:
    """Look until cancelled."""
    await repeat("memory", EVERY, workers, partial(workers.read, look))


def look(unit: Unit) -> None:
    """Learn which rows were put back to an old state, and lose the keys of days that were destroyed."""
    unit.run.seals.look_back(put_back(unit))
    day_keys.lose_destroyed(unit)
