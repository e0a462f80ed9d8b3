"""What is missing before a participant may be invited: the record, a reader, the key kept, a verified backup.

A practice cohort needs none of it. For each code the catalogs have `ready.CODE` (what is missing, in a few words) and
`ready.CODE.remedy` (what to do about it at the console, in one sentence).
"""

from collections.abc import Sequence
from typing import Final

from bot.errors import Problem
from bot.services.refusals import ActRefused
from storage.cohorts import Cohort
from storage.unit import Unit

RECORD: Final = (
    "name",
    "zone",
    "languages",
    "reading_days",
    "retention_months",
    "minors",
    "care_card",
    "why",
    "stop_when",
)
"""Keys of the organisation's record that must be filled."""
CARE: Final = "care_card"
READERS, KEY, BACKUP = "readers", "key", "backup"
CODES: Final = (*RECORD, READERS, KEY, BACKUP)
"""Everything that can be missing, in the order in which it is best done."""


class NotReady(Problem, ActRefused):
    """Participants cannot be invited yet.

    Attributes:
        missing: the codes of what is missing.
    """

    def __init__(self, missing: Sequence[str]) -> None:
        super().__init__("ready.refused")
        self.missing = tuple(missing)


def unfilled(unit: Unit) -> list[str]:
    """Return which parts of the organisation's record are still empty."""
    record = unit.organisation.get()
    if record.get("care_lines"):
        record = {**record, "care_card": record["care_lines"]}
    return [key for key in RECORD if record.get(key) in (None, "", [], {})]


def missing(unit: Unit, cohort: Cohort | None = None) -> list[str]:
    """Return codes of what is missing before a participant may be invited, to this cohort or (None) to any."""
    if cohort is not None and cohort.practice:
        return []
    care = unit.organisation.care()
    found = unfilled(unit)
    if not unit.roles.readers(cohort.id if cohort else None):
        found.append(READERS)
    if care.key_confirmed_at is None:
        found.append(KEY)
    if care.backup_verified_at is None:
        found.append(BACKUP)
    return found


def require(unit: Unit, cohort: Cohort | None = None) -> None:
    """Raise NotReady with everything that is missing, unless a participant may be invited."""
    if lacking := missing(unit, cohort):
        raise NotReady(lacking)
