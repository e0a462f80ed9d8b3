"""Serve the pages: no access log, streams that end, and signals that mean "finish what you began"."""

import asyncio
import contextlib
import signal
import threading
from collections import OrderedDict
from collections.abc import Iterator
from socket import socket
from typing import Any, Final

from starlette.applications import Starlette
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.config import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import Server as Uvicorn

from bot.runtime import descriptors
from bot.web.visitors import place_named

HEAD = 20.0  # seconds within which a request's head has to arrive
DEADLINE: Final = "hilo.deadline"  # the key of a connection's deadline in the state of its requests
BACKLOG = 128  # lines that are accepted before the first of them is counted
QUEUE: Final = 1024  # lines that the system holds until they are accepted: whoever finds it full tries again in seconds
MOST: Final = 2000  # lines at once: each takes some memory
FEWEST: Final = 32
EACH_PLACE: Final = 8  # the part of the lines on which one place may wait with no request, or half of one: an eighth
HERE: Final = ("127.0.0.1", "::1")  # a proxy of this machine, which passes on whole heads, for everybody
GRACE = 5  # seconds that open requests get once the server is asked to stop
ASKED_TO_STOP = (signal.SIGINT, signal.SIGTERM)


def lines_allowed() -> int:
    """Return how many lines may be open at once, so that database and messengers always get theirs."""
    return max(FEWEST, min(MOST, descriptors.allowed() - descriptors.RESERVE))


class Lines:
    """The open lines of a server, `most` at once, of which one place may wait for a request on an eighth.

    Where a place waits on more, its longest wait is cut. Where all lines are taken, room is made by the longest wait of
    the place that waits on most; where every line is answered, a new one is closed at once.
    """

    def __init__(self, most: int) -> None:
        """Begin with none open."""
        self.most = most
        self.open = 0
        self._waiting: OrderedDict[RequestDeadline, None] = OrderedDict()
        self._places: dict[str, OrderedDict[RequestDeadline, None]] = {}

    def entered(self, transport: asyncio.Transport) -> "RequestDeadline":
        """Count a new line, and begin to wait for its first request."""
        place = _place_of(transport)
        if self.open >= self.most:
            longest = self._longest()
            if longest is not None:
                self._cut(longest)
            else:
                transport.abort()
        self.open += 1
        return RequestDeadline(transport, self, place)

    def _longest(self) -> "RequestDeadline | None":
        most = max(self._places.values(), key=len, default=self._waiting)
        return next(iter(most if len(most) > 1 else self._waiting), None)

    def _cut(self, deadline: "RequestDeadline") -> None:
        """Close a line; it counts no more, though the system takes a moment to say that it is gone."""
        deadline.cut = True
        self.open -= 1
        self.waits_no_more(deadline)
        deadline.transport.abort()

    def left(self, deadline: "RequestDeadline") -> None:
        """Count a line that is gone."""
        self.open -= not deadline.cut
        deadline.cancel()
        self.waits_no_more(deadline)

    def waits(self, deadline: "RequestDeadline") -> None:
        """Note that a line waits for a request from now on; where its place waits on too many, one of them is cut."""
        self._waiting[deadline] = None
        if not deadline.place:
            return
        same = self._places.setdefault(deadline.place, OrderedDict())
        same[deadline] = None
        if len(same) > max(FEWEST // 2, self.most // EACH_PLACE):
            self._cut(next(iter(same)))

    def waits_no_more(self, deadline: "RequestDeadline") -> None:
        """Note that a line's request is there, or no longer waited for."""
        self._waiting.pop(deadline, None)
        same = self._places.get(deadline.place)
        if same is not None:
            same.pop(deadline, None)
            if not same:
                del self._places[deadline.place]


def _place_of(transport: asyncio.Transport) -> str:
    """Return where a line comes from; '' where that says nothing of who is at its other end."""
    peer = transport.get_extra_info("peername")
    host = peer[0] if isinstance(peer, tuple) and peer else ""
    return "" if host in HERE else place_named(host)


class RequestDeadline:
    """Closes a connection on which a request's head does not arrive in time, be it the first request or a later one.

    uvicorn waits for ever for a connection's first request, and for the rest of one that was begun; a process has only
    so many connections, and needs some of them to reach Telegram and its own database.
    """

    def __init__(self, transport: asyncio.Transport, lines: Lines, place: str) -> None:
        """Begin to wait for the first request."""
        self.transport = transport
        self.place = place
        self.cut = False
        self._lines = lines
        self._answering = 0
        self._timer = self._begin()

    def request_began(self) -> None:
        """Stop waiting: a request's head is there."""
        self._answering += 1
        self._timer.cancel()
        self._lines.waits_no_more(self)

    def request_ended(self) -> None:
        """Begin to wait for the next request; the rest of the last one's body is no longer waited for."""
        self._answering -= 1
        if not self._answering and not self.transport.is_closing():
            self._timer = self._begin()

    def cancel(self) -> None:
        """Stop waiting: the connection is lost."""
        self._timer.cancel()

    def _begin(self) -> asyncio.TimerHandle:
        self._lines.waits(self)
        return asyncio.get_running_loop().call_later(HEAD, self.transport.close)


class LimitedConfig(Config):
    """uvicorn's settings, with the lines of the server."""

    def __init__(self, app: ASGIApp, lines: Lines, **others: Any) -> None:
        """Take the lines beside what uvicorn asks for."""
        super().__init__(app, **others)
        self.lines = lines


class TimedProtocol(H11Protocol):
    """uvicorn's protocol, with the connection's deadline in the ASGI state of its requests."""

    def __init__(self, config: LimitedConfig, *, app_state: dict[str, Any], **others: Any) -> None:
        """Give the connection a copy of uvicorn's state."""
        self._own_state = dict(app_state)
        self._lines = config.lines
        super().__init__(config, app_state=self._own_state, **others)

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Begin to wait for the first request."""
        super().connection_made(transport)
        self._own_state[DEADLINE] = self._lines.entered(transport)

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop waiting."""
        self._lines.left(self._own_state[DEADLINE])
        super().connection_lost(exc)


class DeadlineMiddleware:
    """Tells a connection's deadline when a request of the connection begins and ends."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        deadline: RequestDeadline = scope["state"][DEADLINE]
        deadline.request_began()
        try:
            await self.app(scope, receive, send)
        finally:
            deadline.request_ended()


class Server(Uvicorn):
    """A server for `bot.web.app.create`: `serve(sockets=[...])` until SIGINT, SIGTERM or `should_exit`."""

    def __init__(self, app: Starlette) -> None:
        self.lines = Lines(lines_allowed())
        config = LimitedConfig(
            DeadlineMiddleware(app),
            self.lines,
            backlog=BACKLOG,
            http=TimedProtocol,
            access_log=False,
            log_config=None,
            log_level="warning",  # an access log would name invites
            server_header=False,
            lifespan="off",
            timeout_graceful_shutdown=GRACE,
        )
        super().__init__(config)
        self._app = app

    async def startup(self, sockets: list[socket] | None = None) -> None:
        """Start; then let more lines wait than are accepted in one go."""
        await super().startup(sockets)
        for each in sockets or ():
            each.listen(QUEUE)

    async def shutdown(self, sockets: list[socket] | None = None) -> None:
        """End the streams, which would never end by themselves, then stop."""
        self._app.state.streams.close()
        await super().shutdown(sockets)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Stop serving at a signal, and do nothing else.

        uvicorn raises the signal again once it has stopped, which would cancel its caller while that ends the loops.
        """
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        loop = asyncio.get_running_loop()
        for number in ASKED_TO_STOP:
            loop.add_signal_handler(number, self.handle_exit, number, None)
        try:
            yield
        finally:
            for number in ASKED_TO_STOP:
                loop.remove_signal_handler(number)
