"""Acts on exports: auditing one before any file is made, who may still have it, and taking it away again.

A file waits for an hour at most, to be sent or to be fetched once from a page. The message that brings it says of which
cohort it is, so whoever may not have it any more finds nothing, and whatever is erased takes all waiting files with it.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from bot.media.store import DOCUMENT_FOR, EVERY_DOCUMENT, document_files, number_of
from bot.rendering import targets
from bot.rendering.speech import Speech
from bot.services.acts import Actor, actor_name
from bot.services.chat_cleanup import take_out, within_reach
from bot.services.permissions import may_export
from bot.services.refusals import NotAllowed
from storage.people import Person
from storage.unit import Unit

EXPORTED: Final = "answers.exported"
"""The audit's name for an export."""
ERASED: Final = ("person.erased", "answers.erased", "retention.erased")
"""The audit's names for what an export must not outlive."""
NAMES_NOTED: Final = 64  # characters


def begin(unit: Unit, by: Actor, cohort_id: UUID | None, dialogs: Sequence[str], facts: Mapping[str, Any]) -> None:
    """Audit an export; this comes before its files are made.

    Args:
        unit: the transaction.
        by: the actor.
        cohort_id: of which cohort; None: of all.
        dialogs: of which dialogs; empty: of all.
        facts: further details for the audit.

    Raises:
        NotAllowed: no role of the actor may export these answers.
    """
    if by is not None and not may_export(unit, by, cohort_id):
        raise NotAllowed(targets.EXPORT)
    unit.audit.add(actor_name(by), EXPORTED, " ".join(dialogs)[:NAMES_NOTED] or "*", dict(facts))


def document(parked: Mapping[str, Any], cohort_id: UUID | None) -> dict[str, Any]:
    """Return what a message's body says of an exported file, with whose answers are in it."""
    return {**parked, "cohort": cohort_id.hex if cohort_id else None}


def still_allowed(unit: Unit, person: Person | None, media: Mapping[str, Any]) -> bool:
    """Return whether a person may still have the exported file that a message's body names."""
    cohort = media.get("cohort")
    return person is not None and may_export(unit, person, UUID(cohort) if cohort else None)


def lost(unit: Unit, person_id: UUID | None, media: Mapping[str, Any]) -> bool:
    """Return whether a person may not have a file any more that is about to be sent; it is deleted then."""
    if still_allowed(unit, unit.people.get(person_id) if person_id else None, media):
        return False
    fetched(unit, media)
    return True


def withdraw(unit: Unit, person: Person) -> int:
    """Delete the waiting files that a person may not have any more, after a role ended; return how many."""
    bodies = unit.outbox.lately(person, unit.now - DOCUMENT_FOR)
    waiting = [media for body in bodies if "parked" in (media := body.get("media") or {})]
    gone = [media for media in waiting if not still_allowed(unit, person, media)]
    unit.files.extend(name for media in gone for name in document_files(number_of(media["parked"])))
    return len(gone)


def withdraw_all(unit: Unit) -> None:
    """Delete every waiting file: something was erased that may be in it."""
    unit.files.append(EVERY_DOCUMENT)


def erased_after(unit: Unit, number: int) -> bool:
    """Return whether anything was erased after an entry of the audit: what was begun then may still hold it."""
    return unit.audit.any_after(number, ERASED)


def fetched(unit: Unit, media: Mapping[str, Any] | None) -> None:
    """Delete a file that was sent."""
    if media and "parked" in media:
        unit.files.extend(document_files(number_of(media["parked"])))


def take_back(speech: Speech, number: str, message_id: int) -> bool:
    """Delete an exported file, and remove its message from the chat; return False if the messenger finds it too old.

    Args:
        speech: the chat.
        number: the file's number in the media folder.
        message_id: the messenger's id of the message.
    """
    unit = speech.unit
    unit.files.extend(document_files(number))
    recent = within_reach(unit, speech.messenger, speech.chat)
    found = [(row, message) for row, message in recent if message == message_id]
    if not found and not speech.can.kept_here:
        return False
    unit.outbox.tidied([row for row, _ in found])
    take_out(speech, [message_id])
    return True
