"""The act that changes what the organisation decided about people under eighteen."""

from collections.abc import Mapping
from typing import Any

from bot.rendering import targets
from bot.services.acts import Actor, actor_name, require
from bot.services.minors import is_minor
from bot.services.permissions import ADMINS_OF_ALL
from storage.people import Person
from storage.unit import Unit


def decide(unit: Unit, by: Actor, chosen: Mapping[str, Any]) -> None:
    """Put a decision on record; raises NotAllowed.

    Whoever takes part and is under eighteen is asked for their yes again, as soon as what they are told has changed.
    """
    require(unit, by, ADMINS_OF_ALL, targets.MINORS)
    unit.organisation.set({**unit.organisation.get(), "minors": dict(chosen)})
    unit.audit.add(actor_name(by), "organisation.changed", "minors", {"anybody": bool(chosen.get("anybody"))})


def taking_part(unit: Unit) -> list[Person]:
    """Return everybody under eighteen who takes part now."""
    return [each for each in unit.people.each() if each.participation in {"active", "paused"} and is_minor(each)]
