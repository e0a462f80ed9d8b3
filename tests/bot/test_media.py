"""Voice notes and photos: fetched before their turn, kept sealed beside the database, sent again, and gone for good."""

import asyncio
import io
import os
import stat
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from PIL import Image

from bot import clock
from bot.media.store import GRACE, PARKED_FOR, MediaRefused, MediaStore
from bot.media.strip import clean
from bot.messengers.port import FileExpired, Kind, RetryLater, Unreachable
from bot.pipeline import loops
from bot.pipeline.courier import Courier
from bot.pipeline.downloads import Downloads
from bot.pipeline.receive import AfterCommit, Receiver
from bot.rendering.speech import Speech
from bot.runtime.workers import Workers
from dialogs.model import Media
from storage.erasure import erase
from storage.padding import rounded
from storage.unit import Unit
from tests import media_rows
from tests.bot import hostile, samples
from tests.bot.rig import Phone, Rig, texts
from tests.media_rows import answering
from tests.memory import MemoryMessenger

PATIENCE = 15.0
GPS, TURN = 0x8825, 0x0112
LARGEST = 20 * 1024 * 1024
CODES = ("too_large", "too_many_pixels", "expired", "truncated", "unknown_format", "not_fetched")


class Line(MemoryMessenger):
    """A messenger whose downloads wait until they are let go, or fail, where they are told to."""

    def __init__(self) -> None:
        super().__init__()
        self.wanted: list[str] = []
        self.free = asyncio.Event()
        self.free.set()
        self.fails: list[Exception] = []

    async def download(self, file: str) -> bytes:
        """Download a file, as the line is."""
        self.wanted.append(file)
        await self.free.wait()
        if self.fails:
            raise self.fails.pop()
        return await super().download(file)


def line(live: Rig) -> Line:
    """Return the messenger as what it is."""
    assert isinstance(live.messenger, Line)
    return live.messenger


@pytest.fixture
def live(tmp_path: Path) -> Iterator[Rig]:
    """An installation at the real time."""
    it = Rig(tmp_path, now=clock.now())
    it.messenger = Line()
    yield it
    it.close()


@pytest.fixture
def media_store(live: Rig) -> MediaStore:
    """Its shelf, with a folder of recordings."""
    return MediaStore(live.folder, [live.folder / "recordings"])


def files(live: Rig) -> list[Path]:
    """List the sealed files."""
    return sorted((live.folder / "media").glob("*"))


def waiting(live: Rig) -> int:
    """Count updates that have not had their turn."""
    return int(live.rows("SELECT count(*) FROM inbox WHERE state = 'pending'")[0][0])


def play(live: Rig, media_store: MediaStore | None, until: Callable[[], bool] | None = None) -> None:
    """Let the running bot handle what arrived, and send what it says."""
    live.keep()

    async def whole() -> None:
        workers = Workers(live.storage)
        handling = asyncio.create_task(
            loops.Handler(workers, live.receive, {"memory": live.messenger}, media_store).run()
        )
        begun = time.monotonic()
        while not (until() if until else waiting(live) == 0):
            assert not handling.done(), handling.exception()
            assert time.monotonic() - begun < PATIENCE, "not handled in time"
            await asyncio.sleep(0.01)
        handling.cancel()
        await asyncio.gather(handling, return_exceptions=True)
        workers.close()

    asyncio.run(whole())
    live.now = clock.now()
    live.send()


def carry(live: Rig, media_store: MediaStore | None) -> None:
    """Let the courier send what waits."""

    async def whole() -> None:
        workers = Workers(live.storage)
        courier = asyncio.create_task(Courier(workers, {"memory": live.messenger}, 500, media_store).run())
        begun = time.monotonic()
        while live.rows("SELECT 1 FROM outbox WHERE state IN ('queued', 'sending')"):
            assert time.monotonic() - begun < PATIENCE, "not sent in time"
            await asyncio.sleep(0.01)
        courier.cancel()
        await asyncio.gather(courier, return_exceptions=True)
        workers.close()

    asyncio.run(whole())


def give(phone: Phone, kind: Kind, data: bytes, **fields: Any) -> None:
    """Send a file; nobody listens yet."""
    phone.look()
    phone.rig.messenger.give_file(phone.chat, kind, data, **fields)


def asked(live: Rig) -> Phone:
    """Let someone come to the open question of a check-in."""
    phone = live.join()
    live.ask(phone)
    phone.press("2 · 🙁 Bajo")
    assert "2 de" in phone.told
    phone.look()
    return phone


def pieces(phone: Phone) -> list[Media]:
    """Return the voice notes and photos of her answers."""
    values = [value for value in phone.values.values() if isinstance(value, tuple)]
    return [piece for value in values for piece in value if isinstance(piece, Media)]


def test_a_voice_note_answers_an_open_question(live: Rig, media_store: MediaStore) -> None:
    """It is kept sealed, without its metadata, belongs to its answer, and can be heard again."""
    phone = asked(live)
    give(phone, Kind.VOICE, samples.ogg(), seconds=24)
    play(live, media_store)
    (said,) = pieces(phone)
    assert (said.kind, said.seconds) == ("voice", 24)
    (file,) = files(live)
    assert b"OggS" not in file.read_bytes()
    with live.reading() as unit:
        heard = media_store.open(unit, said.id)
        (item,) = answering(unit, phone.run.id)
    assert heard is not None
    assert (heard.mime, heard.name, heard.seconds) == ("audio/ogg", "voice.ogg", 24)
    assert b"Luz Maria" not in heard.data
    assert (item.id.hex, item.kind, item.size, item.file) == (said.id, "voice", rounded(len(heard.data)), file.name)
    assert item.path in {live.storage.vault.path_hash(phone.run.id, path) for path in phone.values}
    assert texts().say("run.collected", "es") in phone.told
    assert live.messenger.typed == [phone.chat]


def test_a_photo_and_its_caption_both_answer(live: Rig, media_store: MediaStore) -> None:
    """Neither the picture nor the words under it are lost."""
    phone = asked(live)
    give(phone, Kind.PHOTO, samples.jpeg(), text="así quedó la milpa")
    play(live, media_store)
    (shown,) = pieces(phone)
    assert shown.kind == "photo"
    assert any(isinstance(value, tuple) and "así quedó la milpa" in value for value in phone.values.values())


def test_what_a_file_is_its_bytes_say(live: Rig, media_store: MediaStore) -> None:
    """A photo that was sent as something else is a photo."""
    phone = asked(live)
    give(phone, Kind.VOICE, samples.png())
    play(live, media_store)
    assert [piece.kind for piece in pieces(phone)] == ["photo"]


def test_files_are_private_to_their_owner(live: Rig, media_store: MediaStore) -> None:
    """Folder and files open for the account that runs the bot alone, and names tell nothing."""
    phone = asked(live)
    give(phone, Kind.VOICE, samples.ogg())
    play(live, media_store)
    (file,) = files(live)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert len(file.name) == 32
    assert phone.person.id.hex not in file.name
    assert pieces(phone)[0].id != file.name


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (bytes(LARGEST + 1), "too_large"),
        (samples.ogg()[:200], "truncated"),
        (samples.jpeg()[:700], "truncated"),
        (b"%PDF-1.7 hola", "unknown_format"),
        (hostile.png_of(65_535, 65_535), "too_many_pixels"),
        (hostile.nested(5_000), "unknown_format"),
        (hostile.empty_elements(200_000), "unknown_format"),
    ],
    ids=["large", "half-voice", "half-photo", "pdf", "vast", "nested", "crumbs"],
)
def test_what_cannot_be_kept_is_refused_kindly(live: Rig, media_store: MediaStore, data: bytes, code: str) -> None:
    """She is told what was wrong and asked again; nothing is kept."""
    phone = asked(live)
    give(phone, Kind.VOICE, data)
    play(live, media_store)
    assert phone.news[0] == texts().say(f"media.{code}", "es")
    assert "2 de" in phone.news[-1]
    assert (pieces(phone), files(live), live.count("media")) == ([], [], 0)


def test_a_file_that_says_it_is_too_large_is_not_even_fetched(live: Rig, media_store: MediaStore) -> None:
    """What a messenger tells of a file's size is believed."""
    phone = asked(live)
    give(phone, Kind.VOICE, samples.ogg(), size=LARGEST + 1)
    live.messenger.files.clear()  # fetching it would say `expired`
    play(live, media_store)
    assert phone.news[0] == texts().say("media.too_large", "es")


def test_an_expired_file_is_refused_kindly_and_its_caption_kept(live: Rig, media_store: MediaStore) -> None:
    """A photo that is no more costs the photo and not the words under it."""
    phone = asked(live)
    give(phone, Kind.PHOTO, samples.jpeg(), text="la milpa")
    live.messenger.files.clear()
    play(live, media_store)
    assert phone.news[0] == texts().say("media.expired", "es")
    assert any("la milpa" in str(value) for value in phone.values.values())


def test_every_refusal_has_its_words(live: Rig) -> None:
    """Each way in which a file may not be kept is told in both languages, and with usted."""
    for code in CODES:
        words = {language: texts().say(f"media.{code}", language) for language in ("es", "es-usted", "en")}
        assert len(set(words.values())) == 3


def test_a_closed_question_takes_no_voice_note(live: Rig, media_store: MediaStore) -> None:
    """What no answer takes is kept beside the question, and the next one is asked."""
    phone = live.join()
    live.ask(phone)
    give(phone, Kind.VOICE, samples.ogg())
    play(live, media_store)
    assert "2 de" in phone.told
    assert phone.values == {"mood": None}
    assert (len(files(live)), live.count("media"), live.count("asides")) == (1, 1, 1)


def test_nothing_is_fetched_before_consent(live: Rig, media_store: MediaStore) -> None:
    """Who has not agreed yet, and who is nobody here, has nothing of hers fetched or kept."""
    stranger, guest = live.phone(), live.phone()
    guest.say(f"/start {live.invite()}")
    for phone in (stranger, guest):
        give(phone, Kind.VOICE, samples.ogg())
    play(live, media_store)
    assert (live.messenger.typed, files(live), live.count("media")) == ([], [], 0)
    assert guest.news


def test_a_slow_file_holds_up_its_own_sender_alone(live: Rig, media_store: MediaStore) -> None:
    """While her voice note is fetched others are answered; what she says meanwhile waits and comes after it."""
    phone, other = asked(live), live.join(nickname="Nopal")
    slow = line(live)
    slow.free.clear()
    give(phone, Kind.VOICE, samples.ogg())
    phone.write("y también lo del agua")
    other.write("/menu")

    def others_answered() -> bool:
        done = live.rows("SELECT count(*) FROM inbox WHERE state = 'done'")[0][0] >= before + 1
        if done:
            slow.free.set()
        return done and waiting(live) == 0

    before = live.rows("SELECT count(*) FROM inbox WHERE state = 'done'")[0][0]
    play(live, media_store, others_answered)
    assert slow.wanted
    assert other.news
    (value,) = [value for value in phone.values.values() if isinstance(value, tuple)]
    assert [type(piece) for piece in value] == [Media, str]


def test_a_bad_line_is_tried_again(live: Rig, media_store: MediaStore) -> None:
    """A network that is down for a moment costs a second and no voice note."""
    phone = asked(live)
    line(live).fails = [Unreachable("no network")]
    give(phone, Kind.VOICE, samples.ogg())
    play(live, media_store)
    assert len(pieces(phone)) == 1


@pytest.mark.parametrize("error", [Unreachable("no network"), RetryLater(1, everyone=True), OSError("disk")])
def test_a_line_that_stays_bad_ends_kindly(live: Rig, media_store: MediaStore, error: Exception) -> None:
    """After two minutes of trying she is told, and her later messages have their turn."""
    phone = asked(live)
    line(live).fails = [error] * 9
    give(phone, Kind.VOICE, samples.ogg())
    live.keep()
    with live.unit() as unit:
        unit.connection.exec_driver_sql("UPDATE inbox SET attempts = 7 WHERE state = 'pending'")
    phone.rig.messenger.say(phone.chat, "mejor lo escribo")
    play(live, media_store)
    assert phone.news[0] == texts().say("media.not_fetched", "es")
    assert any("mejor lo escribo" in str(value) for value in phone.values.values())


def test_what_a_dead_process_was_fetching_is_fetched_at_once_after_a_start(live: Rig, media_store: MediaStore) -> None:
    """An update that was held back when the process died does not wait for the end of its time."""
    phone = asked(live)
    give(phone, Kind.VOICE, samples.ogg())
    live.keep()
    with live.unit() as unit:
        (row,) = unit.inbox.pending(unit.now, 1)
        unit.inbox.hold(row.seq, unit.now + timedelta(hours=1))
    begun = time.monotonic()
    play(live, media_store)
    assert time.monotonic() - begun < 5
    assert len(pieces(phone)) == 1


def test_stopping_in_the_middle_loses_nothing(live: Rig, media_store: MediaStore) -> None:
    """A bot that is stopped while it fetches leaves the update, and no file."""
    phone = asked(live)
    slow = line(live)
    slow.free.clear()
    give(phone, Kind.VOICE, samples.ogg())
    play(live, media_store, lambda: bool(slow.wanted))
    slow.free.set()
    assert (waiting(live), files(live)) == (1, [])
    play(live, media_store)
    assert len(pieces(phone)) == 1


def test_a_turn_that_fails_leaves_no_file(live: Rig, media_store: MediaStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file goes with the transaction that did not come to pass, and another one comes with the next try."""
    phone = asked(live)
    give(phone, Kind.VOICE, samples.ogg())
    step, seen = Receiver.step, []

    def fails_once(self: Receiver, unit: Unit, row: Any, fetched: Any = None) -> AfterCommit:
        handled = step(self, unit, row, fetched)
        if fetched is not None and not seen:
            seen.append(files(live))
            raise RuntimeError
        return handled

    monkeypatch.setattr(Receiver, "step", fails_once)
    play(live, media_store)
    assert len(seen[0]) == 1
    assert len(files(live)) == 1
    assert files(live) != seen[0]
    assert len(pieces(phone)) == 1


def test_an_update_another_process_handled_meanwhile_is_not_handled_twice(
    live: Rig, media_store: MediaStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever comes second finds the turn played, and takes its file away again."""
    phone = asked(live)
    fetch = Downloads.fetch

    async def overtaken(self: Downloads, wanted: Any) -> Any:
        fetched = await fetch(self, wanted)
        with live.unit() as unit:
            unit.inbox.done(wanted.row.seq)
        return fetched

    monkeypatch.setattr(Downloads, "fetch", overtaken)
    give(phone, Kind.VOICE, samples.ogg())
    play(live, media_store)
    assert (pieces(phone), files(live)) == ([], [])


def test_who_was_erased_meanwhile_leaves_nothing(
    live: Rig, media_store: MediaStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Erasing while her voice note is on its way leaves neither row nor file."""
    phone = asked(live)
    person = phone.person
    fetch = Downloads.fetch

    async def forgotten(self: Downloads, wanted: Any) -> Any:
        fetched = await fetch(self, wanted)
        with live.unit() as unit:
            erase(unit, person.id)
        return fetched

    monkeypatch.setattr(Downloads, "fetch", forgotten)
    give(phone, Kind.VOICE, samples.ogg())
    play(live, media_store)
    assert (files(live), live.count("media")) == ([], 0)


def test_a_file_that_no_row_names_is_swept_away(live: Rig, media_store: MediaStore) -> None:
    """A crash between file and commit leaves a file that nobody can find a use for, and an hour later none."""
    phone = asked(live)
    give(phone, Kind.VOICE, samples.ogg())
    play(live, media_store)
    person = phone.person
    orphan = media_store.put(person.id, person.key, samples.ogg())  # and here the process dies
    (live.folder / "media" / "left-half-written").write_bytes(b"?")
    with live.reading() as unit:
        assert media_store.sweep(unit) == 0  # its transaction may still be under way
    assert len(files(live)) == 3
    past = time.time() - GRACE.total_seconds() - 1
    for file in files(live):
        os.utime(file, (past, past))
    with live.reading() as unit:
        assert media_store.open(unit, orphan.id) is None
        assert media_store.sweep(unit) == 2
        assert media_store.open(unit, pieces(phone)[0].id) is not None
    assert len(files(live)) == 1


def test_a_file_that_goes_while_the_folder_is_swept_stops_nothing(live: Rig, media_store: MediaStore) -> None:
    """Whoever erases hers meanwhile takes files away: what is nobody's still goes, on this sweep and not the next."""
    for name in ("a", "m", "z"):
        (live.folder / "media").mkdir(exist_ok=True)
        (live.folder / "media" / name).write_bytes(b"?")
        os.utime(live.folder / "media" / name, (0, 0))
        (live.folder / "media" / f"{name}-gone").symlink_to(live.folder / "nowhere")  # listed, and not there
    with live.reading() as unit:
        assert media_store.sweep(unit) == 3


def test_an_installation_without_media_sweeps_nothing(live: Rig, media_store: MediaStore) -> None:
    """The folder is made when the first file comes."""
    with live.reading() as unit:
        assert media_store.sweep(unit) == 0
    assert not (live.folder / "media").exists()


def test_erasing_a_person_takes_her_files(live: Rig, media_store: MediaStore) -> None:
    """Her files go with her rows, and only hers."""
    live.storage.delete_files = media_store.delete
    gone, stays = asked(live), live.join(nickname="Nopal")
    give(gone, Kind.VOICE, samples.ogg())
    play(live, media_store)
    with live.unit() as unit:
        kept = media_rows.keep(media_store, unit, stays.person, samples.png())
    with live.unit() as unit:
        erase(unit, gone.person.id)
    with live.reading() as unit:
        assert media_store.open(unit, kept) is not None
    assert len(files(live)) == 1


def test_an_erasure_takes_files_once_it_is_committed(live: Rig, media_store: MediaStore) -> None:
    """A voice note is gone when its person's erasure is committed, and stays when it is not."""
    live.storage.delete_files = media_store.delete
    phone = live.join()
    with live.unit() as unit:
        kept = media_rows.keep(media_store, unit, phone.person, samples.ogg(), 3)

    def undone() -> None:
        with live.unit() as unit:
            erase(unit, phone.person.id)
            assert media_store.open(unit, kept) is None
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        undone()
    assert len(files(live)) == 1
    with live.unit() as unit:
        erase(unit, phone.person.id)
    assert files(live) == []


def test_a_file_opens_for_its_own_row_alone(live: Rig, media_store: MediaStore) -> None:
    """A file that was changed, or put in another's place, does not open."""
    phone = live.join()
    with live.unit() as unit:
        one = media_rows.keep(media_store, unit, phone.person, samples.ogg())
        two = media_rows.keep(media_store, unit, phone.person, samples.png())
        first, second = (live.folder / "media" / str(unit.media.named([f.name]).pop()) for f in files(live))
    first.write_bytes(second.read_bytes())
    second.write_bytes(second.read_bytes()[:-1] + b"?")
    with live.reading() as unit:
        assert (media_store.open(unit, one), media_store.open(unit, two)) == (None, None)


def spoken(live: Rig, phone: Phone, text: str | None, media: dict[str, str]) -> None:
    """Put something spoken into the outbox, for her."""
    with live.unit() as unit:
        speech: Speech = live.turns.speech(unit, phone.person)
        body = {"text": text, "keyboard": [], "protect": True, "media": media}
        unit.outbox.put(clock.new_id(), phone.person, speech.messenger, phone.chat, "message", 0, body)


def test_the_courier_opens_the_shelf_when_it_sends(live: Rig, media_store: MediaStore) -> None:
    """A row names a voice note; the bytes are in no row and go out with its words."""
    phone = live.join()
    with live.unit() as unit:
        kept = media_rows.keep(media_store, unit, phone.person, samples.ogg(), 7)
    spoken(live, phone, "Esto dijiste:", {"id": kept.hex, "kind": "voice"})
    carry(live, media_store)
    assert phone.last.text == "Esto dijiste:"
    assert phone.last.protected
    assert phone.last.attachment is not None
    assert (phone.last.attachment.kind, phone.last.attachment.seconds) == ("voice", 7)
    assert phone.last.attachment.data == clean(samples.ogg()).data


def test_what_was_erased_before_it_was_sent_is_not_sent(live: Rig, media_store: MediaStore) -> None:
    """Words go without their voice note; a voice note alone does not go, and the row says why."""
    phone = live.join()
    with live.unit() as unit:
        kept = media_rows.keep(media_store, unit, phone.person, samples.ogg())
    spoken(live, phone, "Esto dijiste:", {"id": kept.hex, "kind": "voice"})
    spoken(live, phone, None, {"id": kept.hex, "kind": "voice"})
    with live.unit() as unit:
        unit.media.erased(kept)
    before = len(phone.heard)
    carry(live, media_store)
    assert [(message.text, message.attachment) for message in phone.heard[before:]] == [("Esto dijiste:", None)]
    assert live.rows("SELECT state, reason FROM outbox ORDER BY seq DESC LIMIT 1") == [("dropped", "erased")]


def test_a_recording_of_a_dialog_is_sent_by_its_name(live: Rig, media_store: MediaStore) -> None:
    """A question's recording lies in a folder; a name that leads out of it, or to nothing, is nothing."""
    (live.folder / "recordings").mkdir()
    (live.folder / "recordings" / "mood.es.ogg").write_bytes(samples.ogg())
    (live.folder / "secret.ogg").write_bytes(samples.ogg())
    (live.folder / "recordings" / "broken.ogg").write_bytes(b"OggS")
    phone = live.join()
    spoken(live, phone, "¿Cómo andas?", {"recording": "mood.es.ogg", "kind": "voice"})
    carry(live, media_store)
    assert phone.last.attachment is not None
    assert phone.last.attachment.mime == "audio/ogg"
    for name in ("../secret.ogg", "..", "nothing.ogg", "broken.ogg", "", "a/b.ogg"):
        assert media_store.recording(name) is None


def test_the_courier_takes_messages_back(live: Rig, media_store: MediaStore) -> None:
    """A row of kind `delete` takes the messages it names out of the chat."""
    phone = live.join()
    orders = [message.order for message in phone.heard]
    assert orders
    with live.unit() as unit:
        unit.outbox.put(clock.new_id(), phone.person, "memory", phone.chat, "delete", 0, {"messages": orders})
    carry(live, media_store)
    assert phone.heard == []
    assert live.rows("SELECT state FROM outbox ORDER BY seq DESC LIMIT 1") == [("sent",)]


def test_what_a_page_put_aside_is_fetched_by_its_handle(live: Rig, media_store: MediaStore) -> None:
    """Bytes wait sealed, with a key that stands in the handle alone, and are swept away after two days."""
    handle = media_store.park(samples.ogg())
    (file,) = files(live)
    assert b"OggS" not in file.read_bytes()
    assert media_store.parked(handle) == samples.ogg()
    wrong = handle[:-1] + ("0" if handle[-1] != "0" else "1")
    for bad in ("", "parked-1:2", wrong, handle.replace("parked-", "parked-../"), f"{UUID(int=1).hex}:{'0' * 64}"):
        with pytest.raises(FileExpired):
            media_store.parked(bad)
    with pytest.raises(MediaRefused, match="too_large"):
        media_store.park(bytes(LARGEST + 1))
    for age, left in ((GRACE, 1), (PARKED_FOR, 0)):
        past = time.time() - age.total_seconds() - 1
        os.utime(file, (past, past))
        with live.reading() as unit:
            media_store.sweep(unit)
        assert len(files(live)) == left
    with pytest.raises(FileExpired):
        media_store.parked(handle)


def test_the_team_reads_that_there_is_a_voice_note_and_plays_it(live: Rig, media_store: MediaStore) -> None:
    """A voice note is named among the answers, never "unanswered", and each playing is on record."""
    phone = asked(live)
    give(phone, Kind.VOICE, samples.ogg(), seconds=24)
    play(live, media_store)
    ana = live.facilitator()
    ana.say("/leer")
    ana.press(ana.last.labels[0])
    assert texts().say("piece.voice", "es", time="0:24") in ana.screen()
    ana.press("🔊 Colibrí · 0:24")

    assert len(live.audited("answers.played")) == 1


@pytest.mark.filterwarnings("ignore:Image appears to be a malformed MPO")  # a second picture hung behind some
def test_a_hundred_photos_leave_no_place(live: Rig, media_store: MediaStore) -> None:
    """A hundred photos with a place, of every format and turn: what is kept has none, and is sealed on the disk."""
    phone = asked(live)
    makers = (samples.jpeg, samples.png, samples.webp)
    given = [makers[number % 3](1 + number % 8) for number in range(100)]
    assert all(places(each) for each in given)
    for data in given:
        give(phone, Kind.PHOTO, data)
    play(live, media_store)
    kept = pieces(phone)
    assert len(kept) == len(files(live)) == 100
    with live.reading() as unit:
        opened = [media_store.open(unit, piece.id) for piece in kept]
    for number, (before, it) in enumerate(zip(given, opened, strict=True)):
        assert it is not None
        assert places(it.data) == {}
        assert turned(it.data) == turned(before) == 1 + number % 8
    for file in files(live):
        raw = file.read_bytes()
        assert not [mark for mark in (b"JFIF", b"IHDR", b"WEBP", b"GPS", b"Exif") if mark in raw]


def places(data: bytes) -> dict[int, Any]:
    """Return what Pillow reads of where a photo was taken."""
    with Image.open(io.BytesIO(data)) as picture:
        return dict(picture.getexif().get_ifd(GPS))


def turned(data: bytes) -> int:
    """Return which way up a photo is, as Pillow reads it."""
    with Image.open(io.BytesIO(data)) as picture:
        return int(picture.getexif().get(TURN, 1))
