"""The key that seals rows: HMAC-SHA-256, cut to 16 bytes."""

import hashlib
from typing import Final

_TAG: Final = 16
_BLOCK: Final = 64
_INNER: Final = bytes(each ^ 0x36 for each in range(256))
_OUTER: Final = bytes(each ^ 0x5C for each in range(256))


class SealKey:
    """The subkey by which one master key seals rows.

    Attributes:
        id: the four bytes by which its seals are known.
    """

    __slots__ = ("_inner", "_outer", "id")

    def __init__(self, material: bytes) -> None:
        # HMAC's two first blocks, once: half of what a call of `hmac.digest` costs.
        padded = material.ljust(_BLOCK, b"\0")
        self._inner = hashlib.sha256(padded.translate(_INNER))
        self._outer = hashlib.sha256(padded.translate(_OUTER))
        self.id = hashlib.sha256(b"hilo seal id" + material).digest()[:4]

    def tag(self, data: bytes) -> bytes:
        """Return the first bytes of HMAC-SHA-256 over some data."""
        inner = self._inner.copy()
        inner.update(data)
        outer = self._outer.copy()
        outer.update(inner.digest())
        return outer.digest()[:_TAG]
