"""Slow down, before anything is looked up, what comes faster than people ask; known browsers go before strangers.

What is beyond the limit waits for its turn, since a newcomer may be among it, and every place has its turn: one that
asks for much waits behind itself. Where much waits already it is refused, in a few words that were made beforehand.
Whoever has a good code, of an invite or of a link that nobody opened yet, is counted, waits and is served apart from
the rest of the place: what others of it ask keeps nobody with a code out.
"""

import asyncio
from collections import Counter, OrderedDict, deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Final

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot import clock
from bot.runtime.fair_threads import KNOWN, STRANGER, Asker, asked_by
from bot.web.language import PageTexts
from bot.web.middleware import SAFE_METHODS
from bot.web.rate_limit import RateLimit
from bot.web.render import Renderer
from bot.web.sessions import scripted
from bot.web.visitors import place_of

# Requests from one place, where a whole group may share one line, or from one known browser.
REQUESTS: Final = (300, timedelta(seconds=1 / 10), 10**9, timedelta(microseconds=1))
# Of all strangers together: a workshop of a hundred that begins needs about a thousand in its first minute.
STRANGERS: Final = (1_000, timedelta(seconds=1 / 40), 10**9, timedelta(microseconds=1))
EACH: Final = 1 / 20  # seconds from one that waited to the next
WAITING: Final = 60  # that wait of one place
WAITING_IN_ALL: Final = 300
PATIENCE: Final = 15.0  # seconds that one waits at most
BODIES: Final = (8, 60)  # that one known browser, or all strangers of one place, may be in the middle of sending
AGAIN: Final = 30  # seconds after which whoever is refused is asked to come back
STRANGERS_ALL = "strangers"
HEALTH, STATIC = "/health", "/static/"


class WaitingRoom:
    """Requests that wait for their turn, one place after the other."""

    def __init__(self) -> None:
        """Begin with nobody waiting."""
        self._lines: OrderedDict[str, deque[asyncio.Future[bool]]] = OrderedDict()
        self._number = 0
        self._next: asyncio.TimerHandle | None = None

    async def turn(self, name: str) -> bool:
        """Wait for a turn; return False where too much waits, or for too long."""
        if len(self._lines.get(name, ())) >= WAITING or (self._number >= WAITING_IN_ALL and not self._made_room(name)):
            return False
        waiting: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._lines.setdefault(name, deque()).append(waiting)
        self._number += 1
        if self._next is None:
            self._arm()
        try:
            async with asyncio.timeout(PATIENCE):
                return await waiting
        except TimeoutError:
            return False
        finally:
            self._gone(name, waiting)

    def _made_room(self, name: str) -> bool:
        """Turn the newest away of the place that has most waiting, unless that is this one."""
        longest = max(self._lines, key=lambda each: len(self._lines[each]))
        if len(self._lines[longest]) <= len(self._lines.get(name, ())) + 1:
            return False
        self._decide(longest, self._lines[longest][-1], passes=False)
        return True

    def _decide(self, name: str, waiting: asyncio.Future[bool], *, passes: bool) -> None:
        self._gone(name, waiting)
        if not waiting.done():
            waiting.set_result(passes)

    def _gone(self, name: str, waiting: asyncio.Future[bool]) -> None:
        line = self._lines.get(name)
        if line is None or waiting not in line:
            return
        line.remove(waiting)
        self._number -= 1
        if not line:
            del self._lines[name]

    def _arm(self) -> None:
        self._next = asyncio.get_running_loop().call_later(EACH, self._let_in)

    def _let_in(self) -> None:
        self._next = None
        if not self._lines:
            return
        name, line = next(iter(self._lines.items()))
        self._lines.move_to_end(name)
        self._decide(name, line[0], passes=True)
        if self._lines:
            self._arm()


class Bodies:
    """Bodies that are being sent: one that stalls keeps its line for half a minute, one that trickles for minutes."""

    def __init__(self) -> None:
        """Begin with none."""
        self._under_way: Counter[str] = Counter()

    def begin(self, asker: Asker) -> bool:
        """Count one more; return False where an asker sends as many as one may already."""
        known, strangers = BODIES
        if self._under_way[asker.name] >= (known if asker.rank == KNOWN else strangers):
            return False
        self._under_way[asker.name] += 1
        return True

    def end(self, asker: Asker) -> None:
        """Count one less."""
        self._under_way[asker.name] -= 1
        if not self._under_way[asker.name]:
            del self._under_way[asker.name]


@dataclass(frozen=True, slots=True)
class Guests:
    """Who is recognised before anything is looked up.

    Attributes:
        known: returns the name of a browser whose conversation was found lately.
        good: for the beginning of a path that ends in a code, what returns a code as it is written once if it seems to
            let somebody in, else None.
    """

    known: Callable[[Request], str | None]
    good: Mapping[str, Callable[[str], Awaitable[str | None]]]


class FloodMiddleware:
    """Lets requests in by turns; what is refused costs no look-up and no page."""

    def __init__(self, app: ASGIApp, guests: Guests, renderer: Renderer, fixed: Mapping[str, str]) -> None:
        """Wrap an application; `fixed` are the headers of every answer."""
        self.app = app
        self._guests = guests
        self._limit, self._strangers = RateLimit(*REQUESTS), RateLimit(*STRANGERS)
        self._room, self._bodies = WaitingRoom(), Bodies()
        self._refusal = cache(lambda language, script: _refusal(renderer, dict(fixed), language, script=script))
        self._language = renderer.language

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] == "http" and scope["path"] != HEALTH:
            request = Request(scope)
            asker = self._asker(request)
            admitted = asker if self._passes(asker) else await self._late(request, asker)
            if admitted is None:
                await self._refused(request, receive, send)
                return
            asked_by.set(admitted)
            if scope["method"] not in SAFE_METHODS:
                await self._with_body(request, admitted, receive, send)
                return
        await self.app(scope, receive, send)

    async def _refused(self, request: Request, receive: Receive, send: Send) -> None:
        await self._refusal(self._language(request), scripted(request))(request.scope, receive, send)

    async def _with_body(self, request: Request, asker: Asker, receive: Receive, send: Send) -> None:
        """Handle a request whose body is still to come, unless its asker is in the middle of sending many."""
        if not self._bodies.begin(asker):
            guest = await self._guest(request, asker)
            if guest is None or not self._bodies.begin(guest):
                await self._refused(request, receive, send)
                return
            asker = guest
        whole = False

        async def heard() -> Message:
            nonlocal whole
            message = await receive()
            if not whole and not message.get("more_body", False):  # the last of it, or nobody is there any more
                whole = True
                self._bodies.end(asker)
            return message

        try:
            await self.app(request.scope, heard, send)
        finally:
            if not whole:
                self._bodies.end(asker)

    def _asker(self, request: Request) -> Asker:
        token = self._guests.known(request)
        if token is not None:
            return Asker(KNOWN, token)
        place = place_of(request)
        # What a page is made of has a count of its own: a newcomer's page has its looks, whatever is asked beside her.
        return Asker(STRANGER, f"{place} {STATIC}" if request.url.path.startswith(STATIC) else place)

    def _passes(self, asker: Asker) -> bool:
        now = clock.now()
        if not self._limit.passes(asker.name, now):
            return False
        return asker.rank == KNOWN or self._strangers.passes(STRANGERS_ALL, now)

    async def _late(self, request: Request, asker: Asker) -> Asker | None:
        """Return as whom a request beyond the limit is let in; None where it gets no turn."""
        guest = await self._guest(request, asker)
        if guest is not None and self._limit.passes(guest.name, clock.now()):
            return guest
        late = guest or asker
        return late if await self._room.turn(late.name) else None

    async def _guest(self, request: Request, asker: Asker) -> Asker | None:
        """Return a stranger with a good code as somebody who is counted apart from the rest of the place."""
        path: str = request.scope["path"]
        for begins, good in self._guests.good.items():
            if asker.rank == STRANGER and path.startswith(begins):
                code = await good(path.removeprefix(begins).partition("/")[0])
                return Asker(STRANGER, f"{place_of(request)} {code}") if code else None
        return None


def _refusal(renderer: Renderer, fixed: dict[str, str], language: str, *, script: bool) -> Response:
    """Make the answer to what is refused: the same bytes for everybody of one language."""
    headers = fixed | {"cache-control": "no-store", "connection": "close", "retry-after": str(AGAIN)}
    if script:
        return JSONResponse({"note": PageTexts(renderer.texts, language)("crowded.text")}, 429, headers)
    page: HTMLResponse = renderer.crowded(language)
    page.headers.update(headers)
    return page
