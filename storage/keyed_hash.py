"""HMAC-SHA-256 with a key that hashes much: half of what a call of `hmac.digest` costs."""

import hashlib
from typing import Final

_BLOCK: Final = 64
_INNER: Final = bytes(each ^ 0x36 for each in range(256))
_OUTER: Final = bytes(each ^ 0x5C for each in range(256))


class KeyedHash:
    """A key of at most 64 bytes, with HMAC's two first blocks (RFC 2104) hashed once."""

    __slots__ = ("_inner", "_outer")

    def __init__(self, key: bytes) -> None:
        padded = key.ljust(_BLOCK, b"\0")
        self._inner = hashlib.sha256(padded.translate(_INNER))
        self._outer = hashlib.sha256(padded.translate(_OUTER))

    def digest(self, data: bytes) -> bytes:
        """Return the 32 bytes of some data."""
        inner = self._inner.copy()
        inner.update(data)
        outer = self._outer.copy()
        outer.update(inner.digest())
        return outer.digest()
