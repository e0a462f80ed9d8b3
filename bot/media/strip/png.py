"""PNG: chunks. Those kept draw the picture; every text, date and place is removed, and all unknown chunks."""

import zlib
from typing import Final

from bot.media.strip.blocks import Bounds, MalformedMedia, big, orientation, take, upright

_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_KEPT: Final = frozenset(
    # The last three are of animations; those before, of colours.
    b"IHDR PLTE IDAT IEND tRNS gAMA cHRM sRGB iCCP cICP sBIT bKGD pHYs acTL fcTL fdAT".split()
)


def begins(data: bytes) -> bool:
    """Return whether this looks like a PNG."""
    return data.startswith(_SIGNATURE)


def strip(data: bytes, bounds: Bounds) -> bytes:
    """Return the picture alone; raises MalformedMedia."""
    kept: list[bytes] = []
    turn, place, name = 1, len(_SIGNATURE), b""
    while name != b"IEND":
        bounds.element()
        size = big(data, place, 4)
        name = take(data, place + 4, 4)
        body = take(data, place + 8, size)
        if big(data, place + 8 + size, 4) != zlib.crc32(name + body):
            raise MalformedMedia("a chunk does not add up")
        if name == b"eXIf":
            turn = orientation(body)
        elif name in _KEPT:
            if name == b"IHDR":
                bounds.size(big(body, 0, 4), big(body, 4, 4))
            elif name == b"fcTL":  # one picture of an animation
                bounds.drawn(big(body, 4, 4), big(body, 8, 4))
            kept.append(data[place : place + 12 + size])
        place += 12 + size
    if not kept or kept[0][4:8] != b"IHDR" or not any(chunk[4:8] == b"IDAT" for chunk in kept):
        raise MalformedMedia("no picture in it")
    tiff = upright(turn)
    exif = [_chunk(b"eXIf", tiff)] if tiff else []
    return b"".join((_SIGNATURE, kept[0], *exif, *kept[1:]))


def _chunk(name: bytes, body: bytes) -> bytes:
    return len(body).to_bytes(4) + name + body + zlib.crc32(name + body).to_bytes(4)
