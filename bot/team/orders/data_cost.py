"""What a dialog costs of participants' mobile data, and who hears its recordings only on asking."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from bot.conversation.screen import Screen
from bot.rendering.speech import voice_of
from bot.services import member_status
from dialogs import wording
from dialogs.model import Dialog
from storage.cohorts import Cohort

MEGABYTE: Final = 1_000_000  # bytes


def sparing(screen: Screen, cohort: Cohort, dialog: Dialog) -> list[str]:
    """Return how many hear a dialog's recordings only on asking, as they have little signal."""
    if not any(step.audio for step in dialog.steps) or not (people := member_status.sparing(screen.unit, cohort)):
        return []
    return [screen.speech.texts.count("ask.sparing", screen.speech.language, people)]


def data(screen: Screen, tags: Sequence[str], dialog: Dialog) -> str:
    """Return how much mobile data a dialog costs a participant: little, unless it has recordings."""
    most = 0
    for tag in tags:
        files = {wording.recorded(step.audio, step.label, tag) for step in dialog.steps if step.audio}
        items = [screen.unit.media.get(UUID(voice)) for file in files if (voice := voice_of(file))]
        most = max(most, sum(item.size for item in items if item))
    if not most:
        return screen.words("ask.data.little")
    if most < MEGABYTE:
        return screen.words("ask.data.below")
    return screen.speech.texts.count("ask.data", screen.speech.language, round(most / MEGABYTE))
