"""Gaps in fetching: noting that it works, and from when to when something may have been missed."""

from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from bot.messengers import registry
from bot.rendering.speech import Speech
from bot.services.notices import tell_admins
from bot.services.organisation import local_zone
from storage.unit import Unit

MISSED: Final = "fetch.missed"
WRITTEN: Final = "%H:%M"


def heard(unit: Unit, messenger: str) -> None:
    """Note that something was fetched just now, which somebody's turn shows; not where that would hide a gap."""
    keeps, worked = registry.of(messenger).keeps_presses, unit.fetches.worked_at(messenger)
    if keeps is not None and worked is not None and timedelta(0) <= unit.now - worked <= keeps:
        unit.fetches.note(messenger)


def heard_until(unit: Unit, messenger: str, moment: datetime) -> bool:
    """Return whether all was heard that was said over a messenger by a moment, and that it still keeps."""
    keeps, worked = registry.of(messenger).keeps_updates, unit.fetches.worked_at(messenger)
    if keeps is None or worked is None or unit.now - moment > keeps:
        return True
    return worked >= moment and not unit.webhooks.of(messenger).waiting


def fetched(unit: Unit, messenger: str, worked_at: datetime | None) -> bool:
    """Note that a messenger's updates were fetched just now; return whether some may have been missed before.

    After a gap in which presses are forgotten, that is noted for whoever has an open question; after one in which
    everything is forgotten, the admins are told from when to when.

    Args:
        unit: the transaction.
        messenger: whose updates.
        worked_at: when they were fetched before; None: what the database knows.
    """
    before = worked_at or unit.fetches.worked_at(messenger)
    unit.fetches.note(messenger)
    can = registry.of(messenger)
    gap = unit.now - before if before is not None else timedelta(0)
    if before is None or can.keeps_presses is None or gap <= can.keeps_presses:
        return False
    unit.fetches.miss(messenger, before)
    if can.keeps_updates is not None and gap > can.keeps_updates:
        unit.audit.add("hilo", MISSED, messenger, {"since": before.isoformat(), "until": unit.now.isoformat()})
        tell_admins(
            unit,
            "notice.missed",
            where=can.title or messenger,
            since=lambda there: _moment(there, before),
            until=lambda there: _moment(there, unit.now),
        )
    return True


def _moment(there: Speech, moment: datetime) -> str:
    """Return a day and an hour as one of the admins reads them."""
    zone = local_zone(there.unit, there.person)
    day = there.texts.day(moment, zone, there.language)
    return there.words("missed.moment", day=day, hour=f"{moment.astimezone(ZoneInfo(zone)):{WRITTEN}}")
