"""Serve the pages: no access log, streams that end, and signals that mean "finish what you began"."""

import asyncio
import contextlib
import signal
import threading
from collections.abc import Iterator
from socket import socket
from typing import Any, Final

from starlette.applications import Starlette
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.config import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import Server as Uvicorn

HEAD = 20.0  # seconds within which a request's head has to arrive
DEADLINE: Final = "hilo.deadline"  # the key of a connection's deadline in the state of its requests
GRACE = 5  # seconds that open requests get once the server is asked to stop
ASKED_TO_STOP = (signal.SIGINT, signal.SIGTERM)


class RequestDeadline:
    """Closes a connection on which a request's head does not arrive in time, be it the first request or a later one.

    uvicorn waits for ever for a connection's first request, and for the rest of one that was begun; a process has a
    thousand connections, and needs some of them to reach Telegram and its own database.
    """

    def __init__(self, transport: asyncio.Transport) -> None:
        """Begin to wait for the first request."""
        self._transport = transport
        self._answering = 0
        self._timer = self._begin()

    def request_began(self) -> None:
        """Stop waiting: a request's head is there."""
        self._answering += 1
        self._timer.cancel()

    def request_ended(self) -> None:
        """Begin to wait for the next request; the rest of the last one's body is no longer waited for."""
        self._answering -= 1
        if not self._answering:
            self._timer = self._begin()

    def cancel(self) -> None:
        """Stop waiting: the connection is lost."""
        self._timer.cancel()

    def _begin(self) -> asyncio.TimerHandle:
        return asyncio.get_running_loop().call_later(HEAD, self._transport.close)


class TimedProtocol(H11Protocol):
    """uvicorn's protocol, with the connection's deadline in the ASGI state of its requests."""

    def __init__(self, *, app_state: dict[str, Any], **others: Any) -> None:
        """Give the connection a copy of uvicorn's state."""
        self._own_state = dict(app_state)
        super().__init__(app_state=self._own_state, **others)

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Begin to wait for the first request."""
        super().connection_made(transport)
        self._own_state[DEADLINE] = RequestDeadline(transport)

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop waiting."""
        self._own_state[DEADLINE].cancel()
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
        config = Config(
            DeadlineMiddleware(app),
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
