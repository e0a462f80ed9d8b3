"""How values are made that every turn makes several of: messages, buttons, rows, events."""

from dataclasses import dataclass, field
from typing import TypeVar, dataclass_transform

T = TypeVar("T")


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def value_class(kind: type[T]) -> type[T]:
    """Make a dataclass whose objects are never changed, which the type checker sees to.

    `dataclass(frozen=True)` has it refused while the program runs, too. For that every field goes through a call when
    an object is made: two to three times as long, which was a fourteenth of all instructions of a turn.
    """
    return dataclass(slots=True, unsafe_hash=True)(kind)
