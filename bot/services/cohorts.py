"""Acts about cohorts: adding one, and changing what was agreed for it."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from bot import clock
from bot.rendering import targets
from bot.services.acts import Actor, actor_name, require
from bot.services.permissions import ADMINS_OF_ALL, FACILITATORS
from storage.cohorts import Cohort
from storage.unit import Unit

APPROVAL: Final = "approval"
"""What a cohort's context calls that somebody of the team says yes to each one who comes."""
FORMS: Final = ("read", "listen", "both")
SIGNALS: Final = ("fine", "patchy", "scarce")


def add(
    unit: Unit, by: Actor, name: str, languages: Sequence[str], zone: str | None = None, *, practice: bool = False
) -> Cohort:
    """Add a cohort.

    Raises:
        NotAllowed: `by` may not.
        CohortExists: one has that name.
    """
    require(unit, by, ADMINS_OF_ALL, targets.NEW_GROUP)
    cohort = unit.cohorts.add(clock.new_id(), name, tuple(languages), zone, practice=practice)
    unit.audit.add(actor_name(by), "cohort.added", str(cohort.id), {})
    return cohort


def change(unit: Unit, by: Actor, cohort: Cohort, what: str) -> None:
    """Store what was agreed for a cohort.

    Args:
        unit: the transaction.
        by: who changes it.
        cohort: as it is to be.
        what: which part was changed, for the trail.

    Raises:
        NotAllowed: `by` may not, or does not reach it.
    """
    require(unit, by, FACILITATORS, targets.TUNE, cohort.id)
    unit.cohorts.change(cohort)
    unit.audit.add(actor_name(by), "cohort.changed", str(cohort.id), {"what": what})


def asks_approval(unit: Unit, cohort_id: UUID) -> bool:
    """Tell whether a cohort lets nobody in without a facilitator's yes."""
    cohort = unit.cohorts.get(cohort_id)
    return bool(cohort and cohort.context.get(APPROVAL))
