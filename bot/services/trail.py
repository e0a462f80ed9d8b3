"""The audit trail as admins read it: who did what, and when; reading it is a row of its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from bot.rendering.texts import MissingText, Texts
from bot.services.acts import Actor, actor_name, require
from bot.services.permissions import ADMINS_OF_ALL
from storage.people import Person
from storage.unit import Unit

TRAIL_READ: Final = "audit.read"
LISTED: Final = "member.listed"
LOOKED_AT: Final = "member.looked_at"
SEARCHED: Final = "member.searched"
CHANGED: Final = "organisation.changed"


@dataclass(frozen=True, slots=True)
class TrailLine:
    """One row of the trail.

    Attributes:
        number: the row's.
        at: when it was written.
        by: the person who did it; None for the terminal, for Hilo itself, and for somebody who was erased.
        own: `console` or `hilo`; empty where a person did it.
        action: what was done, as it stands in the trail.
        about: the code of the person to whom it was done, if it was a person who is still here.
        part: what of the organisation's record was changed; '' for anything else that was done.
    """

    number: int
    at: datetime
    by: Person | None
    own: str
    action: str
    about: str
    part: str = ""


def read(unit: Unit, by: Actor, number: int, offset: int = 0) -> Sequence[TrailLine]:
    """Return the newest rows, the newest first, and note that they were read.

    Args:
        unit: a writing transaction: what cannot be noted is not shown.
        by: the actor.
        number: how many rows.
        offset: how many of the newest are left out.

    Raises:
        NotAllowed: the actor is no admin of the whole organisation.
    """
    require(unit, by, ADMINS_OF_ALL, TRAIL_READ)
    found = [
        TrailLine(
            each.seq,
            each.at,
            _person(unit, each.actor),
            "" if _id(each.actor) else "console" if each.actor == "console" else "hilo",
            each.action,
            about.pseudonym if (about := _person(unit, each.subject)) and each.subject != each.actor else "",
            each.subject if each.action == CHANGED else "",
        )
        for each in unit.audit.list(number, offset)
    ]
    unit.audit.add(actor_name(by), TRAIL_READ, "organisation", {"from": found[0].number if found else 0})
    return found


def note(unit: Unit, by: Actor, action: str, subject: str) -> None:
    """Note that somebody looked at people: what they are shown is shown only once this is kept."""
    unit.audit.add(actor_name(by), action, subject, {})


def deed(texts: Texts, language: str, action: str) -> str:
    """Return what was done, in words; a newer Hilo may have written what this one has no words for."""
    try:
        return texts.say(f"trail.act.{action}", language)
    except MissingText:
        return texts.say("trail.act.other", language, action=action)


def done(texts: Texts, language: str, line: TrailLine) -> str:
    """Return what was done in a row, in words, with what of the organisation's record it changed, if it did."""
    did = deed(texts, language, line.action)
    try:
        part = texts.say(f"trail.part.{line.part}", language) if line.part else ""
    except MissingText:  # of a newer version
        return did
    return texts.say("trail.changed", language, did=did, part=part) if part else did


def fault(unit: Unit, texts: Texts, language: str) -> str | None:
    """Return what is wrong with the trail, in words; None where it is whole."""
    found = unit.audit.verify()
    if found is None:
        return None
    return texts.say(
        f"trail.fault.{found.kind}", language, row=found.row, at=f"{found.at:%Y-%m-%d}" if found.at else "?"
    )


def _id(written: str) -> UUID | None:
    try:
        return UUID(written)
    except ValueError:  # a name of the program's own, or of a dialog
        return None


def _person(unit: Unit, written: str) -> Person | None:
    found = _id(written)
    return unit.people.get(found) if found else None
