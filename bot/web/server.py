"""Serving the pages: no access log, streams that end, and signals that mean "finish what you began"."""

import asyncio
import contextlib
import signal
import threading
from collections.abc import Iterator
from socket import socket

from starlette.applications import Starlette
from uvicorn.config import Config
from uvicorn.server import Server as Uvicorn

GRACE = 5  # seconds that open requests get once the server is asked to stop
ASKED_TO_STOP = (signal.SIGINT, signal.SIGTERM)


class Server(Uvicorn):
    """A server for `bot.web.app.create`: `serve(sockets=[...])` until SIGINT, SIGTERM or `should_exit`."""

    def __init__(self, app: Starlette) -> None:
        """Prepare; nothing is served yet."""
        config = Config(
            app,
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
