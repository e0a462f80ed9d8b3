"""What does not open any more: noted and logged once each, by table and number, so that it is set aside alone.

A bad sector, an editor in the wrong hands, half a restored file: one value is then not what was sealed, and neither
its person nor anybody else is to be stopped by it. `hilo doctor` opens everything (`storage.damage_scan`).
"""

import logging
from dataclasses import dataclass
from uuid import UUID

log = logging.getLogger(__name__)

DAMAGED = "damaged"
"""Why a row of the inbox or the outbox was given up that did not open."""


@dataclass(frozen=True, slots=True)
class Damaged:
    """One value that does not open: where it lies, the row's number or id, and whose it is, if it is a person's."""

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
        """Remember a value that does not open, and log its place the first time: never what it held.

        Where her key is damaged, that alone is noted, and not everything it would open.
        """
        place = (found.table, found.column, found.row)
        whose = found.person_id and ("person_keys", "wrapped", found.person_id.hex)
        if place not in self._found and (whose == place or whose not in self._found):
            self._found[place] = found
            log.error("damaged: %s.%s of row %s does not open and is set aside", *place)

    def found(self) -> list[Damaged]:
        """List what was found so far."""
        return list(self._found.values())

    def replace(self, found: list[Damaged]) -> None:
        """Take the place of all that was found before: everything was looked at anew."""
        present = {(each.table, each.column, each.row) for each in found}
        for each in found:
            self.note(each)
        for place in self._found.keys() - present:
            del self._found[place]
