"""Voice notes and photos as bytes: what they are, and the same without whatever tells more than they show.

Nothing is decoded and nothing encoded anew: each format is a row of blocks, and blocks that carry no sound and no
picture (place, device, names, dates, comments, thumbnails, what hangs behind the end) are left out. One module a
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
    """A file that tells nothing but itself: `kind` is voice or photo, `mime` by its content and not by its name."""

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
    """Tell what a file is and strip it.

    Raises:
        Foreign: it is of no format that is known here, or holds more than sound or a picture.
        Damaged: it begins as a known format and does not go on as one, or ends too early.
    """
    for form in _FORMATS:
        if form.begins(data):
            return Clean(form.kind, form.mime, form.strip(data))
    raise UnsupportedMedia("no known format")
