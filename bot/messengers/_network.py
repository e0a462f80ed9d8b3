"""Kept connections to a Bot API server, through httpcore, with a cheap check whether the other side has hung up.

httpcore checks every idle connection before and after each request. Its own check goes through anyio, which first
collects everything it knows about the socket: with a few connections that is a seventh of the cost of sending.
"""

import select
from collections.abc import Iterable
from ssl import SSLContext
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

import httpcore

from bot.messengers.port import Rejected

EXPIRY = 5.0  # seconds that an idle connection is kept, as in python-telegram-bot
LOT = 4


class Connections:
    """Connections to a server, none of them open yet, in lots: pools of httpcore's that each hold a few.

    Before and after each request a pool looks at every connection of its own, and for each one that is idle at all of
    them once more: with forty in one pool that took as long as all the rest of a turn. A request goes to the first lot
    that has room, so that the same few connections are used while little is under way.
    """

    def __init__(self, base: str, most: int, *, near: bool) -> None:
        """Make the lots.

        Args:
            base: the server's address.
            most: how many connections may be open at once, a multiple of `LOT`.
            near: the server is on this machine, so no proxy is used.

        Raises:
            Rejected: the environment (`HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY`) names a proxy that cannot be used.
        """
        proxy = None if near else _proxy(base)
        # Left to itself, httpcore makes a context for each connection: 8 ms of a processor, and a megabyte.
        tls = httpcore.default_ssl_context() if base.startswith("https:") else None
        self._lots = [
            httpcore.AsyncConnectionPool(
                ssl_context=tls,
                proxy=proxy,
                max_connections=LOT,
                max_keepalive_connections=LOT,
                keepalive_expiry=EXPIRY,
                network_backend=Network(),
            )
            for _ in range(most // LOT)
        ]
        self._under_way = [0] * len(self._lots)

    async def request(
        self,
        method: str,
        url: str,
        *,
        headers: dict[bytes | str, bytes | str],
        content: bytes | None,
        timeouts: dict[str, float],
    ) -> httpcore.Response:
        """Send a request, and read its answer whole; where every lot is full it waits in one, up to its `pool` timeout.

        Raises what httpcore raises.
        """
        lot = next((place for place, taken in enumerate(self._under_way) if taken < LOT), None)
        if lot is None:
            lot = self._under_way.index(min(self._under_way))
        self._under_way[lot] += 1
        try:
            return await self._lots[lot].request(
                method, url, headers=headers, content=content, extensions={"timeout": timeouts}
            )
        finally:
            self._under_way[lot] -= 1

    async def aclose(self) -> None:
        """Close all connections."""
        for lot in self._lots:
            await lot.aclose()


def proxy_for(base: str) -> SplitResult | None:
    """Return the proxy that the environment names for a server, or None; raises Rejected where it cannot be used."""
    there, known = urlsplit(base), getproxies()
    address = known.get(there.scheme) or known.get("all")
    if not address or proxy_bypass(there.hostname or ""):
        return None
    try:
        proxy = urlsplit(address if "://" in address else f"http://{address}")
        usable = proxy.scheme in ("http", "https") and bool(proxy.hostname) and proxy.port != 0
    except ValueError:  # no port, or half an address: its text may hold a password
        usable = False
    if not usable:
        raise Rejected("the proxy in HTTPS_PROXY, HTTP_PROXY or ALL_PROXY must be like http://127.0.0.1:3128") from None
    return proxy


def _proxy(base: str) -> httpcore.Proxy | None:
    proxy = proxy_for(base)
    if proxy is None:
        return None
    address = proxy.geturl()
    if proxy.username is None:
        return httpcore.Proxy(address)
    return httpcore.Proxy(address, auth=(unquote(proxy.username), unquote(proxy.password or "")))


class Network(httpcore.AnyIOBackend):
    """httpcore's network backend, with streams that check their socket themselves."""

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
    """A stream of httpcore's, with its own check of the socket."""

    def __init__(self, stream: httpcore.AsyncNetworkStream) -> None:
        self._stream = stream
        self.read = stream.read  # type: ignore[method-assign]  # every byte goes through here: no detour
        self.write = stream.write  # type: ignore[method-assign]  # the same
        self._socket = stream.get_extra_info("socket")
        self._look = select.poll()
        self._look.register(self._socket.fileno(), select.POLLIN)

    async def aclose(self) -> None:
        """Close the connection."""
        await self._stream.aclose()

    async def start_tls(
        self,
        ssl_context: SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109  httpcore's signature
    ) -> httpcore.AsyncNetworkStream:
        """Continue under TLS, on the same socket."""
        return Stream(await self._stream.start_tls(ssl_context, server_hostname, timeout))

    def get_extra_info(self, info: str) -> Any:
        """Return a fact about the stream; `is_readable` of an idle connection means that the other side has hung up."""
        if info != "is_readable":
            return self._stream.get_extra_info(info)
        # A closed socket's number may belong to another one by now.
        return self._socket.fileno() < 0 or bool(self._look.poll(0))
