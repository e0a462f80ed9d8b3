"""`calculate`: an expression that is computed, exported, and never said."""

from typing import Final

from dialogs.model import CALCULATE
from dialogs.types import text
from dialogs.types.base import QuestionType

TYPE: Final = QuestionType(name=CALCULATE, read=text.read)
