"""Files made to keep a parser busy, and not to be heard or seen."""

import struct
import zlib

from tests.bot import samples


def nested(deep: int) -> bytes:
    """An MP4 of boxes within boxes."""
    heads = [struct.pack(">I", 8 * each) + b"moov" for each in range(deep, 0, -1)]
    return struct.pack(">I", 16) + b"ftypM4A " + bytes(4) + b"".join(heads)


def empty_elements(number: int) -> bytes:
    """A WebM with empty elements behind its sound, two bytes each."""
    return samples.WEBM + b"\xec\x80" * number


def empty_segments(number: int) -> bytes:
    """A JPEG of empty segments."""
    return b"\xff\xd8" + b"\xff\xe2\0\2" * number


def empty_chunks(number: int) -> bytes:
    """A PNG with empty chunks before its end."""
    chunk = bytes(4) + b"IDAT" + zlib.crc32(b"IDAT").to_bytes(4)
    return samples.PNG[:-12] + chunk * number + samples.PNG[-12:]


def empty_pages(number: int) -> bytes:
    """A voice note of empty pages."""
    page = b"OggS" + bytes(10) + struct.pack("<I", 77) + bytes(9)
    return samples.page(2, 0, 0, samples.HEAD) + samples.page(0, 0, 1, samples.TAGS) + page * number


def empty_riff(number: int) -> bytes:
    """A WebP of empty chunks."""
    return _webp(b"JUNK" + bytes(4), number)


def filled(number: int) -> bytes:
    """A JPEG whose picture is one long row of 0xFF, which is no marker in the end."""
    return samples.JPEG[:-2] + b"\xff" * number + b"\0"


def png_of(width: int, height: int) -> bytes:
    """A PNG that says it is so large."""
    head = b"IHDR" + struct.pack(">II", width, height) + samples.PNG[24:29]
    return samples.PNG[:12] + head + zlib.crc32(head).to_bytes(4) + samples.PNG[33:]


def jpeg_of(width: int, height: int) -> bytes:
    """A JPEG that says it is so large."""
    place = samples.JPEG.index(b"\xff\xc0") + 5
    return samples.JPEG[:place] + struct.pack(">HH", height, width) + samples.JPEG[place + 4 :]


def webp_of(width: int, height: int) -> bytes:
    """A WebP that says it is so large."""
    sides = (width - 1 | (height - 1) << 14).to_bytes(4, "little")
    return _webp(b"VP8L" + struct.pack("<I", 6) + b"\x2f" + sides + b"\0", 1)


def _webp(chunk: bytes, number: int) -> bytes:
    return b"RIFF" + struct.pack("<I", 4 + len(chunk) * number) + b"WEBP" + chunk * number
