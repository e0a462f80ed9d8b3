"""What both Telegram clients keep beyond the port: how failures are told apart, and what never leaks."""

import asyncio
import logging
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from bot.messengers import _telegram as telegram
from bot.messengers import _updates as updates
from bot.messengers.aiogram import AiogramMessenger
from bot.messengers.port import (
    LARGEST_FILE,
    Attachment,
    BadToken,
    Conflict,
    FileExpired,
    Gone,
    Kind,
    MessengerError,
    Outgoing,
    Rejected,
    RetryLater,
    TooLarge,
    Unknown,
    Unreachable,
)
from bot.messengers.ptb import PtbMessenger
from tests.contracts.rigs import NOWHERE
from tests.double import Double, User
from tests.double.world import Update

pytestmark = pytest.mark.anyio

Client = PtbMessenger | AiogramMessenger
CLIENTS: dict[str, type[Client]] = {"ptb": PtbMessenger, "aiogram": AiogramMessenger}
Connect = Callable[..., Client]


@pytest.fixture(params=list(CLIENTS))
async def connect(request: pytest.FixtureRequest, double: Double) -> AsyncIterator[Connect]:
    """Make clients of the double, or of another address; all are closed at the end."""
    opened: list[Client] = []

    def connect(token: str | None = None, api: str | None = None) -> Client:
        opened.append(CLIENTS[request.param](double.token if token is None else token, api or double.url))
        return opened[-1]

    yield connect
    for client in opened:
        await client.close()


@pytest.fixture
def user(double: Double) -> User:
    """Somebody who opened the bot; her first words were confirmed."""
    user = double.user()
    user.start()
    double.account.updates.clear()
    return user


def to(user: User, text: str | None = "hola", edits: int | None = None, *, protect: bool = False) -> Outgoing:
    """A message to somebody."""
    return Outgoing(str(user.id), text, edits=edits, protect=protect)


@asynccontextmanager
async def answering(head: str, body: bytes = b"") -> AsyncIterator[str]:
    """Something that answers every request alike; yields its address."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        told = f"HTTP/1.1 {head}\r\nConnection: close\r\nContent-Length: {len(body)}\r\n\r\n"
        writer.write(told.encode() + body)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


async def test_an_unknown_token_is_bad(connect: Connect, user: User) -> None:
    """A token Telegram does not know is told as such, at start and at any later call."""
    client = connect("123456:AAnobodyKnowsThisOne")
    for call in (client.identify(), client.send(to(user)), client.fetch(None, 0)):
        with pytest.raises(BadToken):
            await call


@pytest.mark.parametrize("token", ["", "hola", "123456:", "123456:AA BB", "12:AA/getMe?x"])
async def test_what_is_no_token_is_refused_at_once(connect: Connect, token: str) -> None:
    """A slip of copy and paste is told without asking anyone, and without repeating it."""
    with pytest.raises(BadToken) as caught:
        connect(token)
    assert not token or token not in str(caught.value)


@pytest.mark.parametrize("api", ["hola", "ftp://127.0.0.1", "127.0.0.1:8081", "http://"])
async def test_what_is_no_address_is_refused_at_once(connect: Connect, api: str) -> None:
    """An address that cannot be one is told at start, with an example."""
    with pytest.raises(Rejected, match="must be like"):
        connect(api=api)


@pytest.mark.parametrize(
    ("head", "body"),
    [
        ("200 OK", b"<html>It works!</html>"),
        ("200 OK", b"\xff\xfe\x00"),
        ("200 OK", b'{"hello": 1}'),
        ("200 OK", b'{"ok": true, "result": {}}'),
        ("404 Not Found", b"<html>Not Found</html>"),
        ("403 Forbidden", b""),
    ],
)
async def test_an_address_that_is_not_the_bot_api_is_told(connect: Connect, head: str, body: bytes) -> None:
    """Whoever points the bot at another server reads that it is another server."""
    async with answering(head, body) as api:
        with pytest.raises(Rejected, match="not"):
            await connect(api=api).identify()


async def test_a_stranger_in_between_swallowed_nothing(connect: Connect, user: User) -> None:
    """A page of a proxy instead of Telegram's refusal means that nothing was accepted."""
    async with answering("403 Forbidden", b"<html>Forbidden</html>") as api:
        with pytest.raises(Unreachable):
            await connect(api=api).send(to(user))


async def test_a_name_nobody_has_is_unreachable(connect: Connect, user: User) -> None:
    """Where the network's names are down nothing left this machine."""
    with pytest.raises(Unreachable):
        await connect(api="http://nowhere.invalid").send(to(user))


async def test_a_connection_that_never_stands_is_unreachable(
    connect: Connect, double: Double, user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that does not take connections got nothing."""
    monkeypatch.setattr(telegram, "CONNECT", 0.3)
    with socket.socket() as full, socket.socket() as first, socket.socket() as second:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        for waiting in (first, second):  # the line is full, so that the next one's call is not even answered
            waiting.setblocking(False)
            waiting.connect_ex(full.getsockname())
        with pytest.raises(Unreachable) as caught:
            await connect(api=f"http://127.0.0.1:{full.getsockname()[1]}").send(to(user))
    assert double.token not in "".join(str(link) for link in chain(caught.value))


async def test_a_late_answer_is_unknown(
    connect: Connect, double: Double, user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An answer that does not come in time may follow a message that arrived."""
    monkeypatch.setattr(telegram, "READ", 0.3)
    double.slow("sendMessage", seconds=2)
    with pytest.raises(Unknown):
        await connect().send(to(user))
    assert user.last.text == "hola"


@pytest.mark.parametrize("accepted", [True, False])
async def test_a_cut_connection_is_unknown(connect: Connect, double: Double, user: User, accepted: bool) -> None:
    """Nobody can tell from this side whether a message was accepted before the line broke."""
    double.lose("sendMessage", accepted=accepted)
    with pytest.raises(Unknown):
        await connect().send(to(user))
    assert len(user.said) == accepted


async def test_half_an_answer_is_unknown(connect: Connect, double: Double, user: User) -> None:
    """A message whose answer cannot be read has arrived all the same."""
    double.garble("sendMessage")
    with pytest.raises(Unknown):
        await connect().send(to(user))
    assert user.last.text == "hola"


async def test_a_lost_batch_is_fetched_again(connect: Connect, double: Double, user: User) -> None:
    """A fetch whose answer was lost or cannot be read lost nothing."""
    client = connect()
    user.say("una")
    double.lose("getUpdates")
    double.garble("getUpdates")
    for _ in range(2):
        with pytest.raises(Unreachable):
            await client.fetch(None, 0)
    assert [update.text for update in (await client.fetch(None, 0)).updates] == ["una"]


async def test_a_pause_holds_for_fetching_too(connect: Connect, double: Double) -> None:
    """Telegram may ask for a pause at any call."""
    double.refuse("getUpdates", retry_after=3)
    with pytest.raises(RetryLater) as caught:
        await connect().fetch(None, 0)
    assert caught.value.seconds == 3


@pytest.mark.parametrize(
    ("status", "description", "parameters", "error"),
    [
        (403, "Forbidden: user is deactivated", {}, Gone),
        (403, "Forbidden: bot can't initiate conversation with a user", {}, Gone),
        (400, "Bad Request: user is deactivated", {}, Gone),
        (400, "Bad Request: PEER_ID_INVALID", {}, Gone),
        (400, "Bad Request: group chat was upgraded", {"migrate_to_chat_id": -100123}, Rejected),
        (413, "Request Entity Too Large", {}, TooLarge),
        (401, "Unauthorized", {}, BadToken),
        (409, "Conflict: terminated by other getUpdates request", {}, Conflict),
        (500, "Internal Server Error: restart", {}, RetryLater),
        (504, "Gateway Timeout", {}, RetryLater),
    ],
)
async def test_what_telegram_answers_means_the_same(
    connect: Connect,
    double: Double,
    user: User,
    status: int,
    description: str,
    parameters: dict[str, int],
    error: type[MessengerError],
) -> None:
    """Each of Telegram's refusals is one of our errors."""
    double.refuse("sendMessage", status=status, description=description, **parameters)
    with pytest.raises(error) as caught:
        await connect().send(to(user))
    assert type(caught.value) is error


async def test_two_pollers_conflict(connect: Connect, double: Double) -> None:
    """Whoever is driven out by another poller learns it: a second instance, or a stolen token."""
    double.allow("terminated by other getUpdates")
    first = asyncio.ensure_future(connect().fetch(None, 5))
    await asyncio.sleep(0.3)
    second = asyncio.ensure_future(connect().fetch(None, 1))
    with pytest.raises(Conflict):
        await first
    assert list((await second).updates) == []


async def test_a_webhook_is_taken_away_and_nothing_is_lost(connect: Connect, double: Double, user: User) -> None:
    """A bot that polls frees itself of a webhook, keeps what waits, and tells whose address it was."""
    client = connect()
    double.account.webhook.url = "https://elsewhere.example/hook"
    user.say("una")
    double.allow("can't use getUpdates")
    with pytest.raises(Conflict):
        await client.fetch(None, 0)
    assert await client.prepare() == "https://elsewhere.example/hook"
    assert await client.prepare() is None
    assert [update.text for update in (await client.fetch(None, 0)).updates] == ["una"]


async def test_a_webhook_is_set_and_nothing_is_lost(connect: Connect, double: Double, user: User) -> None:
    """A bot that is called sets its address with its secret, for the kinds it reads, and keeps what waits."""
    user.say("una")
    client = connect()
    url = f"{NOWHERE}/hook"
    assert await client.prepare(url, "a-secret") is None
    assert await client.prepare(url, "a-secret") is None
    assert (double.account.webhook.url, double.account.webhook.secret) == (url, "a-secret")
    assert double.account.allowed == set(updates.WANTED)
    assert double.pending == 1


async def test_a_webhooks_update_reads_like_a_fetched_one(connect: Connect, double: Double, user: User) -> None:
    """It makes no difference which way an update came."""
    client = connect()
    user.say("una")
    user.photo(caption="dos")
    fetched = (await client.fetch(None, 0)).updates
    assert [client.translate(update) for update in double.history[-2:]] == list(fetched)


async def test_one_strange_update_does_not_stop_the_others(connect: Connect, double: Double, user: User) -> None:
    """An update that cannot be read comes as `other`, in its place, and is confirmed like any."""
    client = connect()
    user.say("una")
    double.account.updates.append(Update(200_000_000, "message", {"chat": []}, 1e12, ("chat", 0)))
    batch = await client.fetch(None, 0)
    assert [update.kind for update in batch.updates] == [Kind.TEXT, Kind.OTHER]
    assert batch.next == 200_000_001


async def test_a_file_of_a_server_on_this_machine_is_read_from_its_disk(
    connect: Connect, double: Double, user: User, tmp_path: Path
) -> None:
    """A Bot API server that runs with --local gives no link but a path; one that is gone, or too large, is told."""
    double.account.folder = tmp_path
    client = connect()
    user.voice(b"OggS and more")
    (update,) = (await client.fetch(None, 0)).updates
    assert await client.download(update.file or "") == b"OggS and more"
    user.document(b"x" * (LARGEST_FILE + 1))
    with pytest.raises(TooLarge):
        await client.download((await client.fetch(None, 0)).updates[-1].file or "")


async def test_what_cannot_be_read_from_its_disk_is_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A file that is gone, and one that may not be read: no error and no line has the path, which holds the token."""

    async def fetch(_path: str) -> bytes:
        raise AssertionError("nothing is fetched from a server that gives paths")

    for path, error in ((tmp_path / "1:abcdefghijkl" / "gone", FileExpired), (tmp_path, Unreachable)):

        async def locate(path: Path = path) -> object:
            return {"file_path": str(path)}

        with pytest.raises(error) as caught:
            await telegram.bring(locate, fetch, near=True)
        assert str(tmp_path) not in str(caught.value) + caplog.text
    assert "cannot be read by this account" in caplog.text


async def test_both_clients_read_alike(double: Double, user: User) -> None:
    """Whichever client a bot runs on, it is told the same, to the last field."""
    said = user.say("una")
    for act in (user.voice, user.photo, user.document, user.sticker, user.location, user.block, user.unblock):
        act()
    user.edit(said, "dos")
    user.press_data("old", said)
    clients = [client(double.token, double.url) for client in CLIENTS.values()]
    first, second = [await client.fetch(None, 0) for client in clients]
    for client in clients:
        await client.close()
    assert first == second
    assert len(first.updates) == 10


async def test_groups_and_robots_are_told_apart(connect: Connect, double: Double, user: User) -> None:
    """What is said in a group, or by another bot, is marked as such."""
    double.group().say(user, "/start")
    double.user(robot=True).say("pip")
    group, robot = (await connect().fetch(None, 0)).updates
    assert (group.private, group.robot) == (False, False)
    assert (robot.private, robot.robot) == (True, True)


async def test_a_message_is_sent_as_plain_as_can_be(connect: Connect, double: Double, user: User) -> None:
    """Words go out without markup and without previews of links; protected, or without a sound, where asked."""
    client = connect()
    await client.send(to(user))
    await client.send(to(user, protect=True))
    await client.send(replace(to(user), quiet=True))
    plain = {"chat_id": user.id, "text": "hola", "link_preview_options": {"is_disabled": True}}
    assert [call.params for call in double.sends()] == [
        plain,
        plain | {"protect_content": True},
        plain | {"disable_notification": True},
    ]


async def test_a_recording_is_given_to_telegram_once(connect: Connect, double: Double, user: User) -> None:
    """Sent again it goes by its file's id; one that Telegram lost is given once more, and what is hers always."""
    client, data = connect(), b"OggS" + bytes(300)
    recording = Attachment("voice", "audio/ogg", "voice.ogg", data, again="mood.es.ogg:1")
    hers = Attachment("voice", "audio/ogg", "voice.ogg", data)
    for sent in (recording, recording, hers, hers):
        await client.send(Outgoing(str(user.id), None, attachment=sent))
    assert len(double.account.files) == 3
    double.account.files.clear()
    with double.expecting("wrong file"):
        await client.send(Outgoing(str(user.id), None, attachment=recording))
    await client.send(Outgoing(str(user.id), None, attachment=recording))

    assert len(double.account.files) == 1
    assert len([message for message in user.said if "voice" in message.content]) == 6


async def test_connections_are_used_again(connect: Connect, double: Double, user: User) -> None:
    """Messages one after another need no new connection each."""
    client = connect()
    for _ in range(20):
        await client.send(to(user))
        await client.fetch(None, 0)
    assert double.connections <= 2


@pytest.mark.parametrize("level", [logging.DEBUG, logging.INFO])
async def test_neither_token_nor_words_are_logged(
    connect: Connect,
    double: Double,
    user: User,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    level: int,
) -> None:
    """Whatever goes wrong, no log record and no error's text holds the token or what people said."""
    monkeypatch.setattr(telegram, "READ", 0.3)
    caplog.set_level(level)
    errors = await provoke(connect, double, user)
    assert len(errors) >= 10
    told = [str(link) + repr(link) for error in errors for link in chain(error)]
    logged = [caplog.handler.format(record) for record in caplog.records]
    for secret in (double.token, double.token.partition(":")[2], "secreto"):
        assert not [text for text in (*told, *logged) if secret in text]


async def provoke(connect: Connect, double: Double, user: User) -> list[BaseException]:
    """Bring about every kind of failure, with words in the message."""
    client, errors = connect(), list[BaseException]()
    double.allow("")
    double.slow("sendMessage", seconds=1)
    double.lose("sendMessage")
    double.garble("sendMessage")
    for status in (429, 500, 400, 403, 401, 409):
        double.refuse("sendMessage", status=status, retry_after=1 if status == 429 else None)
    elsewhere = [connect(api=NOWHERE), connect(api="http://nowhere.invalid"), connect("123456:AAnobodyKnowsThisOne")]
    for one in [*[client] * 9, *elsewhere]:
        with pytest.raises(MessengerError) as caught:
            await one.send(to(user, "secreto"))
        errors.append(caught.value)
        await one.acknowledge("404")
    user.say("secreto")
    double.garble("getUpdates")
    with pytest.raises(Unreachable) as lost:
        await client.fetch(None, 0)
    await client.fetch(None, 0)
    return [*errors, lost.value]


def chain(error: BaseException | None) -> list[BaseException]:
    """An error and all that it follows from."""
    found: list[BaseException] = []
    while error is not None:
        found.append(error)
        error = error.__cause__ or error.__context__
    return found


async def test_a_library_that_is_made_to_talk_is_still_discreet(
    connect: Connect, double: Double, caplog: pytest.LogCaptureFixture
) -> None:
    """Even with every library logging all it can, the token is blanked out."""
    for name in ("httpx", "httpcore", "aiohttp"):
        caplog.set_level(logging.DEBUG, name)
    await connect().identify()
    assert not [record for record in caplog.records if double.token in record.getMessage()]


@pytest.mark.proof
@pytest.mark.parametrize(("chosen", "other"), [("ptb", "aiogram"), ("aiogram", "telegram")])
def test_only_the_chosen_client_is_imported(chosen: str, other: str) -> None:
    """A bot on one client does not carry the other's weight."""
    told = f"import bot.messengers.{chosen}, sys; sys.exit('{other}' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", told], check=False).returncode == 0
