"""What the pages need of practice, where one visitor holds two phones."""

from typing import Protocol

SLOTS = ("leader", "facilitator")


class Practice(Protocol):
    """The two phones of practice; a slot is one of `SLOTS`."""

    def chat(self, slot: str) -> str:
        """Return the chat address of a phone that `open` prepared."""
        ...

    async def open(self, language: str) -> None:
        """Prepare both phones in the given language, unless they are ready."""
        ...

    async def restart(self, language: str) -> None:
        """Start over: two new phones, in the given language."""
        ...
