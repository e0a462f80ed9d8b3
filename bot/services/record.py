"""Acts on the organisation's record: an admin changes one promise of it, or says when the team is away."""

from typing import Any, Final, Literal, TypeAlias

from bot.rendering import targets
from bot.services.acts import Actor, actor_name, require
from bot.services.permissions import ADMINS_OF_ALL
from storage.unit import Unit

Setting: TypeAlias = Literal["name", "reading_days", "retention_months", "away", "why", "stop_when"]
SETTINGS: Final[tuple[Setting, ...]] = ("name", "reading_days", "away", "retention_months", "why", "stop_when")
"""Keys of the record that an admin changes from the phone; other screens have those of care, watch and minors."""


def change(unit: Unit, by: Actor, key: Setting, value: Any) -> None:
    """Put a value on record, or take one away (None).

    Who agreed to how long answers are kept is asked again as soon as that has changed.

    Raises:
        NotAllowed: the actor is no admin of the whole organisation.
    """
    require(unit, by, ADMINS_OF_ALL, targets.RECORD)
    record = {name: kept for name, kept in unit.organisation.get().items() if name != key}
    unit.organisation.set(record if value is None else {**record, key: value})
    unit.audit.add(actor_name(by), "organisation.changed", key, {})
