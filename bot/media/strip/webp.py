"""WebP: RIFF chunks. Those kept draw the picture, give its colour profile, and its orientation."""

from typing import Final

from bot.media.strip.blocks import Bounds, MalformedMedia, big, little, orientation, take, upright

_HEAD: Final = 12
_KEPT: Final = frozenset({b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF", b"ICCP"})
_DRAWS: Final = frozenset({b"VP8 ", b"VP8L", b"ANMF"})
_TELLS_EXIF, _TELLS_XMP = 0x08, 0x04


def begins(data: bytes) -> bool:
    """Return whether this looks like a WebP."""
    return data[:4] == b"RIFF" and data[8:_HEAD] == b"WEBP"


def strip(data: bytes, bounds: Bounds) -> bytes:
    """Return the picture alone; raises MalformedMedia. What follows its end is removed, too."""
    end = 8 + little(data, 4, 4)
    if end > len(data):
        raise MalformedMedia("the file ends too early")
    chunks: list[tuple[bytes, bytes]] = []
    turn, place = 1, _HEAD
    while place + 8 <= end:
        bounds.element()
        name, size = data[place : place + 4], little(data, place + 4, 4)
        if place + 8 + size > end:
            raise MalformedMedia("a chunk ends too early")
        body = take(data, place + 8, size)
        if name == b"EXIF":
            turn = orientation(body.removeprefix(b"Exif\0\0"))
        elif name in _KEPT:
            _measure(name, body, bounds)
            chunks.append((name, body))
        place += 8 + size + size % 2
    if not any(name in _DRAWS for name, _ in chunks):
        raise MalformedMedia("no picture in it")
    tiff = upright(turn) if chunks[0][0] == b"VP8X" else b""
    if tiff:
        chunks.append((b"EXIF", tiff))
    told = b"".join(_chunk(name, _flagged(body, exif=bool(tiff)) if name == b"VP8X" else body) for name, body in chunks)
    return b"RIFF" + (4 + len(told)).to_bytes(4, "little") + b"WEBP" + told


def _measure(name: bytes, body: bytes, bounds: Bounds) -> None:
    """Look at how large a chunk says that its picture is; raises MalformedMedia or TooManyPixels."""
    if name == b"VP8X":
        bounds.size(1 + little(body, 4, 3), 1 + little(body, 7, 3))
    elif name == b"ANMF":
        bounds.drawn(1 + little(body, 6, 3), 1 + little(body, 9, 3))
    elif name == b"VP8L":
        sides = little(body, 1, 4)
        bounds.size(1 + (sides & 0x3FFF), 1 + (sides >> 14 & 0x3FFF))
    elif name == b"VP8 " and not big(body, 0, 1) & 1:  # the first picture of a film, and the only one here
        bounds.size(little(body, 6, 2) & 0x3FFF, little(body, 8, 2) & 0x3FFF)


def _flagged(body: bytes, *, exif: bool) -> bytes:
    """Return the header that lists what follows, without flags of what was left out."""
    flags = take(body, 0, 1)[0] & ~(_TELLS_EXIF | _TELLS_XMP)
    return bytes((flags | (_TELLS_EXIF if exif else 0),)) + body[1:]


def _chunk(name: bytes, body: bytes) -> bytes:
    return name + len(body).to_bytes(4, "little") + body + bytes(len(body) % 2)
