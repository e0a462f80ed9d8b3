"""Acts on cohorts: adding one, and changing its settings."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final
from uuid import UUID

from bot import clock
from bot.rendering import targets
from bot.services.acts import Actor, actor_name, require
from bot.services.permissions import ADMINS_OF_ALL, FACILITATORS
from storage.cohorts import Cohort, CohortExists
from storage.unit import Unit

APPROVAL: Final = "approval"
"""Key in a cohort's context: new members need the team's approval."""
FORMS: Final = ("read", "listen", "both")
SIGNALS: Final = ("fine", "patchy", "scarce")


def add(
    unit: Unit, by: Actor, name: str, languages: Sequence[str], zone: str | None = None, *, practice: bool = False
) -> Cohort:
    """Add a cohort.

    Raises:
        NotAllowed: the actor may not.
        CohortExists: a cohort has that name.
    """
    require(unit, by, ADMINS_OF_ALL, targets.NEW_GROUP)
    cohort = unit.cohorts.add(clock.new_id(), name, tuple(languages), zone, practice=practice)
    unit.audit.add(actor_name(by), "cohort.added", str(cohort.id), {})
    return cohort


def change(unit: Unit, by: Actor, cohort: Cohort, what: str) -> None:
    """Save a changed cohort.

    Args:
        unit: the transaction.
        by: the actor.
        cohort: the cohort with its new values.
        what: which part was changed, for the audit.

    Raises:
        NotAllowed: the actor may not, or does not reach the cohort.
    """
    require(unit, by, FACILITATORS, targets.TUNE, cohort.id)
    unit.cohorts.change(cohort)
    unit.audit.add(actor_name(by), "cohort.changed", str(cohort.id), {"what": what})


def rename(unit: Unit, by: Actor, cohort: Cohort, name: str) -> Cohort:
    """Give a cohort another name, and return it.

    Raises:
        NotAllowed: the actor may not, or does not reach the cohort.
        CohortExists: another cohort has that name.
    """
    other = unit.cohorts.by_name(name)
    if other is not None and other.id != cohort.id:
        raise CohortExists
    renamed = replace(cohort, name=name)
    change(unit, by, renamed, "name")
    return renamed


def asks_approval(unit: Unit, cohort_id: UUID) -> bool:
    """Return whether new members of a cohort need a facilitator's approval."""
    cohort = unit.cohorts.get(cohort_id)
    return bool(cohort and cohort.context.get(APPROVAL))
