"""Who asks, as far as limits are concerned: a browser whose conversation was found, else where the request comes from.

Both are held in memory only, and only as long as they count.
"""

from collections import OrderedDict
from ipaddress import IPv6Address, IPv6Network, ip_address
from typing import Final

from starlette.requests import HTTPConnection

REMEMBERED: Final = 10_000
PREFIX: Final = 64
"""Bits of an IPv6 address that one line has: the rest is chosen by whoever is behind it, another for each request."""


def place_of(request: HTTPConnection) -> str:
    """Return where a request comes from: an IPv4 address, or the network of an IPv6 address."""
    return place_named(request.client.host if request.client else "")


def place_named(host: str) -> str:
    """Return the place of an address: itself, or the network of an IPv6 address."""
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return host
    if isinstance(address, IPv6Address):
        return str(address.ipv4_mapped or IPv6Network((address, PREFIX), strict=False))
    return str(address)


class KnownBrowsers:
    """The cookies whose conversation was found lately: what a stranger makes up is not among them."""

    def __init__(self) -> None:
        self._tokens: OrderedDict[str, None] = OrderedDict()

    def add(self, token: str) -> None:
        """Note that a cookie opens a conversation."""
        self._tokens[token] = None
        self._tokens.move_to_end(token)
        if len(self._tokens) > REMEMBERED:
            self._tokens.popitem(last=False)

    def drop(self, token: str) -> None:
        """Note that a cookie opens nothing."""
        self._tokens.pop(token, None)

    def __contains__(self, token: str) -> bool:
        return token in self._tokens
