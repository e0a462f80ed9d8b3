"""What a message brings besides words, opened for whoever sends or shows it."""

from collections.abc import Mapping
from typing import Any

from bot.media import Shelf, find
from bot.messenger import Attachment
from bot.poster import draw
from bot.work import Desk


class Attachments:
    """Opens voice notes, photos, documents and drawings: rows are read in a transaction, and files opened after it."""

    def __init__(self, desk: Desk, shelf: Shelf) -> None:
        """Take storage, and where the files lie."""
        self._desk = desk
        self._shelf = shelf

    async def open(self, media: Mapping[str, Any]) -> Attachment | None:
        """Open what a message's body names; None when it is there no more.

        Args:
            media: `id` of something on the shelf, a `recording` of a dialog, a `parked` document, or what is to be
                `drawn` (see `bot.poster.draw`).
        """
        desk, shelf = self._desk, self._shelf
        if "drawn" in media:
            return await desk.file(lambda: draw.attachment(media["drawn"]))
        if "recording" in media:
            return await desk.file(lambda: shelf.recording(media["recording"]))
        if "parked" in media:
            return await desk.file(lambda: shelf.document(media))
        found = await desk.read(lambda unit: find(unit, media["id"]))
        return await desk.file(lambda: shelf.unseal(found)) if found else None
