"""What people ask of the team (support, a call): open until one of the team notes that it was done; how to reach them.

`Cómo quieres que te busquen` is the only note about a person there is. The person alone writes it; the team opens it
only while something the person asked for is open, and each look is in the audit, where the person can see it.
"""

import json
from collections.abc import Mapping
from datetime import timedelta
from functools import cache, lru_cache
from typing import Any, Final
from uuid import UUID

from bot import clock
from bot.rendering import targets
from bot.services.permissions import may_see, told_of
from bot.services.refusals import AlreadyDone, NotAllowed, NotFound
from dialogs import types
from dialogs.model import Dialog, Value
from storage.alerts import Alert
from storage.cohorts import Cohort
from storage.erasure import erase_reach_note
from storage.messages import MessageConversation
from storage.people import Person
from storage.reach_notes import ReachNote
from storage.support_requests import SupportRequest
from storage.unit import Unit

NEED, NOTHING = "need", "nothing"  # the question that offers support, and the answer that asks for none
SUPPORT, CALL = "support", "call"
KINDS: Final = frozenset({SUPPORT, CALL, "information", "in_person"})
NOTE_STAYS: Final = timedelta(days=30)  # after what it was for is done
FIELDS: Final = ("call", "where", "hour", "other")
LONGEST: Final = 200  # characters of one answer of the note
READ: Final = "reach_note.read"
_NOTED_FROM: Final = "requests_noted_from"


# Asking.


def asked(unit: Unit, person: Person, cohort_id: UUID | None, message_id: UUID | None = None) -> None:
    """Open a request for support, unless one that was made outside a run is open."""
    if any(each.run_id is None and each.done_at is None for each in unit.support_requests.of(person.id)):
        return
    unit.support_requests.add(clock.new_id(), person.id, cohort_id, SUPPORT, message_id=message_id)
    unit.audit.add(str(person.id), "request.asked", str(person.id), {"kind": SUPPORT})


def answered(unit: Unit, person: Person, cohort_id: UUID | None, run_id: UUID, value: Value | None) -> str:
    """Open a request for what was chosen at `NEED`, or change it; a choice of nothing leaves it open.

    Return what is asked for; '' if that is nothing.
    """
    kind = str(value)
    if kind not in KINDS or _practising(unit, person, cohort_id):
        return ""
    known = unit.support_requests.open_in(person.id, run_id)
    if known is None:
        unit.support_requests.add(clock.new_id(), person.id, cohort_id, kind, run_id=run_id)
        unit.audit.add(str(person.id), "request.asked", str(person.id), {"kind": kind})
    elif known.kind != kind:
        unit.support_requests.changed(known.id, kind)
    return kind


def noted_from(unit: Unit, cohort: Cohort) -> int | None:
    """Return the number of an answer from which on every request of a cohort is noted; None where one may not be.

    Nothing is noted of the team's own practice, and of what an own dialog offers that is none of `KINDS`.
    """
    if cohort.practice or not all(_noted(each.hash, each.source) for each in unit.versions.naming(NEED)):
        return None
    kept: int | None = unit.organisation.get().get(_NOTED_FROM)
    return unit.support_requests.noted_from() if kept is None else kept


def note_from(unit: Unit) -> None:
    """Write down which answer was the last before requests were noted, at the first start that does not find it."""
    if _NOTED_FROM in unit.organisation.get():
        return
    known = unit.support_requests.noted_from()
    unit.organisation.note(**{_NOTED_FROM: unit.unread_said.newest() if known is None else known})


@lru_cache(maxsize=256)
def _noted(_hash: str, source: str) -> bool:
    """Return whether whatever can be chosen at `NEED` in a version of a dialog is noted."""
    steps = (step for step in Dialog.from_dict(json.loads(source)).questions if step.name == NEED)
    return all(
        step.choices and {each.name for each in step.choices} <= KINDS | {NOTHING} and not types.of(step).multiple
        for step in steps
    )


def _practising(unit: Unit, person: Person, cohort_id: UUID | None) -> bool:
    """Return whether one of the team only tries on their own phone what others are asked."""
    cohort = unit.cohorts.get(cohort_id) if cohort_id else None
    return cohort is not None and cohort.practice and bool(unit.roles.of(person.id))


# Seeing to it.


def key(each: Alert | SupportRequest) -> tuple[UUID, UUID | None, UUID | None]:
    """Return what a request and the alert that rang for it have in common: who, and where it was asked for."""
    return each.person_id, each.message_id, each.run_id


def open_for(unit: Unit, reader: Person) -> list[SupportRequest]:
    """Return the open requests a reader may see, the longest waiting first."""
    # There may be hundreds, of a few groups: only a colleague's is a matter of who asks.
    colleagues = unit.roles.asking()
    sees = cache(lambda cohort_id: may_see(unit, reader.id, cohort_id))
    return [
        each
        for each in unit.support_requests.open()
        if (may_see_request(unit, reader.id, each) if each.person_id in colleagues else sees(each.cohort_id))
    ]


def may_see_request(unit: Unit, reader_id: UUID, request: SupportRequest) -> bool:
    """Return whether one of the team may see a request; one of a colleague only if that colleague's are for them."""
    person = unit.people.get(request.person_id)
    if person is not None and unit.roles.of(person.id):
        return reader_id in told_of(unit, person, request.cohort_id)
    return may_see(unit, reader_id, request.cohort_id)


def of_person(unit: Unit, reader: Person, person_id: UUID) -> SupportRequest | None:
    """Return a person's longest waiting open request that a reader may see, or None."""
    return next((each for each in open_for(unit, reader) if each.person_id == person_id), None)


def conversation_of(unit: Unit, request: SupportRequest) -> MessageConversation | None:
    """Return the message conversation that holds a request and no word more, or None."""
    message = unit.messages.get(request.message_id) if request.message_id else None
    found = unit.messages.conversation(message.conversation) if message is not None else None
    said = unit.messages.said(found) if found is not None else []
    return found if len(said) == 1 else None


def note_done(unit: Unit, by: Person, request: SupportRequest) -> None:
    """Note that what was asked for was done; a conversation in which nothing else was said is closed with it.

    Raises:
        NotAllowed: this person may not see it.
        AlreadyDone: it was noted before.
    """
    _require(unit, by, request)
    if not unit.support_requests.done(request.id, by.id):
        raise AlreadyDone
    unit.audit.add(str(by.id), "request.done", str(request.id), {})
    found = conversation_of(unit, request)
    if found is not None and unit.messages.close(found.id):
        unit.audit.add(str(by.id), "message.closed", str(found.id), {})


def undo(unit: Unit, by: Person, request: SupportRequest) -> None:
    """Open a request again, and the conversation that was closed with it.

    Raises:
        NotAllowed: this person may not see it.
        AlreadyDone: it is open.
    """
    _require(unit, by, request)
    if not unit.support_requests.undone(request.id):
        raise AlreadyDone
    unit.audit.add(str(by.id), "request.reopened", str(request.id), {})
    if (found := conversation_of(unit, request)) is not None:
        unit.messages.reopen(found.id)


def _require(unit: Unit, by: Person, request: SupportRequest) -> None:
    if not may_see_request(unit, by.id, request):
        raise NotAllowed(targets.ASKED)


# How somebody wants to be reached.


def write_note(unit: Unit, person: Person, **said: Any) -> Mapping[str, Any]:
    """Write some answers of a person's own note, and return the whole note."""
    before = unit.reach_notes.get(person)
    whole = {**(before.said if before else {}), **said}
    unit.reach_notes.write(clock.new_id(), person, whole)
    return whole


def drop_note(unit: Unit, person: Person) -> None:
    """Erase a person's own note."""
    erase_reach_note(unit, person)


def has_note_to_write(unit: Unit, person: Person) -> bool:
    """Return whether a person is asked how to be reached: something is open, or the note is there."""
    requests = unit.support_requests.of(person.id)
    return any(each.done_at is None for each in requests) or unit.reach_notes.get(person) is not None


def read_note(unit: Unit, by: Person, request: SupportRequest) -> ReachNote | None:
    """Return the note of whoever asked, and add the look to the audit; None if there is none.

    Raises:
        NotAllowed: this person may not see the request.
        NotFound: what was asked for is done, so the note is shut.
    """
    _require(unit, by, request)
    if request.done_at is not None:
        raise NotFound
    person = unit.people.get(request.person_id)
    note = unit.reach_notes.get(person) if person else None
    if note is not None:
        unit.audit.add(str(by.id), READ, str(request.person_id), {})
    return note
