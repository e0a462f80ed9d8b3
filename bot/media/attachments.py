"""Open the files that a message carries, for a messenger to send or a page to show."""

import asyncio
import json
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

from bot.media.store import MediaStore, TakenDocument, find
from bot.messengers.port import Attachment, Streamed
from bot.runtime import processes
from bot.runtime.workers import Workers

CHART_FORMS = frozenset({"png", "svg"})  # of what `bot.charts` draws; the poster has its own
DRAWINGS = 8  # pictures kept in memory, 100 kilobytes each: a page asks for the same one again and again


class Attachments:
    """Opens voice notes, photos, documents and drawings: rows are read in a transaction, and files opened after it."""

    def __init__(self, workers: Workers, media_store: MediaStore | None) -> None:
        """Use storage and the media store; without a media store there are only drawings."""
        self._workers = workers
        self._media_store = media_store
        self._drawings: OrderedDict[str, bytes] = OrderedDict()
        self._drawing = asyncio.Lock()

    async def open(self, media: Mapping[str, Any]) -> Attachment | None:
        """Open the file that a message's body names; return None when it no longer exists.

        Args:
            media: the `id` of a voice note or photo, a `recording` of a dialog, a `parked` document, or what is to be
                `drawn` (see `bot.poster.draw` and `bot.charts.draw`).

        Raises:
            ProcessFailed: a picture could not be drawn.
        """
        workers, media_store = self._workers, self._media_store
        if "drawn" in media and media["drawn"].get("form") == "pdf":
            return Attachment("document", "application/pdf", media["name"], await self._drawn(media["drawn"]))
        if "drawn" in media:
            mime = "image/svg+xml" if media["drawn"].get("form") == "svg" else "image/png"
            return Attachment("photo", mime, "qr.png", await self._drawn(media["drawn"]))
        if media_store is None:
            return None
        if "recording" in media:
            return await workers.file(lambda: media_store.recording(media["recording"]))
        if "parked" in media:
            return await workers.file(lambda: media_store.document(media, workers.now()))
        found = await workers.read(lambda unit: find(unit, media["id"]))
        return await workers.file(lambda: media_store.unseal(found)) if found else None

    async def stream(self, media: Mapping[str, Any]) -> Streamed | None:
        """Open for a page what `open` opens for a messenger, to be sent in pieces; no documents (see `take`)."""
        workers, media_store = self._workers, self._media_store
        if "parked" in media:
            return None
        if media_store is None or media.keys() & {"drawn", "recording"}:
            opened = await self.open(_lightest(media))
            if opened is None:
                return None
            return Streamed(opened.kind, opened.mime, opened.name, len(opened.data), iter([opened.data]))
        found = await workers.read(lambda unit: find(unit, media["id"]))
        return await workers.file(lambda: media_store.stream(found)) if found else None

    async def take(self, media: Mapping[str, Any]) -> TakenDocument | None:
        """Open a document for a page, to be fetched once; None when it is gone."""
        workers, media_store = self._workers, self._media_store
        if media_store is None:
            return None
        return await workers.file(lambda: media_store.take_document(media, workers.now()))

    async def _drawn(self, drawn: Mapping[str, Any]) -> bytes:
        """Draw a picture in a process of its own, and once: requests for the same one meanwhile wait for it."""
        told = json.dumps(drawn, sort_keys=True)
        async with self._drawing:
            picture = self._drawings.get(told)
            if picture is None:
                picture = self._drawings[told] = await processes.run(_drawer(drawn), drawn)
            self._drawings.move_to_end(told)
            if len(self._drawings) > DRAWINGS:
                self._drawings.popitem(last=False)
        return picture


def _drawer(drawn: Mapping[str, Any]) -> str:
    """Return the module that draws a picture."""
    return "bot.charts" if drawn.get("form") in CHART_FORMS else "bot.poster"


def _lightest(media: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what a page shows: a chart as SVG, which is a tenth of its PNG."""
    drawn = media.get("drawn", {})
    return {**media, "drawn": {**drawn, "form": "svg"}} if drawn.get("form") in CHART_FORMS else media
