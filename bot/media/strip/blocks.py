"""What the formats share: reading numbers within bounds, and the one thing worth keeping of a photo's EXIF."""

from typing import Final

ELEMENTS: Final = 100_000
FRAMES: Final = 400_000  # of sound, 20 ms each: two hours
DEPTH: Final = 16
PIXELS: Final = 50_000_000


class MalformedMedia(Exception):
    """A file that ends too early, or whose blocks do not follow each other as they should."""


class UnsupportedMedia(Exception):
    """A file of no known format, or one that holds more than a voice or a picture."""


class OverBounds(UnsupportedMedia):
    """A file with more parts, or deeper nested, than any that a telephone or a browser makes."""


class TooManyPixels(UnsupportedMedia):
    """A picture so large that showing it would need more memory than a telephone has."""


class Bounds:
    """How much one file may still ask of its parser: each part that is read takes something away.

    Attributes:
        elements: blocks that may still be read.
        frames: frames of sound that may still be read.
        pixels: points that pictures in this file may still have.
    """

    __slots__ = ("elements", "frames", "pixels")

    def __init__(self, elements: int = ELEMENTS, frames: int = FRAMES, pixels: int = PIXELS) -> None:
        self.elements = elements
        self.frames = frames
        self.pixels = pixels

    def element(self) -> None:
        """Count a block; raises OverBounds."""
        self.elements -= 1
        if self.elements < 0:
            raise OverBounds("too many parts")

    def frame(self) -> None:
        """Count a frame of sound; raises OverBounds."""
        self.frames -= 1
        if self.frames < 0:
            raise OverBounds("too much sound")

    def nested(self, depth: int) -> None:
        """Look at how deep a block lies within others; raises OverBounds."""
        if depth > DEPTH:
            raise OverBounds("nested too deep")

    def size(self, width: int, height: int) -> None:
        """Look at a picture's size; raises MalformedMedia when there is nothing to see, or TooManyPixels."""
        if not width or not height:
            raise MalformedMedia("a picture without a size")
        if width * height > self.pixels:
            raise TooManyPixels("too many pixels")

    def drawn(self, width: int, height: int) -> None:
        """Count the points of one picture of several; raises as `size` does."""
        self.size(width, height)
        self.pixels -= width * height


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
_ENTRIES: Final = 500  # cameras write some sixty


def orientation(tiff: bytes) -> int:
    """Return a picture's orientation (1 to 8) from the TIFF block of its EXIF; 1 where unclear."""
    order: dict[bytes, str] = {b"II*\0": "little", b"MM\0*": "big"}
    end = order.get(tiff[:4])
    read = little if end == "little" else big
    if end is None:
        return _UPRIGHT
    try:
        table = read(tiff, 4, 4)
        for entry in range(min(read(tiff, table, 2), _ENTRIES)):
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
