"""Padding of what is sealed, so that a sealed value's length does not tell what it says.

A padded value is `length (4 bytes) | value | zeros`. Most columns go up in steps of 256 bytes, names and addresses in
steps of 64: whatever can be chosen among a few things fits into one step. A file, whose length nobody chooses, goes up
to the next twentieth of the power of two below it: at most a twentieth more.
"""

from typing import Final

LENGTH: Final = 4
"""How many bytes of a padded value say how long the value is."""
_MOST: Final = 256
_FEW: Final = 64
_NAMES: Final = frozenset(
    {("people", "nickname"), ("person_addresses", "target"), ("cohorts", "name"), ("invites", "nickname")}
)
_FILES: Final = "media"
_STEPS: Final[dict[tuple[str, str], int]] = dict.fromkeys(_NAMES, _FEW)
_TWENTIETHS: Final = 20


class BadPadding(ValueError):
    """This is no padded value."""


def pad(plain: bytes, table: str, column: str) -> bytes:
    """Pad a value as is done in its column."""
    size = len(plain)
    whole = rounded(size) if table == _FILES else size + -(size + LENGTH) % _STEPS.get((table, column), _MOST)
    return b"".join((size.to_bytes(LENGTH, "big"), plain, bytes(whole - size)))


def strip(padded: bytes) -> bytes:
    """Return the value without its padding; raise BadPadding where there is none."""
    end = LENGTH + length(padded)
    if end > len(padded):
        raise BadPadding("no padded value")
    return padded[LENGTH:end]


def length(padded: bytes | bytearray) -> int:
    """Return how long a padded value says that the value is."""
    return int.from_bytes(padded[:LENGTH], "big")


def rounded(size: int) -> int:
    """Return the next twentieth of a file's size: how long it is on the disk, and all that is told about it."""
    least = max(size, _MOST)
    power = 1 << least.bit_length() - 1
    step = power // _TWENTIETHS
    return min(power + -(-(least - power) // step) * step, 2 * power)
