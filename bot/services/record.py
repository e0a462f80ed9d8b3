"""Acts on the organisation's record: an admin changes one promise of it, or says when the team is away.

And what becomes of it when somebody is erased whom it names.
"""

from collections.abc import Mapping
from typing import Any, Final, Literal, TypeAlias

from bot.rendering import targets
from bot.services import handover, watch
from bot.services.acts import Actor, actor_name, require
from bot.services.permissions import ADMINS_OF_ALL
from bot.services.refusals import ActRefused
from bot.services.week import ASKINGS_LIMIT, MESSAGES_LIMIT
from storage.people import Person
from storage.record_names import names
from storage.unit import Unit

WEEK: Final = "week"
"""How often one person is written to, and asked, in seven days: two numbers of the record."""

Setting: TypeAlias = Literal["name", "reading_days", "retention_months", "away", "why", "stop_when", "week"]
SETTINGS: Final[tuple[Setting, ...]] = ("name", "reading_days", "away", "retention_months", "week", "why", "stop_when")
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


class TooFewMessages(ActRefused):
    """Of the messages that reach one person in seven days none would be left for what asks nothing."""


def limit_week(unit: Unit, by: Actor, askings: int, messages: int) -> None:
    """Put on record how often one person is asked something, and is written to in all, in any seven days.

    Raises:
        NotAllowed: the actor is no admin of the whole organisation.
        TooFewMessages: there would be no room for what asks nothing.
    """
    require(unit, by, ADMINS_OF_ALL, targets.RECORD)
    if messages <= askings:
        raise TooFewMessages
    unit.organisation.set({**unit.organisation.get(), ASKINGS_LIMIT: askings, MESSAGES_LIMIT: messages})
    unit.audit.add(actor_name(by), "organisation.changed", WEEK, {})


def forget(unit: Unit, by: Actor, person: Person) -> bool:
    """Take whoever is erased out of where the record says who does what; return whether other words of it name them.

    What everybody reads (the care card, the reasons) stays as the organisation wrote it: it is not emptied because of
    one who goes. Only whoever is or was of the team is looked for: a nickname may be a word like any other.
    """
    handover.forget(unit, person.id)
    if not unit.roles.held_once(person.id):
        return False
    handover.forget_name(unit, person)
    watch.forget(unit, by, person)
    record = unit.organisation.get()
    after, minors = record.get(watch.AFTER) or {}, record.get("minors") or {}
    left = {tag: words for tag, words in after.items() if not names(person.nickname, words)}
    if left != after:
        record = {**record, watch.AFTER: left}
        unit.organisation.set(record)
        unit.audit.add(actor_name(by), "organisation.changed", watch.WATCH, {})
    if names(person.nickname, str(minors.get("person") or "")):
        unit.organisation.set({**record, "minors": {**minors, "person": ""}})
        unit.audit.add(actor_name(by), "organisation.changed", "minors", {"anybody": bool(minors.get("anybody"))})
    return _named(unit.organisation.get(), person.nickname)


def _named(said: Any, nickname: str | None) -> bool:
    """Return whether a nickname stands in any words of a record, or of a part of one."""
    if isinstance(said, Mapping):
        return any(_named(each, nickname) for each in said.values())
    if isinstance(said, list):
        return any(_named(each, nickname) for each in said)
    return isinstance(said, str) and names(nickname, said)
