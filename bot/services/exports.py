"""Acts on exports: auditing one before any file is made, and removing a file from a chat again."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from bot.rendering import targets
from bot.rendering.speech import Speech
from bot.services.acts import Actor, actor_name
from bot.services.chat_cleanup import take_out, within_reach
from bot.services.permissions import may_export
from bot.services.refusals import NotAllowed
from storage.unit import Unit

EXPORTED: Final = "answers.exported"
"""The audit's name for an export."""
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


def take_back(speech: Speech, file: str, message_id: int) -> bool:
    """Delete an exported file, and remove its message from the chat; return False if the messenger finds it too old.

    Args:
        speech: the chat.
        file: the file's name in the media folder.
        message_id: the messenger's id of the message.
    """
    unit = speech.unit
    unit.files.append(file)
    recent = within_reach(unit, speech.messenger, speech.chat)
    found = [(row, message) for row, message in recent if message == message_id]
    if not found and not speech.can.kept_here:
        return False
    unit.outbox.tidied([row for row, _ in found])
    take_out(speech, [message_id])
    return True
