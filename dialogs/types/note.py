"""`note`: something that is said, and waits for no answer."""

from typing import Final

from dialogs.model import NOTE
from dialogs.types import text
from dialogs.types.base import QuestionType

TYPE: Final = QuestionType(name=NOTE, read=text.read)
