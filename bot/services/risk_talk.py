"""The talk about risks: held in person with those who will be asked, before the first of them is invited.

It keeps nobody from inviting, since no program can know whether it was held; it is asked about until somebody of the
team says that it was.
"""

from typing import Final

from bot.rendering import targets
from bot.services.acts import Actor, actor_name, require
from bot.services.permissions import FACILITATORS
from storage.unit import Unit

HELD: Final = "risk_talk"
"""The key of the organisation's record that has the day on which somebody said that it was held."""


def is_due(unit: Unit) -> bool:
    """Return whether nobody has said yet that it was held."""
    return not unit.organisation.get().get(HELD)


def note_held(unit: Unit, by: Actor) -> None:
    """Note today as the day of the talk; raises NotAllowed."""
    require(unit, by, FACILITATORS, targets.RISK_TALK)
    if is_due(unit):
        unit.organisation.note(**{HELD: unit.now.date().isoformat()})
        unit.audit.add(actor_name(by), "risk_talk.held", "organisation", {})


def take_back(unit: Unit, by: Actor) -> None:
    """Take back that it was held; raises NotAllowed."""
    require(unit, by, FACILITATORS, targets.RISK_TALK)
    if not is_due(unit):
        unit.organisation.note(**{HELD: None})
        unit.audit.add(actor_name(by), "risk_talk.taken_back", "organisation", {})
