"""The chat page: the conversation, what is said in it, and what is new."""

import hashlib
import math
import re
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response, StreamingResponse

from bot.messengers.letterbox import NotKept
from bot.messengers.port import WEB, Incoming, Kind
from bot.messengers.web import WebMessenger
from bot.runtime.workers import Workers
from bot.services import own_zone, page_opened, places
from bot.web import thread
from bot.web.language import PageTexts
from bot.web.limits import PageLimits
from bot.web.pin_screens import PinPages
from bot.web.render import Renderer
from bot.web.sessions import IDLE, ChatContext, scripted
from bot.web.stream import LATER, Streams, event
from storage.unit import Unit

ANSWER_WAIT = 1.5  # seconds that a plain form waits for the answer to it
ANSWER_LOOK = 0.25
NUMBER = re.compile(r"[0-9]{1,15}")
LOCKED = 423  # the status that tells the page's script to ask for the PIN first

Resolve = Callable[[Request], Awaitable[ChatContext | None]]


@dataclass(frozen=True, slots=True)
class Posted:
    """What a form brought: words or a button, and when it was seen."""

    nonce: str
    seen: int
    text: str
    button: str | None
    message: int

    @classmethod
    async def read(cls, request: Request) -> "Posted | None":
        """Read a form; None when it is not one of ours."""
        form = await request.form(max_fields=10, max_files=0)
        fields = {name: value for name, value in form.items() if isinstance(value, str)}
        numbers = [fields.get("seen", ""), fields.get("message", "0")]
        if not fields.get("nonce") or not all(NUMBER.fullmatch(number) for number in numbers):
            return None
        seen, message = map(int, numbers)
        # A form sends line ends as CR LF, whatever was typed.
        text = fields.get("text", "").replace("\r\n", "\n").strip()
        return cls(fields["nonce"], seen, text, fields.get("button"), message)

    def incoming(self, chat: str, language: str) -> Incoming:
        """Return the form as an update.

        Its id is made from the nonce, the chat and what was said: the same form sent twice is one update, while
        words that were changed before they were sent again are not lost.
        """
        content = "\0".join((chat, self.nonce, self.button or "", self.text))
        update = hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest()
        if self.button is not None:
            return Incoming(
                WEB,
                update,
                chat,
                Kind.PRESS,
                order=self.message,
                button=self.button,
                language=language,
            )
        return Incoming(WEB, update, chat, Kind.TEXT, order=self.seen + 1, text=self.text, language=language)


class ChatPages:
    """The pages of one kind of conversation: by cookie and behind a PIN, or a phone of practice with neither."""

    def __init__(
        self,
        workers: Workers,
        messenger: WebMessenger,
        renderer: Renderer,
        streams: Streams,
        resolve: Resolve,
        locks: PinPages | None,
        limits: PageLimits | None = None,
    ) -> None:
        """Build the pages; `resolve` finds the conversation of a request."""
        self._limits = limits
        self._workers = workers
        self._messenger = messenger
        self._renderer = renderer
        self._streams = streams
        self._resolve = resolve
        self._locks = locks

    async def show(self, request: Request) -> Response:
        """Show the whole conversation."""
        place = await self._resolve(request)
        if place is None:
            return self.nowhere(request)
        if place.locked and self._locks:
            return await self._locks.asking(request, place)
        await self.seen(place)
        await self._come_in(place.chat)
        # A person who has just joined is being answered right now, and gets their row with that.
        await self.answered(place.chat, 0)
        place = await self._resolve(request) or place
        draft = self._locks.draft(place) if self._locks else ""
        return await self._page(request, place, text=draft)

    async def say(self, request: Request) -> Response:
        """Take words or a press; the answer is given only once they are kept."""
        place = await self._resolve(request)
        if place is None:
            return self.nowhere(request)
        said = await Posted.read(request)
        if place.locked:
            return await self.locked(request, place, said.text if said else "")
        if said is None:
            return await self.note(request, place, "unreadable", 400)
        await self.seen(place)
        if said.button is None and not said.text:
            return await self.note(request, place, "empty", 422, said)
        if (turned_away := await self._turned_away(place, said)) is not None:
            await self._overheard(request, place, said, whole=turned_away == "too_long")
            return await self.note(request, place, turned_away, 422 if turned_away == "too_long" else 429, said)
        before = await self.newest(place.chat)
        try:
            await self._messenger.hand_over(said.incoming(place.chat, self._renderer.language(request)))
        except NotKept:
            return await self.note(request, place, "not_kept" if said.button is None else "again", 503, said)
        return await self.done(request, place, before)

    async def zone(self, request: Request) -> Response:
        """Note by which zone the browser goes, where it is another than the person's: the chat asks about it."""
        place = await self._resolve(request)
        if place is None:
            return self.nowhere(request)
        form = await request.form(max_fields=2, max_files=0)
        given = form.get("zone")
        zone = places.canonical(given) if isinstance(given, str) else None
        if place.locked or place.person is None or zone is None:
            return Response(status_code=204)
        person_id = place.person

        def note(unit: Unit) -> None:
            unit.lock(person_id)
            if (person := unit.people.get(person_id)) is not None:
                own_zone.noticed(unit, person, zone)

        await self._workers.write(note)
        return Response(status_code=204)

    async def _turned_away(self, place: ChatContext, said: Posted) -> str | None:
        """Return why a form is not taken, or None; the words stay in the page that sent them."""
        pressed, letters = said.button is not None, len(said.text)
        too_long = letters > self._longest(place)
        if self._limits is not None:
            allowed = self._limits.press(place) if pressed else self._limits.text(place, 0 if too_long else letters)
            if not await allowed:
                return "slow.press" if pressed else "slow"
        return "too_long" if too_long else None

    def _longest(self, place: ChatContext) -> int:
        own = self._messenger.text_limit
        return own if self._limits is None else min(own, self._limits.longest(place))

    async def _overheard(self, request: Request, place: ChatContext, said: Posted, *, whole: bool) -> None:
        """Hand over that words which are not taken cry for help; of the words themselves only what says so."""
        if said.button is not None:
            return
        incoming = said.incoming(place.chat, self._renderer.language(request))
        phrase = await self._limits.cry(place, said.text, whole=whole) if self._limits is not None else said.text
        if not phrase:
            return
        with suppress(NotKept):  # the note says that the words were not taken
            await self._messenger.hand_over(replace(incoming, kind=Kind.UNTAKEN, text=phrase))

    async def events(self, request: Request) -> Response:
        """Stream what is new to an open page, from the last row it received."""
        place = await self._resolve(request)
        if place is None or place.locked:
            return Response(event("lock", ""), media_type="text/event-stream")
        if not self._streams.may_open(place):
            return Response(f"retry: {LATER}\n\n", media_type="text/event-stream")
        asked = request.headers.get("last-event-id") or request.query_params.get("after", "0")
        after = int(asked) if NUMBER.fullmatch(asked) else 0
        words = self._words(request, request.query_params.get("language"))
        telling = self._renderer.telling(place.path, words)
        return StreamingResponse(
            self._streams.events(place, after, telling, open_for(place)),
            media_type="text/event-stream",
            headers={"x-accel-buffering": "no"},
        )

    async def note(
        self, request: Request, place: ChatContext, note: str, status: int, said: Posted | None = None
    ) -> Response:
        """Say what was not accepted, keeping the words that were typed."""
        if not scripted(request):
            keep = said.nonce if said and note in {"not_kept", "slow"} else ""
            return await self._page(request, place, note, status, said.text if said else "", keep)
        language = place.language
        if language is None:
            language = await self._workers.read(lambda unit: thread.language(unit, place.chat))
        return JSONResponse({"note": self._sentence(place, note, self._words(request, language))}, status)

    async def done(self, request: Request, place: ChatContext, before: int) -> Response:
        """Answer once something was kept: 204 for a script, the page with the answer on it for a plain form."""
        if scripted(request):
            return Response(status_code=204)
        await self.answered(place.chat, before)
        return RedirectResponse(f"{place.path}#end", 303)

    async def locked(self, request: Request, place: ChatContext, text: str = "") -> Response:
        """Ask for the PIN first; what was typed is kept until then."""
        if self._locks and place.session:
            self._locks.keep_draft(place, text)
            if not scripted(request):
                return await self._locks.asking(request, place)
        return JSONResponse({"note": "", "locked": True}, LOCKED)

    async def seen(self, place: ChatContext) -> None:
        """Note that the page is in use."""
        if self._locks:
            await self._locks.seen(place)

    async def _come_in(self, chat: str) -> None:
        """Let begin what waits for somebody to open their page."""
        if await self._workers.read(lambda unit: page_opened.waits(unit, WEB, chat)):
            await self._workers.write_with_retry(lambda unit: page_opened.opened(unit, WEB, chat))

    async def newest(self, chat: str) -> int:
        """Return the newest row of a conversation."""
        return await self._workers.read(lambda unit: thread.newest(unit, chat))

    def nowhere(self, request: Request) -> Response:
        """Send someone without a conversation to their link.

        A link on another site brings no cookie along (SameSite=Strict), so a visitor who follows one is sent to the
        same page once more, from here.
        """
        if scripted(request):
            return JSONResponse({"note": self._words(request, None)("elsewhere")}, 403)
        if request.method == "GET" and request.headers.get("sec-fetch-site") in {"cross-site", "same-site"}:
            return self._renderer.small(request, "onward", onward="/chat#end")
        return self._renderer.enter(request, status=403)

    async def answered(self, chat: str, before: int) -> None:
        """Wait a moment for the answer, so that a plain form finds it on its page."""
        for _ in range(int(ANSWER_WAIT / ANSWER_LOOK)):
            if await self._workers.read(lambda unit: thread.answered(unit, chat, before)):
                return
            await self._workers.watchers.wait(chat, ANSWER_LOOK)

    async def _page(
        self,
        request: Request,
        place: ChatContext,
        note: str = "",
        status: int = 200,
        text: str = "",
        keep_nonce: str = "",
    ) -> Response:
        conversation = await self._workers.read(lambda unit: thread.read(unit, place.chat))
        words = self._words(request, conversation.language)
        shown = partial(
            self._renderer.page,
            "chat.html",
            words,
            status,
            conversation=conversation,
            place=place,
            idle=int(IDLE.total_seconds()),
            note=self._sentence(place, note, words) if note else "",
            text=text,
            keep_nonce=keep_nonce,
        )
        return await self._workers.page(shown)

    def _words(self, request: Request, language: str | None) -> PageTexts:
        return PageTexts(self._renderer.texts, language or self._renderer.language(request))

    def _sentence(self, place: ChatContext, note: str, words: PageTexts) -> str:
        return words(note, limit=words.texts.number(self._longest(place), words.language))


def open_for(place: ChatContext) -> Callable[[Unit], float]:
    """Return a function giving for how many more seconds a page may get news: none once it is closed or locked."""
    session = place.session
    if session is None:
        return lambda _unit: math.inf

    def seconds(unit: Unit) -> float:
        until = unit.web_sessions.open_until(session)
        if until is None:
            return 0.0
        return (until - unit.now).total_seconds() if place.has_pin else math.inf

    return seconds
