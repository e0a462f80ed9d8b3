"""The pages around the chat: joining, the front page, practice, health, and what to say when something is not there."""

import hashlib
import logging
import re
from collections.abc import Awaitable, Callable

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from bot import clock
from bot.adapters.web import NotKept, WebMessenger
from bot.messenger import Incoming, Kind
from bot.web.chat import Place
from bot.web.practice import SLOTS, Practice
from bot.web.render import Renderer
from bot.web.thread import MESSENGER
from bot.web.words import Words

CHAT = "hilo"  # the cookie that holds a conversation's secret address
JOINING = "hilo-joining"  # its address before she pressed the button, so that pressing twice opens one
CHAT_AGE = 400 * 24 * 3600  # browsers keep no cookie longer
JOINING_AGE = 3600
ADDRESS = re.compile(r"[0-9a-f]{40}")
CODE = re.compile(r"[0-9A-Za-z-]{1,64}")

log = logging.getLogger(__name__)


class Doors:
    """Joining by an invite, and the pages that belong to no conversation."""

    def __init__(self, messenger: WebMessenger, renderer: Renderer) -> None:
        """Keep what the pages stand on."""
        self._messenger = messenger
        self._renderer = renderer

    async def invite(self, request: Request) -> Response:
        """Show where an invite leads, with one button."""
        code = _code(request)
        response = self._renderer.small(request, "join", action=f"/join/{code}")
        if not _address(request, CHAT) and not _address(request, JOINING):
            _keep(request, response, JOINING, clock.new_chat(), JOINING_AGE, "/join")
        return response

    async def join(self, request: Request) -> Response:
        """Open a conversation with an invite's code; whoever has one keeps it."""
        code = _code(request)
        form = await request.form(max_fields=10, max_files=0)
        chat = _address(request, CHAT) or _address(request, JOINING) or clock.new_chat()
        content = f"{chat}\0{form.get('nonce', '')}\0{code}"
        update = hashlib.sha256(content.encode()).hexdigest()
        language = self._renderer.language(request)
        incoming = Incoming(MESSENGER, update, chat, Kind.TEXT, text=f"/start {code}", language=language)
        try:
            await self._messenger.hand_over(incoming)
        except NotKept:
            return self._renderer.small(request, "join.later", 503, action=f"/join/{code}")
        response = RedirectResponse("/chat#end", 303)
        _keep(request, response, CHAT, chat, CHAT_AGE, "/")
        response.delete_cookie(JOINING, path="/join")
        return response

    async def front(self, request: Request) -> Response:
        """Say what this is, to whoever comes without a link."""
        return self._renderer.small(request, "front")

    async def health(self, request: Request) -> Response:  # noqa: ARG002  a route's handler gets it
        """Say that the pages answer."""
        return JSONResponse({"status": "ok"})

    async def failed(self, request: Request, error: Exception) -> Response:
        """Answer for what is not there, and for what the request got wrong."""
        status = error.status_code if isinstance(error, HTTPException) else 500
        page = "missing" if status == 404 else "refused"  # noqa: PLR2004  404 is its name
        return self._renderer.small(request, page, status)


class PracticeDoors:
    """Practice: two phones on one page, and starting over."""

    def __init__(self, practice: Practice, renderer: Renderer) -> None:
        """Keep what the pages stand on."""
        self._practice = practice
        self._renderer = renderer

    async def phones(self, request: Request) -> Response:
        """Show both phones."""
        language = self._renderer.language(request)
        await self._practice.open(language)
        return self._renderer.page("practice.html", Words(self._renderer.texts, language), slots=SLOTS)

    async def again(self, request: Request) -> Response:
        """Start over."""
        await self._practice.again(self._renderer.language(request))
        return RedirectResponse("/", 303)

    async def resolve(self, request: Request) -> Place:
        """Find the conversation of a phone."""
        slot = request.path_params["slot"]
        if slot not in SLOTS:
            raise HTTPException(404)
        await self._practice.open(self._renderer.language(request))
        return Place(self._practice.chat(slot), f"/practice/{slot}")


async def by_cookie(request: Request) -> Place | None:
    """Find the conversation of a browser."""
    chat = _address(request, CHAT)
    return Place(chat, "/chat") if chat else None


def renewing(handler: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
    """Keep a conversation's cookie from running out while its page is used."""

    async def handle(request: Request) -> Response:
        response = await handler(request)
        if chat := _address(request, CHAT):
            _keep(request, response, CHAT, chat, CHAT_AGE, "/")
        return response

    return handle


def broken(renderer: Renderer, fixed: dict[str, str]) -> Callable[[Request, Exception], Awaitable[HTMLResponse]]:
    """Return the handler of a failure of ours; it stands outside of all else, so it adds the headers itself."""

    async def answer(request: Request, error: Exception) -> HTMLResponse:
        log.error("a page failed: %s", type(error).__name__)
        response = renderer.small(request, "broken", 500)
        response.headers.update(fixed | {"cache-control": "no-store"})
        return response

    return answer


def _code(request: Request) -> str:
    code: str = request.path_params["code"]
    if not CODE.fullmatch(code):
        raise HTTPException(404)
    return code


def _address(request: Request, cookie: str) -> str | None:
    value = request.cookies.get(cookie, "")
    return value if ADDRESS.fullmatch(value) else None


def _keep(request: Request, response: Response, cookie: str, value: str, age: int, path: str) -> None:
    response.set_cookie(
        cookie,
        value,
        max_age=age,
        path=path,
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="strict",
    )
