"""What a message says of a question, in words: for whoever wrote it, and for the team."""

from typing import Final
from uuid import UUID

from bot.conversation.turns import Turns
from bot.rendering.speech import Speech
from bot.rendering.texts import shorten
from dialogs import wording
from storage.meant import QuestionMeant

ASKED: Final = 120
"""Characters of what was asked, where somebody says that it should not be."""


def told(turns: Turns, speech: Speech, cohort_id: UUID | None, meant: QuestionMeant | None) -> str:
    """Return what a message says of a question, in the reader's language; '' if it says nothing of one."""
    if meant is None:
        return ""
    if meant.kind == "proposed":
        return speech.words("meant.proposed")
    asked = speech.unit.broadcasts.get(meant.broadcast_id) if meant.broadcast_id else None
    if asked is None or asked.cohort_id != cohort_id:
        return speech.words("meant.refused.gone")
    dialog = turns.dialog(speech.unit, asked.dialog_hash)
    step = next((each for each in dialog.steps if each.name == meant.path), None)
    code, label = ("meant.refused", step.label) if step is not None else ("meant.refused.all", dialog.title)
    return speech.words(code, asked=shorten(wording.choose(label, speech.language), ASKED))
