"""Telegram through aiogram, used only as a client of the Bot API.

It imports more than python-telegram-bot and does a third of its work for each message: for those who send a lot.
"""

import asyncio
import json
import ssl
from collections.abc import AsyncGenerator, Awaitable, Mapping
from functools import lru_cache
from typing import Any

import aiohttp
import certifi
from aiogram import Bot
from aiogram.client.session.base import BaseSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.methods import (
    DeleteWebhook,
    GetMe,
    SendDocument,
    SendPhoto,
    SendVoice,
    SetMyCommands,
    SetMyDescription,
    SetMyShortDescription,
    SetWebhook,
    TelegramMethod,
)
from aiogram.types import (
    BotCommand,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeChat,
    BufferedInputFile,
    InlineKeyboardMarkup,
    InputFile,
)

from bot.messengers import _telegram as telegram
from bot.messengers import _updates as updates
from bot.messengers._calls import Calls, markup
from bot.messengers._network import proxy_for
from bot.messengers.port import (
    Commands,
    Descriptions,
    Identity,
    Keyboard,
    MessengerError,
    Outgoing,
    Rejected,
    Unknown,
    Unreachable,
)

CONNECTIONS = 48  # as many as the courier has under way at most, and some
NAMES_HOLD = 3600  # seconds that a server's resolved address is kept, the library's default
TLS_CLOSES = 0.25  # seconds for a TLS connection to close
JSON = {"Content-Type": "application/json"}
NEVER_LEFT = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.ClientHttpProxyError)

telegram.hush("aiogram", "aiohttp")


class _Session(BaseSession):
    """A session whose answers stay as they came, since an answer that the library cannot parse is still an answer.

    It uses the proxy that the environment names, unless the server is on this machine, and follows no redirect: a page
    that leads elsewhere is not the Bot API's.
    """

    def __init__(self, base: str) -> None:
        super().__init__(api=TelegramAPIServer.from_base(base))
        self._tls = ssl.create_default_context(cafile=certifi.where())
        self._client: aiohttp.ClientSession | None = None

    @property
    def client(self) -> aiohttp.ClientSession:
        """The HTTP client, opened when first needed."""
        if self._client is None:
            self._client = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(ssl=self._tls, limit=CONNECTIONS, ttl_dns_cache=NAMES_HOLD),
                trust_env=not telegram.is_near(self.api.base),
            )
        return self._client

    async def make_request(self, bot: Bot, method: TelegramMethod[Any], timeout: Any = None) -> Any:  # noqa: ASYNC109  the library's signature
        body, kind = self._body(bot, method)
        return await self.post(self.api.api_url(token=bot.token, method=method.__api_method__), body, kind, timeout)

    async def post(self, url: str, body: bytes | aiohttp.FormData, kind: Mapping[str, str], limits: Any) -> Any:
        """Post a call, and return its result as it came."""
        async with self.client.post(url, data=body, headers=kind, timeout=limits, allow_redirects=False) as answer:
            return telegram.result(answer.status, await answer.read())

    def _body(self, bot: Bot, method: TelegramMethod[Any]) -> tuple[bytes | aiohttp.FormData, Mapping[str, str]]:
        """Return the body of one of the library's methods with its headers: JSON, or a form where a file goes with it.

        A form costs twice as much, as its keyboards are quoted letter by letter.
        """
        given, files = dict[str, Any](), dict[str, InputFile]()
        for name, value in method.model_dump(warnings=False, exclude_none=True).items():
            prepared = self.prepare_value(value, bot, files, _dumps_json=False)
            if prepared is not None and prepared != "":
                given[name] = prepared
        if not files:
            return telegram.written(given), JSON
        form = aiohttp.FormData(quote_fields=False)
        for name, value in given.items():
            form.add_field(name, value if isinstance(value, str) else json.dumps(value))
        for name, file in files.items():
            form.add_field(name, file.read(bot), filename=file.filename or name)
        return form, {}

    def stream_content(self, *_: Any, **__: Any) -> AsyncGenerator[bytes, None]:
        """Yield nothing: files are downloaded whole."""
        raise NotImplementedError

    async def close(self) -> None:
        """Close the connections, and wait until those under TLS are closed, as aiohttp's authors advise."""
        if self._client is not None:
            await self._client.close()
            if self.api.base.startswith("https:"):
                await asyncio.sleep(TLS_CLOSES)


class AiogramMessenger(Calls):
    """The port over aiogram.

    The constructor takes the bot's token and the base URL of a Bot API server (None: Telegram's own), and raises
    BadToken or Rejected where one of them is not valid. With `paid`, Telegram is paid for what goes in bulk above its
    own limit. It opens no connection.
    """

    def __init__(self, token: str, api: str | None = None, *, paid: bool = False) -> None:
        super().__init__(token, api, paid=paid)
        if not self._near:
            proxy_for(self._base)  # the library would take one that cannot be used, and fail at each request
        self._session = _Session(self._base)
        self._bot = Bot(token, self._session)

    async def identify(self) -> Identity:
        """Ask who the bot is; raises Rejected, too, when something else than the Bot API answers."""
        try:
            me = await self._call(GetMe())
        except (telegram.NotBotApi, telegram.UndecodableAnswer) as error:
            raise Rejected(str(error)) from None
        return telegram.name_of(telegram.string(me, "username"))

    async def prepare(self, url: str | None = None, secret: str | None = None) -> str | None:
        """Make Telegram deliver to a webhook, or, without `url`, keep updates for `fetch`; nothing pending is lost.

        Returns the address of a webhook that was set and is not this one, which only the owner should have done.
        """
        there = (await self.hook()).url
        if url is not None:
            await self._call(
                SetWebhook(
                    url=url,
                    secret_token=secret,
                    allowed_updates=list(updates.WANTED),
                    max_connections=telegram.BROUGHT_AT_ONCE,
                    drop_pending_updates=False,
                )
            )
        elif there:
            await self._call(DeleteWebhook(drop_pending_updates=False))
        return there if there and there != url else None

    async def _carry(self, outgoing: Outgoing, kind: str, file: str | bytes) -> object:
        slow = telegram.UPLOAD if kind == "document" else telegram.READ
        return await self._call(_file_method(outgoing, kind, file, paid=self._paid), slow)

    async def _take(self, path: str) -> bytes:
        limits = _limits(None)
        failure: MessengerError
        try:
            async with self._session.client.get(
                f"{self._files}/{path}", timeout=limits, allow_redirects=False
            ) as answer:
                data = await answer.read()
                if telegram.is_success(answer.status):
                    return data
                failure = telegram.refusal(answer.status, data)
        except (aiohttp.ClientError, OSError, ValueError) as error:  # its text holds the address, and so the token
            failure = Unreachable(type(error).__name__)
        raise failure

    async def introduce(self, commands: Commands, descriptions: Descriptions, chat: str | None = None) -> None:
        """Set the menu of commands of private chats, or of one chat, and the bot's descriptions."""
        scope = BotCommandScopeAllPrivateChats() if chat is None else BotCommandScopeChat(chat_id=int(chat))
        for language, offered in commands.items():
            listed = [BotCommand(command=name, description=told) for name, told in offered]
            await self._call(SetMyCommands(commands=listed, scope=scope, language_code=language))
        for language, (short, long) in descriptions.items() if chat is None else ():
            await self._call(SetMyShortDescription(short_description=short, language_code=language))
            await self._call(SetMyDescription(description=long, language_code=language))

    async def close(self) -> None:
        """Close the connections."""
        await self._session.close()

    async def _call(self, method: TelegramMethod[Any], read: float | None = None) -> Any:
        """Make a call through the library and return its result as it came; any failure is one of our errors."""
        limits: Any = _limits(read)
        return await _told(self._bot(method, request_timeout=limits))

    async def _post(self, url: str, body: bytes, read: float) -> Any:
        return await _told(self._session.post(url, body, JSON, _limits(read)))


async def _told(call: Awaitable[Any]) -> Any:
    """Await a call; any failure is one of our errors.

    It is raised after the handler, so that the library's error, whose text may hold the token, is not its context.
    """
    failure: MessengerError
    try:
        return await call
    except NEVER_LEFT as error:
        failure = Unreachable(type(error).__name__)
    except UnicodeEncodeError:
        failure = Rejected(telegram.UNWRITABLE)
    except (aiohttp.ClientError, OSError) as error:  # nobody knows whether it arrived; a timeout is an OSError
        failure = Unknown(type(error).__name__)
    raise failure


def _limits(read: float | None) -> aiohttp.ClientTimeout:
    """Return the time limits of a request; `connect` also limits the wait for a free connection."""
    read = telegram.READ if read is None else read
    return _timeout(total=telegram.longest(read), connect=telegram.READ, sock_connect=telegram.CONNECT, sock_read=read)


_timeout = lru_cache(maxsize=16)(aiohttp.ClientTimeout)


def _file_method(outgoing: Outgoing, kind: str, given: str | bytes, *, paid: bool) -> TelegramMethod[Any]:
    sent = outgoing.attachment
    assert sent is not None
    file = given if isinstance(given, str) else BufferedInputFile(given, sent.name)
    asked: dict[str, Any] = {
        "chat_id": outgoing.chat,
        "caption": outgoing.text,
        "protect_content": outgoing.protect or None,
        "allow_paid_broadcast": (paid and outgoing.in_bulk) or None,
        "reply_markup": _markup(outgoing.keyboard),
    }
    match kind:
        case "voice":
            return SendVoice(voice=file, duration=sent.seconds, **asked)
        case "photo":
            return SendPhoto(photo=file, **asked)
        case _:
            return SendDocument(document=file, **asked)


def _markup(keyboard: Keyboard) -> InlineKeyboardMarkup | None:
    return InlineKeyboardMarkup.model_validate(markup(keyboard)) if keyboard else None
