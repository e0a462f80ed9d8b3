"""Acts on exports: putting one on the trail before any file is made, and taking a file out of a chat again."""

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
"""What the trail calls an export."""
NAMES_NOTED: Final = 64  # characters


def begin(unit: Unit, by: Actor, cohort_id: UUID | None, dialogs: Sequence[str], facts: Mapping[str, Any]) -> None:
    """Put an export on the trail, which whoever makes the files does first.

    Args:
        unit: the transaction.
        by: who takes answers out.
        cohort_id: of which cohort; None: everybody's.
        dialogs: which ones; empty: all.
        facts: what else is to be known of it.

    Raises:
        NotAllowed: no role reaches these answers as files.
    """
    if by is not None and not may_export(unit, by, cohort_id):
        raise NotAllowed(targets.EXPORT)
    unit.audit.add(actor_name(by), EXPORTED, " ".join(dialogs)[:NAMES_NOTED] or "*", dict(facts))


def take_back(speech: Speech, file: str, message_id: int) -> bool:
    """Delete an exported file, and take its message out of the chat; False where it is too old for the messenger.

    Args:
        speech: the chat.
        file: what the media folder calls the file that was put aside.
        message_id: the messenger's own id of the message.
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
