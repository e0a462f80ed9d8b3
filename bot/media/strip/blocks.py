"""What the formats share: reading numbers within bounds, and the one thing worth keeping of a photo's EXIF."""

from typing import Final


class MalformedMedia(Exception):
    """A file that ends too early, or whose blocks do not follow each other as they should."""


class UnsupportedMedia(Exception):
    """A file of no known format, or one that holds more than a voice or a picture."""


def take(data: bytes, start: int, size: int) -> bytes:
    """Return `size` bytes from `start`; raises MalformedMedia when there are not so many."""
    if size < 0 or start + size > len(data):
        raise MalformedMedia("the file ends too early")
    return data[start : start + size]


def big(data: bytes, start: int, size: int) -> int:
    """Read a big-endian number of `size` bytes; raises MalformedMedia past the end."""
    return int.from_bytes(take(data, start, size), "big")


def little(data: bytes, start: int, size: int) -> int:
    """Read a little-endian number of `size` bytes; raises MalformedMedia past the end."""
    return int.from_bytes(take(data, start, size), "little")


_ORIENTATION: Final = 0x0112
_SHORT: Final = 3
_UPRIGHT: Final = 1
_TURNS: Final = range(2, 9)


def orientation(tiff: bytes) -> int:
    """Return a picture's orientation (1 to 8) from the TIFF block of its EXIF; 1 where unclear."""
    order: dict[bytes, str] = {b"II*\0": "little", b"MM\0*": "big"}
    end = order.get(tiff[:4])
    read = little if end == "little" else big
    if end is None:
        return _UPRIGHT
    try:
        table = read(tiff, 4, 4)
        for entry in range(read(tiff, table, 2)):
            place = table + 2 + 12 * entry
            if read(tiff, place, 2) == _ORIENTATION and read(tiff, place + 2, 2) == _SHORT:
                turn = read(tiff, place + 8, 2)
                return turn if turn in _TURNS else _UPRIGHT
    except MalformedMedia:
        pass
    return _UPRIGHT


def upright(turn: int) -> bytes:
    """Return a TIFF block that holds the orientation and nothing else, or b"" when the picture is upright.

    Without it a photo taken with the phone on its side would lie on its side, since the picture itself is not changed.
    """
    if turn not in _TURNS:
        return b""
    entry = _ORIENTATION.to_bytes(2) + _SHORT.to_bytes(2) + (1).to_bytes(4) + turn.to_bytes(2) + bytes(2)
    return b"MM\0*" + (8).to_bytes(4) + (1).to_bytes(2) + entry + bytes(4)
