"""What still lacks before a leader may be invited: the record, someone who reads, the key kept, one backup verified.

A practice cohort needs none of it. Of each code the catalogs have `ready.CODE` (what lacks, a few words) and
`ready.CODE.remedy` (what to do about it, one sentence, at the console).
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
    "care_card",
    "why",
    "stop_when",
)
"""Keys of the organisation's record that must be filled."""
READERS, KEY, BACKUP = "readers", "key", "backup"
CODES: Final = (*RECORD, READERS, KEY, BACKUP)
"""Everything that can lack, in the order in which it is best mended."""


class NotReady(Problem, ActRefused):
    """Leaders cannot be invited yet.

    Attributes:
        missing: the codes of what lacks.
    """

    def __init__(self, missing: Sequence[str]) -> None:
        """Keep what lacks."""
        super().__init__("ready.refused")
        self.missing = tuple(missing)


def unfilled(unit: Unit) -> list[str]:
    """Return which parts of the organisation's record are still empty."""
    record = unit.organisation.get()
    return [key for key in RECORD if record.get(key) in (None, "", [], {})]


def missing(unit: Unit, cohort: Cohort | None = None) -> list[str]:
    """Return codes of what lacks before a leader may be invited (to this cohort; None: to any); empty: she may."""
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
    """Let a leader be invited; raises NotReady naming everything that lacks."""
    if lacking := missing(unit, cohort):
        raise NotReady(lacking)
