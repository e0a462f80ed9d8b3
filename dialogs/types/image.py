"""`image`: one photo, with its caption."""

from collections.abc import Sequence
from typing import Final

from dialogs.context import Context
from dialogs.model import Choice, Step
from dialogs.replies import Read, Refusal
from dialogs.types.base import QuestionType


def _read(step: Step, choices: Sequence[Choice], words: str, context: Context) -> Read:
    return Refusal("not_photo")


TYPE: Final = QuestionType(
    name="image",
    read=_read,
    sent_refusal="not_photo",
    refusals={"not_photo": frozenset()},
    media=frozenset({"photo"}),
    values="photo:id",
)
