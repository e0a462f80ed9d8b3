"""JPEG: segments. Those kept draw the picture, give its colour profile, and its orientation."""

import re
from typing import Final

from bot.media.strip.blocks import Bounds, MalformedMedia, big, orientation, take, upright

_END, _SCAN = 0xD9, 0xDA
_APP0, _APP1, _APP2, _APP14, _APP15 = 0xE0, 0xE1, 0xE2, 0xEE, 0xEF
_COMMENT: Final = 0xFE
_BARE: Final = frozenset({0x01, *range(0xD0, 0xD8)})  # markers without a segment
_MARKER: Final = 0xFF
_EXIF: Final = b"Exif\0\0"
_PROFILE: Final = b"ICC_PROFILE\0"
_JFIF: Final = b"JFIF\0"
_JFIF_SIZE: Final = 14
# Within a scan 0xFF 0x00 is a byte of the picture, and 0xFF 0xD0 to 0xD7 are restart markers.
# No `+` here: a long row of 0xFF would be gone through once for each of them.
_AFTER_SCAN: Final = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
_FILL: Final = re.compile(rb"\xff+")
_SIZES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}  # segments that tell how large the picture is


def begins(data: bytes) -> bool:
    """Return whether this looks like a JPEG."""
    return data[:3] == b"\xff\xd8\xff"


def strip(data: bytes, bounds: Bounds) -> bytes:
    """Return the picture alone; raises MalformedMedia. What follows its end (a film, a second picture) goes, too."""
    kept: list[bytes] = []
    turn, place, drawn = 1, 2, False
    while True:
        bounds.element()
        marker, place = _marker(data, place)
        if marker == _END:
            break
        if marker in _BARE:
            continue
        size = big(data, place, 2)
        body = take(data, place + 2, size - 2)
        place += size
        if marker == _APP1 and body.startswith(_EXIF):
            turn = orientation(body[len(_EXIF) :])
        elif (wanted := _wanted(marker, body)) is not None:
            kept.append(_segment(marker, wanted))
        if marker in _SIZES:
            bounds.size(big(body, 3, 2), big(body, 1, 2))
        if marker == _SCAN:
            drawn = True
            end = _AFTER_SCAN.search(data, place)
            if end is None:
                raise MalformedMedia("the picture has no end")
            kept.append(data[place : end.start()])
            place = end.start()
    if not drawn:
        raise MalformedMedia("no picture in it")
    tiff = upright(turn)
    exif = _segment(_APP1, _EXIF + tiff) if tiff else b""
    return b"".join((b"\xff\xd8", exif, *kept, b"\xff\xd9"))


def _marker(data: bytes, place: int) -> tuple[int, int]:
    """Return the marker at a place and where its segment begins."""
    fill = _FILL.match(data, place)
    if fill is None:
        raise MalformedMedia("no marker where one should be")
    return big(data, fill.end(), 1), fill.end() + 1


def _segment(marker: int, body: bytes) -> bytes:
    return bytes((_MARKER, marker)) + (len(body) + 2).to_bytes(2) + body


def _wanted(marker: int, body: bytes) -> bytes | None:
    """Return what is kept of a segment, or None."""
    if marker == _APP0 and body.startswith(_JFIF) and len(body) >= _JFIF_SIZE:
        return body[: _JFIF_SIZE - 2] + bytes(2)  # without its thumbnail
    if marker == _APP2:
        return body if body.startswith(_PROFILE) else None
    if marker == _APP14:  # how colours are stored
        return body[:12] if body.startswith(b"Adobe") else None
    if _APP0 <= marker <= _APP15 or marker == _COMMENT:
        return None
    return body
