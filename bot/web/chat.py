"""The chat page: the conversation, what is said in it, and what is new."""

import hashlib
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response, StreamingResponse

from bot.adapters.web import NotKept, WebMessenger
from bot.messenger import Incoming, Kind
from bot.web import thread
from bot.web.render import Renderer
from bot.web.stream import Streams
from bot.web.words import Words
from bot.work import Desk

ANSWER_WAIT = 1.5  # seconds a plain form waits for what it brings about
ANSWER_LOOK = 0.25
NUMBER = re.compile(r"[0-9]{1,15}")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a request's conversation is: its secret address, and the path of its page."""

    chat: str
    path: str


Resolve = Callable[[Request], Awaitable[Place | None]]


@dataclass(frozen=True, slots=True)
class Said:
    """What a form brought: words or a button, when seen."""

    nonce: str
    seen: int
    text: str
    button: str | None
    message: int

    @classmethod
    async def read(cls, request: Request) -> "Said | None":
        """Read a form; None when it is none of ours."""
        form = await request.form(max_fields=10, max_files=0)
        fields = {name: value for name, value in form.items() if isinstance(value, str)}
        numbers = [fields.get("seen", ""), fields.get("message", "0")]
        if not fields.get("nonce") or not all(NUMBER.fullmatch(number) for number in numbers):
            return None
        seen, message = map(int, numbers)
        # A form sends line ends as CR LF whatever was typed.
        text = fields.get("text", "").replace("\r\n", "\n").strip()
        return cls(fields["nonce"], seen, text, fields.get("button"), message)

    def incoming(self, chat: str, language: str) -> Incoming:
        """Return the update it is.

        Its id stands for the nonce, the chat and what was said: the same form sent twice is one update, while
        words that were changed before they were sent again are not lost.
        """
        content = "\0".join((chat, self.nonce, self.button or "", self.text))
        update = hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest()
        if self.button is not None:
            return Incoming(
                thread.MESSENGER,
                update,
                chat,
                Kind.PRESS,
                order=self.message,
                button=self.button,
                language=language,
            )
        return Incoming(
            thread.MESSENGER, update, chat, Kind.TEXT, order=self.seen + 1, text=self.text, language=language
        )


class Chat:
    """The pages of one kind of conversation: by cookie, or a phone of practice."""

    def __init__(
        self, desk: Desk, messenger: WebMessenger, renderer: Renderer, streams: Streams, resolve: Resolve
    ) -> None:
        """Keep what the pages stand on; `resolve` finds the conversation of a request."""
        self._desk = desk
        self._messenger = messenger
        self._renderer = renderer
        self._streams = streams
        self._resolve = resolve

    async def show(self, request: Request) -> Response:
        """Show the whole conversation."""
        place = await self._resolve(request)
        if place is None:
            return self._nowhere(request)
        # Whoever has just joined is being answered at this moment.
        await self._answer(place.chat, 0)
        return await self._page(request, place)

    async def say(self, request: Request) -> Response:
        """Take words or a press; answered only once they are kept."""
        place = await self._resolve(request)
        if place is None:
            return self._nowhere(request)
        said = await Said.read(request)
        if said is None:
            return await self._note(request, place, "unreadable", 400)
        if said.button is None and not said.text:
            return await self._note(request, place, "empty", 422, said)
        if len(said.text) > self._messenger.text_limit:
            return await self._note(request, place, "too_long", 422, said)
        before = await self._desk.read(lambda unit: thread.newest(unit, place.chat))
        try:
            await self._messenger.hand_over(said.incoming(place.chat, self._renderer.language(request)))
        except NotKept:
            return await self._note(request, place, "not_kept" if said.button is None else "again", 503, said)
        if scripted(request):
            return Response(status_code=204)
        await self._answer(place.chat, before)
        return RedirectResponse(f"{place.path}#end", 303)

    async def events(self, request: Request) -> Response:
        """Tell an open page what is new, from the last row it heard of."""
        place = await self._resolve(request)
        if place is None:
            return Response(status_code=403)
        asked = request.headers.get("last-event-id") or request.query_params.get("after", "0")
        after = int(asked) if NUMBER.fullmatch(asked) else 0
        words = self._words(request, request.query_params.get("language"))
        return StreamingResponse(
            self._streams.events(place.chat, after, self._renderer.telling(place.path, words)),
            media_type="text/event-stream",
            headers={"x-accel-buffering": "no"},
        )

    async def _page(
        self, request: Request, place: Place, note: str = "", status: int = 200, said: Said | None = None
    ) -> Response:
        conversation = await self._desk.read(lambda unit: thread.read(unit, place.chat))
        words = self._words(request, conversation.language)
        return self._renderer.page(
            "chat.html",
            words,
            status,
            conversation=conversation,
            place=place.path,
            note=self._sentence(note, words) if note else "",
            text=said.text if said else "",
            keep_nonce=said.nonce if said and note == "not_kept" else "",
        )

    async def _note(self, request: Request, place: Place, note: str, status: int, said: Said | None = None) -> Response:
        """Say kindly what did not go, with her words kept."""
        if not scripted(request):
            return await self._page(request, place, note, status, said)
        language = await self._desk.read(lambda unit: thread.language(unit, place.chat))
        return JSONResponse({"note": self._sentence(note, self._words(request, language))}, status)

    def _words(self, request: Request, language: str | None) -> Words:
        return Words(self._renderer.texts, language or self._renderer.language(request))

    def _sentence(self, note: str, words: Words) -> str:
        return words(note, limit=words.texts.number(self._messenger.text_limit, words.language))

    def _nowhere(self, request: Request) -> Response:
        """Send someone without a conversation to her link.

        A link on another site brings no cookie along (SameSite=Strict), so whoever follows one is sent on to the
        same page once more, from here.
        """
        if scripted(request):
            return JSONResponse({"note": self._words(request, None)("elsewhere")}, 403)
        if request.method == "GET" and request.headers.get("sec-fetch-site") in {"cross-site", "same-site"}:
            return self._renderer.small(request, "onward", onward="/chat#end")
        return self._renderer.small(request, "nowhere", 403)

    async def _answer(self, chat: str, before: int) -> None:
        """Wait a moment for what was said to be answered, so that a plain form finds the answer on its page."""
        for _ in range(int(ANSWER_WAIT / ANSWER_LOOK)):
            if await self._desk.read(lambda unit: thread.answered(unit, chat, before)):
                return
            await self._desk.watchers.wait(chat, ANSWER_LOOK)


def scripted(request: Request) -> bool:
    """Tell whether the page's own script asks, which wants no page back."""
    return request.headers.get("accept", "") == "application/json"
