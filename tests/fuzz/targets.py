"""What is fuzzed: each parser of what strangers send, what it is given first, and what must hold of any input."""

import json
import math
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import dialogs
from bot import clock
from bot.media import strip
from bot.messengers import _updates as telegram
from bot.messengers.port import Incoming
from bot.pipeline.screens import registry
from bot.rendering.arguments import decoded
from bot.rendering.buttons import Buttons
from dialogs.model import Dialog
from dialogs.reader import read
from storage.vault import Vault
from tests.bot import samples
from tests.fuzz.mutations import checksums

REFUSALS = getattr(strip, "REFUSALS", (strip.MalformedMedia, strip.UnsupportedMedia))
PIXELS = 50_000_000
CHAT = "5000000001"
SENT = Path(__file__).parent.parent / "bot" / "sent_buttons.json"
LIBRARY = Path(dialogs.__file__).parent / "library"


class Broken(Exception):
    """Something that must hold of any input does not hold of this one."""


@dataclass(frozen=True)
class Target:
    """A parser under test.

    Attributes:
        name: of the parser.
        seeds: inputs to begin with.
        run: gives it an input; raises where something does not hold.
        most: bytes an input may have.
        repair: changes an input so that it gets past a checksum.
        modules: whose lines tell that an input was new to the parser.
    """

    name: str
    seeds: Sequence[bytes]
    run: Callable[[bytes], None]
    most: int
    modules: tuple[str, ...]
    repair: Callable[[bytes], bytes] = bytes


def media(data: bytes) -> None:
    """A file is refused, or comes out not longer than before, of the same kind, and the same when stripped again."""
    try:
        done = strip.clean(data)
    except REFUSALS:
        return
    if len(done.data) > len(data) + 64 or strip.clean(done.data) != done:
        raise Broken("stripping what was stripped changes it")
    if done.mime == "image/png" and math.prod(struct.unpack(">II", done.data[16:24])) > PIXELS:
        raise Broken("a picture that no telephone can show")


def update(data: bytes) -> None:
    """Whatever Telegram sends can be read, and kept in the inbox."""
    try:
        told = json.loads(data)
    except (ValueError, RecursionError):
        return  # the decoder's own refusals: a batch that cannot be decoded is never confirmed
    found = telegram.translate(told)
    if Incoming.from_bytes(found.to_bytes()) != found:
        raise Broken("the inbox gives back something else")


BUTTONS = Buttons(Vault(bytes(range(32))), "telegram", CHAT)
KINDS = {each.arguments for each in registry().actions.values() if each.arguments}


def button(data: bytes) -> None:
    """What was not made here is no button; what a button says is read as it is written, or not at all."""
    text = data.decode("latin-1")
    if BUTTONS.read(text) is not None:
        raise Broken("a made-up button is taken for one of ours")
    for kinds in KINDS:
        found = decoded(kinds, text)
        if found is not None and type(found).decoded(found.encoded()) != found:
            raise Broken("an argument does not survive")


def code(data: bytes) -> None:
    """What follows /start is a code, which is read again as itself, or none."""
    found = clock.read_code(data.decode("utf-8", "replace"))
    if found is not None and clock.read_code(found) != found:
        raise Broken("a code that is read as another")


def dialog(data: bytes) -> None:
    """A dialog that somebody wrote is read, or its issues are told."""
    reading = read(data.decode("utf-8", "replace"), "fuzz")
    if reading.dialog is None and not reading.issues:
        raise Broken("no dialog, and no issue")
    if reading.dialog is not None and Dialog.from_dict(json.loads(json.dumps(reading.dialog.to_dict()))) is None:
        raise Broken("a dialog that cannot be kept")


LARGE, SHORT = 4_000_000, 4_096


def _files() -> list[Target]:
    made = {
        "jpeg": [samples.JPEG, samples.jpeg(), samples.jpeg(1)],
        "png": [samples.PNG, samples.png(), samples.png(1)],
        "webp": [samples.WEBP, samples.webp(), samples.webp(1)],
        "ogg": [samples.ogg(), samples.ogg(cover=500)],
        "mp4": [samples.MP4, samples.mp4()],
        "webm": [samples.WEBM, samples.webm()],
        "mp3": [samples.mp3(), samples.FRAME * 3],
    }
    return [
        Target(name, seeds, media, LARGE, ("bot.media",), checksums if name == "png" else bytes)
        for name, seeds in made.items()
    ]


def _updates() -> list[bytes]:
    person = {"id": 7, "is_bot": False, "first_name": "Luz", "language_code": "es"}
    chat = {"id": 7, "type": "private"}
    message = {"message_id": 3, "from": person, "chat": chat, "date": 1_795_000_000}
    told = [
        {"update_id": 1, "message": {**message, "text": "/start ABCDEFGHJK"}},
        {"update_id": 2, "edited_message": {**message, "edit_date": 1_795_000_001, "text": "hola"}},
        {"update_id": 3, "message": {**message, "voice": {"file_id": "a", "duration": 3, "mime_type": "audio/ogg"}}},
        {"update_id": 4, "message": {**message, "photo": [{"file_id": "b", "width": 9}], "caption": "la milpa"}},
        {"update_id": 5, "callback_query": {"id": "9", "from": person, "message": message, "data": "abc"}},
        {"update_id": 6, "my_chat_member": {"chat": chat, "from": person, "new_chat_member": {"status": "kicked"}}},
        {"update_id": 7, "message": {**message, "location": {"latitude": 17.0, "longitude": -96.7}}},
    ]
    return [json.dumps(each).encode() for each in told]


def _library() -> list[bytes]:
    return [path.read_bytes() for path in sorted(LIBRARY.glob("*.yaml"))]


TARGETS = {
    each.name: each
    for each in (
        *_files(),
        Target("update", _updates(), update, SHORT, ("bot.messengers._updates", "bot.messengers._telegram")),
        Target(
            "button",
            [each.encode() for carried in json.loads(SENT.read_text("utf-8")).values() for each in carried],
            button,
            200,
            ("bot.rendering",),
        ),
        Target("code", [b"7KQ2M9ABCD", b"7kq2m-9abcd", b"7KQ2 M9AB CD\xc3\xb1"], code, 200, ("bot.clock",)),
        Target("dialog", _library(), dialog, 8 * SHORT, ("dialogs",)),
    )
}
