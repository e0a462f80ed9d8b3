"""`acknowledge`: a yes to what was read, stored as `OK` as in XLSForm."""

from collections.abc import Sequence
from typing import Final

from dialogs.context import Context
from dialogs.model import Choice, Step
from dialogs.replies import Read, yes_or_no
from dialogs.types import select_one
from dialogs.types.base import ChoiceSource, QuestionType, choice_refusal

_OK: Final = Choice("OK", {})
"""The only value."""


def _read(step: Step, choices: Sequence[Choice], words: str, context: Context) -> Read:
    return _OK.name if yes_or_no(words, digits=True) else choice_refusal([_OK], "")


TYPE: Final = QuestionType(
    name="acknowledge",
    read=_read,
    parse=select_one.parse,
    choice_source=ChoiceSource.MADE,
    options=lambda _step: (_OK,),
)
