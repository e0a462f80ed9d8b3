"""Voice notes and photos as bytes: recognise them, and remove all that reveals more than sound and picture.

Nothing is decoded or encoded again: each format is a row of blocks, and blocks that carry neither sound nor picture
(place, device, names, dates, comments, thumbnails, data behind the end) are left out. There is one module for each
format.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from bot.media.strip import jpeg, mp3, mp4, ogg, png, webm, webp
from bot.media.strip.blocks import MalformedMedia, UnsupportedMedia

__all__ = ["PHOTO", "VOICE", "Clean", "MalformedMedia", "UnsupportedMedia", "clean"]

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
    strip: Callable[[bytes], bytes]


_FORMATS: Final = (
    _Format(VOICE, "audio/ogg", ogg.begins, ogg.strip),
    _Format(PHOTO, "image/jpeg", jpeg.begins, jpeg.strip),
    _Format(PHOTO, "image/png", png.begins, png.strip),
    _Format(PHOTO, "image/webp", webp.begins, webp.strip),
    _Format(VOICE, "audio/mp4", mp4.begins, mp4.strip),
    _Format(VOICE, "audio/webm", webm.begins, webm.strip),
    _Format(VOICE, "audio/mpeg", mp3.begins, mp3.strip),
)


def clean(data: bytes) -> Clean:
    """Recognise a file and strip it.

    Raises:
        UnsupportedMedia: it is of no known format, or holds more than sound or a picture.
        MalformedMedia: it begins as a known format and does not continue as one, or ends too early.
    """
    for form in _FORMATS:
        if form.begins(data):
            return Clean(form.kind, form.mime, form.strip(data))
    raise UnsupportedMedia("no known format")
