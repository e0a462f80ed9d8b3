"""What a message says of a question: that it should not be asked, or that it might be; it lies with its words.

It is sealed with them, by the key of whoever wrote it, and goes with them: no column tells of it.
"""

import re
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias, cast
from uuid import UUID

MeantKind: TypeAlias = Literal["refused", "proposed"]

_MARK: Final = "\1"
_MEANT: Final = re.compile(rb"\x01(refused|proposed):([0-9a-f]{32})?:([^\n]*)\n")


@dataclass(frozen=True, slots=True)
class QuestionMeant:
    """That a question should not be asked (`refused`), or one that might be (`proposed`).

    Attributes:
        kind: which of the two.
        broadcast_id: for `refused`, the broadcast that asks it.
        path: for `refused`, the question's name in its dialog; empty for all of its questions.
    """

    kind: MeantKind
    broadcast_id: UUID | None = None
    path: str = ""


def packed(meant: QuestionMeant | None, words: bytes) -> bytes:
    """Return the words of a message with what they mean of a question before them."""
    if meant is None:
        return words
    broadcast = meant.broadcast_id.hex if meant.broadcast_id is not None else ""
    return f"{_MARK}{meant.kind}:{broadcast}:{meant.path}\n".encode() + words


def unpacked(opened: bytes) -> tuple[QuestionMeant | None, bytes]:
    """Return what the words of an opened message mean of a question, and the words."""
    found = _MEANT.match(opened)
    if found is None:
        return None, opened
    kind, broadcast, path = found.groups()
    about = UUID(broadcast.decode()) if broadcast else None
    return QuestionMeant(cast("MeantKind", kind.decode()), about, path.decode()), opened[found.end() :]
