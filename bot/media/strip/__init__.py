"""Voice notes and photos as bytes: recognise them, and remove all that reveals more than sound and picture.

Nothing is decoded or encoded again: each format is a row of blocks, and blocks that carry neither sound nor picture
(place, device, names, dates, comments, thumbnails, data behind the end) are left out. There is one module for each
format. All of them count what they read (`Bounds`), so that no file keeps one of them busy for long.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from bot.media.strip import jpeg, mp3, mp4, ogg, png, webm, webp
from bot.media.strip.blocks import Bounds, MalformedMedia, OverBounds, TooManyPixels, UnsupportedMedia

__all__ = [
    "PHOTO",
    "REFUSALS",
    "VOICE",
    "Bounds",
    "Clean",
    "MalformedMedia",
    "OverBounds",
    "TooManyPixels",
    "UnsupportedMedia",
    "clean",
]

REFUSALS: Final = (MalformedMedia, UnsupportedMedia, OverBounds, TooManyPixels)
VOICE: Final = "voice"
PHOTO: Final = "photo"


@dataclass(frozen=True, slots=True)
class Clean:
    """A file without revealing data; `kind` is voice or photo, `mime` follows from its content and not its name."""

    kind: str
    mime: str
    data: bytes


@dataclass(frozen=True, slots=True)
class _Format:
    kind: str
    mime: str
    begins: Callable[[bytes], bool]
    strip: Callable[[bytes, Bounds], bytes]


_FORMATS: Final = (
    _Format(VOICE, "audio/ogg", ogg.begins, ogg.strip),
    _Format(PHOTO, "image/jpeg", jpeg.begins, jpeg.strip),
    _Format(PHOTO, "image/png", png.begins, png.strip),
    _Format(PHOTO, "image/webp", webp.begins, webp.strip),
    # Before MP4, whose mark may stand within a first frame of MP3; the other way round it cannot be.
    _Format(VOICE, "audio/mpeg", mp3.begins, mp3.strip),
    _Format(VOICE, "audio/mp4", mp4.begins, mp4.strip),
    _Format(VOICE, "audio/webm", webm.begins, webm.strip),
)


def clean(data: bytes, bounds: Bounds | None = None) -> Clean:
    """Recognise a file and strip it; without bounds of its own, within the widest.

    Raises:
        UnsupportedMedia: it is of no known format, or holds more than sound or a picture.
        OverBounds, TooManyPixels: it is one of those, and asks too much of whoever reads or shows it.
        MalformedMedia: it begins as a known format and does not continue as one, or ends too early.
    """
    for form in _FORMATS:
        if form.begins(data):
            return Clean(form.kind, form.mime, form.strip(data, bounds or Bounds()))
    raise UnsupportedMedia("no known format")
