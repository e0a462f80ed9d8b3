"""Voice notes and photos: sent from a page, heard and seen in the thread."""

import asyncio
import hashlib
import re
from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any
from weakref import WeakValueDictionary

from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from bot import clock
from bot.media.attachments import Attachments
from bot.media.store import MediaStore, TakenDocument
from bot.messengers.letterbox import NotKept
from bot.messengers.port import LARGEST_FILE, WEB, Incoming, Kind, Streamed
from bot.messengers.web import WebMessenger
from bot.runtime.workers import Workers
from bot.services import exports
from bot.web import thread
from bot.web.chat import NUMBER, ChatPages, Resolve
from bot.web.limits import PageLimits
from bot.web.render import Renderer
from bot.web.sessions import ChatContext, scripted
from storage.unit import Unit

LARGEST_UPLOAD = LARGEST_FILE + 100_000  # the file with the form around it
AT_ONCE = 3  # uploads held in memory
LONGEST_VOICE = 3600  # seconds that a page may state
PIECE = 65_536  # bytes of a file handed over at once
KINDS = {"voice": Kind.VOICE, "photo": Kind.PHOTO}
NONCE = re.compile(r"[0-9a-f]{1,64}")
RANGE = re.compile(r"bytes=([0-9]{1,12})-([0-9]{0,12})")


class UploadLocks(WeakValueDictionary[str, asyncio.Lock]):
    """A lock for each conversation, kept as long as it is held or waited for."""

    def __getitem__(self, chat: str) -> asyncio.Lock:
        """Return the lock of a conversation."""
        found = self.get(chat)
        if found is None:
            found = self[chat] = asyncio.Lock()
        return found


class InMemoryParser(MultiPartParser):
    """A form parser that keeps files in memory, so that none touches a disk unsealed."""

    spool_max_size = LARGEST_UPLOAD


class UploadedFile:
    """A file that a page sent, and what the page says about it."""

    __slots__ = ("data", "kind", "mime", "nonce", "seconds", "seen")

    def __init__(self, kind: str, mime: str, data: bytes, nonce: str, seen: str, seconds: str) -> None:
        self.kind = kind
        self.mime = mime.partition(";")[0].strip()[:64]
        self.data = data
        self.nonce = nonce
        self.seen = int(seen) if NUMBER.fullmatch(seen) else 0
        self.seconds = min(int(seconds), LONGEST_VOICE) if NUMBER.fullmatch(seconds) else None


class FetchedOnce(StreamingResponse):
    """A document on its way: once all of it is handed over it is gone, and a line that broke before may try again.

    Also one that broke before the first byte, when no piece was asked for.
    """

    def __init__(self, workers: Workers, taken: TakenDocument, headers: dict[str, str]) -> None:
        self._taken, self._whole = taken, False
        super().__init__(self._once(workers), 200, headers, taken.streamed.mime)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand it over, and see how that ended."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            (self._taken.done if self._whole else self._taken.again)()

    async def _once(self, workers: Workers) -> AsyncIterator[memoryview]:
        streamed = self._taken.streamed
        async for piece in _pieces(workers, streamed.pieces, 0, streamed.size - 1):
            yield piece
        self._whole = True


class MediaPages:
    """The pages of voice notes and photos of one kind of conversation."""

    def __init__(
        self,
        workers: Workers,
        messenger: WebMessenger,
        renderer: Renderer,
        chat: ChatPages,
        resolve: Resolve,
        media_store: MediaStore,
        limits: PageLimits | None = None,
    ) -> None:
        self._limits = limits
        self._workers = workers
        self._messenger = messenger
        self._renderer = renderer
        self._chat = chat
        self._resolve = resolve
        self._media_store = media_store
        self._attachments = Attachments(workers, media_store)
        self._room = asyncio.Semaphore(AT_ONCE)
        self._turns = UploadLocks()  # so that a conversation that sends slowly takes one place only

    async def send(self, request: Request) -> Response:
        """Accept a voice note or photo; the answer is given only once it is kept."""
        place = await self._resolve(request)
        if place is None:
            return self._chat.nowhere(request)
        if place.locked:
            return await self._chat.locked(request, place)
        await self._chat.seen(place)
        if place.stranger:
            return await self._unkept(request, place)
        if self._limits is not None and not self._limits.file_left(place):
            return await self._refused(request, place)  # before three megabytes are held for nothing
        async with self._turns[place.chat], self._room:
            sent = await _script(request) if scripted(request) else await _form(request)
            if sent is None:
                return await self._chat.note(request, place, "unreadable", 400)
            if not sent.data:
                return await self._chat.note(request, place, "media.empty", 422)
            if len(sent.data) > LARGEST_FILE:
                return await self._chat.note(request, place, "media.too_large", 413)
            if self._limits is not None and not self._limits.file(place, len(sent.data)):
                return await self._chat.note(request, place, "media.enough", 429)
            before = await self._chat.newest(place.chat)
            try:
                await self._hand_over(request, place, sent)
            except (NotKept, OSError):
                return await self._chat.note(request, place, "media.not_kept", 503)
        return await self._chat.done(request, place, before)

    async def _refused(self, request: Request, place: ChatContext) -> Response:
        """Refuse a file that is still coming, heard to its end and let go: before that a browser shows no answer."""
        async for _ in request.stream():
            pass
        return await self._chat.note(request, place, "media.enough", 429)

    async def _unkept(self, request: Request, place: ChatContext) -> Response:
        """Tell the bot that a file came, without keeping it: someone who has not agreed leaves nothing on the disk."""
        async for _ in request.stream():
            pass
        if self._limits is not None and not await self._limits.text(place, 0):
            return await self._chat.note(request, place, "slow.press", 429)
        kind = KINDS.get(request.query_params.get("kind", ""), Kind.VOICE)
        language = self._renderer.language(request)
        before = await self._chat.newest(place.chat)
        incoming = Incoming(WEB, clock.new_id().hex, place.chat, kind, language=language)
        try:
            await self._messenger.hand_over(incoming)
        except NotKept:
            return await self._chat.note(request, place, "media.not_kept", 503)
        return await self._chat.done(request, place, before)

    async def show(self, request: Request) -> Response:
        """Show a file of the conversation, only to a browser that has the conversation open."""
        place = await self._resolve(request)
        name: str = request.path_params["name"]
        if place is None or place.locked:
            raise HTTPException(403)
        shown, allowed = await self._workers.read(lambda unit: _found(unit, place.chat, name))
        if shown is not None and shown.kind == "document":
            if not allowed:
                raise HTTPException(403)
            return await self._document(request, place, shown.held)
        opened = await self._attachments.stream(shown.held) if shown else None
        if opened is None:
            raise HTTPException(404)
        return _stretch(request, self._workers, opened)

    async def _document(self, request: Request, place: ChatContext, held: Mapping[str, Any]) -> Response:
        """Answer with a document, which a browser saves and never shows; it can be fetched once."""
        if request.method != "GET":  # asking what there is would be taken for fetching it
            raise HTTPException(405)
        taken = await self._attachments.take(held)
        if taken is None:
            return self._renderer.small(request, "fetched", 410, back=place.path)
        opened = taken.streamed
        headers = {
            "content-disposition": f'attachment; filename="{opened.name}"',
            "content-encoding": "identity",
            "content-length": str(opened.size),
        }
        return FetchedOnce(self._workers, taken, headers)

    async def _hand_over(self, request: Request, place: ChatContext, sent: UploadedFile) -> None:
        digest = hashlib.sha256(sent.data).hexdigest()
        update = hashlib.sha256(f"{place.chat}\0{sent.nonce}\0{digest}".encode()).hexdigest()
        incoming = Incoming(
            WEB,
            update,
            place.chat,
            KINDS[sent.kind],
            order=sent.seen + 1,
            language=self._renderer.language(request),
            file=await asyncio.to_thread(self._media_store.park, sent.data),
            size=len(sent.data),
            seconds=sent.seconds,
            mime=sent.mime,
        )
        await self._messenger.hand_over(incoming)


async def _script(request: Request) -> UploadedFile | None:
    """Read an upload by the page's script: the body is the file, the rest is in the address."""
    told = request.query_params
    kind, nonce = told.get("kind", ""), told.get("nonce", "")
    if kind not in KINDS or not NONCE.fullmatch(nonce):
        return None
    data = await request.body()
    return UploadedFile(
        kind, request.headers.get("content-type", ""), data, nonce, told.get("seen", ""), told.get("seconds", "")
    )


async def _form(request: Request) -> UploadedFile | None:
    """Read a plain form with a file in it: the first that is not empty."""
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        return None
    try:
        form = await InMemoryParser(request.headers, request.stream(), max_files=2, max_fields=10).parse()
    except MultiPartException:
        return None
    fields = {name: value for name, value in form.items() if isinstance(value, str)}
    files = {name: value for name, value in form.items() if isinstance(value, UploadFile) and name in KINDS}
    try:
        if not NONCE.fullmatch(fields.get("nonce", "")) or not files:
            return None
        kind = next((name for name, file in files.items() if file.size), next(iter(files)))
        data = await files[kind].read()
        mime = files[kind].content_type or ""
        return UploadedFile(kind, mime, data, fields["nonce"], fields.get("seen", ""), "")
    finally:
        for file in files.values():
            await file.close()


def _found(unit: Unit, chat: str, name: str) -> tuple[thread.BubbleMedia | None, bool]:
    """Find a file of a conversation, and whether its person may still have it, if it is a file of answers."""
    shown = thread.holds(unit, chat, name)
    if shown is None or shown.kind != "document":
        return shown, True
    return shown, exports.still_allowed(unit, unit.people.at(WEB, chat), shown.held)


def _stretch(request: Request, workers: Workers, opened: Streamed) -> Response:
    """Answer with a file, or with the range of it that a player asks for."""
    # Sound and pictures are small already, and a range of a file cannot be compressed by itself.
    headers = {"accept-ranges": "bytes", "content-disposition": "inline", "content-encoding": "identity"}
    asked = RANGE.fullmatch(request.headers.get("range", ""))
    whole = opened.size
    if asked is None:
        return _sent(workers, opened, 0, whole - 1, 200, headers)
    first, last = int(asked[1]), min(int(asked[2] or whole - 1), whole - 1)
    if first > last:
        return Response(status_code=416, headers=headers | {"content-range": f"bytes */{whole}"})
    headers["content-range"] = f"bytes {first}-{last}/{whole}"
    return _sent(workers, opened, first, last, 206, headers)


def _sent(workers: Workers, opened: Streamed, first: int, last: int, status: int, headers: dict[str, str]) -> Response:
    """Answer with the bytes from `first` to `last`, piece by piece as the line takes them."""
    headers["content-length"] = str(last + 1 - first)
    return StreamingResponse(_pieces(workers, opened.pieces, first, last), status, headers, opened.mime)


async def _pieces(workers: Workers, pieces: Iterator[bytes], first: int, last: int) -> AsyncIterator[memoryview]:
    place = 0
    while place <= last and (piece := await workers.file(lambda: next(pieces, None))) is not None:
        wanted = memoryview(piece)[max(first - place, 0) : last + 1 - place]
        place += len(piece)
        for start in range(0, len(wanted), PIECE):
            yield wanted[start : start + PIECE]
            await asyncio.sleep(0)  # a fast line takes all of it at once, and others have waited
