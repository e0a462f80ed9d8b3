"""Small real files, as phones and browsers make them, and the same with everything in them that tells too much.

The pictures and the two recordings were made by a browser; the voice note carries the very packets of one of them.
"""

import struct
import zlib
from base64 import b64decode

from bot.media.strip.ogg import checksum

JPEG = b64decode(
    "/9j/4AAQSkZJRgABAQAAAQABAAD/4gHYSUNDX1BST0ZJTEUAAQEAAAHIAAAAAAQwAABtbnRyUkdCIFhZWiAH4AABAAEAAAAAAABhY3NwAAAA"
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAQAA9tYAAQAAAADTLQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
    "AAAAAAAAAAlkZXNjAAAA8AAAACRyWFlaAAABFAAAABRnWFlaAAABKAAAABRiWFlaAAABPAAAABR3dHB0AAABUAAAABRyVFJDAAABZAAAAChn"
    "VFJDAAABZAAAAChiVFJDAAABZAAAAChjcHJ0AAABjAAAADxtbHVjAAAAAAAAAAEAAAAMZW5VUwAAAAgAAAAcAHMAUgBHAEJYWVogAAAAAAAA"
    "b6IAADj1AAADkFhZWiAAAAAAAABimQAAt4UAABjaWFlaIAAAAAAAACSgAAAPhAAAts9YWVogAAAAAAAA9tYAAQAAAADTLXBhcmEAAAAAAAQA"
    "AAACZmYAAPKnAAANWQAAE9AAAApbAAAAAAAAAABtbHVjAAAAAAAAAAEAAAAMZW5VUwAAACAAAAAcAEcAbwBvAGcAbABlACAASQBuAGMALgAg"
    "ADIAMAAxADb/2wBDABsSFBcUERsXFhceHBsgKEIrKCUlKFE6PTBCYFVlZF9VXVtqeJmBanGQc1tdhbWGkJ6jq62rZ4C8ybqmx5moq6T/2wBD"
    "ARweHigjKE4rK06kbl1upKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKT/wAARCAAMABADASIAAhEB"
    "AxEB/8QAFAABAAAAAAAAAAAAAAAAAAAABP/EABQQAQAAAAAAAAAAAAAAAAAAAAD/xAAVAQEBAAAAAAAAAAAAAAAAAAABA//EABcRAQADAAAA"
    "AAAAAAAAAAAAAAAEQoH/2gAMAwEAAhEDEQA/ABliFomdXX//2Q=="
)

PNG = b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAABAAAAAMCAYAAABr5z2BAAAALElEQVR4AeyQMQ0AAAjDFixNCyYxORzs4eFYk749WkPKyWk5C0cSAPLgw4MF"
    "AAD//6NhcukAAAAGSURBVAMAWj0iGf24HIsAAAAASUVORK5CYII="
)

WEBP = b64decode(
    "UklGRhYCAABXRUJQVlA4WAoAAAAgAAAADwAACwAASUNDUMgBAAAAAAHIAAAAAAQwAABtbnRyUkdCIFhZWiAH4AABAAEAAAAAAABhY3NwAAAA"
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAQAA9tYAAQAAAADTLQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
    "AAAAAAAAAAlkZXNjAAAA8AAAACRyWFlaAAABFAAAABRnWFlaAAABKAAAABRiWFlaAAABPAAAABR3dHB0AAABUAAAABRyVFJDAAABZAAAAChn"
    "VFJDAAABZAAAAChiVFJDAAABZAAAAChjcHJ0AAABjAAAADxtbHVjAAAAAAAAAAEAAAAMZW5VUwAAAAgAAAAcAHMAUgBHAEJYWVogAAAAAAAA"
    "b6IAADj1AAADkFhZWiAAAAAAAABimQAAt4UAABjaWFlaIAAAAAAAACSgAAAPhAAAts9YWVogAAAAAAAA9tYAAQAAAADTLXBhcmEAAAAAAAQA"
    "AAACZmYAAPKnAAANWQAAE9AAAApbAAAAAAAAAABtbHVjAAAAAAAAAAEAAAAMZW5VUwAAACAAAAAcAEcAbwBvAGcAbABlACAASQBuAGMALgAg"
    "ADIAMAAxADZWUDggKAAAAHABAJ0BKhAADAAEAGgloAJ0AUAAAP7eq/enEYTSW3f1d+Dfwn+4AAA="
)

WEBM = b64decode(
    "GkXfo59ChoEBQveBAULygQRC84EIQoKEd2VibUKHgQRChYECGFOAZwEAAAAAAAJYEU2bdLlNu4tTq4QVSalmU6yBbk27i1OrhBZUrmtTrIGT"
    "TbuLU6uEH0O2dVOsgddNu4xTq4QcU7trU6yCAkbsrgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAVSalm"
    "oCrXsYMPQkBEiYRDmgTdTYCGQ2hyb21lV0GGQ2hyb21lFlSua7+uvdeBAXPFhwOjlo6vLQODgQKGhkFfT1BVU2Oik09wdXNIZWFkAQIAAIC7"
    "AAAAAADhjbWERzuAAJ+BAmJkgSAfQ7Z1AQAAAAAAAWPngQCjuoEAAIAY4VOfSYE9NCZP0YZ2SsKGDDdODfTLbVmKjfYUh/Hp5ws21mOe9S3k"
    "vN0A2l811XxfDz/BL8Cjt4EAO4AY7UeARTTy+i8uuLdIcnFX33mmIq54s76PGqRzwzwWHuzb/ym/Ls3R91c+BEcg/ZZFpBGjuYEAgIAY7YFQ"
    "RTTy+jHMXVoKBLMJypBv6cGfjvO6DDjRDikTf+BYyqzTIlcNO5F4vmSKM6w5m9AUUKO7gQCzgBjtgVBFNNp9P/E885dPS/yHzqAYDWJk+z4/"
    "VJZaYWilFvNgVO998vb0zCq9Xgp5I1mfYI0vApCju4EA74AY7X3NuJ6RrVkh5y0KQOReDjvy0Ce/3ZTbQ95GnHoIcPijlbL4LHb1IXyORSZ2"
    "TIZbvdDDIgGpo7SBATSAGO2BUEU08votj72rrSqMADfTDEivj6ik0n9ioutwmM//m8tosMXEVgjGDHx3K+6AHFO7a427i7OBALeG94EB8YHX"
)

MP4 = b64decode(
    "AAAAJGZ0eXBpc29tAAACAGlzb21pc282aXNvMnZwMDltcDQxAAACXW1vb3YAAAB4bXZoZAEAAAAAAAAA5ytkTAAAAADnK2RMAAAD6AAAAAAA"
    "AAE/AAEAAAEAAAAAAAAAAAAAAAABAAAAAAAAAAAAAAAAAAAAAQAAAAAAAAAAAAAAAAAAQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
    "AAIAAAG1dHJhawAAAGh0a2hkAQAAAwAAAADnK2RMAAAAAOcrZEwAAAABAAAAAAAAAAAAAAE/AAAAAAAAAAAAAAAAAQAAAAAAAAAAAAAAAAAA"
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAABRW1kaWEAAAAsbWRoZAEAAAAAAAAA5ytkTAAAAADnK2RMAAC7gAAAAAAAAAE/"
    "VcQAAAAAAC1oZGxyAAAAAAAAAABzb3VuAAAAAAAAAAAAAAAAU291bmRIYW5kbGVyAAAAAORtaW5mAAAAEHNtaGQAAAAAAAAAAAAAACVkaW5m"
    "AAAAHWRyZWYAAAAAAAAAAQAAAA11cmwgAAAAAQAAAACnc3RibAAAABBzdHNjAAAAAAAAAAAAAAAQc3R0cwAAAAAAAAAAAAAAFHN0c3oAAAAA"
    "AAAAAAAAAAAAAAAQc3RjbwAAAAAAAAAAAAAAW3N0c2QAAAAAAAAAAQAAAEtPcHVzAAAAAAAAAAEAAAAAAAAAAAACABAAAAAAu4AAAAAAABRi"
    "dHJ0AAAAAAAAAAAAAAAAAAAAE2RPcHMAAg8AAAC7gAAAAAAAAChtdmV4AAAAIHRyZXgAAAAAAAAAAQAAAAEAAAAAAAAAAAAAAAAAAACMbW9v"
    "ZgAAABBtZmhkAAAAAAAAAAEAAAB0dHJhZgAAABR0ZmhkAAIAIAAAAAECAAAAAAAAFHRmZHQBAAAAAAAAAAAAAAAAAABEdHJ1bgEAAwEAAAAG"
    "AAAAlAAACxMAAAA2AAALEwAAADEAAAucAAAAMQAACxYAAAAwAAALDQAAAC0AAAPwAAAANAAAATFtZGF0GOFu4ZDEp6QRbGQLqFUlVSBjqyvZ"
    "9wSO52cFD6VPUbOmKTxUNtUcwskod1YbCP0Vr7TF45hAGO1HgEU08vn2oIComb/BqHYWRfryAQ7j6pmF1RJAnUQJLVwoGcSUMK3/17B5zDpB"
    "Xxjtfc24npGsbubqEoMCpu4lPNzSqJQyPZ3Ur0zsq3t5Sr+haxgfq7OKnwxyF3+ksMgY7X3NuJ6RrFoqta7IdIlKS9us0unFlvV6oxRS96eY"
    "uSd+KsN2uoW2e4Aq7DwX/doY7X3NuJ6RrcWCPbY0mQBmyixvlwJYal3xE3bnbntqOZxTVmj3ogJxlhxsBIAY7YFQRTTy+i1rPLhKtpwhFWFc"
    "CFlbGIH1Y+OAM49MzXwAqvvoNiERtEepnJJKfS8A91sD"
)


MAKE = b"Telefonera X100"
PLACE = b"+17.0654-096.7236/"
WHO = b"Luz Maria Perez"
SECRETS = (MAKE, PLACE, WHO, b"GPSLatitude", b"thumbnail-of-her-house", b"the-film-behind", b"2026:11:24 08:15:00")
LATITUDE = struct.pack(">6I", 17, 1, 3, 1, 5544, 100)


def exif(turn: int = 6) -> bytes:
    """EXIF as a phone writes it: who made the phone, which way up, when, and a block of GPS with 17 degrees north."""
    date = SECRETS[-1] + b"\0"
    make = MAKE + b"\0"
    ifd = 8
    after = ifd + 2 + 4 * 12 + 4
    make_at, date_at = after, after + len(make)
    gps = date_at + len(date)
    lat_at = gps + 2 + 2 * 12 + 4
    entries = (
        struct.pack(">HHII", 0x010F, 2, len(make), make_at)
        + struct.pack(">HHIHH", 0x0112, 3, 1, turn, 0)
        + struct.pack(">HHII", 0x0132, 2, len(date), date_at)
        + struct.pack(">HHII", 0x8825, 4, 1, gps)
    )
    places = struct.pack(">HHI4s", 1, 2, 2, b"N\0\0\0") + struct.pack(">HHII", 2, 5, 3, lat_at)
    head = b"MM\0*" + struct.pack(">I", ifd)
    return (
        head
        + struct.pack(">H", 4) + entries + bytes(4)
        + make + date
        + struct.pack(">H", 2) + places + bytes(4)
        + LATITUDE
    )  # fmt: skip  # block by block


XMP = b"<x:xmpmeta><exif:GPSLatitude>17,3.924N</exif:GPSLatitude><dc:creator>" + WHO + b"</dc:creator></x:xmpmeta>"


def _jpeg_segment(marker: int, body: bytes) -> bytes:
    return bytes((0xFF, marker)) + struct.pack(">H", len(body) + 2) + body


def jpeg(turn: int = 6) -> bytes:
    """A photo with EXIF, XMP, IPTC, a comment, a thumbnail, a list of further pictures, and a film behind its end."""
    told = (
        _jpeg_segment(0xE1, b"Exif\0\0" + exif(turn))
        + _jpeg_segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + XMP)
        + _jpeg_segment(0xED, b"Photoshop 3.0\x008BIM\x04\x04" + WHO)
        + _jpeg_segment(0xE0, b"JFXX\0\x10thumbnail-of-her-house")
        + _jpeg_segment(0xE2, b"MPF\0" + WHO)
        + _jpeg_segment(0xFE, WHO)
    )
    return JPEG[:20] + told + JPEG[20:] + b"the-film-behind" + PLACE


def _png_chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png(turn: int = 6) -> bytes:
    """A picture with EXIF, texts of three kinds, and a date."""
    told = (
        _png_chunk(b"eXIf", exif(turn))
        + _png_chunk(b"tEXt", b"Author\0" + WHO)
        + _png_chunk(b"zTXt", b"Comment\0\0" + zlib.compress(WHO))
        + _png_chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + XMP)
        + _png_chunk(b"tIME", bytes((7, 0xEA, 11, 24, 8, 15, 0)))
    )
    return PNG[:33] + told + PNG[33:] + PLACE


def _riff_chunk(name: bytes, body: bytes) -> bytes:
    return name + struct.pack("<I", len(body)) + body + bytes(len(body) % 2)


def webp(turn: int = 6) -> bytes:
    """A picture with EXIF and XMP, and a header that announces them."""
    flagged = WEBP[12:20] + bytes((WEBP[20] | 0x0C,)) + WEBP[21:]
    body = b"WEBP" + flagged + _riff_chunk(b"EXIF", exif(turn)) + _riff_chunk(b"XMP ", XMP) + _riff_chunk(b"NOTE", WHO)
    return b"RIFF" + struct.pack("<I", len(body)) + body + PLACE


def page(kind: int, samples: int, number: int, packet: bytes, serial: int = 77, *, ends: bool = True) -> bytes:
    """One Ogg page with one packet, or with a part of one that does not end here."""
    whole, rest = divmod(len(packet), 255)
    lacing = bytes([255] * whole) + (bytes((rest,)) if ends else b"")
    blank = struct.pack("<4sBBqIII", b"OggS", 0, kind, samples, serial, number, 0) + bytes((len(lacing),))
    blank += lacing + packet
    return blank[:22] + struct.pack("<I", checksum(blank)) + blank[26:]


_CLUSTER = bytes.fromhex("1f43b675")


def packets() -> list[bytes]:
    """The sound of the recording, packet by packet (its clusters hold nothing but simple blocks)."""
    found = []
    place = WEBM.rindex(_CLUSTER)
    while (place := WEBM.find(b"\xa3", place)) >= 0:
        size, head = WEBM[place + 1], 2
        if size & 0x40 and not size & 0x80:
            size, head = (size & 0x3F) << 8 | WEBM[place + 2], 3
        else:
            size &= 0x7F
        found.append(WEBM[place + head + 4 : place + head + size])
        place += head + size
    return found


HEAD = b"OpusHead" + struct.pack("<BBHIhB", 1, 1, 312, 48_000, 0, 0)
TAGS = (
    b"OpusTags"
    + struct.pack("<I", len(MAKE)) + MAKE
    + struct.pack("<I", 2)
    + struct.pack("<I", 9 + len(PLACE)) + b"LOCATION=" + PLACE
    + struct.pack("<I", 7 + len(WHO)) + b"ARTIST=" + WHO
)  # fmt: skip  # comment by comment


def ogg(*, cover: int = 0) -> bytes:
    """A voice note with its maker, a place and a name, and a cover of so many bytes, which takes further pages."""
    tags, number = TAGS + bytes(cover), 1
    pages = [page(2, 0, 0, HEAD)]
    while len(tags) > 65_025:
        pages.append(page(0 if number == 1 else 1, -1, number, tags[:65_025], ends=False))
        tags, number = tags[65_025:], number + 1
    pages.append(page(0 if number == 1 else 1, 0, number, tags))
    sound = packets()
    for place, packet in enumerate(sound):
        number += 1
        pages.append(page(4 if place == len(sound) - 1 else 0, 960 * (place + 1), number, packet))
    return b"".join(pages)


def _box(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", 8 + len(body)) + name + body


def mp4() -> bytes:
    """A recording with a place, a name and a maker, and the second at which it was made."""
    at = MP4.index(b"moov") - 4
    size = struct.unpack(">I", MP4[at : at + 4])[0]
    told = _box(b"udta", _box(b"\xa9xyz", PLACE) + _box(b"meta", bytes(4) + _box(b"ilst", WHO + MAKE)))
    moov = bytearray(_box(b"moov", MP4[at + 8 : at + size] + told))
    dated = moov.index(b"mvhd") + 8
    moov[dated : dated + 4] = b"\xe1\x02\x03\x04"
    return MP4[:at] + bytes(moov) + MP4[at + size :] + _box(b"uuid", WHO)


def webm() -> bytes:
    """A recording with tags, an attachment and a title."""

    def element(name: str, body: bytes) -> bytes:
        return bytes.fromhex(name) + bytes((0x40 | len(body) >> 8, len(body) & 0xFF)) + body

    told = element("1254c367", element("7373", WHO + PLACE)) + element("1941a469", b"thumbnail-of-her-house")
    info = element("1549a966", element("7ba9", MAKE) + element("4d80", WHO))
    added = told + info
    at, size = WEBM.rindex(_CLUSTER), WEBM.index(bytes.fromhex("18538067")) + 4
    longer = (int.from_bytes(WEBM[size : size + 8]) + len(added)).to_bytes(8)
    return WEBM[:size] + longer + WEBM[size + 8 : at] + added + WEBM[at:]


FRAME = bytes.fromhex("fffb9064") + bytes(413)


def mp3() -> bytes:
    """A recording with tags before and behind it."""
    told = b"TXXX" + struct.pack(">IH", len(PLACE) + len(WHO), 0) + PLACE + WHO
    size = bytes((len(told) >> 21 & 127, len(told) >> 14 & 127, len(told) >> 7 & 127, len(told) & 127))
    return b"ID3\x04\0\0" + size + told + FRAME * 4 + b"TAG" + WHO.ljust(125, b"\0")
