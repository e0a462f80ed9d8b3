"""Acts on what one person said on paper: one of the team types it in, and it is among that person's own answers.

It is a run like any other, so whatever reads, counts, exports, erases or keeps answers knows it. What makes it another
one is noted beside it: who typed it in, how its person agreed, and whether that person has said that it is so.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from bot import clock
from bot.errors import Problem
from bot.product_languages import language_of
from bot.rendering.speech import media_of
from bot.services import run_notes, sheets, support
from bot.services.acts import Actor, actor_name
from bot.services.refusals import ActRefused, AlreadyDone, NotFound
from dialogs import wording
from dialogs.model import Dialog
from dialogs.run import Run
from storage.broadcasts import Broadcast
from storage.people import Person
from storage.runs import AGREED, PAPER, UNSEEN, RunRow
from storage.sheets import Sheet
from storage.unit import Unit

HOW: Final = ("aloud", "written", "other")
"""The ways in which one person agrees."""
UNTOLD: Final = "on_paper_untold"
"""Preference: the runs that were typed in for a person, of which that person was not told yet."""
HERE: Final = "on_paper_here"
"""Preference: that a person of whom something is untold opened their page."""
WHOSE: Final = "whose"
"""The key of a rehearsal's card that says whose words are typed in; without it, they are a circle's."""
LATELY: Final = timedelta(days=14)
"""Whoever was asked the same, in the same words, so long before a sheet was printed was asked it by that sheet, too."""
_AGREES: Final = {"active": "", "unreachable": "", "paused": "paused", "left": "left", "declined": "left"}
_WAITS: Final = frozenset({"offered", "open", "postponed"})


class OwnPaperError(Problem, ActRefused):
    """What a person said on paper cannot be kept as that person's; or not be taken away by the team."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """How a person agreed: in which way, by whom it was asked, how many others were there, what was said against it."""

    how: str
    asked_by: str
    present: int
    against: str

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> "Agreement":
        """Return it as it was stored."""
        how = str(kept.get("how") or "")
        return cls(
            how=how if how in HOW else "other",
            asked_by=str(kept.get("asked_by") or ""),
            present=int(str(kept.get("present") or 0)),
            against=str(kept.get("against") or ""),
        )

    def to_dict(self) -> dict[str, Any]:
        """Return it as it is stored."""
        return asdict(self)


# What the team does.


def check(unit: Unit, by: Actor, sheet_id: UUID, person_id: UUID) -> Person:
    """Return the person whose words a sheet has, where they may be kept as that person's.

    Raises:
        NotAllowed, NotFound: the sheet or the person is out of reach.
        AlreadyDone: something was typed in from the sheet.
        OwnPaperError: they take part no more, pause, have not agreed, or did something about it on their phone.
    """
    sheet = sheets.reached(unit, by, sheet_id)
    if sheet.state != "printed":
        raise AlreadyDone
    person = _member(unit, sheet, person_id)
    _place(unit, sheet, person)
    return person


def keep(unit: Unit, by: Actor, sheet_id: UUID, person_id: UUID, agreement: Agreement, run: Run, language: str) -> UUID:
    """Keep what a person said on a sheet as that person's own answers; return their run.

    Args:
        unit: the transaction.
        by: who typed it in.
        sheet_id: the sheet.
        person_id: who said it.
        agreement: how the person agreed.
        run: the run in which it was typed in, completed.
        language: in which its answers are labelled.

    Raises:
        NotAllowed, NotFound, AlreadyDone, OwnPaperError: as `check`; nothing was written.
    """
    unit.lock(person_id)
    person = check(unit, by, sheet_id, person_id)
    sheet = sheets.reached(unit, by, sheet_id)
    broadcast, row = _place(unit, sheet, person)
    broadcast = broadcast or sheets.order_of(unit, sheet)
    run_id = row.id if row is not None else clock.new_id()
    if not unit.sheets.becomes(sheet, "own", own=run_id.hex):
        raise AlreadyDone
    noted = {**agreement.to_dict(), "by": by.id.hex if by else None, "on": unit.now.date().isoformat()}
    state = replace(run, sources=(), draft=(), near=None).state() | {PAPER: noted}
    if row is None:
        delivery_id = unit.sheets.delivery(clock.new_id(), broadcast.id, person.id)
        tag = language_of(person)
        named = (run_id, person, sheet.dialog_hash, "broadcast", state, "completed", tag, sheet.cohort_id)
        unit.runs.create(*named, broadcast.id, delivery_id, prompt=run.prompt)
        unit.broadcasts.started(delivery_id, run_id)
    unit.runs.save(run_id, person, state, "completed", run.prompt, ended_at=unit.now)
    unit.runs.note_on_paper(run_id, UNSEEN)
    _answer(unit, sheet, person, run_id, run, language)
    untold = person.preferences.get(UNTOLD) or ()
    unit.people.prefer(person, **{UNTOLD: [*untold, run_id.hex]})
    unit.audit.add(actor_name(by), "on_paper.typed_in", str(run_id), {})
    return run_id


def refuse(unit: Unit, by: Actor, sheet_id: UUID) -> Sheet:
    """Note that one person did not want to answer a sheet, and not who. Raises as `sheets.reached`, and AlreadyDone."""
    sheet = sheets.reached(unit, by, sheet_id)
    if sheet.state != "printed" or not unit.sheets.becomes(sheet, "own"):
        raise AlreadyDone
    unit.audit.add(actor_name(by), "group_sheet.refused", str(sheet.id), {})
    return sheet


def take_back(unit: Unit, by: Actor, sheet_id: UUID) -> Sheet:
    """Take away what was typed in as one person's, as if it had never been: it may have been another's.

    Raises:
        NotAllowed, NotFound: it is out of reach.
        AlreadyDone: nothing of it is there.
        OwnPaperError: its person has said that it is so: then only that person takes it away.
    """
    sheet = sheets.reached(unit, by, sheet_id)
    person, row = _typed_in(unit, sheet)
    if sheet.state != "own":
        raise AlreadyDone
    if row is not None and row.on_paper == AGREED:
        raise OwnPaperError("paper.own.agreed")
    unit.sheets.becomes(sheet, "withdrawn")
    if person is not None and row is not None and row.on_paper:
        unit.lock(person.id)
        _forget(unit, by, person, row)
    unit.audit.add(actor_name(by), "on_paper.taken_back", str(sheet.id), {})
    return sheets.reached(unit, by, sheet.id)


def _forget(unit: Unit, by: Actor, person: Person, row: RunRow) -> None:
    """Delete a run that was typed in; who had not answered on their phone is asked there again."""
    for each in unit.support_requests.of(person.id):
        if each.run_id == row.id and each.done_at is None and by is not None:
            unit.support_requests.done(each.id, by.id)
    delivery_id = unit.sheets.delivery_of(row.id)
    unit.runs.forget(row.id)
    if delivery_id is not None:
        unit.sheets.begin_again(delivery_id)
    told(unit, person, row.id)


def _typed_in(unit: Unit, sheet: Sheet) -> tuple[Person | None, RunRow | None]:
    """Return the run that was typed in from a sheet, and whose it is, where it is still there."""
    own = sheet.body.get("own")
    owner = unit.readings.owner(UUID(own)) if own else None
    person = unit.people.get(owner) if owner else None
    return person, unit.runs.read(UUID(own), person) if own and person is not None else None


def _member(unit: Unit, sheet: Sheet, person_id: UUID) -> Person:
    """Return somebody of a sheet's group who agreed to take part; raises NotFound and OwnPaperError."""
    person = unit.people.get(person_id)
    held = [each for each in unit.memberships.held(person_id) if each.cohort_id == sheet.cohort_id]
    if person is None or person.lost:
        raise NotFound
    agreed = unit.consents.latest(person.id)
    why = _AGREES.get(person.participation, "waiting") if held else "left"
    if not why and (held[0].waiting or agreed is None or agreed.action != "given"):
        why = "waiting"
    if why:
        raise OwnPaperError(f"paper.own.{why}")
    return person


def _place(unit: Unit, sheet: Sheet, person: Person) -> tuple[Broadcast | None, RunRow | None]:
    """Return where a person was asked the same on a phone and did nothing yet; nothing if they were not asked it there.

    Raises OwnPaperError for whoever answered there, or said no.
    """
    words = (sheet.body.get("card") or {}).get("why")
    order = sheets.ordered(unit, sheet)
    for row in unit.runs.of(person):
        asked = unit.broadcasts.get(row.broadcast_id) if row.broadcast_id is not None else None
        if asked is None or asked.cohort_id != sheet.cohort_id:
            continue
        same = (row.dialog_hash, asked.purpose.get("why")) == (sheet.dialog_hash, words) and not asked.on_paper
        recent = row.started_at >= sheet.made_at - LATELY
        if not (asked.id == (order and order.id) or (same and recent)):
            continue
        said = unit.answers.numbers(row.id) or unit.asides.numbers(row.id)
        if said or row.status not in _WAITS or row.dialog_hash != sheet.dialog_hash:
            raise OwnPaperError("paper.own.answered")
        return asked, row
    return None, None


def _answer(unit: Unit, sheet: Sheet, person: Person, run_id: UUID, run: Run, language: str) -> None:
    """Write the answers of a run; files are no part of it. What asks for support opens a request, as on a phone."""
    dialog = Dialog.from_dict(json.loads(unit.versions.get(sheet.dialog_hash) or "null"))
    steps = {step.name: step for step in dialog.steps}
    for path, answer in run.answers.items():
        if path in steps and not media_of(answer.value):
            body = json.dumps(wording.to_store(steps[path], answer, language), ensure_ascii=False)
            unit.answers.add(clock.new_id(), run_id, path, person, body, unit.now)
            if path == support.NEED:
                support.answered(unit, person, sheet.cohort_id, run_id, answer.value)


# What its person does.


def told(unit: Unit, person: Person, run_id: UUID) -> Person:
    """Note that somebody was told of what was typed in for them."""
    untold = [each for each in person.preferences.get(UNTOLD) or () if each != run_id.hex]
    return unit.people.prefer(person, **{UNTOLD: untold or None, HERE: None})


def waits_for(person: Person) -> bool:
    """Return whether something was typed in for a person that they were not told of, and they did not come since."""
    return bool(person.preferences.get(UNTOLD)) and not person.preferences.get(HERE)


def page_opened(unit: Unit, person: Person) -> None:
    """Note that a person is on their page, so that they are shown there what was typed in for them."""
    if waits_for(person):
        unit.people.prefer(person, **{HERE: True})


def unseen(unit: Unit, person: Person) -> list[RunRow]:
    """List what was typed in for somebody who has not said that it is so, the newest first."""
    return [row for row in unit.runs.answered(person) if row.on_paper == UNSEEN]


def shown(unit: Unit, person: Person, row: RunRow) -> None:
    """Let what was typed in be changed from now on as long as what was just answered."""
    run = replace(Run.restore(row.state, {}), completed_at=unit.now)
    unit.runs.remember(row.id, person, {**row.state, **run.state()})


def agree(unit: Unit, person: Person, row: RunRow) -> None:
    """Keep that a person said that what was typed in for them is so; raises AlreadyDone."""
    if row.person_id != person.id or row.on_paper != UNSEEN:
        raise AlreadyDone
    unit.runs.remember(row.id, person, run_notes.agreed(row.state))
    unit.runs.note_on_paper(row.id, AGREED)
    unit.audit.add(str(person.id), "on_paper.agreed", str(row.id), {})


def agreement_of(row: RunRow) -> Agreement | None:
    """Return how a person agreed to what was typed in for them; None for any other run."""
    kept = row.state.get(PAPER) if row.on_paper else None
    return Agreement.of(kept) if kept else None


def typist_of(unit: Unit, row: RunRow) -> Person | None:
    """Return who of the team typed a run in, where that is known."""
    by = (row.state.get(PAPER) or {}).get("by")
    return unit.people.get(UUID(by)) if by else None
