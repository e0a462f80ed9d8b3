"""A draft, the broadcast that a person is making. It is stored sealed, in that person's preferences."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, ClassVar, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from bot import clock
from bot.conversation.turns import Turns
from bot.rendering.arguments import Argument
from bot.rendering.buttons import digest
from bot.services import own_dialogs
from bot.services.own_dialogs import Shelves
from bot.services.permissions import cohorts_of
from dialogs.model import Dialog
from storage.cohorts import Cohort
from storage.people import Person
from storage.unit import Unit

ORDER: Final = "order"
OWN: Final = ""


class OneDialog(Argument):
    """A dialog, by its short name."""

    layout: ClassVar[str] = "{dialog}"
    dialog: str


@dataclass(frozen=True, slots=True)
class Draft:
    """One broadcast in the making.

    Attributes:
        id: names the draft on buttons and in the broadcast's key.
        dialog: the dialog's name, or OWN for a question that is still to be written.
        version: the dialog's version that the person last saw; it is sent if no dialog has the name any more.
        cohort: the cohort to ask.
        card: the purpose card.
        purpose: the card's id, if it is that of an earlier broadcast.
        at: when to send, in UTC; None: now.
        own: whether its question was written for this draft.
        said: an own question that was typed before its cohort was chosen.
        begun: when it was begun; None in drafts of earlier versions.
        sent: the broadcast that the draft became.
        then: the names of dialogs that follow in turn, where it comes back.
    """

    id: str
    dialog: str
    version: str | None = None
    cohort: UUID | None = None
    card: Mapping[str, Any] = field(default_factory=dict)
    purpose: UUID | None = None
    at: datetime | None = None
    own: bool = False
    sent: UUID | None = None
    said: str = ""
    begun: datetime | None = None
    then: tuple[str, ...] = ()

    @classmethod
    def new(cls, dialog: str, **fields: Any) -> "Draft":
        """Return a new draft of a dialog."""
        return cls(clock.new_id().hex[-8:], dialog, **fields)

    @property
    def key(self) -> str:
        """The broadcast's key: a confirmation that arrives twice makes one broadcast."""
        return f"draft:{self.id}"


def read(person: Person) -> Draft | None:
    """Return a person's draft, which may have been sent already; None if there is none."""
    kept = person.preferences.get(ORDER)
    if not kept:
        return None
    ids = {name: UUID(kept[name]) if kept[name] else None for name in ("cohort", "purpose", "sent")}
    at = datetime.fromisoformat(kept["at"]) if kept["at"] else None
    begun = datetime.fromisoformat(kept["begun"]) if kept.get("begun") else None
    more = {"card": kept["card"], "own": kept["own"], "said": kept.get("said", ""), **ids}
    then = tuple(kept.get("then") or ())
    return Draft(kept["id"], kept["dialog"], kept["version"], at=at, begun=begun, then=then, **more)


def save_draft(unit: Unit, person: Person, draft: Draft | None) -> Person:
    """Store a person's draft (None deletes it), and return the changed person."""
    if draft is None:
        return unit.people.prefer(person, **{ORDER: None})
    ids = {name: value.hex if (value := getattr(draft, name)) else None for name in ("cohort", "purpose", "sent")}
    kept = {
        "id": draft.id,
        "dialog": draft.dialog,
        "version": draft.version,
        "card": dict(draft.card),
        "own": draft.own,
        "at": draft.at.isoformat() if draft.at else None,
        "said": draft.said,
        "begun": draft.begun.isoformat() if draft.begun else None,
        "then": [*draft.then],
        **ids,
    }
    return unit.people.prefer(person, **{ORDER: kept})


def change(unit: Unit, person: Person, **fields: Any) -> Person:
    """Change some fields of a person's draft, and return the changed person; raises LookupError without a draft."""
    draft = read(person)
    if draft is None:
        raise LookupError("no order is being made")
    return save_draft(unit, person, replace(draft, **fields))


def dialog_of(turns: Turns, unit: Unit, draft: Draft) -> Dialog | None:
    """Return the dialog that has the draft's name, else the version last seen; None if there is neither."""
    found = {dialog.name: dialog for dialog in turns.content.of(unit).all()}.get(draft.dialog)
    return found or (turns.dialog(unit, draft.version) if draft.version else None)


def short(dialog: Dialog) -> str:
    """Return a short name of a dialog for a button, which may have no room for the whole name."""
    return digest(dialog.name).hex()


def dialog_named(turns: Turns, unit: Unit, person: Person, given: str) -> Dialog | None:
    """Return the dialog that has a short name, or None if there is none that this person sees."""
    dialogs = turns.content.of(unit)
    found = next((each for each in dialogs.all() if short(each) == given), None)
    if found is None or (found.name in dialogs.written and found.name not in own_dialogs.seen_by(unit, person)):
        return None
    return found


def offered(turns: Turns, unit: Unit, shelves: Shelves) -> list[Dialog]:
    """Return the dialogs to choose from: own ones to be used again, then those in files."""
    dialogs = turns.content.of(unit)
    return [each for each in dialogs.all() if each.name in shelves.saved or each.name not in dialogs.written]


def cohort_of(unit: Unit, person: Person, draft: Draft) -> Cohort | None:
    """Return the draft's cohort, or None if the person does not reach it (any more)."""
    return next((each for each in cohorts_of(unit, person) if each.id == draft.cohort), None)


def zone_of(turns: Turns, unit: Unit, cohort: Cohort) -> str:
    """Return the zone of a cohort: its own, else the organisation's."""
    return turns.organisation.zone(unit, cohort=cohort)


def midnight(moment: datetime, zone: str) -> datetime:
    """Return the beginning of a moment's day in a zone."""
    return moment.astimezone(ZoneInfo(zone)).replace(hour=0, minute=0, second=0, microsecond=0)
