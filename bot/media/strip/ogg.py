"""Ogg with Opus, the format of voice notes: pages. The page of comments becomes an empty one; sound is not changed."""

from functools import lru_cache
from typing import Final

from bot.media.strip.blocks import Bounds, MalformedMedia, UnsupportedMedia, take

_HEAD: Final = 27
_SERIAL: Final = slice(14, 18)
_CHECKSUM: Final = slice(22, 26)
_FULL: Final = 255
_COMMENTS: Final = b"OpusTags"
_EMPTY: Final = _COMMENTS + bytes(8)  # a vendor string of length 0, and no comments
_LONGEST: Final = 1 << 32


def begins(data: bytes) -> bool:
    """Return whether this looks like Ogg."""
    return data[:4] == b"OggS"


def strip(data: bytes, bounds: Bounds) -> bytes:
    """Return the sound alone; raises MalformedMedia, or UnsupportedMedia for other sound than Opus."""
    place, first = _page(data, 0, bounds)
    if not _body(first).startswith(b"OpusHead"):
        raise UnsupportedMedia("not Opus")
    serial = first[_SERIAL]
    kept = [first]
    place, comments = _comments(data, place, serial, bounds)
    kept += comments
    while place < len(data):
        place, page = _page(data, place, bounds)
        if page[_SERIAL] == serial:  # others are other streams, with comments of their own
            kept.append(page)
    if len(kept) == 1 + len(comments):
        raise MalformedMedia("no sound in it")
    return b"".join(kept)


def _page(data: bytes, place: int, bounds: Bounds) -> tuple[int, bytes]:
    """Return where the next page begins, and the page."""
    bounds.element()
    if take(data, place, _HEAD)[:4] != b"OggS":
        raise MalformedMedia("no page where one should be")
    count = data[place + _HEAD - 1]
    lengths = take(data, place + _HEAD, count)
    size = _HEAD + count + sum(lengths)
    return place + size, take(data, place, size)


def _body(page: bytes) -> bytes:
    return page[_HEAD + page[_HEAD - 1] :]


def _comments(data: bytes, place: int, serial: bytes, bounds: Bounds) -> tuple[int, list[bytes]]:
    """Return where sound begins, and empty comments on as many pages as there were: later pages keep their numbers."""
    pages: list[bytes] = []
    while True:
        place, page = _page(data, place, bounds)
        if page[_SERIAL] != serial:
            continue
        if not pages and not _body(page).startswith(_COMMENTS):
            raise MalformedMedia("no comments where they should be")
        pages.append(page)
        lengths = page[_HEAD : _HEAD + page[_HEAD - 1]]
        if any(length < _FULL for length in lengths[:-1]):
            raise MalformedMedia("sound and comments on one page")
        if not lengths or lengths[-1] < _FULL:
            break
    # What follows the (empty) list of comments is padding, if it is zero.
    padded = _EMPTY.ljust(_FULL * (len(pages) - 1) + len(_EMPTY), b"\0")
    pieces = [padded[start : start + _FULL] for start in range(0, len(padded), _FULL)]
    return place, [_repaged(page, piece) for page, piece in zip(pages, pieces, strict=True)]


def _repaged(page: bytes, body: bytes) -> bytes:
    """Return a page with another body of at most 255 bytes and a new checksum."""
    blank = page[: _CHECKSUM.start] + bytes(4) + bytes((1, len(body))) + body
    return blank[: _CHECKSUM.start] + checksum(blank).to_bytes(4, "little") + blank[_CHECKSUM.stop :]


@lru_cache(maxsize=1)
def _table() -> tuple[int, ...]:
    table = []
    for value in range(256):
        rest = value << 24
        for _ in range(8):
            rest = (rest << 1 ^ 0x04C11DB7 if rest & 0x80000000 else rest << 1) % _LONGEST
        table.append(rest)
    return tuple(table)


def checksum(page: bytes) -> int:
    """Return the checksum of a page whose own is blank: CRC-32 of polynomial 0x04C11DB7, not reflected, from zero."""
    table, rest = _table(), 0
    for byte in page:
        rest = (rest << 8) % _LONGEST ^ table[rest >> 24 ^ byte]
    return rest
