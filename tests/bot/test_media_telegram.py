"""Voice and photos all the way over Telegram: from a phone into the sealed folder, and from there to a phone."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import UUID

import pytest

from bot import clock
from bot.media.store import MediaStore
from bot.media.strip import clean
from bot.messengers.aiogram import AiogramMessenger
from bot.messengers.port import Messenger
from bot.messengers.ptb import PtbMessenger
from bot.pipeline import loops
from bot.pipeline.courier import Courier
from bot.runtime.workers import Workers
from dialogs.model import Media
from tests.bot import samples
from tests.bot.rig import Rig, texts
from tests.by_day import CLIENTS_ALIKE
from tests.double import Double, User
from tests.double.fixture import double
from tests.media_rows import sent_by

__all__ = ["double"]

pytestmark = pytest.mark.anyio

WHOLE = 3  # a voice note, a photo, its caption

Client = type[PtbMessenger | AiogramMessenger]


@pytest.fixture
def anyio_backend() -> str:
    """The one loop that adapters run on."""
    return "asyncio"


@pytest.fixture(params=[PtbMessenger, AiogramMessenger], ids=["ptb", "aiogram"])
def client(request: pytest.FixtureRequest) -> Client:
    """Each Telegram client in turn."""
    chosen: Client = request.param
    return chosen


@pytest.fixture
def live(tmp_path: Path) -> Iterator[Rig]:
    """An installation at the real time."""
    it = Rig(tmp_path, now=clock.now())
    yield it
    it.close()


@contextlib.asynccontextmanager
async def running(live: Rig, client: Client, double: Double, media_store: MediaStore) -> AsyncIterator[Workers]:
    """A bot on Telegram, with the loops that fetch, handle and send."""
    workers = Workers(live.storage)
    messenger: Messenger = client(double.token, double.url)
    messengers = {messenger.name: messenger}
    tasks = [
        asyncio.create_task(loops.Poller(messenger, workers, live.receive).run()),
        asyncio.create_task(loops.Handler(workers, live.receive, messengers, media_store).run()),
        asyncio.create_task(Courier(workers, messengers, 100, media_store).run()),
    ]
    try:
        yield workers
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await messenger.close()
        workers.close()


async def joined(live: Rig, double: Double) -> User:
    """Let someone come in over Telegram, and to the open question of the check-in."""
    user = double.user("Colibrí", "es")
    user.start(live.invite())
    await user.wait_for("1 · Español")
    user.press("1 · Español")
    await user.wait_for("Sí, quiero participar")
    user.press("Sí, quiero participar")
    await user.wait_for("apodo")
    user.say("Colibrí")
    await user.wait_for("Por hoy es todo")
    live.order()
    with live.unit() as unit:
        live.ticking.step(unit, 10)
    await user.wait_for("Sí, ahora")
    user.press("Sí, ahora")
    await user.wait_for("1 de 4")
    user.press("2 · 🙁 Bajo")
    await user.wait_for("2 de")
    return user


def pieces(live: Rig, user: User) -> list[str | Media]:
    """The pieces of her open answer, as they are stored."""
    with live.reading() as unit:
        person = unit.people.at("telegram", str(user.id))
        assert person is not None
        run = unit.runs.latest(person)
        assert run is not None
        answers = live.turns.answers(unit, person, run)
    return [piece for answer in answers.values() if isinstance(answer.value, tuple) for piece in answer.value]


@pytest.mark.by_day("client", why=CLIENTS_ALIKE)
async def test_a_voice_note_and_a_photo_come_and_go(live: Rig, double: Double, client: Client) -> None:
    """What she records and shows answers her question, loses its place on the way, and can be sent to her again."""
    media_store = MediaStore(live.folder)
    async with running(live, client, double, media_store) as workers:
        user = await joined(live, double)
        user.voice(samples.ogg(), seconds=24)
        await user.wait_for(texts().say("run.collected", "es"))
        user.document(samples.jpeg(), "IMG_2041.jpg", "la milpa")
        voice, photo, words = await asyncio.to_thread(answered, live, user)
        assert isinstance(voice, Media)
        assert isinstance(photo, Media)
        assert (voice.kind, voice.seconds, photo.kind, words) == ("voice", 24, "photo", "la milpa")
        with live.unit() as unit:
            person = unit.people.at("telegram", str(user.id))
            for media in (voice, photo):
                body = {"text": None, "keyboard": [], "protect": True, "media": {"id": media.id, "kind": media.kind}}
                unit.outbox.put(clock.new_id(), person, "telegram", str(user.id), "message", 0, body)
        workers.outbox.notify()
        await asyncio.to_thread(wait_for_files, double, user)
    sent = [call for call in double.sends(user.id) if call.method in {"sendVoice", "sendPhoto"}]
    assert [call.params[name].data for call, name in zip(sent, ("voice", "photo"), strict=True)] == [
        clean(samples.ogg()).data,
        clean(samples.jpeg()).data,
    ]
    assert all(call.params["protect_content"] for call in sent)
    assert len(double.calls("sendChatAction")) == 2
    with live.reading() as unit:
        assert {item.id for item in sent_by(unit, unit.people.at("telegram", str(user.id)).id)} == {
            UUID(voice.id),
            UUID(photo.id),
        }


def answered(live: Rig, user: User) -> list[str | Media]:
    """Wait until her open answer has all its pieces."""
    end = time.monotonic() + 10
    while len(told := pieces(live, user)) < WHOLE:
        assert time.monotonic() < end, told
        time.sleep(0.02)
    return told


def wait_for_files(double: Double, user: User) -> None:
    """Wait until a photo was sent to her."""
    with double.world.changed:
        assert double.world.changed.wait_for(lambda: any("photo" in message.content for message in user.said), 5)


@pytest.mark.by_day("client", why=CLIENTS_ALIKE)
async def test_a_file_over_the_limit_is_told_and_the_question_stays(live: Rig, double: Double, client: Client) -> None:
    """Twenty megabytes and more are refused kindly, without being asked for."""
    media_store = MediaStore(live.folder)
    async with running(live, client, double, media_store):
        user = await joined(live, double)
        user.voice(bytes(20 * 1024 * 1024 + 1))
        await user.wait_for(texts().say("media.too_large", "es"))
        await user.wait_for("2 de")
    assert double.calls("getFile") == []
