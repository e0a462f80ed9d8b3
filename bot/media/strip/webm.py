"""WebM with sound alone, which most browsers record: EBML elements. Revealing elements are blanked in place.

A removed element becomes a `Void` of the same size. A recording made live has a segment and clusters of unknown size,
so those are read through and never jumped over.
"""

from typing import Final

from bot.media.strip.blocks import Bounds, MalformedMedia, UnsupportedMedia, big, take

_EBML, _SEGMENT, _CLUSTER, _INFO, _TRACKS, _TRACK = 0x1A45DFA3, 0x18538067, 0x1F43B675, 0x1549A966, 0x1654AE6B, 0xAE
_INSIDE: Final = frozenset({_SEGMENT, _CLUSTER, _INFO, _TRACKS, _TRACK})
_TAGS, _ATTACHMENTS, _CHAPTERS = 0x1254C367, 0x1941A469, 0x1043A770
_DATE, _TITLE, _FILE, _TRACK_NAME, _CRC = 0x4461, 0x7BA9, 0x7384, 0x536E, 0xBF
_MUXER, _WRITER = 0x4D80, 0x5741  # these two are mandatory, so they stay, without text
_GO: Final = frozenset({_TAGS, _ATTACHMENTS, _CHAPTERS, _DATE, _TITLE, _FILE, _TRACK_NAME, _CRC, 0xEC})
_TYPE: Final = 0x83
_SOUND: Final = 2
_BLOCKS: Final = frozenset({0xA3, 0xA0})
_VOID: Final = 0xEC


def begins(data: bytes) -> bool:
    """Return whether this looks like WebM."""
    return data[:4] == _EBML.to_bytes(4)


def strip(data: bytes, bounds: Bounds) -> bytes:
    """Return the sound alone; raises MalformedMedia, or UnsupportedMedia when there is more in it than sound."""
    out = bytearray(data)
    types: set[int] = set()
    sound = False
    place = depth = 0
    while place < len(data):
        start = place
        name, place = _number(data, place, marked=True)
        size, place = _number(data, place, marked=False)
        if name in _INSIDE:
            bounds.element()
            depth += 1
            bounds.nested(depth)
            continue
        depth = 0
        if name in _BLOCKS and size:
            bounds.frame()
        else:
            bounds.element()
        body = take(data, place, size)
        if name in _GO:
            _void(out, start, place + size)
        elif name in {_MUXER, _WRITER}:
            out[place : place + size] = b" " * size
        elif name == _TYPE:
            types.add(int.from_bytes(body))
        sound = sound or name in _BLOCKS
        place += size
    if types != {_SOUND}:
        raise UnsupportedMedia("not sound alone")
    if not sound:
        raise MalformedMedia("no sound in it")
    return bytes(out)


def _number(data: bytes, place: int, *, marked: bool) -> tuple[int, int]:
    """Read a number of variable length, with or without the bit that marks its length; return it and where it ends."""
    first = big(data, place, 1)
    length = 9 - first.bit_length()
    if length > 8:  # noqa: PLR2004  a number has eight bytes at most
        raise MalformedMedia("no element where one should be")
    number = big(data, place, length)
    return number if marked else number & ~(1 << 7 * length), place + length


def _void(out: bytearray, start: int, end: int) -> None:
    """Write an empty element over a stretch; its own size takes eight bytes where there is room, else one."""
    total = end - start
    wide = 8 if total > 8 else 1  # noqa: PLR2004  one byte for the name and eight for the size
    size = total - 1 - wide
    out[start:end] = bytes((_VOID,)) + (size | 1 << 7 * wide).to_bytes(wide) + bytes(size)
