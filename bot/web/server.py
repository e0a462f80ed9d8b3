"""Serving the pages: no access log, streams that end, and signals that mean "finish what you began"."""

import asyncio
import contextlib
import signal
import threading
from collections.abc import Iterator
from socket import socket

import h11
from starlette.applications import Starlette
from uvicorn.config import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import Server as Uvicorn

HEAD = 20.0  # seconds in which a request's head has to be there
GRACE = 5  # seconds that open requests get once the server is asked to stop
ASKED_TO_STOP = (signal.SIGINT, signal.SIGTERM)


class Brisk(H11Protocol):
    """uvicorn's protocol, which hangs up on who does not say in time what is asked.

    uvicorn waits for ever for a connection's first request, and for the rest of one that was begun; a process has a
    thousand connections, and needs some of them to reach Telegram and its own database.
    """

    _late: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Begin to wait for the first request."""
        super().connection_made(transport)
        self._late = self.loop.call_later(HEAD, self._hang_up)

    def data_received(self, data: bytes) -> None:
        """Take what came; until it is all of a request's head, and where nobody wants it, the time goes on."""
        super().data_received(data)
        state = self.conn.their_state
        unread = state is h11.SEND_BODY and self.cycle.response_complete  # it was answered without its body
        whole = not unread and (state is not h11.IDLE or not self.conn.trailing_data[0])
        if whole and self._late is not None:
            self._late.cancel()
            self._late = None
        elif not whole and self._late is None:
            self._late = self.loop.call_later(HEAD, self._hang_up)

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more."""
        if self._late is not None:
            self._late.cancel()
        super().connection_lost(exc)

    def _hang_up(self) -> None:
        self.transport.close()


class Server(Uvicorn):
    """A server for `bot.web.app.create`: `serve(sockets=[...])` until SIGINT, SIGTERM or `should_exit`."""

    def __init__(self, app: Starlette) -> None:
        """Prepare; nothing is served yet."""
        config = Config(
            app,
            http=Brisk,
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
        """Stop serving at a signal, and no more than that.

        uvicorn raises the signal again once it has stopped, which would cancel whoever serves in the middle of
        ending the loops around it.
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
