"""Acts on what is told without phones: it is read aloud to a circle, and what the circle says to it is kept.

Words that are laid out to be read are fixed, as words that were sent are. It is owed until one of the team says that it
was read.
"""

from datetime import datetime
from typing import Final, Literal, TypeAlias
from uuid import UUID

from bot import clock
from bot.content import wizard
from bot.rendering import targets
from bot.services import circles, share_backs
from bot.services.acts import Actor, actor_name, require
from bot.services.broadcasts import TOLD
from bot.services.organisation import OrganisationFacts
from bot.services.permissions import FACILITATORS
from bot.services.refusals import AlreadyDone
from bot.services.share_backs import UNDERSTOOD, WIZARDS, ShareBackError
from bot.services.sheets import reached
from bot.services.versions import save_version
from storage.broadcasts import Broadcast
from storage.decisions import Decision
from storage.sheets import Sheet
from storage.unit import Unit

MINUTE: Final = 130
"""How many words are read aloud in a minute."""
Said: TypeAlias = Literal["fine", "said"]
"""What a circle answers: it is fine with them, or there is something that they say to it."""


def asked_on_paper(unit: Unit, broadcast: Broadcast) -> bool:
    """Return whether circles answered a broadcast, or it went to nobody's phone."""
    return broadcast.on_paper or circles.any_asked(unit, broadcast)


def only(unit: Unit, decision: Decision) -> bool:
    """Return whether reading aloud is the one way to tell a decision: circles answered, and nobody has a phone."""
    asked = unit.broadcasts.get(decision.broadcast_id)
    if asked is None or not asked_on_paper(unit, asked):
        return False
    return not unit.decisions.asked(asked.id, decision.cohort_id)


def order_of(unit: Unit, decision: Decision) -> Broadcast | None:
    """Return the order by which a decision is read aloud; None where phones are told, or nobody is so far."""
    told = unit.broadcasts.get(decision.share_back_id) if decision.share_back_id else None
    return told if told is not None and told.aloud else None


def read_at(unit: Unit, decision: Decision) -> datetime | None:
    """Return when it was noted that a decision was read aloud; None where it was not, or phones are told."""
    told = order_of(unit, decision)
    return told.closed_at if told is not None else None


def waits(unit: Unit, decision: Decision) -> bool:
    """Return whether a decision is laid out to be read aloud, and was not so far."""
    return order_of(unit, decision) is not None and read_at(unit, decision) is None


def told_but_unread(unit: Unit, broadcast_id: UUID) -> Decision | None:
    """Return what is laid out to be read of a broadcast, and was not read so far; None for nothing."""
    told = (each for each in unit.decisions.because_of(broadcast_id) if each.state == "told")
    return next((each for each in told if waits(unit, each)), None)


def lay_out(unit: Unit, organisation: OrganisationFacts, decision_id: UUID, by: Actor) -> Decision:
    """Fix the words of a draft, so that it is read aloud as it stands; it is owed until it was.

    Raises as `share_backs.send`, and ShareBackError where somebody is told by phone.
    """
    decision, asked, cohort = share_backs.fit_to_go(unit, decision_id, by)
    if not only(unit, decision):
        raise ShareBackError("aloud.phones")
    share_backs.order_back(unit, organisation, decision, asked, cohort, [], by)
    unit.audit.add(actor_name(by), "decision.laid_out", str(decision.id), {})
    return share_backs.reached(unit, decision.id, by)


def was_read(unit: Unit, decision_id: UUID, by: Actor) -> Decision:
    """Note that a decision was read aloud to a circle: it is told. Raises NotFound, NotAllowed, AlreadyDone."""
    decision = share_backs.reached(unit, decision_id, by)
    told = order_of(unit, decision)
    if told is None or not unit.broadcasts.close(told.id):
        raise AlreadyDone
    key = UNDERSTOOD if decision.kind == "understood" else TOLD
    share_backs.note(unit, decision.cohort_id, key, decision.broadcast_id, there=True)
    unit.audit.add(actor_name(by), "decision.read_aloud", str(decision.id), {})
    return decision


def make_sheet(unit: Unit, by: Actor, decision_id: UUID, language: str) -> str:
    """Make a sheet of what is told, with a code of its own, and return that; one for each circle.

    Raises:
        NotFound, NotAllowed: it is out of reach.
        AlreadyDone: it is a draft, whose words may change.
    """
    decision = share_backs.reached(unit, decision_id, by)
    if decision.state != "told":
        raise AlreadyDone
    named = wizard(WIZARDS[decision.kind])
    save_version(unit, named)
    code, made_by = clock.new_code(), by.id if by else None
    about = {"decision": decision.id.hex, "language": language}
    unit.sheets.add(clock.new_id(), code, decision.cohort_id, named.version, {}, made_by, **about)
    unit.audit.add(actor_name(by), "group_sheet.printed", str(decision.cohort_id), {"sheets": 1})
    return code


def answer(unit: Unit, by: Actor, sheet_id: UUID, said: Said, present: int, words: str) -> Sheet:
    """Keep what a circle said to what it was told; raises NotFound, NotAllowed, and AlreadyDone."""
    sheet = reached(unit, by, sheet_id)
    circle = {"fine": said == "fine", "present": present, "against": words}
    typed = {"circle": circle, "by": by.id.hex if by else None, "on": unit.now.date().isoformat()}
    if "decision" not in sheet.body or sheet.state != "printed" or not unit.sheets.becomes(sheet, "said", **typed):
        raise AlreadyDone
    unit.audit.add(actor_name(by), "group_sheet.said", str(sheet.id), {})
    return sheet


def decision_of(unit: Unit, by: Actor, sheet: Sheet) -> Decision | None:
    """Return the decision that a sheet tells; None for one that asks, and where it is there no more."""
    require(unit, by, FACILITATORS, targets.SHEET, sheet.cohort_id)
    named = sheet.body.get("decision")
    decision = unit.decisions.get(UUID(named)) if named else None
    return decision if decision is not None and decision.cohort_id == sheet.cohort_id else None
