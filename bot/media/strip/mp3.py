"""MP3: frames. Frames of sound are kept; tags before and behind them (titles, pictures, places) are removed."""

from typing import Final

from bot.media.strip.blocks import Bounds, MalformedMedia, big, take

_TAG_HEAD: Final = 10
_HAS_FOOTER: Final = 0x10
_SYNC: Final = 0x7FF
_RATES: Final = {3: (44_100, 48_000, 32_000), 2: (22_050, 24_000, 16_000), 0: (11_025, 12_000, 8_000)}
_KILOBITS: Final = {
    True: (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    False: (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_FIRST_VERSION: Final = 3
_LAYER_THREE: Final = 1


def begins(data: bytes) -> bool:
    """Return whether this looks like an MP3."""
    return data[:3] == b"ID3" or _frame(data, 0) > 0


def strip(data: bytes, bounds: Bounds) -> bytes:
    """Return frames of sound alone; raises MalformedMedia."""
    place = 0
    while data[place : place + 3] == b"ID3":
        bounds.element()
        head = take(data, place, _TAG_HEAD)
        size = 0
        for byte in head[6:]:
            size = size << 7 | byte & 0x7F
        place += _TAG_HEAD + size + (_TAG_HEAD if head[5] & _HAS_FOOTER else 0)
    start = place
    while size := _frame(data, place):
        bounds.frame()
        if place + size > len(data):
            break  # a recorder that was switched off may leave half a frame
        place += size
    if place == start:
        raise MalformedMedia("no sound in it")
    return data[start:place]


def _frame(data: bytes, place: int) -> int:
    """Return the length of the frame that begins at a place, or 0 where none does."""
    if place + 4 > len(data):
        return 0
    head = big(data, place, 4)
    version, layer = head >> 19 & 3, head >> 17 & 3
    rate, speed = head >> 10 & 3, head >> 12 & 15
    first = version == _FIRST_VERSION
    if head >> 21 != _SYNC or layer != _LAYER_THREE or version not in _RATES:
        return 0
    speeds, rates = _KILOBITS[first], _RATES[version]
    if rate >= len(rates) or not 0 < speed < len(speeds):
        return 0
    return (144 if first else 72) * speeds[speed] * 1000 // rates[rate] + (head >> 9 & 1)
