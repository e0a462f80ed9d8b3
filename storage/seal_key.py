"""The key that seals rows: HMAC-SHA-256, cut to 16 bytes."""

import hashlib
from collections.abc import Callable, Sequence
from typing import Final

from storage.keyed_hash import KeyedHash

_TAG: Final = 16


class SealKey(KeyedHash):
    """The subkey by which one master key seals rows.

    Attributes:
        id: the four bytes by which its seals are known.
    """

    __slots__ = ("id",)

    def __init__(self, material: bytes) -> None:
        super().__init__(material)
        self.id = hashlib.sha256(b"hilo seal id" + material).digest()[:4]

    def tag(self, data: bytes) -> bytes:
        """Return the first bytes of HMAC-SHA-256 over some data."""
        return self.digest(data)[:_TAG]


class SealKeys:
    """The keys of all master keys whose seals count: the newest seals."""

    __slots__ = ("_look", "all")

    all: tuple[SealKey, ...]

    def __init__(self, keys: Sequence[SealKey], look: Callable[[], None]) -> None:
        """Use the keys, the newest first; `look` looks for a newer master key, and adds its key here."""
        self.all = tuple(keys)
        self._look = look

    def newest(self) -> SealKey:
        """Return the key that seals rows, even if another process has changed it just now."""
        self._look()
        return self.all[0]

    def find(self, id_: bytes) -> SealKey | None:
        """Return the key whose seals are known by these four bytes, None where it counts no more, or never did."""
        for look in (self._look, None):
            for key in self.all:
                if key.id == id_:
                    return key
            if look is not None:
                look()
        return None

    def add(self, newest: SealKey) -> None:
        """Seal with this key from now on."""
        self.all = (newest, *self.all)

    def end_former(self) -> None:
        """Let what a former key sealed count no more: everything was sealed again."""
        self.all = self.all[:1]

    @property
    def former(self) -> list[bytes]:
        """The four bytes by which the seals of each former key that counts still are known."""
        return [key.id for key in self.all[1:]]
