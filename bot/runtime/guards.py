"""What a write transaction asks first, by whose work it is: where one process does something, whether it still may.

It is set for a task and all that it begins. With one process alone, on SQLite, there is none.
"""

from contextvars import ContextVar
from typing import Protocol

from storage.unit import Unit


class Guard(Protocol):
    """Says whether work may go on."""

    def check(self, unit: Unit) -> None:
        """Raise LeaseLost where another process does this work now; else none does before the transaction ends."""
        ...

    @property
    def holds(self) -> bool:
        """Whether this work is still this process's, as far as its own clock tells."""
        ...


under: ContextVar[Guard | None] = ContextVar("under", default=None)


def holds() -> bool:
    """Return whether what is done here is still this process's, as far as its own clock tells: nothing is asked."""
    guard = under.get()
    return guard is None or guard.holds
