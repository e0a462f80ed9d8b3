"""A network for httpcore whose connections tell cheaply whether the other side has hung up.

httpcore asks every connection at rest before and after each request. Its own answer goes through anyio, which first
collects everything it knows about the socket: with a few connections that is a seventh of what sending costs.
"""

import select
from collections.abc import Iterable
from ssl import SSLContext
from typing import Any

import httpcore


class Network(httpcore.AnyIOBackend):
    """httpcore's own, with streams that look at their socket themselves."""

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109  httpcore's signature
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect, as httpcore does."""
        return Stream(await super().connect_tcp(host, port, timeout, local_address, socket_options))


class Stream(httpcore.AsyncNetworkStream):
    """A stream of httpcore's, with its own look at the socket."""

    def __init__(self, stream: httpcore.AsyncNetworkStream) -> None:
        """Take the stream that does the work."""
        self._stream = stream
        self.read = stream.read  # type: ignore[method-assign]  # every byte goes through here: no detour
        self.write = stream.write  # type: ignore[method-assign]  # the same
        self._socket = stream.get_extra_info("socket")
        self._look = select.poll()
        self._look.register(self._socket.fileno(), select.POLLIN)

    async def aclose(self) -> None:
        """Hang up."""
        await self._stream.aclose()

    async def start_tls(
        self,
        ssl_context: SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109  httpcore's signature
    ) -> httpcore.AsyncNetworkStream:
        """Go on under TLS, on the same socket."""
        return Stream(await self._stream.start_tls(ssl_context, server_hostname, timeout))

    def get_extra_info(self, info: str) -> Any:
        """Tell what is known; `is_readable` of a connection at rest means that the other side has hung up."""
        if info != "is_readable":
            return self._stream.get_extra_info(info)
        # A closed socket's number may be another's by now.
        return self._socket.fileno() < 0 or bool(self._look.poll(0))
