"""Damaged values: each is noted and logged once, by table and number, and set aside alone.

After a bad sector, a careless edit or half a restored file, a value is no longer what was sealed. Neither its person
nor anybody else must be stopped by it. `hilo doctor` opens everything (`storage.damage_scan`).
"""

import logging
from dataclasses import dataclass
from typing import Final
from uuid import UUID

log = logging.getLogger(__name__)

SEAL: Final = "seal"
"""The column of a row's seal, under which is noted that it does not fit."""
DAMAGED = "damaged"
"""The reason given for inbox and outbox rows that were given up because they do not open."""


@dataclass(frozen=True, slots=True)
class Damaged:
    """One value that does not open: table, column, the row's number or id, and the person it belongs to, if any."""

    table: str
    column: str
    row: str
    person_id: UUID | None = None


class Damage:
    """What this process found damaged; shared by all its units of work."""

    __slots__ = ("_found",)

    def __init__(self) -> None:
        self._found: dict[tuple[str, str, str], Damaged] = {}

    def note(self, found: Damaged) -> None:
        """Record a value that does not open, and log its place (never its content) the first time.

        Where a person's key is damaged, only the key is recorded, not everything it would open.
        """
        place = (found.table, found.column, found.row)
        whose = found.person_id and ("person_keys", "wrapped", found.person_id.hex)
        if place not in self._found and (whose == place or whose not in self._found):
            self._found[place] = found
            if found.column == SEAL:
                log.error("%s: the seal of row %s does not fit, and the row counts for nothing", found.table, found.row)
            else:
                log.error("damaged: %s.%s of row %s does not open and is set aside", *place)

    def found(self) -> list[Damaged]:
        """List what was found so far."""
        return list(self._found.values())

    def replace(self, found: list[Damaged]) -> None:
        """Replace all earlier findings with those of a new complete scan."""
        present = {(each.table, each.column, each.row) for each in found}
        for each in found:
            self.note(each)
        for place in self._found.keys() - present:
            del self._found[place]
