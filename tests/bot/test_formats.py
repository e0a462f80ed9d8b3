"""Files tell nothing but themselves: metadata goes, sound and picture stay as they are, and damage is noticed."""

import struct
import time
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.media.strip import REFUSALS, Bounds, Clean, MalformedMedia, OverBounds, TooManyPixels, UnsupportedMedia, clean
from bot.media.strip.ogg import checksum
from tests.bot import hostile, samples
from tests.fuzz.mutations import checksums

MAKERS: dict[str, tuple[Callable[[], bytes], str, str]] = {
    "jpeg": (samples.jpeg, "photo", "image/jpeg"),
    "png": (samples.png, "photo", "image/png"),
    "webp": (samples.webp, "photo", "image/webp"),
    "ogg": (samples.ogg, "voice", "audio/ogg"),
    "mp4": (samples.mp4, "voice", "audio/mp4"),
    "webm": (samples.webm, "voice", "audio/webm"),
    "mp3": (samples.mp3, "voice", "audio/mpeg"),
}
REAL = {"jpeg": samples.JPEG, "png": samples.PNG, "webp": samples.WEBP, "mp4": samples.MP4, "webm": samples.WEBM}
LEAST = 60  # bytes: what is shorter than this is not recognised at all


@pytest.mark.parametrize("name", MAKERS)
def test_place_maker_date_and_names_are_gone(name: str) -> None:
    """Whatever a phone writes beside sound or picture is in the file before and nowhere in it afterwards."""
    make, kind, mime = MAKERS[name]
    data = make()
    assert any(secret in data for secret in samples.SECRETS)
    done = clean(data)
    assert (done.kind, done.mime) == (kind, mime)
    assert [secret for secret in (*samples.SECRETS, samples.LATITUDE) if secret in done.data] == []
    assert b"GPS" not in done.data


def test_of_a_hundred_photos_none_tells_its_place() -> None:
    """Each was taken elsewhere, the right way up or not: the place is in the file before, and nowhere in it after."""
    for number in range(100):
        make = (samples.jpeg, samples.png, samples.webp)[number % 3]
        latitude = struct.pack(">6I", 14 + number % 18, 1, number % 60, 1, 37 * number % 6000 + 1, 100)
        data = make(1 + number % 8).replace(samples.LATITUDE, latitude)
        data = checksums(data) if make is samples.png else data
        assert latitude in data
        done = clean(data).data
        assert [each for each in (latitude, b"GPS", *samples.SECRETS) if each in done] == []


@pytest.mark.parametrize("name", MAKERS)
def test_a_clean_file_stays_as_it_is(name: str) -> None:
    """Stripping what was stripped changes nothing."""
    once = clean(MAKERS[name][0]())
    assert clean(once.data) == once


@pytest.mark.parametrize("name", ["jpeg", "png", "webp"])
def test_a_picture_is_the_very_picture(name: str) -> None:
    """With or without metadata the same picture remains, byte for byte: nothing is encoded anew."""
    upright = {"jpeg": samples.jpeg, "png": samples.png, "webp": samples.webp}[name](1)
    assert clean(upright) == clean(REAL[name])
    assert len(clean(REAL[name]).data) <= len(REAL[name])


@pytest.mark.parametrize("turn", range(1, 9))
@pytest.mark.parametrize("name", ["jpeg", "png", "webp"])
def test_which_way_up_a_photo_is_stays(name: str, turn: int) -> None:
    """A photo taken on the phone's side is shown upright afterwards: that alone is kept of what EXIF tells."""
    done = clean({"jpeg": samples.jpeg, "png": samples.png, "webp": samples.webp}[name](turn)).data
    told = struct.pack(">HHIHH", 0x0112, 3, 1, turn, 0)
    assert (told in done) is (turn != 1)
    assert (b"MM\0*" in done) is (turn != 1)


def test_a_colour_profile_stays() -> None:
    """Colours look as they did."""
    assert b"ICC_PROFILE" in samples.JPEG
    assert b"ICC_PROFILE" in clean(samples.jpeg()).data


@pytest.mark.parametrize("cover", [0, 500, 70_000, 200_000])
def test_a_voice_notes_pages_stay_a_valid_stream(cover: int) -> None:
    """Comments over any number of pages become empty ones: page numbers have no gap and every checksum holds."""
    done = clean(samples.ogg(cover=cover)).data
    place, numbers, bodies = 0, [], []
    while place < len(done):
        lengths = done[place + 27 : place + 27 + done[place + 26]]
        size = 27 + len(lengths) + sum(lengths)
        page = done[place : place + size]
        assert checksum(page[:22] + bytes(4) + page[26:]) == struct.unpack("<I", page[22:26])[0]
        numbers.append(struct.unpack("<I", page[18:22])[0])
        bodies.append(page[27 + len(lengths) :])
        place += size
    assert numbers == list(range(len(numbers)))
    assert bodies[-len(samples.packets()) :] == samples.packets()
    assert done.count(b"OpusTags") == 1
    assert len(done) < 3000


def test_another_stream_in_a_voice_note_goes() -> None:
    """Pages of a second stream, which may carry anything, are left out."""
    plain = samples.ogg()
    first = samples.page(2, 0, 0, samples.HEAD)
    other = samples.page(2, 0, 0, b"Skeleton" + samples.WHO, serial=99)
    assert clean(first + other + plain[len(first) :]) == clean(plain)


def test_what_lies_where_in_a_recording_does_not_move() -> None:
    """Where other blocks say at which byte the sound lies, blocks are blanked and none is taken out."""
    for make in (samples.mp4, samples.webm):
        assert len(clean(make()).data) == len(make())


@pytest.mark.parametrize("name", [name for name in MAKERS if name != "mp3"])
def test_half_a_file_is_damaged(name: str) -> None:
    """A file that ends too early is noticed wherever it ends."""
    data = clean(MAKERS[name][0]()).data
    for end in range(LEAST, len(data) - 1, 7):
        if name == "ogg" and data[end : end + 4] == b"OggS":
            continue  # whole pages: a recording that was stopped
        try:
            done = clean(data[:end])
        except (MalformedMedia, UnsupportedMedia):
            continue
        # A stream may end between two of its blocks: that is a shorter recording.
        assert name in {"mp4", "webm"}
        assert len(done.data) == end


def test_half_a_frame_at_the_end_of_an_mp3_is_left_out() -> None:
    """MP3 has no end of its own: whole frames stay."""
    assert clean(samples.FRAME * 2 + samples.FRAME[:100]).data == samples.FRAME * 2


def test_a_changed_byte_of_a_picture_is_damage() -> None:
    """PNG tells by its sums when a byte is not what it was."""
    spoilt = bytearray(samples.PNG)
    spoilt[-20] ^= 1
    with pytest.raises(MalformedMedia):
        clean(bytes(spoilt))


HEIC = struct.pack(">I", 24) + b"ftypheic" + bytes(100)
FILM = samples.MP4.replace(b"soun", b"vide")


@pytest.mark.parametrize(
    "data",
    [b"", b"hola", b"%PDF-1.7" + bytes(100), b"GIF89a" + bytes(100), HEIC, FILM, b"PK\3\4" + bytes(50), bytes(5000)],
    ids=["nothing", "words", "pdf", "gif", "heic", "film", "zip", "zeros"],
)
def test_what_is_no_voice_and_no_picture_is_foreign(data: bytes) -> None:
    """What is not known cannot be stripped, so it is not kept."""
    with pytest.raises(UnsupportedMedia):
        clean(data)


def test_a_voice_of_another_codec_is_foreign() -> None:
    """Ogg that holds something else than Opus has comments of another kind."""
    with pytest.raises(UnsupportedMedia):
        clean(samples.page(2, 0, 0, b"\x01vorbis" + bytes(23)))


BEGINNINGS = st.sampled_from([make()[:size] for make, _, _ in MAKERS.values() for size in (4, 12, 40, 200, 600)])


@settings(max_examples=400)
@given(BEGINNINGS, st.binary(max_size=300), st.binary(max_size=40))
def test_nothing_makes_stripping_fail_otherwise(beginning: bytes, middle: bytes, end: bytes) -> None:
    """Whatever bytes come, they are clean, damaged or foreign, and that is soon known."""
    try:
        done = clean(beginning + middle + end)
    except (MalformedMedia, UnsupportedMedia):
        return
    assert isinstance(done, Clean)


HOSTILE = {
    "nested": (hostile.nested(5_000), OverBounds),
    "webm": (hostile.empty_elements(5_000_000), OverBounds),
    "jpeg": (hostile.empty_segments(1_000_000), OverBounds),
    "png": (hostile.empty_chunks(300_000), OverBounds),
    "ogg": (hostile.empty_pages(200_000), OverBounds),
    "webp": (hostile.empty_riff(300_000), OverBounds),
    "fill": (hostile.filled(2_000_000), MalformedMedia),
    "vast-png": (hostile.png_of(65_535, 65_535), TooManyPixels),
    "vast-jpeg": (hostile.jpeg_of(60_000, 60_000), TooManyPixels),
    "vast-webp": (hostile.webp_of(16_000, 16_000), TooManyPixels),
    "flat": (hostile.png_of(0, 7), MalformedMedia),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_no_file_keeps_its_parser_busy(name: str) -> None:
    """What was made to be slow, deep or vast is refused within a second, and by its name."""
    data, refusal = HOSTILE[name]
    begun = time.process_time()
    with pytest.raises(refusal) as raised:
        clean(data)
    assert time.process_time() - begun < 1.0
    assert type(raised.value) is refusal


def test_what_a_camera_and_an_hour_of_sound_need_is_within_bounds() -> None:
    """The bounds are far from what people send: fifty megapixels, an hour in frames of 20 ms, fill before a marker."""
    assert clean(hostile.png_of(8_000, 6_000)).kind == "photo"
    hour = samples.WEBM + (b"\xa3\x85" + bytes(5)) * (50 * 3600)
    assert clean(hour).kind == "voice"
    filled = samples.JPEG[:-2] + b"\xff" * 9 + samples.JPEG[-2:]
    assert clean(clean(filled).data) == clean(filled)


def test_sound_that_begins_like_another_format_is_still_sound() -> None:
    """A tag may hide a first frame that looks like MP4; what is kept is known as what it is."""
    disguised = b"ID3\4\0\0\0\0\0\0" + samples.FRAME[:4] + b"ftypM4A " + samples.FRAME[12:] + samples.FRAME
    once = clean(disguised)
    assert once.mime == "audio/mpeg"
    assert clean(once.data) == once


def test_few_steps_are_few() -> None:
    """Whoever gives a file few steps gets an end to it after as many."""
    bounds = Bounds(elements=10)
    with pytest.raises(OverBounds):
        clean(hostile.empty_elements(1_000), bounds)
    assert bounds.elements == -1
    assert {MalformedMedia, UnsupportedMedia} <= set(REFUSALS)
