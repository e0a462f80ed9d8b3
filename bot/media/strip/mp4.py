"""MP4 with sound alone (M4A, and Safari's recordings): boxes. Place, device and date are blanked in place.

Removed boxes become `free` boxes of the same size, since other boxes say where in the file the sound lies.
"""

from collections.abc import Iterator
from typing import Final

from bot.media.strip.blocks import Bounds, MalformedMedia, UnsupportedMedia, big, take

_INSIDE: Final = frozenset({b"moov", b"trak", b"mdia", b"moof", b"traf"})
_TOLD: Final = frozenset({b"udta", b"meta", b"uuid", b"free", b"skip", b"wide", b"emsg", b"prft", b"pdin"})
_DATED: Final = frozenset({b"mvhd", b"tkhd", b"mdhd"})
_TOP: Final = frozenset({b"ftyp", b"moov", b"mdat", b"moof", b"mfra", b"sidx", b"styp"})
_PICTURES: Final = (b"hei", b"hev", b"mif", b"msf", b"avi", b"crx")
_LARGE: Final = 16


def begins(data: bytes) -> bool:
    """Return whether this looks like an MP4 that is no picture."""
    return data[4:8] == b"ftyp" and data[8:11] not in _PICTURES


def strip(data: bytes, bounds: Bounds) -> bytes:
    """Return the sound alone; raises MalformedMedia, or UnsupportedMedia when there is more in it than sound."""
    out = bytearray(data)
    handlers: list[bytes] = []
    sound = False
    for name, place, start, end in _boxes(data, 0, len(data), bounds):
        if name in {b"moov", b"moof"}:
            _walk(data, out, start, end, handlers, bounds)
        elif name not in _TOP:
            _blank(out, place, start, end)
        sound = sound or name == b"mdat"
    if set(handlers) != {b"soun"}:
        raise UnsupportedMedia("not sound alone")
    if not sound:
        raise MalformedMedia("no sound in it")
    return bytes(out)


def _boxes(data: bytes, start: int, end: int, bounds: Bounds) -> Iterator[tuple[bytes, int, int, int]]:
    """Yield name, place, begin and end of the content, for each box of a stretch."""
    while start < end:
        bounds.element()
        size, name, head = big(data, start, 4), take(data, start + 4, 4), 8
        if size == 1:
            size, head = big(data, start + 8, 8), _LARGE
        elif size == 0:
            size = end - start  # until the end of the file
        if size < head or start + size > end:
            raise MalformedMedia("the file ends too early")
        yield name, start, start + head, start + size
        start += size


def _walk(
    data: bytes, out: bytearray, start: int, end: int, handlers: list[bytes], bounds: Bounds, depth: int = 1
) -> None:
    bounds.nested(depth)
    for name, place, inside, behind in _boxes(data, start, end, bounds):
        if name in _TOLD:
            _blank(out, place, inside, behind)
        elif name in _INSIDE:
            _walk(data, out, inside, behind, handlers, bounds, depth + 1)
        elif name in _DATED:
            wide = 16 if big(data, inside, 1) == 1 else 8
            take(data, inside + 4, wide)
            out[inside + 4 : inside + 4 + wide] = bytes(wide)
        elif name == b"hdlr":
            handlers.append(take(data, inside + 8, 4))


def _blank(out: bytearray, place: int, start: int, end: int) -> None:
    out[place + 4 : place + 8] = b"free"
    out[start:end] = bytes(end - start)
