"""Voice, photos, menus and taking back: what every messenger keeps, and what both Telegram clients keep beyond it."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.media.store import MediaRefused
from bot.messengers.port import (
    Attachment,
    Button,
    FileExpired,
    Kind,
    Messenger,
    MessengerError,
    NotModified,
    Outgoing,
    RetryLater,
    TooLarge,
    Unreachable,
)
from tests.contracts.rigs import RIGS, Carrier, Rig, TelegramRig

pytestmark = pytest.mark.anyio

MEGABYTE = 1024 * 1024
VOICE = Attachment("voice", "audio/ogg", "voice.ogg", b"OggS" + bytes(range(256)), 4)
PHOTO = Attachment("photo", "image/jpeg", "photo.jpg", b"\xff\xd8\xff" + bytes(300))
BOOK = Attachment("document", "application/zip", "hilo-2026-11-25.zip", b"PK" + bytes(range(256)) * 40)
YES_NO = ((Button("Sí", "yes"), Button("No", "no")),)


@pytest.fixture(params=["ptb", "aiogram"])
async def telegram(request: pytest.FixtureRequest) -> AsyncIterator[tuple[TelegramRig, Messenger]]:
    """Each Telegram client, with somebody who talks."""
    with RIGS[request.param]() as rig:
        assert isinstance(rig, TelegramRig)
        client = rig.messenger()
        yield rig, client
        await client.close()


async def test_a_voice_note_is_fetched_whole(rig: Rig, messenger: Messenger) -> None:
    """What she recorded comes byte for byte, with its length in seconds and bytes."""
    data = b"OggS" + bytes(range(256)) * 300
    rig.voice(data, 24)
    (update,) = (await messenger.fetch(None, 1)).updates
    assert (update.kind, update.seconds, update.size) == (Kind.VOICE, 24, len(data))
    assert await messenger.download(update.file or "") == data
    assert await messenger.download(update.file or "") == data  # and again


async def test_a_photo_is_fetched_in_its_largest_size(rig: Rig, messenger: Messenger) -> None:
    """Of a photo the whole is fetched, and its caption comes with it."""
    data = b"\xff\xd8\xff" + bytes(5000)
    rig.photo("la milpa", data)
    (update,) = (await messenger.fetch(None, 1)).updates
    assert (update.kind, update.text, update.size) == (Kind.PHOTO, "la milpa", len(data))
    assert await messenger.download(update.file or "") == data


async def test_a_file_over_the_limit_is_too_large(rig: Rig, messenger: Messenger) -> None:
    """Over twenty megabytes nothing is given out, and asking again would not help."""
    rig.allow("file is too big")
    if rig.turns_away:
        with pytest.raises(MediaRefused, match="too_large"):
            rig.voice(bytes(20 * MEGABYTE + 1))
        return
    rig.voice(bytes(20 * MEGABYTE + 1))
    (update,) = (await messenger.fetch(None, 1)).updates
    with pytest.raises(TooLarge):
        await messenger.download(update.file or "")


async def test_a_file_nobody_knows_any_more_is_expired(rig: Rig, messenger: Messenger) -> None:
    """A handle that leads nowhere is told apart from a network that is down."""
    rig.allow("wrong file_id")
    rig.voice()
    (update,) = (await messenger.fetch(None, 1)).updates
    rig.lose_files()
    for handle in (update.file or "", "nothing"):
        with pytest.raises(FileExpired):
            await messenger.download(handle)


async def test_a_voice_note_is_sent_with_words_and_buttons(carrier: Carrier, sender: Messenger) -> None:
    """A recording carries its question and the buttons under it."""
    order = await sender.send(Outgoing(carrier.chat, "¿Cómo andas?", YES_NO, attachment=VOICE))
    assert carrier.heard() == [("voice", VOICE.data, False)]
    assert carrier.screen().splitlines()[1:] == ["(voice) ¿Cómo andas?", "[ Sí ] [ No ]"]
    assert carrier.say("bien") > order


async def test_a_document_is_sent_with_words_and_buttons(carrier: Carrier, sender: Messenger) -> None:
    """A file to keep comes byte for byte, may be passed on, and goes again when asked."""
    order = await sender.send(Outgoing(carrier.chat, "Aquí está.", YES_NO, attachment=BOOK))
    assert carrier.heard() == [("document", BOOK.data, False)]
    assert carrier.screen().splitlines()[1:] == ["(document) Aquí está.", "[ Sí ] [ No ]"]
    await sender.delete(carrier.chat, [order])
    assert carrier.heard() == []


async def test_a_photo_is_sent_alone_and_protected(carrier: Carrier, sender: Messenger) -> None:
    """A photo needs no words, and may be kept from being passed on."""
    await sender.send(Outgoing(carrier.chat, None, protect=True, attachment=PHOTO))
    assert carrier.heard() == [("photo", PHOTO.data, True)]
    assert carrier.screen().splitlines()[1:] == ["(photo)"]


@pytest.mark.parametrize("text", ["a" * 1024, "💧" * 512])
async def test_a_caption_has_its_own_limit(carrier: Carrier, sender: Messenger, text: str) -> None:
    """Words beside a recording are as long as the messenger says, and one more is refused."""
    carrier.allow("caption is too long")
    assert sender.caption_limit == 1024
    await sender.send(Outgoing(carrier.chat, text, attachment=VOICE))
    with pytest.raises(MessengerError):
        await sender.send(Outgoing(carrier.chat, text + "a", attachment=VOICE))
    assert len(carrier.heard()) == 1


async def test_under_a_voice_note_buttons_and_words_change_too(carrier: Carrier, sender: Messenger) -> None:
    """A spoken question is edited like a written one."""
    carrier.allow("there is no text in the message to edit", "message is not modified")
    order = await sender.send(Outgoing(carrier.chat, "¿Seguimos?", YES_NO, attachment=VOICE))
    await sender.send(Outgoing(carrier.chat, None, ((Button("Cambiar", "change"),),), edits=order))
    assert carrier.screen().splitlines()[1:] == ["(voice) ¿Seguimos?", "[ Cambiar ]"]
    assert await sender.send(Outgoing(carrier.chat, "✓ Anotado", edits=order)) == order
    with pytest.raises(NotModified):
        await sender.send(Outgoing(carrier.chat, "✓ Anotado", edits=order))
    assert carrier.screen().splitlines()[1:] == ["(voice) ✓ Anotado"]


async def test_messages_are_taken_back(carrier: Carrier, sender: Messenger) -> None:
    """What the bot said goes when asked; what is gone already does no harm."""
    orders = [await sender.send(Outgoing(carrier.chat, f"n.º {n}")) for n in range(3)]
    assert list(await sender.delete(carrier.chat, orders[:2])) == []
    assert list(await sender.delete(carrier.chat, [*orders[:2], 999_999])) == []
    assert list(await sender.delete(carrier.chat, [])) == []
    assert carrier.screen().splitlines()[1:] == ["n.º 2"]


async def test_typing_is_shown_and_never_fails(carrier: Carrier, sender: Messenger) -> None:
    """A sign that an answer is on its way is a courtesy, to whomever."""
    carrier.allow("chat not found")
    await sender.typing(carrier.chat)
    assert carrier.typing() == 1
    await sender.typing("404404")


async def test_a_bot_introduces_itself_by_language(carrier: Carrier, sender: Messenger) -> None:
    """Each language has its own menu and its own words, any other the general ones, and one chat may have its own."""
    commands = {None: [("menu", "Todo")], "en": [("menu", "Everything"), ("help", "How it works")]}
    words = {None: ("Soy Hilo.", "Soy Hilo, un programa."), "en": ("I am Hilo.", "I am Hilo, a program.")}
    await sender.introduce(commands, words)
    await sender.introduce({None: [("leer", "Leer")]}, {None: ("no", "no")}, carrier.chat)
    assert (carrier.menu(None), carrier.menu("en")) == (["menu"], ["menu", "help"])
    assert carrier.menu(None, own=True) == ["leer"]
    assert (carrier.told(None), carrier.told("en")) == (words[None], words["en"])


async def file_of(rig: TelegramRig, client: Messenger, data: bytes = b"OggS") -> str:
    """Let her send a voice note; returns its handle."""
    rig.voice(data)
    (update,) = (await client.fetch(None, 1)).updates
    return update.file or ""


async def test_a_link_that_ran_out_is_asked_for_once_more(telegram: tuple[TelegramRig, Messenger]) -> None:
    """A path Telegram no longer knows costs one more getFile; a second time means that the file is gone."""
    rig, client = telegram
    file = await file_of(rig, client)
    rig.double.refuse("download", status=404, description="Not Found")
    assert await client.download(file) == b"OggS"
    assert len(rig.double.calls("getFile")) == 2
    rig.double.refuse("download", status=404, description="Not Found", times=2)
    with pytest.raises(FileExpired):
        await client.download(file)
    assert len(rig.double.calls("getFile")) == 4


@pytest.mark.parametrize("trouble", ["lose", "garble"])
async def test_a_file_that_comes_in_part_is_asked_for_again_later(
    telegram: tuple[TelegramRig, Messenger], trouble: str
) -> None:
    """A line that breaks in the middle of a file, or before it, gives no half voice note."""
    rig, client = telegram
    file = await file_of(rig, client, b"OggS" * 1000)
    getattr(rig.double, trouble)("download", times=2)  # aiohttp asks once more by itself
    with pytest.raises(Unreachable):
        await client.download(file)
    rig.double.calm()
    assert await client.download(file) == b"OggS" * 1000


async def test_trouble_at_telegrams_side_is_a_pause(telegram: tuple[TelegramRig, Messenger]) -> None:
    """Asking for a file may be refused for a while, at either of its two steps."""
    rig, client = telegram
    file = await file_of(rig, client)
    for method in ("getFile", "download"):
        rig.double.refuse(method, retry_after=2)
        with pytest.raises(RetryLater) as caught:
            await client.download(file)
        assert caught.value.seconds == 2
    rig.double.lose("getFile")
    with pytest.raises(Unreachable):
        await client.download(file)


async def test_a_download_leaks_no_token(
    telegram: tuple[TelegramRig, Messenger], caplog: pytest.LogCaptureFixture
) -> None:
    """A file's address holds the token: no error and no log record tells it."""
    rig, client = telegram
    file = await file_of(rig, client)
    caplog.set_level("DEBUG")
    errors: list[BaseException | None] = []
    for spoil in ("lose", "garble"):
        getattr(rig.double, spoil)("download", times=2)
        with pytest.raises(Unreachable) as caught:
            await client.download(file)
        rig.double.calm()
        errors.append(caught.value)
    told = []
    while errors:
        error = errors.pop()
        if error is not None:
            told += [str(error), repr(error)]
            errors += [error.__cause__, error.__context__]
    logged = [caplog.handler.format(record) for record in caplog.records]
    assert not [text for text in (*told, *logged) if rig.double.token in text]


async def test_a_large_photo_goes_as_a_file(telegram: tuple[TelegramRig, Messenger]) -> None:
    """Telegram shows photos up to ten megabytes; a larger one is sent all the same."""
    rig, client = telegram
    big = Attachment("photo", "image/png", "photo.png", bytes(10_000_001))
    await client.send(Outgoing(rig.chat, "mira", attachment=big))
    ((kind, data, _),) = rig.heard()
    assert (kind, len(data)) == ("document", len(big.data))


@pytest.mark.parametrize(
    ("kind", "why"), [("voice", "VOICE_MESSAGES_FORBIDDEN"), ("photo", "PHOTO_INVALID_DIMENSIONS")]
)
async def test_what_is_not_taken_as_it_is_goes_as_a_file(
    telegram: tuple[TelegramRig, Messenger], kind: str, why: str
) -> None:
    """Somebody may forbid voice notes, and a photo may be too long: its question still arrives, with its buttons."""
    rig, client = telegram
    rig.double.refuse(f"send{kind.title()}", status=400, description=f"Bad Request: {why}", times=None)
    for again in ("", "mood.es.ogg:1", "mood.es.ogg:1"):
        sent = Attachment(kind, "audio/ogg", "voice.ogg", b"OggS", 3, again)
        await client.send(Outgoing(rig.chat, "¿Seguimos?", YES_NO, protect=True, attachment=sent))
    assert rig.heard() == [("document", b"OggS", True)] * 3
    assert rig.user.labels == ["Sí", "No"]


async def test_a_document_over_the_limit_is_too_large(telegram: tuple[TelegramRig, Messenger]) -> None:
    """Telegram takes fifty megabytes of a bot; one byte more is refused for good, and told apart."""
    rig, client = telegram
    rig.allow("Request Entity Too Large")
    sent = Attachment("document", "application/zip", "hilo.zip", bytes(50_000_000))
    await client.send(Outgoing(rig.chat, "mucho", attachment=sent))
    with pytest.raises(TooLarge):
        await client.send(Outgoing(rig.chat, "más", attachment=replace(sent, data=sent.data + b"x")))
    assert len(rig.heard()) == 1


async def test_a_server_of_ones_own_takes_larger_documents(
    telegram: tuple[TelegramRig, Messenger], tmp_path: Path
) -> None:
    """One that runs with --local takes up to two gigabytes: what is over fifty megabytes comes whole."""
    rig, client = telegram
    rig.double.account.folder = tmp_path
    data = bytes(50_000_000) + b"x"
    await client.send(Outgoing(rig.chat, "mucho", attachment=Attachment("document", "application/zip", "h.zip", data)))
    assert [(kind, len(sent)) for kind, sent, _ in rig.heard()] == [("document", len(data))]


async def test_a_document_has_its_name(telegram: tuple[TelegramRig, Messenger]) -> None:
    """What she saves is called what it is called."""
    rig, client = telegram
    await client.send(Outgoing(rig.chat, "toma", attachment=BOOK))
    (call,) = rig.double.sends()
    assert (call.params["document"].name, call.params["caption"]) == (BOOK.name, "toma")


async def test_nothing_of_a_sent_file_names_anyone(telegram: tuple[TelegramRig, Messenger]) -> None:
    """The length is told and the name is the one that tells nothing."""
    rig, client = telegram
    await client.send(Outgoing(rig.chat, "oye", attachment=VOICE))
    (call,) = rig.double.sends()
    assert (call.params["duration"], call.params["voice"].name, call.params["caption"]) == (4, "voice.ogg", "oye")


async def test_messages_older_than_two_days_stay_and_the_others_go(telegram: tuple[TelegramRig, Messenger]) -> None:
    """One message too old to be taken back does not keep the others."""
    rig, client = telegram
    rig.allow("message can't be deleted")
    old = await client.send(Outgoing(rig.chat, "de antier"))
    rig.double.advance(2 * 86_400 + 60)
    new = await client.send(Outgoing(rig.chat, "de hoy"))
    assert list(await client.delete(rig.chat, [old, new])) == [old]
    assert list(await client.delete(rig.chat, [old])) == [old]
    assert list(await client.delete(rig.chat, [new, 999_999])) == []
    assert [message.text for message in rig.user.said] == ["de antier"]


async def test_both_clients_introduce_alike() -> None:
    """Whichever client a bot runs on, its menu and its words are the same."""
    profiles = []
    for name in ("ptb", "aiogram"):
        with RIGS[name]() as rig:
            assert isinstance(rig, TelegramRig)
            client = rig.messenger()
            await client.introduce({None: [("menu", "Todo")], "es": [("menu", "Todo")]}, {"es": ("corto", "largo")})
            profiles.append(rig.double.account.profile)
            await client.close()
    assert profiles[0] == profiles[1]
