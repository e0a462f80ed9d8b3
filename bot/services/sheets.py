"""Acts on sheets of paper: printing some of a dialog for a group, and keeping what a circle said on one.

What a circle says is nobody's row: it is in no count of people and in no file of answers, and its code takes it back.
What was asked on paper is an order like others, made once something is typed in: the same one that went to phones, or
one that went to nobody's.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from bot import clock
from bot.rendering import targets
from bot.rendering.speech import media_of
from bot.services import kept_back
from bot.services.acts import Actor, actor_name, require
from bot.services.broadcasts import CLOSED, OrderError, card_of
from bot.services.permissions import FACILITATORS, cohorts_of, may_reach
from bot.services.refusals import AlreadyDone, NotFound
from bot.services.versions import save_version
from dialogs.model import Dialog
from dialogs.run import Answer
from storage.broadcasts import Broadcast
from storage.cohorts import Cohort
from storage.people import Person
from storage.sheets import Sheet
from storage.tables import ON_PAPER
from storage.unit import Unit

MOST: Final = 10
"""How many sheets are printed at once."""
HOW: Final = ("aloud", "hands", "assembly", "other")
"""The ways in which a circle agrees."""


def make(
    unit: Unit,
    by: Actor,
    cohort: Cohort,
    dialog: Dialog,
    purpose: str | Mapping[str, Any],
    number: int,
    order: str | None = None,
) -> Sequence[str]:
    """Make sheets of a dialog for a group, at most `MOST`; return the code of each. It may have nobody in Hilo.

    `order` is the key of the order that the same draft becomes where it is sent, too; None where it cannot be.

    Raises:
        NotAllowed: the actor may not ask, or does not reach the cohort.
        OrderError: a closed cohort, or a purpose that is no sentence.
    """
    require(unit, by, FACILITATORS, targets.ASK_PAPER, cohort.id)
    if cohort.context.get(CLOSED):
        raise OrderError("order.closed", cohort=cohort.name)
    card = card_of(purpose, is_new=True)
    save_version(unit, dialog)
    codes = [clock.new_code() for _ in range(max(1, min(number, MOST)))]
    order = order or f"console:{clock.new_id().hex}"
    for code in codes:
        unit.sheets.add(clock.new_id(), code, cohort.id, dialog.version, card, by.id if by else None, order=order)
    unit.audit.add(actor_name(by), "group_sheet.printed", str(cohort.id), {"sheets": len(codes)})
    return codes


def written(code: str) -> str:
    """Return a code as it is read aloud and typed: in two halves."""
    half = len(code) // 2
    return f"{code[:half]} {code[half:]}"


@dataclass(frozen=True, slots=True)
class Circle:
    """How a circle agreed: in which way, by whom it was asked, how many were there, and what was said against it."""

    how: str
    asked_by: str
    present: int
    against: str

    def to_dict(self) -> dict[str, Any]:
        """Return it as it is stored."""
        return {"how": self.how, "asked_by": self.asked_by, "present": self.present, "against": self.against}


def reached(unit: Unit, by: Actor, sheet_id: UUID) -> Sheet:
    """Return a sheet of a group that the actor reaches; raises NotFound and NotAllowed."""
    sheet = unit.sheets.get(sheet_id)
    if sheet is None:
        raise NotFound
    require(unit, by, FACILITATORS, targets.SHEET, sheet.cohort_id)
    return sheet


def found(unit: Unit, by: Person, said: str) -> Sheet:
    """Return the sheet whose code was typed; raises NotFound, also where the person does not reach it."""
    sheet = unit.sheets.find(clock.read_code(said) or said)
    if sheet is None or not may_reach(unit, by, sheet.cohort_id):
        raise NotFound
    return sheet


def noted(unit: Unit, by: Person) -> list[Sheet]:
    """Return the sheets of the person's groups from which something was typed in, the newest first."""
    return [each for each in unit.sheets.of([cohort.id for cohort in cohorts_of(unit, by)]) if each.state == "said"]


def any_printed(unit: Unit, by: Person) -> bool:
    """Return whether a sheet was ever printed for one of the person's groups."""
    return bool(unit.sheets.of([cohort.id for cohort in cohorts_of(unit, by)]))


def ordered(unit: Unit, sheet: Sheet) -> Broadcast | None:
    """Return the order that a sheet belongs to: the one its draft became, else one on paper; None if there is none."""
    key = _key(sheet)
    sent = unit.broadcasts.by_key(key)
    if sent is None or sent.cohort_id != sheet.cohort_id or sent.cancelled_at is not None:
        return unit.broadcasts.by_key(f"{ON_PAPER}{key}")
    return sent


def order_of(unit: Unit, sheet: Sheet) -> Broadcast:
    """Return the order that a sheet belongs to; where its draft became none, one that goes to nobody's phone."""
    return ordered(unit, sheet) or _asked_on_paper(unit, sheet, f"{ON_PAPER}{_key(sheet)}")


def _key(sheet: Sheet) -> str:
    return str(sheet.body.get("order") or sheet.id.hex)


def _order_of(unit: Unit, sheet: Sheet) -> dict[str, str]:
    """Return which order a sheet belongs to, as its row keeps it; none where it tells something back."""
    return {} if "decision" in sheet.body else {"asked": order_of(unit, sheet).id.hex}


def _asked_on_paper(unit: Unit, sheet: Sheet, key: str) -> Broadcast:
    """Order what a sheet asks, of nobody's phone: nothing of it is still to be sent, so it is closed."""
    unit.broadcasts.order(
        clock.new_id(),
        key,
        sheet.dialog_hash,
        sheet.cohort_id,
        purpose=dict(sheet.body.get("card") or {}),
        purpose_id=clock.new_id(),
        ordered_by=sheet.made_by,
        due_at=sheet.made_at,
        people=[],
    )
    ordered = unit.broadcasts.by_key(key)
    assert ordered is not None
    unit.broadcasts.close(ordered.id)
    return ordered


def refuse(unit: Unit, by: Actor, sheet_id: UUID) -> Sheet:
    """Note that they did not want to, which ends it. Raises as `reached`, and AlreadyDone."""
    sheet = reached(unit, by, sheet_id)
    if sheet.state != "printed":
        raise AlreadyDone
    said = {**_order_of(unit, sheet), "on": unit.now.date().isoformat()}
    if not unit.sheets.becomes(sheet, "refused", **said):
        raise AlreadyDone
    unit.audit.add(actor_name(by), "group_sheet.refused", str(sheet.id), {})
    return sheet


def say(unit: Unit, by: Actor, sheet_id: UUID, circle: Mapping[str, Any], answers: Mapping[str, Answer]) -> Sheet:
    """Keep what a circle said, as it was typed in; files are no part of it. Raises as `reached`, and AlreadyDone."""
    sheet = reached(unit, by, sheet_id)
    kept = {path: answer.to_dict() for path, answer in answers.items() if not media_of(answer.value)}
    day = unit.now.date().isoformat()
    if sheet.state != "printed":
        raise AlreadyDone
    said = {"circle": dict(circle), "answers": kept, "by": by.id.hex if by else None, "on": day}
    said |= _order_of(unit, sheet)
    if not unit.sheets.becomes(sheet, "said", **said):
        raise AlreadyDone
    unit.audit.add(actor_name(by), "group_sheet.said", str(sheet.id), {})
    return sheet


def withdraw(unit: Unit, by: Actor, sheet_id: UUID) -> Sheet:
    """Take back what was typed in from a sheet: nothing of it is left. Raises as `reached`, and AlreadyDone."""
    sheet = reached(unit, by, sheet_id)
    if sheet.state not in {"said", "refused"}:
        raise AlreadyDone
    kept_back.quoting_circle(unit, sheet)
    if not unit.sheets.becomes(sheet, "withdrawn"):
        raise AlreadyDone
    unit.audit.add(actor_name(by), "group_sheet.withdrawn", str(sheet.id), {})
    return sheet
