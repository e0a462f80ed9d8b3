"""Voice notes and photos: sent from a page, put aside sealed, heard and seen by whoever's conversation holds them."""

import io
import itertools
import struct
import threading
import time
import zlib
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from starlette.requests import ClientDisconnect

from bot import clock
from bot.messengers.port import Kind
from bot.rendering.texts import catalogs
from bot.services import exports
from bot.services.erasure import erase_person
from bot.web.media import FetchedOnce
from storage.unit import Unit
from storage.vault import DataKey
from tests.bot.web.conftest import CHAT, Phones
from tests.bot.web.page import Page
from tests.bot.web.rig import Rig, deaf

SCRIPT = {"accept": "application/json"}
CANARY = b"canary of the water committee"


def png() -> bytes:
    """Make a small picture, with a canary in a comment of it."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = struct.pack(">IIBBBBB", 8, 8, 8, 0, 0, 0, 0)
    lines = zlib.compress(b"\0" + b"\x80" * 8 + (b"\0" + b"\x80" * 8) * 7)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        (chunk(b"IHDR", head), chunk(b"tEXt", b"Comment\0" + CANARY), chunk(b"IDAT", lines), chunk(b"IEND", b""))
    )


@pytest.fixture
def known(rig: Rig) -> Rig:
    """Someone known in CHAT."""
    rig.person(CHAT, "es")
    return rig


def send(browser: httpx.Client, data: bytes, kind: str = "photo", **more: str) -> httpx.Response:
    """Send a file as the page's script does."""
    asked = {"kind": kind, "nonce": "a1", "seen": "7"} | more
    return browser.post("/chat/media", params=asked, content=data, headers=SCRIPT | {"content-type": "image/png"})


def shown(browser: httpx.Client) -> str:
    """Return where the photo on the page is."""
    text = browser.get("/chat").text
    return text.partition('class="media photo" href="')[2].partition('"')[0]


def test_a_photo_goes_from_a_page_into_the_thread(known: Rig, browser: httpx.Client) -> None:
    """What the script sends is one update that names a file put aside; the thread then shows it to her."""
    answer = send(browser, png())
    (kept,) = known.kept
    seen = browser.get(shown(browser))

    assert (answer.status_code, answer.content) == (204, b"")
    assert (kept.kind, kept.chat, kept.order, kept.mime, kept.size) == (Kind.PHOTO, CHAT, 8, "image/png", len(png()))
    assert (seen.status_code, seen.headers["content-type"]) == (200, "image/png")
    assert seen.content.startswith(b"\x89PNG")
    assert seen.headers["cache-control"] == "no-store"
    assert CANARY not in seen.content


def test_a_plain_form_sends_the_same(known: Rig, browser: httpx.Client) -> None:
    """Without a script a form with two file fields sends the one that was filled, and comes back to the thread."""
    form = next(form for form in Page(browser.get("/chat").text).forms if form.action == "/chat/media")
    files = {"voice": ("", b"", "application/octet-stream"), "photo": ("x.png", png(), "image/png")}

    answer = browser.post(form.action, data={n: form.fields[n] for n in ("nonce", "seen")}, files=files)

    assert (answer.status_code, answer.headers["location"]) == (303, "/chat#end")
    assert [kept.kind for kept in known.kept] == [Kind.PHOTO]
    assert browser.get(shown(browser)).content.startswith(b"\x89PNG")


def test_a_voice_note_says_how_long_it_is(known: Rig, browser: httpx.Client) -> None:
    """The page tells seconds, within reason; the player's name says them."""
    known.script = deaf
    send(browser, b"x", "voice", seconds="24")
    send(browser, b"y", "voice", seconds="999999999")
    known.say(CHAT, None, kind="echo", media={"id": "a" * 32, "kind": "voice", "seconds": 24})

    assert [(kept.kind, kept.seconds) for kept in known.kept] == [(Kind.VOICE, 24), (Kind.VOICE, 3600)]
    assert 'preload="none" src="/chat/media/' + "a" * 32 in browser.get("/chat").text
    assert 'aria-label="Audio de 24 segundos"' in browser.get("/chat").text


def test_a_file_sent_twice_is_one_update(known: Rig, browser: httpx.Client) -> None:
    """The same nonce with the same file counts once; another file under it is not lost."""
    for data in (png(), png(), b"other"):
        assert send(browser, data).status_code == 204

    assert len(known.kept) == 2


def test_nothing_lies_open_on_the_disk(known: Rig, browser: httpx.Client, tmp_path: Path) -> None:
    """Neither on its way nor shelved is a byte of it readable in a file, not even from a plain form of megabytes."""
    known.script = deaf
    files = {"photo": ("x.png", CANARY * 100_000, "image/png")}
    answer = browser.post("/chat/media", data={"nonce": "b2", "seen": "0"}, files=files)
    send(browser, png())

    found = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert answer.status_code == 303
    assert len([path for path in found if path.parent.name == "media"]) == 2
    assert [path.name for path in found if CANARY in path.read_bytes()] == []


def test_what_a_page_sends_is_still_there_after_a_crash(known: Rig, browser: httpx.Client) -> None:
    """Once the page is told, the file is on the disk: it can be fetched, and fetched again."""
    send(browser, png())
    file = known.kept[0].file or ""

    fetched = [known.call(known.messenger.download(file)) for _ in range(2)]

    assert fetched == [png(), png()]


@pytest.mark.parametrize(
    ("data", "asked", "status", "note"),
    [
        (b"", {}, 422, "Falta el archivo"),
        (b"x", {"kind": "film"}, 400, "Esta página se quedó vieja"),
        (b"x", {"nonce": ""}, 400, "Esta página se quedó vieja"),
        (b"x" * 20 * 1024 * 1024 + b"x", {}, 413, "caben hasta 20 MB"),
        (b"x" * 22 * 1024 * 1024, {}, 413, "caben hasta 20 MB"),
    ],
)
def test_what_cannot_be_taken_is_said_kindly(
    known: Rig, browser: httpx.Client, data: bytes, asked: dict[str, str], status: int, note: str
) -> None:
    """Nothing, nonsense and too much come back as a sentence; nothing is handed over."""
    answer = send(browser, data, **asked)

    assert answer.status_code == status
    assert note in answer.json()["note"]
    assert known.kept == []


def test_a_form_that_is_too_large_gets_a_page(known: Rig, browser: httpx.Client) -> None:
    """Without a script too: a designed page in both languages that leads back to the conversation."""
    answer = browser.post("/chat/media", files={"photo": ("x", io.BytesIO(bytes(22 * 1024 * 1024)), "image/png")})

    assert answer.status_code == 413
    assert "Es muy grande" in answer.text
    assert 'href="/chat#end"' in answer.text


def test_a_file_nobody_keeps_can_be_sent_again(
    known: Rig, browser: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the poll loop is dead, or the disk full, the page says so."""
    monkeypatch.setattr("bot.messengers.web.WebMessenger.hand_over.__defaults__", (0.2,))
    known.polling = False
    dead = send(browser, png())

    def full(data: bytes) -> str:
        raise OSError(28, "no space left")

    monkeypatch.setattr(known.media_store, "park", full)
    disk = send(browser, png())

    assert (dead.status_code, disk.status_code) == (503, 503)
    assert dead.json()["note"] == disk.json()["note"] == "No se pudo guardar. Mándalo otra vez, por favor."


def test_a_player_gets_the_stretch_it_asks_for(known: Rig, browser: httpx.Client) -> None:
    """Players ask for parts of a file; what cannot be is refused."""
    send(browser, png())
    place = shown(browser)
    whole = browser.get(place).content

    first = browser.get(place, headers={"range": "bytes=0-1"})
    rest = browser.get(place, headers={"range": "bytes=2-"})
    beyond = browser.get(place, headers={"range": "bytes=999999-"})

    assert (first.status_code, rest.status_code, beyond.status_code) == (206, 206, 416)
    assert first.content + rest.content == whole
    assert first.headers["content-range"] == f"bytes 0-1/{len(whole)}"


def test_nobody_opens_what_is_not_in_her_conversation(known: Rig, browser: httpx.Client) -> None:
    """Another browser's conversation, a locked one, none at all: the file is not given, though its address is known."""
    send(browser, png())
    place = shown(browser)
    known.person("f" * 40, "es")
    known.open("f" * 40, "0a1b" * 10)
    with httpx.Client(base_url=known.address) as stranger:
        nobody = stranger.get(place)
        stranger.cookies.set("__Host-hilo", "0a1b" * 10)
        other = stranger.get(place)
    known.lock(CHAT, *"4713")
    known.ahead(minutes=11)
    locked = browser.get(place)

    assert [nobody.status_code, other.status_code, locked.status_code] == [403, 404, 403]
    assert not any(b"PNG" in answer.content for answer in (nobody, other, locked))


def test_what_was_erased_is_not_shown(known: Rig, browser: httpx.Client) -> None:
    """Once its file is gone the address says that there is nothing."""
    send(browser, png())
    place = shown(browser)
    for path in known.folder.glob("media/*"):
        path.unlink()

    assert browser.get(place).status_code == 404


def test_a_recording_of_a_dialog_is_played(known: Rig, browser: httpx.Client) -> None:
    """A recording that came with a dialog is heard where it was said, and nowhere else."""
    (known.folder / "mood.es.png").write_bytes(png())
    known.say(CHAT, "¿Cómo andas?", media={"recording": "mood.es.png", "kind": "voice"})

    assert 'src="/chat/media/mood.es.png"' in browser.get("/chat").text
    assert browser.get("/chat/media/mood.es.png").status_code == 200
    assert browser.get("/chat/media/other.es.png").status_code == 404


def test_practice_sends_and_shows_too(practice: Rig, phones: Phones, visitor: httpx.Client) -> None:
    """The two phones of practice take voice notes and photos like any other page."""
    practice.person(phones.chat("leader"), "en")
    asked = {"kind": "photo", "nonce": "a1", "seen": "0"}

    answer = visitor.post("/practice/leader/media", params=asked, content=png(), headers=SCRIPT)
    text = visitor.get("/practice/leader").text
    place = text.partition('class="media photo" href="')[2].partition('"')[0]

    assert answer.status_code == 204
    assert place.startswith("/practice/leader/media/")
    assert visitor.get(place).status_code == 200
    assert visitor.get(place.replace("leader", "facilitator")).status_code == 404


def admin(known: Rig) -> None:
    """Let the person of CHAT be an admin of all groups."""

    def grant(unit: Unit) -> None:
        person = unit.people.at("web", CHAT)
        assert person is not None
        unit.roles.grant(clock.new_id(), person.id, "admin", None, None, None)

    known.write_in(grant)


def document(known: Rig, browser: httpx.Client) -> tuple[str, str]:
    """Put a file of answers aside as an order does, and say so in CHAT; return its handle, and its link on the page."""
    handle = known.media_store.set_aside(b"PK" + CANARY, known.workers.now())
    told = {"parked": handle, "kind": "document", "mime": "application/zip", "name": "hilo.zip"}
    known.say(CHAT, "Aquí está.", "Menú", media=exports.document(told, None))
    text = browser.get("/chat").text
    assert "Descargar hilo.zip" in text
    assert handle.partition(":")[2] not in text
    return handle, text.rpartition('class="media document" href="')[2].partition('"')[0]


def waiting(known: Rig) -> list[Path]:
    """List the files of answers on the machine."""
    return list((known.folder / "documents").glob("*"))


def test_a_document_is_saved_once(known: Rig, browser: httpx.Client) -> None:
    """A file of answers is a link in its own thread alone, is saved and never shown, and after that it is gone."""
    admin(known)
    _, place = document(known, browser)
    with httpx.Client(base_url=known.address) as stranger:
        assert stranger.get(place).status_code == 403
    assert browser.head(place).status_code == 405
    answer = browser.get(place)

    assert (answer.status_code, answer.content) == (200, b"PK" + CANARY)
    assert answer.headers["content-disposition"] == 'attachment; filename="hilo.zip"'
    assert (answer.headers["content-type"], answer.headers["cache-control"]) == ("application/zip", "no-store")
    assert waiting(known) == []
    again = browser.get(place)
    assert again.status_code == 410
    assert "Se descarga una sola vez" in again.text
    assert 'href="/chat"' in again.text


def test_a_document_whose_line_broke_is_saved_at_the_next_try(known: Rig, browser: httpx.Client) -> None:
    """A download that stopped in the middle does not count, and nobody else can fetch the file meanwhile."""
    admin(known)
    handle = known.media_store.set_aside(CANARY * 2_000_000, known.workers.now())
    told = {"parked": handle, "kind": "document", "mime": "application/zip", "name": "hilo.zip"}
    known.say(CHAT, "Aquí está.", "Menú", media=exports.document(told, None))
    place = browser.get("/chat").text.rpartition('class="media document" href="')[2].partition('"')[0]
    with browser.stream("GET", place) as begun:
        pieces = begun.iter_raw(10)
        next(pieces)
        assert browser.get(place).status_code == 410
    until = time.monotonic() + 10
    while not [path for path in waiting(known) if not path.name.endswith("-going")]:
        assert time.monotonic() < until
        time.sleep(0.02)

    assert browser.get(place).content == CANARY * 2_000_000
    assert waiting(known) == []


def test_a_document_whose_line_broke_at_once_is_there_again(known: Rig) -> None:
    """Where the line breaks before the first byte, no piece was asked for, and the next try finds the file."""
    handle = known.media_store.set_aside(CANARY, known.workers.now())
    told = {"parked": handle, "mime": "application/zip", "name": "hilo.zip"}
    taken = known.media_store.take_document(told, known.workers.now())
    assert taken is not None

    async def gone(_message: object) -> None:
        raise OSError("the line broke")

    async def left() -> dict[str, str]:
        return {"type": "http.disconnect"}

    async def fetch() -> None:
        await FetchedOnce(known.workers, taken, {})({"type": "http", "asgi": {"spec_version": "2.4"}}, left, gone)

    with pytest.raises((ClientDisconnect, OSError)):
        known.call(fetch())

    again = known.media_store.take_document(told, known.workers.now())
    assert again is not None
    assert b"".join(again.streamed.pieces) == CANARY


def test_a_line_that_breaks_while_a_piece_is_read_lets_go_of_the_file(
    known: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The thread that reads it just then closes it after that: no file stays open until it is collected."""
    reads, goes_on, closed = threading.Event(), threading.Event(), threading.Event()

    def pieces() -> Iterator[bytes]:
        try:
            yield b"first"
            reads.set()
            goes_on.wait(10)
            yield b"second"
        finally:
            closed.set()

    monkeypatch.setattr(DataKey, "open_pieces", lambda *_: (11, pieces()))
    handle = known.media_store.set_aside(CANARY, known.workers.now())
    taken = known.media_store.take_document(
        {"parked": handle, "mime": "application/zip", "name": "hilo.zip"}, known.workers.now()
    )
    assert taken is not None
    given: list[bytes] = []
    reader = threading.Thread(target=lambda: given.extend(itertools.islice(taken.streamed.pieces, 2)))
    reader.start()
    assert reads.wait(10)
    taken.again()
    assert not closed.is_set()
    goes_on.set()
    reader.join()

    assert given == [b"first", b"second"]
    assert closed.is_set()


def test_a_document_lasts_an_hour(known: Rig, browser: httpx.Client) -> None:
    """After that the link leads to a sentence, and the file leaves the machine at the next round."""
    admin(known)
    _, place = document(known, browser)
    known.ahead(minutes=61)
    assert browser.get(place).status_code == 410
    known.media_store.expire(known.workers.now())
    assert waiting(known) == []


def test_a_document_is_for_whoever_may_still_have_it(known: Rig, browser: httpx.Client) -> None:
    """A role that ended shuts the link of a moment before, and the act that ends it deletes the file."""
    admin(known)
    document(known, browser)
    _, place = document(known, browser)

    def ends(unit: Unit) -> None:
        for each in unit.roles.grants():
            unit.roles.end(each.id)

    known.write_in(ends)
    assert browser.get(place).status_code == 403
    assert len(waiting(known)) == 2

    def withdraws(unit: Unit) -> int:
        person = unit.people.at("web", CHAT)
        assert person is not None
        return exports.withdraw(unit, person)

    known.workers.storage.delete_files = known.media_store.delete
    assert known.write_in(withdraws) == 2
    assert waiting(known) == []


def test_an_erasure_takes_every_document_with_it(known: Rig, browser: httpx.Client) -> None:
    """Whoever erases herself is in no file that still waits."""
    admin(known)
    _, place = document(known, browser)
    known.person("77", "es")

    def leaves(unit: Unit) -> None:
        person = unit.people.at("web", "77")
        assert person is not None
        erase_person(unit, catalogs(), person, person)

    known.workers.storage.delete_files = known.media_store.delete
    known.write_in(leaves)
    assert browser.get(place).status_code == 410
    assert waiting(known) == []


def test_a_picture_that_is_drawn_when_asked_for(known: Rig, browser: httpx.Client) -> None:
    """An invite's QR code lies nowhere: the page draws it from the thread, for whoever has that thread open."""
    drawn = {"links": [["https://t.me/x?start=ABC", "@x"]]}
    known.say(CHAT, "Clave: ABC", media={"id": "a" * 32, "kind": "photo", "drawn": drawn})
    seen = browser.get(shown(browser))
    with httpx.Client(base_url=known.address) as other:
        refused = other.get(f"/chat/media/{'a' * 32}")

    assert (seen.status_code, seen.headers["content-type"]) == (200, "image/png")
    assert seen.content.startswith(b"\x89PNG")
    assert refused.status_code == 403
