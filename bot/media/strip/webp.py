"""WebP: RIFF chunks. Those kept draw the picture, give its colour profile, and its orientation."""

from typing import Final

from bot.media.strip.blocks import MalformedMedia, little, orientation, take, upright

_HEAD: Final = 12
_KEPT: Final = frozenset({b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF", b"ICCP"})
_DRAWS: Final = frozenset({b"VP8 ", b"VP8L", b"ANMF"})
_TELLS_EXIF, _TELLS_XMP = 0x08, 0x04


def begins(data: bytes) -> bool:
    """Return whether this looks like a WebP."""
    return data[:4] == b"RIFF" and data[8:_HEAD] == b"WEBP"


def strip(data: bytes) -> bytes:
    """Return the picture alone; raises MalformedMedia. What follows its end is removed, too."""
    end = 8 + little(data, 4, 4)
    if end > len(data):
        raise MalformedMedia("the file ends too early")
    chunks: list[tuple[bytes, bytes]] = []
    turn, place = 1, _HEAD
    while place + 8 <= end:
        name, size = data[place : place + 4], little(data, place + 4, 4)
        if place + 8 + size > end:
            raise MalformedMedia("a chunk ends too early")
        body = take(data, place + 8, size)
        if name == b"EXIF":
            turn = orientation(body.removeprefix(b"Exif\0\0"))
        elif name in _KEPT:
            chunks.append((name, body))
        place += 8 + size + size % 2
    if not any(name in _DRAWS for name, _ in chunks):
        raise MalformedMedia("no picture in it")
    tiff = upright(turn) if chunks[0][0] == b"VP8X" else b""
    if tiff:
        chunks.append((b"EXIF", tiff))
    told = b"".join(_chunk(name, _flagged(body, exif=bool(tiff)) if name == b"VP8X" else body) for name, body in chunks)
    return b"RIFF" + (4 + len(told)).to_bytes(4, "little") + b"WEBP" + told


def _flagged(body: bytes, *, exif: bool) -> bytes:
    """Return the header that lists what follows, without flags of what was left out."""
    flags = take(body, 0, 1)[0] & ~(_TELLS_EXIF | _TELLS_XMP)
    return bytes((flags | (_TELLS_EXIF if exif else 0),)) + body[1:]


def _chunk(name: bytes, body: bytes) -> bytes:
    return name + len(body).to_bytes(4, "little") + body + bytes(len(body) % 2)
